// The vault: knows users, rights and names; decides; writes the journal. It has no network, touches
// no contents and parses nothing but its own messages.
//
// One thread. Channels are numbered by the supervisor; requests come in through request(), answers
// leave through the Outbox, kept back until the journal entries that they depend on are durable.
// Whatever a channel says is hostile.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/configuration.h"
#include "crypto/random.h"
#include "journal/committer.h"
#include "journal/journal.h"
#include "sshwire/certificates.h"
#include "store/blob_directory.h"
#include "store/version.h"
#include "vault/answer.h"
#include "vault/catalogue/catalogue.h"
#include "vault/deployment_keys.h"
#include "vault/identity/code_guesses.h"
#include "vault/identity/host_keys.h"
#include "vault/identity/login_proof.h"
#include "vault/identity/login_rates.h"
#include "vault/identity/tls_identity.h"
#include "vault/identity/worker_pool.h"
#include "vault/key_keeper.h"
#include "vault/names.h"
#include "vault/release/guard.h"
#include "vault/session.h"

namespace bulkhead::journal {
class Entry;
}

namespace bulkhead::vault {

// Where answers go. Implemented by the vault's process over sockets, by tests in memory.
class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual void send(ChannelId channel, channel::Reply reply, std::vector<UniqueFd> descriptors) = 0;
  // The channel is over: nothing more is read from it or sent to it.
  virtual void end(ChannelId channel) = 0;
};

// What the vault asks of the supervisor.
class Processes {
 public:
  // How a connection ended that never was logged in.
  enum class Offence { kNoLogin, kFailedLogin, kCrash };

  virtual ~Processes() = default;
  // The supervisor decides what follows for the address: it is where connections come in.
  virtual void peer_offended(const std::string& peer_address, Offence offence) = 0;
  virtual void start_analyst() = 0;
  virtual void start_compactor() = 0;
  // SIGKILL and disconnect; `done` is called with the number of processes once they are gone.
  virtual void kill(std::vector<ChannelId> channels, std::function<void(std::uint32_t)> done) = 0;
  virtual void accept_clients(bool accept) = 0;
};

struct DiskSpace {
  std::uint64_t total_bytes = 0;
  std::uint64_t free_bytes = 0;
};

class Vault {
 public:
  struct Parts {
    const Configuration& configuration;
    Clock& clock;
    crypto::Random& random;
    KeyKeeper& keeper;
    journal::Journal& journal;
    journal::Committer& committer;
    Catalogue& catalogue;
    store::BlobDirectory& blobs;
    const Names& names;
    const DeploymentKeys& keys;
    WorkerPool& workers;
    Outbox& outbox;
    Processes& processes;
    std::function<Result<DiskSpace>()> disk_space;
  };

  explicit Vault(const Parts& parts);

  // Loads the organisations' keys (unless contained), reads the containment, journals the start.
  // `restored_entries`: this deployment was just made of a backup whose checkpoint covers so many;
  // it then starts contained, whatever its journal says.
  Status start(std::uint64_t torn_bytes_dropped,
               std::optional<std::uint64_t> restored_entries = std::nullopt);

  // From the supervisor.
  void channel_opened(ChannelId channel, ProcessKind kind);
  void channel_assigned(ChannelId channel, std::string peer_address, std::string listener);
  void channel_ended(ChannelId channel, std::string_view how);
  // The supervisor accepts nobody from there for a while.
  void address_refused(std::string_view network, std::uint64_t for_ms);

  // One datagram from a channel. Not called again for that channel before its answer was sent.
  void request(ChannelId channel, ByteView datagram);
  // The channel broke the transport's rules (a descriptor arrived, a datagram was too large).
  void channel_misbehaved(ChannelId channel, std::string_view how);

  // Call when the committer's or the workers' descriptor is readable.
  void durable();
  // Every second or so: old parts, analyses, checkpoints.
  void tick();
  Status stop();

