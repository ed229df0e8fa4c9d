// journal forward: the journal to a syslog server over TLS. This process reads the journal from the
// vault, renders it and remembers how far it came; bulkhead-forwarder, without trust, has the
// network.
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>

#include "base/clock.h"
#include "base/configuration.h"
#include "base/json_writer.h"
#include "cli/forward_cursor.h"
#include "cli/journal_commands.h"
#include "cli/journal_files.h"
#include "cli/journal_pages.h"
#include "cli/on_chosen.h"
#include "cli/programs.h"
#include "siem/syslog.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kMostUnderWay = 2048;  // messages sent and not acknowledged
constexpr int kIdleMs = 1000;
constexpr std::int64_t kCheckpointEveryMs = 3600 * 1000;
constexpr std::int64_t kLongestPauseMs = 60'000;

struct ForwardOptions {
  std::string data;
  bool once = false;
};

volatile sig_atomic_t stop_asked = 0;

std::string host_name() {
  char name[256] = "";
  ::gethostname(name, sizeof name - 1);
  return name;
}

std::vector<std::string> forwarder_arguments(const Configuration& configuration) {
  const auto& syslog = configuration.syslog;
  std::vector<std::string> arguments = {"--to", syslog.server, "--ca", syslog.ca_file};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {name, value});
  };
  add("--name", syslog.server_name);
  add("--certificate", syslog.certificate_file);
  add("--key", syslog.key_file);
  return arguments;
}

// One connection to the server: what it is sent, and what of it was acknowledged.
class Connection {
 public:
  Connection(const Configuration& configuration, ForwardCursor& cursor)
      : configuration_(configuration), cursor_(cursor), host_(host_name()) {}

  Status open() {
    BH_TRY(const std::string program, find_program("bulkhead-forwarder"));
    BH_TRY(auto ends, channel::MessageSocket::make_pair());
    BH_TRY(ChildProcess started,
           ChildProcess::start(program, forwarder_arguments(configuration_), ends.second.get()));
    child_.emplace(std::move(started));
    socket_.emplace(std::move(ends.first), channel::Descriptors::kRefuse);
    ends.second.reset();
    const auto ready = socket_->receive();
    return ready ? Status() : gone();
  }

  Status send_entry(const admin::JournalEntry& entry) {
    const siem::ShownEntry shown = shown_entry(entry);
    const std::string text = configuration_.syslog.format == "cef"
                                 ? siem::to_cef(shown, BULKHEAD_RELEASE)
                                 : siem::to_ndjson(shown);
    return send(siem::to_syslog(host_, shown.at_us, shown.event, text), entry.index() + 1);
  }

  // So that a checkpoint leaves this machine with the entries that it covers.
  Status send_checkpoint(const std::string& note, std::uint64_t forwarded) {
    JsonWriter json;
    json.begin_object();
    json.member("checkpoint", note);
    json.end_object();
    return send(siem::to_syslog(host_, system_clock().now(), "checkpoint", json.text()), forwarded);
  }

  // Takes what was acknowledged; waits for so long when nothing was.
  Status take_acknowledgements(int wait_ms) {
    pollfd event{socket_->fd(), POLLIN, 0};
    if (::poll(&event, 1, wait_ms) < 0 && errno != EINTR) return fail_errno("waiting");
    while (true) {
      const auto message = socket_->try_receive();
      if (!message) return gone();
      if (!*message) return cursor_.remember_sometimes();
      if ((*message)->bytes.size() != 8)
        return fail(ErrorCode::kMalformed, "the forwarder is not of this release");
      const auto count = load_le<std::uint64_t>((*message)->bytes.data());
      for (; acknowledged_ < count && !under_way_.empty(); ++acknowledged_) {
        cursor_.reached(under_way_.front());
        under_way_.pop_front();
      }
    }
  }

  std::size_t under_way() const { return under_way_.size(); }

  // All of it, then good-bye.
  Status finish() {
    while (!under_way_.empty())
      BH_CHECK(take_acknowledgements(kIdleMs));
    socket_.reset();
    return child_->wait() ? Status() : Status(child_->failure("bulkhead-forwarder failed"));
  }

 private:
  Status send(const std::string& message, std::uint64_t then_forwarded) {
    while (under_way_.size() >= kMostUnderWay)
      BH_CHECK(take_acknowledgements(kIdleMs));
    if (!socket_->send(as_bytes(siem::framed(message)))) return gone();
    under_way_.push_back(then_forwarded);
    return {};
  }

  std::unexpected<Error> gone() {
    socket_.reset();
    child_->wait();
    return child_->failure("bulkhead-forwarder ended");
  }

  const Configuration& configuration_;
  ForwardCursor& cursor_;
  std::string host_;
  std::optional<ChildProcess> child_;
  std::optional<channel::MessageSocket> socket_;
  std::deque<std::uint64_t> under_way_;  // how far the journal is forwarded after each
  std::uint64_t acknowledged_ = 0;
};

class Forwarding {
 public:
  Forwarding(const ForwardOptions& options, const Configuration& configuration,
             ForwardCursor& cursor)
      : options_(options), configuration_(configuration), cursor_(cursor) {}

