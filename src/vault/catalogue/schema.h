// The tables of the catalogue in SQLite, and what is in a fresh one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "vault/catalogue/sqlite.h"

namespace bulkhead::vault {

// Goes up with every change to the tables below. A file with a lower one is rebuilt from the
// journal.
constexpr std::uint64_t kCatalogueFormat = 10;

Status create_schema(sqlite::Database& database);
// All of a database's own definitions, in a fixed order: equal to that of a fresh one, or somebody
// altered it.
Result<std::string> describe_schema(sqlite::Database& database);

}  // namespace bulkhead::vault
