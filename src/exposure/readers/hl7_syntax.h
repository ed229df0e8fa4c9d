// HL7 v2's outer syntax (HL7 v2.9, chapter 2): messages, separators, segments, escapes, batches and
// MLLP frames. Knows nothing of what a segment means.
//
// Real files: any separators, segments that end with CR, LF or both, blank lines, lines broken
// inside a text, several messages one after the other with different separators, frames left over
// from the network, base64 documents of megabytes in one field, damage in the middle.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "exposure/readers/block_window.h"
#include "exposure/readers/collector.h"
#include "exposure/readers/x12_syntax.h"

namespace bulkhead::exposure {

struct Hl7Delimiters {
  char field = '|';      // MSH-1
  char component = '^';  // MSH-2, in this order
  char repetition = '~';
  char escape = '\\';
  char subcomponent = '&';
};

// From an MSH, FHS or BHS segment at the start of `text`. Nothing where it is none.
std::optional<Hl7Delimiters> hl7_delimiters(std::string_view text);

// Part `n` (from 1) of `text`; empty where there are fewer.
std::string_view hl7_part(std::string_view text, char separator, unsigned n);

// HL7 v2.9, 2.7: \F\ \S\ \T\ \R\ \E\ are separators, \Xdd..\ bytes, \.br\ a line end; highlighting
// is left out, an unknown escape stays as it is. Appends to `out`.
void hl7_unescape(std::string_view text, const Hl7Delimiters& delimiters, std::string& out);

// A segment as X12's are: the fields are split by X12Elements, number 0 is the name. (Field 1 of
// MSH is the separator itself, so that its field n is element n - 1.)
using Hl7Segment = X12Segment;
using Hl7Fields = X12Elements;

class Hl7Scanner {
 public:
  enum class Next { kEnd, kSegment, kBrokenLine };

  Hl7Scanner(ByteSource& source, Collector& collector) : window_(source), collector_(collector) {}

  // kBrokenLine: a line that begins no segment, such as the rest of a text with a line end in it.
  // Bytes that belong to no message are reported and skipped. The text is valid until the next
  // call; of a segment that is longer than the window it is the beginning, the rest is reported.
  Result<Next> next(Hl7Segment& segment);
  const Hl7Delimiters& delimiters() const { return delimiters_; }
  bool inside_message() const { return known_; }

 private:
  Result<bool> skip_space();
  Result<std::string_view> take_line();
  Status skip_to_break(std::uint64_t from);
  std::string_view cut_at_header(std::string_view line, std::uint64_t offset);
  bool starts_segment(std::string_view text) const;
  void settle_ends();

  BlockWindow window_;
  Collector& collector_;
  // What was searched before: no line end, and no header's name ("MSH", "BHS") begins, from here to
  // there. A line without an end that is cut into headers is not searched again for each.
  std::uint64_t no_break_before_ = 0;
  std::array<std::uint64_t, 2> no_header_before_{};
  Hl7Delimiters delimiters_;
  bool known_ = false;  // a header with these delimiters was seen, and no damage since
  std::string long_segment_;
  bool only_returns_end_ = false;  // segments of this message end with CR alone: LF is text
};

}  // namespace bulkhead::exposure
