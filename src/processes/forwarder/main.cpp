// bulkhead-forwarder: sends what comes in on descriptor 3 to a syslog server over TLS. README.md
// has the protocol.
//
//     bulkhead-forwarder --to ADDRESS:PORT --ca FILE [--name NAME] [--certificate FILE --key FILE]
//
// Exit status: 0 all was sent and acknowledged, 1 failed (the reason is on stderr), 2 wrong
// arguments.
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <map>

#include "channel/message_socket.h"
#include "crypto/prepare.h"
#include "processes/forwarder/tls_connection.h"
#include "sandbox/sandbox.h"

namespace bulkhead::processes {
namespace {

constexpr int kMessagesFd = 3;
constexpr std::size_t kRoundBytes = 256 * 1024;  // what is held at a time, and one message more
constexpr long kAcknowledgedEveryNs = 2'000'000;

Result<TlsSettings> parse(int argc, char** argv) {
  TlsSettings settings;
  const std::map<std::string_view, std::string*> known = {
      {"--to", &settings.address},
      {"--name", &settings.server_name},
      {"--ca", &settings.ca_file},
      {"--certificate", &settings.certificate_file},
      {"--key", &settings.key_file}};
  for (int i = 1; i < argc; i += 2) {
    const auto found = known.find(argv[i]);
    if (found == known.end() || i + 1 == argc)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is not an option with a value", argv[i]));
    *found->second = argv[i + 1];
  }
  if (settings.address.empty() || settings.ca_file.empty())
    return fail(ErrorCode::kInvalidArgument,
                "--to and --ca are needed: bulkhead journal forward starts this");
  return settings;
}

class Forwarder {
 public:
  explicit Forwarder(TlsConnection connection)
      : connection_(std::move(connection)),
        messages_(UniqueFd(kMessagesFd), channel::Descriptors::kRefuse) {}

  Status run() {
    BH_CHECK(connection_.handshake());
    BH_CHECK(tell());  // ready
    while (!ended_) {
      BH_CHECK(wait());
      BH_CHECK(take_round());
      if (round_.empty()) continue;
      BH_CHECK(connection_.write(round_));
      BH_CHECK(wait_until_acknowledged());
      BH_CHECK(tell());
    }
    connection_.close();
    return {};
  }

 private:
  Status wait() {
    pollfd both[] = {{kMessagesFd, POLLIN, 0}, {connection_.fd(), POLLIN, 0}};
    while (::poll(both, 2, -1) < 0) {
      if (errno != EINTR) return fail_errno("waiting");
    }
    return both[1].revents != 0 ? connection_.read_nothing() : Status();
  }

  Status take_round() {
    round_.clear();
    while (round_.size() < kRoundBytes) {
      auto message = messages_.try_receive();
      if (!message && message.error().code == ErrorCode::kDisconnected) {
        ended_ = true;
        return {};
      }
      if (!message) return fail(message.error());
      if (!*message) return {};
      const Bytes& bytes = (*message)->bytes;
      round_.insert(round_.end(), bytes.begin(), bytes.end());
      ++count_;
    }
    return {};
  }

  Status wait_until_acknowledged() {
    while (true) {
      BH_TRY(const bool all, connection_.all_acknowledged());
      if (all) return {};
      const timespec pause{0, kAcknowledgedEveryNs};
      ::clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
    }
  }

  Status tell() {
    Byte number[8];
    store_le(number, count_);
    const Status told = messages_.send(number);
    if (!told && told.error().code != ErrorCode::kDisconnected) return told;
    return {};  // whoever has gone does not want to know
  }

  TlsConnection connection_;
  channel::MessageSocket messages_;
  Bytes round_;
  std::uint64_t count_ = 0;
  bool ended_ = false;
};

Status run(const TlsSettings& settings) {
  BH_TRY(TlsConnection connection, TlsConnection::connect(settings));
  sandbox::Policy policy = sandbox::forwarder_policy();
  policy.keep = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, kMessagesFd, connection.fd()};
  if (auto entered = sandbox::enter(policy); !entered) return fail(entered.error());
  return Forwarder(std::move(connection)).run();
}

int run_main(int argc, char** argv) {
  ::signal(SIGPIPE, SIG_IGN);
  crypto::prepare_for_sandbox();
  const auto settings = parse(argc, argv);
  if (!settings) {
    fmt::print(stderr, "bulkhead: {}\n", settings.error().message);
    return 2;
  }
  const Status done = run(*settings);
  if (done) return 0;
  fmt::print(stderr, "bulkhead: {}\n", done.error().message);
  return 1;
}

}  // namespace
}  // namespace bulkhead::processes

int main(int argc, char** argv) {
  return bulkhead::processes::run_main(argc, argv);
}
