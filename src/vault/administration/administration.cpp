#include "vault/administration/administration.h"

#include "proto/journal.pb.h"

namespace bulkhead::vault {

struct Administration::Row {
  admin::Request::BodyCase message;
  Status (Administration::*handler)(const admin::Request&, const Send&);
};

const Administration::Row* Administration::find(admin::Request::BodyCase message) {
  using Q = admin::Request;
  static constexpr Row kTable[] = {
      {Q::kAddOrganisation, &Administration::add_organisation},
      {Q::kListOrganisations, &Administration::list_organisations},
      {Q::kShowOrganisation, &Administration::show_organisation},
      {Q::kAddUser, &Administration::add_user},
      {Q::kListUsers, &Administration::list_users},
      {Q::kShowUser, &Administration::show_user},
      {Q::kChangeUser, &Administration::change_user},
      {Q::kRemoveUser, &Administration::remove_user},
      {Q::kAddFolder, &Administration::add_folder},
      {Q::kListFolders, &Administration::list_folders},
      {Q::kSetRights, &Administration::set_rights},
      {Q::kSetDurability, &Administration::set_durability},
      {Q::kListJournal, &Administration::list_journal},
      {Q::kMakeCheckpoint, &Administration::make_checkpoint},
      {Q::kShowJournalKey, &Administration::show_journal_key},
      {Q::kAddCosignatures, &Administration::add_cosignatures},
      {Q::kListTransfers, &Administration::list_transfers},
      {Q::kGetStatus, &Administration::get_status},
      {Q::kUnseal, &Administration::unseal},
      {Q::kHoldContents, &Administration::hold_contents},
      {Q::kFinishBackup, &Administration::finish_backup},
      {Q::kOpenIncident, &Administration::open_incident},
      {Q::kContain, &Administration::contain},
      {Q::kIncidentStatus, &Administration::incident_status},
      {Q::kLift, &Administration::lift},
      {Q::kFindReleases, &Administration::find_releases},
      {Q::kSetCanary, &Administration::set_canary},
      {Q::kListCanaries, &Administration::list_canaries},
      {Q::kAddCertificateAuthority, &Administration::add_certificate_authority},
      {Q::kListCertificateAuthorities, &Administration::list_certificate_authorities},
      {Q::kRemoveCertificateAuthority, &Administration::remove_certificate_authority},
      {Q::kRevokeCertificates, &Administration::revoke_certificates},
      {Q::kAddHostKey, &Administration::add_host_key},
      {Q::kListHostKeys, &Administration::list_host_keys},
      {Q::kRemoveHostKey, &Administration::remove_host_key},
      {Q::kSetHostCertificate, &Administration::set_host_certificate},
      {Q::kShowTlsKey, &Administration::show_tls_key},
      {Q::kPrepareTlsKey, &Administration::prepare_tls_key},
      {Q::kSetTlsCertificate, &Administration::set_tls_certificate},
      {Q::kDescribeRootKey, &Administration::describe_root_key},
      {Q::kRotateRootKey, &Administration::rotate_root_key},
      {Q::kRotateOrganisationKeys, &Administration::rotate_organisation_keys},
  };
  for (const Row& row : kTable) {
    if (row.message == message) return &row;
  }
  return nullptr;
}

void Administration::request(const admin::Request& request, Send send) {
  const Row* row = find(request.body_case());
  Status status =
      row == nullptr
          ? Status(fail(ErrorCode::kUnsupported, "this server does not know that request"))
          : (this->*row->handler)(request, send);
  if (status && vault_.fault()) status = fail(*vault_.fault());
  if (status) return;
  admin::Reply reply;
  reply.set_code(1 + static_cast<std::uint32_t>(status.error().code));
  reply.set_message(status.error().message);
  send(std::move(reply), {});
}

void Administration::send_when_durable(admin::Reply reply, const Send& send) {
  vault_.when_durable(vault_.parts().journal.size(),
                      [reply = std::move(reply), send]() mutable { send(std::move(reply), {}); });
}

}  // namespace bulkhead::vault
