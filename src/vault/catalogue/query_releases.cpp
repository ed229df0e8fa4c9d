// What left, what it cost, what the analysts said, and what is contained.
#include "policy/traffic.h"
#include "proto/journal.pb.h"
#include "vault/catalogue/projection.h"
#include "vault/catalogue/read_version.h"
#include "vault/catalogue/release_purposes.h"
#include "vault/catalogue/sqlite_catalogue.h"

namespace bulkhead::vault {
namespace {

using sqlite::Row;

ReleaseRow read_release(Row& row) {
  return {.channel = row.id<ChannelId>(),
          .user = row.id<UserId>(),
          .version = row.id<VersionId>(),
          .extents = row.u64(),
          .bytes = row.u64(),
          .purpose = row.u32(),
          .first_at = row.i64(),
          .last_at = row.i64()};
}

// `hits` are the releases that match. To them come, with 0 bytes of their own, the versions that
// the same keys open: those of the lineage committed before the release, whose segments lie in the
// same blobs; and for a grant on an upload (version 0), whatever version of the lineage came of it.
//
// The parameters are always the same six (SQLite numbers them), so that every statement can be
// kept; those that choose an index are in the text only when they are used.
std::string releases_sql(const Catalogue::ReleaseQuery& query) {
  std::string sql =
      "WITH hits AS (SELECT * FROM releases WHERE purpose <> ?1 "
      "AND (?2 IS NULL OR last_at >= ?2) AND (?3 IS NULL OR first_at <= ?3)";
  sql += query.channel ? " AND channel = ?4" : " AND ?4 IS NULL";
  sql += query.user ? " AND user = ?5" : " AND ?5 IS NULL";
  sql +=
      "), opened AS ("
      "SELECT channel, user, version, extents, bytes, purpose, first_at, last_at FROM hits WHERE "
      "version <> 0 "
      "UNION ALL "
      "SELECT h.channel, h.user, v.id, 0, 0, h.purpose, min(h.first_at), max(h.last_at) "
      "FROM hits h JOIN versions v ON v.lineage = h.lineage "
      "WHERE h.purpose IN (0, 1) AND (h.version = 0 OR v.entry < h.last_entry) AND NOT EXISTS("
      "SELECT 1 FROM hits d WHERE d.channel = h.channel AND d.version = v.id AND d.purpose = "
      "h.purpose) "
      "GROUP BY h.channel, h.user, v.id, h.purpose) "
      "SELECT channel, user, version, extents, bytes, purpose, first_at, last_at FROM opened ";
  sql += query.node ? "WHERE version IN (SELECT id FROM versions WHERE node = ?6) "
                    : "WHERE ?6 IS NULL ";
  return sql + "ORDER BY channel, version, purpose, user";
}

struct ContainedRow {
  std::uint32_t scope = 0;
  std::uint64_t subject = 0;
  std::string listener;
  bool keep_receiving = false;
};

}  // namespace

Result<Catalogue::Spent> SqliteCatalogue::spent_since(UserId user, UnixMicros since) {
  BH_TRY(const auto found,
         database_.first(
             "SELECT coalesce(sum(bytes), 0), coalesce(sum(files), 0), coalesce(sum(names), 0) "
             "FROM spent WHERE scope = 1 AND subject = ? AND listener = '' AND hour >= ? "
             "AND forgiven = 0",
             [](Row& row) {
               return Spent{.bytes = row.u64(), .files = row.u64(), .names = row.u64()};
             },
             user, policy::hour_of(since)));
  return found.value_or(Spent());
}

Result<std::vector<VersionRow>> SqliteCatalogue::versions_to_analyse(std::size_t limit) {
  return completed(database_.all("SELECT " VERSION_COLUMNS
                                 " FROM versions INDEXED BY versions_to_analyse WHERE analysed = 0 "
                                 "ORDER BY entry LIMIT ?",
                                 read_version, static_cast<std::uint64_t>(limit)));
}

Result<std::uint64_t> SqliteCatalogue::analysis_backlog() {
  return database_.number(
      "SELECT count(*) FROM versions INDEXED BY versions_to_analyse WHERE analysed = 0");
}

Result<std::optional<AnalysisRow>> SqliteCatalogue::analysis(VersionId id) {
  BH_TRY(auto found, database_.first(
                         "SELECT version, outcome, format, bytes_not_understood, findings_blob, "
                         "findings_size, findings_sha256 FROM analyses WHERE version = ?",
                         [](Row& row) {
                           return AnalysisRow{.version = row.id<VersionId>(),
                                              .outcome = row.u32(),
                                              .format = row.text(),
                                              .bytes_not_understood = row.u64(),
                                              .findings_blob = row.bytes(),
                                              .findings_size = row.u64(),
                                              .findings_sha256 = row.bytes(),
                                              .recipients = {}};
                         },
                         id));
  if (!found) return found;
  BH_TRY(found->recipients,
         database_.all(kAnalysisRecipients.select, [](Row& row) { return row.text(); }, id));
  return found;
}

Result<std::vector<ReleaseRow>> SqliteCatalogue::releases(const ReleaseQuery& query) {
  return database_.all(releases_sql(query), read_release, kAnalysisPurpose, query.since,
                       query.until, query.channel, query.user, query.node);
}

Result<Catalogue::Containment> SqliteCatalogue::containment() {
  BH_TRY(const auto rows,
         database_.all(
             "SELECT scope, subject, listener, keep_receiving FROM containment "
             "ORDER BY scope, subject, listener",
             [](Row& row) { return ContainedRow{row.u32(), row.u64(), row.text(), row.flag()}; }));
  Containment containment;
  for (const ContainedRow& row : rows) {
    if (row.scope == journal::DEPLOYMENT) {
      containment.deployment = true;
      containment.keep_receiving = row.keep_receiving;
    } else if (row.scope == journal::ONE_USER) {
      containment.users.push_back(UserId{row.subject});
    } else if (row.scope == journal::ONE_ORGANISATION) {
      containment.organisations.push_back(OrganisationId{row.subject});
    } else {
      containment.listeners.push_back(row.listener);
    }
  }
  return containment;
}

}  // namespace bulkhead::vault
