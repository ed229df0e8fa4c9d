// Who there is, what they may do, and when they were connected.
#include "vault/catalogue/projection.h"
#include "vault/catalogue/sqlite_catalogue.h"

namespace bulkhead::vault {
namespace {

using sqlite::Row;

OrganisationRow read_organisation(Row& row) {
  return {.id = row.id<OrganisationId>(),
          .name_box = row.bytes(),
          .key_epoch = row.u32(),
          .destroyed = row.flag(),
          .incident_recipients = {}};
}

UserRow read_user(Row& row) {
  return {
      .id = row.id<UserId>(),
      .organisation = row.id<OrganisationId>(),
      .name_box = row.bytes(),
      .role = static_cast<UserRole>(row.u32(static_cast<std::uint32_t>(UserRole::kAdministrator))),
      .public_key_boxes = {},
      .password_hash_box = row.bytes(),
      .totp_box = row.bytes(),
      .totp_step = row.u64(),
      .login_methods = {},
      .verify_required = row.flag(),
      .home = row.id<NodeId>(),
      .disabled = row.flag()};
}

GrantRow read_grant(Row& row) {
  return {.node = row.id<NodeId>(), .user = row.id<UserId>(), .rights = Rights(row.u32())};
}

SessionRow read_session(Row& row) {
  return {.id = row.id<ChannelId>(),
          .user = row.id<UserId>(),
          .peer_box = row.bytes(),
          .listener = row.text(),
          .kind = row.text(),
          .method = row.text(),
          .opened_at = row.i64(),
          .ended_at = row.i64()};
}

#define ORGANISATION_COLUMNS                                                                      \
  "id, name_box, key_epoch, NOT EXISTS (SELECT 1 FROM organisation_keys WHERE organisation = id " \
  "AND generation = (SELECT coalesce(max(generation), 0) FROM root_keys))"
#define USER_COLUMNS                                                                            \
  "id, organisation, name_box, role, password_hash_box, totp_box, totp_step, verify_required, " \
  "home, disabled"
#define SESSION_COLUMNS "channel, user, peer_box, listener, kind, method, opened_at, ended_at"

}  // namespace

Status SqliteCatalogue::complete(OrganisationRow& row) {
  BH_TRY(
      row.incident_recipients,
      database_.all(kOrganisationRecipients.select, [](Row& item) { return item.text(); }, row.id));
  return {};
}

Status SqliteCatalogue::complete(UserRow& row) {
  BH_TRY(row.public_key_boxes,
         database_.all(kUserKeys.select, [](Row& item) { return item.bytes(); }, row.id));
  BH_TRY(row.login_methods,
         database_.all(kUserLoginMethods.select, [](Row& item) { return item.text(); }, row.id));
  return {};
}

Result<std::vector<OrganisationRow>> SqliteCatalogue::organisations() {
  return completed(database_.all("SELECT " ORGANISATION_COLUMNS " FROM organisations ORDER BY id",
                                 read_organisation));
}

Result<std::optional<OrganisationRow>> SqliteCatalogue::organisation(OrganisationId id) {
  auto& known = remembered_.organisations;
  if (const auto found = known.find(id); found != known.end()) return found->second;
  BH_TRY(auto organisation, completed(database_.first("SELECT " ORGANISATION_COLUMNS
                                                      " FROM organisations WHERE id = ?",
                                                      read_organisation, id)));
  if (organisation) known.emplace(id, *organisation);
  return organisation;
}

Result<std::optional<OrganisationId>> SqliteCatalogue::organisation_named(const NameHash& name) {
  return database_.first(
      "SELECT id FROM organisations WHERE name_hash = ?",
      [](Row& row) { return row.id<OrganisationId>(); }, name);
}

Result<std::vector<UserRow>> SqliteCatalogue::users() {
  return completed(
      database_.all("SELECT " USER_COLUMNS " FROM users WHERE removed = 0 ORDER BY id", read_user));
}

Result<std::optional<UserRow>> SqliteCatalogue::user(UserId id) {
  return completed(
      database_.first("SELECT " USER_COLUMNS " FROM users WHERE id = ?", read_user, id));
}

Result<std::optional<UserRow>> SqliteCatalogue::user_named(const NameHash& name) {
  return completed(
      database_.first("SELECT " USER_COLUMNS " FROM users WHERE name_hash = ?", read_user, name));
}

Result<std::uint32_t> SqliteCatalogue::security_key_counter(UserId user, ByteView key_sha256) {
  BH_TRY(const auto counter,
         database_.first(
             "SELECT counter FROM security_key_counters WHERE user = ? AND key_sha256 = ?",
             [](Row& row) { return row.u32(); }, user, key_sha256));
  return counter.value_or(0);
}

Result<std::vector<GrantRow>> SqliteCatalogue::grants_of(UserId user) {
  return database_.all("SELECT node, user, rights FROM grants WHERE user = ? ORDER BY node",
                       read_grant, user);
}

Result<std::vector<GrantRow>> SqliteCatalogue::grants_on(NodeId node) {
  return database_.all("SELECT node, user, rights FROM grants WHERE node = ? ORDER BY user",
                       read_grant, node);
}

Result<std::vector<SessionRow>> SqliteCatalogue::sessions(std::size_t newest) {
  return database_.all("SELECT " SESSION_COLUMNS " FROM sessions ORDER BY channel DESC LIMIT ?",
                       read_session, static_cast<std::uint64_t>(newest));
}

Result<std::optional<SessionRow>> SqliteCatalogue::session(ChannelId id) {
  return database_.first("SELECT " SESSION_COLUMNS " FROM sessions WHERE channel = ?", read_session,
                         id);
}

}  // namespace bulkhead::vault
