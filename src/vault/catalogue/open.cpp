// Opening the file: what is in it is used only when it is whole and ours; otherwise it is set
// aside, since the journal has everything.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>

#include "base/fd.h"
#include "base/log.h"
#include "vault/catalogue/schema.h"
#include "vault/catalogue/sqlite_catalogue.h"

namespace bulkhead::vault {
namespace {

using sqlite::Database;

constexpr int kMaxSetAside = 10'000;

// Why a file cannot be used as it is; the word is part of the name under which it is kept.
struct Unusable {
  std::string_view word;
  std::string reason;
};
struct Opened {
  std::optional<Database> database;
  Unusable unusable;
};

Opened unusable(std::string_view word, std::string reason) {
  return {.database = std::nullopt, .unusable = {.word = word, .reason = std::move(reason)}};
}

// SQLite would make it readable for others.
Status make_sure_it_exists(const std::string& path) {
  BH_CHECK(open_file(path, O_RDWR | O_CREAT, 0600));
  return {};
}

// Exclusive locking: nobody else has business in it, and SQLite then needs no shared memory. What
// NORMAL may lose at a power failure is the newest transactions, which the journal brings back.
Status configure(Database& database) {
  BH_CHECK(database.script(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
      "PRAGMA cache_size = -65536; PRAGMA journal_size_limit = 67108864; PRAGMA cell_size_check = "
      "ON;"));
  BH_TRY(const auto mode,
         database.first("PRAGMA journal_mode = WAL", [](sqlite::Row& row) { return row.text(); }));
  if (mode != "wal")
    return fail(ErrorCode::kIo, "the file system does not allow SQLite's write-ahead log");
  return {};
}

Result<std::string> schema_of_this_release() {
  BH_TRY(Database fresh, Database::open(":memory:"));
  BH_CHECK(create_schema(fresh));
  return describe_schema(fresh);
}

Result<Opened> examine(Database database) {
  BH_CHECK(configure(database));
  BH_TRY(const auto things, database.number("SELECT count(*) FROM sqlite_schema"));
  if (things == 0) {
    BH_CHECK(create_schema(database));
    return Opened{.database = std::move(database), .unusable = {}};
  }
  BH_TRY(
      const auto formatted,
      database.number(
          "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'catalogue_format'"));
  if (formatted == 0) return unusable("damaged", "it is a database of something else");
  BH_TRY(const auto format, database.number("SELECT version FROM catalogue_format"));
  if (format > kCatalogueFormat) {
    return fail(ErrorCode::kNewerFormat,
                fmt::format("a newer release wrote it (format {}, this one knows {}); start that "
                            "release, or move the "
                            "file away to have this one rebuild it from the journal",
                            format, kCatalogueFormat));
  }
  if (format < kCatalogueFormat) return unusable("older", "an older release wrote it");
  // A trigger or view that somebody added would run with our writes.
  BH_TRY(const std::string found, describe_schema(database));
  BH_TRY(const std::string expected, schema_of_this_release());
  if (found != expected)
    return unusable("damaged", "its tables are not the ones that this release makes");
  BH_TRY(const auto complaint,
         database.first("PRAGMA quick_check(1)", [](sqlite::Row& row) { return row.text(); }));
  if (complaint != "ok") return unusable("damaged", "SQLite's check of it fails");
  return Opened{.database = std::move(database), .unusable = {}};
}

Result<Opened> open_and_examine(const std::string& path) {
  BH_CHECK(make_sure_it_exists(path));
  BH_TRY(Database database, Database::open(path));
  Result<Opened> opened = examine(std::move(database));
  if (opened) return opened;
  const Error& error = opened.error();
  if (error.code == ErrorCode::kCorrupt) return unusable("damaged", error.message);
  if (error.code == ErrorCode::kConflict) {
    return fail(
        ErrorCode::kConflict,
        fmt::format("the catalogue {} is in use by another process; stop that one first", path));
  }
  return fail(error.within("the catalogue " + path));
}

// With its write-ahead log, so that what is set aside can be looked into.
Status set_aside(const std::string& path, const Unusable& why) {
  for (int number = 1; number <= kMaxSetAside; ++number) {
    const std::string kept = fmt::format("{}.{}-{}", path, why.word, number);
    if (::access(kept.c_str(), F_OK) == 0) continue;
    if (std::rename(path.c_str(), kept.c_str()) != 0)
      return fail_errno("setting the catalogue aside as " + kept);
    if (std::rename((path + "-wal").c_str(), (kept + "-wal").c_str()) != 0 && errno != ENOENT) {
      return fail_errno("setting the catalogue's write-ahead log aside");
    }
    log_warning("the catalogue was set aside and is rebuilt from the journal",
                {{"reason", why.reason}, {"kept_as", kept}});
    return {};
  }
  return fail(
      ErrorCode::kLimitExceeded,
      fmt::format("too many catalogues were set aside next to {}; remove the old ones", path));
}

}  // namespace

Result<std::unique_ptr<Catalogue>> open_sqlite_catalogue(const std::string& path) {
  BH_TRY(Opened opened, open_and_examine(path));
  if (!opened.database) {
    BH_CHECK(set_aside(path, opened.unusable));
    BH_TRY(opened, open_and_examine(path));
  }
  if (!opened.database)
    return fail(ErrorCode::kIo, fmt::format("the catalogue {} cannot be made anew", path));
  BH_TRY(std::unique_ptr<Catalogue> catalogue, SqliteCatalogue::make(std::move(*opened.database)));
  return catalogue;
}

}  // namespace bulkhead::vault
