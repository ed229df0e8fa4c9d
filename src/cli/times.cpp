#include "cli/times.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <optional>

#include "base/ascii.h"

namespace bulkhead::cli {
namespace {

std::string& zone_in_use() {
  static std::string zone = "UTC";
  return zone;
}

// Takes what the grammar of RFC 3339 section 5.6 has, from the front.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    taken_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  char taken() const { return taken_; }
  std::optional<int> number(std::size_t digits) {
    if (rest_.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(rest_[i])) return std::nullopt;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }
  // Digits after the point; what is finer than a microsecond is cut off.
  std::optional<int> fraction() {
    std::size_t digits = 0;
    int micros = 0;
    for (; digits < rest_.size() && is_digit(rest_[digits]); ++digits) {
      if (digits < 6) micros = micros * 10 + (rest_[digits] - '0');
    }
    if (digits == 0) return std::nullopt;
    for (std::size_t i = digits; i < 6; ++i)
      micros *= 10;
    rest_.remove_prefix(digits);
    return micros;
  }

 private:
  std::string_view rest_;
  char taken_ = 0;
};

struct WrittenTime {
  std::int64_t local_s = 0;  // as if it were UTC
  int micros = 0;
  bool has_clock = false;
  std::optional<int> offset_s;
};

std::optional<std::int64_t> read_date(Scanner& scanner) {
  const auto year = scanner.number(4);
  if (!year || !scanner.take("-")) return std::nullopt;
  const auto month = scanner.number(2);
  if (!month || !scanner.take("-")) return std::nullopt;
  const auto day = scanner.number(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::int64_t{std::chrono::sys_days(date).time_since_epoch().count()} * 86'400;
}

bool read_clock(Scanner& scanner, WrittenTime& time) {
  const auto hour = scanner.number(2);
  if (!hour || *hour > 23 || !scanner.take(":")) return false;
  const auto minute = scanner.number(2);
  if (!minute || *minute > 59) return false;
  int second = 0;
  if (scanner.take(":")) {
    const auto seconds = scanner.number(2);
    if (!seconds || *seconds > 60) return false;  // 60: a leap second counts as the next one
    second = *seconds;
    if (scanner.take(".,")) {
      const auto micros = scanner.fraction();
      if (!micros) return false;
      time.micros = *micros;
    }
  }
  time.local_s += *hour * 3600 + *minute * 60 + second;
  time.has_clock = true;
  return true;
}

bool read_offset(Scanner& scanner, WrittenTime& time) {
  if (scanner.take("Zz")) {
    time.offset_s = 0;
    return true;
  }
  if (!scanner.take("+-")) return true;
  const int sign = scanner.taken() == '-' ? -1 : 1;
  const auto hours = scanner.number(2);
  if (!hours || *hours > 23 || !scanner.take(":")) return false;
  const auto minutes = scanner.number(2);
  if (!minutes || *minutes > 59) return false;
  time.offset_s = sign * (*hours * 3600 + *minutes * 60);
  return true;
}

std::optional<WrittenTime> read_written(std::string_view text) {
  Scanner scanner(text);
  WrittenTime time;
  const auto date_s = read_date(scanner);
  if (!date_s) return std::nullopt;
  time.local_s = *date_s;
  if (scanner.take("Tt ") && (!read_clock(scanner, time) || !read_offset(scanner, time)))
    return std::nullopt;
  if (!scanner.at_end()) return std::nullopt;
  return time;
}

std::int64_t offset_at(std::int64_t unix_s) {
  const std::time_t time = unix_s;
  std::tm parts{};
  ::localtime_r(&time, &parts);
  return parts.tm_gmtoff;
}

// Every instant that a clock on the wall of the zone shows as `local_s` has one of the offsets in
// force within a day around it.
Result<std::int64_t> from_wall_clock(std::int64_t local_s, std::string_view text) {
  const std::int64_t first = local_s - offset_at(local_s - 86'400);
  const std::int64_t second = local_s - offset_at(local_s + 86'400);
  const bool first_fits = first + offset_at(first) == local_s;
  const bool second_fits = second + offset_at(second) == local_s;
  if (first_fits && second_fits && first != second) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} happened twice in {} (clocks went back): write it with an "
                            "offset, as in 2026-11-24T02:03:04-06:00",
                            text, zone_in_use()));
  }
  if (!first_fits && !second_fits) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} did not happen in {} (clocks went forward): give the time "
                            "before or after",
                            text, zone_in_use()));
  }
  return first_fits ? first : second;
}

}  // namespace

Status use_zone(const std::string& zone) {
  if (zone == "UTC" || zone == "Z") {
    ::setenv("TZ", "UTC0", 1);
    ::tzset();
    zone_in_use() = "UTC";
    return {};
  }
  // The C library takes a name that it does not know for UTC without a word.
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
  struct stat status{};
  const std::string path = "/usr/share/zoneinfo/" + zone;
  const bool known = !zone.empty() && zone.front() != '/' &&
                     zone.find_first_not_of(kAllowed) == std::string::npos &&
                     ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
  if (!known) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is not a time zone here: use a name such as America/Chicago "
                            "(package tzdata), or UTC",
                            zone));
  }
  ::setenv("TZ", (":" + path).c_str(), 1);
  ::tzset();
  zone_in_use() = zone;
  return {};
}

Result<UnixMicros> read_time(std::string_view text, DayEdge edge) {
  const auto written = read_written(text);
  if (!written) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{} is not a time: write it as 2026-11-24T02:03:04Z, or 2026-11-24 for a day",
                    text));
  }
  const bool last_of_day = !written->has_clock && edge == DayEdge::kLast;
  const std::int64_t local_s = written->local_s + (last_of_day ? 86'400 : 0);
  std::int64_t unix_s = 0;
  if (written->offset_s) {
    unix_s = local_s - *written->offset_s;
  } else {
    BH_TRY(unix_s, from_wall_clock(local_s, text));
  }
  return unix_s * kMicrosPerSecond + written->micros - (last_of_day ? 1 : 0);
}

std::string show_time(UnixMicros time) {
  std::int64_t seconds = time / kMicrosPerSecond;
  if (time % kMicrosPerSecond < 0) --seconds;
  const std::int64_t offset_s = offset_at(seconds);
  std::string text = to_rfc3339(time + offset_s * kMicrosPerSecond);
  if (zone_in_use() == "UTC") return text;
  text.pop_back();
  const std::int64_t minutes = (offset_s < 0 ? -offset_s : offset_s) / 60;
  return fmt::format("{}{}{:02}:{:02}", text, offset_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

Result<UnixMicros> read_time_option(std::string_view option, const std::string& text,
                                    DayEdge edge) {
  const auto time = read_time(text, edge);
  if (!time) return fail(time.error().within(option));
  const auto written = read_written(text);
  if (!written->offset_s)
    fmt::print(stderr, "{} is {} ({})\n", option, show_time(*time), zone_in_use());
  return *time;
}

}  // namespace bulkhead::cli
