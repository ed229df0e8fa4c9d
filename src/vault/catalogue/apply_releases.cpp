// What left: names, extents of files, and what the analysts made of them.
#include <fmt/format.h>

#include "vault/catalogue/events.h"
#include "vault/catalogue/release_purposes.h"
#include "vault/catalogue/traffic.h"

namespace bulkhead::vault::apply {

using journal::Entry;

static_assert(kReadingPurpose == journal::READING && kWritingPurpose == journal::WRITING &&
              kAnalysisPurpose == journal::ANALYSIS);

namespace {

// What one user reads counts for all that the user belongs to.
Status spend(Projection& p, UserId user, const policy::HourOfTraffic& more) {
  BH_TRY(const auto organisation,
         p.database.number("SELECT organisation FROM users WHERE id = ?", user));
  BH_TRY(const auto listener, p.database.first(
                                  "SELECT listener FROM sessions WHERE channel = ?",
                                  [](sqlite::Row& row) { return row.text(); }, p.channel));
  BH_CHECK(count_traffic(p, {journal::ONE_USER, user.value, ""}, more));
  BH_CHECK(count_traffic(p, {journal::ONE_ORGANISATION, organisation, ""}, more));
  if (listener) BH_CHECK(count_traffic(p, {journal::ONE_LISTENER, 0, *listener}, more));
  return count_traffic(p, {journal::DEPLOYMENT, 0, ""}, more);
}

Status spend_extents(Projection& p, const journal::ExtentsReleased& event, bool first) {
  policy::HourOfTraffic more{.bytes = event.bytes()};
  if (first) {
    more.files = 1;
    BH_TRY(const auto age,
           release_age(p.database, UserId{event.user()}, VersionId{event.version()}, p.at));
    more.recent_files = age == policy::FileAge::kRecent ? 1 : 0;
    more.old_files = age == policy::FileAge::kOld ? 1 : 0;
  }
  return spend(p, UserId{event.user()}, more);
}

// A grant on an upload that is no version yet names only the lineage; otherwise the two must fit.
Result<LineageId> released_lineage(Projection& p, const journal::ExtentsReleased& event) {
  if (event.version() == 0) {
    BH_TRY(const LineageId lineage, lineage_of(event.lineage()));
    BH_TRY(const auto known,
           p.database.number("SELECT count(*) FROM lineages WHERE id = ?", lineage));
    if (known == 0) return misfit("there is no such lineage");
    return lineage;
  }
  BH_TRY(const VersionFacts version, find_version(p, VersionId{event.version()}));
  if (!event.lineage().empty() && !equal(view_of(event.lineage()), version.lineage)) {
    return misfit(fmt::format("version {} is of another lineage", event.version()));
  }
  return version.lineage;
}

// A channel belongs to one user: two in one row would hide one of them.
Status check_same_user(Projection& p, const journal::ExtentsReleased& event,
                       const LineageId& lineage) {
  BH_TRY(const auto others,
         p.database.number(
             "SELECT count(*) FROM releases WHERE channel = ? AND version = ? AND purpose = ? "
             "AND lineage = ? AND user <> ?",
             p.channel, event.version(), static_cast<std::int64_t>(event.purpose()), lineage,
             event.user()));
  if (others != 0) return misfit(fmt::format("two users on channel {}", p.channel.value));
  return {};
}

Result<bool> is_first_release(Projection& p, const journal::ExtentsReleased& event,
                              const LineageId& lineage) {
  BH_TRY(
      const auto before,
      p.database.number(
          "SELECT count(*) FROM releases WHERE channel = ? AND version = ? AND purpose IN (0, 1) "
          "AND lineage = ?",
          p.channel, event.version(), lineage));
  return before == 0;
}

}  // namespace

// The folder may be gone: a handle on it lists on.
Status listing_released(Projection& p, const Entry& entry) {
  const auto& event = entry.listing_released();
  BH_CHECK(check_user_known(p, UserId{event.user()}));
  BH_TRY(const bool first,
         p.database.changed_one("INSERT OR IGNORE INTO listed_folders(user, node) VALUES (?, ?)",
                                event.user(), event.node()));
  return spend(p, UserId{event.user()},
               {.names = event.names(), .new_names = first ? event.names() : 0});
}

Status extents_released(Projection& p, const Entry& entry) {
  const auto& event = entry.extents_released();
  if (!journal::ReleasePurpose_IsValid(event.purpose())) return from_newer_release("the purpose");
  BH_TRY(const LineageId lineage, released_lineage(p, event));
  BH_CHECK(check_same_user(p, event, lineage));
  if (event.purpose() != journal::ANALYSIS) {
    const UserId user{event.user()};
    BH_CHECK(check_user_known(p, user));
    BH_TRY(const bool first, is_first_release(p, event, lineage));
    BH_CHECK(spend_extents(p, event, first));
  }
  return p.database.run(
      "INSERT INTO releases(channel, version, purpose, lineage, user, extents, bytes, first_at, "
      "last_at, "
      "last_entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9) "
      "ON CONFLICT(channel, version, purpose, lineage) DO UPDATE SET extents = extents + "
      "excluded.extents, "
      "bytes = bytes + excluded.bytes, first_at = min(first_at, excluded.first_at), "
      "last_at = max(last_at, excluded.last_at), last_entry = excluded.last_entry",
      p.channel, event.version(), static_cast<std::int64_t>(event.purpose()), lineage, event.user(),
      static_cast<std::int64_t>(event.extent_size()), event.bytes(), p.at, p.index);
}

Status release_refused(Projection& p, const Entry& entry) {
  const auto& event = entry.release_refused();
  BH_CHECK(check_user_known(p, UserId{event.user()}));
  BH_TRY(const Principal who, principal_of(event));
  return count_traffic(p, who, {.refused = 1});
}

// A later analysis of the same version replaces the earlier one.
Status analysis_finished(Projection& p, const Entry& entry) {
  const auto& event = entry.analysis_finished();
  BH_CHECK(find_version(p, VersionId{event.version()}));
  BH_CHECK(p.database.run("UPDATE versions SET analysed = 1 WHERE id = ?", event.version()));
  BH_CHECK(
      p.database.run("INSERT OR REPLACE INTO analyses(version, outcome, format, "
                     "bytes_not_understood, findings_blob, "
                     "findings_size, findings_sha256) VALUES (?, ?, ?, ?, ?, ?, ?)",
                     event.version(), event.outcome(), std::string_view(event.format()),
                     event.bytes_not_understood(), view_of(event.findings_blob()),
                     event.findings_size(), view_of(event.findings_sha256())));
  return write_list(p.database, kAnalysisRecipients, event.version(), event.recipient(),
                    [](const std::string& text) { return std::string_view(text); });
}

}  // namespace bulkhead::vault::apply
