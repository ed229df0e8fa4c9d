#include "exposure/readers/delimited_syntax.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "exposure/readers/scan_kernels.h"

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

// The same for rows of very many fields.
std::size_t split_many(std::string_view row, char delimiter, std::size_t limit,
                       std::vector<std::string_view>& fields) {
  std::size_t count = 0;
  for (std::size_t start = 0; start <= row.size(); ++count) {
    const std::size_t end = std::min(find_char(row, delimiter, start), row.size());
    if (count < limit) fields.push_back(row.substr(start, end - start));
    start = end + 1;
  }
  return count;
}

// Fields without quotes: every delimiter ends one.
std::size_t split_plain(std::string_view row, char delimiter, std::size_t limit,
                        std::vector<std::string_view>& fields) {
  static const auto find_all = scan_kernels().find_all;
  constexpr std::size_t kRoom = 256;
  std::array<std::uint32_t, kRoom> starts;
  const std::size_t found = find_all(row, delimiter, starts);
  if (found > kRoom) return split_many(row, delimiter, limit, fields);
  const std::size_t kept = std::min(found + 1, limit);
  fields.resize(kept);
  std::size_t start = 0;
  for (std::size_t i = 0; i < kept; ++i) {
    const std::size_t next = i < found ? starts[i] : row.size() + 1;
    fields[i] = {row.data() + start, next - 1 - start};
    start = next;
  }
  return found + 1;
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
