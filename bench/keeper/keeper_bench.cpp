// What the keeper's being a process of its own costs: the same operations with it in the vault's
// process and behind its socket.
//
//     keeper_bench PATH_OF_BULKHEAD_KEEPER [ROUNDS]
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <deque>

#include "keeper/remote_keeper.h"
#include "keeper/start_keeper.h"
#include "vault_harness.h"

namespace bulkhead {
namespace {

constexpr int kFiles = 64;
constexpr std::size_t kAwaitedAtOnce = 16;

double per_second(int rounds, const std::function<void(int)>& operation) {
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < rounds; ++i)
    operation(i);
  return rounds / std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

processes::KeeperSource keeper_process(const std::string& program) {
  return [program](const std::string& path) -> Result<std::unique_ptr<vault::KeyKeeper>> {
    BH_TRY(UniqueFd socket, keeper::start_keeper(program, {"--root-key-file", path}));
    return keeper::RemoteKeeper::connect(std::move(socket));
  };
}

void measure_keys(std::string_view where, vault::KeyKeeper& keeper, int rounds) {
  const vault::KeyEpoch which{vault::OrganisationId{1}, 1};
  const auto file = keeper.create_file_key(which).value();
  const auto await = [&] { return keeper.await_file_key(which, file.lineage, file.wrapped); };
  const double waiting = per_second(rounds, [&](int) {
    vault::AwaitedFileKey key = await();
    BH_ASSERT(key.get().has_value());
  });
  std::deque<vault::AwaitedFileKey> under_way;
  const double ahead = per_second(rounds, [&](int) {
    under_way.push_back(await());
    if (under_way.size() < kAwaitedAtOnce) return;
    BH_ASSERT(under_way.front().get().has_value());
    under_way.pop_front();
  });
  const double made =
      per_second(rounds, [&](int) { BH_ASSERT(keeper.create_file_key(which).has_value()); });
  fmt::print("{:<22} unwrap and wait {:>8.0f}/s   unwrap ahead {:>8.0f}/s   new key {:>8.0f}/s\n",
             where, waiting, ahead, made);
}

// Through the whole vault: path, rights, catalogue, keys, descriptors. No client, no encryption.
void measure_opens(std::string_view where, vault::VaultHarness& harness, int rounds) {
  const auto key = harness.add_user("ada");
  const auto channel = harness.log_in("ada", key);
  const Bytes contents(100'000, 7);
  for (int i = 0; i < kFiles; ++i)
    BH_ASSERT(harness.upload(channel, {"home", "ada", std::to_string(i)}, contents).empty());
  const auto ask = [&](channel::Request request) {
    const auto answer = harness.ask_quickly(channel, std::move(request));
    BH_ASSERT(answer && answer->reply.code() == 0);
    return answer->reply;
  };
  const double opens = per_second(rounds, [&](int i) {
    channel::Request open;
    *open.mutable_open_file()->mutable_path() =
        vault::VaultHarness::path({"home", "ada", std::to_string(i % kFiles)});
    open.mutable_open_file()->set_read(true);
    const std::uint64_t handle = ask(std::move(open)).opened_file().handle();
    channel::Request grant;
    grant.mutable_grant_extents()->set_handle(handle);
    grant.mutable_grant_extents()->set_count(1);
    ask(std::move(grant));
    channel::Request close;
    close.mutable_close_handle()->set_handle(handle);
    ask(std::move(close));
  });
  fmt::print("{:<22} open, first grant, close {:>8.0f}/s\n", where, opens);
}

}  // namespace
}  // namespace bulkhead

int main(int argc, char** argv) {
  using namespace bulkhead;
  if (argc < 2) {
    fmt::print(stderr, "keeper_bench: name the program bulkhead-keeper\n");
    return 2;
  }
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 20'000;
  for (const bool process : {false, true, false, true}) {
    vault::VaultHarness harness(process ? keeper_process(argv[1]) : processes::local_keeper());
    const char* where = process ? "in its own process" : "in the vault's";
    measure_keys(where, harness.keeper(), rounds);
    measure_opens(where, harness, rounds);
  }
}
