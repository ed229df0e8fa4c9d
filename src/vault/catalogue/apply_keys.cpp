// Organisations' keys, wrapped by the root key of one generation, and the file keys under them.
#include <fmt/format.h>

#include "vault/catalogue/events.h"

namespace bulkhead::vault {
namespace {

Result<std::uint64_t> present_generation(Projection& p) {
  return p.database.number("SELECT coalesce(max(generation), 0) FROM root_keys");
}

Status insert_key(Projection& p, std::uint64_t organisation, std::uint32_t epoch,
                  std::uint64_t generation, const std::string& wrapped_key) {
  return p.database.run(
      "INSERT INTO organisation_keys(organisation, epoch, generation, wrapped_key) "
      "VALUES (?, ?, ?, ?)",
      organisation, epoch, generation, view_of(wrapped_key));
}

}  // namespace

Status add_organisation_key(Projection& p, OrganisationId id, std::uint32_t epoch,
                            const std::string& wrapped_key) {
  BH_TRY(const std::uint64_t generation, present_generation(p));
  return insert_key(p, id.value, epoch, generation, wrapped_key);
}

namespace apply {

using journal::Entry;

Status organisation_key_rotated(Projection& p, const Entry& entry) {
  const auto& event = entry.organisation_key_rotated();
  const OrganisationId id{event.organisation()};
  BH_CHECK(check_organisation(p, id));
  BH_TRY(const auto present,
         p.database.number("SELECT key_epoch FROM organisations WHERE id = ?", id));
  if (event.key_epoch() != present + 1) return misfit("the key epoch does not follow the last one");
  BH_CHECK(add_organisation_key(p, id, event.key_epoch(), event.wrapped_key()));
  return p.database.run("UPDATE organisations SET key_epoch = ? WHERE id = ?", event.key_epoch(),
                        id);
}

Status file_keys_rewrapped(Projection& p, const Entry& entry) {
  const auto& event = entry.file_keys_rewrapped();
  BH_CHECK(check_organisation(p, OrganisationId{event.organisation()}));
  BH_CHECK(check_number(event.key_epoch(), "key epoch"));
  for (const journal::RewrappedFileKey& key : event.file_key()) {
    BH_TRY(const LineageId lineage, lineage_of(key.lineage()));
    BH_CHECK(p.database.run(
        "UPDATE lineages SET key_epoch = ?, wrapped_file_key = ? WHERE id = ? AND organisation = ? "
        "AND key_epoch = ?",
        event.key_epoch(), view_of(key.wrapped_file_key()), lineage, event.organisation(),
        event.old_key_epoch()));
  }
  return {};
}

Status organisation_key_retired(Projection& p, const Entry& entry) {
  const auto& event = entry.organisation_key_retired();
  BH_TRY(const auto left,
         p.database.number("SELECT count(*) FROM (SELECT 1 FROM lineages WHERE organisation = ? "
                           "AND key_epoch = ? LIMIT 1)",
                           event.organisation(), event.key_epoch()));
  if (left != 0) return misfit("file keys are still under the organisation's key");
  return p.database.run("DELETE FROM organisation_keys WHERE organisation = ? AND epoch = ?",
                        event.organisation(), event.key_epoch());
}

// They count once their generation does.
Status organisation_keys_rewrapped(Projection& p, const Entry& entry) {
  const auto& event = entry.organisation_keys_rewrapped();
  BH_CHECK(check_number(event.generation(), "generation"));
  BH_TRY(const std::uint64_t present, present_generation(p));
  if (event.generation() <= present) return misfit("the root key's generation is an older one");
  for (const journal::RewrappedOrganisationKey& key : event.organisation_key()) {
    BH_CHECK(check_organisation(p, OrganisationId{key.organisation()}));
    BH_CHECK(check_number(key.key_epoch(), "key epoch"));
    BH_CHECK(
        insert_key(p, key.organisation(), key.key_epoch(), event.generation(), key.wrapped_key()));
  }
  return {};
}

Status root_key_rotated(Projection& p, const Entry& entry) {
  const auto& event = entry.root_key_rotated();
  BH_CHECK(check_number(event.generation(), "generation"));
  BH_TRY(const std::uint64_t present, present_generation(p));
  if (event.generation() <= present) return misfit("the root key's generation is an older one");
  if (event.wrapped_system_key().empty()) return misfit("there is no system key in it");
  BH_CHECK(
      p.database.run("DELETE FROM organisation_keys WHERE generation <> ?", event.generation()));
  return p.database.run("INSERT INTO root_keys(generation, entry) VALUES (?, ?)",
                        event.generation(), p.index);
}

}  // namespace apply
}  // namespace bulkhead::vault
