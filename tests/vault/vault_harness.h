// A whole vault over a real journal, catalogue and blob folder in a temporary directory; its
// channels end in memory.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "channel/codec.h"
#include "crypto/signature.h"
#include "journal/committer.h"
#include "local_keeper_source.h"
#include "proto/admin.pb.h"
#include "proto/journal.pb.h"
#include "sshwire/exchange_hash.h"
#include "sshwire/keys.h"
#include "sshwire/userauth.h"
#include "store/blob_writer.h"
#include "vault/administration/administration.h"
#include "vault/vault.h"

namespace bulkhead::vault {

struct Received {
  channel::Reply reply;
  std::vector<UniqueFd> descriptors;
  std::uint64_t durable_entries = 0;  // of the journal, at the moment of sending
};

class VaultHarness : public Outbox, public Processes {
 public:
  // With the keeper in this process, or where `keeper` says.
  VaultHarness() : VaultHarness(processes::local_keeper()) {}
  explicit VaultHarness(processes::KeeperSource keeper);
  ~VaultHarness() override;

  // A fresh vault process over the same folder: what a restart leaves.
  void restart();

  // --- an edge ---
  ChannelId connect(ProcessKind kind = ProcessKind::kSftpSession);
  // Connects and exchanges keys: the session identifier is the vault's first hash.
  ChannelId connect_and_exchange();
  // The request for that, to be changed where a test wants something else. Greets.
  channel::Request exchange_request(ChannelId channel);
  ChannelId log_in(const std::string& user, const crypto::Ed25519KeyPair& key);
  ChannelId start_analyst_channel(ProcessKind kind = ProcessKind::kAnalyst);
  // Nothing: no answer, because the channel was ended.
  std::optional<Received> ask(ChannelId channel, channel::Request request);
  // For what is answered at once, or as soon as the journal is durable: no waiting until all is
  // idle.
  std::optional<Received> ask_quickly(ChannelId channel, channel::Request request);
  // For requests whose answer comes later.
  void forget_answers(ChannelId channel) { received_[channel].clear(); }
  std::optional<Received> answer_to(ChannelId channel);
  channel::Request authenticate_request(const std::string& user, const crypto::Ed25519KeyPair& key,
                                        ByteView session_id) const;
  ByteView session_id(ChannelId channel) const { return session_ids_.at(channel); }
  bool ended(ChannelId channel) const { return ended_.contains(channel); }

  // --- files ---
  // Empty: it worked.
  std::string upload(ChannelId channel, const std::vector<std::string>& path, ByteView contents);
  Result<Bytes> download(ChannelId channel, const std::vector<std::string>& path);
  static channel::Path path(const std::vector<std::string>& components);

  // --- administration ---
  std::vector<admin::Reply> administer(admin::Request request);
  crypto::Ed25519KeyPair add_user(const std::string& name, const std::string& organisation = "");

  // With a key, a password, a second factor, and sequences of methods, each where it is not empty.
  crypto::Ed25519KeyPair add_user_with_factors(const std::string& name, const std::string& password,
                                               std::string_view totp_secret,
                                               const std::vector<std::string>& methods = {});
  static channel::Request keyboard_request(const std::string& user);
  static channel::Request response_request(const std::string& user,
                                           const std::vector<std::string>& responses);
  static channel::Request password_request(const std::string& user, const std::string& password);
  std::uint64_t totp_step() const;  // of now

  std::vector<journal::Entry> journal_entries();
  std::uint64_t count(journal::Entry::EventCase event);
  void pump();  // until nothing is under way

  Vault& vault() { return *vault_; }
  Catalogue& catalogue() { return *catalogue_; }
  journal::Journal& journal() { return *journal_; }
  KeyKeeper& keeper() { return *keeper_; }
  store::BlobDirectory& blobs() { return *blobs_; }
  ManualClock clock{1'790'000'000 * kMicrosPerSecond};
  Configuration configuration;
  std::uint64_t free_bytes = 1ULL << 40;
  std::vector<ChannelId> killed;
  std::vector<std::pair<std::string, Offence>> offences;
  int analysts_started = 0;
  int compactors_started = 0;
  std::optional<bool> accepting;
  std::string folder;

  // Outbox, Processes
  void send(ChannelId channel, channel::Reply reply, std::vector<UniqueFd> descriptors) override;
  void end(ChannelId channel) override { ended_[channel] = true; }
  void start_analyst() override { ++analysts_started; }
  void start_compactor() override { ++compactors_started; }
  void peer_offended(const std::string& peer_address, Offence offence) override {
    offences.emplace_back(peer_address, offence);
  }
  void kill(std::vector<ChannelId> channels, std::function<void(std::uint32_t)> done) override;
  void accept_clients(bool accept) override { accepting = accept; }

 private:
  void create();
  void open();
  void close();

  std::unique_ptr<journal::Journal> journal_;
  processes::KeeperSource open_keeper_;
  std::unique_ptr<KeyKeeper> keeper_;
  std::optional<DeploymentKeys> keys_;
  std::optional<Names> names_;
  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<store::BlobDirectory> blobs_;
  std::unique_ptr<journal::Committer> committer_;
  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<Administration> administration_;
  std::map<ChannelId, std::vector<Received>> received_;
  std::map<ChannelId, bool> ended_;
  std::map<ChannelId, Bytes> session_ids_;
  std::uint64_t next_channel_ = 1;
  std::uint64_t next_request_ = 1;
};

// Keys by asking the harness, as an edge would ask the vault.
class AskedKeys final : public store::ExtentKeySource {
 public:
  AskedKeys(VaultHarness& harness, ChannelId channel, std::uint64_t handle, bool writing)
      : harness_(harness), channel_(channel), handle_(handle), writing_(writing) {}
  Result<const crypto::AeadKey*> get(std::uint64_t extent) override;

 private:
  VaultHarness& harness_;
  ChannelId channel_;
  std::uint64_t handle_;
  bool writing_;
  crypto::AeadKey key_;
};

}  // namespace bulkhead::vault
