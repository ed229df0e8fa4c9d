#include "exposure/readers/delimited_syntax.h"

#include <algorithm>
#include <bit>
#include <cstring>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace bulkhead::exposure {
namespace {

std::size_t find_char(std::string_view text, char c, std::size_t from) {
  if (from >= text.size()) return std::string_view::npos;
  const void* hit = std::memchr(text.data() + from, c, text.size() - from);
  return hit == nullptr ? std::string_view::npos
                        : static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
}

RowEnd plain_end(std::string_view text, std::size_t newline) {
  RowEnd end{.length = newline, .taken = newline + 1, .complete = true};
  if (end.length > 0 && text[end.length - 1] == '\r') --end.length;
  return end;
}

// Behind the closing quote of the field that opens at `open`; npos where none closes it.
std::size_t close_of(std::string_view text, std::size_t open, char delimiter) {
  std::size_t at = open + 1;
  while (true) {
    at = find_char(text.substr(0, std::min(text.size(), open + kMaxQuoted)), '"', at);
    if (at == std::string_view::npos) return at;
    if (at + 1 < text.size() && text[at + 1] == '"') {
      at += 2;
      continue;
    }
    const bool closes = at + 1 >= text.size() || text[at + 1] == delimiter ||
                        text[at + 1] == '\r' || text[at + 1] == '\n';
    if (closes) return at + 1;
    ++at;  // a quote inside a field that a careless program did not double
  }
}

// Fields without quotes: every delimiter ends one.
std::size_t split_plain(std::string_view row, char delimiter, std::size_t limit,
                        std::vector<std::string_view>& fields) {
  std::size_t count = 0;
  std::size_t start = 0;
  const auto field = [&](std::size_t end) {
    if (count++ < limit) fields.push_back(row.substr(start, end - start));
    start = end + 1;
  };
  std::size_t at = 0;
#ifdef __SSE2__
  const __m128i wanted = _mm_set1_epi8(delimiter);
  const auto take = [&](std::size_t from, unsigned seen) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(row.data() + from));
    auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(block, wanted))) & ~seen;
    if (count >= limit) {
      count += static_cast<std::size_t>(std::popcount(hits));
      return;
    }
    for (; hits != 0; hits &= hits - 1)
      field(from + static_cast<std::size_t>(std::countr_zero(hits)));
  };
  for (; at + 16 <= row.size(); at += 16)
    take(at, 0);
  if (row.size() >= 16 && at < row.size()) {
    // The rest together with bytes that were looked at before.
    take(row.size() - 16, (1U << (at - (row.size() - 16))) - 1);
    at = row.size();
  }
#endif
  for (; at < row.size(); ++at) {
    if (row[at] == delimiter) field(at);
  }
  field(row.size());
  return count;
}

}  // namespace

RowEnd find_row_end(std::string_view text, char delimiter, bool at_end_of_file, bool quotes) {
  const std::size_t newline = find_char(text, '\n', 0);
  const std::string_view line = text.substr(0, newline);
  if (!quotes || find_char(line, '"', 0) == std::string_view::npos) {
    if (newline != std::string_view::npos) return plain_end(text, newline);
    RowEnd end{.length = text.size(), .taken = text.size(), .complete = at_end_of_file};
    if (end.length > 0 && text[end.length - 1] == '\r') --end.length;
    return end;
  }
  // Quotes: they open a field only at its start.
  std::size_t at = 0;
  while (true) {
    if (at < text.size() && text[at] == '"') {
      const std::size_t close = close_of(text, at, delimiter);
      if (close == std::string_view::npos) {
        const bool may_close = !at_end_of_file && text.size() - at < kMaxQuoted;
        if (may_close) return {.quoted = true};
        const std::size_t end = find_char(text, '\n', at);
        RowEnd row = end == std::string_view::npos ? RowEnd{text.size(), text.size(), true}
                                                   : plain_end(text, end);
        row.quoted = row.stray_quote = true;
        return row;
      }
      at = close;
    }
    while (at < text.size() && text[at] != delimiter && text[at] != '\n')
      ++at;
    if (at >= text.size())
      return {
          .length = text.size(), .taken = text.size(), .complete = at_end_of_file, .quoted = true};
    if (text[at] == '\n') {
      RowEnd row = plain_end(text, at);
      row.quoted = true;
      return row;
    }
    ++at;  // the delimiter
  }
}

std::size_t split_row(std::string_view row, char delimiter, bool quoted, std::size_t limit,
                      std::vector<std::string_view>& fields) {
  fields.clear();
  if (!quoted) return split_plain(row, delimiter, limit, fields);
  std::size_t count = 0;
  std::size_t at = 0;
  while (true) {
    std::size_t start = at;
    std::size_t end = 0;
    const std::size_t close =
        at < row.size() && row[at] == '"' ? close_of(row, at, delimiter) : std::string_view::npos;
    if (close != std::string_view::npos) {
      start = at + 1;
      end = close - 1;
      at = std::min(find_char(row, delimiter, close), row.size());
    } else {
      at = std::min(find_char(row, delimiter, at), row.size());
      end = at;
    }
    if (count++ < limit) fields.push_back(row.substr(start, end - start));
    if (at >= row.size()) return count;
    ++at;
  }
}

}  // namespace bulkhead::exposure
