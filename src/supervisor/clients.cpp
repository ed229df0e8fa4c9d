// Connections: accepted, counted, handed to a process that waits. Nothing is read from them here.
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/address_list.h"
#include "supervisor/supervisor.h"
#include "supervisor/tags.h"

namespace bulkhead::supervisor {
namespace {

constexpr int kAcceptedAtOnce = 16;
constexpr std::int64_t kAcceptPauseMs = 200;
constexpr std::int64_t kRefusalsLoggedEveryMs = 1000;

}  // namespace

// Who may not come in is accepted and disconnected at once: a client that hangs in the backlog does
// not know why, and would be let in later. Who may come in stays in the backlog until a process is
// ready for them.
Status Supervisor::set_accepting() {
  const bool pausing = now_ms() < accept_not_before_ms_;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    const bool can_serve = can_serve_client(listeners_[i]);
    const bool wanted = stage_ == Stage::kServing && !pausing && (!clients_allowed_ || can_serve);
    if (polling_listeners_.contains(i) == wanted) continue;
    if (wanted) {
      polling_listeners_.insert(i);
    } else {
      polling_listeners_.erase(i);
    }
    epoll_event event{};
    if (wanted) event.events = EPOLLIN;
    event.data.u64 = tag(Source::kListener, i);
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, listeners_[i].fd(), &event) != 0) {
      return fail_errno("watching a listener");
    }
  }
  return {};
}

bool Supervisor::can_serve_client(const Listener& listener) {
  return sessions_.ready_edge(kind_for(listener.protocol())) != nullptr && !link_->congested();
}

Status Supervisor::on_listener(std::size_t index) {
  if (index >= listeners_.size()) return {};
  for (int i = 0; i < kAcceptedAtOnce; ++i) {
    if (clients_allowed_ && !can_serve_client(listeners_[index])) return {};
    auto arrival = listeners_[index].accept();
    if (!arrival) {
      log_error("connections wait", {{"why", arrival.error().message}});
      accept_not_before_ms_ = now_ms() + kAcceptPauseMs;
      return {};
    }
    if (!*arrival) return {};
    BH_CHECK(admit(listeners_[index], std::move(**arrival)));
  }
  return {};
}

Status Supervisor::admit(Listener& listener, Arrival arrival) {
  const std::string key = counting_key(arrival.peer, settings_.limits.ipv6_prefix_bits);
  if (!clients_allowed_) {
    refuse("the vault takes no clients now");
    return {};
  }
  if (penalties_.refused(key, now_ms())) {
    refuse("the address is refused for a while: penalties");
    return {};
  }
  if (sessions_.serving_clients() >= settings_.limits.connections) {
    refuse("limits.connections");
    return {};
  }
  if (sessions_.serving(key) >= settings_.limits.connections_per_address) {
    refuse("limits.connections_per_address");
    return {};
  }
  Session* session = sessions_.ready_edge(kind_for(listener.protocol()));
  BH_ASSERT(session != nullptr);
  const ChannelId channel = session->channel;
  sessions_.assign(*session, std::move(arrival.socket), key);
  session->peer_host = host_of(arrival.peer);
  refill_pace_.served(session->kind);

  ToVault message;
  ChannelAssigned& assigned = *message.mutable_channel_assigned();
  assigned.set_channel(channel);
  assigned.set_peer_address(host_of(arrival.peer));
  assigned.set_peer_port(port_of(arrival.peer));
  assigned.set_listener(listener.name());
  return send(message, {}, [this, channel] { hand_over(channel); });
}

// `host` as host_of() gave it to the vault.
Status Supervisor::punish(const std::string& host, Offence offence) {
  const bool ipv6 = host.find(':') != std::string::npos;
  const auto address = parse_socket_address(ipv6 ? "[" + host + "]:0" : host + ":0");
  if (!address) return {};
  const Limits& limits = settings_.limits;
  if (const auto exempt = address_in_list(host, limits.never_refused); exempt && *exempt) return {};
  const std::string key = counting_key(*address, limits.ipv6_prefix_bits);
  const std::uint64_t for_ms = penalties_.add(key, offence, limits.penalties, now_ms());
  if (for_ms == 0) return {};
  ToVault message;
  message.mutable_address_refused()->set_network(key);
  message.mutable_address_refused()->set_for_ms(for_ms);
  return send(message);
}

void Supervisor::hand_over(ChannelId channel) {
  Session* session = sessions_.find(channel);
  if (session == nullptr || session->killed) return;
  channel::MessageSocket handover(std::move(session->handover), channel::Descriptors::kRefuse);
  const auto sent =
      handover.try_send(as_bytes("c"), std::span<const UniqueFd>(&session->client, 1));
  if (!sent || !*sent) {
    log_warning("a client was lost with the process that was to serve it", {{"channel", channel}});
    session->process.kill();
  }
}

// A flood of refusals is one line a second.
void Supervisor::refuse(std::string_view why) {
  ++refused_;
  const std::int64_t now = now_ms();
  if (now - refused_logged_ms_ < kRefusalsLoggedEveryMs) return;
  log_warning("connections were refused", {{"connections", refused_}, {"why", why}});
  refused_logged_ms_ = now;
  refused_ = 0;
}

}  // namespace bulkhead::supervisor
