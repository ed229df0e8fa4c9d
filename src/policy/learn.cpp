#include "policy/learn.h"

#include <algorithm>
#include <array>
#include <vector>

namespace bulkhead::policy {
namespace {

constexpr std::size_t kEnoughDays = 5;
constexpr std::size_t kEnoughInWindow = 3;  // who pulls once a week has four
constexpr std::size_t kWindowDays = 28;
constexpr std::size_t kDays = kHistoryDays - 1;

struct Day {
  std::uint64_t bytes = 0;
  std::uint64_t files = 0;
  std::uint64_t names = 0;
  std::uint64_t quarters = 0;  // of old files
};
using Days = std::array<Day, kDays>;  // the first is the one before the last 24 hours

// Which day before the last 24 hours; -1: none of those that count.
std::int64_t day_of(std::int64_t hour, std::int64_t now_hour) {
  const std::int64_t before = now_hour - kHoursPerDay - 1 - hour;
  if (before < 0 || before / kHoursPerDay >= static_cast<std::int64_t>(kDays)) return -1;
  return before / kHoursPerDay;
}

Days days_of(std::span<const HourOfTraffic> history, std::int64_t now_hour) {
  Days days{};
  for (const HourOfTraffic& each : history) {
    const std::int64_t at = day_of(each.hour, now_hour);
    if (at < 0) continue;
    Day& day = days[static_cast<std::size_t>(at)];
    day.bytes += each.bytes;
    day.files += each.files;
    day.names += each.names;
    day.quarters += 4 * each.old_files + each.recent_files;
  }
  return days;
}

using Number = std::uint64_t Day::*;

// Of the days in the window on which there was any; 0 where they are too few.
std::uint64_t percentile(const Days& days, std::size_t first, Number number, std::size_t percent) {
  std::vector<std::uint64_t> values;
  for (std::size_t i = first; i < std::min(first + kWindowDays, kDays); ++i) {
    if (days[i].*number != 0) values.push_back(days[i].*number);
  }
  if (values.size() < kEnoughInWindow) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) * percent / 100);
  std::ranges::nth_element(values, at);
  return *at;
}

std::uint64_t slowly_grown(const Days& days, Number number, std::size_t percent) {
  std::uint64_t usual = percentile(days, 0, number, percent);
  for (const std::size_t before : {std::size_t{7}, kWindowDays}) {
    const std::uint64_t then = percentile(days, before, number, percent);
    if (then != 0) usual = std::min(usual, then + then / 2);
  }
  return usual;
}

std::uint32_t usual_hours(std::span<const HourOfTraffic> history, std::int64_t now_hour) {
  constexpr int kSeveralDays = 3;
  std::array<std::array<bool, kDays>, kHoursPerDay> seen{};
  for (const HourOfTraffic& each : history) {
    const std::int64_t day = day_of(each.hour, now_hour);
    if (day < 0 || each.files + each.names == 0) continue;
    const auto hour =
        static_cast<std::size_t>((each.hour % kHoursPerDay + kHoursPerDay) % kHoursPerDay);
    seen[hour][static_cast<std::size_t>(day)] = true;
  }
  std::uint32_t hours = 0;
  for (std::size_t hour = 0; hour < kHoursPerDay; ++hour) {
    if (std::ranges::count(seen[hour], true) < kSeveralDays) continue;
    for (const std::size_t near : {hour + kHoursPerDay - 1, hour, hour + 1})
      hours |= 1U << (near % kHoursPerDay);
  }
  return hours;
}

}  // namespace

Usual learn(std::span<const HourOfTraffic> history, std::int64_t now_hour) {
  const Days days = days_of(history, now_hour);
  Usual usual;
  const auto active = std::ranges::count_if(
      days, [](const Day& day) { return day.bytes + day.files + day.names != 0; });
  usual.experienced = static_cast<std::size_t>(active) >= kEnoughDays;
  if (!usual.experienced) return usual;
  usual.busy_bytes = slowly_grown(days, &Day::bytes, 90);
  usual.busy_files = slowly_grown(days, &Day::files, 90);
  usual.busy_names = slowly_grown(days, &Day::names, 90);
  usual.middling_files = slowly_grown(days, &Day::files, 50);
  for (std::size_t i = kWindowDays; i < kDays; ++i)
    usual.old_files += days[i].quarters;
  usual.old_files /= 4;
  usual.hours = usual_hours(history, now_hour);
  return usual;
}

}  // namespace bulkhead::policy
