// What left, hour by hour, and whose breaker is open.
#include "vault/catalogue/traffic.h"

#include "vault/catalogue/sqlite_catalogue.h"

namespace bulkhead::vault {
namespace {

using policy::HourOfTraffic;
using sqlite::Row;

// A client with several connections, or one that tries again, reads the same at the same time.
constexpr UnixMicros kSameTime = 3600LL * kMicrosPerSecond;

HourOfTraffic read_hour(Row& row) {
  return {.hour = row.i64(),
          .bytes = row.u64(),
          .files = row.u64(),
          .names = row.u64(),
          .new_names = row.u64(),
          .recent_files = row.u64(),
          .old_files = row.u64(),
          .refused = row.u64(),
          .forgiven = row.u64() != 0};
}

BreakerRow read_breaker(Row& row) {
  return {.who = {.scope = row.u32(), .subject = row.u64(), .listener = row.text()},
          .breaker = {.tripped_at = row.i64(),
                      .cause = static_cast<policy::TripCause>(row.u32()),
                      .lifted_at = row.i64()},
          .organisation = row.id<OrganisationId>(),
          .through = row.text()};
}

#define HOUR_COLUMNS \
  "hour, bytes, files, names, new_names, recent_files, old_files, refused, forgiven"

}  // namespace

Status count_traffic(Projection& p, const Principal& who, const HourOfTraffic& more) {
  return p.database.run(
      "INSERT INTO spent(scope, subject, listener, hour, forgiven, bytes, files, names, "
      "new_names, recent_files, old_files, refused) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT(scope, subject, listener, hour, forgiven) DO UPDATE SET "
      "bytes = bytes + excluded.bytes, files = files + excluded.files, "
      "names = names + excluded.names, new_names = new_names + excluded.new_names, "
      "recent_files = recent_files + excluded.recent_files, "
      "old_files = old_files + excluded.old_files, refused = refused + excluded.refused",
      who.scope, who.subject, std::string_view(who.listener), policy::hour_of(p.at), more.bytes,
      more.files, more.names, more.new_names, more.recent_files, more.old_files, more.refused);
}

Result<policy::FileAge> release_age(sqlite::Database& database, UserId user, VersionId version,
                                    UnixMicros at) {
  BH_TRY(const auto committed_at, database.first(
                                      "SELECT committed_at FROM versions WHERE id = ?",
                                      [](Row& row) { return row.i64(); }, version));
  if (!committed_at) return policy::FileAge::kFresh;
  BH_TRY(const auto before,
         database.number("SELECT count(*) FROM releases WHERE user = ? AND version = ? AND "
                         "purpose IN (0, 1) AND first_at < ?",
                         user, version, at - kSameTime));
  return policy::age_of(at, *committed_at, before != 0);
}

Result<std::vector<HourOfTraffic>> SqliteCatalogue::traffic_since(const Principal& who,
                                                                  std::int64_t hour) {
  return database_.all("SELECT " HOUR_COLUMNS
                       " FROM spent WHERE scope = ? AND subject = ? AND listener = ? AND hour >= ?",
                       read_hour, who.scope, who.subject, std::string_view(who.listener), hour);
}

Result<HourOfTraffic> SqliteCatalogue::traffic_in(const Principal& who, std::int64_t hour) {
  BH_TRY(const auto found,
         database_.first("SELECT " HOUR_COLUMNS " FROM spent WHERE scope = ? AND subject = ? AND "
                         "listener = ? AND hour = ? AND forgiven = 0",
                         read_hour, who.scope, who.subject, std::string_view(who.listener), hour));
  return found.value_or(HourOfTraffic{.hour = hour});
}

Result<policy::FileAge> SqliteCatalogue::age_when_read(UserId user, VersionId version,
                                                       UnixMicros at) {
  return release_age(database_, user, version, at);
}

Result<std::vector<BreakerRow>> SqliteCatalogue::breakers() {
  return database_.all(
      "SELECT scope, subject, listener, tripped_at, cause, lifted_at, organisation, through "
      "FROM breakers ORDER BY scope, subject, listener",
      read_breaker);
}

Result<UnixMicros> SqliteCatalogue::network_known_since(UserId user, ChannelId channel) {
  BH_TRY(const auto found, database_.first(
                               "SELECT first_at FROM known_networks WHERE user = ? AND network = "
                               "(SELECT network FROM sessions WHERE channel = ?) AND first_at > "
                               "(SELECT min(first_at) FROM known_networks WHERE user = ?)",
                               [](Row& row) { return row.i64(); }, user, channel, user));
  return found.value_or(0);
}

Result<std::vector<Catalogue::Refused>> SqliteCatalogue::refused_since(std::int64_t hour) {
  return database_.all(
      "SELECT scope, subject, listener, sum(refused) FROM spent INDEXED BY spent_refused "
      "WHERE hour >= ? AND refused > 0 GROUP BY scope, subject, listener",
      [](Row& row) {
        return Refused{{.scope = row.u32(), .subject = row.u64(), .listener = row.text()},
                       row.u64()};
      },
      hour);
}

Result<bool> SqliteCatalogue::has_listed(UserId user, NodeId folder) {
  BH_TRY(const auto found,
         database_.number("SELECT count(*) FROM listed_folders WHERE user = ? AND node = ?", user,
                          folder));
  return found != 0;
}

Result<bool> SqliteCatalogue::is_canary(NodeId node) {
  BH_TRY(const auto found, database_.number("SELECT count(*) FROM canaries WHERE node = ?", node));
  return found != 0;
}

Result<std::vector<NodeId>> SqliteCatalogue::canaries() {
  return database_.all("SELECT c.node FROM canaries c JOIN nodes n ON n.id = c.node ORDER BY 1",
                       [](Row& row) { return row.id<NodeId>(); });
}

// Both limits bound the work: who may read more than that is bounded by other means.
Result<std::uint64_t> SqliteCatalogue::readable_files(UserId user) {
  return database_.number(
      "WITH RECURSIVE below(id, is_folder) AS ("
      "SELECT n.id, n.is_folder FROM grants g JOIN nodes n ON n.id = g.node "
      "WHERE g.user = ? AND g.rights & 1 "
      "UNION SELECT n.id, n.is_folder FROM below b JOIN nodes n ON n.parent = b.id "
      "WHERE b.is_folder LIMIT 20000) "
      "SELECT count(*) FROM below WHERE NOT is_folder",
      user);
}

}  // namespace bulkhead::vault
