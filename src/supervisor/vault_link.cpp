#include "supervisor/vault_link.h"

#include "channel/codec.h"

namespace bulkhead::supervisor {

Status VaultLink::send(const ToVault& message, std::vector<UniqueFd> descriptors,
                       std::function<void()> then) {
  BH_TRY(Bytes bytes, channel::encode(message));
  waiting_.push_back({{std::move(bytes), std::move(descriptors)}, std::move(then)});
  return flush();
}

Status VaultLink::flush() {
  while (!waiting_.empty()) {
    const channel::Message& message = waiting_.front().message;
    BH_TRY(const bool sent, socket_.try_send(message.bytes, message.descriptors));
    if (!sent) return {};
    const auto then = std::move(waiting_.front().then);
    waiting_.pop_front();
    if (then) then();
  }
  return {};
}

Result<std::optional<ToSupervisor>> VaultLink::receive() {
  BH_TRY(const auto message, socket_.try_receive());
  if (!message) return std::nullopt;
  ToSupervisor decoded;
  BH_CHECK(channel::decode(message->bytes, decoded));
  return decoded;
}

}  // namespace bulkhead::supervisor
