#include "supervisor/supervisor.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>

#include "supervisor/tags.h"

namespace bulkhead::supervisor {
namespace {

constexpr int kEventsAtOnce = 64;
constexpr std::int64_t kLastWordsMs = 2000;
constexpr std::uint64_t kCompactorMemoryBytes = 256ULL << 20;

}  // namespace

Status Supervisor::run() {
  Status status = set_up();
  while (status && !(stage_ == Stage::kStopping && !vault_))
    status = wait_and_handle();
  // Either way nothing untrusted may be left; the destructors of the sessions reap.
  kill_everything();
  sessions_.all().clear();
  if (status && why_stopping_) return fail(*why_stopping_);
  return status;
}

Status Supervisor::wait_and_handle() {
  BH_CHECK(refill());
  BH_CHECK(set_accepting());
  BH_CHECK(update_link_interest());
  epoll_event events[kEventsAtOnce];
  const int count = ::epoll_wait(epoll_.get(), events, kEventsAtOnce, wait_ms());
  if (count < 0 && errno != EINTR) return fail_errno("waiting for events");
  for (int i = 0; i < count; ++i) {
    BH_CHECK(handle(events[i].data.u64, events[i].events));
    if (stage_ == Stage::kStopping && !vault_) return {};
  }
  return on_time();
}

int Supervisor::wait_ms() const {
  std::int64_t next = INT64_MAX;
  const std::int64_t now = now_ms();
  for (const std::int64_t due : {refill_pace_.next_ms(now), accept_not_before_ms_,
                                 stop_deadline_ms_, last_words_until_ms_}) {
    if (due > now) next = std::min(next, due);
  }
  return next == INT64_MAX ? -1 : static_cast<int>(next - now);
}

Status Supervisor::handle(std::uint64_t tag, std::uint32_t events) {
  switch (source_of(tag)) {
    case Source::kSignals:
      return on_signal();
    case Source::kVault:
      return on_vault_ended();
    case Source::kKeeper:
      return on_keeper_ended();
    case Source::kLink:
      return on_link(events);
    case Source::kListener:
      return on_listener(which_of(tag));
    case Source::kProcess:
      return on_process_ended(which_of(tag));
    case Source::kHandover:
      on_process_ready(which_of(tag));
      return {};
  }
  return {};
}

// --- signals and time
// ---------------------------------------------------------------------------------------------------

Status Supervisor::on_signal() {
  signalfd_siginfo info{};
  if (::read(signals_.get(), &info, sizeof info) != sizeof info) return {};
  if (info.ssi_signo == SIGHUP) {
    reload();
    return {};
  }
  if (stage_ == Stage::kStopping) {  // asked again: at once
    stop_deadline_ms_ = now_ms();
    return {};
  }
  return begin_stopping();
}

Status Supervisor::begin_stopping() {
  log_info("stopping");
  stage_ = Stage::kStopping;
  listeners_.clear();  // closing takes them out of the epoll set
  polling_listeners_.clear();
  stop_deadline_ms_ = now_ms() + settings_.stop_grace_ms;
  ToVault message;
  message.mutable_stop();
  return send(message);
}

void Supervisor::reload() {
  if (!settings_.reload) return;
  auto limits = settings_.reload();
  if (!limits) {
    log_error("the configuration was not reloaded", {{"why", limits.error().message}});
    return;
  }
  settings_.limits = *limits;
  log_info("limits were read again; everything else takes a restart");
}

Status Supervisor::on_time() {
  if (vault_ && last_words_until_ms_ != 0 && now_ms() >= last_words_until_ms_) vault_->kill();
  if (stage_ != Stage::kStopping || !vault_ || now_ms() < stop_deadline_ms_) return {};
  log_warning("the vault did not stop in time and is killed; what it acknowledged is on disk");
  vault_.reset();
  return {};
}

// --- the vault
// -----------------------------------------------------------------------------------------------------------

Status Supervisor::on_vault_ended() {
  if (!vault_) return {};
  const auto how = vault_->ended();
  if (!how) return {};
  vault_.reset();
  if (stage_ == Stage::kStopping) return {};
  if (stage_ == Stage::kStarting) {
    // With this status it has said why, on our stderr: one sentence is enough.
    if (*how == "exit 1") return fail(ErrorCode::kDisconnected, "");
    return fail(ErrorCode::kDisconnected,
                fmt::format("the vault could not start ({}): look at memory and disk, then start "
                            "Bulkhead again",
                            *how));
  }
  return fail(
      ErrorCode::kDisconnected,
      fmt::format("the vault ended ({}): every session was ended with it; start Bulkhead again",
                  *how));
}

// It ends in order only after the vault. Otherwise nothing can be released any more: nobody is
// served, and the vault closes what it has open.
Status Supervisor::on_keeper_ended() {
  if (!keeper_) return {};
  const auto how = keeper_->ended();
  if (!how) return {};
  keeper_.reset();
  BH_CHECK(on_vault_ended());
  if (stage_ == Stage::kStopping || !vault_) return {};
  if (how->starts_with("exit")) {
    // It ends so when the vault has closed their socket: that is about to end, and to say why.
    kill_everything();
    last_words_until_ms_ = now_ms() + kLastWordsMs;
    return {};
  }
  why_stopping_ = Error(
      ErrorCode::kDisconnected,
      fmt::format("the keeper ended ({}): every session was ended with it; start Bulkhead again",
                  *how));
  if (stage_ == Stage::kStarting) return fail(*why_stopping_);
  kill_everything();
  return begin_stopping();
}

Status Supervisor::on_link(std::uint32_t events) {
  if (!vault_ || link_lost_) return {};
  if ((events & EPOLLOUT) != 0) {
    if (const Status flushed = link_->flush(); !flushed) return vault_lost(flushed.error());
  }
  while (true) {
    auto message = link_->receive();
    if (!message) return vault_lost(message.error());
    if (!*message) return {};
    BH_CHECK(on_message(**message));
    if (link_lost_) return {};
  }
}

// It closed its end or makes no sense. What is left of it goes; how it ended is told by its pidfd,
// in a moment.
Status Supervisor::vault_lost(const Error& why) {
  if (why.code != ErrorCode::kDisconnected)
    log_error("the link to the vault broke", {{"why", why.message}});
  link_lost_ = true;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, link_->fd(), nullptr);
  // It may be about to say why; everything else ends now, and it in a moment.
  if (stage_ != Stage::kStopping) {
    kill_everything();
    last_words_until_ms_ = now_ms() + kLastWordsMs;
  }
  return {};
}

