#include "processes/vault/channels.h"

#include <sys/epoll.h>

#include <utility>

#include "base/log.h"
#include "channel/codec.h"

namespace bulkhead::processes {

using vault::ChannelId;

Channels::~Channels() {
  for (auto& [id, open] : open_)
    loop_.remove(open.endpoint->fd());
  if (supervisor_) loop_.remove(supervisor_->fd());
}

Status Channels::attach_supervisor(UniqueFd socket) {
  supervisor_ =
      std::make_unique<channel::MessageSocket>(std::move(socket), channel::Descriptors::kAccept);
  return loop_.add(supervisor_->fd(), EPOLLIN, [this](std::uint32_t) { on_supervisor(); });
}

// Everything that is there, every time: the supervisor says that a client was assigned before the
// edge can speak, so looking here first, until it has said so, is what makes the order certain.
void Channels::on_supervisor() {
  while (supervisor_ && !supervisor_gone_) {
    auto message = supervisor_->try_receive();
    if (!message) {
      supervisor_gone_ = true;
      return;
    }
    if (!*message) return;
    supervisor::ToVault told;
    if (!channel::decode((*message)->bytes, told)) {
      log_error("the supervisor said something that cannot be read");
      supervisor_gone_ = true;
      return;
    }
    on_message(told, std::move((*message)->descriptors));
  }
}

void Channels::on_message(const supervisor::ToVault& message, std::vector<UniqueFd> descriptors) {
  switch (message.body_case()) {
    case supervisor::ToVault::kChannelOpened:
      if (descriptors.size() == 1)
        add_channel(message.channel_opened(), std::move(descriptors.front()));
      break;
    case supervisor::ToVault::kChannelAssigned: {
      const auto& assigned = message.channel_assigned();
      if (const auto found = open_.find(ChannelId{assigned.channel()}); found != open_.end())
        found->second.assigned = true;
      vault_->channel_assigned(ChannelId{assigned.channel()}, assigned.peer_address(),
                               assigned.listener());
      break;
    }
    case supervisor::ToVault::kChannelEnded:
      drop(ChannelId{message.channel_ended().channel()}, message.channel_ended().how());
      break;
    case supervisor::ToVault::kKilled: {
      const auto found = kills_.find(message.killed().request());
      if (found == kills_.end()) break;
      const auto done = std::move(found->second);
      kills_.erase(found);
      done(message.killed().processes());
      break;
    }
    case supervisor::ToVault::kAddressRefused:
      vault_->address_refused(message.address_refused().network(),
                              message.address_refused().for_ms());
      break;
    case supervisor::ToVault::kStop:
      stop_asked_ = true;
      break;
    case supervisor::ToVault::BODY_NOT_SET:
      break;
  }
}

namespace {

vault::ProcessKind kind_of(supervisor::ProcessKind kind) {
  if (kind == supervisor::ANALYST) return vault::ProcessKind::kAnalyst;
  if (kind == supervisor::COMPACTOR) return vault::ProcessKind::kCompactor;
  if (kind == supervisor::HTTPS_SESSION) return vault::ProcessKind::kHttpsSession;
  return vault::ProcessKind::kSftpSession;
}

}  // namespace

void Channels::add_channel(const supervisor::ChannelOpened& opened, UniqueFd socket) {
  const ChannelId id{opened.channel()};
  auto endpoint = std::make_unique<channel::Endpoint>(std::move(socket));
  const int fd = endpoint->fd();
  const auto added = loop_.add(fd, EPOLLIN, [this, id](std::uint32_t events) {
    if (!is_assigned(id)) on_supervisor();
    on_channel(id, (events & EPOLLOUT) != 0);
  });
  if (!added) return log_error("a channel cannot be watched", {{"error", added.error().message}});
  open_[id].endpoint = std::move(endpoint);
  vault_->channel_opened(id, kind_of(opened.kind()));
}

bool Channels::is_assigned(ChannelId id) const {
  const auto found = open_.find(id);
  return found != open_.end() && found->second.assigned;
}

// While a request is with the vault nothing more is read. Most edges wait for the answer anyway:
// only one that does not (`speaks`) is worth two system calls a request.
void Channels::want(ChannelId id, bool speaks) {
  Open& open = open_.at(id);
  std::uint32_t events = open.watched & EPOLLIN;
  if (!open.asking) events = EPOLLIN;
  if (open.asking && speaks) events = 0;
  if (open.endpoint->wants_write()) events |= EPOLLOUT;
  if (events != std::exchange(open.watched, events)) loop_.change(open.endpoint->fd(), events);
}

void Channels::on_channel(ChannelId id, bool writable) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  if (writable) {
    if (!found->second.endpoint->flush()) return drop(id, "its channel broke");
    want(id);
  }
  if (found->second.asking) return want(id, true);
  const Status read = found->second.endpoint->on_readable([&](ByteView datagram) {
    found->second.asking = true;
    vault_->request(id, datagram);
  });
  if (read) return;
  if (read.error().code != ErrorCode::kDisconnected)
    vault_->channel_misbehaved(id, read.error().message);
  // How the process ended is told by the supervisor; here only the socket is over.
  if (const auto still = open_.find(id); still != open_.end()) {
    loop_.remove(still->second.endpoint->fd());
    open_.erase(still);
  }
}

