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

Result<crypto::AeadKey> parse_root_key(std::string_view text, const std::string& path) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (!text.starts_with(kPrefix))
    return fail(ErrorCode::kMalformed, fmt::format("{} is not a root key", path));
  auto bytes = from_hex(text.substr(kPrefix.size()));
  if (!bytes || bytes->size() != crypto::AeadKey::size()) {
    return fail(ErrorCode::kMalformed,
                fmt::format("the root key in {} is damaged: restore it from its copy", path));
  }
  crypto::AeadKey key;
  std::ranges::copy(*bytes, key.mutable_view().begin());
  crypto::wipe(*bytes);
  return key;
}

}  // namespace

Status create_root_key_file(const std::string& path, crypto::Random& random) {
  crypto::AeadKey key;
  random.fill(key.mutable_view());
  const auto fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!fd) return fail(fd.error().within("creating the root key"));
  std::string line = fmt::format("{}{}\n", kPrefix, to_hex(key.view()));
  const Status written = write_all(fd->get(), as_bytes(line), path);
  crypto::wipe({reinterpret_cast<Byte*>(line.data()), line.size()});
  BH_CHECK(written);
  return sync_data(fd->get(), path);
}

Result<crypto::AeadKey> read_root_key_file(const std::string& path) {
  if (path.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "bulkhead.toml names no root key: set keys.root_key_file to where init put it");
  }
  auto fd = open_file(path, O_RDONLY);
  if (!fd && fd.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the root key {} is missing: put it back, or name its place in "
                            "bulkhead.toml, keys.root_key_file",
                            path));
  }
  if (!fd) return fail(std::move(fd).error());
  struct stat status{};
  if (::fstat(fd->get(), &status) != 0) return fail_errno(fmt::format("looking at {}", path));
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorCode::kRefused,
                fmt::format("others may read the root key {}: chmod 600 it", path));
  }
  crypto::SecretBytes contents(kLimitBytes);
  BH_TRY(const std::size_t size, read_at(fd->get(), contents.mutable_view(), 0, path));
  return parse_root_key(as_text(contents.view().first(size)), path);
}

}  // namespace bulkhead::keeper
