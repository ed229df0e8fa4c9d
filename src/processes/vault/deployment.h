// A deployment's folder: what is in it, how it is made, how it is opened.
//
//     bulkhead.toml      configuration
//     format             "bulkhead deployment 1"
//     journal/           the truth (docs/formats/journal.md)
//     blobs/             ciphertext (docs/formats/blob.md)
//     restored           while what restore made was not started yet
//     catalogue.sqlite   a projection of the journal, rebuilt when it is missing or its seal does
//     not fit admin.sock         while a vault runs
//
// The root key is not in it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/configuration.h"
#include "crypto/signing_key.h"
#include "journal/committer.h"
#include "journal/journal.h"
#include "processes/vault/catalogue_seal.h"
#include "store/blob_directory.h"
#include "vault/catalogue/catalogue.h"
#include "vault/deployment_keys.h"
#include "vault/key_keeper.h"
#include "vault/names.h"
#include "vault/vault.h"

namespace bulkhead::processes {

struct DeploymentPaths {
  std::string folder;
  std::string configuration() const { return folder + "/bulkhead.toml"; }
  std::string format() const { return folder + "/format"; }
  std::string journal() const { return folder + "/journal"; }
  std::string restored() const { return folder + "/restored"; }
  std::string system_key_hint() const { return folder + "/system-key-entry"; }
  std::string blobs() const { return folder + "/blobs"; }
  std::string catalogue() const { return folder + "/catalogue.sqlite"; }
  std::string administration_socket() const { return folder + "/admin.sock"; }
};

// Brings the keeper: a process of its own but in tests. Given the path of the root key.
using KeeperSource =
    std::function<Result<std::unique_ptr<vault::KeyKeeper>>(const std::string& root_key_file)>;

struct CreateOptions {
  std::string folder;
  std::string root_key_file;
  std::string organisation;
  std::vector<std::string> incident_recipients;
  std::vector<crypto::SigningKeyKind> more_host_keys;  // besides the one of Ed25519
};
// `keeper` makes the root key as well.
Status create_deployment(const CreateOptions& options, const KeeperSource& keeper);

// Everything that a Vault works with, opened in order and closed in reverse. Opening takes the
// journal's lock.
class Deployment {
 public:
  static Result<std::unique_ptr<Deployment>> open(const std::string& folder,
                                                  const KeeperSource& keeper);
  ~Deployment();
  // Everything is on disk and nothing uses the parts any more. Without it the next start rebuilds
  // the catalogue.
  Status close();

  // Valid as long as this.
  vault::Vault::Parts parts(vault::WorkerPool& workers, vault::Outbox& outbox,
                            vault::Processes& processes);
  const DeploymentPaths& paths() const { return paths_; }
  const Configuration& configuration() const { return configuration_; }
  journal::Committer& committer() { return *committer_; }
  const vault::KeyKeeper& keeper() const { return *keeper_; }
  std::uint64_t torn_bytes() const { return journal_->recovery().torn_bytes; }
  // Made by `bulkhead restore` and not started since: how many entries its backup's checkpoint
  // covers.
  std::optional<std::uint64_t> restored_entries() const { return restored_entries_; }
  // The journal says so now, durably.
  Status forget_restored();
  // Blobs that no entry names: left by a vault that was killed between making and journalling.
  Status remove_orphans();

 private:
  Status read_format() const;
  Status read_restored();
  Status check_witnesses() const;
  Status open_keys(const KeeperSource& keeper);
  Status open_catalogue();
  Status refuse_shorter_journal(std::uint64_t seen) const;
  Status replay();

  DeploymentPaths paths_;
  Configuration configuration_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<vault::KeyKeeper> keeper_;
  std::optional<vault::DeploymentKeys> keys_;
  std::optional<vault::Names> names_;
  std::optional<CatalogueSeal> seal_;
  std::optional<std::uint64_t> restored_entries_;
  std::unique_ptr<vault::Catalogue> catalogue_;
  std::unique_ptr<store::BlobDirectory> blobs_;
  std::unique_ptr<journal::Committer> committer_;
};

}  // namespace bulkhead::processes
