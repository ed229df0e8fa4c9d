#include "exposure/infer/layout_picture.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kRecordsShown = 3;  // of each kind
constexpr std::size_t kMostShown = 24;    // records altogether
constexpr std::size_t kColumns = 100;     // in a line
constexpr std::size_t kMostColumns = 1'000;

// "1...5....|...15....|": column 10 is the first '|'.
std::string ruler(std::size_t from, std::size_t count) {
  std::string text;
  while (text.size() < count) {
    const std::size_t column = from + text.size() + 1;
    const std::string number = fmt::format("{}", column + 9);
    // The number ends in the column that it names.
    text += std::string(10 - std::min<std::size_t>(10, number.size()), '.') + number;
  }
  text.resize(count);
  return text;
}

std::string shown(std::string_view bytes, CodePage page) {
  const auto& table = to_latin1(page);
  std::string latin1;
  for (const char c : bytes) {
    const unsigned char character = table[static_cast<unsigned char>(c)];
    const bool printable =
        character >= 0x20 && character != 0x7F && (character < 0x80 || character >= 0xA1);
    latin1.push_back(printable && (page != CodePage::kAscii || character < 0x80)
                         ? static_cast<char>(character)
                         : '.');
  }
  std::string text;
  append_utf8(latin1, text);
  return text;
}

void show(const std::vector<std::string_view>& records, const RecordForm& form,
          std::vector<std::string>& lines) {
  std::size_t width = 0;
  for (const std::string_view record : records)
    width = std::max(width, record.size());
  width = std::min(width, kMostColumns);
  for (std::size_t at = 0; at < width; at += kColumns) {
    const std::size_t count = std::min(kColumns, width - at);
    lines.push_back(fmt::format("{:>5} {}", at + 1, ruler(at, count)));
    for (const std::string_view record : records) {
      if (at < record.size())
        lines.push_back(fmt::format("      {}", shown(record.substr(at, count), form.page)));
    }
  }
}

}  // namespace

std::vector<std::string> picture_of(const RecordForm& form, const RecordSorts& sorts) {
  std::vector<std::string> lines;
  std::size_t left = kMostShown;
  const auto part = [&](const std::string& title, std::vector<std::string_view> records) {
    records.resize(std::min({records.size(), kRecordsShown, left}));
    if (records.empty()) return;
    left -= records.size();
    lines.push_back("");
    lines.push_back(title);
    show(records, form, lines);
  };
  const auto first = form.records.begin();
  part("Header records:", {first, first + static_cast<std::ptrdiff_t>(sorts.headers)});
  for (const RecordSort& sort : sorts.sorts)
    part(sort.mark.empty() ? "The first records:" : fmt::format("Records {}:", sort.mark),
         sort.records);
  part("Trailer records:",
       {form.records.end() - static_cast<std::ptrdiff_t>(sorts.trailers), form.records.end()});
  lines.push_back("");
  return lines;
}

}  // namespace bulkhead::exposure