  // A fault that the vault cannot go on after (the journal cannot be written): the process must end
  // with this.
  const std::optional<Error>& fault() const { return fault_; }

  // --- for the administration socket (vault/administration) ---
  struct KillFigures {
    std::uint32_t channels_ended = 0;
    std::vector<std::string> credentials;  // names of users who were logged in there
    std::vector<std::string> passwords;    // of whom a password was seen there: they work no longer
  };
  const Parts& parts() { return parts_; }
  const Catalogue::Containment& containment() const { return containment_; }
  ReleaseGuard& guard() { return guard_; }
  std::uint64_t live_sessions() const;
  Status refuse_upload_when_full() const;
  std::uint64_t reserve_on(const DiskSpace& space) const;  // what uploads leave free
  // Journals, applies, and returns how many entries the journal then has: wait for so many to be
  // durable.
  std::uint64_t record(ChannelId channel, journal::Entry entry, ByteView payload = {});
  // Calls back once that many entries are durable. kSoon: nobody waits for it.
  void when_durable(std::uint64_t entries, std::function<void()> then,
                    journal::Urgency urgency = journal::Urgency::kDurable);
  // Refuses durably, makes the keeper forget, kills, disconnects: in this order.
  void contain(journal::Entry entry, std::function<void(KillFigures)> done);
  Status lift(journal::Entry entry);
  // So long no blob is removed or used again (backup); 0 ends it.
  void hold_contents(std::int64_t for_ms);
  const HostKeys& host_keys() const { return host_keys_; }
  Status load_host_keys();  // anew, after a change
  const TlsIdentity& tls() const { return tls_; }
  Status load_tls_identity();
  void rights_changed() { ++grants_generation_; }
  // Ends the channels of a user who was disabled or removed.
  void end_user(UserId user);
  // Ends the channels of those who are in with a certificate or key that was revoked, or with a
  // certificate of an authority that is gone.
  Status end_revoked();
  // key_rotation.cpp. How many keys of organisations were taken along; those of `destroyed` (none:
  // {}) are not. What its files were read with must be killed then.
  Result<std::uint32_t> rotate_root_key(ByteView box, OrganisationId destroyed);
  // File keys follow in the background.
  Status rotate_organisation_key(const OrganisationRow& organisation);
  // Its users', and those that hold or were granted a key of its files.
  std::vector<ChannelId> channels_with_keys_of(OrganisationId organisation);
  void kill_and_forget(std::vector<ChannelId> channels, std::function<void()> done);
  Result<OrganisationRow> add_organisation(std::string_view name,
                                           const std::vector<std::string>& recipients);
  Result<NodeId> make_folder(NodeId parent, std::string_view name, OrganisationId organisation,
                             UserId creator, ChannelId channel, std::uint32_t permissions);
  // "/home/acme/in"; what was removed is shown as far as it is known.
  Result<std::string> path_of(NodeId node);
  Result<std::string> path_of(const VersionRow& version);

 private:
  friend struct DispatchTable;

