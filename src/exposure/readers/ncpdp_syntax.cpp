#include "exposure/readers/ncpdp_syntax.h"

#include <algorithm>
#include <bit>

#include "base/ascii.h"
#include "exposure/detect/values.h"
#include "exposure/readers/ncpdp_table.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxPiece = 64 * 1024;  // the standard's longest field has 200 characters
// 6 BIN, 2 version, 2 transaction, 10 processor control number, 1 count, 2 qualifier, 15 provider,
// 8 date, 10 vendor; an answer: 2, 2, 1, 1 status, 2, 15, 8.
constexpr std::size_t kRequest = 56, kProcessorAt = 10, kCountAt = 20, kProviderAt = 23,
                      kDateAt = 38;
constexpr std::size_t kResponse = 31, kAnswerProviderAt = 8, kAnswerDateAt = 23;

bool is_separator(char c) {
  return c == kNcpdpStx || c == kNcpdpEtx || c == kNcpdpField || c == kNcpdpGroup ||
         c == kNcpdpSegment;
}

std::size_t find_separator(std::string_view text, std::size_t from) {
  std::size_t at = from;
#ifdef __SSE2__
  const __m128i last = _mm_set1_epi8(kNcpdpSegment);  // all separators are at most this
  for (; at + 16 <= text.size(); at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    auto hits =
        static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(block, last), block)));
    for (; hits != 0; hits &= hits - 1) {
      const std::size_t hit = at + static_cast<std::size_t>(std::countr_zero(hits));
      if (is_separator(text[hit])) return hit;
    }
  }
#endif
  for (; at < text.size(); ++at) {
    if (is_separator(text[at])) return at;
  }
  return std::string_view::npos;
}

bool is_version(std::string_view version) {
  return version == "D0" || version == "51" || version == "50" || version == "3C" ||
         version == "32" || (version[0] >= 'D' && version[0] <= 'F' && is_digit(version[1]));
}

bool is_transaction(std::string_view code) {
  const std::size_t at = ncpdp_transaction_codes().find(code);
  return at != std::string_view::npos && at % 3 == 0;
}

}  // namespace

bool ncpdp_has_stroked_zero(std::string_view text) {
  return text.find('\xD8') != std::string_view::npos ||
         text.find("\xC3\x98") != std::string_view::npos;
}

std::string ncpdp_plain(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool wide = text[i] == '\xC3' && i + 1 < text.size() && text[i + 1] == '\x98';
    plain.push_back(wide || text[i] == '\xD8' ? '0' : text[i]);
    i += wide ? 1 : 0;
  }
  return plain;
}

std::optional<NcpdpHeader> ncpdp_header(std::string_view plain) {
  NcpdpHeader header;
  const bool request = plain.size() >= kDateAt + 8 && is_version(plain.substr(6, 2)) &&
                       is_transaction(plain.substr(8, 2)) && all_digits(plain.substr(0, 6)) &&
                       is_digit(plain[kCountAt]) && all_digits(plain.substr(kDateAt, 8));
  if (request) {
    header.bin = plain.substr(0, 6);
    header.processor = trimmed(plain.substr(kProcessorAt, 10));
    header.provider = trimmed(plain.substr(kProviderAt, 15));
    header.date_at = kDateAt;
    header.size = std::min(kRequest, plain.size());
    return header;
  }
  const bool response = plain.size() >= kAnswerProviderAt + 15 && is_version(plain.substr(0, 2)) &&
                        is_transaction(plain.substr(2, 2)) && is_digit(plain[4]) &&
                        (plain[5] == 'A' || plain[5] == 'R');
  if (!response) return std::nullopt;
  header.response = true;
  header.provider = trimmed(plain.substr(kAnswerProviderAt, 15));
  const bool dated = plain.size() >= kResponse && all_digits(plain.substr(kAnswerDateAt, 8));
  header.date_at = dated ? kAnswerDateAt : 0;
  header.size = dated ? kResponse : kAnswerDateAt;
  return header;
}

std::size_t find_ncpdp_header(std::string_view plain) {
  for (std::size_t at = 1; at + kDateAt + 8 <= plain.size(); ++at) {
    const std::string_view rest = plain.substr(at);
    if (!is_digit(rest[0]) || !is_version(rest.substr(6, 2))) continue;
    const auto header = ncpdp_header(rest);
    if (header && !header->response) return at;
  }
  // Answers stand on lines of their own.
  for (std::size_t at = plain.find('\n'); at != std::string_view::npos;
       at = plain.find('\n', at + 1)) {
    if (ncpdp_header(plain.substr(at + 1))) return at + 1;
  }
  return std::string_view::npos;
}

bool looks_like_ncpdp(std::string_view head) {
  const std::string plain = ncpdp_plain(head.substr(0, 512));
  const std::string_view text = trimmed(plain);
  if (!text.empty() && text[0] == kNcpdpStx) {
    const std::string_view first = text.substr(1);
    return first.starts_with("00") || first.starts_with("G1") || ncpdp_header(first).has_value();
  }
  return ncpdp_header(text) && text.find(kNcpdpField) != std::string_view::npos;
}

// Over the rest of what was too long.
Status NcpdpScanner::skip_rest() {
  while (true) {
    const std::string_view rest = window_.rest();
    const std::size_t end = std::min(find_separator(rest, 0), rest.size());
    collector_.not_understood(window_.offset(), end, "field that is too long");
    window_.skip(end);
    if (end < rest.size()) return {};
    BH_TRY(const bool more, window_.more());
    if (!more) return {};
  }
}

Result<bool> NcpdpScanner::next(NcpdpPiece& piece) {
  while (window_.rest().empty()) {
    BH_TRY(const bool more, window_.more());
    if (!more) return false;
  }
  const bool separated = is_separator(window_.rest()[0]);
  piece.separator = separated ? window_.rest()[0] : '\0';
  const std::size_t begin = separated ? 1 : 0;
  piece.offset = window_.offset() + begin;
  piece.text = {};
  std::size_t searched = begin;
  while (true) {
    const std::string_view rest = window_.rest();
    const std::size_t end = find_separator(rest, searched);
    if (end != std::string_view::npos) {
      piece.text = rest.substr(begin, end - begin);
      break;
    }
    searched = rest.size();
    if (searched > kMaxPiece) {
      window_.skip(begin);
      BH_CHECK(skip_rest());
      return true;
    }
    BH_TRY(const bool more, window_.more());
    if (more) continue;
    piece.text = window_.rest().substr(begin);
    break;
  }
  window_.skip(begin + piece.text.size());
  return true;
}

}  // namespace bulkhead::exposure
