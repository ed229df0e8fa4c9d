// Lines of input that comes in blocks and may be hostile: memory of one block and one line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "base/fd.h"

namespace bulkhead {

struct Line {
  std::string_view text;  // without '\n'; empty where it is too long
  bool too_long = false;
  bool ended = true;  // by '\n'; false at most of the last one
};

// Cuts blocks into lines of at most `bytes_most` bytes; longer ones are told and not kept. Each
// text is valid until the next call.
class LineCutter {
 public:
  explicit LineCutter(std::size_t bytes_most) : bytes_most_(bytes_most) {}
  // When next() has said false. The block stays with the caller until it says so again.
  void put(std::string_view block) { block_ = block; }
  bool next(Line& line);
  // At the end of the input, once: what stands there without an end. False where nothing does.
  bool last(Line& line);

 private:
  void keep(std::string_view piece);
  void give(Line& line);

  std::size_t bytes_most_;
  std::string_view block_;
  std::string begun_;
  bool too_long_ = false, given_ = false;
};

// The lines of a file.
class LineFile {
 public:
  static Result<LineFile> open(const std::string& path, std::size_t bytes_most);
  // False at the end. Errors: the file cannot be read.
  Result<bool> next(Line& line);

 private:
  LineFile(UniqueFd fd, std::string path, std::size_t bytes_most);

  UniqueFd fd_;
  std::string path_;
  LineCutter cutter_;
  Bytes block_;
  std::uint64_t offset_ = 0;
};

}  // namespace bulkhead