  // identity/
  Outcome on_ssh_greet(Session& session, const channel::Request& request);
  Outcome on_ssh_rekey(Session& session, const channel::Request& request);
  Outcome on_ssh_exchange(Session& session, const channel::Request& request);
  Outcome on_ssh_prove_host_keys(Session& session, const channel::Request& request);
  Outcome on_ssh_authenticate(Session& session, const channel::Request& request);
  Outcome on_tls_greet(Session& session, const channel::Request& request);
  Outcome on_tls_sign(Session& session, const channel::Request& request);
  Outcome on_log_in(Session& session, const channel::Request& request);
  Result<Answer> authenticate_public_key(Session& session, const channel::SshAuthenticate& request);
  Result<Answer> authenticate_certificate(Session& session,
                                          const channel::SshAuthenticate& request);
  Result<Answer> sign_in_with(Session& session, std::optional<UserRow> user,
                              const channel::SshAuthenticate& wanted, const OfferedKey& key,
                              std::string_view reason);
  Result<std::string_view> judge_certificate(const Session& session, const UserRow& user,
                                             std::string_view user_name,
                                             const sshwire::Certificate& certificate,
                                             OfferedKey& key);
  Result<std::uint64_t> authority_of(const UserRow& user, ByteView key_blob);
  Result<Answer> start_keyboard_interactive(Session& session,
                                            const channel::SshAuthenticate& request);
  Outcome finish_keyboard_interactive(Session& session, const channel::Request& request);
  Outcome check_secrets(Session& session, std::uint64_t request_id, LoginSecrets secrets);
  Result<Answer> secrets_checked(Session& session, const LoginSecrets& secrets,
                                 std::string_view wrong);
  Result<std::uint64_t> check_code(const UserRow& user, const LoginSecrets& secrets,
                                   std::string_view* reason);
  Result<std::string_view> judge_security_key(const UserRow& user, const LoginProof& proof,
                                              bool verify_required);
  Status may_log_in_now(const UserRow& user);
  void end_slow_logins();
  std::string passed_with(const Session& session, const UserRow& user, std::string_view method);
  Result<Answer> login_failed(Session& session, std::string_view user_name, std::string_view method,
                              std::string_view reason);
  Result<Answer> method_passed(Session& session, UserRow user, std::string_view user_name,
                               const LoginProof& proof);
  Result<Answer> login_succeeded(Session& session, UserRow user, std::string_view user_name,
                                 const LoginProof& proof);
  std::optional<UserRow> user_who_may_log_in(const Session& session, std::string_view user_name,
                                             std::string_view* reason);
  Bytes fresh_kexinit(const Session& session, bool first);
  // Of HTTPS: TLS 1.3 as it is spoken here is as strong, and its key exchange not post-quantum.
  static constexpr SshProfile kProfileOfTls = SshProfile::kModern;
  SshProfile profile_offered(const Session& session) const;
  SshProfile profile_allowed(const Session& session, const std::string& user_name) const;
  // kRefused names what is too weak for this channel.
  Result<SshProfile> profile_needed(const Session& session,
                                    const channel::SshExchange& exchange) const;
  void note_profile(Session& session, SshProfile needed, const channel::SshExchange& exchange);

  void note_weak_signature(Session& session, std::string_view algorithm);

  // rights/
  struct Place {
    std::optional<NodeRow> node;  // what is there, where something is
    NodeRow parent;               // of the last component; for the root itself, the root
    std::string name;             // the last component
    NameHash name_hash{};
    Rights rights;  // on what is there, or on the parent where nothing is
    bool visible = false;
    Durability durability = Durability::kPowerLoss;  // of the folder that it is in
  };
  Result<Place> find(Session& session, const channel::Path& path);
  Result<Place> find_existing(Session& session, const channel::Path& path);
  Status refresh_grants(Session& session);
  bool may_see(const Session& session, NodeId node, Rights inherited) const;

