// Organisations and users.
#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "crypto/age.h"
#include "crypto/password.h"
#include "crypto/totp.h"
#include "proto/journal.pb.h"
#include "sshwire/keys.h"
#include "vault/administration/administration.h"
#include "vault/identity/login_methods.h"
#include "vault/limits.h"

namespace bulkhead::vault {
namespace {

constexpr std::string_view kRoles[] = {"user", "officer", "administrator"};
constexpr std::size_t kMinPasswordBytes = 12;
constexpr std::size_t kMaxKeysPerUser = 100;

std::optional<UserRole> role_named(std::string_view name) {
  if (name.empty()) return UserRole::kUser;
  for (std::size_t i = 0; i < std::size(kRoles); ++i) {
    if (kRoles[i] == name) return static_cast<UserRole>(i);
  }
  return std::nullopt;
}

// Names of users and organisations are typed and shown: no separators, no control characters.
Status check_name(std::string_view name, std::string_view what) {
  const bool printable = std::ranges::all_of(name, [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7F && c != '/' && c != ':' && c != ',';
  });
  if (!name.empty() && name.size() <= kMaxUserNameBytes && printable && is_utf8(name) &&
      name != "." && name != "..") {
    return {};
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the name of {} must have 1 to {} bytes without spaces, '/', ':' and ','",
                          what, kMaxUserNameBytes));
}

Result<std::string> hashed(std::string_view password) {
  if (password.size() < kMinPasswordBytes || password.size() > kMaxPasswordBytes) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("a password must have {} to {} bytes",
                                                         kMinPasswordBytes, kMaxPasswordBytes));
  }
  return crypto::hash_password(password);
}

Status check_totp_secret(std::string_view secret) {
  if (secret.empty() || secret.size() == crypto::kTotpSecretBytes) return {};
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("the second factor's secret must have {} bytes", crypto::kTotpSecretBytes));
}

}  // namespace

Result<OrganisationRow> Administration::organisation_named(const std::string& name) {
  auto& parts = vault_.parts();
  if (name.empty()) {
    BH_TRY(const auto all, parts.catalogue.organisations());
    if (all.empty()) return fail(ErrorCode::kNotFound, "the deployment has no organisation");
    return all.front();
  }
  BH_TRY(const auto id, parts.catalogue.organisation_named(parts.names.organisation_hash(name)));
  if (!id)
    return fail(ErrorCode::kNotFound,
                "no organisation of that name: bulkhead org list shows those there are");
  BH_TRY(const auto row, parts.catalogue.organisation(*id));
  if (!row) return fail(ErrorCode::kCorrupt, "the catalogue lost an organisation");
  return *row;
}

Result<UserRow> Administration::user_named(const std::string& name) {
  auto& parts = vault_.parts();
  BH_TRY(const auto row, parts.catalogue.user_named(parts.names.user_hash(name)));
  if (!row)
    return fail(ErrorCode::kNotFound,
                "no user of that name: bulkhead user list shows those there are");
  return *row;
}

Result<std::string> Administration::name_of(UserId user) {
  if (!user) return std::string();
  BH_TRY(const auto row, vault_.parts().catalogue.user(user));
  if (!row) return fmt::format("user {}", user.value);
  return vault_.parts().names.open_box(Field::kUserName, row->name_box);
}

Result<std::string> Administration::name_of(OrganisationId organisation) {
  BH_TRY(const auto row, vault_.parts().catalogue.organisation(organisation));
  if (!row) return fmt::format("organisation {}", organisation.value);
  return vault_.parts().names.open_box(Field::kOrganisationName, row->name_box);
}

Result<admin::Organisation> Administration::shown(const OrganisationRow& row) {
  admin::Organisation shown;
  shown.set_id(row.id.value);
  shown.set_key_epoch(row.key_epoch);
  shown.set_destroyed(row.destroyed);
  BH_TRY(const std::uint64_t older, vault_.parts().catalogue.file_keys_under_older(row.id));
  shown.set_file_keys_to_rewrap(older);
  BH_TRY(*shown.mutable_name(),
         vault_.parts().names.open_box(Field::kOrganisationName, row.name_box));
  for (const std::string& recipient : row.incident_recipients)
    shown.add_incident_recipient(recipient);
  BH_TRY(const auto users, vault_.parts().catalogue.users());
  shown.set_users(static_cast<std::uint32_t>(std::ranges::count_if(
      users, [&](const UserRow& user) { return user.organisation == row.id; })));
  return shown;
}

