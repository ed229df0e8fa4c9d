#include "keeper/root_key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "base/fd.h"

namespace bulkhead::keeper {
namespace {

constexpr std::string_view kPlainPrefix = "bulkhead-root-key-";
constexpr std::string_view kSealedPrefix = "bulkhead-sealed-root-key-";
constexpr std::string_view kVersion = "1";
constexpr std::string_view kSlotsVersion = "2";  // several slots, or kinds that 1 does not have
constexpr std::size_t kLimitBytes = 32 * 1024;

Result<crypto::AeadKey> plain_key(std::string_view hex, const std::string& path) {
  auto bytes = from_hex(hex);
  if (!bytes) return damaged_root_key(path);
  auto key = root_key_of(*bytes, path);
  crypto::wipe(*bytes);
  return key;
}

std::unexpected<Error> newer(const std::string& path) {
  return fail(ErrorCode::kNewerFormat,
              fmt::format("the root key in {} was written by a newer release: run that one", path));
}

crypto::SecretBytes secret_text(std::string text) {
  crypto::SecretBytes secret(as_bytes(text));
  crypto::wipe({reinterpret_cast<Byte*>(text.data()), text.size()});
  return secret;
}

crypto::SecretBytes plain_text(const crypto::AeadKey& key) {
  return secret_text(fmt::format("{}{} {}\n", kPlainPrefix, kVersion, to_hex(key.view())));
}

crypto::SecretBytes sealed_text(const std::vector<SealSlot>& slots) {
  const bool old = slots.size() == 1 && slots.front().seal() == Seal::kPassphrase;
  std::string text = fmt::format("{}{}\n", kSealedPrefix, old ? kVersion : kSlotsVersion);
  for (const SealSlot& slot : slots)
    text += slot.text();
  return secret_text(std::move(text));
}

// Where no seal needs one.
class NoDevice final : public SealDevice {
 public:
  Result<Made> make(Seal seal, const SealFields&, ByteView) override { return none(seal); }
  Result<crypto::Secret<32>> open(Seal seal, const SealFields&, ByteView) override {
    return none(seal);
  }

 private:
  static std::unexpected<Error> none(Seal seal) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("no device opens the seal {} here", seal_name(seal)));
  }
};

}  // namespace

Result<RootKeyFile> RootKeyFile::parse(std::string_view text, const std::string& path) {
  RootKeyFile file;
  file.path_ = path;
  if (text.starts_with(kPlainPrefix)) {
    text.remove_prefix(kPlainPrefix.size());
    if (text.ends_with('\n')) text.remove_suffix(1);
    const std::size_t space = std::min(text.find(' '), text.size());
    if (text.substr(0, space) != kVersion) return newer(path);
    BH_TRY(file.plain_, plain_key(text.substr(std::min(space + 1, text.size())), path));
    file.key_id_ = root_key_id(file.plain_);
    return file;
  }
  if (!text.starts_with(kSealedPrefix))
    return fail(ErrorCode::kMalformed, fmt::format("{} is not a root key", path));
  text.remove_prefix(kSealedPrefix.size());
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return damaged_root_key(path);
  const std::string_view version = text.substr(0, end);
  if (version != kVersion && version != kSlotsVersion) return newer(path);
  text.remove_prefix(end + 1);
  do {
    BH_TRY(SealSlot slot, SealSlot::take(text, path));
    if (file.slot(slot.seal()) != nullptr) return damaged_root_key(path);
    const Bytes& id = slot.key_id();
    if (file.key_id_.empty()) file.key_id_ = id;
    if (!id.empty() && !equal(id, file.key_id_)) return damaged_root_key(path);
    file.slots_.push_back(std::move(slot));
  } while (!text.empty());
  if (version == kVersion && file.slots_.size() > 1) return damaged_root_key(path);
  return file;
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
  if (credential) file.plain_seal_ = Seal::kCredential;
  return file;
}

const SealSlot* RootKeyFile::slot(Seal seal) const {
  const auto found = std::ranges::find(slots_, seal, &SealSlot::seal);
  return found == slots_.end() ? nullptr : &*found;
}

Result<crypto::AeadKey> RootKeyFile::open(Seal seal, ByteView secret, SealDevice& device) const {
  if (slots_.empty()) return plain_.clone();
  const SealSlot* const found = slot(seal);
  if (found == nullptr) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the root key in {} has no seal {}", path_, seal_name(seal)));
  }
  return found->open(secret, device, path_);
}

Result<crypto::AeadKey> RootKeyFile::open(ByteView passphrase) const {
  NoDevice none;
  return open(Seal::kPassphrase, passphrase, none);
}

Result<crypto::SecretBytes> RootKeyFile::write(const crypto::AeadKey& key,
                                               std::span<const NewSeal> seals, SealDevice& device,
                                               crypto::Random& random) {
  if (seals.size() == 1 && seals.front().seal == Seal::kFile) return plain_text(key);
  std::vector<SealSlot> slots;
  for (const NewSeal& wanted : seals) {
    if (wanted.seal == Seal::kFile || wanted.seal == Seal::kCredential) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is no seal beside others", seal_name(wanted.seal)));
    }
    if (std::ranges::find(slots, wanted.seal, &SealSlot::seal) != slots.end()) {
      return fail(ErrorCode::kAlreadyExists,
                  fmt::format("the seal {} is asked for twice", seal_name(wanted.seal)));
    }
    BH_TRY(SealSlot slot, SealSlot::make(key, wanted, device, random));
    slots.push_back(std::move(slot));
  }
  if (slots.empty()) return fail(ErrorCode::kInvalidArgument, "a root key needs a seal");
  return sealed_text(slots);
}

Result<crypto::SecretBytes> RootKeyFile::write(const crypto::AeadKey& key, Seal seal,
                                               ByteView passphrase, crypto::Random& random) {
  NoDevice none;
  NewSeal wanted{.seal = seal, .wishes = {}, .secret = crypto::SecretBytes(passphrase)};
  return write(key, std::span(&wanted, 1), none, random);
}

Result<crypto::SecretBytes> RootKeyFile::with_seal(const crypto::AeadKey& key,
                                                   const NewSeal& wanted, SealDevice& device,
                                                   crypto::Random& random) const {
  if (slots_.empty() || wanted.seal == Seal::kFile) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the root key in {} is a plain file, beside which a seal is worth "
                            "nothing: bulkhead rekey --seal KIND puts a seal in its place",
                            path_));
  }
  BH_TRY(SealSlot slot, SealSlot::make(key, wanted, device, random));
  std::vector<SealSlot> slots = slots_;
  const auto found = std::ranges::find(slots, wanted.seal, &SealSlot::seal);
  if (found == slots.end())
    slots.push_back(std::move(slot));
  else
    *found = std::move(slot);
  return sealed_text(slots);
}

Result<crypto::SecretBytes> RootKeyFile::without_seal(Seal seal) const {
  std::vector<SealSlot> slots = slots_;
  if (std::erase_if(slots, [&](const SealSlot& slot) { return slot.seal() == seal; }) == 0) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the root key in {} has no seal {}", path_, seal_name(seal)));
  }
  if (slots.empty()) {
    return fail(ErrorCode::kRefused,
                fmt::format("{} is the only seal of the root key: add another one first, or "
                            "nothing would open it",
                            seal_name(seal)));
  }
  return sealed_text(slots);
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
