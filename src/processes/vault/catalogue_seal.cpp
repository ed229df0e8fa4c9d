#include "processes/vault/catalogue_seal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/fd.h"
#include "crypto/digest.h"

namespace bulkhead::processes {
namespace {
constexpr std::size_t kBlockBytes = 1 << 20;
}  // namespace

CatalogueSeal::CatalogueSeal(const crypto::AeadKey& system_key, std::string catalogue_path)
    : catalogue_(std::move(catalogue_path)) {
  crypto::hkdf_sha256(system_key.view(), {}, as_bytes("bulkhead catalogue seal v1"),
                      key_.mutable_view());
}

Result<Bytes> CatalogueSeal::seal_of_file() const {
  BH_TRY(const UniqueFd fd, open_file(catalogue_, O_RDONLY));
  crypto::Hasher hasher;
  Bytes block(kBlockBytes);
  for (std::uint64_t offset = 0;;) {
    BH_TRY(const std::size_t got, read_at(fd.get(), block, offset, catalogue_));
    if (got == 0) break;
    hasher.update(ByteView(block).first(got));
    offset += got;
  }
  return to_bytes(crypto::hmac_sha256(key_.view(), hasher.finish_sha256()));
}

Result<bool> CatalogueSeal::take() const {
  if (!std::filesystem::exists(catalogue_)) return true;  // a new one grants nothing
  const auto written = read_file(path(), 64);
  if (::unlink(path().c_str()) != 0 && errno != ENOENT)
    return fail_errno(fmt::format("removing {}", path()));
  // What SQLite keeps beside the file would be applied to it, and no seal covers it.
  if (!written || std::filesystem::exists(catalogue_ + "-wal")) return false;
  BH_TRY(const Bytes now, seal_of_file());
  return crypto::equal_constant_time(*written, now);
}

Status CatalogueSeal::remove_catalogue() const {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::string file = catalogue_ + suffix;
    if (::unlink(file.c_str()) != 0 && errno != ENOENT)
      return fail_errno(fmt::format("removing {}", file));
  }
  return {};
}

Status CatalogueSeal::put() const {
  if (std::filesystem::exists(catalogue_ + "-wal")) return {};
  BH_TRY(const Bytes seal, seal_of_file());
  return replace_file(path(), seal);
}

}  // namespace bulkhead::processes
