// The catalogue: a projection of the journal that can be looked things up in. It decides nothing,
// and everything in it is rebuilt from the journal when it is missing, older or damaged.
//
// Called from the vault's thread only. Reads see what apply() did, durable or not; the vault keeps
// back whatever would tell of entries that are not durable yet.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "journal/journal.h"
#include "policy/traffic.h"
#include "vault/catalogue/rows.h"

namespace bulkhead::journal {
class Entry;
}

namespace bulkhead::vault {

class Catalogue {
 public:
  virtual ~Catalogue() = default;

  // The number of entries applied; the next to apply has this index.
  virtual std::uint64_t applied() const = 0;
  // `payload` is where the journal keeps the small contents that came with the entry.
  virtual Status apply(std::uint64_t index, const journal::Entry& entry,
                       std::optional<journal::PayloadPosition> payload) = 0;
  // Everything applied is durable in the journal: the catalogue may write it down.
  virtual Status checkpoint() = 0;
  // Forgets everything, to be rebuilt.
  virtual Status clear() = 0;

  // The number for the next new thing of a kind; apply() moves it past what it saw.
  virtual OrganisationId next_organisation() = 0;
  virtual UserId next_user() = 0;
  virtual NodeId next_node() = 0;
  virtual VersionId next_version() = 0;
  virtual UploadId next_upload() = 0;
  virtual ChannelId last_channel() = 0;

  virtual Result<std::vector<OrganisationRow>> organisations() = 0;
  virtual Result<std::optional<OrganisationRow>> organisation(OrganisationId id) = 0;
  virtual Result<std::optional<OrganisationId>> organisation_named(const NameHash& name) = 0;

  // Those that count under the present root key; older epochs until they are retired.
  virtual Result<std::vector<OrganisationKeyRow>> organisation_keys() = 0;
  struct RootKeyRotation {
    std::uint64_t generation = 0;
    std::uint64_t entry =
        0;  // that holds the wrapped system key; the first one, or a later change's
  };
  virtual Result<RootKeyRotation> root_key_rotation() = 0;
  virtual Result<std::vector<LineageRow>> lineages_under(KeyEpoch which, std::size_t limit) = 0;
  // All but those under the newest key.
  virtual Result<std::uint64_t> file_keys_under_older(OrganisationId id) = 0;
  virtual Result<std::uint64_t> current_files_of(OrganisationId id) = 0;

  virtual Result<std::vector<UserRow>> users() = 0;
  virtual Result<std::optional<UserRow>> user(UserId id) = 0;
  virtual Result<std::optional<UserRow>> user_named(const NameHash& name) = 0;

  virtual Result<std::optional<NodeRow>> node(NodeId id) = 0;
  virtual Result<std::optional<NodeRow>> child(NodeId parent, const NameHash& name) = 0;
  // Children with an id above `after`, in order, at most `limit`.
  virtual Result<std::vector<NodeRow>> children(NodeId parent, NodeId after, std::size_t limit) = 0;
  virtual Result<std::uint64_t> count_children(NodeId parent) = 0;
  // The highest count of a security key's signatures that this user logged in with; 0: none.
  virtual Result<std::uint32_t> security_key_counter(UserId user, ByteView key_sha256) = 0;
  virtual Result<std::vector<HostKeyRow>> host_keys() = 0;  // oldest first
  virtual Result<std::uint64_t> next_host_key() = 0;
  virtual Result<std::vector<TlsKeyRow>> tls_keys() = 0;  // oldest first
  virtual Result<std::vector<CertificateAuthorityRow>> certificate_authorities() = 0;
  virtual Result<std::uint64_t> next_certificate_authority() = 0;
  virtual Result<std::vector<RevocationRow>> revocations() = 0;
  // By its serial, its key id, or the key that it certifies.
  virtual Result<bool> certificate_revoked(std::uint64_t authority, std::uint64_t serial,
                                           const NameHash& key_id, ByteView key_sha256) = 0;
  virtual Result<bool> key_revoked(ByteView key_sha256) = 0;
  virtual Result<std::vector<GrantRow>> grants_of(UserId user) = 0;
  virtual Result<std::vector<GrantRow>> grants_on(NodeId node) = 0;

