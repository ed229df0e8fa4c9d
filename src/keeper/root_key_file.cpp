#include "keeper/root_key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>

#include "base/fd.h"
#include "crypto/digest.h"
#include "crypto/password.h"

namespace bulkhead::keeper {
namespace {

constexpr std::string_view kPlainPrefix = "bulkhead-root-key-";
constexpr std::string_view kSealedPrefix = "bulkhead-sealed-root-key-";
constexpr std::string_view kVersion = "1";
constexpr std::size_t kLimitBytes = 16 * 1024;
constexpr std::size_t kMostFields = 16;

struct Name {
  Seal seal;
  std::string_view name;
};
constexpr Name kNames[] = {
    {Seal::kFile, "file"}, {Seal::kPassphrase, "passphrase"}, {Seal::kCredential, "credential"}};

std::unexpected<Error> damaged(const std::string& path) {
  return fail(ErrorCode::kMalformed,
              fmt::format("the root key in {} is damaged: restore it from its copy", path));
}

Result<crypto::AeadKey> key_of(ByteView bytes, const std::string& path) {
  if (bytes.size() != crypto::AeadKey::size()) return damaged(path);
  crypto::AeadKey key;
  std::ranges::copy(bytes, key.mutable_view().begin());
  return key;
}

Result<crypto::AeadKey> plain_key(std::string_view hex, const std::string& path) {
  auto bytes = from_hex(hex);
  if (!bytes) return damaged(path);
  auto key = key_of(*bytes, path);
  crypto::wipe(*bytes);
  return key;
}

// Takes "NAME REST\n" off the front.
struct Line {
  std::string_view name;
  std::string_view rest;
};
std::optional<Line> next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  return Line{line.substr(0, space), line.substr(space + 1)};
}

Status check_version(std::string_view version, const std::string& path) {
  if (version == kVersion) return {};
  return fail(ErrorCode::kNewerFormat,
              fmt::format("the root key in {} was written by a newer release: run that one", path));
}

crypto::SecretBytes secret_text(std::string text) {
  crypto::SecretBytes secret(as_bytes(text));
  crypto::wipe({reinterpret_cast<Byte*>(text.data()), text.size()});
  return secret;
}

}  // namespace

std::string_view seal_name(Seal seal) {
  return std::ranges::find(kNames, seal, &Name::seal)->name;
}

std::optional<Seal> seal_named(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name, &Name::name);
  if (found == std::end(kNames)) return std::nullopt;
  return found->seal;
}

Result<std::string> RootKeyFile::field(std::string_view name) const {
  const auto found = fields_.find(name);
  if (found == fields_.end()) return damaged(path_);
  return found->second;
}

Result<std::uint32_t> RootKeyFile::number(std::string_view name) const {
  BH_TRY(const std::string text, field(name));
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return damaged(path_);
  return value;
}

Result<RootKeyFile> RootKeyFile::parse(std::string_view text, const std::string& path) {
  RootKeyFile file;
  file.path_ = path;
  if (text.starts_with(kPlainPrefix)) {
    text.remove_prefix(kPlainPrefix.size());
    if (text.ends_with('\n')) text.remove_suffix(1);
    const std::size_t space = std::min(text.find(' '), text.size());
    BH_CHECK(check_version(text.substr(0, space), path));
    BH_TRY(file.plain_, plain_key(text.substr(std::min(space + 1, text.size())), path));
    file.key_id_ = root_key_id(file.plain_);
    return file;
  }
  if (!text.starts_with(kSealedPrefix))
    return fail(ErrorCode::kMalformed, fmt::format("{} is not a root key", path));
  const std::string_view whole = text;
  text.remove_prefix(kSealedPrefix.size());
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return damaged(path);
  BH_CHECK(check_version(text.substr(0, end), path));
  text.remove_prefix(end + 1);
  while (file.fields_.size() <= kMostFields) {
    const std::size_t before = whole.size() - text.size();
    const auto line = next_line(text);
    if (!line) return damaged(path);
    if (line->name != "box") {
      if (!file.fields_.emplace(line->name, line->rest).second) return damaged(path);
      continue;
    }
    auto box = from_hex(line->rest);
    BH_TRY(const std::string seal, file.field("seal"));
    const auto named = seal_named(seal);
    if (!box || !text.empty() || !named) return damaged(path);
    if (const auto id = file.field("id")) {
      auto bytes = from_hex(*id);
      if (!bytes) return damaged(path);
      file.key_id_ = std::move(*bytes);
    }
    file.seal_ = *named;
    file.box_ = std::move(*box);
    file.bound_ = whole.substr(0, before);
    return file;
  }
  return damaged(path);
}

