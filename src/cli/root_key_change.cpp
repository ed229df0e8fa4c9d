#include "cli/root_key_change.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/configuration.h"
#include "cli/administration_client.h"
#include "cli/change_seals.h"
#include "cli/programs.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

std::string next_of(const std::string& root_key_file) {
  return root_key_file + ".next";
}

Result<std::string> run_keeper(const std::string& keeper, std::vector<std::string> arguments,
                               const std::string& root_key_file, int passphrases,
                               std::string_view what) {
  arguments.insert(arguments.end(), {"--root-key-file", root_key_file});
  BH_TRY(ChildProcess child, ChildProcess::start(keeper, arguments, passphrases));
  if (!child.wait()) return child.failure(what);
  std::string said = child.said();
  if (said.ends_with('\n')) said.pop_back();
  return said;
}

// Two at once would each take the other's next key away.
Result<UniqueFd> lock(const std::string& root_key_file) {
  BH_TRY(UniqueFd file, open_file(root_key_file, O_RDONLY));
  struct stat held{};
  struct stat there{};
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 || ::fstat(file.get(), &held) != 0 ||
      ::stat(root_key_file.c_str(), &there) != 0 || held.st_ino != there.st_ino) {
    return fail(ErrorCode::kConflict,
                fmt::format("another command is changing {}: wait for it", root_key_file));
  }
  return file;
}

Result<admin::RootKey> describe(AdministrationClient& client) {
  admin::Request request;
  request.mutable_describe_root_key();
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  return reply.root_key();
}

// Whether the next root key is the one from now on, by what the vault says of itself.
Result<bool> finish(const std::string& keeper, const std::string& root_key_file,
                    AdministrationClient& client) {
  BH_TRY(const admin::RootKey now, describe(client));
  BH_TRY(const std::string said,
         run_keeper(keeper, {"--finish-change", "--key-id", to_hex(as_bytes(now.id()))},
                    root_key_file, -1, "the root key's files could not be changed"));
  return said == "changed";
}

// All seals are made anew, so each of them needs its passphrase or PIN, in the file's order.
Result<UniqueFd> secrets_of(const std::string& keeper, const std::string& root_key_file,
                            bool from_stdin) {
  BH_TRY(const std::vector<SealThere> there, seals_there(keeper, root_key_file));
  std::vector<crypto::SecretBytes> secrets;
  for (const SealThere& seal : there) {
    if (!seal.needs_secret) continue;
    BH_CHECK(check_can_ask({.secrets_from_stdin = from_stdin}));
    BH_TRY(crypto::SecretBytes secret, ask_secret(seal.kind));
    secrets.push_back(std::move(secret));
  }
  return secrets_descriptor(secrets);
}

Status begin_and_wrap(const RootKeyChange& wanted, const std::string& keeper,
                      const std::string& root_key_file, AdministrationClient& client,
                      admin::RotatedKeys& figures) {
  BH_TRY(const UniqueFd lines, secrets_of(keeper, root_key_file, wanted.passphrase_stdin));
  BH_TRY(const admin::RootKey before, describe(client));
  BH_TRY(const std::string box,
         run_keeper(keeper,
                    {"--begin-change", "--box-key", to_hex(as_bytes(before.box_key())),
                     "--passphrase-fd", "3"},
                    root_key_file, lines.get(), "the next root key could not be made"));
  const auto bytes = from_hex(box);
  if (!bytes) return fail(ErrorCode::kMalformed, "the keeper's program did not give a root key");
  admin::Request request;
  request.mutable_rotate_root_key()->set_root_key_box(to_string(ByteView(*bytes)));
  request.mutable_rotate_root_key()->set_destroy_organisation(wanted.destroy_organisation);
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  figures = reply.rotated_keys();
  return {};
}

}  // namespace

Result<RootKeyChanged> change_root_key(const RootKeyChange& wanted, admin::RotatedKeys& figures) {
  BH_TRY(const Configuration configuration, read_configuration(wanted.data + "/bulkhead.toml"));
  RootKeyChanged changed{.root_key_file = configuration.keys.root_key_file};
  const std::string& file = changed.root_key_file;
  if (file.starts_with("credential:")) {
    return fail(ErrorCode::kUnsupported,
                "the root key is systemd's credential, whose file Bulkhead cannot write: move it "
                "to a file of its own, set keys.root_key_file to that, restart, then try again");
  }
  BH_TRY(const UniqueFd held, lock(file));
  BH_TRY(const std::string keeper, find_program("bulkhead-keeper"));
  BH_TRY(auto client, AdministrationClient::connect(wanted.data));
  std::error_code error;
  if (std::filesystem::exists(next_of(file), error)) {
    BH_TRY(changed.finished_earlier, finish(keeper, file, client));
    if (changed.finished_earlier && wanted.destroy_organisation.empty()) return changed;
  }
  changed.finished_earlier = false;
  const Status wrapped = begin_and_wrap(wanted, keeper, file, client, figures);
  if (!std::filesystem::exists(next_of(file), error)) return fail(wrapped.error());
  // Also after a refusal: then the next one is thrown away.
  const auto taken = finish(keeper, file, client);
  if (!taken) {
    return fail(ErrorCode::kInternal,
                fmt::format("the change of the root key was interrupted ({}): leave {} and {} as "
                            "they are, and run the same command again",
                            wrapped ? taken.error().message : wrapped.error().message, file,
                            next_of(file)));
  }
  if (!wrapped) return fail(wrapped.error());
  return changed;
}

}  // namespace bulkhead::cli
