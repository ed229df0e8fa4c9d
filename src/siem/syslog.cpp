#include "siem/syslog.h"

#include <fmt/format.h>

namespace bulkhead::siem {
namespace {

constexpr unsigned kFacility = 13;  // RFC 5424 table 1: log audit
constexpr std::size_t kMostHostName = 255;
constexpr std::size_t kMostMessageId = 32;

// RFC 5424 table 2, from CEF's 0 to 10.
unsigned syslog_severity(unsigned severity) {
  if (severity >= 8) return 2;  // critical
  if (severity >= 5) return 4;  // warning
  return 6;                     // informational
}

// PRINTUSASCII, or "-" where nothing is left.
std::string header_field(std::string_view text, std::size_t most) {
  std::string field;
  for (const char c : text.substr(0, most))
    if (c > 0x20 && c < 0x7f) field += c;
  return field.empty() ? "-" : field;
}

}  // namespace

std::string to_syslog(std::string_view host_name, std::int64_t at_us, std::string_view event,
                      std::string_view text) {
  return fmt::format("<{}>1 {} {} bulkhead - {} - {}",
                     kFacility * 8 + syslog_severity(severity_of(event)), utc_time(at_us),
                     header_field(host_name, kMostHostName), header_field(event, kMostMessageId),
                     text);
}

std::string framed(std::string_view message) {
  return fmt::format("{} {}", message.size(), message);
}

}  // namespace bulkhead::siem
