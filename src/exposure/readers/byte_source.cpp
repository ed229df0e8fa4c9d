#include "exposure/readers/byte_source.h"

#include <fcntl.h>

#include <algorithm>

namespace bulkhead::exposure {

Result<std::size_t> MemorySource::read_at(std::uint64_t offset, MutableByteView into) {
  if (offset >= bytes_.size()) return std::size_t{0};
  const std::size_t count = std::min<std::size_t>(into.size(), bytes_.size() - offset);
  std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), count, into.begin());
  return count;
}

Result<FileSource> FileSource::open(const std::string& path) {
  BH_TRY(UniqueFd fd, open_file(path, O_RDONLY | O_NOCTTY));
  return of(std::move(fd));
}

Result<FileSource> FileSource::of(UniqueFd fd) {
  BH_TRY(const std::uint64_t size, file_size(fd.get(), "file"));
  return FileSource(std::move(fd), size);
}

Result<std::size_t> FileSource::read_at(std::uint64_t offset, MutableByteView into) {
  return bulkhead::read_at(fd_.get(), into, offset, "a file");
}

}  // namespace bulkhead::exposure
