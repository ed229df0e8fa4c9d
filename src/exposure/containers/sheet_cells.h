// A worksheet's XML (ECMA-376 part 1, 18.3.1) into rows of cells.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/containers/workbook.h"
#include "exposure/containers/xml_stream.h"

namespace bulkhead::exposure {

struct SheetCell {
  std::string text;          // as a person sees it, where that can be told
  bool number = false;       // what the file holds is one
  double value = 0;          // of a number
  std::uint64_t offset = 0;  // of what the file holds
  std::uint32_t length = 0;
};

struct SheetRow {
  std::uint64_t number = 0;  // from 1
  std::uint64_t offset = 0, behind = 0;
  std::vector<SheetCell> cells;  // by column; those behind `used` are left from other rows
  std::size_t used = 0;
  std::size_t filled = 0;
};

class SheetCells final : public XmlEvents {
 public:
  // `take` gets each row that has a cell with a value.
  SheetCells(const Workbook& book, std::function<void(SheetRow&)> take)
      : book_(book), take_(std::move(take)) {}

  // Cells whose text is not there: no such shared string, or longer than a row may be.
  std::uint64_t cut() const { return cut_; }

  void start(std::string_view name, const XmlAttributes& attributes, std::uint64_t offset) override;
  void end(std::string_view name, std::uint64_t offset, std::uint64_t behind) override;
  void text(std::string_view text, std::uint64_t offset) override;

 private:
  enum class Type { kNumber, kShared, kText, kBoolean, kDay, kError };

  void start_cell(const XmlAttributes& attributes);
  void end_cell();
  void set_number(SheetCell& cell);

  const Workbook& book_;
  std::function<void(SheetRow&)> take_;
  SheetRow row_;
  std::uint64_t cut_ = 0;
  std::size_t row_text_ = 0;
  std::uint64_t next_row_ = 1;
  std::size_t column_ = 0, next_column_ = 0;
  Type type_ = Type::kNumber;
  NumberShape shape_;
  bool in_value_ = false, seen_value_ = false;
  unsigned phonetic_ = 0;
  std::string raw_;
  std::uint64_t raw_offset_ = 0, raw_end_ = 0;
};

}  // namespace bulkhead::exposure
