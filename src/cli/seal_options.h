// What seals the root key: the options for it that `init` and `rekey` share, and the passphrases
// and PINs that go with them. The keeper's program does the sealing.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "crypto/secret.h"

namespace CLI {
class App;
}

namespace bulkhead::cli {

struct SealOptions {
  std::vector<std::string> seals;  // to be made: "file", "passphrase", "tpm", "pkcs11"
  std::string tpm_device;
  std::string tpm_pcrs;
  bool tpm_pin = false;
  std::string pkcs11_module;
  std::string pkcs11_key;
  std::string pkcs11_environment;
  bool secrets_from_stdin = false;

  bool has(std::string_view seal) const;
};

// The names, for CLI::IsMember.
std::vector<std::string> seal_kinds();

void add_seal_settings(CLI::App& command, SealOptions& options);

// kInvalidArgument: a setting of a seal that is not asked for, or `file` beside another.
Status check_seals(const SealOptions& options);

// Of bulkhead-keeper and bulkhead-vault: --seal and --seal-setting.
std::vector<std::string> seal_arguments(const SealOptions& options);

// Asks, in the keeper's order, for the secrets of the new seals; none where they need none.
Status ask_new_secrets(const SealOptions& options, std::vector<crypto::SecretBytes>& secrets);
// For one that there is: "passphrase" or the kind whose PIN it is.
Result<crypto::SecretBytes> ask_secret(const std::string& seal);
// kInvalidArgument: standard input is no terminal and --passphrase-stdin was not given.
Status check_can_ask(const SealOptions& options);
Result<UniqueFd> secrets_descriptor(const std::vector<crypto::SecretBytes>& secrets);

}  // namespace bulkhead::cli
