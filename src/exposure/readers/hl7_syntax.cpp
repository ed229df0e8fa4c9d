#include "exposure/readers/hl7_syntax.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/ascii.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace bulkhead::exposure {
namespace {

// Longer segments hold documents; what follows is not looked at.
constexpr std::size_t kMaxSegment = 128 * 1024;

bool is_break(char c) {
  return c == '\r' || c == '\n';
}
// What may stand between segments: line ends, indentation, MLLP's frame (0x0B, 0x1C), padding.
bool is_between(char c) {
  return is_break(c) || c == ' ' || c == '\t' || c == '\x0B' || c == '\x1C' || c == '\x1A' ||
         c == '\f' || c == '\0';
}
bool is_separator(char c) {
  return !is_alnum(c) && !is_between(c) && c != '"' && static_cast<unsigned char>(c) < 0x80;
}
bool is_header(std::string_view text) {
  return text.size() > 3 &&
         (text.starts_with("MSH") || text.starts_with("FHS") || text.starts_with("BHS"));
}

std::size_t find_break(std::string_view text, std::size_t from) {
  const char* const data = text.data();
  std::size_t at = from;
#ifdef __SSE2__
  const __m128i returns = _mm_set1_epi8('\r');
  const __m128i feeds = _mm_set1_epi8('\n');
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(
        _mm_or_si128(_mm_cmpeq_epi8(block, returns), _mm_cmpeq_epi8(block, feeds))));
    if (hits != 0) return at + static_cast<std::size_t>(std::countr_zero(hits));
  }
#endif
  for (; at < text.size(); ++at) {
    if (is_break(data[at])) return at;
  }
  return std::string_view::npos;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char upper = static_cast<char>(c & ~0x20);
  return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10 : -1;
}

void append_hex(std::string_view digits, std::string& out) {
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = hex_digit(digits[i]);
    const int low = hex_digit(digits[i + 1]);
    if (high >= 0 && low >= 0) out.push_back(static_cast<char>(high * 16 + low));
  }
}

}  // namespace

std::optional<Hl7Delimiters> hl7_delimiters(std::string_view text) {
  if (!is_header(text) || !is_separator(text[3])) return std::nullopt;
  Hl7Delimiters found{.field = text[3]};
  char* const named[] = {&found.component, &found.repetition, &found.escape, &found.subcomponent};
  std::size_t count = 0;
  for (std::size_t at = 4; at < text.size() && text[at] != found.field; ++at) {
    const char c = text[at];
    if (is_break(c)) break;
    if (!is_separator(c)) return std::nullopt;
    // A doubled character stands for itself: some writers escape the escape.
    const bool seen = std::any_of(named, named + std::min(count, std::size(named)),
                                  [c](const char* other) { return *other == c; });
    if (seen) continue;
    if (count < std::size(named)) *named[count] = c;
    ++count;
    if (count > 5) return std::nullopt;  // the fifth is for truncation (v2.7)
  }
  if (count == 0) return std::nullopt;
  // The standard's own, where fewer are named: not those that mean something else here.
  for (std::size_t i = std::min(count, std::size(named)); i < std::size(named); ++i) {
    const bool taken =
        *named[i] == found.field ||
        std::any_of(named, named + i, [&](const char* c) { return *c == *named[i]; });
    if (taken) *named[i] = '\0';
  }
  return found;
}

std::string_view hl7_part(std::string_view text, char separator, unsigned n) {
  for (; n > 1; --n) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + 1);
  }
  return text.substr(0, text.find(separator));
}

void hl7_unescape(std::string_view text, const Hl7Delimiters& delimiters, std::string& out) {
  while (!text.empty()) {
    const std::size_t begin = text.find(delimiters.escape);
    const std::size_t end =
        begin == std::string_view::npos ? begin : text.find(delimiters.escape, begin + 1);
    if (end == std::string_view::npos) break;
    out.append(text.substr(0, begin));
    const std::string_view code = text.substr(begin + 1, end - begin - 1);
    const std::string_view whole = text.substr(begin, end - begin + 1);
    text.remove_prefix(end + 1);
    if (code == "F")
      out.push_back(delimiters.field);
    else if (code == "S")
      out.push_back(delimiters.component);
    else if (code == "T")
      out.push_back(delimiters.subcomponent);
    else if (code == "R")
      out.push_back(delimiters.repetition);
    else if (code == "E")
      out.push_back(delimiters.escape);
    else if (code.starts_with('X'))
      append_hex(code.substr(1), out);
    else if (code == ".br" || code == ".sp")
      out.push_back(' ');
    else if (code != "H" && code != "N")
      out.append(whole);
  }
  out.append(text);
}

Result<bool> Hl7Scanner::skip_space() {
  while (true) {
    const std::string_view rest = window_.rest();
    std::size_t count = 0;
    if (window_.offset() == 0 && rest.starts_with("\xEF\xBB\xBF")) count = 3;
    while (count < rest.size() && is_between(rest[count]))
      ++count;
    window_.skip(count);
    if (!window_.rest().empty()) return true;
    BH_TRY(const bool more, window_.more());
    if (!more) return false;
  }
}

