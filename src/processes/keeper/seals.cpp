#include "processes/keeper/seals.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/fd.h"
#include "crypto/sealed_box.h"
#include "keeper/local_keeper.h"

namespace bulkhead::processes {
namespace {

using keeper::NewSeal;
using keeper::RootKeyFile;
using keeper::Seal;

constexpr std::size_t kMostSecretsBytes = 8 * 1024;

// "tpm-pcrs" is the seal tpm's `pcrs`.
keeper::SealFields wishes_of(Seal seal, const keeper::SealFields& settings) {
  const std::string prefix = fmt::format("{}-", keeper::seal_name(seal));
  keeper::SealFields wishes;
  for (const auto& [name, value] : settings) {
    if (name.starts_with(prefix)) wishes.emplace(name.substr(prefix.size()), value);
  }
  return wishes;
}

bool wants_secret(const NewSeal& wanted) {
  return wanted.seal == Seal::kPassphrase || wanted.seal == Seal::kPkcs11 ||
         wanted.wishes.contains("pin");
}

Result<std::vector<NewSeal>> new_seals(const KeeperOptions& options, SecretLines& lines) {
  std::vector<NewSeal> seals;
  for (const Seal seal : options.seals) {
    NewSeal wanted{.seal = seal, .wishes = wishes_of(seal, options.settings), .secret = {}};
    if (wants_secret(wanted)) {
      BH_TRY(wanted.secret, lines.next());
    }
    seals.push_back(std::move(wanted));
  }
  return seals;
}

std::vector<Seal> seals_of(const RootKeyFile& file) {
  std::vector<Seal> seals;
  for (const keeper::SealSlot& slot : file.slots())
    seals.push_back(slot.seal());
  if (seals.empty()) seals.push_back(file.seal());
  return seals;
}

Result<crypto::SecretBytes> read_secret_file(const std::string& path) {
  BH_TRY(Bytes bytes, read_file(path, kMostSecretsBytes));
  const std::string_view text = as_text(bytes);
  crypto::SecretBytes secret(as_bytes(text.substr(0, text.find_first_of("\r\n"))));
  crypto::wipe(bytes);
  return secret;
}

Result<std::optional<RootKeyFile>> read_next(const KeeperOptions& options) {
  if (options.credential) return std::nullopt;
  auto next = RootKeyFile::read(keeper::next_root_key_path(options.root_key_file));
  if (next) return std::optional(std::move(*next));
  if (next.error().code == ErrorCode::kNotFound) return std::nullopt;
  return fail(next.error());
}

// Leaves no key there where nobody but a person can.
Status open_alone(const KeeperOptions& options, const RootKeyFile& file,
                  const std::optional<RootKeyFile>& next, Seal seal, keeper::SealDevice& device,
                  LoadedRootKey& loaded) {
  crypto::SecretBytes secret;
  if (const auto* const slot = file.slot(seal); slot != nullptr && slot->needs_secret()) {
    const auto path = options.secret_files.find(seal);
    if (path == options.secret_files.end()) return {};
    BH_TRY(secret, read_secret_file(path->second));
  }
  std::optional<crypto::AeadKey> next_key;
  if (next) {
    BH_TRY(next_key, next->open(seal, secret.view(), device));
  }
  BH_TRY(loaded.key, file.open(seal, secret.view(), device));
  loaded.next_key = std::move(next_key);
  return {};
}

// Which seal a person opens the file with: the one named, or the passphrase, or the first.
Seal opening_seal(const KeeperOptions& options, const RootKeyFile& file) {
  if (options.open_with) return *options.open_with;
  return file.slot(Seal::kPassphrase) != nullptr ? Seal::kPassphrase : file.seal();
}

Result<crypto::AeadKey> open_with_lines(const KeeperOptions& options, const RootKeyFile& file,
                                        SecretLines& lines, keeper::SealDevice& device) {
  const Seal seal = opening_seal(options, file);
  const keeper::SealSlot* const slot = file.slot(seal);
  crypto::SecretBytes secret;
  if (slot != nullptr && slot->needs_secret()) {
    BH_TRY(secret, lines.next());
  }
  return file.open(seal, secret.view(), device);
}

}  // namespace

Result<SecretLines> SecretLines::read(int fd) {
  SecretLines all;
  if (fd < 0) return all;
  crypto::SecretBytes buffer(kMostSecretsBytes);
  BH_TRY(const std::size_t size, read_at(fd, buffer.mutable_view(), 0, "the passphrase"));
  std::string_view text = as_text(buffer.view().first(size));
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end != 0) all.lines_.emplace_back(as_bytes(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::ranges::reverse(all.lines_);
  return all;
}

Result<crypto::SecretBytes> SecretLines::next() {
  if (lines_.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "a passphrase or PIN is missing: give a line for each on --passphrase-fd");
  }
  crypto::SecretBytes line = std::move(lines_.back());
  lines_.pop_back();
  return line;
}

Result<LoadedRootKey> create_root_key(const KeeperOptions& options, keeper::SealDevice& device,
                                      crypto::Random& random) {
  BH_TRY(SecretLines lines, SecretLines::read(options.passphrase_fd));
  BH_TRY(const std::vector<NewSeal> seals, new_seals(options, lines));
  LoadedRootKey loaded;
  loaded.key = keeper::fresh_key(random);
  loaded.seals = options.seals;
  BH_TRY(const crypto::SecretBytes text, RootKeyFile::write(*loaded.key, seals, device, random));
  BH_CHECK(keeper::create_root_key_file(options.root_key_file, text));
  return loaded;
}

Result<LoadedRootKey> load_root_key(const KeeperOptions& options, keeper::SealDevice& device) {
  BH_TRY(RootKeyFile file, RootKeyFile::read(options.root_key_file, options.credential));
  BH_TRY(std::optional<RootKeyFile> next, read_next(options));
  LoadedRootKey loaded;
  loaded.seals = seals_of(file);
  if (file.slots().empty()) {
    BH_CHECK(open_alone(options, file, next, file.seal(), device, loaded));
    return loaded;
  }
  std::optional<Error> refusal;
  bool person_can = false;
  for (const keeper::SealSlot& slot : file.slots()) {
    person_can = person_can || slot.needs_secret();
    if (loaded.key) continue;
    const Status opened = open_alone(options, file, next, slot.seal(), device, loaded);
    if (opened) continue;
    refusal = opened.error();
    loaded.warnings += fmt::format("the seal {} did not open the root key: {}\n",
                                   keeper::seal_name(slot.seal()), refusal->message);
  }
  if (loaded.key) return loaded;
  if (!person_can) return fail(*refusal);
  loaded.sealed = std::move(file);
  loaded.sealed_next = std::move(next);
  return loaded;
}

Status change_seals(const KeeperOptions& options, keeper::SealDevice& device,
                    crypto::Random& random) {
  BH_TRY(const auto next, read_next(options));
  if (next) {
    return fail(ErrorCode::kConflict,
                "a change of the root key was interrupted: bulkhead rekey --root ends it");
  }
  BH_TRY(const RootKeyFile file, RootKeyFile::read(options.root_key_file));
  if (options.seals.empty() || (options.task != KeeperTask::kReseal && options.seals.size() != 1))
    return fail(ErrorCode::kInvalidArgument, "name one seal");
  if (options.task == KeeperTask::kRemoveSeal) {
    BH_TRY(const crypto::SecretBytes text, file.without_seal(options.seals.front()));
    return keeper::replace_root_key_file(options.root_key_file, text);
  }
  BH_TRY(SecretLines lines, SecretLines::read(options.passphrase_fd));
  BH_TRY(const crypto::AeadKey key, open_with_lines(options, file, lines, device));
  BH_TRY(const std::vector<NewSeal> seals, new_seals(options, lines));
  BH_TRY(const crypto::SecretBytes text, options.task == KeeperTask::kReseal
                                             ? RootKeyFile::write(key, seals, device, random)
                                             : file.with_seal(key, seals.front(), device, random));
  return keeper::replace_root_key_file(options.root_key_file, text);
}

Result<std::string> begin_root_key_change(const KeeperOptions& options, keeper::SealDevice& device,
                                          crypto::Random& random) {
  crypto::SealedBoxPublicKey box_key{};
  if (options.box_key.size() != box_key.size())
    return fail(ErrorCode::kInvalidArgument, "--box-key has the wrong size");
  std::ranges::copy(options.box_key, box_key.begin());
  BH_TRY(SecretLines lines, SecretLines::read(options.passphrase_fd));
  BH_TRY(const RootKeyFile file, RootKeyFile::read(options.root_key_file));
  std::vector<NewSeal> seals;
  for (const keeper::SealSlot& slot : file.slots()) {
    NewSeal wanted{.seal = slot.seal(), .wishes = slot.fields(), .secret = {}};
    if (slot.needs_secret()) {
      BH_TRY(wanted.secret, lines.next());
    }
    // A mistyped one must not become what the next root key needs.
    BH_CHECK(file.open(slot.seal(), wanted.secret.view(), device));
    seals.push_back(std::move(wanted));
  }
  if (seals.empty()) seals.push_back({.seal = file.seal(), .wishes = {}, .secret = {}});
  const crypto::AeadKey next = keeper::fresh_key(random);
  BH_TRY(const crypto::SecretBytes text, RootKeyFile::write(next, seals, device, random));
  BH_CHECK(keeper::create_root_key_file(keeper::next_root_key_path(options.root_key_file), text));
  return fmt::format("{}\n", to_hex(crypto::seal_to(box_key, next.view())));
}

Result<std::string> describe_seals(const KeeperOptions& options) {
  BH_TRY(const RootKeyFile file, RootKeyFile::read(options.root_key_file, options.credential));
  std::string lines;
  for (const keeper::SealSlot& slot : file.slots()) {
    lines +=
        fmt::format("{}{}\n", keeper::seal_name(slot.seal()), slot.needs_secret() ? " secret" : "");
  }
  if (lines.empty()) lines = fmt::format("{}\n", keeper::seal_name(file.seal()));
  return lines;
}

}  // namespace bulkhead::processes