Status Administration::add_organisation(const admin::Request& request, const Send& send) {
  const auto& wanted = request.add_organisation();
  auto& parts = vault_.parts();
  BH_CHECK(check_name(wanted.name(), "an organisation"));
  BH_TRY(const auto taken,
         parts.catalogue.organisation_named(parts.names.organisation_hash(wanted.name())));
  if (taken)
    return fail(ErrorCode::kAlreadyExists, "there is an organisation of that name already");
  std::vector<std::string> recipients;
  for (const std::string& recipient : wanted.incident_recipient()) {
    BH_CHECK(crypto::AgeRecipient::parse(recipient));
    recipients.push_back(recipient);
  }
  BH_TRY(const OrganisationRow row, vault_.add_organisation(wanted.name(), recipients));
  admin::Reply reply;
  BH_TRY(*reply.mutable_organisation(), shown(row));
  send_when_durable(std::move(reply), send);
  return {};
}

Result<OrganisationRow> Vault::add_organisation(std::string_view name,
                                                const std::vector<std::string>& recipients) {
  const OrganisationId id = parts_.catalogue.next_organisation();
  const KeyEpoch epoch{id, 1};
  BH_TRY(const Bytes wrapped, parts_.keeper.create_organisation_key(epoch));
  BH_CHECK(parts_.keeper.load_organisation_key(epoch, wrapped));
  journal::Entry entry;
  auto* added = entry.mutable_organisation_added();
  added->set_organisation(id.value);
  parts_.names.seal(Field::kOrganisationName, name, added->mutable_name());
  added->mutable_name()->set_hash(to_string(ByteView(parts_.names.organisation_hash(name))));
  added->set_wrapped_key(to_string(ByteView(wrapped)));
  added->set_key_epoch(epoch.epoch);
  for (const std::string& recipient : recipients)
    added->add_incident_recipient(recipient);
  record({}, std::move(entry));
  if (fault_) return fail(*fault_);
  BH_TRY(const auto row, parts_.catalogue.organisation(id));
  if (!row) return fail(ErrorCode::kInternal, "the organisation that was just added is not there");
  return *row;
}

Status Administration::list_organisations(const admin::Request&, const Send& send) {
  BH_TRY(const auto rows, vault_.parts().catalogue.organisations());
  for (const OrganisationRow& row : rows) {
    admin::Reply reply;
    reply.set_more(true);
    BH_TRY(*reply.mutable_organisation(), shown(row));
    send(std::move(reply), {});
  }
  send({}, {});
  return {};
}

Status Administration::show_organisation(const admin::Request& request, const Send& send) {
  BH_TRY(const OrganisationRow row, organisation_named(request.show_organisation().name()));
  admin::Reply reply;
  BH_TRY(*reply.mutable_organisation(), shown(row));
  send(std::move(reply), {});
  return {};
}

Status Administration::check_new_user(const admin::AddUser& wanted) {
  auto& parts = vault_.parts();
  BH_CHECK(check_name(wanted.name(), "a user"));
  BH_TRY(const auto taken, parts.catalogue.user_named(parts.names.user_hash(wanted.name())));
  if (taken) return fail(ErrorCode::kAlreadyExists, "there is a user of that name already");
  if (!role_named(wanted.role())) {
    return fail(ErrorCode::kInvalidArgument, "no such role: it is user, officer or administrator");
  }
  if (wanted.public_key_size() == 0 && !wanted.has_password()) {
    return fail(ErrorCode::kInvalidArgument,
                "a user needs a key or a password: --key FILE or --password-stdin");
  }
  for (const std::string& key : wanted.public_key())
    BH_CHECK(sshwire::parse_public_key(as_bytes(key)));
  BH_CHECK(check_totp_secret(wanted.totp_secret()));
  return check_login_methods({wanted.login_methods().begin(), wanted.login_methods().end()});
}

