#include "supervisor/sessions.h"

#include "sandbox/sandbox.h"

namespace bulkhead::supervisor {

std::uint32_t Sessions::take_slot() {
  BH_ASSERT(slots_.size() < sandbox::kForwarderSlot);
  while (!slots_.insert(next_slot_).second)
    next_slot_ = (next_slot_ + 1) % sandbox::kForwarderSlot;
  const std::uint32_t slot = next_slot_;
  next_slot_ = (next_slot_ + 1) % sandbox::kForwarderSlot;
  return slot;
}

Session& Sessions::add(Session session) {
  const ChannelId channel = session.channel;
  if (session.state != Session::State::kServing) unused_.insert(channel);
  return sessions_.emplace(channel, std::move(session)).first->second;
}

Session* Sessions::find(ChannelId channel) {
  const auto found = sessions_.find(channel);
  return found == sessions_.end() ? nullptr : &found->second;
}

void Sessions::remove(ChannelId channel) {
  const auto found = sessions_.find(channel);
  BH_ASSERT(found != sessions_.end());
  slots_.erase(found->second.slot);
  if (found->second.client) {
    --clients_;
    const auto count = by_address_.find(found->second.counted_as);
    BH_ASSERT(count != by_address_.end());
    if (--count->second == 0) by_address_.erase(count);
  }
  unused_.erase(channel);
  sessions_.erase(found);
}

std::size_t Sessions::waiting(ProcessKind kind) const {
  std::size_t count = 0;
  for (const ChannelId channel : unused_) {
    const Session& session = sessions_.at(channel);
    if (session.kind == kind && !session.killed) ++count;
  }
  return count;
}

Session* Sessions::ready_edge(ProcessKind kind) {
  for (const ChannelId channel : unused_) {
    Session& session = sessions_.at(channel);
    if (session.kind == kind && session.state == Session::State::kWaiting && !session.killed)
      return &session;
  }
  return nullptr;
}

std::size_t Sessions::serving(const std::string& counting_key) const {
  const auto found = by_address_.find(counting_key);
  return found == by_address_.end() ? 0 : found->second;
}

void Sessions::assign(Session& session, UniqueFd client, const std::string& counting_key) {
  session.state = Session::State::kServing;
  unused_.erase(session.channel);
  session.client = std::move(client);
  session.counted_as = counting_key;
  ++clients_;
  ++by_address_[counting_key];
}

}  // namespace bulkhead::supervisor
