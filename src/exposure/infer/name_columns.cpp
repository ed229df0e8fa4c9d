// Which columns are names, and whose.
#include <fmt/format.h>

#include <algorithm>

#include "exposure/detect/common_words.h"
#include "exposure/infer/column_kinds.h"

namespace bulkhead::exposure {
namespace {

constexpr double kGivenNames = 0.2;  // share of common given names in a column of first names
constexpr double kFewCompanies = 0.1;

bool looks_like_names(const ColumnFacts& column) {
  return column.open() && column.letters >= 0.95 && column.mean_length >= 2.5 &&
         column.mean_length <= 16 && column.mean_words <= 1.5 && column.company < kFewCompanies &&
         column.street < 0.1 && column.distinct >= 4 && column.values.size() >= 4;
}

struct Pair {
  std::size_t first = 0, last = 0;
  double sure = 0, rank = 0;
};

class NameFinder {
 public:
  explicit NameFinder(std::vector<ColumnFacts>& columns) : columns_(columns) {}

  void find() {
    std::vector<Pair> pairs = find_pairs();
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const Pair& a, const Pair& b) { return a.rank > b.rank; });
    bool main = true;
    for (const Pair& pair : pairs) {
      if (!columns_[pair.first].open() || !columns_[pair.last].open()) continue;
      take(pair, main);
      main = false;
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (take_full_name(i, main)) main = false;
    }
    if (main) take_by_place();
  }

 private:
  std::optional<std::size_t> place_of(FieldKind kind) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].verdict.kind == kind) return i;
    }
    return std::nullopt;
  }

  static std::size_t distance(std::size_t a, std::size_t b) { return a > b ? a - b : b - a; }

  bool near_npi(std::size_t i) const {
    const auto npi = place_of(FieldKind::kNpi);
    const auto birth = place_of(FieldKind::kBirthDate);
    if (!npi) return false;
    return !birth || distance(i, *npi) < distance(i, *birth);
  }

  std::vector<Pair> find_pairs() const {
    std::vector<Pair> pairs;
    for (std::size_t f = 0; f < columns_.size(); ++f) {
      const ColumnFacts& first = columns_[f];
      if (!looks_like_names(first) || first.given < kGivenNames) continue;
      if (first.surname > first.given) continue;
      std::optional<Pair> best;
      for (std::size_t l = 0; l < columns_.size(); ++l) {
        const ColumnFacts& last = columns_[l];
        if (l == f || !looks_like_names(last) || last.fill < 0.5 * first.fill) continue;
        // Middle names are given names too.
        if (last.given >= 0.5 * first.given && last.given > 0.15 && last.surname < last.given)
          continue;
        const std::size_t apart = distance(f, l);
        const double near = apart <= 1 ? 0.6 : apart == 2 ? 0.45 : 0.1;
        const double rank = 2 * last.surname + near + 0.5 * last.distinct_share();
        if (rank < 0.4 || (best && rank <= best->rank)) continue;
        const bool clear = apart <= 2 || last.surname >= 0.08;
        best = Pair{f, l, clear ? 0.98 : 0.85, rank};
      }
      if (!best) continue;
      const auto birth = place_of(FieldKind::kBirthDate);
      best->rank = first.fill + first.distinct_share() - (near_npi(f) ? 2 : 0) -
                   (birth ? 0.05 * static_cast<double>(distance(f, *birth)) : 0);
      pairs.push_back(*best);
    }
    return pairs;
  }

  void take(const Pair& pair, bool main) {
    ColumnFacts& first = columns_[pair.first];
    ColumnFacts& last = columns_[pair.last];
    const HeaderSubject whose = near_npi(pair.first) ? HeaderSubject::kProvider
                                : main               ? HeaderSubject::kMain
                                                     : HeaderSubject::kRelated;
    const std::string prefix = whose == HeaderSubject::kProvider  ? "PROVIDER-"
                               : whose == HeaderSubject::kRelated ? "RELATED-"
                                                                  : "";
    first.is(FieldKind::kFirstName, pair.sure,
             fmt::format("{:.0f}% are common given names", first.given * 100),
             prefix + "FIRST-NAME");
    last.is(FieldKind::kLastName, pair.sure, "names beside given names", prefix + "LAST-NAME");
    first.verdict.subject = last.verdict.subject = whose;
    take_middle(pair, whose, prefix);
  }

  // An initial or a second given name beside the names.
  void take_middle(const Pair& pair, HeaderSubject whose, const std::string& prefix) {
    const std::size_t from = std::min(pair.first, pair.last);
    const std::size_t to = std::max(pair.first, pair.last);
    for (std::size_t i = from == 0 ? 0 : from - 1; i <= to + 1 && i < columns_.size(); ++i) {
      ColumnFacts& column = columns_[i];
      if (!column.open() || column.letters < 0.95 || column.distinct < 4) continue;
      const bool initial = column.longest == 1 && column.distinct >= 5;
      const bool second = looks_like_names(column) && column.given >= 0.15;
      if (!initial && !second) continue;
      column.is(FieldKind::kMiddleName, 0.9, initial ? "initials beside the names" : "given names",
                prefix + "MIDDLE-NAME");
      column.verdict.subject = whose;
      return;
    }
  }

  bool take_full_name(std::size_t i, bool main) {
    ColumnFacts& column = columns_[i];
    if (!column.open() || column.letters < 0.95 || column.mean_words < 1.7 ||
        column.mean_words > 3.6 || column.company >= kFewCompanies || column.distinct < 4)
      return false;
    const double given = share_of(column.values, [](std::string_view value) {
      const std::vector<std::string> words = words_of(value);
      return words.size() >= 2 &&
             (is_common_given_name(words[0]) || is_common_given_name(words[1]));
    });
    if (given < 0.3 || column.street > 0.1) return false;
    const HeaderSubject whose = near_npi(i) ? HeaderSubject::kProvider
                                : main      ? HeaderSubject::kMain
                                            : HeaderSubject::kRelated;
    column.is(FieldKind::kFullName, 0.95,
              fmt::format("{:.0f}% have a common given name", given * 100), "FULL-NAME");
    column.verdict.subject = whose;
    return whose != HeaderSubject::kProvider;
  }

  // Names that no list has: two columns beside one another, of persons who have a birth date.
  void take_by_place() {
    if (!place_of(FieldKind::kBirthDate) || place_of(FieldKind::kNpi)) return;
    const auto varied = [&](std::size_t i) {
      return looks_like_names(columns_[i]) && columns_[i].distinct_share() >= 0.5 &&
             columns_[i].longest > columns_[i].shortest;
    };
    for (std::size_t i = 0; i + 1 < columns_.size(); ++i) {
      if (!varied(i) || !varied(i + 1)) continue;
      const bool first_comes = columns_[i].distinct < columns_[i + 1].distinct;
      const std::size_t first = first_comes ? i : i + 1, last = first_comes ? i + 1 : i;
      columns_[first].is(FieldKind::kFirstName, 0.9, "by its place and form", "FIRST-NAME");
      columns_[last].is(FieldKind::kLastName, 0.9, "by its place and form", "LAST-NAME");
      return;
    }
  }

  std::vector<ColumnFacts>& columns_;
};

}  // namespace

void settle_names(std::vector<ColumnFacts>& columns) {
  NameFinder(columns).find();
}

}  // namespace bulkhead::exposure
