#include "catalogue_author.h"

#include <fmt/format.h>

#include <array>

namespace bulkhead::vault::test {

Author::Author(std::uint64_t seed) : random_(seed) {
  journal::Entry root = fresh();
  root.mutable_folder_made()->set_node(1);
  write(std::move(root));
  nodes_[1] = {.folder = true};
  add_organisation();
  add_user();
}

void Author::write_one() {
  now_ += static_cast<UnixMicros>(pick(40'000'000));
  static constexpr std::array kActions = {&Author::add_organisation,
                                          &Author::change_organisation,
                                          &Author::add_user,
                                          &Author::change_user,
                                          &Author::remove_user,
                                          &Author::set_rights,
                                          &Author::add_authority,
                                          &Author::remove_authority,
                                          &Author::revoke,
                                          &Author::change_host_keys,
                                          &Author::change_tls_keys,
                                          &Author::rotate_organisation_key,
                                          &Author::rotate_root_key,
                                          &Author::open_session,
                                          &Author::end_session,
                                          &Author::make_folder,
                                          &Author::make_folder,
                                          &Author::remove_node,
                                          &Author::rename_node,
                                          &Author::set_attributes,
                                          &Author::start_upload,
                                          &Author::start_upload,
                                          &Author::start_upload,
                                          &Author::commit_upload,
                                          &Author::commit_upload,
                                          &Author::commit_upload,
                                          &Author::park_upload,
                                          &Author::resume_upload,
                                          &Author::abandon_upload,
                                          &Author::rename_upload,
                                          &Author::list,
                                          &Author::release,
                                          &Author::release,
                                          &Author::release,
                                          &Author::analyse,
                                          &Author::compact,
                                          &Author::contain,
                                          &Author::lift,
                                          &Author::refuse,
                                          &Author::trip,
                                          &Author::set_canary,
                                          &Author::set_durability,
                                          &Author::talk};
  (this->*kActions[pick(kActions.size())])();
}

std::uint64_t Author::any_folder() {
  while (true) {
    const auto& [id, node] =
        *std::next(nodes_.begin(), static_cast<std::ptrdiff_t>(pick(nodes_.size())));
    if (node.folder) return id;
  }
}

std::uint64_t Author::child(std::uint64_t parent, const std::string& name) {
  for (const auto& [id, node] : nodes_) {
    if (node.parent == parent && node.name == name) return id;
  }
  return 0;
}

std::string Author::some_name() {
  return fmt::format("name {}", pick(60));
}

journal::Entry Author::fresh() {
  return entry_at(now_, sessions_.empty() ? 0 : any(sessions_));
}

void Author::write(journal::Entry entry, bool has_payload) {
  kinds.insert(entry.event_case());
  std::optional<journal::PayloadPosition> payload;
  if (has_payload)
    payload = journal::PayloadPosition{.segment = entries.size() / 1000, .offset = entries.size()};
  entries.push_back({std::move(entry), payload});
}

void Author::add_organisation() {
  if (organisations_ >= 5) return;
  auto e = fresh();
  auto& event = *e.mutable_organisation_added();
  event.set_organisation(++organisations_);
  seal(fmt::format("organisation {}", organisations_), event.mutable_name());
  event.set_wrapped_key("key");
  event.set_key_epoch(1);
  epochs_[organisations_].insert(1);
  write(std::move(e));
}

void Author::change_organisation() {
  auto e = fresh();
  e.mutable_organisation_changed()->set_organisation(1 + pick(organisations_));
  for (std::uint64_t i = pick(4); i > 0; --i) {
    e.mutable_organisation_changed()->add_incident_recipient(fmt::format("age1{}", pick(100)));
  }
  write(std::move(e));
}

void Author::add_user() {
  const std::string name = fmt::format("user {}", pick(30));
  if (!names_.insert(name).second) return;
  auto e = fresh();
  auto& event = *e.mutable_user_added();
  event.set_user(++last_user_);
  event.set_organisation(1 + pick(organisations_));
  seal(name, event.mutable_name());
  event.set_role(static_cast<journal::Role>(pick(3)));
  for (std::uint64_t i = pick(3); i > 0; --i)
    event.add_public_key()->set_box(fmt::format("key {}", pick(99)));
  event.set_home(any_folder());
  users_[last_user_] = name;
  write(std::move(e));
}

std::uint64_t Author::any_user() {
  return any(users_).first;
}

void Author::change_user() {
  auto e = fresh();
  auto& event = *e.mutable_user_changed();
  event.set_user(any_user());
  event.set_set_public_keys(pick(2) == 1);
  event.add_public_key()->set_box(fmt::format("key {}", pick(99)));
  event.set_set_password(pick(2) == 1);
  event.mutable_password_hash()->set_box(fmt::format("hash {}", pick(99)));
  if (pick(2) == 1) event.set_disabled(pick(2) == 1);
  event.set_set_totp(pick(2) == 1);
  event.mutable_totp_secret()->set_box(fmt::format("secret {}", pick(99)));
  event.set_set_login_methods(pick(2) == 1);
  for (std::uint64_t i = pick(3); i > 0; --i)
    event.add_login_methods(fmt::format("publickey,password{}", pick(9)));
  write(std::move(e));
}

void Author::remove_user() {
  if (users_.size() < 4) return;
  const std::uint64_t user = any_user();
  auto e = fresh();
  e.mutable_user_removed()->set_user(user);
  names_.erase(users_[user]);
  users_.erase(user);
  write(std::move(e));
}

void Author::set_rights() {
  auto e = fresh();
  e.mutable_rights_set()->set_node(any_folder());
  e.mutable_rights_set()->set_user(any_user());
  e.mutable_rights_set()->set_rights(static_cast<std::uint32_t>(pick(16)));
  write(std::move(e));
}

void Author::add_authority() {
  auto e = fresh();
  auto& event = *e.mutable_certificate_authority_added();
  event.set_authority(++last_authority_);
  if (pick(2) == 1) {
    event.set_organisation(1 + pick(organisations_));
    authorities_.insert(last_authority_);
  } else {
    event.set_user(any_user());  // goes with the user, so nothing more is said of it here
  }
  event.mutable_public_key()->set_box(fmt::format("key {}", pick(99)));
  write(std::move(e));
}

void Author::remove_authority() {
  if (authorities_.size() < 2) return;
  const std::uint64_t authority = any(authorities_);
  auto e = fresh();
  e.mutable_certificate_authority_removed()->set_authority(authority);
  authorities_.erase(authority);
  write(std::move(e));
}

void Author::revoke() {
  if (authorities_.empty()) return;
  auto e = fresh();
  auto& event = *e.mutable_certificates_revoked();
  if (pick(3) == 0) {
    event.set_key_sha256(std::string(32, static_cast<char>(pick(99))));
  } else {
    event.set_authority(any(authorities_));
    event.set_first_serial(pick(99));
    event.set_last_serial(event.first_serial() + pick(99));
    if (pick(2) == 1) seal(fmt::format("id {}", pick(99)), event.mutable_key_id());
  }
  write(std::move(e));
}

void Author::change_host_keys() {
  auto added = fresh();
  added.mutable_host_key_added()->set_number(++last_host_key_);
  added.mutable_host_key_added()->set_kind(static_cast<journal::HostKeyKind>(1 + pick(3)));
  added.mutable_host_key_added()->set_wrapped_key(fmt::format("key {}", pick(99)));
  write(std::move(added));
  auto changed = fresh();
  if (pick(2) == 1) {
    changed.mutable_host_key_removed()->set_number(last_host_key_);
  } else {
    changed.mutable_host_certificate_set()->set_number(last_host_key_);
    changed.mutable_host_certificate_set()->set_certificate(fmt::format("one {}", pick(99)));
    changed.mutable_host_certificate_set()->set_valid_before_s(static_cast<std::int64_t>(pick(99)));
  }
  write(std::move(changed));
}

void Author::change_tls_keys() {
  auto added = fresh();
  added.mutable_tls_key_added()->set_number(++last_tls_key_);
  added.mutable_tls_key_added()->set_wrapped_key(fmt::format("key {}", pick(99)));
  write(std::move(added));
  if (pick(2) == 1) return;
  auto set = fresh();
  set.mutable_tls_certificate_set()->set_number(last_tls_key_);
  set.mutable_tls_certificate_set()->add_certificate(fmt::format("one {}", pick(99)));
  set.mutable_tls_certificate_set()->set_not_after_s(static_cast<std::int64_t>(pick(99)));
  write(std::move(set));
}

// A new key; or some file keys go under the newest one; or one that has none any more goes.
void Author::rotate_organisation_key() {
  const std::uint64_t organisation = 1 + pick(organisations_);
  auto& epochs = epochs_[organisation];
  auto e = fresh();
  if (epochs.size() == 1) {
    const std::uint32_t next = *epochs.begin() + 1;
    epochs.insert(next);
    e.mutable_organisation_key_rotated()->set_organisation(organisation);
    e.mutable_organisation_key_rotated()->set_key_epoch(next);
    e.mutable_organisation_key_rotated()->set_wrapped_key(fmt::format("key {}", next));
    return write(std::move(e));
  }
  const std::uint32_t oldest = *epochs.begin();
  auto& rewrapped = *e.mutable_file_keys_rewrapped();
  rewrapped.set_organisation(organisation);
  rewrapped.set_old_key_epoch(oldest);
  rewrapped.set_key_epoch(*epochs.rbegin());
  for (auto& [lineage, under] : lineages_) {
    if (under.organisation != organisation || under.epoch != oldest) continue;
    if (rewrapped.file_key_size() == 20) break;
    under.epoch = *epochs.rbegin();
    rewrapped.add_file_key()->set_lineage(lineage_bytes(lineage));
    rewrapped.mutable_file_key()->rbegin()->set_wrapped_file_key(fmt::format("again {}", lineage));
  }
  if (rewrapped.file_key_size() == 0) {
    epochs.erase(oldest);
    e.mutable_organisation_key_retired()->set_organisation(organisation);
    e.mutable_organisation_key_retired()->set_key_epoch(oldest);
  }
  write(std::move(e));
}

// Sometimes one that is interrupted.
void Author::rotate_root_key() {
  const std::uint64_t generation = entries.size() + 1;
  auto e = fresh();
  e.mutable_organisation_keys_rewrapped()->set_generation(generation);
  for (const auto& [organisation, epochs] : epochs_) {
    for (const std::uint32_t epoch : epochs) {
      auto& key = *e.mutable_organisation_keys_rewrapped()->add_organisation_key();
      key.set_organisation(organisation);
      key.set_key_epoch(epoch);
      key.set_wrapped_key(fmt::format("key {} by {}", epoch, generation));
    }
  }
  write(std::move(e));
  if (pick(3) == 0) return;
  auto last = fresh();
  last.mutable_root_key_rotated()->set_generation(generation);
  last.mutable_root_key_rotated()->set_wrapped_system_key("system key");
  write(std::move(last));
}

void Author::open_session() {
  auto opened = entry_at(now_, ++last_channel_);
  opened.mutable_session_opened()->mutable_peer_address()->set_box(fmt::format("peer {}", pick(9)));
  opened.mutable_session_opened()->set_listener("sftp");
  write(std::move(opened));
  sessions_.insert(last_channel_);
  auto login = entry_at(now_, last_channel_);
  user_of_[last_channel_] = any_user();
  login.mutable_login_succeeded()->set_user(user_of_[last_channel_]);
  login.mutable_login_succeeded()->set_method("password");
  login.mutable_login_succeeded()->set_totp_step(pick(99));
  login.mutable_login_succeeded()->set_key_sha256(std::string(32, static_cast<char>(pick(9))));
  login.mutable_login_succeeded()->set_security_key_counter(static_cast<std::uint32_t>(pick(99)));
  if (pick(2) == 1) {
    auto step = entry_at(now_, last_channel_);
    step.mutable_login_step_passed()->set_user(user_of_[last_channel_]);
    step.mutable_login_step_passed()->set_totp_step(pick(99));
    write(std::move(step));
  }
  write(std::move(login));
}

void Author::end_session() {
  if (sessions_.size() < 2) return;
  const std::uint64_t channel = any(sessions_);
  auto e = entry_at(now_, channel);
  e.mutable_session_ended()->set_how("closed");
  sessions_.erase(channel);
  write(std::move(e));
}

void Author::make_folder() {
  const std::uint64_t parent = any_folder();
  const std::string name = some_name();
  if (child(parent, name) != 0) return;
  auto e = fresh();
  auto& event = *e.mutable_folder_made();
  event.set_node(++last_node_);
  event.set_parent(parent);
  seal(name, event.mutable_name());
  nodes_[last_node_] = {.folder = true, .parent = parent, .name = name};
  ++nodes_[parent].children;
  write(std::move(e));
}

bool Author::removable(std::uint64_t id) {
  return id != 1 && nodes_[id].children == 0;
}

void Author::forget(std::uint64_t id) {
  --nodes_[nodes_[id].parent].children;
  nodes_.erase(id);
}

void Author::remove_node() {
  const std::uint64_t id = any(nodes_).first;
  if (!removable(id)) return;
  auto e = fresh();
  e.mutable_node_removed()->set_node(id);
  forget(id);
  write(std::move(e));
}

void Author::rename_node() {
  const std::uint64_t id = any(nodes_).first;
  const std::uint64_t parent = any_folder();
  const std::string name = some_name();
  for (std::uint64_t above = parent; above != 0; above = nodes_[above].parent) {
    if (above == id) return;
  }
  const std::uint64_t there = child(parent, name);
  if (id == 1 || there == id || (there != 0 && !removable(there))) return;
  auto e = fresh();
  auto& event = *e.mutable_node_renamed();
  event.set_node(id);
  event.set_parent(parent);
  seal(name, event.mutable_name());
  event.set_replaced(there);
  if (there != 0) forget(there);
  --nodes_[nodes_[id].parent].children;
  ++nodes_[parent].children;
  nodes_[id].parent = parent;
  nodes_[id].name = name;
  write(std::move(e));
}

void Author::set_attributes() {
  auto e = fresh();
  auto& event = *e.mutable_attributes_set();
  event.set_node(any(nodes_).first);
  if (pick(2) == 1) event.set_modified_s(static_cast<std::int64_t>(pick(1000)));
  if (pick(2) == 1) event.set_accessed_s(-static_cast<std::int64_t>(pick(1000)));
  if (pick(2) == 1) event.set_permissions(static_cast<std::uint32_t>(pick(01000)));
  write(std::move(e));
}

void Author::start_upload() {
  auto e = fresh();
  auto& event = *e.mutable_upload_started();
  Upload upload{.parent = any_folder(), .name = some_name(), .user = any_user()};
  const std::uint64_t there = child(upload.parent, upload.name);
  const bool rewrites = there != 0 && !nodes_[there].folder && pick(2) == 1;
  upload.lineage = rewrites ? nodes_[there].lineage : ++last_lineage_;
  event.set_upload(++last_upload_);
  event.set_parent(upload.parent);
  seal(upload.name, event.mutable_name());
  event.set_user(upload.user);
  const std::uint64_t organisation = 1 + pick(organisations_);
  event.set_organisation(organisation);
  event.set_lineage(lineage_bytes(upload.lineage));
  if (rewrites) {
    event.set_base_version(nodes_[there].version);
    upload.base = nodes_[there].version;
  } else {
    event.set_wrapped_file_key(fmt::format("file key {}", upload.lineage));
    const std::uint32_t epoch = *epochs_[organisation].rbegin();
    event.set_key_epoch(epoch);
    lineages_[upload.lineage] = {organisation, epoch};
  }
  event.set_staging_blob(fmt::format("stage {}", last_upload_));
  uploads_[last_upload_] = upload;
  write(std::move(e));
}

void Author::commit_upload() {
  if (uploads_.empty()) return;
  const auto [id, upload] = any(uploads_);
  const std::uint64_t there = child(upload.parent, upload.name);
  if (!nodes_.contains(upload.parent) || (there != 0 && nodes_[there].folder)) return;
  const std::uint64_t node = there != 0 ? there : ++last_node_;
  auto e = fresh();
  auto& event = *e.mutable_upload_committed();
  event.set_upload(id);
  event.set_version(++last_version_);
  event.set_node(node);
  event.set_size(pick(1'000'000));
  for (std::uint64_t i = pick(3); i > 0; --i)
    event.add_part(fmt::format("stage {}", 1 + pick(last_upload_)));
  const bool is_inline = pick(3) == 0;
  if (is_inline) event.set_inline_sha256(std::string(32, 'h'));
  event.set_modified_s(static_cast<std::int64_t>(pick(1000)));
  if (there == 0) {
    nodes_[node] = {.parent = upload.parent, .name = upload.name};
    ++nodes_[upload.parent].children;
  }
  nodes_[node].version = last_version_;
  nodes_[node].lineage = upload.lineage;
  versions_[last_version_] = upload.lineage;
  uploads_.erase(id);
  write(std::move(e), is_inline);
}

void Author::park_upload() {
  if (uploads_.empty()) return;
  auto e = fresh();
  e.mutable_upload_parked()->set_upload(any(uploads_).first);
  e.mutable_upload_parked()->set_size(pick(1000));
  e.mutable_upload_parked()->set_size_known(pick(2) == 1);
  e.mutable_upload_parked()->set_description("half");
  write(std::move(e));
}

void Author::resume_upload() {
  if (uploads_.empty()) return;
  const auto [id, upload] = any(uploads_);
  auto e = fresh();
  e.mutable_upload_started()->set_upload(id);
  e.mutable_upload_started()->set_user(upload.user);
  e.mutable_upload_started()->set_resumes(true);
  write(std::move(e));
}

void Author::abandon_upload() {
  if (uploads_.size() < 5) return;
  const std::uint64_t id = any(uploads_).first;
  auto e = fresh();
  e.mutable_upload_abandoned()->set_upload(id);
  uploads_.erase(id);
  write(std::move(e));
}

void Author::rename_upload() {
  if (uploads_.empty()) return;
  const std::uint64_t id = any(uploads_).first;
  Upload& upload = uploads_[id];
  upload.parent = any_folder();
  upload.name = some_name();
  auto e = fresh();
  e.mutable_upload_renamed()->set_upload(id);
  e.mutable_upload_renamed()->set_parent(upload.parent);
  seal(upload.name, e.mutable_upload_renamed()->mutable_name());
  write(std::move(e));
}

void Author::list() {
  auto e = fresh();
  e.mutable_listing_released()->set_user(any_user());
  e.mutable_listing_released()->set_node(any_folder());
  e.mutable_listing_released()->set_names(pick(1000));
  write(std::move(e));
}

void Author::release() {
  if (versions_.empty() || sessions_.empty()) return;
  const auto [version, lineage] = any(versions_);
  const std::uint64_t channel = any(sessions_);
  auto e = entry_at(now_, channel);
  auto& event = *e.mutable_extents_released();
  event.set_version(pick(8) == 0 ? 0 : version);
  event.set_lineage(lineage_bytes(lineage));
  for (std::uint32_t i = static_cast<std::uint32_t>(pick(5)); i > 0; --i)
    event.add_extent(i);
  event.set_bytes(pick(1 << 26));
  event.set_purpose(static_cast<journal::ReleasePurpose>(pick(3)));
  if (event.purpose() != journal::ANALYSIS) event.set_user(user_of_[channel]);
  write(std::move(e));
}

void Author::compact() {
  if (versions_.empty()) return;
  const std::uint64_t version = any(versions_).first;
  for (const auto& [id, upload] : uploads_) {
    if (upload.base == version) return;
  }
  auto e = fresh();
  auto& event = *e.mutable_version_compacted();
  event.set_version(version);
  event.set_description(fmt::format("joined {}", pick(1000)));
  for (std::uint64_t i = 1 + pick(3); i > 0; --i)
    event.add_part(fmt::format("joined {}", pick(1000)));
  write(std::move(e));
}

void Author::analyse() {
  if (versions_.empty()) return;
  auto e = fresh();
  auto& event = *e.mutable_analysis_finished();
  event.set_version(any(versions_).first);
  event.set_outcome(static_cast<std::uint32_t>(pick(4)));
  event.set_format("csv");
  event.set_findings_blob(fmt::format("findings {}", pick(1000)));
  for (std::uint64_t i = pick(3); i > 0; --i)
    event.add_recipient(fmt::format("age1{}", pick(100)));
  write(std::move(e));
}

void Author::contain() {
  auto e = fresh();
  auto& event = *e.mutable_contained();
  event.set_scope(static_cast<journal::Scope>(pick(4)));
  event.set_user(any_user());
  event.set_organisation(1 + pick(organisations_));
  event.set_listener(pick(2) == 1 ? "sftp" : "https");
  event.set_keep_receiving(pick(2) == 1);
  write(std::move(e));
}

void Author::lift() {
  auto e = fresh();
  auto& event = *e.mutable_lifted();
  event.set_scope(static_cast<journal::Scope>(pick(4)));
  event.set_user(any_user());
  event.set_organisation(1 + pick(organisations_));
  event.set_listener(pick(2) == 1 ? "sftp" : "https");
  write(std::move(e));
}

template <typename Event>
void Author::put_scope(Event& event, std::uint64_t scopes) {
  event.set_scope(static_cast<journal::Scope>(pick(scopes)));
  event.set_user(any_user());
  event.set_organisation(1 + pick(organisations_));
  event.set_listener(pick(2) == 1 ? "sftp" : "https");
}

void Author::refuse() {
  auto e = fresh();
  put_scope(*e.mutable_release_refused(), 4);
  write(std::move(e));
}

void Author::trip() {
  auto e = fresh();
  put_scope(*e.mutable_breaker_tripped(), 5);
  e.mutable_breaker_tripped()->set_cause(static_cast<journal::TripCause>(pick(5)));
  write(std::move(e));
}

void Author::set_canary() {
  auto e = fresh();
  e.mutable_canary_set()->set_node(any(nodes_).first);
  e.mutable_canary_set()->set_set(pick(3) != 0);
  write(std::move(e));
}

void Author::set_durability() {
  auto e = fresh();
  std::uint64_t folder = 1;
  if (const auto [id, node] = any(nodes_); node.folder) folder = id;
  e.mutable_folder_durability_set()->set_node(folder);
  e.mutable_folder_durability_set()->set_durability(static_cast<journal::Durability>(pick(3)));
  write(std::move(e));
}

// Events that the catalogue only passes by, and a vault that comes and goes.
void Author::talk() {
  auto e = fresh();
  switch (pick(11)) {
    case 0:
      e.mutable_deployment_created();
      break;
    case 1:
      e.mutable_vault_started(), sessions_.clear();
      break;
    case 2:
      e.mutable_vault_stopped(), sessions_.clear();
      break;
    case 3:
      e.mutable_login_failed()->set_reason("no such user");
      break;
    case 4:
      e.mutable_request_refused()->set_request("Open");
      break;
    case 5:
      e.mutable_incident_opened()->set_id("one");
      break;
    case 6:
      e.mutable_weak_algorithms_used()->set_profile("legacy");
      break;
    case 7:
      e.mutable_backup_made()->set_entries(7);
      break;
    case 8:
      e.mutable_deployment_restored()->set_entries(7);
      break;
    case 9:
      e.mutable_address_refused()->set_for_ms(pick(99));
      break;
    default:
      e.mutable_exposure_asked()->set_versions(3);
      break;
  }
  write(std::move(e));
}

}  // namespace bulkhead::vault::test
