// A file of a draft: written beside, put in place when it is whole, mode 0600 (personal data).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "base/fd.h"

namespace bulkhead::notify {

class OutputFile {
 public:
  static Result<OutputFile> create(std::string path);
  OutputFile(OutputFile&&) noexcept = default;
  OutputFile& operator=(OutputFile&&) noexcept = default;
  ~OutputFile();  // removes what was not finished

  Status put(std::string_view bytes);
  Status finish();
  const std::string& path() const { return path_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  OutputFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  UniqueFd fd_;
  std::string buffer_;
  std::uint64_t bytes_ = 0;
};

}  // namespace bulkhead::notify
