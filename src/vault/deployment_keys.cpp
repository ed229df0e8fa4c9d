#include "vault/deployment_keys.h"

#include <algorithm>

#include "proto/journal.pb.h"
#include "vault/identity/host_keys.h"

namespace bulkhead::vault {
namespace {

constexpr std::string_view kCheckpointKeyUse = "bulkhead checkpoint key v1";

std::string wrapped_seed(const crypto::AeadKey& system_key, std::string_view use,
                         const crypto::Ed25519KeyPair& pair, crypto::Random& random) {
  return to_string(crypto::seal_box(system_key, as_bytes(use), pair.seed.view(), random));
}

Result<crypto::Ed25519KeyPair> unwrap_pair(const crypto::AeadKey& system_key, std::string_view use,
                                           std::string_view wrapped) {
  BH_TRY(const crypto::SecretBytes seed,
         crypto::open_box(system_key, as_bytes(use), as_bytes(wrapped)));
  if (seed.size() != 32)
    return fail(ErrorCode::kCorrupt, "a wrapped signing key has the wrong size");
  crypto::Secret<32> bytes;
  std::ranges::copy(seed.view(), bytes.mutable_view().begin());
  return crypto::Ed25519KeyPair::from_seed(std::move(bytes));
}

}  // namespace

Result<DeploymentKeys> create_deployment_keys(KeyKeeper& keeper, crypto::Random& random,
                                              journal::DeploymentCreated* entry) {
  BH_TRY(const Bytes wrapped_system_key, keeper.create_system_key());
  BH_TRY(crypto::AeadKey system_key, keeper.unwrap_system_key(wrapped_system_key));
  DeploymentKeys keys{.deployment = random.array<16>(),
                      .system_key = std::move(system_key),
                      .checkpoint_key = crypto::Ed25519KeyPair::generate(random),
                      .origin = ""};
  keys.origin = "bulkhead/" + to_hex(keys.deployment);
  entry->set_deployment(to_string(ByteView(keys.deployment)));
  entry->set_origin(keys.origin);
  entry->set_checkpoint_public_key(to_string(ByteView(keys.checkpoint_key.public_key)));
  entry->set_wrapped_system_key(to_string(ByteView(wrapped_system_key)));
  entry->set_wrapped_host_key_ed25519(wrap_host_key(
      keys.system_key, crypto::SigningKey::generate(crypto::SigningKeyKind::kEd25519), random));
  entry->set_wrapped_checkpoint_key(
      wrapped_seed(keys.system_key, kCheckpointKeyUse, keys.checkpoint_key, random));
  return keys;
}

Result<DeploymentKeys> open_deployment_keys(KeyKeeper& keeper,
                                            const journal::DeploymentCreated& entry,
                                            ByteView wrapped) {
  BH_TRY(crypto::AeadKey system_key, keeper.unwrap_system_key(wrapped));
  BH_TRY(crypto::Ed25519KeyPair checkpoint_key,
         unwrap_pair(system_key, kCheckpointKeyUse, entry.wrapped_checkpoint_key()));
  DeploymentKeys keys{.deployment = {},
                      .system_key = std::move(system_key),
                      .checkpoint_key = std::move(checkpoint_key),
                      .origin = entry.origin()};
  if (entry.deployment().size() != keys.deployment.size()) {
    return fail(ErrorCode::kCorrupt, "the journal's first entry has no deployment number");
  }
  std::ranges::copy(as_bytes(entry.deployment()), keys.deployment.begin());
  return keys;
}

Result<Bytes> wrapped_system_key(ByteView bytes) {
  journal::Entry entry;
  if (entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    if (entry.has_deployment_created())
      return to_bytes(as_bytes(entry.deployment_created().wrapped_system_key()));
    if (entry.has_root_key_rotated())
      return to_bytes(as_bytes(entry.root_key_rotated().wrapped_system_key()));
  }
  return fail(ErrorCode::kCorrupt, "a journal entry that should hold the system key does not");
}

}  // namespace bulkhead::vault
