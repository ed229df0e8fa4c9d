#include "exposure/infer/column_borders.h"

#include <algorithm>
#include <set>

#include "exposure/detect/common_words.h"
#include "exposure/detect/values.h"
#include "exposure/infer/number_fields.h"
#include "exposure/layouts/field_value.h"

namespace bulkhead::exposure {
namespace {

constexpr double kRise = 0.1;  // of the filled share, from one column to the next
constexpr std::uint32_t kMbi = 11;
constexpr std::uint32_t kShortestRun = 6;  // digits that may be several numbers
// Numbers with separators, 9 for a digit.
constexpr std::string_view kForms[] = {"99/99/9999",     "9999-99-99",   "9999/99/99",
                                       "999-99-9999",    "999-999-9999", "(999)999-9999",
                                       "(999) 999-9999", "99-99-9999",   "99999-9999"};
constexpr std::size_t kManyLetters = 6;  // in a column: no code of a few values

bool is_date_form(std::string_view form) {
  return form.size() == 10 && std::count(form.begin(), form.end(), '9') == 8;
}

class BorderFinder {
 public:
  BorderFinder(const Grid& grid, const Rules& rules)
      : grid_(grid), rules_(rules), columns_(profile_columns(grid)) {}

  std::vector<Segment> find() {
    const std::uint32_t width = grid_.width();
    borders_.assign(width + 1, false);
    fixed_.assign(width + 1, false);
    place_numbers();
    find_forms();
    for (std::uint32_t p = 1; p < width; ++p) {
      if (!fixed_[p]) borders_[p] = borders_[p] || is_border(p);
    }
    find_states();
    find_sex();
    make_segments();
    join_parts();
    join_streets();
    split_runs();
    fill_up();
    return std::move(segments_);
  }

 private:
  const ColumnProfile& column(std::uint32_t p) const { return columns_[p]; }

  void place_numbers() {
    numbers_ = find_numbers(grid_);
    for (const Segment& number : numbers_) {
      borders_[number.at] = borders_[number.end()] = true;
      for (std::uint32_t p = number.at + 1; p < number.end(); ++p)
        fixed_[p] = true;
    }
  }

  const Segment* number_at(std::uint32_t p) const {
    const auto at = std::find_if(numbers_.begin(), numbers_.end(), [p](const Segment& number) {
      return number.at <= p && p < number.end();
    });
    return at == numbers_.end() ? nullptr : &*at;
  }

  // What is written in a form of its own is looked for everywhere, whatever it stands beside.
  void find_forms() {
    for (std::uint32_t p = 0; p < grid_.width(); ++p) {
      const std::uint32_t length = form_at(p);
      if (length == 0) continue;
      for (std::uint32_t i = p + 1; i < p + length; ++i)
        fixed_[i] = true;
      borders_[p] = borders_[p + length] = true;
      p += length - 1;
    }
  }

  std::uint32_t form_at(std::uint32_t p) const {
    if (number_at(p) != nullptr) return 0;
    if (column(p).fill < 0.2 || column(p).letter * 20 > column(p).filled()) return 0;
    const auto is_medicare = [](std::string_view value) {
      return check_mbi(value) != MbiCheck::kNotOne;
    };
    if (nearly_all(p, kMbi, is_medicare)) return kMbi;
    for (const std::string_view form : kForms) {
      const auto length = static_cast<std::uint32_t>(form.size());
      const auto fits = [form](std::string_view value) {
        const bool same = value.size() == form.size() &&
                          std::equal(value.begin(), value.end(), form.begin(), [](char c, char f) {
                            return f == '9' ? c >= '0' && c <= '9' : c == f;
                          });
        // 1111/01/20 is the end of a number and the begin of a date.
        return same &&
               (!is_date_form(form) || value.ends_with("9999") || value.starts_with("9999") ||
                is_filler_number(value) || !plausible_date(value, DateForm::kOther).empty());
      };
      if (nearly_all(p, length, fits)) return length;
    }
    return 0;
  }

