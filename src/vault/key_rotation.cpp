// Other keys in the place of those there are, while the server works. Contents are not touched: a
// key is wrapped anew by another one, and the journal says so.
//
// Of one rotation of the root key everything is prepared before anything is recorded, and it counts
// from its last entry on. Which of two root keys is right the journal says; both lie on disk until
// it has said so durably (keeper/root_key_file.h).
#include <algorithm>

#include "base/log.h"
#include "proto/journal.pb.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

constexpr int kOrganisationKeysPerEntry = 500;  // an entry is at most 64 KiB
// For one tick: the keeper needs some microseconds for each, during which no client is answered.
constexpr std::size_t kFileKeysPerTick = 600;

}  // namespace

Status Vault::load_organisation_keys() {
  if (parts_.keeper.is_sealed()) return {};
  BH_TRY(const auto keys, parts_.catalogue.organisation_keys());
  for (const OrganisationKeyRow& key : keys)
    BH_CHECK(parts_.keeper.load_organisation_key(key.which, key.wrapped_key));
  return {};
}

Result<std::uint32_t> Vault::rotate_root_key(ByteView box, OrganisationId destroyed) {
  BH_TRY(const Bytes id, parts_.keeper.adopt_root_key(box));
  BH_TRY(const auto before, parts_.catalogue.root_key_rotation());
  BH_TRY(const Bytes there, parts_.journal.read(before.entry));
  BH_TRY(const Bytes wrapped, wrapped_system_key(there));
  journal::Entry last;
  auto& rotated = *last.mutable_root_key_rotated();
  rotated.set_generation(parts_.journal.size());  // greater than that of any earlier attempt
  rotated.set_root_key_id(to_string(ByteView(id)));
  rotated.set_destroyed_organisation(destroyed.value);
  BH_TRY(const Bytes system_key, parts_.keeper.rewrap_system_key(wrapped));
  rotated.set_wrapped_system_key(to_string(ByteView(system_key)));
  BH_TRY(const auto keys, parts_.catalogue.organisation_keys());
  std::vector<journal::Entry> entries;
  std::uint32_t taken_along = 0;
  for (const OrganisationKeyRow& key : keys) {
    if (key.which.organisation == destroyed) continue;
    BH_TRY(const Bytes rewrapped,
           parts_.keeper.rewrap_organisation_key(key.which, key.wrapped_key));
    if (taken_along++ % kOrganisationKeysPerEntry == 0) {
      auto* next = entries.emplace_back().mutable_organisation_keys_rewrapped();
      next->set_generation(rotated.generation());
    }
    auto* added = entries.back().mutable_organisation_keys_rewrapped()->add_organisation_key();
    added->set_organisation(key.which.organisation.value);
    added->set_key_epoch(key.which.epoch);
    added->set_wrapped_key(to_string(ByteView(rewrapped)));
  }
  for (journal::Entry& entry : entries)
    record({}, std::move(entry));
  record({}, std::move(last));
  if (fault_) return fail(*fault_);
  // At once, so that what is wrapped from here on stands behind the entry in the journal and is
  // wrapped by the key that it names.
  for (const OrganisationKeyRow& key : keys) {
    if (key.which.organisation == destroyed) parts_.keeper.forget_organisation_key(key.which);
  }
  BH_CHECK(parts_.keeper.settle_root_key());
  return taken_along;
}

Status Vault::rotate_organisation_key(const OrganisationRow& organisation) {
  const KeyEpoch next{organisation.id, organisation.key_epoch + 1};
  BH_TRY(const Bytes wrapped, parts_.keeper.create_organisation_key(next));
  BH_CHECK(parts_.keeper.load_organisation_key(next, wrapped));
  journal::Entry entry;
  auto* rotated = entry.mutable_organisation_key_rotated();
  rotated->set_organisation(next.organisation.value);
  rotated->set_key_epoch(next.epoch);
  rotated->set_wrapped_key(to_string(ByteView(wrapped)));
  record({}, std::move(entry));
  if (fault_) return fail(*fault_);
  keys_to_rewrap_ = true;
  return {};
}

// A little at a time, until every file key is under the newest key of its organisation.
void Vault::rewrap_some_file_keys() {
  if (!keys_to_rewrap_ || parts_.keeper.is_sealed() || fault_) return;
  const auto keys = parts_.catalogue.organisation_keys();
  if (!keys) return;
  for (std::size_t i = 0; i + 1 < keys->size(); ++i) {
    const KeyEpoch& older = (*keys)[i].which;
    if ((*keys)[i + 1].which.organisation != older.organisation || not_rewrapped_.contains(older))
      continue;
    auto newest = std::ranges::find_if(keys->begin() + static_cast<std::ptrdiff_t>(i), keys->end(),
                                       [&](const OrganisationKeyRow& key) {
                                         return key.which.organisation != older.organisation;
                                       });
    const Status done = rewrap_some(older, (--newest)->which);
    if (done) return;
    not_rewrapped_.insert(older);
    log_error("file keys stay under the older key of their organisation",
              {{"organisation", older.organisation.value}, {"why", done.error().message}});
  }
  keys_to_rewrap_ = false;
}

Status Vault::rewrap_some(KeyEpoch from, KeyEpoch to) {
  BH_TRY(const auto lineages, parts_.catalogue.lineages_under(from, kFileKeysPerTick));
  journal::Entry entry;
  if (lineages.empty()) {
    auto* retired = entry.mutable_organisation_key_retired();
    retired->set_organisation(from.organisation.value);
    retired->set_key_epoch(from.epoch);
    record({}, std::move(entry));
    parts_.keeper.forget_organisation_key(from);
    return {};
  }
  auto* rewrapped = entry.mutable_file_keys_rewrapped();
  rewrapped->set_organisation(from.organisation.value);
  rewrapped->set_old_key_epoch(from.epoch);
  rewrapped->set_key_epoch(to.epoch);
  for (const LineageRow& lineage : lineages) {
    BH_TRY(const Bytes wrapped,
           parts_.keeper.rewrap_file_key(from, to, lineage.id, lineage.wrapped_file_key));
    auto* key = rewrapped->add_file_key();
    key->set_lineage(to_string(ByteView(lineage.id)));
    key->set_wrapped_file_key(to_string(ByteView(wrapped)));
  }
  record({}, std::move(entry));
  return {};
}

std::vector<ChannelId> Vault::channels_with_keys_of(OrganisationId organisation) {
  const auto is_its = [&](const LineageId& lineage) {
    const auto row = parts_.catalogue.lineage(lineage);
    return row && *row && (*row)->key.organisation == organisation;
  };
  std::vector<ChannelId> channels;
  for (const auto& [id, session] : sessions_) {
    if (session.phase == Phase::kEnded) continue;
    const bool has = std::ranges::any_of(session.handles, [&](const auto& open) {
      const auto* file = std::get_if<FileHandle>(&open.second);
      return file != nullptr && (is_its(file->lineage) || is_its(file->write_lineage));
    });
    // What was granted on handles that are closed by now is in the process still.
    const bool had = std::ranges::any_of(
        session.charged, [&](const auto& extent) { return is_its(std::get<LineageId>(extent)); });
    if (has || had || (session.user && session.user->organisation == organisation))
      channels.push_back(id);
  }
  return channels;
}

}  // namespace bulkhead::vault
