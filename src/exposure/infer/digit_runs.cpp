// Numbers that abut: 19740309123456789 is a birth date and an SSN. What passes a check over all
// records is found first, the rest is numbers of which nothing is known.
#include <algorithm>
#include <array>
#include <map>

#include "base/ascii.h"
#include "exposure/detect/common_words.h"
#include "exposure/detect/values.h"
#include "exposure/infer/column_borders.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint32_t kLongestRun = 160;
constexpr std::uint32_t kLongestNumber = 40;
constexpr std::size_t kFew = 3;

// What each digit of a run that is explained so is worth. Checks that chance does not pass are
// worth most; a number of its own costs something, so that runs are not cut without need.
constexpr double kDate = 1.4, kOneDate = 0.7, kShortDate = 0.7, kCheckDigit = 0.95, kRouting = 0.9,
                 kSsn = 0.85, kPhone = 0.72, kPostal = 0.8, kPostalLong = 0.76, kProgramme = 0.4;
constexpr double kSecondSsn = 5;
constexpr double kNumberCosts = 0.4, kNumber = 0.02;

class RunSplitter {
 public:
  RunSplitter(const Grid& grid, Segment run, const std::optional<Segment>& states,
              const Rules& rules)
      : grid_(grid), run_(run), states_(states), rules_(rules) {}

  // Records have one SSN, seldom two: another window that passes is chance as likely as not.
  std::vector<Segment> split() {
    std::vector<Segment> all = split_with(std::nullopt);
    if (ssns_.size() < 2) return all;
    double most = worth_ - kSecondSsn;
    const std::vector<std::uint32_t> found = ssns_;
    for (const std::uint32_t only : found) {
      std::vector<Segment> parts = split_with(only);
      if (worth_ <= most) continue;
      most = worth_;
      all = std::move(parts);
    }
    worth_ = most;
    return all;
  }
  double worth() const { return worth_; }

 private:
  // `only`: where an SSN may begin; nothing: anywhere.
  std::vector<Segment> split_with(std::optional<std::uint32_t> only) {
    only_ = only;
    ssns_.clear();
    const std::uint32_t length = run_.length;
    std::vector<double> best(length + 1, -1e9);
    std::vector<std::uint32_t> from(length + 1, 0);
    best[0] = 0;
    for (std::uint32_t end = 1; end <= length; ++end) {
      const std::uint32_t most = std::min(end, kLongestNumber);
      for (std::uint32_t size = 1; size <= most; ++size) {
        const std::uint32_t start = end - size;
        const double worth = best[start] + worth_of(start, size);
        if (worth <= best[end]) continue;
        best[end] = worth;
        from[end] = start;
      }
    }
    worth_ = best[length];
    std::vector<Segment> parts;
    for (std::uint32_t end = length; end > 0; end = from[end])
      parts.push_back({.at = run_.at + from[end], .length = end - from[end]});
    std::reverse(parts.begin(), parts.end());
    for (const Segment& part : parts) {
      if (part.length == 9 && is_ssn(part.at - run_.at)) ssns_.push_back(part.at - run_.at);
    }
    return parts;
  }

  bool is_ssn(std::uint32_t start) const {
    return worth_of(start, 9) > 8 * kSsn && (!only_ || *only_ == start);
  }

  double worth_of(std::uint32_t start, std::uint32_t size) const {
    double worth = kNumber * size - kNumberCosts;
    if (size < 5 || size > 11) return worth;
    Values values;
    std::size_t partly = 0;
    for (std::size_t row = 0; row < grid_.rows(); ++row) {
      const std::string_view value = grid_.trimmed_cell(row, run_.at + start, size);
      if (value.empty()) continue;
      if (value.size() == size && all_digits(value))
        values.push_back(value);
      else
        ++partly;
    }
    if (values.size() < kFew || partly * 50 > values.size()) return worth;
    return std::max(worth, size * share_explained(values, start, size));
  }

  double share_explained(const Values& values, std::uint32_t start, std::uint32_t size) const {
    double worth = 0;
    if (size >= 6 && size <= 8) {
      const DateTest dates = test_dates(values);
      const double each = size < 8 ? kShortDate : dates.distinct > 3 ? kDate : kOneDate;
      const bool enough = size == 8 || (dates.distinct > 3 && dates.share >= 0.98);
      if (dates.is_date() && enough && dates.late <= 2035) worth = each;
    }
    if (size == 9) {
      if (!only_ || *only_ == start) worth = kSsn * test_ssns(values).sure;
      if (passes(values, is_aba_routing)) worth = kRouting;
    }
    if (size == 10) {
      if (passes(values, is_npi)) worth = kCheckDigit;
      if (passes(values, is_phone) && few_areas(values)) worth = std::max(worth, kPhone);
    }
    if ((size == 5 || size == 9) && is_postal(start, size))
      worth = std::max(worth, size == 5 ? kPostal : kPostalLong);
    if (worth < kProgramme && is_programmes(values, size)) worth = kProgramme;
    return worth;
  }

  template <typename Test>
  static bool passes(const Values& values, Test&& test) {
    std::size_t tried = 0, passed = 0;
    for (const std::string_view value : values) {
      if (is_filler_number(value)) continue;
      ++tried;
      passed += test(value) ? 1 : 0;
    }
    return tried >= kFew && passed * 100 >= tried * 98;
  }

  bool is_postal(std::uint32_t start, std::uint32_t size) const {
    if (!states_) return false;
    std::size_t tried = 0, passed = 0;
    Values codes;
    for (std::size_t row = 0; row < grid_.rows(); ++row) {
      const std::string_view state = grid_.trimmed_cell(row, states_->at, states_->length);
      const std::string_view code = grid_.cell(row, run_.at + start, size);
      if (state.empty() || trimmed(code).empty() || is_filler_number(code)) continue;
      ++tried;
      passed += region_fits(state, code[0]) ? 1 : 0;
      codes.push_back(code.substr(0, 5));
    }
    // Right behind the state, or at least as often the same as places are.
    const bool behind = run_.at + start == states_->end();
    return tried >= kFew && passed * 100 >= tried * 97 &&
           (behind || count_distinct(codes) * 2 <= tried);
  }

  bool is_programmes(const Values& values, std::uint32_t size) const {
    const std::string pattern(size, '9');
    const bool known = std::any_of(
        rules_.programmes.begin(), rules_.programmes.end(),
        [&](const ProgrammeIdentifier& programme) { return programme.pattern == pattern; });
    // Zeros in front are those of a longer number.
    Values first;
    for (const std::string_view value : values)
      first.push_back(value.substr(0, 1));
    return known && count_distinct(values) * 2 >= values.size() &&
           count_distinct(first) >= std::min<std::size_t>(3, values.size() / 3);
  }

  double worth_ = 0;
  std::optional<std::uint32_t> only_;
  std::vector<std::uint32_t> ssns_;  // where the last split found some
  const Grid& grid_;
  Segment run_;
  const std::optional<Segment>& states_;
  const Rules& rules_;
};

}  // namespace

std::vector<Segment> split_digits(const Grid& grid, Segment run,
                                  const std::optional<Segment>& states, const Rules& rules,
                                  double* worth) {
  if (worth != nullptr) *worth = 0;
  if (run.length < 5 || run.length > kLongestRun) return {run};
  RunSplitter splitter(grid, run, states, rules);
  std::vector<Segment> parts = splitter.split();
  if (worth != nullptr) *worth = splitter.worth();
  return parts;
}

}  // namespace bulkhead::exposure
