// What is done with the seals of a root key's file: making it, opening it without a person, and
// changing them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crypto/random.h"
#include "keeper/root_key_file.h"
#include "processes/keeper/options.h"

namespace bulkhead::processes {

// The lines of the passphrases' descriptor, each a passphrase or a PIN: first the one that opens
// what there is, where it needs one, then those of new seals, in their order. Each is taken once.
class SecretLines {
 public:
  static Result<SecretLines> read(int fd);  // -1: there are none
  // kInvalidArgument: no further line, or an empty one.
  Result<crypto::SecretBytes> next();

 private:
  std::vector<crypto::SecretBytes> lines_;  // the next one last
};

// A root key, or one that waits for a person.
struct LoadedRootKey {
  std::optional<crypto::AeadKey> key;
  std::optional<keeper::RootKeyFile> sealed;
  // Beside it, where a change was interrupted: which of the two it is the journal knows.
  std::optional<crypto::AeadKey> next_key;
  std::optional<keeper::RootKeyFile> sealed_next;
  std::vector<keeper::Seal> seals;
  std::string warnings;  // lines: seals that did not open
};

// Makes the file. kAlreadyExists.
Result<LoadedRootKey> create_root_key(const KeeperOptions& options, keeper::SealDevice& device,
                                      crypto::Random& random);
// By the seals that need nobody, or whose secret systemd has. One that waits has a seal that a
// person can open; where there is none the error is that of the last seal that refused.
Result<LoadedRootKey> load_root_key(const KeeperOptions& options, keeper::SealDevice& device);

// --reseal, --add-seal, --remove-seal: the same root key under other seals. Whoever runs with it
// goes on.
Status change_seals(const KeeperOptions& options, keeper::SealDevice& device,
                    crypto::Random& random);
// --begin-change: the next root key, under the seals of the present one and beside it. Whoever
// opens that opens this. What comes back is for standard output: the key, boxed for the keeper that
// serves.
Result<std::string> begin_root_key_change(const KeeperOptions& options, keeper::SealDevice& device,
                                          crypto::Random& random);
// "passphrase secret", "tpm": a line for each, in the order of the file.
Result<std::string> describe_seals(const KeeperOptions& options);

}  // namespace bulkhead::processes
