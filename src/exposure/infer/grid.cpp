#include "exposure/infer/grid.h"

#include <algorithm>
#include <array>

#include "exposure/detect/values.h"

namespace bulkhead::exposure {

Grid::Grid(std::vector<std::string_view> records, CodePage page)
    : records_(std::move(records)), page_(page) {
  for (const std::string_view record : records_)
    width_ = std::max(width_, static_cast<std::uint32_t>(record.size()));
  text_.assign(std::size_t{width_} * records_.size(), ' ');
  const auto& table = to_latin1(page);
  for (std::size_t row = 0; row < records_.size(); ++row) {
    for (std::size_t i = 0; i < records_[row].size(); ++i)
      text_[row * width_ + i] =
          static_cast<char>(table[static_cast<unsigned char>(records_[row][i])]);
  }
}

std::string_view Grid::trimmed_cell(std::size_t row, std::uint32_t at, std::uint32_t length) const {
  return trimmed(cell(row, at, length));
}

std::string_view Grid::raw(std::size_t row, std::uint32_t at, std::uint32_t length) const {
  const std::string_view record = records_[row];
  return at >= record.size() ? std::string_view() : record.substr(at, length);
}

char class_of_character(char latin1) {
  const auto byte = static_cast<unsigned char>(latin1);
  if (byte == ' ') return 'b';
  if (byte >= '0' && byte <= '9') return 'd';
  const char upper = static_cast<char>(byte & ~0x20U);
  if (byte < 0x80 && upper >= 'A' && upper <= 'Z') return 'a';
  if (byte == 0) return 'z';
  if (byte > ' ' && byte < 0x7F) return 'p';
  return byte >= 0xC0 ? 'a' : 'x';
}

std::vector<ColumnProfile> profile_columns(const Grid& grid) {
  std::vector<ColumnProfile> columns(grid.width());
  for (std::uint32_t c = 0; c < grid.width(); ++c) {
    ColumnProfile& column = columns[c];
    std::array<bool, 256> seen{};
    for (std::size_t row = 0; row < grid.rows(); ++row) {
      const char character = grid.at(row, c);
      switch (class_of_character(character)) {
        case 'b':
          ++column.blank;
          continue;
        case 'd':
          ++column.digit;
          break;
        case 'a':
          ++column.letter;
          break;
        case 'p':
          ++column.other;
          break;
        default:
          ++column.strange;
      }
      bool& known = seen[static_cast<unsigned char>(character)];
      column.distinct += known ? 0 : 1;
      known = true;
    }
    if (grid.rows() > 0)
      column.fill = static_cast<double>(column.filled()) / static_cast<double>(grid.rows());
  }
  return columns;
}

}  // namespace bulkhead::exposure