// A vault that cannot be told is a vault that is ending; its pidfd says so next.
Status Supervisor::send(const ToVault& message, std::vector<UniqueFd> descriptors,
                        std::function<void()> then) {
  if (link_lost_) return {};
  if (const Status sent = link_->send(message, std::move(descriptors), std::move(then)); !sent) {
    return vault_lost(sent.error());
  }
  return {};
}

Status Supervisor::update_link_interest() {
  if (link_lost_ || link_->congested() == polling_link_writable_) return {};
  polling_link_writable_ = link_->congested();
  epoll_event event{};
  event.events = polling_link_writable_ ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.u64 = tag(Source::kLink);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, link_->fd(), &event) != 0)
    return fail_errno("watching the vault");
  return {};
}

Status Supervisor::on_message(const ToSupervisor& message) {
  switch (message.body_case()) {
    case ToSupervisor::kReady:
      return on_ready(message.ready());
    case ToSupervisor::kStartAnalyst:
      return start_worker(ANALYST, "bulkhead-analyst", settings_.analyst_memory_bytes);
    case ToSupervisor::kStartCompactor:
      return start_worker(COMPACTOR, "bulkhead-compactor", kCompactorMemoryBytes);
    case ToSupervisor::kKillChannels:
      return on_kill(message.kill_channels());
    case ToSupervisor::kAcceptClients:
      clients_allowed_ = message.accept_clients().accept();
      return {};
    case ToSupervisor::kPeerOffended: {
      const PeerOffended& offended = message.peer_offended();
      return punish(offended.peer_address(),
                    offended.offence() == PeerOffended::CRASH          ? Offence::kCrash
                    : offended.offence() == PeerOffended::FAILED_LOGIN ? Offence::kFailedLogin
                                                                       : Offence::kNoLogin);
    }
    case ToSupervisor::BODY_NOT_SET:
      break;
  }
  return fail(ErrorCode::kMalformed,
              "the vault asked for something that this release does not know");
}

Status Supervisor::on_ready(const supervisor::Ready& ready) {
  if (stage_ != Stage::kStarting) return {};
  const bool contained = ready.contained();
  sessions_.number_after(ready.last_channel());
  stage_ = Stage::kServing;
  if (contained) {
    clients_allowed_ = false;
    log_warning("the deployment is contained: clients are refused until it is lifted");
  }
  if (ready_) ready_(listeners_);
  return {};
}

}  // namespace bulkhead::supervisor
