// bulkhead-keeper: holds the root key and the organisations' keys, for the vault on descriptor 3.
//
//     bulkhead-keeper --root-key-file FILE [--unwraps-per-minute N] [--log text|json]
//     bulkhead-keeper --create --root-key-file FILE
//
// Exit status: 0 the vault is gone (or the key was made), 1 failed, 2 wrong arguments.
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstdio>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/prepare.h"
#include "keeper/server.h"
#include "sandbox/sandbox.h"

#ifdef BULKHEAD_SANITIZE
// The leak check at exit needs threads and ptrace(2), which the sandbox has no place for.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}
#endif

namespace bulkhead::processes {
namespace {

constexpr int kVaultFd = 3;

struct Options {
  std::string root_key_file;
  std::uint32_t unwraps_per_minute = 0;
  bool create = false;
  LogFormat log = LogFormat::kText;
};

Result<Options> parse(std::span<char*> arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (name == "--create") {
      options.create = true;
      continue;
    }
    if (i + 1 == arguments.size())
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs a value", name));
    const std::string_view value = arguments[++i];
    if (name == "--root-key-file") {
      options.root_key_file = value;
    } else if (name == "--log") {
      options.log = value == "json" ? LogFormat::kJson : LogFormat::kText;
    } else if (name == "--unwraps-per-minute") {
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + value.size(), options.unwraps_per_minute);
      if (error != std::errc() || end != value.data() + value.size())
        return fail(ErrorCode::kInvalidArgument, "--unwraps-per-minute needs a number");
    } else {
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} is not an option", name));
    }
  }
  return options;
}

// Before the first key is read: no core dump, no reading by others of the same user, no swap.
std::string protect_memory() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const rlimit any{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &any);  // root may; others have what they were given
  if (::mlockall(MCL_CURRENT | MCL_FUTURE) == 0) return "";
  return "the keeper's memory is not locked, keys could reach the swap: raise LimitMEMLOCK, or use "
         "no swap\n";
}

// The vault is the one to tell people; this stays until it has read it.
int tell_what_is_wrong(const Error& error) {
  keeper::Datagram datagram;
  encode(keeper::error_reply(0, error), datagram);
  if (keeper::send(kVaultFd, datagram)) static_cast<void>(keeper::receive(kVaultFd, datagram));
  return 1;
}

int serve(const Options& options) {
  crypto::prepare_for_sandbox();
  std::string warnings = protect_memory();
  auto root_key = keeper::read_root_key_file(options.root_key_file);
  sandbox::Policy policy = sandbox::keeper_policy();
  policy.keep = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, kVaultFd};
  if (const auto missing = sandbox::enter(policy); !missing)
    return tell_what_is_wrong(missing.error().within("the keeper's sandbox"));
  if (!root_key) return tell_what_is_wrong(root_key.error());
  keeper::LocalKeeper keys(std::move(*root_key), crypto::system_random());
  keeper::Server server(
      keys, system_clock(),
      {.unwraps_per_minute = options.unwraps_per_minute, .warnings = std::move(warnings)});
  const Status served = server.run(kVaultFd);
  if (served) return 0;
  log_error("the vault's words make no sense", {{"why", served.error().message}});
  return 1;
}

int create(const Options& options) {
  const Status created =
      keeper::create_root_key_file(options.root_key_file, crypto::system_random());
  if (created) return 0;
  std::fprintf(stderr, "bulkhead: %s\n", created.error().message.c_str());
  return 1;
}

int run_main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto options = parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!options) {
    std::fprintf(stderr, "bulkhead-keeper: %s\n", options.error().message.c_str());
    return 2;
  }
  configure_log("keeper", options->log, LogLevel::kInfo);
  return options->create ? create(*options) : serve(*options);
}

}  // namespace
}  // namespace bulkhead::processes

int main(int argc, char** argv) {
  return bulkhead::processes::run_main(argc, argv);
}
