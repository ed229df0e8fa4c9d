// What `bulkhead …` asks over the administration socket. The asker is the deployment's own user on
// this machine (the process checks SO_PEERCRED); answers may hold names, never contents and never a
// key.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "journal/checkpoint.h"
#include "proto/admin.pb.h"
#include "vault/vault.h"

namespace bulkhead::journal {
class UserChanged;
}

namespace bulkhead::vault {

class Administration {
 public:
  // Sends one reply; any number with `more` set, then one without.
  using Send = std::function<void(admin::Reply, std::vector<UniqueFd>)>;

  struct Surroundings {
    bool serving = false;  // a supervisor is there
    std::string journal_folder;
    std::vector<std::string> warnings;  // for `status`
  };

  Administration(Vault& vault, Surroundings surroundings)
      : vault_(vault), around_(std::move(surroundings)) {}

  // `send` is called from here or later, until the last reply; it must stay callable (and may
  // ignore what it is given).
  void request(const admin::Request& request, Send send);

 private:
  struct Row;
  static const Row* find(admin::Request::BodyCase message);

  // Each answers through `send`; an error is answered by the caller.
  Status add_organisation(const admin::Request& request, const Send& send);
  Status list_organisations(const admin::Request& request, const Send& send);
  Status show_organisation(const admin::Request& request, const Send& send);
  Status add_user(const admin::Request& request, const Send& send);
  Status list_users(const admin::Request& request, const Send& send);
  Status show_user(const admin::Request& request, const Send& send);
  Status change_user(const admin::Request& request, const Send& send);
  Status remove_user(const admin::Request& request, const Send& send);
  Status add_folder(const admin::Request& request, const Send& send);
  Status list_folders(const admin::Request& request, const Send& send);
  Status set_rights(const admin::Request& request, const Send& send);
  Status set_durability(const admin::Request& request, const Send& send);
  Status list_journal(const admin::Request& request, const Send& send);
  Status make_checkpoint(const admin::Request& request, const Send& send);
  Status show_journal_key(const admin::Request& request, const Send& send);
  Status add_cosignatures(const admin::Request& request, const Send& send);
  Status list_transfers(const admin::Request& request, const Send& send);
  Status get_status(const admin::Request& request, const Send& send);
  Status unseal(const admin::Request& request, const Send& send);
  // backups.cpp
  Status hold_contents(const admin::Request& request, const Send& send);
  Status finish_backup(const admin::Request& request, const Send& send);
  void add_backup_status(admin::DeploymentStatus& status, UnixMicros backed_up_at);
  Status open_incident(const admin::Request& request, const Send& send);
  Status contain(const admin::Request& request, const Send& send);
  Status incident_status(const admin::Request& request, const Send& send);
  Status lift(const admin::Request& request, const Send& send);
  Status find_releases(const admin::Request& request, const Send& send);
  Status add_certificate_authority(const admin::Request& request, const Send& send);
  Status list_certificate_authorities(const admin::Request& request, const Send& send);
  Status remove_certificate_authority(const admin::Request& request, const Send& send);
  Status revoke_certificates(const admin::Request& request, const Send& send);
  Status add_host_key(const admin::Request& request, const Send& send);
  Status list_host_keys(const admin::Request& request, const Send& send);
  Status remove_host_key(const admin::Request& request, const Send& send);
  Status set_host_certificate(const admin::Request& request, const Send& send);
  // tls_keys.cpp
  Status show_tls_key(const admin::Request& request, const Send& send);
  Status prepare_tls_key(const admin::Request& request, const Send& send);
  Status set_tls_certificate(const admin::Request& request, const Send& send);
  void warn_of_certificate(admin::DeploymentStatus& status);
  // keys.cpp
  Status describe_root_key(const admin::Request& request, const Send& send);
  Status rotate_root_key(const admin::Request& request, const Send& send);
  Status rotate_organisation_keys(const admin::Request& request, const Send& send);
  Status disable_users_of(OrganisationId organisation, admin::RotatedKeys& figures);
  // breakers.cpp
  Status set_canary(const admin::Request& request, const Send& send);
  Status list_canaries(const admin::Request& request, const Send& send);
  Result<std::vector<admin::Breaker>> breakers_not_closed();
  Result<std::string> name_of(const Principal& who);
  Status warn_of_breakers(admin::DeploymentStatus& status);

  // journal_commands.cpp
  Status send_journal_page(const admin::ListJournal& wanted, const Send& send);
  std::vector<journal::WitnessKey> witnesses();
  journal::CheckpointKey checkpoint_key();
  void add_checkpoint_status(admin::DeploymentStatus& status);
  // people.cpp
  Result<OrganisationRow> organisation_named(const std::string& name);
  Result<UserRow> user_named(const std::string& name);
  Result<admin::Organisation> shown(const OrganisationRow& row);
  Result<admin::User> shown(const UserRow& row);
  Result<std::string> name_of(UserId user);
  Result<std::string> name_of(OrganisationId organisation);
  Status check_new_user(const admin::AddUser& wanted);
  Status change_keys(const UserRow& row, const admin::ChangeUser& wanted,
                     journal::UserChanged& changed);
  Result<NodeId> home_for(const std::string& name, NodeId homes, OrganisationId organisation,
                          UserId user);
  // host_keys.cpp
  void host_key_made(crypto::SigningKey key, const Send& send);
  Result<const HostKeys::Key*> host_key_with(std::string_view fingerprint);
  // Loads the keys anew and shows that one.
  Status answer_with(ByteView blob, const Send& send);
  // certificates.cpp
  Result<CertificateAuthorityRow> authority_numbered(std::uint64_t id);
  Result<admin::CertificateAuthority> shown(const CertificateAuthorityRow& row);
  // folders.cpp
  Result<NodeRow> folder_at(const std::string& path);
  Result<std::optional<NodeRow>> node_at(const std::string& path);
  Result<OrganisationId> organisation_for(const admin::AddFolder& wanted, const NodeRow& parent);
  Status set_members(NodeId node, const google::protobuf::RepeatedPtrField<admin::Member>& members);
  Result<admin::Folder> shown_folder(const NodeRow& folder);
  Status list_below(const NodeRow& folder, std::vector<admin::Folder>& found, std::size_t depth);
  // incidents.cpp
  Result<journal::Entry> containment_entry(const admin::Contain& wanted);
  Result<admin::Release> shown(const ReleaseRow& row, const VersionRow& version);
  Status add_findings(const VersionRow& version, const admin::FindReleases& wanted,
                      admin::Release& release, std::vector<UniqueFd>& descriptors);
  Result<Catalogue::ReleaseQuery> query_of(const admin::FindReleases& wanted);
  // Sends `reply` as the last one once everything recorded so far is durable.
  void send_when_durable(admin::Reply reply, const Send& send);

  Vault& vault_;
  Surroundings around_;
};

}  // namespace bulkhead::vault
