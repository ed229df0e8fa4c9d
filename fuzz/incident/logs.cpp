// Any bytes as each kind of log, by the first byte, and as a log whose kind is found out.
#include <cstdint>
#include <string_view>

#include "incident/logs/formats.h"
#include "incident/logs/read_log.h"

using namespace bulkhead;
using namespace bulkhead::incident;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  LogSettings settings;
  settings.local_time = [](const std::string& text) -> std::optional<UnixMicros> {
    if (text.size() < 19) __builtin_trap();
    return 0;
  };
  settings.since = 1'672'531'200 * kMicrosPerSecond;  // 2023
  settings.until = 1'704'067'199 * kMicrosPerSecond;
  const auto& formats = log_formats();
  const std::size_t chosen = data[0] % (formats.size() + 1);
  const std::string name = chosen < formats.size() ? std::string(formats[chosen].name) : "auto";
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::uint64_t taken = 0;
  const auto report = read_log_text(text, name, settings, [&](const LogAccess& access) {
    ++taken;
    if (access.line == 0) __builtin_trap();
    if (access.path.empty() && access.hash.empty()) __builtin_trap();
  });
  if (report && (report->accesses != taken || report->not_understood > report->lines))
    __builtin_trap();
  return 0;
}
