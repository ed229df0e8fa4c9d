#include "exposure/layouts/record_kinds.h"

#include <algorithm>
#include <set>

namespace bulkhead::exposure {
namespace {

constexpr double kExplained = 0.7;
constexpr std::size_t kEnough = 5;        // records that show what a kind is like
constexpr std::size_t kShortestDate = 5;  // digits

bool is_name(FieldKind kind) {
  return kind == FieldKind::kLastName || kind == FieldKind::kFirstName ||
         kind == FieldKind::kFullName;
}

// Parts of dates (BIRTH-MM, DOB-YY) are called as the whole is.
bool is_part_of_date(const LayoutField& field, const LayoutNode& node) {
  if (info(field.meaning.kind).shape != FieldShape::kDate ||
      field.meaning.kind == FieldKind::kDeathFlag)
    return false;
  const std::size_t digits = field.usage == FieldUsage::kText ? field.length : node.digits;
  return digits < kShortestDate;
}

// Three lines of address, a state and no city: the last line is the city.
void settle_city(std::vector<ColumnUse>& uses) {
  std::size_t lines = 0;
  bool state = false, city = false;
  ColumnUse* last = nullptr;
  for (ColumnUse& use : uses) {
    state = state || use.kind == FieldKind::kState;
    city = city || use.kind == FieldKind::kCity;
    if (use.kind != FieldKind::kAddressLine1 && use.kind != FieldKind::kAddressLine2) continue;
    ++lines;
    last = &use;
  }
  if (lines >= 3 && state && !city) last->kind = FieldKind::kCity;
}

}  // namespace

std::string_view RecordKinds::mark_of(std::string_view record) {
  if (!fit_.layout->types.empty()) {
    const auto rule = rule_of(fit_, record);
    ruled_ = rule ? std::to_string(*rule) : "none";
    return ruled_;
  }
  if (!fit_.discriminator) return {};
  const Discriminator& mark = *fit_.discriminator;
  return mark.at >= record.size() ? std::string_view() : record.substr(mark.at, mark.length);
}

const RecordKind* RecordKinds::learn(std::string_view mark, std::string_view record,
                                     std::vector<std::string_view> ahead) {
  const std::string own_mark(mark);
  std::vector<std::string_view> own{record};
  for (const std::string_view other : ahead) {
    if (mark_of(other) == own_mark) own.push_back(other);
  }
  // What stands at either end may be something else: a header, a trailer.
  if (own.size() >= kEnough) {
    own.pop_back();
    own.erase(own.begin());
  }
  std::unique_ptr<RecordKind> kind;
  if (own_mark != "none" || fit_.layout->types.empty()) {
    const KindOfRecord judged = judge_records(fit_, own);
    // What none of the alternatives explains is of a kind of its own (a header), or damage.
    const bool explained = judged.fit >= kExplained || fit_.layout->choices.empty();
    if (explained) kind = std::make_unique<RecordKind>(build(judged));
  }
  const RecordKind* result = kind.get();
  if (first_ == nullptr) first_ = result;
  kinds_.emplace(own_mark, std::move(kind));
  return result;
}

RecordKind RecordKinds::build(const KindOfRecord& judged) {
  const RecordLayout& layout = *fit_.layout;
  // Tables whose entries have names are about a person each.
  std::set<std::uint32_t> person_tables;
  for (const LayoutField& field : layout.fields) {
    const bool own_name = is_name(field.meaning.kind) && !field.meaning.generic &&
                          field.meaning.subject != HeaderSubject::kProvider &&
                          field.meaning.subject != HeaderSubject::kNobody;
    if (field.table != 0 && own_name && judged.active(field)) person_tables.insert(field.table);
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>> members;
  members[{0, 0}];
  for (std::uint32_t i = 0; i < layout.fields.size(); ++i) {
    const LayoutField& field = layout.fields[i];
    if (!judged.active(field) || field.length == 0 || field.name == "FILLER") continue;
    const bool apart = person_tables.count(field.table) != 0;
    members[apart ? std::pair{field.table, field.occurrence} : std::pair{0U, 0U}].push_back(i);
  }
  RecordKind kind;
  for (const auto& [which, fields] : members) {
    std::vector<HeaderMeaning> columns;
    for (const std::uint32_t i : fields) {
      columns.push_back(layout.fields[i].meaning);
      if (is_part_of_date(layout.fields[i], layout.nodes[layout.fields[i].node]))
        columns.back().kind = FieldKind::kNone;
      kind.known += columns.back().known && columns.back().kind != FieldKind::kNone ? 1 : 0;
    }
    PersonGroup group{plan_columns(columns, FieldKind::kNone, places_)};
    settle_city(group.plan.main);
    for (auto* list : {&group.plan.main, &group.plan.subscriber, &group.plan.related,
                       &group.plan.provider, &group.plan.contact}) {
      for (ColumnUse& use : *list) {
        const std::uint32_t i = fields[use.index];
        use.index = kind.uses.size();
        kind.text_bytes += layout.fields[i].length * std::size_t{3} + 80;  // UTF-8 may be longer
        // The plan's texts are those of `columns`; the layout's live on.
        use.detail.label = layout.fields[i].meaning.label;
        use.detail.issuer = layout.fields[i].meaning.issuer;
        if (use.kind == FieldKind::kPseudonym)
          use.detail.issuer =
              issuers_.emplace_back(layout.fields[i].meaning.issuer + " in " + fit_.scope);
        kind.uses.push_back(
            {i, judged.statistics[i].date_form(), judged.statistics[i].text_class()});
      }
    }
    kind.groups.push_back(std::move(group));
  }
  return kind;
}

}  // namespace bulkhead::exposure
