#include "cli/change_seals.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/configuration.h"
#include "cli/programs.h"

namespace bulkhead::cli {
namespace {

// As the keeper chooses.
Result<SealThere> opening_seal(const std::vector<SealThere>& there, const std::string& open_with) {
  const std::string wanted = open_with.empty() ? "passphrase" : open_with;
  const auto found = std::ranges::find(there, wanted, &SealThere::kind);
  if (found != there.end()) return *found;
  if (open_with.empty() && !there.empty()) return there.front();
  return fail(ErrorCode::kNotFound, fmt::format("the root key has no seal {}", wanted));
}

}  // namespace

Result<std::vector<SealThere>> seals_there(const std::string& keeper,
                                           const std::string& root_key_file) {
  BH_TRY(ChildProcess child,
         ChildProcess::start(keeper, {"--print-seals", "--root-key-file", root_key_file}));
  if (!child.wait()) return child.failure("the root key could not be looked at");
  const std::string said = child.said();
  std::vector<SealThere> there;
  for (std::string_view rest = said; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size() - 1);
    const std::string_view line = rest.substr(0, end);
    there.push_back({std::string(line.substr(0, line.find(' '))), line.ends_with(" secret")});
    rest.remove_prefix(end + 1);
  }
  return there;
}

Result<std::string> change_seals(const SealChange& change) {
  const bool removes = change.task == "--remove-seal";
  if (!removes) BH_CHECK(check_seals(change.wanted));
  BH_TRY(const Configuration configuration, read_configuration(change.data + "/bulkhead.toml"));
  const std::string& root_key_file = configuration.keys.root_key_file;
  if (root_key_file.starts_with("credential:")) {
    return fail(ErrorCode::kUnsupported,
                "the root key is systemd's credential: seal it anew with systemd-creds encrypt");
  }
  BH_TRY(const std::string keeper, find_program("bulkhead-keeper"));
  std::vector<std::string> arguments = {change.task, "--root-key-file", root_key_file};
  const std::vector<std::string> more = seal_arguments(change.wanted);
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::vector<crypto::SecretBytes> secrets;
  if (!removes) {
    BH_TRY(const std::vector<SealThere> there, seals_there(keeper, root_key_file));
    BH_TRY(const SealThere opening, opening_seal(there, change.open_with));
    arguments.insert(arguments.end(), {"--open-with", opening.kind, "--passphrase-fd", "3"});
    if (opening.needs_secret) {
      BH_CHECK(check_can_ask(change.wanted));
      BH_TRY(crypto::SecretBytes secret, ask_secret(opening.kind));
      secrets.push_back(std::move(secret));
    }
    BH_CHECK(ask_new_secrets(change.wanted, secrets));
  }
  BH_TRY(const UniqueFd lines, secrets_descriptor(secrets));
  BH_TRY(ChildProcess child, ChildProcess::start(keeper, arguments, lines.get()));
  if (!child.wait()) return child.failure("the root key could not be sealed anew");
  return root_key_file;
}

}  // namespace bulkhead::cli
