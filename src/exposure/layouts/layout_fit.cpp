#include "exposure/layouts/layout_fit.h"

#include <algorithm>
#include <map>

#include "exposure/layouts/record_stream.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kSample = 200;        // records
constexpr std::size_t kMostKinds = 40;      // values of a discriminator
constexpr std::uint32_t kLongestMark = 12;  // bytes of one
constexpr double kEqual = 0.03;             // fits closer than that are equal

struct Total {
  double points = 0, weight = 0;
  std::size_t known = 0, fields = 0;
  double ratio() const { return weight > 0 ? points / weight : 1; }  // no fields: all is as told
  void add(const Total& other) {
    points += other.points;
    weight += other.weight;
    known += other.known;
    fields += other.fields;
  }
};

// Alternatives that fit alike: the one that says more.
bool better(const Total& a, const Total& b) {
  const double difference = a.ratio() - b.ratio();
  if (difference > kEqual) return true;
  if (difference < -kEqual) return false;
  if (a.known != b.known) return a.known > b.known;
  if (a.fields != b.fields) return a.fields > b.fields;
  return difference > 0;
}

// Picks each choice's alternative, innermost choices first; the outermost one may be given.
Total choose(const RecordLayout& layout, std::optional<std::uint16_t> given, KindOfRecord& kind) {
  std::vector<std::vector<Total>> alternatives;
  for (const Choice& choice : layout.choices)
    alternatives.emplace_back(choice.names.size());
  Total outside;
  const auto total_of = [&](const std::vector<Need>& needs) -> Total& {
    return needs.empty() ? outside : alternatives[needs.back().choice][needs.back().alternative];
  };
  for (std::size_t i = 0; i < layout.fields.size(); ++i) {
    const LayoutField& field = layout.fields[i];
    double weight = 0;
    const double fit = kind.statistics[i].fit(field, weight);
    const bool tells = field.meaning.known && field.meaning.kind != FieldKind::kNone;
    total_of(field.needs).add({fit * weight, weight, tells ? 1U : 0U, 1U});
  }
  kind.chosen.assign(layout.choices.size(), 0);
  for (std::size_t c = layout.choices.size(); c-- > 0;) {
    std::size_t best = 0;
    for (std::size_t a = 1; a < alternatives[c].size(); ++a) {
      if (better(alternatives[c][a], alternatives[c][best])) best = a;
    }
    if (c == 0 && given) best = *given;
    kind.chosen[c] = static_cast<std::uint16_t>(best);
    total_of(layout.choices[c].needs).add(alternatives[c][best]);
  }
  return outside;
}

bool names_a_type(std::string_view name) {
  static constexpr std::string_view kWords[] = {"TYPE",   "TYP",       "SEGMENT", "SEG-ID",
                                                "REC-ID", "RECORD-ID", "REC-CD",  "RECORD-CODE",
                                                "RECTYP", "SEGID"};
  std::string upper(name);
  for (char& c : upper)
    c = c == '_' ? '-' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](std::string_view word) { return upper.find(word) != std::string::npos; });
}

std::string_view mark_of(const Discriminator& mark, std::string_view record) {
  return mark.at >= record.size() ? std::string_view() : record.substr(mark.at, mark.length);
}

using Kinds = std::map<std::string_view, std::vector<std::string_view>>;

Kinds by_kind(const Discriminator& mark, const std::vector<std::string_view>& records) {
  Kinds kinds;
  for (const std::string_view record : records)
    kinds[mark_of(mark, record)].push_back(record);
  return kinds;
}