  template <typename Test>
  bool nearly_all(std::uint32_t p, std::uint32_t length, Test&& test) const {
    if (p + length > grid_.width()) return false;
    std::size_t tried = 0, passed = 0;
    for (std::size_t row = 0; row < grid_.rows(); ++row) {
      const std::string_view value = grid_.trimmed_cell(row, p, length);
      if (value.empty()) continue;
      ++tried;
      passed += test(value) ? 1 : 0;
      if ((tried - passed) * 20 > grid_.rows()) return false;
    }
    return tried >= 3 && passed * 100 >= tried * 95;
  }

  bool is_border(std::uint32_t p) const {
    const ColumnProfile& left = column(p - 1);
    const ColumnProfile& right = column(p);
    if (left.all_blank() || right.all_blank()) return true;
    const bool strange_left = left.strange * 50 > grid_.rows();
    const bool strange_right = right.strange * 50 > grid_.rows();
    if (strange_left != strange_right) return true;
    if (strange_left) return false;
    const bool changes = (left.digits() && right.letters()) || (left.letters() && right.digits());
    if (changes) return true;
    if (is_rise(p)) return true;
    // A code that is always the same beside a name, which never is.
    if (left.letters() && right.letters() && right.fill >= 0.9) {
      if (left.constant() && right.distinct >= kManyLetters) return true;
      if (right.constant() && left.distinct >= kManyLetters) return true;
    }
    return is_drop(p);
  }

  // Left-justified texts are filled less and less towards their end: where more are filled again,
  // the next one begins. The blank between two words of one text does the same to a few columns,
  // but is one blank always.
  bool is_rise(std::uint32_t p) const {
    const double left = column(p - 1).fill, right = column(p).fill;
    if (right <= left) return false;
    std::size_t up = 0, wide = 0;
    for (std::size_t row = 0; row < grid_.rows(); ++row) {
      if (grid_.at(row, p - 1) != ' ' || grid_.at(row, p) == ' ') continue;
      ++up;
      wide += p < 2 || grid_.at(row, p - 2) == ' ' ? 1 : 0;
    }
    if (is_right_justified(p)) return false;
    if (right - left > kRise && (wide * 10 >= up * 3 || borders_[p - 1])) return true;
    return up >= 3 && left < 0.35 * right && wide * 2 >= up;
  }

  // Numbers with blanks in front: each column is filled more than the one before it.
  bool is_right_justified(std::uint32_t p) const {
    if (!column(p - 1).digits() || !column(p).digits()) return false;
    const auto steps_up = [&](std::uint32_t q) {
      return q > 0 && q < grid_.width() && column(q - 1).digits() && column(q).digits() &&
             column(q).fill > column(q - 1).fill + 0.01;
    };
    return steps_up(p + 1) || steps_up(p - 1);
  }

  // Digits that are all there or all missing, beside others that are there more often.
  bool is_drop(std::uint32_t p) const {
    if (!column(p - 1).digits() || !column(p).digits()) return false;
    if (column(p - 1).fill - column(p).fill < kRise) return false;
    if (p + 2 >= grid_.width()) return false;
    std::size_t apart = 0;
    for (std::size_t row = 0; row < grid_.rows(); ++row)
      apart += (grid_.at(row, p) == ' ') != (grid_.at(row, p + 1) == ' ') ||
                       (grid_.at(row, p) == ' ') != (grid_.at(row, p + 2) == ' ')
                   ? 1
                   : 0;
    return apart * 100 <= grid_.rows();
  }

  // Two letters that are a state's in every record.
  void find_states() {
    for (std::uint32_t p = 0; p + 1 < grid_.width(); ++p) {
      if (fixed_[p] || !column(p).letters() || !column(p + 1).letters()) continue;
      if (column(p).fill < 0.3 || borders_[p + 1]) continue;
      const bool begins = p == 0 || borders_[p];
      const bool ends = p + 2 == grid_.width() || borders_[p + 2];
      if (!begins && !ends) continue;
      if (!nearly_all(p, 2, is_state_code) || is_chance_state(p)) continue;
      borders_[p] = borders_[p + 2] = true;
      fixed_[p + 1] = true;
      ++p;
    }
  }

  // Two letters that never change, before digits that are no postal code of that state: D of a
  // record's kind and C of a number.
  bool is_chance_state(std::uint32_t p) const {
    if (column(p).distinct > 1 || column(p + 1).distinct > 1) return false;
    if (p + 2 >= grid_.width() || !column(p + 2).digits()) return false;
    std::size_t fits = 0;
    for (std::size_t row = 0; row < grid_.rows(); ++row)
      fits += region_fits(grid_.trimmed_cell(row, p, 2), grid_.at(row, p + 2)) ? 1 : 0;
    return fits * 10 < column(p + 2).filled() * 9;
  }

