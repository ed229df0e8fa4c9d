#include "processes/common/confined.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <span>
#include <string>

#include "base/log.h"
#include "channel/message_socket.h"
#include "crypto/prepare.h"

#ifdef BULKHEAD_SANITIZE
// The leak check at exit needs threads and ptrace(2), which the sandbox has no place for.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}
#endif

namespace bulkhead::processes {
namespace {

struct Arguments {
  std::uint32_t slot = 0;
  std::uint64_t memory_bytes = 1ULL << 30;
  LogFormat log = LogFormat::kText;
};

template <typename Number>
Status parse_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (!text.empty() && error == std::errc() && end == text.data() + text.size()) return {};
  return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is not a number in range", text));
}

Result<Arguments> parse(std::span<char*> given) {
  Arguments arguments;
  for (std::size_t i = 0; i < given.size(); i += 2) {
    const std::string_view name = given[i];
    if (i + 1 == given.size())
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs a value", name));
    const std::string_view value = given[i + 1];
    if (name == "--slot") {
      BH_CHECK(parse_number(value, arguments.slot));
    } else if (name == "--memory") {
      BH_CHECK(parse_number(value, arguments.memory_bytes));
    } else if (name == "--log") {
      arguments.log = value == "json" ? LogFormat::kJson : LogFormat::kText;
    } else {
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} is not an option", name));
    }
  }
  if (arguments.slot >= sandbox::kSlots)
    return fail(ErrorCode::kInvalidArgument, "--slot is out of range");
  return arguments;
}

// Everything up to the point where the sandbox is closed. An exit status where it did not come to
// that.
std::optional<int> confine(int argc, char** argv, std::string_view name,
                           const std::function<void()>& prepare,
                           const std::function<sandbox::Policy(const Arguments&)>& policy_for) {
  const auto arguments = parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  configure_log(name, arguments ? arguments->log : LogFormat::kText, LogLevel::kInfo);
  if (!arguments) {
    log_error("this program is started by the supervisor", {{"why", arguments.error().message}});
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);  // a client that is gone is an error code
  crypto::prepare_for_sandbox(crypto::Preparation::kQuick);
  if (prepare) prepare();
  const auto missing = sandbox::enter(policy_for(*arguments));
  if (!missing) {
    log_error("no sandbox, no service", {{"why", missing.error().message}});
    return 1;
  }
  for (const std::string& protection : *missing)
    log_debug(protection);  // the supervisor warns, once
  return std::nullopt;
}

// Nothing when the supervisor has no client for us any more.
Result<std::optional<UniqueFd>> wait_for_client() {
  channel::MessageSocket handover{UniqueFd(kHandoverFd), channel::Descriptors::kAccept};
  BH_CHECK(handover.send(as_bytes("r")));  // ready
  auto message = handover.receive();
  if (!message && message.error().code == ErrorCode::kDisconnected) return std::nullopt;
  if (!message) return fail(message.error());
  if (message->descriptors.size() != 1)
    return fail(ErrorCode::kInternal, "not one client's socket came");
  return std::move(message->descriptors[0]);
}

int exit_status(const Status& status) {
  if (status) return 0;
  // The vault going first is how a server stops.
  const bool vault_stopped = status.error().code == ErrorCode::kDisconnected;
  log(vault_stopped ? LogLevel::kInfo : LogLevel::kError, "ended",
      {{"why", status.error().message}});
  return 1;
}

}  // namespace

int run_edge(int argc, char** argv, const EdgeProgram& program) {
  const auto failed =
      confine(argc, argv, program.name, program.prepare, [&](const Arguments& arguments) {
        sandbox::Policy policy = sandbox::sftp_session_policy(arguments.slot);
        policy.keep = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, kChannelFd, kHandoverFd};
        return policy;
      });
  if (failed) return *failed;
  auto client = wait_for_client();
  if (!client) return exit_status(fail(client.error()));
  if (!*client) return 0;
  channel::Client vault{UniqueFd(kChannelFd)};
  return exit_status(program.serve(std::move(**client), vault));
}

int run_analyst(int argc, char** argv, const AnalystProgram& program) {
  const auto failed =
      confine(argc, argv, program.name, program.prepare, [&](const Arguments& arguments) {
        sandbox::Policy policy = sandbox::analyst_policy(arguments.slot, arguments.memory_bytes);
        if (program.largest_file_bytes != 0) policy.file_bytes = program.largest_file_bytes;
        policy.keep = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, kChannelFd};
        return policy;
      });
  if (failed) return *failed;
  channel::Client vault{UniqueFd(kChannelFd)};
  return exit_status(program.work(vault));
}

}  // namespace bulkhead::processes
