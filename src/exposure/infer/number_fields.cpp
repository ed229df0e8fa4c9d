#include "exposure/infer/number_fields.h"

#include <algorithm>

#include "exposure/detect/values.h"
#include "exposure/infer/value_tests.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint32_t kLongestPacked = 10, kLongestBinary = 8, kWord = 4;

// What the bytes of one column are, by their halves.
struct HalfBytes {
  std::size_t rows = 0;     // that reach so far
  std::size_t blank = 0;    // blanks
  std::size_t nothing = 0;  // zero bytes, high values
  std::size_t digits = 0;   // two digits
  std::size_t sign = 0;     // a digit and a sign
  std::size_t strange = 0;  // no character of the code page
  std::size_t words = 0;    // letters and digits of the code page
  std::size_t written() const { return rows - blank - nothing; }
};

class NumberFinder {
 public:
  explicit NumberFinder(const Grid& grid) : grid_(grid), columns_(grid.width()) {
    for (std::uint32_t c = 0; c < grid.width(); ++c)
      columns_[c] = look_at(c);
  }

  std::vector<Segment> find() {
    taken_.assign(grid_.width(), false);
    for (std::uint32_t end = 0; end < grid_.width(); ++end) {
      if (is_sign(end)) take_packed(end);
    }
    take_binaries();
    std::sort(found_.begin(), found_.end(),
              [](const Segment& a, const Segment& b) { return a.at < b.at; });
    return std::move(found_);
  }

 private:
  HalfBytes look_at(std::uint32_t c) const {
    HalfBytes column;
    const unsigned char space = is_ebcdic(grid_.page()) ? 0x40 : 0x20;
    for (std::size_t row = 0; row < grid_.rows(); ++row) {
      const std::string_view bytes = grid_.raw(row, c, 1);
      if (bytes.empty()) continue;
      ++column.rows;
      const auto byte = static_cast<unsigned char>(bytes[0]);
      const unsigned high = byte >> 4, low = byte & 0x0F;
      const char what = class_of_character(grid_.at(row, c));
      column.strange += what == 'x' || what == 'z' ? 1 : 0;
      column.words += what == 'a' || what == 'd' ? 1 : 0;
      if (byte == space)
        ++column.blank;
      else if (byte == 0 || byte == 0xFF)
        ++column.nothing;
      else
        column.sign += high <= 9 && (low == 0xC || low == 0xD || low == 0xF) ? 1 : 0;
      column.digits += high <= 9 && low <= 9 ? 1 : 0;
    }
    return column;
  }

  bool is_sign(std::uint32_t c) const {
    const HalfBytes& column = columns_[c];
    return column.written() >= 3 && column.written() * 5 >= column.rows &&
           column.sign * 100 >= column.written() * 99;
  }

  // Two digits in every byte, and not a text of digits and blanks that happens to be so.
  bool is_digits(std::uint32_t c) const {
    const HalfBytes& column = columns_[c];
    const std::size_t never_written = column.rows - column.written();
    const bool text = column.strange == 0 && (column.words + column.blank == column.rows) &&
                      (!is_ebcdic(grid_.page()) || column.blank > 0);
    return column.rows > 0 && !taken_[c] && !text && column.blank < column.rows &&
           (column.digits + never_written) * 100 >= column.rows * 99;
  }

  void take_packed(std::uint32_t end) {
    std::uint32_t start = end;
    while (start > 0 && end - start + 1 < kLongestPacked && is_digits(start - 1) &&
           !is_sign(start - 1))
      --start;
    std::size_t strange = 0, bytes = 0;
    for (std::uint32_t c = start; c <= end; ++c) {
      strange += columns_[c].strange;
      bytes += columns_[c].rows;
    }
    // Signs of interpunction end in such a half-byte too.
    if (start == end || strange * 20 < bytes) return;
    Segment segment{.at = start,
                    .length = end - start + 1,
                    .usage = FieldUsage::kPacked,
                    .digits = 0,
                    .is_signed = true};
    segment.digits = significant_digits(segment);
    take(segment);
  }

  // As many as the largest number has: zeros in front of an SSN are its own, others are padding.
  std::uint16_t significant_digits(const Segment& segment) const {
    const SegmentTexts texts(grid_, segment);
    std::size_t most = 1;
    for (std::string_view value : texts.values()) {
      while (value.size() > 1 && value[0] == '0')
        value.remove_prefix(1);
      most = std::max(most, value.size());
    }
    return static_cast<std::uint16_t>(most);
  }

  void take(const Segment& segment) {
    for (std::uint32_t c = segment.at; c < segment.end(); ++c)
      taken_[c] = true;
    found_.push_back(segment);
  }

  bool is_binary(std::uint32_t c) const {
    return !taken_[c] && columns_[c].strange * 20 > columns_[c].rows;
  }

  // Bytes that are neither text nor packed: numbers of four bytes that pass a check, and what is
  // left.
  void take_binaries() {
    for (std::uint32_t c = 0; c < grid_.width();) {
      if (!is_binary(c)) {
        ++c;
        continue;
      }
      std::uint32_t end = c;
      while (end < grid_.width() && is_binary(end))
        ++end;
      while (c < end) {
        Segment word{.at = c, .length = std::min(kWord, end - c), .usage = FieldUsage::kBinary};
        if (word.length < kWord || !is_number(word)) word = unknown_until(c, end);
        take(word);
        c = word.end();
      }
    }
  }

  // Up to where a number begins that is known.
  Segment unknown_until(std::uint32_t at, std::uint32_t end) const {
    Segment segment{.at = at, .length = 1, .usage = FieldUsage::kBinary};
    while (segment.end() < end && segment.length < kLongestBinary) {
      Segment next{.at = segment.end(), .length = kWord, .usage = FieldUsage::kBinary};
      if (next.end() <= end && is_number(next)) break;
      ++segment.length;
    }
    return segment;
  }

  bool is_number(Segment& word) const {
    for (const std::uint16_t digits : {9, 8}) {
      word.digits = digits;
      const SegmentTexts texts(grid_, word);
      const Values values = texts.values();
      const bool short_enough =
          std::all_of(values.begin(), values.end(),
                      [&](std::string_view value) { return value.size() == digits; });
      if (!short_enough || values.size() < 3) continue;
      if (digits == 9 && test_ssns(values).sure >= 0.9) return true;
      const DateTest dates = test_dates(values);
      if (digits == 8 && dates.is_date() && dates.late <= 2035) return true;
    }
    word.digits = 0;
    return false;
  }

  const Grid& grid_;
  std::vector<HalfBytes> columns_;
  std::vector<bool> taken_;
  std::vector<Segment> found_;
};

}  // namespace

std::vector<Segment> find_numbers(const Grid& grid) {
  return NumberFinder(grid).find();
}

}  // namespace bulkhead::exposure
