// Times that people write and read: RFC 3339, and shorter forms read in a time zone that they name.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"

namespace bulkhead::cli {

// Makes `zone` ("UTC", or a name of the zone database such as "America/Chicago") the one that
// read_time and show_time use. It sets TZ of this process, so it is called once, before there are
// threads.
Status use_zone(const std::string& zone);

// What a date without a time stands for: the first microsecond of that day, or its last.
enum class DayEdge { kFirst, kLast };

// "2026-11-24T02:03:04.5-06:00", and without an offset "2026-11-24T02:03:04", "2026-11-24 02:03",
// "2026-11-24". An hour that the zone skipped or had twice is an error that says so: guessing could
// leave somebody out.
Result<UnixMicros> read_time(std::string_view text, DayEdge edge = DayEdge::kFirst);

// RFC 3339 in the zone in use, with Z for UTC.
std::string show_time(UnixMicros time);

// Reads the value of an option such as --since and says on stderr how it was understood where it
// had no offset.
Result<UnixMicros> read_time_option(std::string_view option, const std::string& text, DayEdge edge);

}  // namespace bulkhead::cli
