// journal list|checkpoint|key, transfers. What reads the whole journal (verify, proof, tiles) does
// so in the command's own process: it needs no secret.
#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "journal/checkpoint.h"
#include "journal/checkpoint_copies.h"
#include "vault/administration/administration.h"
#include "vault/administration/event_details.h"

namespace bulkhead::vault {
namespace {

// One answer holds so much at most: the vault serves everybody else in between.
constexpr std::uint64_t kMostEntriesLookedAt = 4096;
constexpr std::size_t kMostPageBytes = 64 * 1024;
constexpr std::uint64_t kSecondsPerHour = 3600;

void show(const journal::EntryView& view, const journal::Entry& entry, bool readable,
          const Names& names, admin::JournalEntry& shown) {
  shown.set_index(view.index);
  shown.set_leaf_hash(to_string(ByteView(journal::leaf_hash(view.entry))));
  if (readable) {
    describe(entry, names, shown);
  } else {
    shown.set_event("unreadable");
  }
}

}  // namespace

// What happened before is in it.
Status Administration::list_journal(const admin::Request& request, const Send& send) {
  const journal::Journal& journal = vault_.parts().journal;
  if (journal.durable_size() == journal.size())
    return send_journal_page(request.list_journal(), send);
  vault_.when_durable(journal.size(), [this, wanted = request.list_journal(), send] {
    const Status listed = send_journal_page(wanted, send);
    if (listed) return;
    admin::Reply reply;
    reply.set_code(1 + static_cast<std::uint32_t>(listed.error().code));
    reply.set_message(listed.error().message);
    send(std::move(reply), {});
  });
  return {};
}

Status Administration::send_journal_page(const admin::ListJournal& wanted, const Send& send) {
  auto& parts = vault_.parts();
  admin::Reply reply;
  auto* page = reply.mutable_journal_page();
  page->set_next(wanted.from());
  page->set_end(parts.journal.durable_size());
  const std::uint64_t most = wanted.most() == 0 ? kMostEntriesLookedAt : wanted.most();
  std::uint64_t looked_at = 0;
  std::size_t bytes = 0;
  const auto visit = [&](const journal::EntryView& view) -> Status {
    if (looked_at++ == kMostEntriesLookedAt || bytes >= kMostPageBytes ||
        static_cast<std::uint64_t>(page->entry_size()) == most) {
      return fail(ErrorCode::kLimitExceeded, "");  // stops the walk, no error
    }
    page->set_next(view.index + 1);
    journal::Entry entry;
    const bool readable =
        entry.ParseFromArray(view.entry.data(), static_cast<int>(view.entry.size()));
    if (wanted.has_since_us() && entry.at_us() < wanted.since_us()) return {};
    if (wanted.has_until_us() && entry.at_us() > wanted.until_us()) return {};
    admin::JournalEntry& shown = *page->add_entry();
    show(view, entry, readable, parts.names, shown);
    bytes += shown.ByteSizeLong();
    return {};
  };
  const Status walked = parts.journal.for_each(wanted.from(), visit);
  if (!walked && walked.error().code != ErrorCode::kLimitExceeded) return walked;
  send(std::move(reply), {});
  return {};
}

journal::CheckpointKey Administration::checkpoint_key() {
  const DeploymentKeys& keys = vault_.parts().keys;
  return {keys.origin, keys.checkpoint_key.public_key};
}

// They were checked when the deployment was opened.
std::vector<journal::WitnessKey> Administration::witnesses() {
  std::vector<journal::WitnessKey> keys;
  for (const std::string& text : vault_.parts().configuration.journal.witnesses) {
    if (auto key = journal::parse_witness_key(text)) keys.push_back(std::move(*key));
  }
  return keys;
}

Status Administration::make_checkpoint(const admin::Request& request, const Send& send) {
  auto& parts = vault_.parts();
  const journal::TreeHead head = parts.journal.head();
  admin::Reply reply;
  auto* made = reply.mutable_signed_checkpoint();
  made->set_note(journal::sign_checkpoint(parts.keys.origin, head, parts.keys.checkpoint_key));
  BH_CHECK(parts.journal.add_checkpoint(made->note()));
  made->set_verifier_key(journal::verifier_key(checkpoint_key()));
  made->set_entries(head.size);
  made->set_root(to_string(ByteView(head.root)));
  if (!request.make_checkpoint().handed_out()) {
    send_when_durable(std::move(reply), send);
    return {};
  }
  // Remembered once it is durable: what it covers must not get lost under it.
  vault_.when_durable(head.size, [this, reply = std::move(reply), send]() mutable {
    const auto at_s = static_cast<std::uint64_t>(vault_.parts().clock.now() / kMicrosPerSecond);
    const Status kept = journal::keep_handed_out(real_disk(), around_.journal_folder,
                                                 reply.signed_checkpoint().note(), at_s);
    if (!kept)
      log_warning("that a checkpoint was handed out could not be written down",
                  {{"error", kept.error().message}});
    send(std::move(reply), {});
  });
  return {};
}

Status Administration::show_journal_key(const admin::Request&, const Send& send) {
  admin::Reply reply;
  auto* shown = reply.mutable_signed_checkpoint();
  shown->set_verifier_key(journal::verifier_key(checkpoint_key()));
  for (const journal::WitnessKey& witness : witnesses())
    shown->add_witness(journal::verifier_key(witness));
  send(std::move(reply), {});
  return {};
}

// The command has parsed what the witness sent, and has checked that the journal contains it; only
// its own plain form of that is taken.
Status Administration::add_cosignatures(const admin::Request& request, const Send& send) {
  const std::string& note = request.add_cosignatures().note();
  BH_TRY(const journal::Checkpoint checkpoint, journal::parse_checkpoint(note));
  const auto keys = witnesses();
  const journal::Checkpoint known =
      journal::only_known_signatures(checkpoint, checkpoint_key(), keys);
  if (!journal::verify_checkpoint(known, checkpoint_key()) || journal::encode(known) != note ||
      known.signatures.size() < 2) {
    return fail(ErrorCode::kInvalidArgument,
                "not a checkpoint of this journal that a configured witness cosigned: look at "
                "journal.witnesses in bulkhead.toml");
  }
  if (known.head.size > vault_.parts().journal.durable_size())
    return fail(ErrorCode::kConflict, "the checkpoint covers more entries than the journal has");
  BH_CHECK(journal::keep_cosigned(real_disk(), around_.journal_folder, known));
  admin::Reply reply;
  reply.mutable_signed_checkpoint()->set_entries(known.head.size);
  send(std::move(reply), {});
  return {};
}

void Administration::add_checkpoint_status(admin::DeploymentStatus& status) {
  auto& parts = vault_.parts();
  const auto& settings = parts.configuration.journal;
  const auto handed_out =
      journal::newest_handed_out(real_disk(), around_.journal_folder, checkpoint_key());
  const auto cosigned =
      journal::newest_cosigned(real_disk(), around_.journal_folder, checkpoint_key(), witnesses());
  if (handed_out) {
    status.set_handed_out_entries(handed_out->checkpoint.head.size);
    status.set_handed_out_us(static_cast<std::int64_t>(handed_out->at_s) * kMicrosPerSecond);
  }
  if (cosigned) {
    status.set_cosigned_entries(cosigned->checkpoint.head.size);
    status.set_cosigned_us(static_cast<std::int64_t>(cosigned->at_s) * kMicrosPerSecond);
  }
  const std::uint64_t newest =
      std::max(handed_out ? handed_out->at_s : 0, cosigned ? cosigned->at_s : 0);
  const auto now_s = static_cast<std::uint64_t>(parts.clock.now() / kMicrosPerSecond);
  const std::uint64_t patience_s = settings.remind_hours * kSecondsPerHour;
  status.set_checkpoint_left_machine(newest != 0 && now_s < newest + patience_s);
  if (newest == 0) {
    status.add_warning(
        "no checkpoint of the journal has left this machine: who has the machine can rewrite it "
        "unseen; take one away with bulkhead journal checkpoint");
  } else if (!status.checkpoint_left_machine()) {
    status.add_warning(fmt::format(
        "no checkpoint of the journal has left this machine for {} hours: what happened since can "
        "be rewritten unseen; take one away with bulkhead journal checkpoint",
        (now_s - newest) / kSecondsPerHour));
  }
  if (!settings.witnesses.empty() && (!cosigned || now_s >= cosigned->at_s + patience_s)) {
    status.add_warning(fmt::format(
        "no configured witness has cosigned a checkpoint{}: bulkhead journal checkpoint --old, "
        "then bulkhead journal cosign add",
        cosigned ? fmt::format(" for {} hours", (now_s - cosigned->at_s) / kSecondsPerHour) : ""));
  }
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
