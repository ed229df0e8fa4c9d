// Rotation of keys, and the end of an organisation's.
#include "proto/journal.pb.h"
#include "vault/administration/administration.h"

namespace bulkhead::vault {

// After what is on disk: whoever asks decides by the answer which root key's file stays.
Status Administration::describe_root_key(const admin::Request&, const Send& send) {
  BH_TRY(const KeyKeeper::RootKeyFacts facts, vault_.parts().keeper.root_key());
  admin::Reply reply;
  reply.mutable_root_key()->set_id(to_string(ByteView(facts.id)));
  reply.mutable_root_key()->set_box_key(to_string(ByteView(facts.box_key)));
  const auto& journal = vault_.parts().journal;
  if (journal.durable_size() == journal.size())
    send(std::move(reply), {});
  else
    send_when_durable(std::move(reply), send);
  return {};
}

Status Administration::rotate_root_key(const admin::Request& request, const Send& send) {
  const auto& wanted = request.rotate_root_key();
  admin::Reply reply;
  auto& rotated = *reply.mutable_rotated_keys();
  OrganisationRow destroyed;
  if (!wanted.destroy_organisation().empty()) {
    BH_TRY(destroyed, organisation_named(wanted.destroy_organisation()));
    if (destroyed.destroyed)
      return fail(ErrorCode::kConflict, "the organisation's keys were destroyed before");
  }
  BH_TRY(const std::uint32_t keys,
         vault_.rotate_root_key(as_bytes(wanted.root_key_box()), destroyed.id));
  rotated.set_organisation_keys(keys);
  if (!destroyed.id) {
    send_when_durable(std::move(reply), send);
    return {};
  }
  BH_CHECK(disable_users_of(destroyed.id, rotated));
  BH_TRY(const std::uint64_t files, vault_.parts().catalogue.current_files_of(destroyed.id));
  rotated.set_files_destroyed(files);
  auto channels = vault_.channels_with_keys_of(destroyed.id);
  rotated.set_sessions_ended(static_cast<std::uint32_t>(channels.size()));
  vault_.when_durable(vault_.parts().journal.size(), [this, channels = std::move(channels),
                                                      reply = std::move(reply), send]() mutable {
    vault_.kill_and_forget(std::move(channels), [reply = std::move(reply), send]() mutable {
      send(std::move(reply), {});
    });
  });
  return {};
}

Status Administration::disable_users_of(OrganisationId organisation, admin::RotatedKeys& figures) {
  BH_TRY(const auto users, vault_.parts().catalogue.users());
  for (const UserRow& user : users) {
    if (user.organisation != organisation || user.disabled) continue;
    journal::Entry entry;
    entry.mutable_user_changed()->set_user(user.id.value);
    entry.mutable_user_changed()->set_disabled(true);
    vault_.record({}, std::move(entry));
    figures.set_users_disabled(figures.users_disabled() + 1);
  }
  return {};
}

Status Administration::rotate_organisation_keys(const admin::Request& request, const Send& send) {
  const std::string& name = request.rotate_organisation_keys().organisation();
  auto& catalogue = vault_.parts().catalogue;
  std::vector<OrganisationRow> organisations;
  if (name.empty()) {
    BH_TRY(organisations, catalogue.organisations());
    std::erase_if(organisations, [](const OrganisationRow& row) { return row.destroyed; });
  } else {
    BH_TRY(OrganisationRow row, organisation_named(name));
    if (row.destroyed) return fail(ErrorCode::kRefused, "the organisation's keys were destroyed");
    organisations.push_back(std::move(row));
  }
  admin::Reply reply;
  auto& rotated = *reply.mutable_rotated_keys();
  for (const OrganisationRow& organisation : organisations) {
    BH_CHECK(vault_.rotate_organisation_key(organisation));
    BH_TRY(const std::uint64_t left, catalogue.file_keys_under_older(organisation.id));
    rotated.set_file_keys(rotated.file_keys() + left);
    rotated.set_organisation_keys(rotated.organisation_keys() + 1);
  }
  send_when_durable(std::move(reply), send);
  return {};
}

}  // namespace bulkhead::vault