void Channels::drop(ChannelId id, std::string_view how) {
  if (const auto found = open_.find(id); found != open_.end()) {
    loop_.remove(found->second.endpoint->fd());
    open_.erase(found);
  }
  vault_->channel_ended(id, how);
}

void Channels::send(ChannelId id, channel::Reply reply, std::vector<UniqueFd> descriptors) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  found->second.asking = false;
  if (!found->second.endpoint->reply(std::move(reply), std::move(descriptors))) return end(id);
  want(id);
}

void Channels::end(ChannelId id) {
  const auto found = open_.find(id);
  if (found == open_.end()) return;
  loop_.remove(found->second.endpoint->fd());
  open_.erase(found);
  kill({id}, [](std::uint32_t) {});
}

Status Channels::tell(const supervisor::ToSupervisor& message) {
  if (!supervisor_) return {};
  BH_TRY(const Bytes bytes, channel::encode(message));
  return supervisor_->send(bytes);
}

Status Channels::send_ready(bool contained, ChannelId last_channel) {
  supervisor::ToSupervisor message;
  message.mutable_ready()->set_contained(contained);
  message.mutable_ready()->set_last_channel(last_channel.value);
  return tell(message);
}

void Channels::peer_offended(const std::string& peer_address, Offence offence) {
  supervisor::ToSupervisor message;
  auto* offended = message.mutable_peer_offended();
  offended->set_peer_address(peer_address);
  offended->set_offence(offence == Offence::kCrash         ? supervisor::PeerOffended::CRASH
                        : offence == Offence::kFailedLogin ? supervisor::PeerOffended::FAILED_LOGIN
                                                           : supervisor::PeerOffended::NO_LOGIN);
  (void)tell(message);
}

void Channels::start_analyst() {
  supervisor::ToSupervisor message;
  message.mutable_start_analyst();
  (void)tell(message);  // a supervisor that is gone is noticed when reading
}

void Channels::start_compactor() {
  supervisor::ToSupervisor message;
  message.mutable_start_compactor();
  (void)tell(message);
}

void Channels::kill(std::vector<ChannelId> channels, std::function<void(std::uint32_t)> done) {
  if (!supervisor_) return done(0);
  supervisor::ToSupervisor message;
  const std::uint64_t request = next_kill_++;
  message.mutable_kill_channels()->set_request(request);
  for (const ChannelId id : channels)
    message.mutable_kill_channels()->add_channel(id.value);
  kills_.emplace(request, std::move(done));
  (void)tell(message);
}

void Channels::accept_clients(bool accept) {
  supervisor::ToSupervisor message;
  message.mutable_accept_clients()->set_accept(accept);
  (void)tell(message);
}

}  // namespace bulkhead::processes