  // Until SIGTERM, or with --once until everything was sent.
  Status run() {
    std::int64_t pause_ms = 1000;
    while (true) {
      const std::uint64_t before = cursor_.next();
      const Status done = over_one_connection();
      BH_CHECK(cursor_.remember());
      if (done || options_.once || stop_asked != 0 || done.error().code == ErrorCode::kCorrupt)
        return done;
      fmt::print(stderr, "bulkhead: {}: trying again\n", done.error().message);
      pause_ms = cursor_.next() > before ? 1000 : std::min(2 * pause_ms, kLongestPauseMs);
      ::poll(nullptr, 0, static_cast<int>(pause_ms));  // SIGTERM ends it
      if (stop_asked != 0) return {};
    }
  }

 private:
  Status over_one_connection() {
    Connection connection(configuration_, cursor_);
    BH_CHECK(connection.open());
    std::uint64_t sent = cursor_.next();
    while (stop_asked == 0) {
      const std::uint64_t before = sent;
      BH_CHECK(send_what_is_new(connection, sent));
      if (sent == before) {
        BH_CHECK(checkpoint_when_due(connection, sent));
        if (options_.once) break;
      }
      BH_CHECK(connection.take_acknowledgements(sent == before ? kIdleMs : 0));
    }
    return connection.finish();
  }

  // Nullptr where no server runs: a server that is stopped is no error, it will be back. Only
  // --once starts a vault of its own, and one for all of it: each start is journalled, so there
  // would always be something new.
  Result<AdministrationClient*> vault() {
    if (options_.once && client_) return &*client_;
    client_.reset();
    if (options_.once) {
      BH_TRY(auto own, AdministrationClient::connect(options_.data));
      client_.emplace(std::move(own));
      return &*client_;
    }
    BH_TRY(auto running, AdministrationClient::connect_to_running(options_.data));
    if (!running) return nullptr;
    client_.emplace(*std::move(running));
    return &*client_;
  }

  Status send_what_is_new(Connection& connection, std::uint64_t& sent) {
    BH_TRY(AdministrationClient* const client, vault());
    if (client == nullptr) return {};
    BH_TRY(const std::uint64_t entries, journal_size(*client));
    if (entries < sent) {
      return fail(
          ErrorCode::kCorrupt,
          fmt::format("the journal has {} entries, {} were forwarded: it was rolled back, or "
                      "another one is in its place; verify it against what the syslog server "
                      "holds, and remove {} to forward from the start",
                      entries, sent, cursor_.path()));
    }
    const JournalRange range{.from = sent, .most = 0, .since_us = {}, .until_us = {}};
    return read_journal(*client, range, [&](const admin::JournalEntry& entry) -> Status {
      BH_CHECK(connection.send_entry(entry));
      sent = entry.index() + 1;
      return connection.take_acknowledgements(0);
    });
  }

  Status checkpoint_when_due(Connection& connection, std::uint64_t sent) {
    const std::int64_t now_ms = system_clock().monotonic_ms();
    if (checkpoint_of_ == sent ||
        (checkpoint_ms_ != 0 && now_ms < checkpoint_ms_ + kCheckpointEveryMs))
      return {};
    BH_TRY(AdministrationClient* const client, vault());
    if (client == nullptr) return {};
    BH_TRY(const FreshCheckpoint made, make_checkpoint(*client, true));
    checkpoint_of_ = sent;
    checkpoint_ms_ = now_ms;
    return connection.send_checkpoint(made.note, sent);
  }

  const ForwardOptions& options_;
  const Configuration& configuration_;
  ForwardCursor& cursor_;
  std::optional<AdministrationClient> client_;
  std::optional<std::uint64_t> checkpoint_of_;
  std::int64_t checkpoint_ms_ = 0;
};

Outcome forward(const ForwardOptions& options) {
  BH_TRY(const Configuration configuration, read_configuration(options.data + "/bulkhead.toml"));
  if (configuration.syslog.server.empty() || configuration.syslog.ca_file.empty()) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("syslog.server and syslog.ca_file in {}/bulkhead.toml say where to: set "
                    "them",
                    options.data));
  }
  BH_TRY(ForwardCursor cursor, ForwardCursor::open(options.data));
  struct sigaction action{};
  action.sa_handler = [](int) { stop_asked = 1; };  // without SA_RESTART: waits end
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  BH_CHECK(Forwarding(options, configuration, cursor).run());
  if (options.once) fmt::print("forwarded the journal up to entry {}\n", cursor.next());
  return ExitCode::kDone;
}

}  // namespace

void add_journal_forward(CLI::App& journal, Choice& choice) {
  auto options = std::make_shared<ForwardOptions>();
  CLI::App* command = journal.add_subcommand(
      "forward", "Send the journal to the syslog server in bulkhead.toml, over TLS, until SIGTERM");
  command->add_flag("--once", options->once, "Send what there is, then end");
  add_data_option(*command, options->data);
  on_chosen(*command, options, choice, forward);
}

}  // namespace bulkhead::cli