bool Hl7Scanner::starts_segment(std::string_view text) const {
  if (is_header(text) && hl7_delimiters(text)) return true;
  if (text.size() < 3 || !is_upper(text[0])) return false;
  const auto upper_or_digit = [](char c) { return is_upper(c) || is_digit(c); };
  if (!upper_or_digit(text[1]) || !upper_or_digit(text[2])) return false;
  return text.size() == 3 || text[3] == delimiters_.field || is_break(text[3]);
}

// The line from here to its end, without it; longer than kMaxSegment where it has none in reach.
Result<std::string_view> Hl7Scanner::take_line() {
  std::size_t searched = 0;
  if (no_break_before_ > window_.offset())
    searched = static_cast<std::size_t>(no_break_before_ - window_.offset());
  else
    no_break_before_ = window_.offset();
  while (true) {
    const std::string_view rest = window_.rest();
    std::size_t end = find_break(rest, searched);
    // (Not where a line feed that is text was passed.)
    if (window_.offset() + searched <= no_break_before_)
      no_break_before_ = window_.offset() + std::min(end, rest.size());
    while (only_returns_end_ && end != std::string_view::npos && rest[end] == '\n') {
      if (end + 4 > rest.size() && !window_.at_end()) break;  // what follows must be seen
      if (starts_segment(rest.substr(end + 1))) break;
      end = find_break(rest, end + 1);
    }
    const bool cut_short = end != std::string_view::npos && only_returns_end_ &&
                           rest[end] == '\n' && end + 4 > rest.size() && !window_.at_end();
    if (end != std::string_view::npos && !cut_short) return rest.substr(0, end);
    searched = cut_short ? end : rest.size();
    if (searched > kMaxSegment) return rest;
    BH_TRY(const bool more, window_.more());
    if (!more) return window_.rest();
  }
}

// Over the rest of a line that is too long, which began at `from`.
Status Hl7Scanner::skip_to_break(std::uint64_t from) {
  while (true) {
    const std::string_view rest = window_.rest();
    const std::size_t end = find_break(rest, 0);
    if (end != std::string_view::npos) {
      window_.skip(end);
      break;
    }
    window_.skip(rest.size());
    BH_TRY(const bool more, window_.more());
    if (!more) break;
  }
  collector_.not_understood(from, window_.offset() - from, "rest of a segment that is too long");
  return {};
}

// A header inside what should be one segment: the end of the segment before it was lost.
std::string_view Hl7Scanner::cut_at_header(std::string_view line, std::uint64_t offset) {
  static constexpr std::array<std::string_view, 2> kNames = {"MSH", "BHS"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::uint64_t& none_before = no_header_before_[i];
    const std::size_t from =
        std::max<std::size_t>(1, none_before > offset ? none_before - offset : 0);
    if (from + kNames[i].size() > line.size()) continue;
    const std::size_t at = line.find(kNames[i], from);
    none_before = offset + std::min(at, line.size() - kNames[i].size() + 1);
    if (at == std::string_view::npos) continue;
    const auto delimiters = hl7_delimiters(line.substr(at));
    // Four separators in a row are no accident.
    if (!delimiters || line.substr(at + 4, 4).find(delimiters->field) != std::string_view::npos)
      continue;
    collector_.warn(offset + at, "a message begins inside a segment");
    return line.substr(0, at);
  }
  return line;
}

// Whether segments end with CR alone, by what follows the header.
void Hl7Scanner::settle_ends() {
  const std::string_view rest = window_.rest();
  only_returns_end_ = rest.size() >= 2 && rest[0] == '\r' && rest[1] != '\n';
}

Result<Hl7Scanner::Next> Hl7Scanner::next(Hl7Segment& segment) {
  while (true) {
    BH_TRY(const bool any, skip_space());
    if (!any) return Next::kEnd;
    BH_TRY(std::string_view line, take_line());
    segment.offset = window_.offset();
    line = cut_at_header(line, segment.offset);
    const bool too_long = line.size() > kMaxSegment;
    if (too_long) line = line.substr(0, kMaxSegment);
    window_.skip(line.size());
    segment.text = line;
    while (!segment.text.empty() && is_between(segment.text.back()))
      segment.text.remove_suffix(1);
    const bool header = is_header(line);
    if (header) {
      const auto found = hl7_delimiters(line);
      if (found) delimiters_ = *found;
      known_ = found.has_value();
      if (known_) settle_ends();
    }
    if (too_long) {
      // The text must outlive the window's moving on.
      long_segment_.assign(segment.text);
      segment.text = long_segment_;
      BH_CHECK(skip_to_break(segment.offset + line.size()));
    }
    if (!known_) {
      const std::string_view reason =
          header ? "message header that cannot be read" : "bytes before a message header";
      collector_.not_understood(segment.offset, line.size(), reason);
      continue;
    }
    if (!starts_segment(segment.text)) return Next::kBrokenLine;
    segment.id = segment_id(segment.text.substr(0, 3));
    return Next::kSegment;
  }
}

}  // namespace bulkhead::exposure