  // files/
  Outcome on_stat(Session& session, const channel::Request& request);
  Outcome on_set_attributes(Session& session, const channel::Request& request);
  Outcome on_open_file(Session& session, const channel::Request& request);
  Outcome on_commit_upload(Session& session, const channel::Request& request);
  Outcome on_park_upload(Session& session, const channel::Request& request);
  Outcome on_close_handle(Session& session, const channel::Request& request);
  Outcome on_open_directory(Session& session, const channel::Request& request);
  Outcome on_read_directory(Session& session, const channel::Request& request);
  Outcome on_make_directory(Session& session, const channel::Request& request);
  Outcome on_remove_directory(Session& session, const channel::Request& request);
  Outcome on_remove_file(Session& session, const channel::Request& request);
  Outcome on_rename(Session& session, const channel::Request& request);
  Outcome on_capacity(Session& session, const channel::Request& request);
  Result<std::uint64_t> journal_listing(Session& session, DirectoryHandle& handle);
  Status add_children(Session& session, DirectoryHandle& handle,
                      channel::DirectoryEntries& entries);
  Status add_child(Session& session, const NodeRow& row, channel::DirectoryEntries& entries);
  Status add_way_through(Session& session, DirectoryHandle& handle,
                         channel::DirectoryEntries& entries);
  Result<std::vector<NodeRow>> way_through(Session& session, NodeId folder);
  Status add_uploads(Session& session, DirectoryHandle& handle, channel::DirectoryEntries& entries);
  // What this channel is writing there; nullptr: nothing.
  FileHandle* own_upload(Session& session, const Place& place);
  Outcome rename_upload(Session& session, FileHandle& upload, const Place& to, bool replace);
  std::uint64_t record_renamed(Session& session, FileHandle& upload, const Place& to);
  bool replace_own_upload(Session& session, const Place& place);
  Status may_rename(Session& session, const Place& from, const Place& to, bool replace);
  bool contents_are_held() const;
  std::uint64_t disable_passwords(const std::vector<ChannelId>& seen_by, KillFigures& figures);
  void record_restored(std::uint64_t entries);
  void remove_blob_after(std::uint64_t entries, Bytes blob);
  void recycle_blob_after(std::uint64_t entries, Bytes blob);
  void make_blobs_ahead();
  void look_for_garbage();
  void remove_some_garbage();
  Result<channel::Attributes> attributes_of(Session& session, const NodeRow& node);
  Result<Answer> stat_upload(const UploadRow& upload);
  Result<Answer> open_for_reading(Session& session, const Place& place);
  Result<Answer> open_for_writing(Session& session, const Place& place,
                                  const channel::OpenFile& wanted);
  Result<Answer> resume_upload(Session& session, const Place& place,
                               const channel::OpenFile& wanted, const UploadRow& upload);
  Status add_base(FileHandle& handle, VersionId version, bool with_key, Answer& answer);
  Status limit_upload(channel::OpenedFile& opened) const;
  Status start_upload(Session& session, const Place& place, FileHandle& handle, Answer& answer);
  std::optional<UploadRow> parked_upload(const Session& session, NodeId parent,
                                         const NameHash& name);
  Outcome commit_after_sync(Session& session, FileHandle& handle, const channel::Request& request,
                            const store::VersionDescription& description);
  Result<Answer> commit_record(Session& session, FileHandle& handle,
                               const channel::CommitUpload& wanted,
                               const store::VersionDescription& description);
  void release_handle(Session& session, Handle& handle);
  void give_up(Session& session, FileHandle& handle);

  // release/
  Outcome on_grant_extents(Session& session, const channel::Request& request);
  Result<Answer> grant_reading(Session& session, FileHandle& handle,
                               const channel::GrantExtents& wanted);
  Result<Answer> grant_writing(Session& session, FileHandle& handle,
                               const channel::GrantExtents& wanted);
  Result<std::uint64_t> journal_release(Session& session, FileHandle& handle, std::uint32_t first,
                                        std::uint32_t count, std::uint32_t purpose);
  // Asks the guard, and journals and does what it says. An error is what the client is told.
  Status charge(Session& session, const ReleaseGuard::Wanted& wanted);
  void breaker_tripped(const journal::Entry& entry, std::uint64_t entries);
  Status refuse_release_when_contained(const Session& session) const;
  Status refuse_upload_when_contained(const Session& session) const;
  Status refuse_login_when_contained(const UserRow& user, const std::string& listener) const;
  static bool in_scope(const Session& session, const Principal& scope);
  void forget_keys(ChannelId channel);

