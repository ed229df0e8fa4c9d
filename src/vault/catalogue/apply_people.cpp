// Organisations, users and what users may do where.
#include <fmt/format.h>

#include "vault/catalogue/events.h"

namespace bulkhead::vault::apply {

using journal::Entry;

namespace {

constexpr auto kAsText = [](const std::string& text) { return std::string_view(text); };
constexpr auto kAsBox = [](const journal::Sealed& sealed) { return view_of(sealed.box()); };

}  // namespace

Status organisation_added(Projection& p, const Entry& entry) {
  const auto& event = entry.organisation_added();
  const OrganisationId id{event.organisation()};
  BH_CHECK(check_number(id.value, "organisation"));
  BH_CHECK(check_number(event.key_epoch(), "key epoch"));
  BH_TRY(const NameHash hash, hash_of(event.name()));
  BH_CHECK(p.database.run(
      "INSERT INTO organisations(id, name_hash, name_box, key_epoch) VALUES (?, ?, ?, ?)", id, hash,
      view_of(event.name().box()), event.key_epoch()));
  BH_CHECK(add_organisation_key(p, id, event.key_epoch(), event.wrapped_key()));
  BH_CHECK(write_list(p.database, kOrganisationRecipients, id.value, event.incident_recipient(),
                      kAsText));
  p.counters.saw(id);
  return {};
}

Status organisation_changed(Projection& p, const Entry& entry) {
  const auto& event = entry.organisation_changed();
  BH_CHECK(check_organisation(p, OrganisationId{event.organisation()}));
  return write_list(p.database, kOrganisationRecipients, event.organisation(),
                    event.incident_recipient(), kAsText);
}

Status user_added(Projection& p, const Entry& entry) {
  const auto& event = entry.user_added();
  const UserId id{event.user()};
  BH_CHECK(check_number(id.value, "user"));
  BH_TRY(const NameHash hash, hash_of(event.name()));
  if (!journal::Role_IsValid(event.role())) return from_newer_release("the user's role");
  BH_CHECK(check_organisation(p, OrganisationId{event.organisation()}));
  if (event.home() != 0) BH_CHECK(check_folder(p, NodeId{event.home()}));  // officers may have none
  BH_CHECK(p.database.run(
      "INSERT INTO users(id, organisation, name_hash, name_box, role, password_hash_box, totp_box, "
      "totp_step, verify_required, home, disabled, removed) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, 0, 0)",
      id, event.organisation(), hash, view_of(event.name().box()),
      static_cast<std::int64_t>(event.role()), view_of(event.password_hash().box()),
      view_of(event.totp_secret().box()), event.verify_required(), event.home()));
  BH_CHECK(write_list(p.database, kUserKeys, id.value, event.public_key(), kAsBox));
  BH_CHECK(write_list(p.database, kUserLoginMethods, id.value, event.login_methods(), kAsText));
  p.counters.saw(id);
  return {};
}

Status user_changed(Projection& p, const Entry& entry) {
  const auto& event = entry.user_changed();
  const UserId id{event.user()};
  BH_CHECK(check_user_present(p, id));
  if (event.set_public_keys()) {
    BH_CHECK(write_list(p.database, kUserKeys, id.value, event.public_key(), kAsBox));
  }
  if (event.set_password()) {
    BH_CHECK(p.database.run("UPDATE users SET password_hash_box = ? WHERE id = ?",
                            view_of(event.password_hash().box()), id));
  }
  // A new secret has no codes that were used.
  if (event.set_totp()) {
    BH_CHECK(p.database.run("UPDATE users SET totp_box = ?, totp_step = 0 WHERE id = ?",
                            view_of(event.totp_secret().box()), id));
  }
  if (event.set_login_methods()) {
    BH_CHECK(write_list(p.database, kUserLoginMethods, id.value, event.login_methods(), kAsText));
  }
  if (event.has_verify_required()) {
    BH_CHECK(p.database.run("UPDATE users SET verify_required = ? WHERE id = ?",
                            event.verify_required(), id));
  }
  if (event.has_disabled()) {
    BH_CHECK(p.database.run("UPDATE users SET disabled = ? WHERE id = ?", event.disabled(), id));
  }
  return {};
}

// The row stays, because sessions and releases refer to it; whatever proves or permits something
// goes.
Status user_removed(Projection& p, const Entry& entry) {
  const UserId id{entry.user_removed().user()};
  BH_CHECK(check_user_present(p, id));
  BH_CHECK(p.database.run(
      "UPDATE users SET removed = 1, disabled = 1, name_hash = NULL, password_hash_box = x'', "
      "totp_box = x'' WHERE id = ?",
      id));
  BH_CHECK(p.database.run(kUserKeys.erase, id));
  BH_CHECK(p.database.run(kUserLoginMethods.erase, id));
  BH_CHECK(p.database.run("DELETE FROM security_key_counters WHERE user = ?", id));
  BH_CHECK(p.database.run("UPDATE certificate_authorities SET removed = 1 WHERE user = ?", id));
  return p.database.run("DELETE FROM grants WHERE user = ?", id);
}

Status rights_set(Projection& p, const Entry& entry) {
  const auto& event = entry.rights_set();
  if ((event.rights() & ~Rights::all().bits()) != 0) return from_newer_release("a right");
  BH_CHECK(check_folder(p, NodeId{event.node()}));
  BH_CHECK(check_user_present(p, UserId{event.user()}));
  if (event.rights() == 0) {
    return p.database.run("DELETE FROM grants WHERE user = ? AND node = ?", event.user(),
                          event.node());
  }
  return p.database.run(
      "INSERT INTO grants(user, node, rights) VALUES (?, ?, ?) "
      "ON CONFLICT(user, node) DO UPDATE SET rights = excluded.rights",
      event.user(), event.node(), event.rights());
}

}  // namespace bulkhead::vault::apply
