// JSON lines that come from outside: bounded, typed access to one object a line. Errors say file,
// line and key, never a value.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bulkhead::review {

constexpr std::size_t kTextBytesMost = 4000;
// Is it a text that JsonObject takes back? To be asked before it is written: a line that cannot be
// read costs the whole file.
bool is_text(std::string_view text, std::size_t bytes_most = kTextBytesMost);
constexpr std::size_t kListMost = 100'000;
constexpr std::size_t kLineBytesMost = 16 * 1024 * 1024;

// What one line may hold.
struct JsonLimits {
  std::size_t line_bytes = kLineBytesMost;
  std::size_t list = kListMost;
};
// Of what tells of a run as a whole, in one line: an entry a file that was read, of some 200 bytes.
constexpr JsonLimits kRunLimits = {.line_bytes = 512 * 1024 * 1024, .list = 2'000'000};

// One object. Valid until its parser parses another line.
class JsonObject {
 public:
  struct At;  // where simdjson keeps it
  explicit JsonObject(std::shared_ptr<const At> at) : at_(std::move(at)) {}

  bool has(std::string_view key) const;  // there, and not null
  // Valid UTF-8 without control characters, of at most kTextBytesMost bytes.
  Result<std::string> text(std::string_view key) const;
  Result<std::string> text_or(std::string_view key, std::string otherwise) const;
  Result<std::uint64_t> number(std::string_view key) const;  // a whole one, from 0
  Result<bool> truth(std::string_view key) const;
  // Lists of at most JsonLimits::list entries; nothing where the key is not there.
  Result<std::vector<std::string>> texts(std::string_view key) const;
  Status each(std::string_view key, const std::function<Status(const JsonObject&)>& take) const;
  Result<std::optional<JsonObject>> object(std::string_view key) const;

  std::unexpected<Error> wrong(std::string_view what) const;

 private:
  std::shared_ptr<const At> at_;
};

// Keeps its buffers; one thread at a time.
class JsonLineParser {
 public:
  // `file` names the file in errors.
  explicit JsonLineParser(std::string file, JsonLimits limits = {});
  ~JsonLineParser();
  // kMalformed for what is no object, or is nested deeper than the files of this folder are.
  Result<JsonObject> parse(std::string_view line, std::uint64_t number);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Every line of a file, in memory of the longest one. Stops at the first error. `unfinished`: the
// last line has no end; it is not given to `take`.
struct LinesRead {
  std::uint64_t lines = 0;
  std::uint64_t whole_bytes = 0;  // up to the end of the last whole line
  bool unfinished = false;
};
using TakeLine = std::function<Status(std::string_view line, std::uint64_t number)>;
Result<LinesRead> for_each_line(const std::string& path, const TakeLine& take,
                                std::size_t line_bytes_most = kLineBytesMost);
Result<LinesRead> for_each_line_of(std::string_view text, const TakeLine& take);

}  // namespace bulkhead::review
