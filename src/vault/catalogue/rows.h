// What the catalogue answers with. Names stay sealed in here; vault/names.h opens them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "journal/journal.h"
#include "policy/breaker.h"
#include "vault/durability.h"
#include "vault/ids.h"
#include "vault/key_keeper.h"
#include "vault/names.h"
#include "vault/rights/rights.h"

namespace bulkhead::vault {

enum class UserRole { kUser = 0, kOfficer = 1, kAdministrator = 2 };

struct OrganisationRow {
  OrganisationId id;
  Bytes name_box;
  std::uint32_t key_epoch = 1;  // of the key that wraps new file keys
  bool destroyed = false;       // its keys are gone: nothing of it opens any more
  std::vector<std::string> incident_recipients;
};

struct OrganisationKeyRow {
  KeyEpoch which;
  Bytes wrapped_key;
};

struct UserRow {
  UserId id;
  OrganisationId organisation;
  Bytes name_box;
  UserRole role = UserRole::kUser;
  std::vector<Bytes> public_key_boxes;
  Bytes password_hash_box;                 // empty: no password
  Bytes totp_box;                          // empty: no second factor
  std::uint64_t totp_step = 0;             // the newest step whose code was used
  std::vector<std::string> login_methods;  // sequences; none: see identity/login_methods.h
  bool verify_required = false;            // of security keys
  NodeId home;
  bool disabled = false;
};

// Whose user certificates are believed: about the users of an organisation, or about one user.
struct CertificateAuthorityRow {
  std::uint64_t id = 0;
  OrganisationId organisation;
  UserId user;
  Bytes key_box;
};

// One of serials, key id and key.
struct RevocationRow {
  std::uint64_t authority = 0;
  std::uint64_t first_serial = 0;
  std::uint64_t last_serial = 0;
  Bytes key_id_box;
  Bytes key_sha256;
};

struct HostKeyRow {
  struct Certificate {
    Bytes blob;  // empty: none
    std::int64_t valid_after_s = 0;
    std::int64_t valid_before_s = 0;
  };
  std::uint64_t number = 0;
  std::uint32_t kind = 0;  // journal::HostKeyKind
  Bytes wrapped_key;
  Certificate certificate;
};

struct TlsKeyRow {
  std::uint64_t number = 0;
  Bytes wrapped_key;
  Bytes certificates;  // journal::TlsCertificateSet; empty: there is none for it yet
  std::int64_t not_after_s = 0;
};

struct NodeRow {
  NodeId id;
  NodeId parent;
  bool is_folder = false;
  Bytes name_box;
  OrganisationId organisation;
  UserId creator;
  VersionId version;  // of a file
  std::uint64_t size = 0;
  std::int64_t modified_s = 0;
  std::int64_t accessed_s = 0;
  std::uint32_t permissions = 0;
  Durability durability = Durability::kInherited;  // of a folder: its own setting
};

struct VersionRow {
  VersionId id;
  NodeId node;
  LineageId lineage{};
  std::uint64_t size = 0;
  Bytes description;
  std::vector<Bytes> parts;  // blob ids
  std::optional<journal::PayloadPosition>
      inline_position;  // where the journal holds small contents
  UserId uploader;
  ChannelId channel;  // on which it was uploaded
  OrganisationId organisation;
  Bytes name_box;       // as the file was called when this version was committed
  bool current = true;  // false: overwritten or removed
  UnixMicros committed_at = 0;
};

struct LineageRow {
  LineageId id{};
  KeyEpoch key;
  Bytes wrapped_file_key;
};

// An upload that was begun and neither committed nor given up.
struct UploadRow {
  UploadId id;
  NodeId parent;
  NameHash name_hash{};
  Bytes name_box;
  UserId user;
  OrganisationId organisation;
  LineageId lineage{};
  Bytes staging_blob;
  VersionId base_version;
  std::uint32_t permissions = 0;
  std::uint64_t size = 0;
  bool size_known = false;
  Bytes description;  // of what was parked
  ChannelId channel;  // who wrote last
  UnixMicros touched_at = 0;
};

struct GrantRow {
  NodeId node;
  UserId user;
  Rights rights;
};

struct SessionRow {
  ChannelId id;
  UserId user;
  Bytes peer_box;
  std::string listener;
  std::string kind;
  std::string method;
  UnixMicros opened_at = 0;
  UnixMicros ended_at = 0;
};

// What left: one row a session, version and purpose.
struct ReleaseRow {
  ChannelId channel;
  UserId user;
  VersionId version;
  std::uint64_t extents = 0;
  std::uint64_t bytes = 0;
  std::uint32_t purpose = 0;  // journal::ReleasePurpose; 3: uploaded on that channel
  UnixMicros first_at = 0;
  UnixMicros last_at = 0;
};

// Whose traffic is counted, and who can be stopped. `scope` is a journal::Scope; the subject is a
// user or an organisation, the listener is named where that is the scope.
struct Principal {
  std::uint32_t scope = 0;
  std::uint64_t subject = 0;
  std::string listener;
  auto operator<=>(const Principal&) const = default;
};

struct BreakerRow {
  Principal who;
  policy::Breaker breaker;
  OrganisationId organisation;  // of the user who tripped it
  std::string through;          // the listener
};

struct AnalysisRow {
  VersionId version;
  std::uint32_t outcome = 0;
  std::string format;
  std::uint64_t bytes_not_understood = 0;
  Bytes findings_blob;
  std::uint64_t findings_size = 0;
  Bytes findings_sha256;
  std::vector<std::string> recipients;
};

}  // namespace bulkhead::vault
