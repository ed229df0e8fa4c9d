// What the vault knows about one channel: where it is in its protocol, who proved themselves on it,
// and what it has been given. Everything starts forbidden.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/ssh_profile.h"
#include "vault/catalogue/rows.h"
#include "vault/identity/login_proof.h"
#include "vault/ids.h"
#include "vault/key_keeper.h"
#include "vault/rights/rights.h"

namespace bulkhead::vault {

enum class ProcessKind { kSftpSession, kAnalyst, kCompactor, kHttpsSession };
constexpr bool serves_client(ProcessKind kind) {
  return kind == ProcessKind::kSftpSession || kind == ProcessKind::kHttpsSession;
}

// In which phases a message is allowed is said by the table in dispatch.cpp.
enum class Phase : std::uint32_t {
  kWaiting = 1,    // started, no client yet: nothing is allowed
  kConnected = 2,  // a client is there, no key exchange yet
  kExchanged = 4,  // the server proved who it is; the user may do the same
  kLoggedIn = 8,
  kAnalyst = 16,
  kEnded = 32,
  kCompactor = 64,
};

// A folder being listed.
struct DirectoryHandle {
  NodeId node;
  bool only_way_through = false;  // no right to list: only what leads to something granted is shown
  NodeId after;
  bool children_done = false;
  NameHash after_upload{};  // then the user's own uploads
  bool uploads_done = false;
  bool journalled = false;
};

// A file being read, written or both.
struct FileHandle {
  NodeId node;  // none: the file does not exist yet for others
  NodeId parent;
  NameHash name_hash{};
  Rights rights;
  bool reading = false;
  bool writing = false;
  // What is there to be read: the base version (or, for an analyst, the version).
  VersionId version;
  std::uint64_t size = 0;
  LineageId lineage{};
  AwaitedFileKey key;
  // What is being written.
  UploadId upload;
  bool fresh_lineage = false;  // nothing existing opens with its keys
  LineageId write_lineage{};
  AwaitedFileKey write_key;
  Bytes staging_blob;
  OrganisationId organisation;
  std::vector<Bytes> base_parts;
  bool finished = false;  // committed or parked: only closing is left
  std::uint32_t permissions = 0;
  Durability durability = Durability::kPowerLoss;
  // An analyst's.
  Bytes findings_blob;
};

using Handle = std::variant<DirectoryHandle, FileHandle>;

// What was asked of a client in keyboard-interactive (RFC 4256), in this order.
struct OpenPrompts {
  bool password = false;
  bool code = false;
};

// Somebody who is proving who they are, perhaps by several methods in sequence.
struct LoginProgress {
  UserId user;                                  // of whom something was passed
  std::string passed;                           // "publickey": see identity/login_methods.h
  Bytes key_sha256;                             // of the key with which
  std::optional<CertificateFacts> certificate;  // and of its certificate
  std::optional<OpenPrompts> prompts;
  std::string prompted_name;  // the user name that the prompts were for
};

struct Session {
  ChannelId id;
  ProcessKind kind = ProcessKind::kSftpSession;
  Phase phase = Phase::kWaiting;
  std::string peer_address;
  std::string listener;
  bool busy = false;        // one request at a time
  std::string_view asking;  // the name of that request

  // SSH, as the vault composed and hashed it.
  std::string server_version;
  Bytes server_kexinit;
  Bytes session_id;  // the first exchange hash
  std::uint32_t exchanges = 0;
  std::string_view host_key_algorithm;  // of the last exchange
  std::uint32_t host_key_proofs = 0;
  SshProfile profile_used = SshProfile::kPostQuantum;  // the weakest that its algorithms needed
  std::uint32_t login_failures = 0;
  bool misbehaved = false;  // it broke the channel's rules
  std::int64_t assigned_at_ms = 0;
  LoginProgress login;

  // Who proved themselves.
  std::optional<UserRow> user;
  std::string user_name;
  std::string organisation_name;
  std::map<NodeId, Rights> grants;
  std::set<NodeId> on_the_way;  // folders above what is granted
  std::uint64_t grants_generation = 0;

  std::map<std::uint64_t, Handle> handles;
  std::uint64_t next_handle = 1;
  // Extents already charged and journalled. The lineage too: uploads that are not committed have
  // no version, and one's extent is not the other's.
  std::set<std::tuple<LineageId, VersionId, std::uint32_t>> charged;
  std::set<VersionId> charged_versions;
  std::uint32_t refusals = 0;
  bool worked = false;                 // an analyst or compactor that reported
  bool waited_for_compaction = false;  // the request that is being answered
  std::optional<UserId> password_of;   // whose right password its process has seen
};

}  // namespace bulkhead::vault
