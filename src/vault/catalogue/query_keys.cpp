// Which keys wrap which.
#include "vault/catalogue/sqlite_catalogue.h"

namespace bulkhead::vault {

using sqlite::Row;

Result<std::vector<OrganisationKeyRow>> SqliteCatalogue::organisation_keys() {
  return database_.all(
      "SELECT organisation, epoch, wrapped_key FROM organisation_keys "
      "WHERE generation = (SELECT coalesce(max(generation), 0) FROM root_keys) "
      "ORDER BY organisation, epoch",
      [](Row& row) {
        return OrganisationKeyRow{.which = {row.id<OrganisationId>(), row.u32()},
                                  .wrapped_key = row.bytes()};
      });
}

Result<Catalogue::RootKeyRotation> SqliteCatalogue::root_key_rotation() {
  BH_TRY(const auto newest,
         database_.first("SELECT generation, entry FROM root_keys ORDER BY generation DESC LIMIT 1",
                         [](Row& row) { return RootKeyRotation{row.u64(), row.u64()}; }));
  return newest.value_or(RootKeyRotation{});
}

Result<std::vector<LineageRow>> SqliteCatalogue::lineages_under(KeyEpoch which, std::size_t limit) {
  return database_.all(
      "SELECT id, wrapped_file_key FROM lineages WHERE organisation = ? AND key_epoch = ? LIMIT ?",
      [&](Row& row) {
        return LineageRow{.id = row.array<16>(), .key = which, .wrapped_file_key = row.bytes()};
      },
      which.organisation, which.epoch, limit);
}

Result<std::uint64_t> SqliteCatalogue::file_keys_under_older(OrganisationId id) {
  return database_.number(
      "SELECT count(*) FROM lineages WHERE organisation = ?1 AND key_epoch < "
      "(SELECT key_epoch FROM organisations WHERE id = ?1)",
      id);
}

Result<std::uint64_t> SqliteCatalogue::current_files_of(OrganisationId id) {
  return database_.number(
      "SELECT count(*) FROM versions WHERE current = 1 AND lineage IN "
      "(SELECT id FROM lineages WHERE organisation = ?)",
      id);
}

}  // namespace bulkhead::vault
