#include <fmt/format.h>

#include "proto/journal.pb.h"
#include "sshwire/keys.h"
#include "vault/administration/administration.h"

namespace bulkhead::vault {

Status Administration::get_status(const admin::Request&, const Send& send) {
  auto& parts = vault_.parts();
  admin::Reply reply;
  auto* status = reply.mutable_status();
  status->set_release(BULKHEAD_RELEASE);
  status->set_serving(around_.serving);
  status->set_sealed(parts.keeper.is_sealed());
  status->set_seal(std::string(parts.keeper.seal()));
  status->set_file_keys_unwrapped(parts.keeper.file_keys_unwrapped());
  for (const std::string& warning : parts.keeper.warnings())
    status->add_warning(warning);
  for (const std::string& warning : around_.warnings)
    status->add_warning(warning);
  status->set_contained(vault_.containment().deployment);
  status->set_keep_receiving(vault_.containment().keep_receiving);
  status->set_journal_entries(parts.journal.size());
  status->set_journal_root(to_string(ByteView(parts.journal.head().root)));
  if (const auto newest = parts.journal.newest_checkpoint())
    status->set_checkpoint_entries(newest->size);
  status->set_sessions(vault_.live_sessions());
  BH_TRY(const std::uint64_t backlog, parts.catalogue.analysis_backlog());
  status->set_analysis_backlog(backlog);
  BH_TRY(const auto space, parts.disk_space());
  status->set_disk_free_bytes(space.free_bytes);
  status->set_disk_total_bytes(space.total_bytes);
  BH_TRY(const auto totals, parts.catalogue.totals());
  status->set_files(totals.files);
  status->set_bytes(totals.bytes);
  status->set_users(totals.users);
  status->set_organisations(totals.organisations);
  for (const HostKeys::Key& key : vault_.host_keys().all()) {
    if (!key.signs) continue;
    const std::string fingerprint = sshwire::key_fingerprint(key.blob);
    if (status->host_key_fingerprint().empty()) status->set_host_key_fingerprint(fingerprint);
    BH_TRY(const std::string_view type, sshwire::public_key_type(key.blob));
    status->add_host_key(fmt::format("{} {}", type, fingerprint));
  }
  warn_of_certificate(*status);
  add_checkpoint_status(*status);
  add_backup_status(*status, totals.backed_up_at);
  if (status->contained())
    status->add_warning("the deployment is contained: bulkhead incident status");
  BH_CHECK(warn_of_breakers(*status));
  if (const Status room = vault_.refuse_upload_when_full(); !room)
    status->add_failure(room.error().message);
  BH_TRY(const auto organisations, parts.catalogue.organisations());
  for (const OrganisationRow& organisation : organisations) {
    if (!organisation.incident_recipients.empty()) continue;
    BH_TRY(const std::string name, name_of(organisation.id));
    status->add_warning(fmt::format(
        "organisation {} has no incident key: nobody could ask who is in its files", name));
  }
  send(std::move(reply), {});
  return {};
}

// A vault that waits for its passphrase does not get this far.
Status Administration::unseal(const admin::Request&, const Send&) {
  if (!vault_.parts().keeper.is_sealed())
    return fail(ErrorCode::kConflict, "the deployment is not sealed: nothing is to be done");
  return fail(ErrorCode::kRefused,
              "the keeper has forgotten its keys because of a containment: stop the server, lift "
              "the containment, start it again");
}

}  // namespace bulkhead::vault