// A folder that is there already is taken over only when it is empty: a new account of an old name
// must not find what the old one left.
Result<NodeId> Administration::home_for(const std::string& name, NodeId homes,
                                        OrganisationId organisation, UserId user) {
  auto& parts = vault_.parts();
  BH_TRY(const auto there, parts.catalogue.child(homes, parts.names.node_hash(homes, name)));
  if (!there) return vault_.make_folder(homes, name, organisation, user, {}, 0750);
  BH_TRY(const std::uint64_t left,
         there->is_folder ? parts.catalogue.count_children(there->id) : Result<std::uint64_t>(1));
  if (left == 0 && there->organisation == organisation) return there->id;
  return fail(ErrorCode::kAlreadyExists,
              "the folder /home/NAME of an earlier account is not empty, or another "
              "organisation's: choose another "
              "name; bulkhead folder grant can give the new account rights there");
}

Status Administration::add_user(const admin::Request& request, const Send& send) {
  const auto& wanted = request.add_user();
  auto& parts = vault_.parts();
  BH_CHECK(check_new_user(wanted));
  BH_TRY(const OrganisationRow organisation, organisation_named(wanted.organisation()));
  std::string password_hash;
  if (wanted.has_password()) {
    BH_TRY(password_hash, hashed(wanted.password()));
  }
  BH_TRY(const NodeRow homes, folder_at("/home"));
  const UserId id = parts.catalogue.next_user();
  BH_TRY(const NodeId home, home_for(wanted.name(), homes.id, organisation.id, id));
  journal::Entry entry;
  auto* added = entry.mutable_user_added();
  added->set_user(id.value);
  added->set_organisation(organisation.id.value);
  parts.names.seal(Field::kUserName, wanted.name(), added->mutable_name());
  added->mutable_name()->set_hash(to_string(ByteView(parts.names.user_hash(wanted.name()))));
  added->set_role(static_cast<journal::Role>(*role_named(wanted.role())));
  for (const std::string& key : wanted.public_key()) {
    parts.names.seal(Field::kPublicKey, key, added->add_public_key());
  }
  if (!password_hash.empty())
    parts.names.seal(Field::kPasswordHash, password_hash, added->mutable_password_hash());
  if (!wanted.totp_secret().empty())
    parts.names.seal(Field::kTotpSecret, wanted.totp_secret(), added->mutable_totp_secret());
  *added->mutable_login_methods() = wanted.login_methods();
  added->set_verify_required(wanted.verify_required());
  added->set_home(home.value);
  vault_.record({}, std::move(entry));
  journal::Entry rights;
  rights.mutable_rights_set()->set_node(home.value);
  rights.mutable_rights_set()->set_user(id.value);
  rights.mutable_rights_set()->set_rights(Rights::all().bits());
  vault_.record({}, std::move(rights));
  vault_.rights_changed();
  BH_TRY(const UserRow row, user_named(wanted.name()));
  admin::Reply reply;
  BH_TRY(*reply.mutable_user(), shown(row));
  send_when_durable(std::move(reply), send);
  return {};
}

Result<admin::User> Administration::shown(const UserRow& row) {
  auto& parts = vault_.parts();
  admin::User shown;
  shown.set_id(row.id.value);
  BH_TRY(*shown.mutable_name(), parts.names.open_box(Field::kUserName, row.name_box));
  BH_TRY(*shown.mutable_organisation(), name_of(row.organisation));
  shown.set_role(std::string(kRoles[static_cast<std::size_t>(row.role)]));
  shown.set_disabled(row.disabled);
  shown.set_has_password(!row.password_hash_box.empty());
  shown.set_has_totp(!row.totp_box.empty());
  shown.set_verify_required(row.verify_required);
  for (const std::string& sequence : row.login_methods)
    shown.add_login_methods(sequence);
  for (const Bytes& box : row.public_key_boxes) {
    BH_TRY(const std::string blob, parts.names.open_box(Field::kPublicKey, box));
    BH_TRY(const std::string_view type, sshwire::public_key_type(as_bytes(blob)));
    shown.add_key_fingerprint(fmt::format("{} {}", type, sshwire::key_fingerprint(as_bytes(blob))));
  }
  shown.set_home(vault_.path_of(row.home).value_or(""));
  BH_TRY(const BudgetSettings budget, vault_.guard().limits_of(row.id, shown.name()));
  BH_TRY(const auto spent,
         parts.catalogue.spent_since(row.id, parts.clock.now() - 24 * 3600 * kMicrosPerSecond));
  auto* shown_budget = shown.mutable_budget();
  shown_budget->set_bytes_per_day(budget.bytes_per_day);
  shown_budget->set_files_per_day(budget.files_per_day);
  shown_budget->set_names_per_day(budget.names_per_day);
  shown_budget->set_bytes_spent(spent.bytes);
  shown_budget->set_files_spent(spent.files);
  shown_budget->set_names_spent(spent.names);
  return shown;
}

