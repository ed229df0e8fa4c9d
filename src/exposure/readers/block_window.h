// A window that slides over a source: what a streaming reader sees of the file at a time. Memory
// does not depend on the file's size.
#pragma once

#include <string_view>

#include "exposure/readers/byte_source.h"

namespace bulkhead::exposure {

class BlockWindow {
 public:
  static constexpr std::size_t kBytes = 256 * 1024;  // stays in the second-level cache

  explicit BlockWindow(ByteSource& source, std::size_t bytes = kBytes)
      : source_(&source), buffer_(bytes), data_(as_text(ByteView(buffer_)).data()) {}
  // A part of a file that lies in memory already, and stays there: its first byte is at `offset`.
  BlockWindow(std::string_view part, std::uint64_t offset)
      : data_(part.data()), base_(offset), end_(part.size()), exhausted_(true) {}
  BlockWindow(const BlockWindow&) = delete;

  // What is left of the window, from the current position on. Valid until the next call of more().
  std::string_view rest() const { return {data_ + at_, end_ - at_}; }
  std::uint64_t offset() const { return base_ + at_; }  // of rest()'s first byte, in the file
  void skip(std::size_t bytes) { at_ += bytes; }
  bool at_end() const { return exhausted_; }  // the file has no bytes after rest()
  bool full() const { return at_ == 0 && source_ != nullptr && end_ == buffer_.size(); }

  // Moves rest() to the front and reads on behind it. False (and nothing changed) where there is
  // nothing more or no room: then rest() alone fills the window.
  Result<bool> more();

 private:
  ByteSource* source_ = nullptr;
  Bytes buffer_;
  const char* data_;        // of buffer_, or the part
  std::uint64_t base_ = 0;  // of buffer_[0], in the file
  std::size_t at_ = 0;
  std::size_t end_ = 0;
  bool exhausted_ = false;
};

}  // namespace bulkhead::exposure