  void find_sex() {
    for (std::uint32_t p = 0; p < grid_.width(); ++p) {
      const ColumnProfile& one = column(p);
      if (fixed_[p] || !one.letters() || one.fill < 0.9 || one.distinct < 2 || one.distinct > 4)
        continue;
      if (p + 1 < grid_.width() && fixed_[p + 1]) continue;
      std::size_t female = 0, male = 0, other = 0;
      for (std::size_t row = 0; row < grid_.rows(); ++row) {
        const char c = grid_.at(row, p);
        female += c == 'F' || c == 'f' ? 1 : 0;
        male += c == 'M' || c == 'm' ? 1 : 0;
        other += c == 'F' || c == 'f' || c == 'M' || c == 'm' || c == 'U' || c == ' ' ? 0 : 1;
      }
      const bool both = female * 12 >= grid_.rows() && male * 12 >= grid_.rows();
      if (!both || other * 50 > grid_.rows()) continue;
      borders_[p] = borders_[p + 1] = true;
    }
  }

  void make_segments() {
    std::optional<Segment> open;
    for (std::uint32_t p = 0; p < grid_.width(); ++p) {
      if (open && (borders_[p] || column(p).all_blank())) {
        segments_.push_back(*open);
        open.reset();
      }
      if (const Segment* number = number_at(p)) {
        segments_.push_back(*number);
        p = number->end() - 1;
        continue;
      }
      if (column(p).all_blank()) continue;
      if (!open) open = Segment{.at = p};
      ++open->length;
    }
    if (open) segments_.push_back(*open);
  }

  bool all_in(const Segment& segment, bool (ColumnProfile::*test)() const) const {
    for (std::uint32_t p = segment.at; p < segment.end(); ++p) {
      if (!(column(p).*test)()) return false;
    }
    return true;
  }

  // Parts that belong together: a house number and its street, the letter and the digits of a
  // diagnosis, the letters in front of a number.
  void join_parts() {
    std::vector<Segment> joined;
    for (const Segment& segment : segments_) {
      if (!joined.empty() && is_signed_number(joined.back(), segment)) {
        Segment& number = joined.back();
        ++number.length;
        number.usage = FieldUsage::kZoned;
        number.digits = static_cast<std::uint16_t>(number.length);
        number.is_signed = true;
      } else if (!joined.empty() && belongs_together(joined.back(), segment)) {
        joined.back().length = segment.end() - joined.back().at;
      } else {
        joined.push_back(segment);
      }
    }
    segments_ = std::move(joined);
  }

  // Digits, the last of which carries the sign: { and A to I, } and J to R.
  bool is_signed_number(const Segment& left, const Segment& right) const {
    if (segment_is_fixed(left) || segment_is_fixed(right)) return false;
    if (right.length != 1 || right.at != left.end() || left.length < 3 || left.length > 17)
      return false;
    if (!all_in(left, &ColumnProfile::digits) || column(right.at).distinct < 4) return false;
    bool braces = false;
    for (std::size_t row = 0; row < grid_.rows(); ++row) {
      const char c = grid_.at(row, right.at);
      const bool sign = (c >= 'A' && c <= 'R') || c == '{' || c == '}';
      if (!sign && c != ' ' && !(c >= '0' && c <= '9')) return false;
      braces = braces || c == '{' || c == '}';
    }
    return braces;
  }

