#include "supervisor/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace bulkhead::supervisor {
namespace {

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is not a port (0 to 65535)", text));
  }
  return port;
}

std::unexpected<Error> not_an_address(std::string_view text) {
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("'{}' is not ADDRESS:PORT with an IPv4 address or an IPv6 one in brackets",
                  text));
}

const sockaddr_in& as_ipv4(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in&>(address.storage);
}

const sockaddr_in6& as_ipv6(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in6&>(address.storage);
}

bool is_mapped_ipv4(const SocketAddress& address) {
  return address.storage.ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&as_ipv6(address).sin6_addr);
}

}  // namespace

Result<SocketAddress> parse_socket_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return not_an_address(text);
  std::string host(text.substr(0, colon));
  BH_TRY(const std::uint16_t port, parse_port(text.substr(colon + 1)));

  SocketAddress address;
  if (host.front() == '[') {
    if (host.back() != ']') return not_an_address(text);
    host = host.substr(1, host.size() - 2);
    auto& ipv6 = reinterpret_cast<sockaddr_in6&>(address.storage);
    if (::inet_pton(AF_INET6, host.c_str(), &ipv6.sin6_addr) != 1) return not_an_address(text);
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(port);
    address.size = sizeof(sockaddr_in6);
    return address;
  }
  auto& ipv4 = reinterpret_cast<sockaddr_in&>(address.storage);
  if (::inet_pton(AF_INET, host.c_str(), &ipv4.sin_addr) != 1) return not_an_address(text);
  ipv4.sin_family = AF_INET;
  ipv4.sin_port = htons(port);
  address.size = sizeof(sockaddr_in);
  return address;
}

std::string host_of(const SocketAddress& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.storage.ss_family == AF_INET) {
    ::inet_ntop(AF_INET, &as_ipv4(address).sin_addr, text, sizeof text);
  } else if (is_mapped_ipv4(address)) {
    ::inet_ntop(AF_INET, as_ipv6(address).sin6_addr.s6_addr + 12, text, sizeof text);
  } else {
    ::inet_ntop(AF_INET6, &as_ipv6(address).sin6_addr, text, sizeof text);
  }
  return text;
}

std::uint16_t port_of(const SocketAddress& address) {
  return ntohs(address.storage.ss_family == AF_INET ? as_ipv4(address).sin_port
                                                    : as_ipv6(address).sin6_port);
}

std::string to_string(const SocketAddress& address) {
  const std::string host = host_of(address);
  const bool brackets = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", brackets ? "[" : "", host, brackets ? "]" : "", port_of(address));
}

std::string counting_key(const SocketAddress& address, std::uint32_t ipv6_prefix_bits) {
  if (address.storage.ss_family == AF_INET || is_mapped_ipv4(address)) return host_of(address);
  SocketAddress network = address;
  auto& ipv6 = reinterpret_cast<sockaddr_in6&>(network.storage);
  const std::uint32_t bits = std::min<std::uint32_t>(ipv6_prefix_bits, 128);
  for (std::uint32_t i = bits; i < 128; ++i)
    ipv6.sin6_addr.s6_addr[i / 8] &= static_cast<std::uint8_t>(~(0x80 >> i % 8));
  return fmt::format("{}/{}", host_of(network), bits);
}

}  // namespace bulkhead::supervisor
