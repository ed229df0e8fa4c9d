// The attacker's own reading of the channel's wire format: SOCK_SEQPACKET datagrams, one protobuf
// message each, descriptors beside them. Of the product only the generated messages are used.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::drill {

constexpr int kChannelFd = 3;  // as the supervisor starts every edge
constexpr int kHandoverFd = 4;

struct Datagram {
  std::string bytes;
  std::vector<int> descriptors;
};

// `descriptor` goes along, where it is not negative.
bool send_datagram(int fd, std::string_view bytes, int descriptor = -1);
// Nothing when the other end is closed, or silent for so long.
std::optional<Datagram> receive_datagram(int fd, int most_ms);

}  // namespace bulkhead::drill
