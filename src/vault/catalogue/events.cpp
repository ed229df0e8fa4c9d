#include "vault/catalogue/events.h"

#include <fmt/format.h>

#include <array>

namespace bulkhead::vault {
namespace {

using journal::Entry;

constexpr std::uint32_t kEntryFormat = 1;

struct Event {
  Entry::EventCase number;
  std::string_view name;
  ApplyEvent apply;
};

constexpr std::array kEvents = {
    Event{Entry::kDeploymentCreated, "DeploymentCreated", apply::deployment_created},
    Event{Entry::kHostKeyAdded, "HostKeyAdded", apply::host_key_added},
    Event{Entry::kHostKeyRemoved, "HostKeyRemoved", apply::host_key_removed},
    Event{Entry::kHostCertificateSet, "HostCertificateSet", apply::host_certificate_set},
    Event{Entry::kTlsKeyAdded, "TlsKeyAdded", apply::tls_key_added},
    Event{Entry::kTlsCertificateSet, "TlsCertificateSet", apply::tls_certificate_set},
    Event{Entry::kVaultStarted, "VaultStarted", apply::vault_started_or_stopped},
    Event{Entry::kVaultStopped, "VaultStopped", apply::vault_started_or_stopped},
    Event{Entry::kOrganisationAdded, "OrganisationAdded", apply::organisation_added},
    Event{Entry::kUserAdded, "UserAdded", apply::user_added},
    Event{Entry::kUserChanged, "UserChanged", apply::user_changed},
    Event{Entry::kUserRemoved, "UserRemoved", apply::user_removed},
    Event{Entry::kRightsSet, "RightsSet", apply::rights_set},
    Event{Entry::kOrganisationChanged, "OrganisationChanged", apply::organisation_changed},
    Event{Entry::kSessionOpened, "SessionOpened", apply::session_opened},
    Event{Entry::kLoginSucceeded, "LoginSucceeded", apply::login_succeeded},
    Event{Entry::kLoginFailed, "LoginFailed", apply::nothing_to_look_up},
    Event{Entry::kSessionEnded, "SessionEnded", apply::session_ended},
    Event{Entry::kRequestRefused, "RequestRefused", apply::nothing_to_look_up},
    Event{Entry::kLoginStepPassed, "LoginStepPassed", apply::login_step_passed},
    Event{Entry::kWeakAlgorithmsUsed, "WeakAlgorithmsUsed", apply::nothing_to_look_up},
    Event{Entry::kCertificateAuthorityAdded, "CertificateAuthorityAdded",
          apply::certificate_authority_added},
    Event{Entry::kCertificateAuthorityRemoved, "CertificateAuthorityRemoved",
          apply::certificate_authority_removed},
    Event{Entry::kCertificatesRevoked, "CertificatesRevoked", apply::certificates_revoked},
    Event{Entry::kAddressRefused, "AddressRefused", apply::nothing_to_look_up},
    Event{Entry::kFolderMade, "FolderMade", apply::folder_made},
    Event{Entry::kNodeRemoved, "NodeRemoved", apply::node_removed},
    Event{Entry::kNodeRenamed, "NodeRenamed", apply::node_renamed},
    Event{Entry::kAttributesSet, "AttributesSet", apply::attributes_set},
    Event{Entry::kUploadStarted, "UploadStarted", apply::upload_started},
    Event{Entry::kUploadCommitted, "UploadCommitted", apply::upload_committed},
    Event{Entry::kUploadParked, "UploadParked", apply::upload_parked},
    Event{Entry::kUploadAbandoned, "UploadAbandoned", apply::upload_abandoned},
    Event{Entry::kUploadRenamed, "UploadRenamed", apply::upload_renamed},
    Event{Entry::kFolderDurabilitySet, "FolderDurabilitySet", apply::folder_durability_set},
    Event{Entry::kVersionCompacted, "VersionCompacted", apply::version_compacted},
    Event{Entry::kListingReleased, "ListingReleased", apply::listing_released},
    Event{Entry::kExtentsReleased, "ExtentsReleased", apply::extents_released},
    Event{Entry::kAnalysisFinished, "AnalysisFinished", apply::analysis_finished},
    Event{Entry::kReleaseRefused, "ReleaseRefused", apply::release_refused},
    Event{Entry::kBreakerTripped, "BreakerTripped", apply::breaker_tripped},
    Event{Entry::kCanarySet, "CanarySet", apply::canary_set},
    Event{Entry::kBackupMade, "BackupMade", apply::backup_made},
    Event{Entry::kOrganisationKeyRotated, "OrganisationKeyRotated",
          apply::organisation_key_rotated},
    Event{Entry::kFileKeysRewrapped, "FileKeysRewrapped", apply::file_keys_rewrapped},
    Event{Entry::kOrganisationKeyRetired, "OrganisationKeyRetired",
          apply::organisation_key_retired},
    Event{Entry::kOrganisationKeysRewrapped, "OrganisationKeysRewrapped",
          apply::organisation_keys_rewrapped},
    Event{Entry::kRootKeyRotated, "RootKeyRotated", apply::root_key_rotated},
    Event{Entry::kDeploymentRestored, "DeploymentRestored", apply::nothing_to_look_up},
    Event{Entry::kIncidentOpened, "IncidentOpened", apply::nothing_to_look_up},
    Event{Entry::kContained, "Contained", apply::contained},
    Event{Entry::kLifted, "Lifted", apply::lifted},
    Event{Entry::kExposureAsked, "ExposureAsked", apply::nothing_to_look_up},
};

const Event* find_event(Entry::EventCase number) {
  for (const Event& event : kEvents) {
    if (event.number == number) return &event;
  }
  return nullptr;
}

}  // namespace

Status apply_entry(Projection& p, const Entry& entry) {
  const Event* event = find_event(entry.event_case());
  const std::string where = event == nullptr
                                ? fmt::format("journal entry {}", p.index)
                                : fmt::format("journal entry {} ({})", p.index, event->name);
  if (entry.format() == 0) return fail(ErrorCode::kCorrupt, where + ": it has no format number");
  if (entry.format() > kEntryFormat)
    return fail(from_newer_release("its format").error().within(where));
  if (event == nullptr) return fail(from_newer_release("its event").error().within(where));
  if (entry.channel() != 0) {
    if (Status ok = check_number(entry.channel(), "channel"); !ok)
      return fail(ok.error().within(where));
    p.counters.saw(p.channel);
  }
  if (Status ok = event->apply(p, entry); !ok) return fail(ok.error().within(where));
  return {};
}

namespace apply {

Status nothing_to_look_up(Projection&, const Entry&) {
  return {};
}

}  // namespace apply
}  // namespace bulkhead::vault