// Which bytes say what kind a record is: those by which its alternatives fit best.
void find_discriminator(LayoutFit& fit, const std::vector<std::string_view>& records) {
  const RecordLayout& layout = *fit.layout;
  fit.fit = judge_records(fit, records).fit;
  if (layout.choices.empty()) return;
  std::vector<Discriminator> candidates;
  for (const LayoutField& field : layout.fields) {
    const bool short_text =
        (field.usage == FieldUsage::kText || field.usage == FieldUsage::kZoned) &&
        field.length > 0 && field.length <= kLongestMark;
    if (!short_text || field.table != 0 || candidates.size() >= 64) continue;
    const bool outer =
        field.needs.empty() || (field.needs.size() == 1 && field.needs[0].choice == 0);
    if (!outer) continue;
    const bool known = std::any_of(
        candidates.begin(), candidates.end(),
        [&](const Discriminator& c) { return c.at == field.at && c.length == field.length; });
    if (!known) candidates.push_back({field.at, field.length, field.name});
  }
  // Those that are called so first, each half in the order of the fields. (std::stable_sort uses
  // what clang calls deprecated.)
  std::vector<Discriminator> ordered;
  for (const bool named : {true, false}) {
    for (const Discriminator& candidate : candidates) {
      if (names_a_type(candidate.name) == named) ordered.push_back(candidate);
    }
  }
  double best = fit.fit;
  for (const Discriminator& candidate : ordered) {
    const Kinds kinds = by_kind(candidate, records);
    const bool named = names_a_type(candidate.name);
    if (kinds.size() > kMostKinds || (kinds.size() < 2 && !named)) continue;
    double total = 0;
    for (const auto& [mark, own] : kinds)
      total += judge_records(fit, own).fit * static_cast<double>(own.size());
    total /= static_cast<double>(records.size());
    const bool wins = named && !fit.discriminator ? total >= best - 0.001 : total > best + 0.01;
    if (!wins) continue;
    best = total;
    fit.discriminator = candidate;
  }
  fit.fit = best;
}

// Blanks behind the last field are no text.
bool is_longer(const RecordLayout& layout, CodePage page, std::string_view record) {
  const char blank = is_ebcdic(page) ? '\x40' : ' ';
  return record.size() > layout.length &&
         record.find_first_not_of(blank, layout.length) != std::string_view::npos;
}

double line_penalty(const RecordLayout& layout, CodePage page,
                    const std::vector<std::string_view>& records) {
  std::size_t longer = 0, longest = 0;
  for (const std::string_view record : records) {
    longer += is_longer(layout, page, record) ? 1 : 0;
    longest = std::max(longest, record.size());
  }
  // Blanks at the end of lines are often cut off; what is longer than the layout is of another one.
  if (longer * 10 > records.size()) return 0.3;
  return longest < layout.length / 3 ? 0.6 : longest < layout.length ? 0.98 : 1;
}

double variable_penalty(const RecordLayout& layout, CodePage page,
                        const std::vector<std::string_view>& records) {
  std::size_t outside = 0;
  const std::size_t least =
      layout.choices.empty() && !layout.varying ? layout.length : layout.shortest;
  for (const std::string_view record : records)
    outside += is_longer(layout, page, record) || record.size() < least ? 1 : 0;
  return outside * 10 > records.size() ? 0.3 : 1;
}

struct Trial {
  std::string_view head;
  std::uint64_t file_size;
  bool whole_file;
};

// One layout with one framing and code page; fit 0 where the bytes cannot be so framed.
LayoutFit try_one(const LayoutPtr& layout, CodePage page, Framing framing, bool with_prefix,
                  const Trial& trial) {
  LayoutFit fit{.layout = layout, .page = page, .framing = framing, .with_prefix = with_prefix};
  const bool fixed = framing == Framing::kFixed;
  fit.record_length = layout->record_length > 0 ? layout->record_length : layout->length;
  if (fixed && (fit.record_length == 0 || trial.file_size < fit.record_length)) return fit;
  // Part of a record at the end is damage; with few records it says that the length is wrong.
  const std::uint64_t left = fixed ? trial.file_size % fit.record_length : 0;
  if (left != 0 && trial.file_size / fit.record_length < 20) return fit;
  bool broken = false;
  std::vector<std::string_view> records =
      sample_records(trial.head, trial.whole_file,
                     RecordCutter(framing, fit.record_length, with_prefix), kSample + 2, broken);
  if (records.empty() || (broken && !fixed && records.size() < kBelievable)) return fit;
  // Header and trailer records look different.
  const std::size_t header =
      std::max<std::size_t>(layout->header_records, records.size() > 4 ? 1 : 0);
  if (records.size() > header + 1) {
    records.erase(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(header));
    if (records.size() > 3) records.pop_back();
  }
  if (layout->varying) {
    fit.shifting = false;
    const double still = judge_records(fit, records).fit;
    fit.shifting = true;
    if (fixed && still > judge_records(fit, records).fit + 0.001) fit.shifting = false;
  }
  if (layout->types.empty()) {
    find_discriminator(fit, records);
  } else {
    std::map<std::uint16_t, std::vector<std::string_view>> kinds;
    std::size_t others = 0;
    for (const std::string_view record : records) {
      if (const auto alternative = rule_of(fit, record))
        kinds[*alternative].push_back(record);
      else
        ++others;
    }
    double total = 0;
    for (const auto& [alternative, own] : kinds)
      total += judge_records(fit, own).fit * static_cast<double>(own.size());
    const std::size_t ours = records.size() - others;
    fit.fit = ours == 0 ? 0 : total / static_cast<double>(ours);
    if (others * 4 > records.size()) fit.fit *= 0.5;
  }
  if (framing == Framing::kLines || framing == Framing::kEbcdicLines)
    fit.fit *= line_penalty(*layout, page, records);
  if (framing >= Framing::kVariable) fit.fit *= variable_penalty(*layout, page, records);
  if (left != 0) fit.fit *= 0.97;
  return fit;
}

}  // namespace

