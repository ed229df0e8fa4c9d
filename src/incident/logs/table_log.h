// Logs that are tables: which column (or key) is what, and which words in it mean that a file was
// given out. Shared by CSV exports and JSON lines.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "incident/logs/access.h"

namespace bulkhead::incident {

enum class Column { kTime, kAction, kFile, kFolder, kBytes, kUser, kAddress, kError };
constexpr std::size_t kColumns = 8;

struct TableLog {
  std::string_view product;
  std::string_view where;                         // what the table was made from
  std::vector<std::string_view> names[kColumns];  // compared without case, spaces, _ and -
  std::vector<std::string_view> downloads;        // beginnings of actions that give a file out
  std::vector<std::string_view> no_error;         // values of kError that mean none; "" always does
  std::vector<Column> needed;                     // without these it is not this product's
};

extern const TableLog kMoveItTable, kGoAnywhereTable, kSftpGoTable;

// "XferSize" and "xfer_size" are the same.
std::string plain_name(std::string_view name);

// The place of a column in a header; npos where it has none of the names.
std::size_t column_at(const TableLog& table, Column column, const std::vector<std::string>& header);
bool fits(const TableLog& table, const std::vector<std::string>& header);

// A row by column; "" where the log has no such column.
struct TableRow {
  std::string value[kColumns];
  const std::string& operator[](Column column) const {
    return value[static_cast<std::size_t>(column)];
  }
};

// False where the row makes no sense (no action or no file).
bool take_row(const TableLog& table, const TableRow& row, std::uint64_t line,
              const LogSettings& settings, const TakeAccess& take_access);

}  // namespace bulkhead::incident
