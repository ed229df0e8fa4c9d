#include "incident/logs/log_time.h"

#include <fmt/format.h>

#include <array>
#include <chrono>

namespace bulkhead::incident {
namespace {

struct Moment {
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::int64_t fraction_us = 0;

  bool real() const {
    return std::chrono::year_month_day{std::chrono::year(year), std::chrono::month(month),
                                       std::chrono::day(day)}
               .ok() &&
           hour < 24 && minute < 60 && second < 61;
  }
  UnixMicros utc() const {
    const std::chrono::sys_days days{std::chrono::year(year) / static_cast<int>(month) /
                                     static_cast<int>(day)};
    const std::int64_t seconds =
        days.time_since_epoch().count() * 86400LL + hour * 3600LL + minute * 60LL + second;
    return seconds * kMicrosPerSecond + fraction_us;
  }
  std::optional<UnixMicros> local(const LogSettings& settings) const {
    const auto at = settings.local_time(
        fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", year, month, day, hour, minute, second));
    if (!at) return std::nullopt;
    return *at + fraction_us;
  }
};

// Takes things off the beginning of a text.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  template <typename T>
  bool number(T& value, std::size_t least, std::size_t most) {
    std::size_t length = 0;
    std::uint64_t result = 0;
    while (length < most && length < text_.size() && text_[length] >= '0' && text_[length] <= '9')
      result = result * 10 + static_cast<std::uint64_t>(text_[length++] - '0');
    if (length < least) return false;
    text_.remove_prefix(length);
    value = static_cast<T>(result);
    return true;
  }
  bool one_of(std::string_view characters) {
    if (text_.empty() || characters.find(text_.front()) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool month(unsigned& value) {
    constexpr std::array<std::string_view, 12> kNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    for (unsigned i = 0; i < kNames.size(); ++i) {
      if (!text_.starts_with(kNames[i])) continue;
      text_.remove_prefix(3);
      value = i + 1;
      return true;
    }
    return false;
  }
  void spaces() {
    while (one_of(" ")) {
    }
  }
  bool clock(Moment& moment, std::size_t hour_digits) {
    return number(moment.hour, hour_digits, 2) && one_of(":") && number(moment.minute, 2, 2) &&
           one_of(":") && number(moment.second, 2, 2);
  }
  // ".123456" and more digits, of which six count.
  void fraction(Moment& moment) {
    if (!one_of(".,")) return;
    std::int64_t unit = kMicrosPerSecond / 10;
    for (; !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; unit /= 10) {
      moment.fraction_us += (text_.front() - '0') * unit;
      text_.remove_prefix(1);
    }
  }
  // "Z", "+02:00", "+0200"; minutes east of Greenwich. Nothing where there is none.
  std::optional<int> offset() {
    if (one_of("Zz")) return 0;
    const bool west = text_.starts_with("-");
    int hours = 0, minutes = 0;
    Cursor ahead(text_);
    if (!ahead.one_of("+-") || !ahead.number(hours, 2, 2)) return std::nullopt;
    ahead.one_of(":");
    if (!ahead.number(minutes, 2, 2)) return std::nullopt;
    *this = ahead;
    return (west ? -1 : 1) * (hours * 60 + minutes);
  }
  std::string_view rest() const { return text_; }

 private:
  std::string_view text_;
};

std::optional<UnixMicros> with_offset(const Moment& moment, std::optional<int> minutes_east,
                                      const LogSettings& settings) {
  if (!moment.real()) return std::nullopt;
  if (!minutes_east) return moment.local(settings);
  return moment.utc() - *minutes_east * 60 * kMicrosPerSecond;
}

int utc_year(UnixMicros at) {
  const std::chrono::sys_days day =
      std::chrono::floor<std::chrono::days>(std::chrono::sys_time(std::chrono::microseconds(at)));
  return static_cast<int>(std::chrono::year_month_day(day).year());
}

// The moment, of which all but the year is known.
std::optional<UnixMicros> in_the_window(Moment moment, const LogSettings& settings) {
  std::optional<UnixMicros> inside, outside;
  // A year more on both sides: where the log is, it may be another one already.
  const int last = utc_year(*settings.until) + 1;
  for (moment.year = utc_year(*settings.since) - 1; moment.year <= last; ++moment.year) {
    if (!moment.real()) continue;  // 29 February
    const auto at = moment.local(settings);
    if (!at) return std::nullopt;
    if (*at < *settings.since || *at > *settings.until) {
      outside = at;
      continue;
    }
    if (inside) return std::nullopt;  // which of the years, the log does not say
    inside = at;
  }
  return inside ? inside : outside;
}

bool iso_moment(Cursor& cursor, Moment& moment) {
  if (!cursor.number(moment.year, 4, 4) || !cursor.one_of("-/") ||
      !cursor.number(moment.month, 1, 2) || !cursor.one_of("-/") ||
      !cursor.number(moment.day, 1, 2) || !cursor.one_of(" T") || !cursor.clock(moment, 1))
    return false;
  cursor.fraction(moment);
  return true;
}

bool american_moment(Cursor& cursor, Moment& moment) {
  if (!cursor.number(moment.month, 1, 2) || !cursor.one_of("/") ||
      !cursor.number(moment.day, 1, 2) || !cursor.one_of("/") ||
      !cursor.number(moment.year, 4, 4) || !cursor.one_of(" ") || !cursor.clock(moment, 1))
    return false;
  cursor.spaces();
  if (cursor.rest().starts_with("PM")) moment.hour = moment.hour % 12 + 12;
  if (cursor.rest().starts_with("AM")) moment.hour %= 12;
  return true;
}

}  // namespace

std::optional<UnixMicros> log_time(std::string_view text, const LogSettings& settings) {
  Moment moment;
  if (Cursor cursor(text); iso_moment(cursor, moment)) {
    cursor.spaces();
    return with_offset(moment, cursor.offset(), settings);
  }
  moment = {};
  if (Cursor cursor(text); american_moment(cursor, moment))
    return with_offset(moment, std::nullopt, settings);
  return std::nullopt;
}

std::optional<UnixMicros> utc_time(std::string_view text) {
  Moment moment;
  Cursor cursor(text);
  if (!iso_moment(cursor, moment) || !moment.real()) return std::nullopt;
  return moment.utc();
}

std::optional<UnixMicros> web_time(std::string_view text) {
  Moment moment;
  Cursor cursor(text);
  if (!cursor.number(moment.day, 1, 2) || !cursor.one_of("/") || !cursor.month(moment.month) ||
      !cursor.one_of("/") || !cursor.number(moment.year, 4, 4) || !cursor.one_of(":") ||
      !cursor.clock(moment, 2))
    return std::nullopt;
  cursor.spaces();
  const auto offset = cursor.offset();
  if (!offset || !moment.real()) return std::nullopt;
  return moment.utc() - *offset * 60 * kMicrosPerSecond;
}

std::optional<UnixMicros> ctime_time(std::string_view text, const LogSettings& settings) {
  if (text.size() < 24) return std::nullopt;
  Moment moment;
  Cursor cursor(text.substr(4));
  if (!cursor.month(moment.month)) return std::nullopt;
  cursor.spaces();
  if (!cursor.number(moment.day, 1, 2) || !cursor.one_of(" ") || !cursor.clock(moment, 2) ||
      !cursor.one_of(" ") || !cursor.number(moment.year, 4, 4))
    return std::nullopt;
  return with_offset(moment, std::nullopt, settings);
}

std::optional<UnixMicros> syslog_time(std::string_view text, const LogSettings& settings) {
  if (!settings.since || !settings.until) return std::nullopt;
  Moment moment;
  Cursor cursor(text);
  if (!cursor.month(moment.month)) return std::nullopt;
  cursor.spaces();
  if (!cursor.number(moment.day, 1, 2) || !cursor.one_of(" ") || !cursor.clock(moment, 2))
    return std::nullopt;
  return in_the_window(moment, settings);
}

}  // namespace bulkhead::incident