  bool belongs_together(const Segment& left, const Segment& right) const {
    if (segment_is_fixed(left) || segment_is_fixed(right)) return false;
    if (right.at > left.end() + 1) return false;
    Segment both = left;
    both.length = right.end() - left.at;
    const bool number_first = all_in(left, &ColumnProfile::digits);
    if (number_first && left.length <= 6 && !all_in(right, &ColumnProfile::digits)) {
      if (share(both, is_street) >= 0.5) return true;
    }
    if (right.at == left.end() + 1 && share(left, is_unit_word) > 0.9) return true;
    if (right.at != left.end()) return false;
    const bool letters_first = all_in(left, &ColumnProfile::letters);
    if (!letters_first || left.length > 3) return false;
    if (left.length == 1 && column(left.at).distinct > 1) {
      const SegmentTexts texts(grid_, both);
      const Values values = texts.values();
      const bool repeats = count_distinct(values) * 10 <= values.size() * 8;
      const bool sex =
          share(left, [](std::string_view v) { return v == "M" || v == "F" || v == "U"; }) > 0.9;
      return values.size() >= 5 && repeats && !sex && share_of(values, is_icd) >= 0.97;
    }
    bool constant = left.at > 0;
    for (std::uint32_t p = left.at; p < left.end(); ++p)
      constant = constant && column(p).distinct == 1;
    return constant && all_in(right, &ColumnProfile::digits) && right.length >= 5 &&
           right.length <= 12 && column(left.at).filled() == column(right.at).filled() &&
           !stands_alone(right);
  }

  // Of the values in a segment.
  template <typename Test>
  double share(const Segment& segment, Test&& test) const {
    const SegmentTexts texts(grid_, segment);
    return share_of(texts.values(), test);
  }

  // A number that says itself what it is needs no letters in front.
  bool stands_alone(const Segment& digits) const {
    const std::vector<Segment> parts = split_digits(grid_, digits, std::nullopt, rules_);
    if (parts.size() > 1) return true;
    const SegmentTexts texts(grid_, digits);
    const Values values = texts.values();
    return test_dates(values).is_date() || test_ssns(values).sure > 0.9 ||
           share_of(values, is_phone) > 0.98;
  }

  bool segment_is_fixed(const Segment& segment) const {
    return segment.usage != FieldUsage::kText || (segment.length > 1 && fixed_[segment.at + 1]);
  }

  std::optional<Segment> state_codes() const {
    for (const Segment& segment : segments_) {
      const bool two = segment.usage == FieldUsage::kText && segment.length == 2;
      if (two && segment_is_fixed(segment)) return segment;
    }
    return std::nullopt;
  }

  // A house number, which may abut the number before it, and the pieces of its street.
  void join_streets() {
    constexpr std::size_t kMostPieces = 3;
    const std::optional<Segment> states = state_codes();
    std::vector<Segment> joined;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      const Segment& digits = segments_[i];
      const bool number = !segment_is_fixed(digits) && all_in(digits, &ColumnProfile::digits);
      std::uint32_t house = 0, end = digits.end();
      std::size_t pieces = 0;
      for (std::size_t k = 1; number && house == 0 && k <= kMostPieces; ++k) {
        if (i + k >= segments_.size()) break;
        const Segment& piece = segments_[i + k];
        if (segment_is_fixed(piece) || piece.at > end + 1) break;
        end = piece.end();
        pieces = k;
        const std::uint32_t begin = segments_[i + 1].at;
        // It has its house number already.
        if (share({.at = begin, .length = end - begin}, is_street) >= 0.5) break;
        house = house_number(digits, end, states);
      }
      if (house == 0) {
        joined.push_back(digits);
        continue;
      }
      const std::uint32_t at = digits.end() - house;
      if (at > digits.at) joined.push_back({.at = digits.at, .length = at - digits.at});
      joined.push_back({.at = at, .length = end - at});
      i += pieces;
    }
    segments_ = std::move(joined);
  }

  void split_runs() {
    const std::optional<Segment> states = state_codes();
    std::vector<Segment> split;
    for (const Segment& segment : segments_) {
      if (segment_is_fixed(segment))
        split.push_back(segment);
      else
        split_segment(segment, states, split);
    }
    segments_ = std::move(split);
  }

