#include "channel/endpoint.h"

#include <cstring>

#include "channel/codec.h"

namespace bulkhead::channel {

Endpoint::Endpoint(UniqueFd socket, OutboxLimits limits)
    : socket_(std::move(socket), Descriptors::kRefuse), limits_(limits) {}

Status Endpoint::ended(Error error) {
  fault_ = std::move(error);
  outbox_.clear();  // and with it the descriptors
  outbox_bytes_ = 0;
  return fail(*fault_);
}

Status Endpoint::on_readable(const Handler& handle) {
  if (fault_) return fail(*fault_);
  auto message = socket_.try_receive();
  if (!message) return ended(message.error());
  if (!*message) return {};
  Bytes bytes = std::move((*message)->bytes);
  handle(bytes);  // from here on *this may be gone
  ::explicit_bzero(bytes.data(), bytes.size());
  return {};
}

Status Endpoint::reply(Reply reply, std::vector<UniqueFd> descriptors) {
  if (fault_) return fail(*fault_);
  reply.set_descriptors(static_cast<std::uint32_t>(descriptors.size()));
  auto bytes = encode(reply);
  if (!bytes) return ended(bytes.error());
  if (outbox_.size() >= limits_.messages || outbox_bytes_ + bytes->size() > limits_.bytes) {
    return ended(Error(ErrorCode::kLimitExceeded, "the peer does not read its replies"));
  }
  outbox_bytes_ += bytes->size();
  outbox_.push_back({std::move(*bytes), std::move(descriptors)});
  return flush();
}

Status Endpoint::flush() {
  if (fault_) return fail(*fault_);
  while (!outbox_.empty()) {
    Message& message = outbox_.front();
    auto sent = socket_.try_send(message.bytes, message.descriptors);
    if (!sent) return ended(sent.error());
    if (!*sent) return {};
    outbox_bytes_ -= message.bytes.size();
    ::explicit_bzero(message.bytes.data(), message.bytes.size());
    outbox_.pop_front();
  }
  return {};
}

}  // namespace bulkhead::channel
