#include "notify/documents/output_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace bulkhead::notify {
namespace {

constexpr std::size_t kBufferBytes = 1024 * 1024;

std::string beside(const std::string& path) {
  return path + ".new";
}

}  // namespace

Result<OutputFile> OutputFile::create(std::string path) {
  BH_TRY(UniqueFd fd, open_file(beside(path), O_WRONLY | O_CREAT | O_TRUNC, 0600));
  return OutputFile(std::move(path), std::move(fd));
}

OutputFile::~OutputFile() {
  if (fd_) ::unlink(beside(path_).c_str());
}

Status OutputFile::put(std::string_view bytes) {
  bytes_ += bytes.size();
  buffer_ += bytes;
  if (buffer_.size() < kBufferBytes) return {};
  BH_CHECK(write_all(fd_.get(), as_bytes(buffer_), path_));
  buffer_.clear();
  return {};
}

Status OutputFile::finish() {
  BH_CHECK(write_all(fd_.get(), as_bytes(buffer_), path_));
  BH_CHECK(sync_data(fd_.get(), path_));
  if (std::rename(beside(path_).c_str(), path_.c_str()) != 0)
    return fail_errno("putting " + path_ + " in place");
  fd_.reset();
  const std::string folder = std::filesystem::path(path_).parent_path().string();
  return sync_directory(folder.empty() ? "." : folder);
}

}  // namespace bulkhead::notify
