#include "exposure/readers/x12_syntax.h"

#include <cstring>

#include "base/ascii.h"
#include "exposure/readers/scan_kernels.h"

namespace bulkhead::exposure {
namespace {

// No guide has longer segments; one that is longer has lost its terminator. (BIN of the 275 may: it
// is not read.)
constexpr std::size_t kMaxSegment = 64 * 1024;
constexpr std::size_t kShortest = 106;  // in which an ISA can hide

bool is_space(char c) {
  return c >= '\0' && c <= ' ' &&
         (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == '\x1A');
}
bool is_delimiter(char c) {
  return !is_alnum(c) && c != ' ' && c != '\0' && static_cast<unsigned char>(c) < 0x7F;
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool starts_isa(std::string_view text) {
  return text.size() > 3 && text.starts_with("ISA") && is_delimiter(text[3]);
}

// The character that ends the segment before `at`: what stands before it, line breaks and
// indentation aside.
std::optional<char> terminator_before(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end > 0 && is_space(text[end - 1]))
    --end;
  if (end == 0) return std::nullopt;
  if (is_delimiter(text[end - 1])) return text[end - 1];
  if (end < at && text[end] != ' ') return text[end];  // the line break itself
  return std::nullopt;
}

// Where the segment `name` begins, at the start of a line or behind a delimiter.
std::size_t find_segment(std::string_view text, std::string_view name, char separator,
                         std::size_t from) {
  for (std::size_t at = text.find(name, from); at != std::string_view::npos;
       at = text.find(name, at + 1)) {
    const std::size_t after = at + name.size();
    if (after < text.size() && text[after] == separator && (at == 0 || !is_alnum(text[at - 1])))
      return at;
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<X12Delimiters> delimiters_from_isa(std::string_view text) {
  if (!starts_isa(text)) return std::nullopt;
  X12Delimiters found{.element = text[3]};
  std::size_t at = 3;
  for (int i = 1; i < 16; ++i) {  // to the separator before ISA16
    at = text.substr(0, 256).find(found.element, at + 1);
    if (at == std::string_view::npos) return std::nullopt;
  }
  if (at + 2 >= text.size()) return std::nullopt;
  found.component = text[at + 1];
  found.terminator = text[at + 2];
  const bool plausible = is_delimiter(found.terminator) || is_space(found.terminator);
  if (plausible && found.terminator != found.element && found.terminator != ' ') return found;
  // ISA16 is missing or too long: what stands before GS ends segments.
  const std::size_t group = find_segment(text.substr(0, 512), "GS", found.element, at);
  if (group == std::string_view::npos) return std::nullopt;
  const auto terminator = terminator_before(text, group);
  if (!terminator) return std::nullopt;
  found.terminator = *terminator;
  return found;
}

std::optional<X12Delimiters> delimiters_without_isa(std::string_view text) {
  const bool starts = text.size() > 3 && (text.starts_with("GS") || text.starts_with("ST")) &&
                      is_delimiter(text[2]);
  if (!starts) return std::nullopt;
  X12Delimiters found{.element = text[2]};
  for (const std::string_view second : {"ST", "BHT", "BGN", "BPR", "HL", "SE"}) {
    const std::size_t at = find_segment(text, second, found.element, 3);
    if (at == std::string_view::npos) continue;
    const auto terminator = terminator_before(text, at);
    if (!terminator || *terminator == found.element) return std::nullopt;
    found.terminator = *terminator;
    break;
  }
  // SV101 of a service line starts with HC and the component separator.
  for (const std::string_view start : {"HC", "AD"}) {
    const std::string pattern = std::string(1, found.element) + std::string(start);
    const std::size_t at = text.find(pattern);
    if (at == std::string_view::npos || at + 3 >= text.size()) continue;
    const char c = text[at + 3];
    if (is_delimiter(c) && c != found.element && c != found.terminator) found.component = c;
    break;
  }
  return found;
}

X12Elements::X12Elements(const X12Segment& segment, char separator) : text_(segment.text) {
  static const auto find_all = scan_kernels().find_all;
  const auto size = static_cast<std::uint32_t>(text_.size());
  starts_[0] = 0;
  constexpr std::size_t kMost = kMax - 1;
  const std::size_t found =
      find_all(text_, separator, std::span<std::uint32_t>(starts_ + 1, kMost));
  count_ = std::min(found, kMost);
  // The last of so many ends where the next begins.
  if (found > kMost || (found == kMost && starts_[kMost] < size)) return;
  starts_[++count_] = size + 1;
}

std::string_view x12_component(std::string_view element, char separator, unsigned n) {
  if (n == 0) return element;
  for (; n > 1; --n) {
    const std::size_t at = element.find(separator);
    if (at == std::string_view::npos) return {};
    element.remove_prefix(at + 1);
  }
  return element.substr(0, element.find(separator));
}

// Makes rest() at least `bytes` long where the file has them.
Status X12Scanner::fill(std::size_t bytes) {
  while (window_.rest().size() < bytes) {
    BH_TRY(const bool more, window_.more());
    if (!more) break;
  }
  return {};
}

Result<bool> X12Scanner::skip_space() {
  while (true) {
    const std::string_view rest = window_.rest();
    std::size_t count = 0;
    if (window_.offset() == 0 && rest.starts_with(kByteOrderMark)) count = kByteOrderMark.size();
    while (count < rest.size() && is_space(rest[count]))
      ++count;
    window_.skip(count);
    if (!window_.rest().empty()) return true;
    BH_TRY(const bool more, window_.more());
    if (!more) return false;
  }
}

// False where the bytes here begin nothing that is known.
Result<bool> X12Scanner::settle_delimiters() {
  if (starts_isa(window_.rest())) {
    BH_CHECK(fill(512));
    if (const auto found = delimiters_from_isa(window_.rest())) {
      delimiters_ = *found;
      known_ = true;
      no_terminator_before_ = 0;
      return true;
    }
    return known_;
  }
  if (known_) return true;
  BH_CHECK(fill(16 * 1024));
  const auto found = delimiters_without_isa(window_.rest());
  if (!found) return false;
  delimiters_ = *found;
  return known_ = true;
}

// As nearly all are: short, no interchange, in the middle of what is in sight. False: it is for
// take() to say what there is, and nothing was skipped.
bool X12Scanner::take_plain(X12Segment& segment) {
  if (!known_ || window_.offset() == 0) return false;
  std::string_view rest = window_.rest();
  std::size_t start = 0;
  while (start < rest.size() && is_space(rest[start]))
    ++start;
  rest.remove_prefix(start);
  if (rest.size() <= kShortest || starts_isa(rest)) return false;
  const void* const hit = std::memchr(rest.data(), delimiters_.terminator, kShortest);
  if (hit == nullptr) return false;
  const auto end = static_cast<std::size_t>(static_cast<const char*>(hit) - rest.data());
  segment.text = rest.substr(0, end);
  segment.offset = window_.offset() + start;
  window_.skip(start + end + 1);
  return true;
}

// A segment from here to its terminator. False: none ends within reach.
Result<bool> X12Scanner::take(X12Segment& segment) {
  std::size_t searched = 0;
  std::size_t end = 0;
  while (true) {
    const std::string_view rest = window_.rest();
    const void* hit =
        std::memchr(rest.data() + searched, delimiters_.terminator, rest.size() - searched);
    if (hit != nullptr) {
      end = static_cast<std::size_t>(static_cast<const char*>(hit) - rest.data());
      break;
    }
    searched = rest.size();
    if (searched > kMaxSegment) {
      no_terminator_before_ = window_.offset() + searched;
      return false;
    }
    BH_TRY(const bool more, window_.more());
    if (!more) {
      end = window_.rest().size();  // the last segment of a file may lack its terminator
      break;
    }
  }
  if (end > kMaxSegment) return false;
  segment.text = window_.rest().substr(0, end);
  segment.offset = window_.offset();
  // A new interchange inside what should be one segment: the terminator before it was lost.
  if (end > kShortest) {
    const std::size_t inside = segment.text.find("ISA", 1);
    if (inside != std::string_view::npos && delimiters_from_isa(window_.rest().substr(inside))) {
      segment.text = segment.text.substr(0, inside);
      collector_.not_understood(segment.offset, inside, "damaged segment before a new interchange");
      regular_ = false;
      window_.skip(inside);
      segment.text = {};
      return true;
    }
  }
  window_.skip(std::min(end + 1, window_.rest().size()));
  return true;
}

// To the next interchange or transaction set: from there on it is readable again.
Status X12Scanner::skip_damage() {
  constexpr std::size_t kKeep = 8;  // a name may lie across two blocks
  regular_ = false;
  const std::uint64_t start = window_.offset();
  window_.skip(std::min<std::size_t>(1, window_.rest().size()));
  while (true) {
    const std::string_view rest = window_.rest();
    std::size_t found = std::string_view::npos;
    for (std::size_t at = 0; at + 4 < rest.size(); ++at) {
      const bool isa = rest[at] == 'I' && starts_isa(rest.substr(at));
      const bool reachable = window_.offset() + at + kMaxSegment > no_terminator_before_;
      const bool set = known_ && reachable && rest[at] == 'S' && rest[at + 1] == 'T' &&
                       rest[at + 2] == delimiters_.element;
      if (isa || set) {
        found = at;
        break;
      }
    }
    if (found != std::string_view::npos) {
      window_.skip(found);
      break;
    }
    if (window_.at_end()) {
      window_.skip(rest.size());
      break;
    }
    window_.skip(rest.size() > kKeep ? rest.size() - kKeep : 0);
    BH_TRY(const bool more, window_.more());
    if (!more) window_.skip(window_.rest().size());
  }
  collector_.not_understood(start, window_.offset() - start, "no X12 segment");
  return {};
}

Result<bool> X12Scanner::next(X12Segment& segment) {
  while (true) {
    bool taken = take_plain(segment);
    if (!taken) {
      BH_TRY(const bool any, skip_space());
      if (!any) return false;
      if (window_.rest().size() < 4) BH_CHECK(fill(4));
      taken = known_ && window_.rest()[0] != 'I';
      if (!taken) {
        BH_TRY(taken, settle_delimiters());
      }
      if (taken) {
        BH_TRY(taken, take(segment));
      }
    }
    if (!taken) {
      BH_CHECK(skip_damage());
      continue;
    }
    // CR LF where LF is the terminator.
    while (!segment.text.empty() && segment.text.back() == '\r')
      segment.text.remove_suffix(1);
    const std::string_view text = segment.text;
    if (text.empty()) continue;  // a doubled terminator
    std::size_t length = 0;
    while (length < text.size() && length < 4 && is_alnum(text[length]))
      ++length;
    const bool named = length >= 2 && length <= 3 && text[0] >= 'A' && text[0] <= 'Z' &&
                       (length == text.size() || text[length] == delimiters_.element);
    if (!named) {
      collector_.not_understood(segment.offset, text.size() + 1, "segment without a valid name");
      continue;
    }
    segment.id = segment_id(text.substr(0, length));
    return true;
  }
}

}  // namespace bulkhead::exposure
