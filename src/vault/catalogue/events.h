// Applying journal entries: one function an event, by topic, and the table that leads to them.
#pragma once

#include "base/error.h"
#include "vault/catalogue/projection.h"

namespace bulkhead::vault {

// Writes what the entry says. Fails with kCorrupt when it does not fit what came before,
// kNewerFormat when a newer release wrote it; errors name the entry. On an error it may have
// written something: the caller rolls back.
Status apply_entry(Projection& projection, const journal::Entry& entry);

using ApplyEvent = Status (*)(Projection& p, const journal::Entry& entry);

namespace apply {

// apply_people.cpp
Status organisation_added(Projection& p, const journal::Entry& entry);
Status organisation_changed(Projection& p, const journal::Entry& entry);
Status user_added(Projection& p, const journal::Entry& entry);
Status user_changed(Projection& p, const journal::Entry& entry);
Status user_removed(Projection& p, const journal::Entry& entry);

// apply_certificates.cpp
Status certificate_authority_added(Projection& p, const journal::Entry& entry);
Status certificate_authority_removed(Projection& p, const journal::Entry& entry);
Status deployment_created(Projection& p, const journal::Entry& entry);
Status host_key_added(Projection& p, const journal::Entry& entry);
Status host_key_removed(Projection& p, const journal::Entry& entry);
Status host_certificate_set(Projection& p, const journal::Entry& entry);
Status certificates_revoked(Projection& p, const journal::Entry& entry);
Status tls_key_added(Projection& p, const journal::Entry& entry);
Status tls_certificate_set(Projection& p, const journal::Entry& entry);

// apply_keys.cpp
Status organisation_key_rotated(Projection& p, const journal::Entry& entry);
Status file_keys_rewrapped(Projection& p, const journal::Entry& entry);
Status organisation_key_retired(Projection& p, const journal::Entry& entry);
Status organisation_keys_rewrapped(Projection& p, const journal::Entry& entry);
Status root_key_rotated(Projection& p, const journal::Entry& entry);

// apply_people.cpp
Status rights_set(Projection& p, const journal::Entry& entry);

// apply_sessions.cpp
Status vault_started_or_stopped(Projection& p, const journal::Entry& entry);
Status session_opened(Projection& p, const journal::Entry& entry);
Status login_step_passed(Projection& p, const journal::Entry& entry);
Status login_succeeded(Projection& p, const journal::Entry& entry);
Status session_ended(Projection& p, const journal::Entry& entry);

// apply_files.cpp
Status folder_made(Projection& p, const journal::Entry& entry);
Status folder_durability_set(Projection& p, const journal::Entry& entry);
Status node_removed(Projection& p, const journal::Entry& entry);
Status node_renamed(Projection& p, const journal::Entry& entry);
Status attributes_set(Projection& p, const journal::Entry& entry);

// apply_uploads.cpp
Status upload_started(Projection& p, const journal::Entry& entry);
Status upload_committed(Projection& p, const journal::Entry& entry);
Status upload_parked(Projection& p, const journal::Entry& entry);
Status upload_abandoned(Projection& p, const journal::Entry& entry);
Status upload_renamed(Projection& p, const journal::Entry& entry);
Status version_compacted(Projection& p, const journal::Entry& entry);

// apply_releases.cpp
Status listing_released(Projection& p, const journal::Entry& entry);
Status extents_released(Projection& p, const journal::Entry& entry);
Status release_refused(Projection& p, const journal::Entry& entry);
Status analysis_finished(Projection& p, const journal::Entry& entry);

// apply_incidents.cpp
Status contained(Projection& p, const journal::Entry& entry);
Status breaker_tripped(Projection& p, const journal::Entry& entry);
Status canary_set(Projection& p, const journal::Entry& entry);
Status backup_made(Projection& p, const journal::Entry& entry);
Status lifted(Projection& p, const journal::Entry& entry);

// Events that are read in the journal itself and change nothing that is looked up here.
Status nothing_to_look_up(Projection& p, const journal::Entry& entry);

}  // namespace apply
}  // namespace bulkhead::vault
