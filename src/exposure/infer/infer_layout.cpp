#include "exposure/infer/infer_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "exposure/infer/column_kinds.h"
#include "exposure/infer/layout_picture.h"
#include "exposure/infer/record_forms.h"
#include "exposure/infer/record_sorts.h"
#include "exposure/layouts/layout_yaml.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kFewestRecords = 4;

struct SortColumns {
  const RecordSort* sort = nullptr;
  InferredKind kind;
};

// Numbers of persons that one kind of record tells of, for the others.
void learn_numbers(const SortColumns& of, CodePage page, KnownValues& known) {
  const Grid grid(of.sort->records, page);
  for (const InferredColumn& column : of.kind.columns) {
    if (info(column.kind).shape != FieldShape::kIdentifier || column.kind == FieldKind::kNpi ||
        column.subject != HeaderSubject::kMain)
      continue;
    const SegmentTexts texts(grid, column.segment);
    for (const std::string_view value : texts.values())
      known.add(column.kind, column.name, value);
  }
}

// Kinds without names are known by the numbers that they share with those that have them.
std::vector<SortColumns> infer_sorts(const RecordSorts& sorts, CodePage page, const Rules& rules,
                                     const KnownValues& known) {
  std::vector<SortColumns> all;
  KnownValues own(&known);
  for (const RecordSort& sort : sorts.sorts) {
    if (sort.records.size() < kFewestRecords) continue;
    all.push_back({&sort, infer_columns(Grid(sort.records, page), rules, known)});
    if (all.back().kind.persons) learn_numbers(all.back(), page, own);
  }
  for (SortColumns& one : all) {
    if (!one.kind.persons && all.size() > 1)
      one.kind = infer_columns(Grid(one.sort->records, page), rules, own);
  }
  return all;
}

class LayoutMaker {
 public:
  LayoutMaker(const RecordForm& form, const RecordSorts& sorts) : form_(form), sorts_(sorts) {
    layout_.name = "the data";
    layout_.origin = "inferred";
    layout_.code_page = form.page;
    layout_.framing = form.framing;
    if (form.framing <= Framing::kFixed) layout_.record_length = common_length(sorts);
    layout_.header_records = sorts.headers;
    layout_.trailer_records = sorts.trailers;
    layout_.nodes.push_back({});
  }

  void add(const SortColumns& one) {
    const bool several = sorts_.mark_length > 0;
    const std::size_t group =
        push(0, {.name = several ? fmt::format("record {}", one.sort->mark) : "record"});
    if (several) {
      layout_.types.push_back({sorts_.mark_at, one.sort->mark,
                               static_cast<std::uint16_t>(layout_.nodes[0].children.size() - 1)});
    }
    std::map<std::string, unsigned> names;
    std::uint32_t end = 0;
    for (const InferredColumn& column : one.kind.columns) {
      const Segment& at = column.segment;
      if (at.at > end) push(group, {.name = "FILLER", .length = at.at - end});
      if (at.at > end) remarks_.push_back({});
      end = at.end();
      const unsigned before = names[column.name]++;
      LayoutNode node{
          .name = before == 0 ? column.name : fmt::format("{}-{}", column.name, before + 1),
          .usage = at.usage,
          .length = at.length,
          .digits = at.digits,
          .is_signed = at.is_signed,
          .kind = column.kind,
          .subject = column.subject};
      push(group, std::move(node));
      remarks_.push_back(column.sure > 0 ? fmt::format("{:.0f}%: {}", column.sure * 100, column.why)
                                         : std::string());
    }
  }

  // The length that nearly all lines have: others are damaged. 0 where blanks at their ends were
  // cut off.
  static std::uint32_t common_length(const RecordSorts& sorts) {
    std::map<std::size_t, std::size_t> lengths;
    std::size_t records = 0;
    for (const RecordSort& sort : sorts.sorts) {
      records += sort.records.size();
      for (const std::string_view record : sort.records)
        ++lengths[record.size()];
    }
    for (const auto& [length, count] : lengths) {
      if (count * 100 >= records * 95) return static_cast<std::uint32_t>(length);
    }
    return 0;
  }

  std::optional<Inference> finish(const Rules& rules) {
    Inference inference;
    if (!finish_layout(layout_, rules)) return std::nullopt;
    inference.layout = std::make_shared<const RecordLayout>(std::move(layout_));
    inference.remarks = std::move(remarks_);
    inference.picture = picture_of(form_, sorts_);
    return inference;
  }

 private:
  std::size_t push(std::size_t parent, LayoutNode node) {
    layout_.nodes[parent].children.push_back(static_cast<std::uint32_t>(layout_.nodes.size()));
    layout_.nodes.push_back(std::move(node));
    return layout_.nodes.size() - 1;
  }

  const RecordForm& form_;
  const RecordSorts& sorts_;
  RecordLayout layout_;
  std::vector<std::string> remarks_;
};

std::optional<Inference> infer_form(const RecordForm& form, const Rules& rules,
                                    const KnownValues& known) {
  const RecordSorts sorts = sort_records(form);
  const std::vector<SortColumns> all = infer_sorts(sorts, form.page, rules, known);
  LayoutMaker maker(form, sorts);
  double sure = 0;
  bool persons = false;
  std::string doubt = "no names with birth dates, and no numbers of persons";
  for (const SortColumns& one : all) {
    maker.add(one);
    if (!one.kind.persons) {
      if (!persons && !one.kind.why_not.empty()) doubt = one.kind.why_not;
      continue;
    }
    // As sure as the least sure kind that tells of persons.
    sure = persons ? std::min(sure, one.kind.sure) : one.kind.sure;
    persons = true;
    if (one.kind.sure < kSureEnough) doubt = one.kind.why_not;
  }
  std::optional<Inference> inference = maker.finish(rules);
  if (!inference) return std::nullopt;
  inference->sure = sure;
  if (sure < kSureEnough) inference->doubt = doubt;
  return inference;
}

}  // namespace

std::optional<Inference> infer_layout(std::string_view head, std::uint64_t file_size, bool ebcdic,
                                      const Rules& rules, const KnownValues& known) {
  std::optional<Inference> best;
  const auto try_page = [&](bool as_ebcdic) {
    for (const RecordForm& form : possible_forms(head, file_size, as_ebcdic)) {
      std::optional<Inference> inference = infer_form(form, rules, known);
      if (!inference) continue;
      if (!best || inference->sure > best->sure + 0.02) best = std::move(inference);
    }
  };
  try_page(ebcdic);
  // Records of packed numbers have few characters by whose frequencies EBCDIC could be told.
  const bool has_zeros = head.find('\0') != std::string_view::npos;
  if (!ebcdic && has_zeros && (!best || best->sure < kSureEnough)) try_page(true);
  return best;
}

std::string inference_yaml(const Inference& inference) {
  std::vector<std::string> comments;
  comments.push_back(fmt::format("Inferred from the data, {:.0f}% sure{}.", inference.sure * 100,
                                 inference.doubt.empty() ? "" : ": " + inference.doubt));
  comments.push_back("Correct what is wrong, then: bulkhead scan --layout THIS_FILE PATH…");
  comments.insert(comments.end(), inference.picture.begin(), inference.picture.end());
  return layout_yaml(*inference.layout, comments, inference.remarks);
}

}  // namespace bulkhead::exposure
