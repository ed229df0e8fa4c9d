// bulkhead-vault: the process that knows, decides and journals.
//
//     bulkhead-vault --data DIR --control-fd N --keeper-fd N   under the supervisor
//     bulkhead-vault --data DIR --administration-fd N      for one command, where no server runs
//     bulkhead-vault --data DIR --create --root-key-out FILE --organisation NAME
//     --incident-recipient AGEKEY… [--seal KIND,…] [--seal-setting NAME=VALUE]…
//     [--passphrase-fd N]
#include <sys/epoll.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "base/log.h"
#include "keeper/remote_keeper.h"
#include "keeper/start_keeper.h"
#include "processes/vault/administration_server.h"
#include "processes/vault/channels.h"
#include "processes/vault/deployment.h"
#include "processes/vault/wait_until_unsealed.h"
#include "sandbox/sandbox.h"

#ifdef BULKHEAD_SANITIZE
// The leak check at exit needs threads and ptrace(2), which the sandbox has no place for.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}
#endif

namespace bulkhead::processes {
namespace {

constexpr int kTickMs = 1000;
constexpr std::size_t kWorkers = 2;
constexpr std::size_t kMostWaitingWork = 64;

struct Options {
  std::string data;
  int control_fd = -1;
  int administration_fd = -1;
  int keeper_fd = -1;
  int passphrase_fd = -1;
  std::string seal = "file";
  std::vector<std::string> seal_settings;
  bool create = false;
  CreateOptions creation;
  LogFormat log = LogFormat::kText;
};

Result<int> number(std::string_view text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    return fail(ErrorCode::kInvalidArgument, "a descriptor's number was expected");
  }
  return value;
}

Result<Options> parse(const std::vector<std::string>& arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (name == "--create") {
      options.create = true;
      continue;
    }
    if (i + 1 == arguments.size())
      return fail(ErrorCode::kInvalidArgument, name + " needs a value");
    const std::string& value = arguments[++i];
    if (name == "--data")
      options.data = value;
    else if (name == "--root-key-out")
      options.creation.root_key_file = value;
    else if (name == "--organisation")
      options.creation.organisation = value;
    else if (name == "--incident-recipient")
      options.creation.incident_recipients.push_back(value);
    else if (name == "--log")
      options.log = value == "json" ? LogFormat::kJson : LogFormat::kText;
    else if (name == "--control-fd") {
      BH_TRY(options.control_fd, number(value));
    } else if (name == "--administration-fd") {
      BH_TRY(options.administration_fd, number(value));
    } else if (name == "--seal") {
      options.seal = value;
    } else if (name == "--seal-setting") {
      options.seal_settings.push_back(value);
    } else if (name == "--passphrase-fd") {
      BH_TRY(options.passphrase_fd, number(value));
    } else if (name == "--keeper-fd") {
      BH_TRY(options.keeper_fd, number(value));
    } else {
      return fail(ErrorCode::kInvalidArgument, name + " is not an option");
    }
  }
  if (options.data.empty()) return fail(ErrorCode::kInvalidArgument, "--data is missing");
  options.creation.folder = options.data;
  return options;
}

// The supervisor has started one beside us; for a command, or a new deployment, we start our own.
Result<UniqueFd> keeper_socket(const Options& options, const std::string& root_key_file) {
  if (options.keeper_fd >= 0) return UniqueFd(options.keeper_fd);
  if (root_key_file.starts_with("credential:")) {
    return fail(ErrorCode::kRefused,
                "the root key is systemd's credential, which only the service gets: start the "
                "service, then try again");
  }
  BH_TRY(const std::string program, keeper::keeper_program());
  std::vector<std::string> arguments = {"--root-key-file", root_key_file};
  if (options.create) {
    arguments.insert(arguments.end(), {"--create", "--seal", options.seal});
    for (const std::string& setting : options.seal_settings)
      arguments.insert(arguments.end(), {"--seal-setting", setting});
    if (options.passphrase_fd >= 0)
      arguments.insert(arguments.end(), {"--passphrase-fd", std::to_string(keeper::kPassphraseFd)});
  }
  return keeper::start_keeper(program, arguments, options.passphrase_fd);
}

Status create(const Options& options) {
  CreateOptions creation = options.creation;
  creation.more_host_keys = {crypto::SigningKeyKind::kRsa3072, crypto::SigningKeyKind::kEcdsaP256};
  return create_deployment(
      creation, [&](const std::string& root_key_file) -> Result<std::unique_ptr<vault::KeyKeeper>> {
        BH_TRY(UniqueFd socket, keeper_socket(options, root_key_file));
        return keeper::RemoteKeeper::connect(std::move(socket));
      });
}

