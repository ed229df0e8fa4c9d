#include "vault/catalogue/sqlite_catalogue.h"

#include <fmt/format.h>

#include <array>

#include "vault/catalogue/events.h"
#include "vault/catalogue/schema.h"

namespace bulkhead::vault {
namespace {

struct StoredCounter {
  std::string_view name;
  std::uint64_t Counters::* value;
};

constexpr std::array kStoredCounters = {
    StoredCounter{"applied", &Counters::applied},
    StoredCounter{"next_organisation", &Counters::next_organisation},
    StoredCounter{"next_user", &Counters::next_user},
    StoredCounter{"next_node", &Counters::next_node},
    StoredCounter{"next_version", &Counters::next_version},
    StoredCounter{"next_upload", &Counters::next_upload},
    StoredCounter{"last_channel", &Counters::last_channel},
    StoredCounter{"files", &Counters::files},
    StoredCounter{"bytes", &Counters::bytes},
    StoredCounter{"backed_up_us", &Counters::backed_up_us},
};

constexpr std::size_t kMostRemembered = 4096;  // rows

// None of these changes a folder, a user or an organisation.
bool is_of_an_upload(const journal::Entry& entry) {
  using enum journal::Entry::EventCase;
  return entry.event_case() == kUploadStarted || entry.event_case() == kUploadCommitted;
}

}  // namespace

Result<std::unique_ptr<SqliteCatalogue>> SqliteCatalogue::make(sqlite::Database database) {
  std::unique_ptr<SqliteCatalogue> catalogue(new SqliteCatalogue(std::move(database)));
  BH_CHECK(catalogue->load_counters());
  return catalogue;
}

// A fresh file has no counters yet: they stand where they start.
Status SqliteCatalogue::load_counters() {
  Counters loaded;
  for (const StoredCounter& counter : kStoredCounters) {
    BH_TRY(const auto found, database_.first(
                                 "SELECT value FROM counters WHERE name = ?",
                                 [](sqlite::Row& row) { return row.u64(); }, counter.name));
    if (found) loaded.*counter.value = *found;
  }
  counters_ = loaded;
  stored_ = loaded;
  return {};
}

Status SqliteCatalogue::store_counters() {
  for (const StoredCounter& counter : kStoredCounters) {
    if (counters_.*counter.value == stored_.*counter.value) continue;
    BH_CHECK(database_.run("INSERT OR REPLACE INTO counters(name, value) VALUES (?, ?)",
                           counter.name, counters_.*counter.value));
  }
  stored_ = counters_;
  return {};
}

Status SqliteCatalogue::begin() {
  if (database_.in_transaction()) return {};
  return database_.run("BEGIN IMMEDIATE");
}

// A savepoint for each entry would leave what came before it, but SQLite then copies every page
// that an entry touches; and nothing goes on after an entry that does not fit.
Status SqliteCatalogue::give_up() {
  if (database_.in_transaction()) BH_CHECK(database_.run("ROLLBACK"));
  remembered_ = {};
  return load_counters();
}

Status SqliteCatalogue::apply(std::uint64_t index, const journal::Entry& entry,
                              std::optional<journal::PayloadPosition> payload) {
  if (index != counters_.applied) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("journal entry {} was to be applied to the catalogue, whose next is {}",
                            index, counters_.applied));
  }
  BH_CHECK(begin());
  if (!is_of_an_upload(entry) ||
      remembered_.known.size() + remembered_.folders.size() > kMostRemembered)
    remembered_ = {};
  Projection projection{.database = database_,
                        .counters = counters_,
                        .known = remembered_.known,
                        .index = index,
                        .at = entry.at_us(),
                        .channel = ChannelId{entry.channel()},
                        .payload = payload};
  Status done = apply_entry(projection, entry);
  if (!done) BH_CHECK(give_up());
  if (done) counters_.applied = index + 1;
  return done;
}

Status SqliteCatalogue::checkpoint() {
  if (!database_.in_transaction()) return {};
  Status done = store_counters();
  if (done) done = database_.run("COMMIT");
  if (!done) BH_CHECK(give_up());
  return done;
}

Status SqliteCatalogue::clear() {
  BH_CHECK(begin());
  BH_TRY(const auto tables,
         database_.all(
             "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'catalogue_format'",
             [](sqlite::Row& row) { return row.text(); }));
  for (const std::string& table : tables) {
    if (Status done = database_.run(fmt::format("DELETE FROM {}", table)); !done) {
      BH_CHECK(give_up());
      return done;
    }
  }
  remembered_ = {};
  counters_ = Counters();
  stored_ = Counters();
  return checkpoint();
}

}  // namespace bulkhead::vault
