// One log from its file to its accesses.
#pragma once

#include <string>

#include "base/error.h"
#include "incident/logs/access.h"

namespace bulkhead::incident {

struct LogReport {
  std::string path, format;
  std::uint64_t lines = 0, accesses = 0, not_understood = 0, first_not_understood = 0;
};

// Hostile input, read in blocks. `format`: a name of log_formats(), or "auto". kUnsupported for a
// log of no product that is known, kInvalidArgument for a format that there is not.
Result<LogReport> read_log(const std::string& path, const std::string& format,
                           const LogSettings& settings, const TakeAccess& take_access);

// The same of bytes in memory, for tests and fuzzing.
Result<LogReport> read_log_text(std::string_view text, const std::string& format,
                                const LogSettings& settings, const TakeAccess& take_access);

}  // namespace bulkhead::incident
