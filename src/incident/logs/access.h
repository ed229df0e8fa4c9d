// What a line of a log says that somebody was given.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace bulkhead::incident {

struct LogAccess {
  enum class Kind {
    kDownload,  // the log names a file
    kUnnamed,  // a web shell or an interface answered; the log knows how many bytes, not which file
    kListed,   // a name on somebody's list
    kHash,     // contents with this hash
  };
  Kind kind = Kind::kDownload;
  std::string path;                    // as the log names it; of the web shell for its answers
  std::optional<UnixMicros> at;        // nothing where the log does not say, or not which hour
  std::optional<std::uint64_t> bytes;  // that were sent
  bool of_web_server = false;          // bytes count its headers; '+' in a path may be a space
  bool complete = true;                // the log itself says that it was cut
  std::string user, address, hash;     // hash: lower case hexadecimal, MD5, SHA-1 or SHA-256
  std::uint64_t line = 0;              // counted from 1
};

using TakeAccess = std::function<void(LogAccess)>;

// "2023-05-28 01:02:03" as it stands in the log, in the log's time zone. Nothing for an hour that
// there was not, or twice.
using LocalTime = std::function<std::optional<UnixMicros>(const std::string&)>;

struct LogSettings {
  LocalTime local_time;
  // Syslog names no year: it is the one that lies between these, where only one does. Without both
  // such logs have no times.
  std::optional<UnixMicros> since, until;
};

// Follows one log, line by line. Lines come without their end, at most kLogLineBytesMost long.
class LogReader {
 public:
  virtual ~LogReader() = default;
  // False where the line makes no sense in this format.
  virtual bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) = 0;
  // At the log's end: lines that were taken for parts of something that then had no end.
  struct Unfinished {
    std::uint64_t lines = 0, first = 0;
  };
  virtual Unfinished finish() { return {}; }
};

constexpr std::size_t kLogLineBytesMost = 64 * 1024;

}  // namespace bulkhead::incident