  virtual Result<std::optional<VersionRow>> version(VersionId id) = 0;
  virtual Result<std::optional<LineageRow>> lineage(const LineageId& id) = 0;
  virtual Result<std::optional<UploadRow>> upload_at(UserId user, NodeId parent,
                                                     const NameHash& name) = 0;
  virtual Result<std::vector<UploadRow>> uploads() = 0;
  // A user's in one folder, by names whose hash is above `after`, in order, at most `limit`; of
  // several uploads of a name the one that upload_at() gives.
  virtual Result<std::vector<UploadRow>> uploads_in(UserId user, NodeId parent,
                                                    const NameHash& after, std::size_t limit) = 0;
  virtual Result<bool> blob_is_referenced(ByteView blob) = 0;
  // Current ones with more than one part.
  virtual Result<std::vector<VersionId>> versions_in_parts(std::size_t limit) = 0;
  virtual Result<bool> has_upload_on(VersionId base) = 0;

  // Bytes, files and names released to the user since then; hours are whole.
  struct Spent {
    std::uint64_t bytes = 0;
    std::uint64_t files = 0;
    std::uint64_t names = 0;
  };
  virtual Result<Spent> spent_since(UserId user, UnixMicros since) = 0;

  // Of one principal, hour by hour, forgiven hours too; and of one hour, what is not forgiven.
  virtual Result<std::vector<policy::HourOfTraffic>> traffic_since(const Principal& who,
                                                                   std::int64_t hour) = 0;
  virtual Result<policy::HourOfTraffic> traffic_in(const Principal& who, std::int64_t hour) = 0;
  virtual Result<policy::FileAge> age_when_read(UserId user, VersionId version, UnixMicros at) = 0;
  // All that were ever opened; policy::state_of() says how they are.
  virtual Result<std::vector<BreakerRow>> breakers() = 0;
  struct Refused {
    Principal who;
    std::uint64_t times = 0;
  };
  virtual Result<std::vector<Refused>> refused_since(std::int64_t hour) = 0;
  // When the user first logged in from the network that the channel comes from; 0: not known, or
  // the first that this user ever came from.
  virtual Result<UnixMicros> network_known_since(UserId user, ChannelId channel) = 0;
  virtual Result<bool> has_listed(UserId user, NodeId folder) = 0;
  virtual Result<bool> is_canary(NodeId node) = 0;
  virtual Result<std::vector<NodeId>> canaries() = 0;
  // How many files the user may read, counted up to some thousands.
  virtual Result<std::uint64_t> readable_files(UserId user) = 0;

  virtual Result<std::vector<VersionRow>> versions_to_analyse(std::size_t limit) = 0;
  virtual Result<std::uint64_t> analysis_backlog() = 0;
  virtual Result<std::optional<AnalysisRow>> analysis(VersionId id) = 0;

  struct ReleaseQuery {
    std::optional<UnixMicros> since;
    std::optional<UnixMicros> until;
    std::optional<ChannelId> channel;
    std::optional<UserId> user;
    std::optional<NodeId> node;
  };
  // What was released to, or uploaded on, the channels that match. Analysts' own reading is not in
  // it.
  virtual Result<std::vector<ReleaseRow>> releases(const ReleaseQuery& query) = 0;
  virtual Result<std::vector<SessionRow>> sessions(std::size_t newest) = 0;
  virtual Result<std::optional<SessionRow>> session(ChannelId id) = 0;

  struct Containment {
    bool deployment = false;
    bool keep_receiving = false;
    std::vector<UserId> users;
    std::vector<OrganisationId> organisations;
    std::vector<std::string> listeners;
  };
  virtual Result<Containment> containment() = 0;

  struct Totals {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    std::uint64_t users = 0;
    std::uint64_t organisations = 0;
    UnixMicros backed_up_at = 0;  // when the last backup was finished; 0: there was none
  };
  virtual Result<Totals> totals() = 0;
};

// Opens or creates the SQLite file. A damaged or older file is set aside and made anew (the caller
// replays); a newer one is kNewerFormat.
Result<std::unique_ptr<Catalogue>> open_sqlite_catalogue(const std::string& path);

}  // namespace bulkhead::vault
