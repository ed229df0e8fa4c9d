#include "base/address_list.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace bulkhead {
namespace {

constexpr std::size_t kMaxAddressText = 45;
constexpr std::size_t kMaxListBytes = 8192;

struct Address {
  ByteArray<16> bytes{};
  std::size_t bits = 0;  // 32 or 128
};

std::optional<Address> read_address(std::string_view text) {
  if (text.empty() || text.size() > kMaxAddressText) return std::nullopt;
  const std::string terminated(text);
  Address address;
  if (::inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) {
    address.bits = 32;
  } else if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) == 1) {
    address.bits = 128;
  } else {
    return std::nullopt;
  }
  return address;
}

bool same_first_bits(const Address& a, const Address& b, std::size_t bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(a.bytes.data(), b.bytes.data(), whole) != 0) return false;
  const auto mask = static_cast<Byte>(0xFF00 >> bits % 8);
  return bits % 8 == 0 || ((a.bytes[whole] ^ b.bytes[whole]) & mask) == 0;
}

// Nothing: it is not a network.
std::optional<bool> in_network(const std::optional<Address>& address, std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto network = read_address(text.substr(0, slash));
  if (!network) return std::nullopt;
  std::size_t bits = network->bits;
  if (slash != std::string_view::npos) {
    const std::string_view number = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
    if (number.empty() || error != std::errc() || end != number.data() + number.size() ||
        bits > network->bits) {
      return std::nullopt;
    }
  }
  return address && address->bits == network->bits && same_first_bits(*address, *network, bits);
}

}  // namespace

Result<bool> address_in_list(std::string_view address, std::string_view list) {
  if (list.size() > kMaxListBytes)
    return fail(ErrorCode::kLimitExceeded, "the list of networks is too long");
  const std::optional<Address> wanted = read_address(address);
  bool found = false;
  while (true) {
    const std::size_t comma = list.find(',');
    const auto inside = in_network(wanted, list.substr(0, comma));
    if (!inside)
      return fail(ErrorCode::kMalformed,
                  "not a list of networks such as 192.0.2.0/24,2001:db8::/32");
    found = found || *inside;
    if (comma == std::string_view::npos) return found;
    list.remove_prefix(comma + 1);
  }
}

}  // namespace bulkhead
