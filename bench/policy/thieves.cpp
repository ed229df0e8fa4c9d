#include "thieves.h"

#include <algorithm>

namespace bulkhead::bench {
namespace {

constexpr UnixMicros kHour = kDay / 24;

using Files = std::vector<const File*>;
enum class Order { kNewest, kOldest, kLargest };

Files not_taken(const World& world, std::uint64_t user, const Loot& loot, Order order) {
  Files files = world.readable(user);
  std::erase_if(files, [&](const File* file) { return loot.files.contains(file->number); });
  if (order == Order::kNewest) std::ranges::reverse(files);
  if (order == Order::kLargest)
    std::ranges::stable_sort(files, std::ranges::greater(), &File::bytes);
  return files;
}

// At most `most` files in one session; gives up the session after `patience` refusals.
void take(World& world, const Account& account, const std::string& network, Order order,
          std::size_t most, int patience, Loot& loot) {
  const std::uint64_t session = world.log_in(account.user, network);
  ++loot.sessions;
  const Files files = not_taken(world, account.user, loot, order);
  for (std::size_t i = 0; i < std::min(most, files.size()) && patience > 0; ++i) {
    const World::Got got = world.read(session, *files[i]);
    loot.bytes += got.bytes;
    if (got.bytes != 0) loot.files.insert(files[i]->number);
    if (!got.whole) --patience;
  }
}

const std::string kElsewhere = "a thief's";

// One session after the other, until told to stop.
void grab(World& world, const Account& victim, const std::string& network, UnixMicros at,
          Order order, Loot& loot) {
  world.go_to(at);
  for (int i = 0; i < 10 && !world.stopped(victim.user); ++i)
    take(world, victim, network, order, 100'000, 10, loot);
}

// So many a day, an hour apart, each in a session of its own; never asks twice after a refusal.
void trickle(World& world, const Account& victim, const std::string& network, UnixMicros midnight,
             int first_hour, int hours, std::size_t each, Order order, Loot& loot) {
  for (int hour = first_hour; hour < first_hour + hours && !world.stopped(victim.user); ++hour) {
    world.go_to(midnight + hour * kHour);
    take(world, victim, network, order, each, 1, loot);
  }
}

void list_all(World& world, const Account& victim, UnixMicros midnight, Loot& loot) {
  world.go_to(midnight + 3 * kHour);
  std::set<std::uint64_t> folders;
  for (const File* file : world.readable(victim.user))
    folders.insert(file->folder);
  for (int i = 0; i < 10 && !world.stopped(victim.user); ++i) {
    const std::uint64_t session = world.log_in(victim.user, victim.network);
    ++loot.sessions;
    for (const std::uint64_t folder : folders) {
      if (loot.files.contains(folder)) continue;  // taken, here: its names
      const std::uint64_t names = world.list(session, folder);
      loot.names += names;
      if (names != 0) loot.files.insert(folder);
    }
  }
}

}  // namespace

std::vector<Thief> thieves() {
  return {
      {"fast", "insurer",
       [](World& w, Partners&, Account& v, UnixMicros midnight, Loot& loot) {
         grab(w, v, kElsewhere, midnight + 14 * kHour, Order::kNewest, loot);
       }},
      {"slow: two a day", "insurer",
       [](World& w, Partners&, Account& v, UnixMicros midnight, Loot& loot) {
         trickle(w, v, kElsewhere, midnight, 4, 2, 1, Order::kOldest, loot);
       }},
      {"one file at a time, each hour", "insurer",
       [](World& w, Partners&, Account& v, UnixMicros midnight, Loot& loot) {
         trickle(w, v, kElsewhere, midnight, 4, 19, 1, Order::kNewest, loot);
       }},
      {"mixed into the nightly pull", "insurer",
       [](World& w, Partners&, Account& v, UnixMicros midnight, Loot& loot) {
         trickle(w, v, v.network, midnight, 3, 1, 5, Order::kOldest, loot);
       }},
      {"newest first, thirty a day", "insurer",
       [](World& w, Partners&, Account& v, UnixMicros midnight, Loot& loot) {
         trickle(w, v, v.network, midnight, 3, 1, 30, Order::kNewest, loot);
       }},
      {"oldest first, thirty a day", "hub",
       [](World& w, Partners&, Account& v, UnixMicros midnight, Loot& loot) {
         trickle(w, v, v.network, midnight, 3, 1, 30, Order::kOldest, loot);
       }},
      {"at the usual hour, from the usual address", "hub",
       [](World& w, Partners&, Account& v, UnixMicros midnight, Loot& loot) {
         grab(w, v, v.network, midnight + 3 * kHour, Order::kOldest, loot);
       }},
      {"many accounts, three old files each a night", "office-0",
       [](World& w, Partners& partners, Account& v, UnixMicros midnight, Loot& loot) {
         for (Account* account : partners.accounts_of(v.organisation))
           trickle(w, *account, account->network, midnight, 3, 1, 3, Order::kOldest, loot);
       }},
      {"the largest files only", "hub",
       [](World& w, Partners&, Account& v, UnixMicros midnight, Loot& loot) {
         w.go_to(midnight + 3 * kHour);
         for (int i = 0; i < 10 && !w.stopped(v.user); ++i)
           take(w, v, v.network, Order::kLargest, 50, 10, loot);
       }},
      {"names only", "hub",
       [](World& w, Partners&, Account& v, UnixMicros midnight, Loot& loot) {
         list_all(w, v, midnight, loot);
       },
       true},
  };
}

}  // namespace bulkhead::bench
