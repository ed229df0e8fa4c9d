// The deployment's own secrets that the vault works with: opened once at start, never leaving the
// process.
#pragma once

#include <string>

#include "base/error.h"
#include "crypto/signature.h"
#include "vault/key_keeper.h"

namespace bulkhead::journal {
class DeploymentCreated;
}

namespace bulkhead::vault {

struct DeploymentKeys {
  ByteArray<16> deployment{};
  crypto::AeadKey system_key;             // names and look-ups derive from it
  crypto::Ed25519KeyPair checkpoint_key;  // signs the journal's checkpoints
  std::string origin;                     // their first line
};

// A new deployment's keys, wrapped into the journal's first entry.
Result<DeploymentKeys> create_deployment_keys(KeyKeeper& keeper, crypto::Random& random,
                                              journal::DeploymentCreated* entry);
// `wrapped`: the system key as it is wrapped now.
Result<DeploymentKeys> open_deployment_keys(KeyKeeper& keeper,
                                            const journal::DeploymentCreated& entry,
                                            ByteView wrapped);
// Of an entry's bytes: the deployment's creation, or a change of its root key. kCorrupt for others.
Result<Bytes> wrapped_system_key(ByteView entry);

}  // namespace bulkhead::vault
