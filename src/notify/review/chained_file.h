// An append-only file of JSON lines in which each line carries the SHA-256 of the one before it: a
// line that was changed or taken out shows. (Lines cut off at the end do not: manifests and
// journals keep the hash of the whole.)
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "base/json_writer.h"
#include "notify/review/json_line.h"

namespace bulkhead::review {

struct ChainEnd {
  std::uint64_t entries = 0;
  std::uint64_t whole_bytes = 0;
  std::string last;         // hash of the last line, in hexadecimal; zeros before the first
  bool unfinished = false;  // a crash cut off a line that nobody was told of
};

// `take` gets each entry; "version", "entry" and "previous" were checked. kCorrupt where the chain
// is broken, kNewerFormat, kMalformed. The unfinished end of a file is not an error.
using TakeEntry = std::function<Status(const JsonObject& entry, std::uint64_t number)>;
Result<ChainEnd> read_chain(std::string_view text, const std::string& name, const TakeEntry& take);

// The file, locked against others who append. What was appended is on disk when `append` returns.
class ChainedFile {
 public:
  static constexpr std::uint64_t kBytesMost = 1ULL << 30;

  // Makes it (mode 0600) where it is not there; waits for others who append. An unfinished end is
  // cut off.
  static Result<ChainedFile> open(const std::string& path, const TakeEntry& take);

  // `write` puts the members of an entry behind version, entry and previous. Kept until `commit`.
  void add(const std::function<void(JsonWriter&)>& write);
  // All that was added, in one write and one sync. After a crash a beginning of it may be there.
  Status commit();
  const ChainEnd& end() const { return end_; }

 private:
  ChainedFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  UniqueFd fd_;
  ChainEnd end_;
  std::string added_;
};

// The whole file; nothing where it is not there.
Result<std::string> read_chained_text(const std::string& path);

}  // namespace bulkhead::review
