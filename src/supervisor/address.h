// Socket addresses: literals only, no names, nothing is resolved.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bulkhead::supervisor {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
};

// "203.0.113.5:2022", "[2001:db8::1]:2022". kInvalidArgument.
Result<SocketAddress> parse_socket_address(std::string_view text);

// Without the port: "203.0.113.5", "2001:db8::1". An IPv4 address that arrived on an IPv6 socket
// reads as IPv4.
std::string host_of(const SocketAddress& address);
std::uint16_t port_of(const SocketAddress& address);
// Back to the form that parse_socket_address() takes.
std::string to_string(const SocketAddress& address);
// What connections are counted by: an IPv4 address, or the network that an IPv6 address is in (a
// /64 mostly), because whoever has one of its addresses has all of them. At most 128 bits.
std::string counting_key(const SocketAddress& address, std::uint32_t ipv6_prefix_bits = 64);

}  // namespace bulkhead::supervisor
