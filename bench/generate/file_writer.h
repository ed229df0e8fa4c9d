// A generated file, written a mebibyte at a time. The first error is kept and told by finish().
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/fd.h"

namespace bulkhead::generate {

class FileWriter {
 public:
  explicit FileWriter(UniqueFd fd) : fd_(std::move(fd)) {}
  void put(std::string_view text) {
    buffer_.append(text);
    if (buffer_.size() > 1024 * 1024) flush();
  }
  Status finish() {
    flush();
    return status_;
  }

 private:
  void flush() {
    if (status_) status_ = write_all(fd_.get(), as_bytes(buffer_), "a generated file");
    buffer_.clear();
  }
  UniqueFd fd_;
  std::string buffer_;
  Status status_;
};

}  // namespace bulkhead::generate
