// What the columns of one kind of record say together: is it about persons, and how sure is that?
#include <algorithm>

#include "exposure/infer/column_kinds.h"

namespace bulkhead::exposure {
namespace {

constexpr double kKnownShare = 0.5;
constexpr std::size_t kKnownHits = 5;

// Values that are known from elsewhere say what a column is better than their form does.
void settle_known(std::vector<ColumnFacts>& columns, const KnownValues& known) {
  if (known.empty()) return;
  for (ColumnFacts& column : columns) {
    if (column.values.empty() || column.date.is_date()) continue;
    const KnownValues::Match match = known.match(column.values);
    if (match.hits < kKnownHits || match.share < kKnownShare) continue;
    column.is(match.kind, 0.97, "the same numbers stand where they are known as " + match.name,
              match.name);
  }
}

class Evidence {
 public:
  explicit Evidence(const std::vector<ColumnFacts>& columns) : columns_(columns) {}

  void judge(InferredKind& kind) const {
    const double last = surest(FieldKind::kLastName), first = surest(FieldKind::kFirstName);
    const double name = std::max(std::min(last, first), surest(FieldKind::kFullName));
    const double birth = surest(FieldKind::kBirthDate);
    const double number =
        std::max({surest(FieldKind::kMedicareId), surest(FieldKind::kSsn), known_number()});
    const bool strong = surest(FieldKind::kMedicareId) > 0 || known_number() > 0;
    if (is_directory() && number == 0) {
      kind.why_not = "a directory of providers";
    } else if (name > 0 && birth > 0) {
      kind.sure = std::min(name, birth);
    } else if (name > 0 && number > 0) {
      kind.sure = std::min(name, number);
    } else if (number > 0 && (birth > 0 || strong)) {
      kind.sure = 0.95 * (birth > 0 ? std::min(birth, number) : number);
    } else if (name > 0) {
      kind.why_not = "names, but no birth dates and no numbers of persons";
    } else {
      kind.why_not = "no names with birth dates, and no numbers of persons";
    }
    kind.persons = kind.sure > 0;
    kind.sure *= by_rows();
    if (kind.persons && kind.sure < 0.9)
      kind.why_not = "too few records, or columns that may as well be something else";
  }

 private:
  double surest(FieldKind kind) const {
    double sure = 0;
    for (const ColumnFacts& column : columns_) {
      if (column.verdict.kind == kind && column.verdict.subject == HeaderSubject::kMain)
        sure = std::max(sure, column.verdict.sure);
    }
    return sure;
  }
  double known_number() const {
    double sure = 0;
    for (const ColumnFacts& column : columns_) {
      const bool known = column.verdict.why.starts_with("the same numbers");
      if (known && info(column.verdict.kind).shape == FieldShape::kIdentifier)
        sure = std::max(sure, column.verdict.sure);
    }
    return sure;
  }
  // An NPI of their own in nearly every record.
  bool is_directory() const {
    return std::any_of(columns_.begin(), columns_.end(), [](const ColumnFacts& column) {
      return column.verdict.kind == FieldKind::kNpi && column.fill > 0.5 &&
             column.distinct_share() > 0.8;
    });
  }
  // What a few records show may be chance.
  double by_rows() const {
    const std::size_t rows = columns_.empty() ? 0 : columns_[0].rows;
    return rows >= 20 ? 1 : rows >= 10 ? 0.98 : rows >= 8 ? 0.95 : 0.8;
  }

  const std::vector<ColumnFacts>& columns_;
};

}  // namespace

InferredKind infer_columns(const Grid& grid, const Rules& rules, const KnownValues& known) {
  std::vector<ColumnFacts> columns;
  for (const Segment& segment : find_segments(grid, rules))
    columns.emplace_back(grid, segment);
  settle_known(columns, known);
  settle_plain_values(columns);
  settle_birth_date(columns);
  settle_places(columns);
  settle_names(columns);
  settle_numbers(columns, rules);
  settle_rest(columns);
  InferredKind kind;
  Evidence(columns).judge(kind);
  for (ColumnFacts& column : columns)
    kind.columns.push_back(std::move(column.verdict));
  return kind;
}

}  // namespace bulkhead::exposure
