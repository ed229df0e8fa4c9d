// X12's outer syntax (X12.5, X12.6): interchanges, delimiters, segments. Knows nothing of
// transaction sets.
//
// Real files: a byte order mark, line breaks and indentation after the terminator, any delimiters,
// several interchanges with different ones, no ISA at all, an ISA of the wrong length, damage in
// the middle.
#pragma once

#include <optional>
#include <string_view>

#include "exposure/readers/block_window.h"
#include "exposure/readers/collector.h"

namespace bulkhead::exposure {

struct X12Delimiters {
  char element = '*';
  char component = ':';
  char terminator = '~';
  bool operator==(const X12Delimiters&) const = default;
};

// From the ISA segment at the start of `text` (X12.5: 106 bytes; found by counting, so that a
// padded or clipped one still reads). Nothing where it is none.
std::optional<X12Delimiters> delimiters_from_isa(std::string_view text);
// From a file that starts at GS or ST.
std::optional<X12Delimiters> delimiters_without_isa(std::string_view text);

// A segment's name as a number: "NM1" -> 'N' | 'M' << 8 | '1' << 16.
constexpr std::uint32_t segment_id(std::string_view name) {
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < name.size() && i < 4; ++i) {
    id |= static_cast<std::uint32_t>(static_cast<unsigned char>(name[i])) << (8 * i);
  }
  return id;
}

struct X12Segment {
  std::string_view text;     // without its terminator
  std::uint64_t offset = 0;  // of its first byte
  std::uint32_t id = 0;
};

// The elements of one segment, split when somebody looks. Element 0 is the name.
class X12Elements {
 public:
  static constexpr std::size_t kMax =
      64;  // the guides know at most 20; what follows the 64th is not looked at
  X12Elements(const X12Segment& segment, char separator);
  std::size_t size() const { return count_; }
  std::string_view operator[](std::size_t i) const {
    return i < count_ ? text_.substr(starts_[i], starts_[i + 1] - starts_[i] - 1)
                      : std::string_view();
  }

 private:
  std::string_view text_;
  std::size_t count_ = 0;
  std::uint32_t
      starts_[kMax + 1];  // of the elements, and of one behind the last: set as far as count_ says
};

// Component `n` (from 1) of an element; 0: all of it.
std::string_view x12_component(std::string_view element, char separator, unsigned n);

class X12Scanner {
 public:
  X12Scanner(ByteSource& source, Collector& collector) : window_(source), collector_(collector) {}
  // A part of a file that begins with a segment, `offset` bytes into it; delimiters as they are
  // known there (nothing at the beginning of the file).
  X12Scanner(std::string_view part, std::uint64_t offset, std::optional<X12Delimiters> delimiters,
             Collector& collector)
      : window_(part, offset),
        collector_(collector),
        delimiters_(delimiters.value_or(X12Delimiters())),
        known_(delimiters.has_value()) {}

  // The next segment; false at the end of the file. Bytes that are no segment are reported and
  // skipped. The segment's text is valid until the next call.
  Result<bool> next(X12Segment& segment);
  const X12Delimiters& delimiters() const { return delimiters_; }
  // False after damage that may have been told from data by what stands far before or behind it.
  bool regular() const { return regular_; }

 private:
  Result<bool> skip_space();
  Result<bool> settle_delimiters();
  bool take_plain(X12Segment& segment);
  Result<bool> take(X12Segment& segment);
  Status skip_damage();
  Status fill(std::size_t bytes);

  BlockWindow window_;
  Collector& collector_;
  X12Delimiters delimiters_;
  bool known_ = false;  // delimiters_ were seen in this file
  bool regular_ = true;
  std::uint64_t no_terminator_before_ =
      0;  // as far as was looked: searched once, not for each byte anew
};

}  // namespace bulkhead::exposure
