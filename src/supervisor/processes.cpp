// Untrusted processes: started ahead, watched, killed.
#include <sys/epoll.h>
#include <sys/socket.h>

#include "supervisor/supervisor.h"
#include "supervisor/tags.h"

namespace bulkhead::supervisor {

Status Supervisor::start_session(ProcessKind kind, const std::string& program,
                                 std::vector<std::string> arguments) {
  BH_TRY(auto channel_ends, channel::MessageSocket::make_pair());
  std::vector<int> descriptors{channel_ends.second.get()};
  std::pair<UniqueFd, UniqueFd> handover_ends;
  if (is_edge(kind)) {
    BH_TRY(handover_ends, channel::MessageSocket::make_pair());
    descriptors.push_back(handover_ends.second.get());
  }
  const std::uint32_t slot = sessions_.take_slot();
  arguments.insert(arguments.begin(), {"--slot", std::to_string(slot), "--log",
                                       settings_.log_format == LogFormat::kJson ? "json" : "text"});
  auto process =
      Process::start({settings_.libexec_folder + "/" + program, std::move(arguments)}, descriptors);
  if (!process) {
    sessions_.give_slot_back(slot);
    return fail(process.error());
  }
  const ChannelId channel = sessions_.next_channel();
  Session& session =
      sessions_.add({.channel = channel,
                     .kind = kind,
                     .state = is_edge(kind) ? Session::State::kStarting : Session::State::kServing,
                     .process = std::move(*process),
                     .slot = slot,
                     .handover = std::move(handover_ends.first)});
  ToVault message;
  message.mutable_channel_opened()->set_channel(channel);
  message.mutable_channel_opened()->set_kind(kind);
  message.mutable_channel_opened()->set_pid(session.process.pid());
  std::vector<UniqueFd> with;
  with.push_back(std::move(channel_ends.first));
  BH_CHECK(send(message, std::move(with)));
  if (session.handover)
    BH_CHECK(watch(session.handover.get(), EPOLLIN, tag(Source::kHandover, channel)));
  return watch(session.process.fd(), EPOLLIN, tag(Source::kProcess, channel));
}

Status Supervisor::refill() {
  if (stage_ != Stage::kServing) return {};
  for (const Listener& listener : listeners_) {
    const ProcessKind kind = kind_for(listener.protocol());
    const std::string& program =
        kind == HTTPS_SESSION ? settings_.web_edge_program : settings_.edge_program;
    while (sessions_.waiting(kind) < settings_.limits.waiting_sessions && !link_lost_ &&
           !link_->congested() && refill_pace_.may_start(kind, now_ms())) {
      if (const Status started = start_session(kind, program, {}); !started) {
        log_error("no process for the next client", {{"why", started.error().message}});
        refill_pace_.died_unused(kind, now_ms());
      }
    }
  }
  return {};
}

Status Supervisor::start_worker(ProcessKind kind, const char* program, std::uint64_t memory_bytes) {
  if (stage_ != Stage::kServing) return {};
  const Status started = start_session(kind, program, {"--memory", std::to_string(memory_bytes)});
  if (started) return {};
  log_error("a process could not be started",
            {{"program", program}, {"why", started.error().message}});
  // The vault counts what it asked for: it has to learn that this one came to nothing.
  BH_TRY(auto ends, channel::MessageSocket::make_pair());
  const ChannelId channel = sessions_.next_channel();
  ToVault opened;
  opened.mutable_channel_opened()->set_channel(channel);
  opened.mutable_channel_opened()->set_kind(kind);
  std::vector<UniqueFd> with;
  with.push_back(std::move(ends.first));
  BH_CHECK(send(opened, std::move(with)));
  ToVault ended;
  ended.mutable_channel_ended()->set_channel(channel);
  ended.mutable_channel_ended()->set_how("could not be started");
  return send(ended);
}

// Its one datagram says that it is in its sandbox. What the datagram holds is not looked at.
void Supervisor::on_process_ready(ChannelId channel) {
  Session* session = sessions_.find(channel);
  if (session == nullptr || !session->handover) return;
  Byte ignored;
  if (::recv(session->handover.get(), &ignored, sizeof ignored, MSG_DONTWAIT) > 0 &&
      session->state == Session::State::kStarting) {
    session->state = Session::State::kWaiting;
  }
  // Nothing more is expected, and a second word must not keep us busy.
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, session->handover.get(), nullptr);
}

Status Supervisor::on_process_ended(ChannelId channel) {
  Session* session = sessions_.find(channel);
  if (session == nullptr) return {};
  const auto how = session->process.ended();
  if (!how) return {};
  const bool in_order = *how == "exit 0" || session->killed;
  if (!in_order) {
    log_warning("a session's process ended out of order",
                {{"channel", channel}, {"kind", ProcessKind_Name(session->kind)}, {"how", *how}});
  }
  if (session->state != Session::State::kServing && !session->killed)
    refill_pace_.died_unused(session->kind, now_ms());
  if (!in_order && !session->peer_host.empty())
    BH_CHECK(punish(session->peer_host, Offence::kCrash));
  sessions_.remove(channel);

  ToVault message;
  message.mutable_channel_ended()->set_channel(channel);
  message.mutable_channel_ended()->set_how(*how);
  BH_CHECK(send(message));
  for (Kill& kill : kills_)
    kill.still_there.erase(channel);
  return answer_finished_kills();
}

// --- the kill switch
// -----------------------------------------------------------------------------------------------------

namespace {

// First every process, so that none has time left while others are dealt with; then every
// connection.
void kill_all(const std::vector<Session*>& targets) {
  for (Session* session : targets) {
    session->process.kill();
    session->killed = true;
  }
  for (Session* session : targets) {
    if (session->client) ::shutdown(session->client.get(), SHUT_RDWR);
  }
}

}  // namespace

Status Supervisor::on_kill(const KillChannels& wanted) {
  std::vector<Session*> targets;
  if (wanted.all()) {
    for (auto& [channel, session] : sessions_.all())
      targets.push_back(&session);
  } else {
    for (const ChannelId channel : wanted.channel()) {
      Session* session = sessions_.find(channel);
      if (session != nullptr) targets.push_back(session);
    }
  }
  Kill kill{.request = wanted.request(),
            .still_there = {},
            .processes = 0,
            .began_us = system_clock().now()};
  for (const Session* session : targets)
    kill.still_there.insert(session->channel);
  kill.processes = static_cast<std::uint32_t>(kill.still_there.size());
  kill_all(targets);
  kills_.push_back(std::move(kill));
  return answer_finished_kills();
}

Status Supervisor::answer_finished_kills() {
  for (auto kill = kills_.begin(); kill != kills_.end();) {
    if (!kill->still_there.empty()) {
      ++kill;
      continue;
    }
    log_warning("processes were killed at the vault's word",
                {{"processes", static_cast<std::uint64_t>(kill->processes)},
                 {"took_us", system_clock().now() - kill->began_us}});
    ToVault message;
    message.mutable_killed()->set_request(kill->request);
    message.mutable_killed()->set_processes(kill->processes);
    kill = kills_.erase(kill);
    BH_CHECK(send(message));
  }
  return {};
}

void Supervisor::kill_everything() {
  std::vector<Session*> targets;
  for (auto& [channel, session] : sessions_.all())
    targets.push_back(&session);
  kill_all(targets);
}

}  // namespace bulkhead::supervisor