bool KindOfRecord::active(const LayoutField& field) const {
  return std::all_of(field.needs.begin(), field.needs.end(),
                     [&](const Need& need) { return chosen[need.choice] == need.alternative; });
}

std::optional<std::uint16_t> rule_of(const LayoutFit& with, std::string_view record) {
  const auto& table = to_latin1(with.page);
  for (const TypeRule& rule : with.layout->types) {
    if (rule.at + rule.equals.size() > record.size()) continue;
    const std::string_view bytes = record.substr(rule.at, rule.equals.size());
    const bool same =
        std::equal(bytes.begin(), bytes.end(), rule.equals.begin(), [&](char a, char b) {
          return table[static_cast<unsigned char>(a)] == static_cast<unsigned char>(b);
        });
    if (same) return rule.alternative;
  }
  return std::nullopt;
}

KindOfRecord judge_records(const LayoutFit& with, const std::vector<std::string_view>& records) {
  const RecordLayout& layout = *with.layout;
  KindOfRecord kind;
  kind.statistics.resize(layout.fields.size());
  std::optional<FieldPlacer> placer;
  if (layout.varying) placer.emplace(layout, with.page, with.shifting);
  std::string scratch;
  const std::size_t step = std::max<std::size_t>(1, records.size() / kSample);
  for (std::size_t r = 0; r < records.size(); r += step) {
    const std::string_view record = records[r];
    const std::vector<std::uint32_t>* places = placer ? &placer->place(record) : nullptr;
    for (std::size_t i = 0; i < layout.fields.size(); ++i) {
      const LayoutField& field = layout.fields[i];
      const std::uint32_t at = places != nullptr ? (*places)[i] : field.at;
      if (at >= record.size() || field.length == 0) continue;
      const std::string_view bytes = record.substr(at, field.length);
      // Text may be cut short at the end of a record, numbers may not.
      if (bytes.size() < field.length && field.usage != FieldUsage::kText) continue;
      kind.statistics[i].add(field, layout.nodes[field.node], bytes, with.page, scratch);
    }
  }
  const auto given = records.empty() ? std::nullopt : rule_of(with, records[0]);
  kind.fit = choose(layout, given, kind).ratio();
  return kind;
}

std::optional<LayoutFit> best_fit(const std::vector<LayoutPtr>& layouts, std::string_view head,
                                  std::uint64_t file_size, double least, bool ebcdic) {
  const Trial trial{head, file_size, head.size() >= file_size};
  std::vector<Framing> framings = possible_framings(head, trial.whole_file);
  framings.push_back(Framing::kFixed);
  std::optional<LayoutFit> best;
  for (const LayoutPtr& layout : layouts) {
    for (const CodePage page : {CodePage::kAscii, CodePage::kEbcdic037}) {
      if (layout->code_page && page != CodePage::kAscii) continue;
      if (ebcdic && !is_ebcdic(layout->code_page.value_or(page))) continue;
      for (const Framing framing : framings) {
        if (layout->framing && framing != *layout->framing) continue;
        const CodePage own = layout->code_page.value_or(page);
        if (framing == Framing::kLines && is_ebcdic(own)) continue;
        if (framing == Framing::kEbcdicLines && !is_ebcdic(own)) continue;
        LayoutFit fit = try_one(layout, own, framing, false, trial);
        // Some copybooks describe the record's length as a field.
        if (fit.fit < least && framing >= Framing::kVariable)
          fit = try_one(layout, own, framing, true, trial);
        if (fit.fit < least) continue;
        for (const LayoutField& field : layout->fields)
          fit.known += field.meaning.known && field.meaning.kind != FieldKind::kNone ? 1 : 0;
        const bool wins = !best || fit.fit > best->fit + 0.005 ||
                          (fit.fit > best->fit - 0.005 && fit.known > best->known);
        if (wins) best = std::move(fit);
      }
    }
  }
  return best;
}

}  // namespace bulkhead::exposure
