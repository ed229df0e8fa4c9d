#include "policy/ledger.h"

#include <algorithm>
#include <array>

namespace bulkhead::policy {
namespace {

// How far above a busy day a day may be: a month's end, or some nights pulled again. At month's end
// files are larger, too.
constexpr std::uint64_t kBusyTimes = 4;
constexpr std::uint64_t kBusyTimesBytes = 6;
// A new folder of an account that has its habits is small.
constexpr std::uint64_t kNewNames = 500;
// "Everything at once": this many files at least, and this share of what there is.
constexpr std::uint64_t kEverythingFiles = 20;
constexpr std::uint64_t kEverythingPercent = 50;

// What many principals together may always do, as a multiple of what one may.
constexpr std::uint64_t times_one(Width width) {
  switch (width) {
    case Width::kUser:
      return 1;
    case Width::kOrganisation:
      return 5;
    default:
      return 20;
  }
}

void add(HourOfTraffic& sum, const HourOfTraffic& more) {
  sum.bytes += more.bytes;
  sum.files += more.files;
  sum.names += more.names;
  sum.new_names += more.new_names;
  sum.recent_files += more.recent_files;
  sum.old_files += more.old_files;
  sum.refused += more.refused;
}

std::uint64_t quarters_of_old(const HourOfTraffic& traffic) {
  return 4 * traffic.old_files + traffic.recent_files;
}

}  // namespace

std::string_view name_of(Measure measure) {
  constexpr std::array<std::string_view, 6> kNames = {
      "bytes", "files", "names", "old files", "everything at once", "names of other folders"};
  return kNames[static_cast<std::size_t>(measure)];
}

Ledger::Ledger(std::span<const HourOfTraffic> traffic, std::int64_t now_hour, const Rules& rules)
    : rules_(rules), hour_(now_hour), usual_(learn(traffic, now_hour)) {
  for (const HourOfTraffic& each : traffic) {
    if (each.hour == now_hour || each.forgiven) continue;
    // Hours after this one are there when the clock was set back: they count.
    if (each.hour >= now_hour - kHoursPerDay) add(day_, each);
    if (each.hour > now_hour - kHoursPerDay) add(night_, each);
    if (each.hour >= now_hour - 28 * kHoursPerDay) add(month_, each);
  }
}

BudgetSettings Ledger::limits(const Circumstances& circumstances) const {
  BudgetSettings limits = rules_.budget;
  // Of many who have no history yet nothing can be said; one alone starts with little.
  if (!usual_.experienced && rules_.width != Width::kUser) return limits;
  const auto& floor = rules_.configuration->learned;
  const std::uint64_t times = times_one(rules_.width);
  const bool unusual_hour =
      usual_.experienced &&
      (usual_.hours >> ((hour_ % kHoursPerDay + kHoursPerDay) % kHoursPerDay) & 1U) == 0;
  const std::uint64_t divisor =
      (circumstances.new_address && usual_.experienced ? 2 : 1) * (unusual_hour ? 2 : 1);
  const auto lower = [&](std::uint64_t& limit, bool fixed, std::uint64_t at_least,
                         std::uint64_t learned) {
    if (!fixed) limit = std::min(limit, std::max(at_least, learned) / divisor);
  };
  lower(limits.bytes_per_day, limits.fixed_bytes, times * floor.bytes_per_day,
        kBusyTimesBytes * usual_.busy_bytes);
  lower(limits.files_per_day, limits.fixed_files, times * floor.files_per_day,
        kBusyTimes * usual_.busy_files);
  lower(limits.names_per_day, limits.fixed_names, times * floor.names_per_day,
        kBusyTimes * usual_.busy_names);
  const std::uint64_t old_times = rules_.width == Width::kUser ? 1 : times * 3 / 5;
  // Of many accounts a smaller share reads old files at the same time.
  const std::uint64_t from_files =
      rules_.width == Width::kUser ? 2 * usual_.middling_files : usual_.middling_files / 2;
  lower(limits.old_files_per_28_days, limits.fixed_old_files,
        usual_.experienced ? old_times * floor.old_files_per_28_days : floor.files_per_day,
        std::max(from_files, usual_.old_files * 3 / 2));
  return limits;
}

std::uint64_t Ledger::new_names_limit() const {
  const bool any = rules_.width != Width::kUser || !usual_.experienced || rules_.budget.fixed_names;
  return any ? UINT64_MAX : std::max(kNewNames, usual_.busy_names / 10);
}

std::optional<Finding> Ledger::judge(const HourOfTraffic& now, const Wanted& wanted,
                                     const Circumstances& circumstances) const {
  const BudgetSettings limit = limits(circumstances);
  const auto over = [](std::uint64_t spent, std::uint64_t more, std::uint64_t most) {
    return more != 0 && (spent > most || more > most - spent);
  };
  struct Budget {
    Measure measure;
    std::uint64_t of_day;  // spent in the hours before this one
    std::uint64_t of_night;
    std::uint64_t now;
    std::uint64_t wanted;
    std::uint64_t per_hour;  // configured
    std::uint64_t per_day;
    std::uint64_t usual;  // what was learned, where that is less
  };
  const BudgetSettings& most = rules_.budget;
  const Budget budgets[] = {
      {Measure::kBytes, day_.bytes, night_.bytes, now.bytes, wanted.bytes, most.bytes_per_hour,
       most.bytes_per_day, limit.bytes_per_day},
      {Measure::kFiles, day_.files, night_.files, now.files, wanted.files, most.files_per_hour,
       most.files_per_day, limit.files_per_day},
      {Measure::kNames, day_.names, night_.names, now.names, wanted.names, most.names_per_hour,
       most.names_per_day, limit.names_per_day},
  };
  for (const Budget& each : budgets) {
    if (over(each.of_day + each.now, each.wanted, each.per_day))
      return Finding{.measure = each.measure, .hours = 24, .limit = each.per_day};
    if (over(each.of_night + each.now, each.wanted, each.usual))
      return Finding{.measure = each.measure, .hours = 24, .limit = each.usual};
    if (over(each.now, each.wanted, each.per_hour))
      return Finding{.measure = each.measure, .hours = 1, .limit = each.per_hour};
  }
  if (const std::uint64_t names = new_names_limit();
      over(month_.new_names + now.new_names, wanted.new_names, names))
    return Finding{.measure = Measure::kNewNames, .hours = 28 * 24, .limit = names};
  if (wanted.files == 0 || wanted.age == FileAge::kFresh) return std::nullopt;
  const std::uint64_t quarters = quarters_of_old(month_) + quarters_of_old(now) +
                                 wanted.files * (wanted.age == FileAge::kOld ? 4 : 1);
  if (quarters <= 4 * limit.old_files_per_28_days) return std::nullopt;
  return Finding{.measure = Measure::kOldFiles,
                 .hours = 28 * 24,
                 .limit = limit.old_files_per_28_days,
                 .tripwire = true};
}

bool Ledger::much_more_than_usual(const HourOfTraffic& now) const {
  const std::uint64_t files = night_.files + now.files + 1;
  return rules_.width == Width::kUser && usual_.experienced && !rules_.budget.fixed_files &&
         files >= kEverythingFiles && files > 2 * usual_.busy_files;
}

std::optional<Finding> Ledger::judge_everything(const HourOfTraffic& now,
                                                std::uint64_t readable) const {
  const std::uint64_t most = readable * kEverythingPercent / 100;
  if (night_.files + now.files + 1 <= most) return std::nullopt;
  return Finding{.measure = Measure::kEverything, .hours = 24, .limit = most, .tripwire = true};
}

}  // namespace bulkhead::policy
