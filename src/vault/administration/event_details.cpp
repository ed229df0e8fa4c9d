#include "vault/administration/event_details.h"

#include <fmt/format.h>

#include "crypto/digest.h"
#include "vault/rights/rights.h"

namespace bulkhead::vault {
namespace {

class Describer {
 public:
  Describer(const Names& names, admin::JournalEntry& shown) : names_(names), shown_(shown) {}

  void text(std::string_view key, std::string value) {
    auto* detail = shown_.add_detail();
    detail->set_key(std::string(key));
    detail->set_value(std::move(value));
  }
  void number(std::string_view key, std::uint64_t value) { text(key, std::to_string(value)); }
  void hex(std::string_view key, std::string_view bytes) { text(key, to_hex(as_bytes(bytes))); }
  void sealed(std::string_view key, Field field, const journal::Sealed& value) {
    if (!value.box().empty()) text(key, names_.open(field, value).value_or("(unreadable)"));
  }

 private:
  const Names& names_;
  admin::JournalEntry& shown_;
};

constexpr std::string_view kPurposes[] = {"reading", "writing", "analysis"};
constexpr std::string_view kScopes[] = {"deployment", "user", "organisation", "listener",
                                        "session"};
constexpr std::string_view kMeasures[] = {"bytes",     "files",      "names",
                                          "old files", "everything", "names of other folders"};
constexpr std::string_view kCauses[] = {"over budget", "canary", "old files", "everything at once",
                                        "many accounts"};

constexpr std::string_view kDurabilities[] = {"inherited", "power-loss", "crash"};

template <std::size_t N>
std::string word(const std::string_view (&words)[N], int value) {
  return value >= 0 && static_cast<std::size_t>(value) < N ? std::string(words[value])
                                                           : std::to_string(value);
}

using E = journal::Entry;
struct Row {
  E::EventCase event;
  std::string_view name;
  void (*describe)(const E&, Describer&);
};

// As ssh-keygen -l prints it.
std::string fingerprint(const std::string& key_sha256) {
  return "SHA256:" + to_base64(as_bytes(key_sha256), false);
}

std::string fingerprint_of(const std::string& blob) {
  return fingerprint(to_string(ByteView(crypto::sha256(as_bytes(blob)))));
}

// What was proved with, of a log-in or a step of one.
template <typename Event>
void describe_proof(const Event& event, Describer& d) {
  if (event.user_verified()) d.text("user_verified", "true");
  if (event.certificate_authority() == 0) return;
  d.number("certificate_authority", event.certificate_authority());
  d.number("certificate_serial", event.certificate_serial());
  d.sealed("certificate_key_id", Field::kCertificateKeyId, event.certificate_key_id());
}

constexpr auto kNothing = [](const E&, Describer&) {};

const Row kRows[] = {
    {E::kDeploymentCreated, "deployment_created",
     [](const E& e, Describer& d) { d.text("origin", e.deployment_created().origin()); }},
    {E::kVaultStarted, "vault_started",
     [](const E& e, Describer& d) {
       d.text("release", e.vault_started().release());
       if (e.vault_started().torn_bytes_dropped() != 0)
         d.number("torn_bytes", e.vault_started().torn_bytes_dropped());
     }},
    {E::kVaultStopped, "vault_stopped", kNothing},
    {E::kHostKeyAdded, "host_key_added",
     [](const E& e, Describer& d) {
       d.number("number", e.host_key_added().number());
       d.text("key", fingerprint_of(e.host_key_added().public_key()));
     }},
    {E::kHostKeyRemoved, "host_key_removed",
     [](const E& e, Describer& d) { d.number("number", e.host_key_removed().number()); }},
    {E::kHostCertificateSet, "host_certificate_set",
     [](const E& e, Describer& d) {
       const auto& set = e.host_certificate_set();
       d.number("number", set.number());
       if (!set.certificate().empty()) d.text("certificate", fingerprint_of(set.certificate()));
     }},
    {E::kTlsKeyAdded, "tls_key_added",
     [](const E& e, Describer& d) {
       d.number("number", e.tls_key_added().number());
       d.text("key", fingerprint_of(e.tls_key_added().public_key()));
     }},
    {E::kTlsCertificateSet, "tls_certificate_set",
     [](const E& e, Describer& d) {
       d.number("number", e.tls_certificate_set().number());
       for (const auto& certificate : e.tls_certificate_set().certificate())
         d.text("certificate", fingerprint_of(certificate));
     }},
    {E::kOrganisationAdded, "organisation_added",
     [](const E& e, Describer& d) {
       d.number("organisation", e.organisation_added().organisation());
       d.sealed("name", Field::kOrganisationName, e.organisation_added().name());
       for (const auto& recipient : e.organisation_added().incident_recipient())
         d.text("recipient", recipient);
     }},
    {E::kOrganisationChanged, "organisation_changed",
     [](const E& e, Describer& d) {
       d.number("organisation", e.organisation_changed().organisation());
       for (const auto& recipient : e.organisation_changed().incident_recipient())
         d.text("recipient", recipient);
     }},
    {E::kOrganisationKeyRotated, "organisation_key_rotated",
     [](const E& e, Describer& d) {
       d.number("organisation", e.organisation_key_rotated().organisation());
       d.number("key_epoch", e.organisation_key_rotated().key_epoch());
     }},
    {E::kFileKeysRewrapped, "file_keys_rewrapped",
     [](const E& e, Describer& d) {
       d.number("organisation", e.file_keys_rewrapped().organisation());
       d.number("key_epoch", e.file_keys_rewrapped().key_epoch());
       d.number("file_keys", static_cast<std::uint64_t>(e.file_keys_rewrapped().file_key_size()));
     }},
    {E::kOrganisationKeyRetired, "organisation_key_retired",
     [](const E& e, Describer& d) {
       d.number("organisation", e.organisation_key_retired().organisation());
       d.number("key_epoch", e.organisation_key_retired().key_epoch());
     }},
    {E::kOrganisationKeysRewrapped, "organisation_keys_rewrapped",
     [](const E& e, Describer& d) {
       const auto& rewrapped = e.organisation_keys_rewrapped();
       d.number("generation", rewrapped.generation());
       d.number("keys", static_cast<std::uint64_t>(rewrapped.organisation_key_size()));
     }},
    {E::kRootKeyRotated, "root_key_rotated",
     [](const E& e, Describer& d) {
       const auto& rotated = e.root_key_rotated();
       d.number("generation", rotated.generation());
       d.text("root_key", to_hex(as_bytes(rotated.root_key_id())));
       if (rotated.destroyed_organisation() != 0)
         d.number("destroyed_organisation", rotated.destroyed_organisation());
     }},
    {E::kUserAdded, "user_added",
     [](const E& e, Describer& d) {
       d.number("user", e.user_added().user());
       d.sealed("name", Field::kUserName, e.user_added().name());
       d.number("organisation", e.user_added().organisation());
       d.number("keys", static_cast<std::uint64_t>(e.user_added().public_key_size()));
       if (!e.user_added().totp_secret().box().empty()) d.text("totp", "enrolled");
       if (e.user_added().verify_required()) d.text("verify_required", "true");
       for (const auto& sequence : e.user_added().login_methods())
         d.text("login_methods", sequence);
     }},
    {E::kUserChanged, "user_changed",
     [](const E& e, Describer& d) {
       d.number("user", e.user_changed().user());
       if (e.user_changed().has_disabled())
         d.text("disabled", e.user_changed().disabled() ? "true" : "false");
       if (e.user_changed().set_password()) d.text("password", "changed");
       if (e.user_changed().set_public_keys()) d.text("keys", "changed");
       if (e.user_changed().has_verify_required())
         d.text("verify_required", e.user_changed().verify_required() ? "true" : "false");
       if (e.user_changed().set_totp())
         d.text("totp", e.user_changed().totp_secret().box().empty() ? "removed" : "enrolled");
       if (e.user_changed().set_login_methods() && e.user_changed().login_methods().empty())
         d.text("login_methods", "any");
       for (const auto& sequence : e.user_changed().login_methods())
         d.text("login_methods", sequence);
     }},
    {E::kUserRemoved, "user_removed",
     [](const E& e, Describer& d) { d.number("user", e.user_removed().user()); }},
    {E::kRightsSet, "rights_set",
     [](const E& e, Describer& d) {
       d.number("node", e.rights_set().node());
       d.number("user", e.rights_set().user());
       d.text("rights", Rights(e.rights_set().rights()).to_string());
     }},
    {E::kSessionOpened, "session_opened",
     [](const E& e, Describer& d) {
       d.sealed("peer", Field::kPeerAddress, e.session_opened().peer_address());
       d.text("listener", e.session_opened().listener());
     }},
    {E::kLoginSucceeded, "login_succeeded",
     [](const E& e, Describer& d) {
       d.number("user", e.login_succeeded().user());
       d.text("method", e.login_succeeded().method());
       if (!e.login_succeeded().key_sha256().empty())
         d.text("key", fingerprint(e.login_succeeded().key_sha256()));
       describe_proof(e.login_succeeded(), d);
     }},
    {E::kLoginStepPassed, "login_step_passed",
     [](const E& e, Describer& d) {
       d.number("user", e.login_step_passed().user());
       d.text("method", e.login_step_passed().method());
       if (!e.login_step_passed().key_sha256().empty())
         d.text("key", fingerprint(e.login_step_passed().key_sha256()));
       describe_proof(e.login_step_passed(), d);
     }},
    {E::kLoginFailed, "login_failed",
     [](const E& e, Describer& d) {
       d.sealed("name", Field::kUserName, e.login_failed().user_name());
       d.text("method", e.login_failed().method());
       d.text("reason", e.login_failed().reason());
     }},
    {E::kCertificateAuthorityAdded, "certificate_authority_added",
     [](const E& e, Describer& d) {
       const auto& added = e.certificate_authority_added();
       d.number("authority", added.authority());
       if (added.organisation() != 0) d.number("organisation", added.organisation());
       if (added.user() != 0) d.number("user", added.user());
     }},
    {E::kCertificateAuthorityRemoved, "certificate_authority_removed",
     [](const E& e, Describer& d) {
       d.number("authority", e.certificate_authority_removed().authority());
     }},
    {E::kCertificatesRevoked, "certificates_revoked",
     [](const E& e, Describer& d) {
       const auto& revoked = e.certificates_revoked();
       if (revoked.authority() != 0) d.number("authority", revoked.authority());
       if (revoked.last_serial() != 0) {
         d.number("first_serial", revoked.first_serial());
         d.number("last_serial", revoked.last_serial());
       }
       d.sealed("key_id", Field::kCertificateKeyId, revoked.key_id());
       if (!revoked.key_sha256().empty()) d.text("key", fingerprint(revoked.key_sha256()));
     }},
    {E::kAddressRefused, "address_refused",
     [](const E& e, Describer& d) {
       d.sealed("network", Field::kPeerAddress, e.address_refused().network());
       d.number("for_ms", e.address_refused().for_ms());
     }},
    {E::kSessionEnded, "session_ended",
     [](const E& e, Describer& d) { d.text("how", e.session_ended().how()); }},
    {E::kRequestRefused, "request_refused",
     [](const E& e, Describer& d) {
       d.text("request", e.request_refused().request());
       d.text("reason", e.request_refused().reason());
     }},
    {E::kWeakAlgorithmsUsed, "weak_algorithms_used",
     [](const E& e, Describer& d) {
       d.text("profile", e.weak_algorithms_used().profile());
       for (const auto& algorithm : e.weak_algorithms_used().algorithm())
         d.text("algorithm", algorithm);
     }},
    {E::kFolderMade, "folder_made",
     [](const E& e, Describer& d) {
       d.number("node", e.folder_made().node());
       d.sealed("name", Field::kNodeName, e.folder_made().name());
       d.number("parent", e.folder_made().parent());
     }},
    {E::kNodeRemoved, "node_removed",
     [](const E& e, Describer& d) { d.number("node", e.node_removed().node()); }},
    {E::kNodeRenamed, "node_renamed",
     [](const E& e, Describer& d) {
       d.number("node", e.node_renamed().node());
       d.sealed("name", Field::kNodeName, e.node_renamed().name());
       d.number("parent", e.node_renamed().parent());
       if (e.node_renamed().replaced() != 0) d.number("replaced", e.node_renamed().replaced());
     }},
    {E::kAttributesSet, "attributes_set",
     [](const E& e, Describer& d) { d.number("node", e.attributes_set().node()); }},
    {E::kUploadStarted, "upload_started",
     [](const E& e, Describer& d) {
       d.number("upload", e.upload_started().upload());
       d.sealed("name", Field::kNodeName, e.upload_started().name());
       if (e.upload_started().resumes()) d.text("resumes", "true");
     }},
    {E::kUploadCommitted, "upload_committed",
     [](const E& e, Describer& d) {
       d.number("upload", e.upload_committed().upload());
       d.number("node", e.upload_committed().node());
       d.number("version", e.upload_committed().version());
       d.number("bytes", e.upload_committed().size());
     }},
    {E::kUploadParked, "upload_parked",
     [](const E& e, Describer& d) {
       d.number("upload", e.upload_parked().upload());
       d.number("bytes", e.upload_parked().size());
     }},
    {E::kUploadAbandoned, "upload_abandoned",
     [](const E& e, Describer& d) { d.number("upload", e.upload_abandoned().upload()); }},
    {E::kUploadRenamed, "upload_renamed",
     [](const E& e, Describer& d) {
       d.number("upload", e.upload_renamed().upload());
       d.sealed("name", Field::kNodeName, e.upload_renamed().name());
       d.number("parent", e.upload_renamed().parent());
     }},
    {E::kListingReleased, "listing_released",
     [](const E& e, Describer& d) {
       d.number("node", e.listing_released().node());
       d.number("user", e.listing_released().user());
       d.number("names", e.listing_released().names());
     }},
    {E::kExtentsReleased, "extents_released",
     [](const E& e, Describer& d) {
       d.number("version", e.extents_released().version());
       d.number("user", e.extents_released().user());
       d.number("extents", static_cast<std::uint64_t>(e.extents_released().extent_size()));
       d.number("bytes", e.extents_released().bytes());
       d.text("purpose", word(kPurposes, e.extents_released().purpose()));
     }},
    {E::kReleaseRefused, "release_refused",
     [](const E& e, Describer& d) {
       const auto& refused = e.release_refused();
       d.text("budget_of", word(kScopes, refused.scope()));
       d.text("measure", word(kMeasures, static_cast<int>(refused.measure())));
       d.number("hours", refused.hours());
       d.number("limit", refused.limit());
       d.number("user", refused.user());
       d.number("organisation", refused.organisation());
       d.text("listener", refused.listener());
     }},
    {E::kAnalysisFinished, "analysis_finished",
     [](const E& e, Describer& d) {
       d.number("version", e.analysis_finished().version());
       d.text("format", e.analysis_finished().format());
       d.number("bytes_not_understood", e.analysis_finished().bytes_not_understood());
     }},
    {E::kIncidentOpened, "incident_opened",
     [](const E& e, Describer& d) {
       d.text("incident", e.incident_opened().id());
       for (const auto channel : e.incident_opened().channel())
         d.text("session", fmt::format("s-{}", channel));
       d.sealed("note", Field::kNote, e.incident_opened().note());
     }},
    {E::kContained, "contained",
     [](const E& e, Describer& d) {
       d.text("scope", word(kScopes, e.contained().scope()));
       d.number("channels_ended", e.contained().channels_ended());
       if (e.contained().keep_receiving()) d.text("keep_receiving", "true");
     }},
    {E::kLifted, "lifted",
     [](const E& e, Describer& d) { d.text("scope", word(kScopes, e.lifted().scope())); }},
    {E::kBreakerTripped, "breaker_tripped",
     [](const E& e, Describer& d) {
       const auto& tripped = e.breaker_tripped();
       d.text("scope", word(kScopes, tripped.scope()));
       d.text("cause", word(kCauses, tripped.cause()));
       d.number("user", tripped.user());
       d.number("organisation", tripped.organisation());
       d.text("listener", tripped.listener());
       if (tripped.node() != 0) d.number("node", tripped.node());
     }},
    {E::kCanarySet, "canary_set",
     [](const E& e, Describer& d) {
       d.number("node", e.canary_set().node());
       d.text("set", e.canary_set().set() ? "true" : "false");
     }},
    {E::kBackupMade, "backup_made",
     [](const E& e, Describer& d) {
       d.number("entries", e.backup_made().entries());
       d.number("blobs", e.backup_made().blobs());
       d.number("bytes", e.backup_made().bytes());
     }},
    {E::kDeploymentRestored, "deployment_restored",
     [](const E& e, Describer& d) { d.number("entries", e.deployment_restored().entries()); }},
    {E::kVersionCompacted, "version_compacted",
     [](const E& e, Describer& d) {
       d.number("version", e.version_compacted().version());
       d.number("parts", static_cast<std::uint64_t>(e.version_compacted().part_size()));
     }},
    {E::kFolderDurabilitySet, "folder_durability_set",
     [](const E& e, Describer& d) {
       d.number("node", e.folder_durability_set().node());
       d.text("durability", word(kDurabilities, e.folder_durability_set().durability()));
     }},
    {E::kExposureAsked, "exposure_asked",
     [](const E& e, Describer& d) { d.number("versions", e.exposure_asked().versions()); }},
};

}  // namespace

void describe(const journal::Entry& entry, const Names& names, admin::JournalEntry& shown) {
  shown.set_at_us(entry.at_us());
  shown.set_channel(entry.channel());
  shown.set_event("unknown");
  Describer describer(names, shown);
  for (const Row& row : kRows) {
    if (row.event != entry.event_case()) continue;
    shown.set_event(std::string(row.name));
    row.describe(entry, describer);
  }
}

}  // namespace bulkhead::vault
