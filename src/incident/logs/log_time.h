// The ways in which logs write a moment.
#pragma once

#include <optional>
#include <string_view>

#include "incident/logs/access.h"

namespace bulkhead::incident {

// "2023-05-28 01:02:03", "2023-05-28T01:02:03.123", with "Z" or "+02:00" behind it or without; and
// "5/28/2023 1:02:03 AM" as Windows exports have it. Nothing for anything else.
std::optional<UnixMicros> log_time(std::string_view text, const LogSettings& settings);

// The same, known to be UTC: "2023-05-28 01:02:03".
std::optional<UnixMicros> utc_time(std::string_view text);

// "28/May/2023:01:02:03 +0200", of web servers.
std::optional<UnixMicros> web_time(std::string_view text);

// "Sun May 28 01:02:03 2023", of FTP servers.
std::optional<UnixMicros> ctime_time(std::string_view text, const LogSettings& settings);

// "May 28 01:02:03", of syslog: in the one year that lies in the window of the settings. Nothing
// where that may be several; a moment outside the window where in no year it is inside.
std::optional<UnixMicros> syslog_time(std::string_view text, const LogSettings& settings);

}  // namespace bulkhead::incident
