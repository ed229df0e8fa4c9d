#include "vault/catalogue/sqlite.h"

#include <sqlite3.h>

#include <limits>
#include <utility>

namespace bulkhead::vault::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 1000;  // a predecessor that is just ending
constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();

ErrorCode code_of(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
      return ErrorCode::kCorrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kConflict;
    case SQLITE_FULL:
      return ErrorCode::kNoSpace;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
      return ErrorCode::kPermissionDenied;
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return ErrorCode::kLimitExceeded;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return ErrorCode::kIo;
    default:
      return ErrorCode::kInternal;
  }
}

std::unexpected<Error> fail_sqlite(sqlite3* connection) {
  return fail(code_of(sqlite3_extended_errcode(connection)),
              std::string("catalogue: ") + sqlite3_errmsg(connection));
}

}  // namespace

std::int64_t Row::i64() {
  return sqlite3_column_int64(statement_, column_++);
}

std::uint64_t Row::u64() {
  const std::int64_t value = i64();
  if (value < 0) malformed_ = true;
  return static_cast<std::uint64_t>(value);
}

std::uint32_t Row::u32(std::uint32_t most) {
  const std::uint64_t value = u64();
  if (value > most) malformed_ = true;
  return static_cast<std::uint32_t>(value);
}

std::optional<std::uint64_t> Row::optional_u64() {
  if (sqlite3_column_type(statement_, column_) == SQLITE_NULL) {
    ++column_;
    return std::nullopt;
  }
  return u64();
}

std::string Row::text() {
  const auto* start = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column_));
  const int size = sqlite3_column_bytes(statement_, column_++);
  return start == nullptr ? std::string() : std::string(start, static_cast<std::size_t>(size));
}

Bytes Row::bytes() {
  const auto* start = static_cast<const Byte*>(sqlite3_column_blob(statement_, column_));
  const int size = sqlite3_column_bytes(statement_, column_++);
  return start == nullptr ? Bytes() : Bytes(start, start + size);
}

void Row::read_exactly(MutableByteView out) {
  const auto* start = static_cast<const Byte*>(sqlite3_column_blob(statement_, column_));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column_++));
  if (start == nullptr || size != out.size()) {
    malformed_ = true;
    return;
  }
  std::copy(start, start + size, out.begin());
}

Use::Use(Use&& other) noexcept
    : connection_(other.connection_), statement_(std::exchange(other.statement_, nullptr)) {}

Use::~Use() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Use::bind_next(std::int64_t value) {
  BH_ASSERT(sqlite3_bind_int64(statement_, ++parameter_, value) == SQLITE_OK);
}

void Use::bind_next(std::uint64_t value) {
  if (value > static_cast<std::uint64_t>(kMaxInteger)) out_of_range_ = true;
  bind_next(static_cast<std::int64_t>(value));
}

// SQLITE_STATIC: the value outlives the use, see the header. An empty view may be a null pointer,
// which would bind NULL instead of an empty value.
void Use::bind_next(std::string_view text) {
  const int code = sqlite3_bind_text64(statement_, ++parameter_, text.empty() ? "" : text.data(),
                                       text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) out_of_range_ = true;
}

void Use::bind_next(ByteView bytes) {
  const void* start = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  const int code =
      sqlite3_bind_blob64(statement_, ++parameter_, start, bytes.size(), SQLITE_STATIC);
  if (code != SQLITE_OK) out_of_range_ = true;
}

Result<bool> Use::step() {
  BH_ASSERT(parameter_ == sqlite3_bind_parameter_count(statement_));
  if (out_of_range_) return fail(ErrorCode::kCorrupt, "a value is larger than can be stored");
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail_sqlite(connection_);
}

void Database::Close::operator()(sqlite3* connection) const {
  sqlite3_close_v2(connection);
}
void Database::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

Result<Database> Database::open(const std::string& path) {
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &connection,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (connection == nullptr) return fail(ErrorCode::kLimitExceeded, "catalogue: out of memory");
  Database database(connection);
  if (code != SQLITE_OK) return fail_sqlite(connection);
  sqlite3_extended_result_codes(connection, 1);
  sqlite3_busy_timeout(connection, kBusyTimeoutMs);
  // What an altered file could make SQLite do on our behalf.
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  return database;
}

Result<Use> Database::use_of(std::string_view sql) {
  auto found = statements_.find(sql);
  if (found == statements_.end()) {
    sqlite3_stmt* prepared = nullptr;
    const int code = sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
    StatementHandle handle(prepared);
    if (code != SQLITE_OK) return fail_sqlite(connection_.get());
    const std::string_view key = sqlite3_sql(prepared);
    found = statements_.emplace(key, std::move(handle)).first;
  }
  sqlite3_stmt* statement = found->second.get();
  BH_ASSERT(sqlite3_stmt_busy(statement) == 0);
  return Use(connection_.get(), statement);
}

Status Database::script(const std::string& sql) {
  if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return fail_sqlite(connection_.get());
  }
  return {};
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(connection_.get()) == 0;
}

std::int64_t Database::rows_changed() const {
  return sqlite3_changes64(connection_.get());
}

std::unexpected<Error> Database::malformed_row() {
  return fail(ErrorCode::kCorrupt,
              "catalogue: a row does not hold what its table says; remove the catalogue's file and "
              "start again, it is rebuilt from the journal");
}

}  // namespace bulkhead::vault::sqlite
