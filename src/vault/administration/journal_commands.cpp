// journal list|checkpoint|key, transfers. What reads the whole journal (verify, proof, tiles) does
// so in the command's own process: it needs no secret.
#include "journal/checkpoint.h"
#include "vault/administration/administration.h"
#include "vault/administration/event_details.h"

namespace bulkhead::vault {
namespace {

std::string verifier_key_of(const DeploymentKeys& keys) {
  return journal::verifier_key({keys.origin, keys.checkpoint_key.public_key});
}

}  // namespace

Status Administration::list_journal(const admin::Request& request, const Send& send) {
  const auto& wanted = request.list_journal();
  auto& parts = vault_.parts();
  std::uint64_t left = wanted.most() == 0 ? UINT64_MAX : wanted.most();
  const auto done = [] { return fail(ErrorCode::kLimitExceeded, ""); };  // stops the walk, no error
  const Status walked =
      parts.journal.for_each(wanted.from(), [&](const journal::EntryView& view) -> Status {
        if (left-- == 0) return done();
        journal::Entry entry;
        admin::Reply reply;
        reply.set_more(true);
        auto* shown = reply.mutable_journal_entry();
        shown->set_index(view.index);
        shown->set_leaf_hash(to_string(ByteView(journal::leaf_hash(view.entry))));
        if (entry.ParseFromArray(view.entry.data(), static_cast<int>(view.entry.size()))) {
          describe(entry, parts.names, *shown);
        } else {
          shown->set_event("unreadable");
        }
        send(std::move(reply), {});
        return {};
      });
  if (!walked && walked.error().code != ErrorCode::kLimitExceeded) return walked;
  send({}, {});
  return {};
}

Status Administration::make_checkpoint(const admin::Request&, const Send& send) {
  auto& parts = vault_.parts();
  const journal::TreeHead head = parts.journal.head();
  admin::Reply reply;
  auto* made = reply.mutable_signed_checkpoint();
  made->set_note(journal::sign_checkpoint(parts.keys.origin, head, parts.keys.checkpoint_key));
  BH_CHECK(parts.journal.add_checkpoint(made->note()));
  made->set_verifier_key(verifier_key_of(parts.keys));
  made->set_entries(head.size);
  made->set_root(to_string(ByteView(head.root)));
  send_when_durable(std::move(reply), send);
  return {};
}

Status Administration::show_journal_key(const admin::Request&, const Send& send) {
  admin::Reply reply;
  reply.mutable_signed_checkpoint()->set_verifier_key(verifier_key_of(vault_.parts().keys));
  send(std::move(reply), {});
  return {};
}

Status Administration::list_transfers(const admin::Request& request, const Send& send) {
  const auto& wanted = request.list_transfers();
  auto& parts = vault_.parts();
  Catalogue::ReleaseQuery query;
  if (!wanted.user().empty()) {
    BH_TRY(const UserRow user, user_named(wanted.user()));
    query.user = user.id;
  }
  if (wanted.has_since_us()) query.since = wanted.since_us();
  BH_TRY(const auto rows, parts.catalogue.releases(query));
  for (const ReleaseRow& row : rows) {
    BH_TRY(const auto version, parts.catalogue.version(row.version));
    if (!version) continue;
    const std::string path = vault_.path_of(*version).value_or("");
    if (!wanted.path().empty() && path != wanted.path() && !path.starts_with(wanted.path() + "/"))
      continue;
    admin::Reply reply;
    reply.set_more(true);
    auto* transfer = reply.mutable_transfer();
    transfer->set_at_us(row.first_at);
    transfer->set_channel(row.channel.value);
    BH_TRY(*transfer->mutable_user(), name_of(row.user));
    transfer->set_path(path);
    transfer->set_direction(row.purpose == 3 ? "up" : "down");
    transfer->set_bytes(row.bytes);
    send(std::move(reply), {});
  }
  send({}, {});
  return {};
}

}  // namespace bulkhead::vault