Result<RootKeyFile> RootKeyFile::read(const std::string& path, bool credential) {
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
  // systemd gives the service's user access by an access control list, which shows as the group's.
  if ((status.st_mode & (credential ? 007U : 077U)) != 0) {
    return fail(ErrorCode::kRefused,
                fmt::format("others may read the root key {}: chmod 600 it", path));
  }
  crypto::SecretBytes contents(kLimitBytes);
  BH_TRY(const std::size_t size, read_at(fd->get(), contents.mutable_view(), 0, path));
  BH_TRY(RootKeyFile file, parse(as_text(contents.view().first(size)), path));
  if (credential && file.seal_ == Seal::kFile) file.seal_ = Seal::kCredential;
  return file;
}

Result<crypto::AeadKey> RootKeyFile::open(ByteView passphrase) const {
  if (seal_ != Seal::kPassphrase) return plain_.clone();
  BH_TRY(const std::string salt_hex, field("salt"));
  const auto salt = from_hex(salt_hex);
  BH_TRY(const std::uint32_t memory_kib, number("memory-kib"));
  BH_TRY(const std::uint32_t passes, number("passes"));
  ByteArray<16> salt_bytes{};
  if (!salt || salt->size() != salt_bytes.size()) return damaged(path_);
  std::ranges::copy(*salt, salt_bytes.begin());
  BH_TRY(const crypto::Secret<32> wrapping,
         crypto::key_from_passphrase(passphrase, salt_bytes, {memory_kib, passes}));
  const auto opened = crypto::open_box(wrapping, as_bytes(bound_), box_);
  if (!opened) {
    return fail(ErrorCode::kNotAuthenticated,
                fmt::format("the passphrase does not open the root key in {}", path_));
  }
  return key_of(opened->view(), path_);
}

Result<crypto::SecretBytes> RootKeyFile::write(const crypto::AeadKey& key, Seal seal,
                                               ByteView passphrase, crypto::Random& random) {
  if (seal != Seal::kPassphrase)
    return secret_text(fmt::format("{}{} {}\n", kPlainPrefix, kVersion, to_hex(key.view())));
  const crypto::Argon2idCost cost;
  const auto salt = random.array<16>();
  BH_TRY(const crypto::Secret<32> wrapping, crypto::key_from_passphrase(passphrase, salt, cost));
  std::string text = fmt::format("{}{}\nseal {}\nid {}\nmemory-kib {}\npasses {}\nsalt {}\n",
                                 kSealedPrefix, kVersion, seal_name(seal), to_hex(root_key_id(key)),
                                 cost.memory_kib, cost.passes, to_hex(salt));
  const Bytes box = crypto::seal_box(wrapping, as_bytes(text), key.view(), random);
  return secret_text(text + fmt::format("box {}\n", to_hex(box)));
}

Bytes root_key_id(const crypto::AeadKey& key) {
  const auto mac = crypto::hmac_sha256(key.view(), as_bytes("bulkhead root key id v1"));
  return to_bytes(ByteView(mac).first(8));
}

std::string next_root_key_path(const std::string& path) {
  return path + ".next";
}

namespace {

// Copies in snapshots, journals and worn-out blocks stay: the documentation says so.
Status overwrite(const UniqueFd& file, const std::string& path) {
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return fail_errno("looking at the older root key");
  const Bytes zeros(static_cast<std::size_t>(std::min<off_t>(status.st_size, kLimitBytes)));
  BH_CHECK(write_all(file.get(), zeros, path));
  return sync_data(file.get(), path);
}

}  // namespace

Result<bool> finish_root_key_change(const std::string& path, ByteView current_id) {
  const std::string next_path = next_root_key_path(path);
  const auto next = RootKeyFile::read(next_path);
  if (!next && next.error().code == ErrorCode::kNotFound) return false;
  if (!next) return fail(next.error());
  const std::string folder = std::filesystem::absolute(path).parent_path().string();
  const bool taken = equal(next->key_id(), current_id);
  BH_TRY(const UniqueFd gone, open_file(taken ? path : next_path, O_WRONLY));
  if (taken ? ::rename(next_path.c_str(), path.c_str()) != 0 : ::unlink(next_path.c_str()) != 0)
    return fail_errno(fmt::format("changing {}", path));
  // Only what has lost its name on disk.
  BH_CHECK(sync_directory(folder));
  BH_CHECK(overwrite(gone, path));
  return taken;
}

Status create_root_key_file(const std::string& path, const crypto::SecretBytes& text) {
  const auto fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (!fd) return fail(fd.error().within("creating the root key"));
  BH_CHECK(write_all(fd->get(), text.view(), path));
  BH_CHECK(sync_data(fd->get(), path));
  return sync_directory(std::filesystem::absolute(path).parent_path().string());
}

Status replace_root_key_file(const std::string& path, const crypto::SecretBytes& text) {
  return replace_file(path, text.view());
}

}  // namespace bulkhead::keeper
