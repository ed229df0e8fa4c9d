// Text for people: what others named goes through printable(), because a file's name can hold the
// control characters that make a terminal lie.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::cli {

// Control characters (C0, C1, DEL), characters that turn the writing direction, and bytes that are
// not UTF-8 become
// \xNN. Line ends too: the result is one line.
std::string printable(std::string_view text);

// "1.5 GiB", "312 bytes".
std::string shown_size(std::uint64_t bytes);

// "1 file", "2 files".
std::string counted(std::uint64_t number, std::string_view one, std::string_view many);

// Rows under a head line, columns as wide as they need to be, two spaces apart. Cells are made
// printable.
class Table {
 public:
  explicit Table(std::vector<std::string> head);
  void add(std::vector<std::string> row);  // as many cells as the head has
  bool empty() const { return rows_.size() == 1; }
  std::string text() const;
  void print() const;  // on stdout

 private:
  std::vector<std::vector<std::string>> rows_;  // the first is the head
};

bool stderr_is_terminal();

}  // namespace bulkhead::cli
