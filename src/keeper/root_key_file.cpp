#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>

#include "base/fd.h"
#include "keeper/local_keeper.h"

namespace bulkhead::keeper {
namespace {
constexpr std::string_view kPrefix = "bulkhead-root-key-1 ";
constexpr std::size_t kLimitBytes = 4096;
}  // namespace

Status create_root_key_file(const std::string& path, crypto::Random& random) {
  crypto::AeadKey key;
  random.fill(key.mutable_view());
  const auto fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!fd) return fail(fd.error().within("creating the root key"));
  const std::string line = fmt::format("{}{}\n", kPrefix, to_hex(key.view()));
  BH_CHECK(write_all(fd->get(), as_bytes(line), path));
  return sync_data(fd->get(), path);
}

Result<crypto::AeadKey> read_root_key_file(const std::string& path) {
  BH_TRY(const UniqueFd fd, open_file(path, O_RDONLY));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return fail_errno(fmt::format("looking at {}", path));
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorCode::kRefused,
                fmt::format("others may read the root key {}: chmod 600 it", path));
  }
  BH_TRY(const Bytes contents, read_file(path, kLimitBytes));
  std::string_view text = as_text(contents);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (!text.starts_with(kPrefix))
    return fail(ErrorCode::kMalformed, fmt::format("{} is not a root key", path));
  const auto bytes = from_hex(text.substr(kPrefix.size()));
  if (!bytes || bytes->size() != crypto::AeadKey::size()) {
    return fail(ErrorCode::kMalformed,
                fmt::format("the root key in {} is damaged: restore it from its copy", path));
  }
  crypto::AeadKey key;
  std::ranges::copy(*bytes, key.mutable_view().begin());
  return key;
}

}  // namespace bulkhead::keeper