// Waits for the passphrase, where the root key needs one.
Result<std::unique_ptr<vault::KeyKeeper>> unsealed_keeper(const Options& options,
                                                          const std::string& root_key_file,
                                                          EventLoop& loop, Channels& channels,
                                                          std::vector<std::string>& missing) {
  BH_TRY(UniqueFd socket, keeper_socket(options, root_key_file));
  // Before the first key is in this process. There is one thread yet.
  BH_TRY(missing, sandbox::enter_vault(options.data));
  BH_TRY(auto keeper, keeper::RemoteKeeper::connect(std::move(socket)));
  const bool serving = options.control_fd >= 0;
  if (keeper->is_sealed())
    BH_CHECK(wait_until_unsealed(
        *keeper, {.loop = loop,
                  .channels = channels,
                  .administration_socket =
                      serving ? DeploymentPaths{options.data}.administration_socket() : "",
                  .administration_fd = options.administration_fd}));
  return std::unique_ptr<vault::KeyKeeper>(std::move(keeper));
}

Status run(const Options& options, bool memory_is_locked) {
  BH_TRY(EventLoop loop, EventLoop::make());
  Channels channels(loop);
  const bool serving = options.control_fd >= 0;
  if (serving) BH_CHECK(channels.attach_supervisor(UniqueFd(options.control_fd)));
  std::vector<std::string> missing;  // what the kernel lacks for the sandbox
  BH_TRY(const auto deployment,
         Deployment::open(options.data, [&](const std::string& root_key_file) {
           return unsealed_keeper(options, root_key_file, loop, channels, missing);
         }));
  if (serving) {
    for (const std::string& warning : deployment->keeper().warnings())
      log_warning(warning);
  }
  BH_TRY(const auto workers, vault::WorkerPool::start(kWorkers, kMostWaitingWork));
  vault::Vault vault(deployment->parts(*workers, channels, channels));
  channels.serve(vault);
  if (!memory_is_locked) {
    missing.emplace_back(
        "the vault's memory is not locked, keys of open files could reach the swap: set "
        "LimitMEMLOCK=infinity, or use no swap");
  }
  vault::Administration administration(
      vault,
      {.serving = serving, .journal_folder = deployment->paths().journal(), .warnings = missing});
  AdministrationServer server(loop,
                              [&](const admin::Request& asked, vault::Administration::Send send) {
                                administration.request(asked, std::move(send));
                              });
  if (serving) BH_CHECK(deployment->remove_orphans());
  BH_CHECK(vault.start(deployment->torn_bytes(), deployment->restored_entries()));
  if (deployment->restored_entries()) {
    BH_CHECK(deployment->committer().flush());
    BH_CHECK(deployment->forget_restored());
  }
  const auto durable = [&](std::uint32_t) { vault.durable(); };
  BH_CHECK(loop.add(deployment->committer().event_fd(), EPOLLIN, durable));
  BH_CHECK(
      loop.add(workers->readable_when_done(), EPOLLIN, [&](std::uint32_t) { workers->drain(); }));
  if (serving) {
    BH_CHECK(server.listen(deployment->paths().administration_socket()));
    const auto& containment = vault.containment();
    BH_CHECK(channels.send_ready(containment.deployment && !containment.keep_receiving,
                                 vault.parts().catalogue.last_channel()));
  }
  if (options.administration_fd >= 0) BH_CHECK(server.adopt(UniqueFd(options.administration_fd)));

  std::int64_t last_tick_ms = 0;
  while (!channels.stop_asked() && !channels.supervisor_gone() &&
         !(options.administration_fd >= 0 && server.idle())) {
    while (deployment->committer().kick())
      vault.durable();
    const int due_in_ms = deployment->committer().due_in_ms();
    BH_CHECK(loop.wait(due_in_ms < 0 ? kTickMs : std::min(due_in_ms, kTickMs)));
    if (const std::int64_t now_ms = system_clock().monotonic_ms();
        now_ms - last_tick_ms >= kTickMs) {
      last_tick_ms = now_ms;
      vault.tick();
    }
    if (vault.fault()) return fail(*vault.fault());
  }
  BH_CHECK(vault.stop());
  return deployment->close();
}

int run_main(const std::vector<std::string>& arguments) {
  const bool locked = sandbox::protect_memory();
  std::signal(SIGPIPE, SIG_IGN);
  const auto options = parse(arguments);
  if (!options) {
    std::fprintf(stderr, "bulkhead-vault: %s\n", options.error().message.c_str());
    return 2;
  }
  configure_log("vault", options->log, LogLevel::kInfo);
  const Status done = options->create ? create(*options) : run(*options, locked);
  if (done) return 0;
  if (done.error().message.empty()) return 1;  // it was told already
  std::fprintf(stderr, "bulkhead: %s\n", done.error().message.c_str());
  return 1;
}

}  // namespace
}  // namespace bulkhead::processes

int main(int argc, char** argv) {
  return bulkhead::processes::run_main(std::vector<std::string>(argv + 1, argv + argc));
}