Status Administration::list_users(const admin::Request& request, const Send& send) {
  std::optional<OrganisationId> only;
  if (!request.list_users().organisation().empty()) {
    BH_TRY(const OrganisationRow organisation,
           organisation_named(request.list_users().organisation()));
    only = organisation.id;
  }
  BH_TRY(const auto rows, vault_.parts().catalogue.users());
  for (const UserRow& row : rows) {
    if (only && row.organisation != *only) continue;
    admin::Reply reply;
    reply.set_more(true);
    BH_TRY(*reply.mutable_user(), shown(row));
    send(std::move(reply), {});
  }
  send({}, {});
  return {};
}

Status Administration::show_user(const admin::Request& request, const Send& send) {
  BH_TRY(const UserRow row, user_named(request.show_user().name()));
  admin::Reply reply;
  BH_TRY(*reply.mutable_user(), shown(row));
  send(std::move(reply), {});
  return {};
}

Status Administration::change_user(const admin::Request& request, const Send& send) {
  const auto& wanted = request.change_user();
  BH_TRY(const UserRow row, user_named(wanted.name()));
  journal::Entry entry;
  auto* changed = entry.mutable_user_changed();
  changed->set_user(row.id.value);
  if (wanted.has_disabled()) changed->set_disabled(wanted.disabled());
  if (wanted.set_password()) {
    BH_TRY(const std::string password_hash, hashed(wanted.password()));
    changed->set_set_password(true);
    vault_.parts().names.seal(Field::kPasswordHash, password_hash,
                              changed->mutable_password_hash());
  }
  if (wanted.set_totp()) {
    BH_CHECK(check_totp_secret(wanted.totp_secret()));
    changed->set_set_totp(true);
    if (!wanted.totp_secret().empty()) {
      vault_.parts().names.seal(Field::kTotpSecret, wanted.totp_secret(),
                                changed->mutable_totp_secret());
    }
  }
  if (wanted.set_login_methods()) {
    BH_CHECK(check_login_methods({wanted.login_methods().begin(), wanted.login_methods().end()}));
    changed->set_set_login_methods(true);
    *changed->mutable_login_methods() = wanted.login_methods();
  }
  if (wanted.has_verify_required()) changed->set_verify_required(wanted.verify_required());
  BH_CHECK(change_keys(row, wanted, *changed));
  vault_.record({}, std::move(entry));
  // Whoever is in with what was taken away is not to stay in.
  if (changed->disabled() || wanted.remove_key_size() > 0) vault_.end_user(row.id);
  send_when_durable({}, send);
  return {};
}

Status Administration::change_keys(const UserRow& row, const admin::ChangeUser& wanted,
                                   journal::UserChanged& changed) {
  if (wanted.add_public_key().empty() && wanted.remove_key().empty()) return {};
  const Names& names = vault_.parts().names;
  std::vector<std::string> keys;
  for (const Bytes& box : row.public_key_boxes) {
    BH_TRY(keys.emplace_back(), names.open_box(Field::kPublicKey, box));
  }
  for (const std::string& fingerprint : wanted.remove_key()) {
    const auto is_meant = [&](const std::string& key) {
      return sshwire::key_fingerprint(as_bytes(key)) == fingerprint;
    };
    if (std::erase_if(keys, is_meant) == 0) {
      return fail(ErrorCode::kNotFound,
                  "the user has no key of that fingerprint: bulkhead user show lists them");
    }
  }
  for (const std::string& key : wanted.add_public_key()) {
    BH_CHECK(sshwire::parse_public_key(as_bytes(key)));
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  }
  if (keys.size() > kMaxKeysPerUser) {
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("a user may have {} keys at most", kMaxKeysPerUser));
  }
  changed.set_set_public_keys(true);
  for (const std::string& key : keys)
    names.seal(Field::kPublicKey, key, changed.add_public_key());
  return {};
}

Status Administration::remove_user(const admin::Request& request, const Send& send) {
  BH_TRY(const UserRow row, user_named(request.remove_user().name()));
  journal::Entry entry;
  entry.mutable_user_removed()->set_user(row.id.value);
  vault_.record({}, std::move(entry));
  vault_.end_user(row.id);
  send_when_durable({}, send);
  return {};
}

}  // namespace bulkhead::vault
