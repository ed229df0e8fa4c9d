// Text in the making, of which much is known beforehand: room is made once for a piece, then its
// parts are copied without further checks of theirs.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace bulkhead::exposure {

class LineBuffer {
 public:
  explicit LineBuffer(std::size_t bytes = 64 * 1024) { grow(bytes); }

  std::size_t size() const { return size_; }
  ByteView bytes() const { return {reinterpret_cast<const Byte*>(text_.get()), size_}; }
  void clear() { size_ = 0; }

  void put(std::string_view text) {
    if (text.empty()) return;
    make_room(text.size());
    std::memcpy(text_.get() + size_, text.data(), text.size());
    size_ += text.size();
  }
  void put(char c) {
    make_room(1);
    text_[size_++] = c;
  }
  void put_number(std::uint64_t number) {
    make_room(20);
    char* const at = text_.get() + size_;
    size_ += static_cast<std::size_t>(std::to_chars(at, at + 20, number).ptr - at);
  }

 private:
  void make_room(std::size_t bytes) {
    if (room_ - size_ < bytes) [[unlikely]]
      grow(bytes);
  }
  void grow(std::size_t bytes) {
    const std::size_t room = std::max(room_ * 2, size_ + bytes);
    std::unique_ptr<char[]> larger(new char[room]);
    if (size_ > 0) std::memcpy(larger.get(), text_.get(), size_);
    text_ = std::move(larger);
    room_ = room;
  }

  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0, room_ = 0;
};

}  // namespace bulkhead::exposure