  // Digits in front of, inside and behind texts that they abut.
  void split_segment(Segment rest, const std::optional<Segment>& states,
                     std::vector<Segment>& split) const {
    while (rest.length > 0) {
      std::uint32_t begin = rest.at, end = rest.at;
      for (std::uint32_t p = rest.at; p <= rest.end() && end - begin < kShortestRun; ++p) {
        if (p < rest.end() && column(p).digits() && column(p).fill >= 0.9 * column(begin).fill) {
          end = p + 1;
          continue;
        }
        if (end - begin < kShortestRun && p < rest.end()) begin = end = p + 1;
      }
      while (end < rest.end() && end > begin && column(end).digits() &&
             column(end).fill >= 0.9 * column(begin).fill)
        ++end;
      const bool whole = begin == rest.at && end == rest.end();
      if (whole || end - begin < kShortestRun) {
        const Segment run = rest;
        const std::vector<Segment> parts = all_in(run, &ColumnProfile::digits)
                                               ? split_digits(grid_, run, states, rules_)
                                               : std::vector<Segment>{run};
        split.insert(split.end(), parts.begin(), parts.end());
        return;
      }
      Segment run{.at = begin, .length = end - begin};
      if (end < rest.end()) run.length -= house_number(run, rest.end(), states);
      const std::vector<Segment> parts = split_digits(grid_, run, states, rules_);
      const bool apart = parts.size() > 1 || run.end() < end || stands_alone(run);
      if (!apart || run.length == 0) {
        split.push_back(rest);
        return;
      }
      if (begin > rest.at) split.push_back({.at = rest.at, .length = begin - rest.at});
      split.insert(split.end(), parts.begin(), parts.end());
      rest = {.at = run.end(), .length = rest.end() - run.end()};
    }
  }

  // How many of the last digits of a run are the number of the house in the street behind it, which
  // never begins with zero.
  std::uint32_t house_number(const Segment& run, std::uint32_t text_end,
                             const std::optional<Segment>& states) const {
    std::uint32_t best = 0;
    double most = 0;
    for (std::uint32_t digits = 1; digits <= std::min<std::uint32_t>(5, run.length); ++digits) {
      const std::uint32_t at = run.end() - digits;
      std::size_t zeros = 0;
      for (std::size_t row = 0; row < grid_.rows(); ++row)
        zeros += grid_.at(row, at) == '0' ? 1 : 0;
      if (zeros * 100 > grid_.rows()) continue;
      if (share({.at = at, .length = text_end - at}, is_street) < 0.5) return best;
      // What stands before it must make sense as well.
      double worth = 0;
      split_digits(grid_, {.at = run.at, .length = run.length - digits}, states, rules_, &worth);
      if (best != 0 && worth < most) continue;
      best = digits;
      most = worth;
    }
    return best;
  }

  // Longer values than the sampled ones will come: texts reach to the next column.
  void fill_up() {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      Segment& segment = segments_[i];
      const std::uint32_t next = i + 1 < segments_.size() ? segments_[i + 1].at : grid_.width();
      const std::uint32_t last = segment.end() - 1;
      const bool varies = column(last).fill < 0.9 * column(segment.at).fill;
      if (varies && !segment_is_fixed(segment)) segment.length = next - segment.at;
    }
  }

  const Grid& grid_;
  const Rules& rules_;
  std::vector<ColumnProfile> columns_;
  std::vector<Segment> numbers_;  // that are no text
  std::vector<bool> borders_;
  std::vector<bool> fixed_;  // no border before that column, whatever it looks like
  std::vector<Segment> segments_;
};

}  // namespace

std::vector<Segment> find_segments(const Grid& grid, const Rules& rules) {
  return BorderFinder(grid, rules).find();
}

SegmentTexts::SegmentTexts(const Grid& grid, const Segment& segment) {
  const LayoutNode node{.usage = segment.usage,
                        .length = segment.length,
                        .digits = segment.digits,
                        .is_signed = segment.is_signed};
  texts_.resize(grid.rows());
  std::string scratch;
  for (std::size_t row = 0; row < grid.rows(); ++row) {
    const std::string_view bytes = grid.raw(row, segment.at, segment.length);
    if (bytes.empty() || (segment.usage != FieldUsage::kText && bytes.size() < segment.length))
      continue;
    scratch.clear();
    const DecodedField field = decode_field(node, segment.usage, bytes, grid.page(), scratch);
    if (field.blank) continue;
    misfits_ += field.fits ? 0 : 1;
    texts_[row] = std::string(field.text);
    filled_ += field.text.empty() ? 0 : 1;
  }
}

Values SegmentTexts::values() const& {
  Values values;
  for (const std::string& text : texts_) {
    if (!text.empty()) values.push_back(text);
  }
  return values;
}

}  // namespace bulkhead::exposure
