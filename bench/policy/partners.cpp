#include "partners.h"

#include <algorithm>
#include <cmath>

namespace bulkhead::bench {
namespace {

constexpr std::uint64_t kMegabyte = 1'000'000;
constexpr int kKeptDays = 60;
// What happens once.
constexpr int kMoveDay = 50;  // "moves" comes from another address from then on
constexpr int kNewPartnerDay = 60;
constexpr int kLateDay = 70;               // "late" lost three nights and pulls them again
constexpr int kHolidays[] = {41, 42, 85};  // nobody pulls; the next night has all of it

bool weekend(int day) {
  return day % 7 >= 5;
}
bool month_end(int day) {
  return day % 30 >= 28;
}

}  // namespace

Partners::Partners(World& world, std::uint64_t seed) : random_(seed), start_(world.now()) {
  build(world);
}

std::uint64_t Partners::add_feed(World& world, std::uint64_t organisation, double files,
                                 double megabytes) {
  const std::uint64_t folder = world.add_folder(organisation);
  feeds_.push_back({.folder = folder,
                    .sender = world.add_user(organisation),
                    .organisation = organisation,
                    .files_a_day = files,
                    .megabytes = megabytes});
  return folder;
}

Account& Partners::add_account(World& world, const std::string& name, std::uint64_t organisation,
                               Habit habit, std::vector<std::uint64_t> folders) {
  Account account{.name = name,
                  .user = world.add_user(organisation),
                  .organisation = organisation,
                  .habit = habit,
                  .pulls = std::move(folders),
                  .network = name + "'s",
                  .pulled_at = start_};
  for (const std::uint64_t folder : account.pulls)
    world.may_read(account.user, folder);
  return accounts_.emplace_back(std::move(account));
}

void Partners::build(World& world) {
  for (const std::string name : {"insurer", "late", "moves"}) {
    const auto organisation = world.add_organisation();
    add_account(world, name, organisation, Habit::kNightly,
                {add_feed(world, organisation, name == "insurer" ? 18 : 12, 3)});
  }
  const auto newcomer = world.add_organisation();
  const auto backlog = add_feed(world, newcomer, 15, 2);
  feeds_.back().first_day = kNewPartnerDay - 4;
  add_account(world, "new", newcomer, Habit::kNightly, {backlog}).first_day = kNewPartnerDay;

  const auto payroll = world.add_organisation();
  const auto slips = add_feed(world, payroll, 8, 1);
  add_account(world, "weekly", payroll, Habit::kWeekly, {slips});
  for (const std::string name : {"clerk", "clerk-2"})
    add_account(world, name, payroll, Habit::kClerk, {slips});

  // The Medicaid case: an account that pulls six folders a night and may read all thirty.
  const auto agency = world.add_organisation();
  std::vector<std::uint64_t> folders;
  for (int i = 0; i < 30; ++i)
    folders.push_back(add_feed(world, agency, i < 6 ? 10 : 1.5, i < 6 ? 8 : 4));
  feeds_.back().extract_at_month_end = true;
  feeds_[feeds_.size() - 30].extract_at_month_end = true;
  Account& hub =
      add_account(world, "hub", agency, Habit::kNightly, {folders.begin(), folders.begin() + 6});
  for (const std::uint64_t folder : folders)
    world.may_read(hub.user, folder);

  const auto county = world.add_organisation();
  const auto shared = add_feed(world, county, 10, 2);
  for (int i = 0; i < 10; ++i)
    add_account(world, "office-" + std::to_string(i), county, Habit::kNightly, {shared});
}

Account& Partners::account(const std::string& name) {
  return *std::ranges::find(accounts_, name, &Account::name);
}

std::vector<Account*> Partners::accounts_of(std::uint64_t organisation) {
  std::vector<Account*> found;
  for (Account& account : accounts_) {
    if (account.organisation == organisation) found.push_back(&account);
  }
  return found;
}

void Partners::send(World& world, const Feed& feed, int day) {
  if (day < feed.first_day) return;
  const double busy = month_end(day) ? 3 : weekend(day) ? 0.3 : 1;
  std::lognormal_distribution<double> size(std::log(feed.megabytes), 0.7);
  const int files = std::poisson_distribution<int>(feed.files_a_day * busy)(random_);
  for (int i = 0; i < files; ++i)
    world.upload(feed.sender, feed.folder,
                 static_cast<std::uint64_t>(size(random_) * kMegabyte) + 1);
  if (feed.extract_at_month_end && day % 30 == 29)
    world.upload(feed.sender, feed.folder, 1500 * kMegabyte);
}

void Partners::pull(World& world, Account& account) {
  const std::uint64_t session = world.log_in(account.user, account.network);
  for (const std::uint64_t folder : account.pulls)
    world.list(session, folder);
  for (const File* file : world.readable(account.user)) {
    const bool pulled = std::ranges::find(account.pulls, file->folder) != account.pulls.end();
    if (pulled && file->at > account.pulled_at) world.read(session, *file);
  }
  account.pulled_at = world.now();
}

// Somebody at a desk looks things up, mostly of this week.
void Partners::work(World& world, Account& account) {
  const auto files = world.readable(account.user);
  if (files.empty()) return;
  const std::uint64_t session = world.log_in(account.user, account.network);
  world.list(session, account.pulls.front());
  const int reads = std::poisson_distribution<int>(6)(random_);
  for (int i = 0; i < reads; ++i) {
    std::geometric_distribution<std::size_t> back(0.05);  // about two days of files
    const std::size_t at =
        std::min(chance(0.08) ? random_() % files.size() : back(random_), files.size() - 1);
    world.read(session, *files[files.size() - 1 - at]);
  }
}

void Partners::day(World& world, int day, std::uint64_t only_organisation) {
  const UnixMicros midnight = start_ + day * kDay;
  const auto concerned = [&](std::uint64_t organisation) {
    return only_organisation == 0 || only_organisation == organisation;
  };
  world.go_to(midnight + kDay / 24);
  for (const Feed& feed : feeds_) {
    if (concerned(feed.organisation)) send(world, feed, day);
  }
  world.go_to(midnight + 2 * kDay / 24);
  if (day == kLateDay) account("late").pulled_at -= 3 * kDay;
  if (day == kMoveDay) account("moves").network = "a new data centre's";
  const bool holiday = std::ranges::find(kHolidays, day) != std::end(kHolidays);
  for (Account& account : accounts_) {
    if (!concerned(account.organisation) || day < account.first_day || holiday) continue;
    world.go_to(world.now() + 30LL * kMicrosPerSecond);
    if (account.habit == Habit::kNightly && !chance(0.01)) pull(world, account);
    if (account.habit == Habit::kWeekly && day % 7 == 0) pull(world, account);
  }
  world.go_to(midnight + 10 * kDay / 24);
  for (Account& account : accounts_) {
    if (concerned(account.organisation) && account.habit == Habit::kClerk && !weekend(day))
      work(world, account);
  }
  world.remove_older_than(world.now() - kKeptDays * kDay);
}

}  // namespace bulkhead::bench
