// What happens before the loop.
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include "sandbox/sandbox.h"
#include "supervisor/supervisor.h"
#include "supervisor/tags.h"

namespace bulkhead::supervisor {
namespace {

// A connection costs us a pidfd and the client's socket; a waiting process one more.
constexpr std::uint64_t kDescriptorsPerSession = 3;
constexpr std::uint64_t kDescriptorsOfOurs = 64;

}  // namespace

Status Supervisor::set_up() {
  raise_descriptor_limit();
  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_) return fail_errno("making an epoll instance");
  BH_CHECK(watch_signals());
  // Before the vault starts: an address that is taken is the most frequent reason not to.
  for (const ListenerSettings& listener : settings_.listeners) {
    BH_TRY(Listener opened, Listener::open(listener));
    listeners_.push_back(std::move(opened));
  }
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    BH_CHECK(watch(listeners_[i].fd(), 0, tag(Source::kListener, i)));
  for (const std::string& missing : sandbox::missing_protections())
    log_warning(missing);
  // The listeners are open: from here on there is no other network for us and for what we start.
  BH_CHECK(sandbox::restrict_supervisor());
  return start_keeper_and_vault();
}

void Supervisor::raise_descriptor_limit() {
  rlimit now{};
  if (::getrlimit(RLIMIT_NOFILE, &now) != 0) return;
  now.rlim_cur = now.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &now);
  const std::uint64_t wanted =
      settings_.limits.connections * kDescriptorsPerSession + kDescriptorsOfOurs;
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max < wanted) {
    log_warning("the limit on open files is too low for limits.connections: raise LimitNOFILE",
                {{"open_files", static_cast<std::uint64_t>(now.rlim_max)}, {"wanted", wanted}});
  }
}

Status Supervisor::watch_signals() {
  // A client or the vault that is gone is an error code, not the end of us.
  ::signal(SIGPIPE, SIG_IGN);
  sigset_t wanted;
  ::sigemptyset(&wanted);
  for (const int number : {SIGTERM, SIGINT, SIGHUP})
    ::sigaddset(&wanted, number);
  if (::sigprocmask(SIG_BLOCK, &wanted, nullptr) != 0) return fail_errno("blocking signals");
  signals_.reset(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) return fail_errno("watching signals");
  return watch(signals_.get(), EPOLLIN, tag(Source::kSignals));
}

// The socket between the two is theirs alone: no end of it stays here.
Status Supervisor::start_keeper_and_vault() {
  BH_TRY(const auto between, channel::MessageSocket::make_pair());
  const char* log = settings_.log_format == LogFormat::kJson ? "json" : "text";
  Program keeper_program{
      settings_.libexec_folder + "/bulkhead-keeper",
      {"--unwraps-per-minute", std::to_string(settings_.unwraps_per_minute), "--log", log}};
  keeper_program.arguments.insert(keeper_program.arguments.end(),
                                  settings_.keeper_arguments.begin(),
                                  settings_.keeper_arguments.end());
  BH_TRY(Process keeper, Process::start(keeper_program, {between.first.get()}));
  keeper_.emplace(std::move(keeper));
  BH_CHECK(watch(keeper_->fd(), EPOLLIN, tag(Source::kKeeper)));

  BH_TRY(auto ends, channel::MessageSocket::make_pair());
  const Program program{
      settings_.libexec_folder + "/bulkhead-vault",
      {"--data", settings_.data_folder, "--control-fd", "3", "--keeper-fd", "4", "--log", log}};
  BH_TRY(Process vault, Process::start(program, {ends.second.get(), between.second.get()}));
  vault_.emplace(std::move(vault));
  link_.emplace(std::move(ends.first));
  BH_CHECK(watch(vault_->fd(), EPOLLIN, tag(Source::kVault)));
  return watch(link_->fd(), EPOLLIN, tag(Source::kLink));
}

Status Supervisor::watch(int fd, std::uint32_t events, std::uint64_t tag) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0)
    return fail_errno("watching a descriptor");
  return {};
}

}  // namespace bulkhead::supervisor