  // analysis
  Outcome on_take_analysis(Session& session, const channel::Request& request);
  Outcome on_report_analysis(Session& session, const channel::Request& request);
  Result<Answer> hand_to_analyst(Session& session, const VersionRow& version);
  Outcome store_findings(Session& session, FileHandle& handle, std::uint64_t request_id,
                         journal::Entry entry);
  void analysis_failed(VersionId version, std::string_view why);
  void start_analysts();

  // compaction.cpp
  struct Compaction {   // the one under way
    ChannelId channel;  // none: its process is being started
    VersionId version;
    std::vector<Bytes> parts;
    std::uint64_t size = 0;
    Bytes target;
  };
  struct WaitingOpen {  // of a file that has too many parts
    VersionId version;
    ChannelId channel;
    channel::Request request;
  };
  Outcome on_take_compaction(Session& session, const channel::Request& request);
  Outcome on_report_compaction(Session& session, const channel::Request& request);
  Status queue_versions_in_parts();
  void want_compaction(VersionId version);
  Result<std::optional<VersionRow>> worth_compacting(VersionId id, bool& later);
  std::optional<VersionRow> next_to_compact();
  void start_compaction();
  Status record_compacted(const std::string& description, const std::vector<Bytes>& parts);
  void compaction_over(bool joined = false);
  void compactor_ended(const Session& session, std::string_view how);
  bool wait_for_compaction(Session& session, const Place& place, const channel::Request& request);

  // vault.cpp
  struct Kept {  // an answer that waits for the journal
    ChannelId channel;
    std::uint64_t request_id;
    Answer answer;
  };
  Session* live(ChannelId id);
  void refuse(Session& session, std::string_view message_name, const Error& error);
  // It broke the rules: that is journalled, and its end.
  void misbehaves(Session& session, std::string_view message_name, const Error& error);
  void finish(ChannelId id, std::uint64_t request_id, Result<Answer> result);
  void end_session(Session& session, std::string_view how);
  FileHandle* file_handle(Session& session, std::uint64_t id);
  DirectoryHandle* directory_handle(Session& session, std::uint64_t id);
  Result<std::uint64_t> new_handle(Session& session, Handle handle);
  void send_what_is_durable();
  void send_kept(std::multimap<std::uint64_t, Kept>& kept, std::uint64_t entries);
  Status load_organisation_keys();
  void rewrap_some_file_keys();
  Status rewrap_some(KeyEpoch from, KeyEpoch to);
  void remove_old_parts();
  void checkpoint_when_due();
  void write_catalogue_down();

  Parts parts_;
  ReleaseGuard guard_;
  HostKeys host_keys_;
  TlsIdentity tls_;
  std::unordered_map<ChannelId, Session> sessions_;
  std::multimap<std::uint64_t, Kept> kept_;          // until so many entries are durable
  std::multimap<std::uint64_t, Kept> kept_written_;  // until they are written
  std::multimap<std::uint64_t, std::function<void()>> continuations_;
  Catalogue::Containment containment_;
  CodeGuesses code_guesses_;
  LoginRates login_rates_;
  std::uint64_t grants_generation_ = 1;
  std::map<VersionId, std::uint32_t> analysis_attempts_;
  std::map<VersionId, ChannelId> being_analysed_;
  std::uint32_t analysts_ = 0;
  std::optional<Compaction> compaction_;
  std::deque<VersionId> to_compact_;
  std::vector<WaitingOpen> waiting_opens_;
  std::int64_t compaction_not_before_ms_ = 0;
  std::uint32_t compaction_failures_ = 0;  // in a row
  bool started_ = false;
  std::optional<Error> fault_;
  std::int64_t last_cleaning_ms_ = 0;
  std::int64_t contents_held_until_ms_ = 0;
  std::uint64_t catalogue_written_ = 0;  // entries
  bool catalogue_due_ = false;
  std::vector<store::BlobId> maybe_garbage_;
  bool keys_to_rewrap_ = true;        // perhaps
  std::set<KeyEpoch> not_rewrapped_;  // where it failed, until the next start
};

}  // namespace bulkhead::vault
