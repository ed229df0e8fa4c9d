// A thin layer over the SQLite C API: a connection that keeps its prepared statements, and rows
// read column by column. Statements are bound, stepped and reset in one call, so none is ever left
// half-read.
//
// For one thread. Errors tell what SQLite said, which names tables and columns but never values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "vault/ids.h"

struct sqlite3;
struct sqlite3_stmt;

namespace bulkhead::vault::sqlite {

// One row of an answer; each call reads the next column. A value that does not fit its type (a
// number below zero, a hash of another length) makes the whole query fail with kCorrupt.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

  std::int64_t i64();
  std::uint64_t u64();
  std::uint32_t u32(std::uint32_t most = UINT32_MAX);
  bool flag() { return u64() != 0; }
  std::string text();
  Bytes bytes();
  std::optional<std::uint64_t> optional_u64();
  template <typename T>
  T id() {
    return T{u64()};
  }
  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> out{};
    read_exactly(out);
    return out;
  }

  bool malformed() const { return malformed_; }

 private:
  void read_exactly(MutableByteView out);

  sqlite3_stmt* statement_;
  int column_ = 0;
  bool malformed_ = false;
};

// A prepared statement while it is in use; hands it back reset. Bound values must outlive it.
class Use {
 public:
  Use(sqlite3* connection, sqlite3_stmt* statement)
      : connection_(connection), statement_(statement) {}
  Use(Use&& other) noexcept;
  Use& operator=(Use&&) = delete;
  ~Use();

  template <typename... Args>
  void bind(const Args&... args) {
    (bind_next(args), ...);
  }
  Result<bool> step();  // is there a row?
  Row row() const { return Row(statement_); }

 private:
  void bind_next(std::int64_t value);
  void bind_next(std::uint64_t value);
  void bind_next(std::uint32_t value) { bind_next(static_cast<std::int64_t>(value)); }
  void bind_next(int value) { bind_next(static_cast<std::int64_t>(value)); }
  void bind_next(bool value) { bind_next(static_cast<std::int64_t>(value)); }
  void bind_next(std::string_view text);
  void bind_next(ByteView bytes);
  void bind_next(std::nullopt_t) { ++parameter_; }  // NULL is what an unbound parameter is
  template <std::size_t N>
  void bind_next(const ByteArray<N>& bytes) {
    bind_next(ByteView(bytes));
  }
  template <typename Tag>
  void bind_next(const Id<Tag>& id) {
    bind_next(id.value);
  }
  template <typename T>
  void bind_next(const std::optional<T>& value) {
    if (value.has_value()) {
      bind_next(*value);
    } else {
      bind_next(std::nullopt);
    }
  }

  sqlite3* connection_;
  sqlite3_stmt* statement_;
  int parameter_ = 0;
  bool out_of_range_ = false;
};

class Database {
 public:
  // Opens an existing file (an empty one is an empty database), or with ":memory:" none. Fails with
  // kConflict when another process has it, kCorrupt when it is no database: at the first statement,
  // SQLite opens late.
  static Result<Database> open(const std::string& path);
  Database(Database&&) noexcept = default;
  Database& operator=(Database&&) noexcept = default;

  // For a statement that answers nothing.
  template <typename... Args>
  Status run(std::string_view sql, const Args&... args) {
    BH_TRY(Use use, use_of(sql));
    use.bind(args...);
    BH_CHECK(use.step());
    return {};
  }
  // As run(); true when it changed exactly one row, false when none.
  template <typename... Args>
  Result<bool> changed_one(std::string_view sql, const Args&... args) {
    BH_CHECK(run(sql, args...));
    return rows_changed() == 1;
  }
  template <typename Read, typename... Args>
  auto first(std::string_view sql, Read read, const Args&... args)
      -> Result<std::optional<decltype(read(std::declval<Row&>()))>> {
    using Value = decltype(read(std::declval<Row&>()));
    BH_TRY(Use use, use_of(sql));
    use.bind(args...);
    BH_TRY(const bool found, use.step());
    if (!found) return std::optional<Value>();
    Row row = use.row();
    std::optional<Value> value(read(row));
    if (row.malformed()) return malformed_row();
    return value;
  }
  template <typename Read, typename... Args>
  auto all(std::string_view sql, Read read, const Args&... args)
      -> Result<std::vector<decltype(read(std::declval<Row&>()))>> {
    std::vector<decltype(read(std::declval<Row&>()))> rows;
    BH_TRY(Use use, use_of(sql));
    use.bind(args...);
    while (true) {
      BH_TRY(const bool found, use.step());
      if (!found) return rows;
      Row row = use.row();
      rows.push_back(read(row));
      if (row.malformed()) return malformed_row();
    }
  }
  // The number that a query answers with; it always has one row.
  template <typename... Args>
  Result<std::uint64_t> number(std::string_view sql, const Args&... args) {
    BH_TRY(const auto found, first(sql, [](Row& row) { return row.u64(); }, args...));
    return found.value_or(0);
  }

  // Several statements, separated by semicolons, not kept.
  Status script(const std::string& sql);
  bool in_transaction()
      const;  // false also after SQLite gave one up by itself (disk full, for example)

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  using StatementHandle = std::unique_ptr<sqlite3_stmt, Finalize>;

  explicit Database(sqlite3* connection) : connection_(connection) {}
  Result<Use> use_of(std::string_view sql);
  std::int64_t rows_changed() const;
  static std::unexpected<Error> malformed_row();

  std::unique_ptr<sqlite3, Close> connection_;
  // Keyed by the statement's own copy of its text; goes before the connection does.
  std::unordered_map<std::string_view, StatementHandle> statements_;
};

}  // namespace bulkhead::vault::sqlite
