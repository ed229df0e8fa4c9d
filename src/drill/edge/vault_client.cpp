#include "drill/edge/vault_client.h"

#include <unistd.h>

#include "drill/wire/datagram.h"

namespace bulkhead::drill {
namespace {
constexpr int kReplyMs = 60'000;
}  // namespace

std::optional<channel::Reply> ask_vault(channel::Request request, std::vector<int>* descriptors) {
  static std::uint64_t next = 1;
  request.set_id(next++);
  if (!send_datagram(kChannelFd, request.SerializeAsString())) return std::nullopt;
  const auto datagram = receive_datagram(kChannelFd, kReplyMs);
  channel::Reply reply;
  if (!datagram || !reply.ParseFromString(datagram->bytes)) return std::nullopt;
  if (descriptors != nullptr) {
    *descriptors = datagram->descriptors;
  } else {
    for (const int fd : datagram->descriptors)
      ::close(fd);
  }
  return reply;
}

}  // namespace bulkhead::drill
