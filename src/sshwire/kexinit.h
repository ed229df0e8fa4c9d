// SSH_MSG_KEXINIT (RFC 4253 section 7.1).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "sshwire/names.h"

namespace bulkhead::sshwire {

using KexCookie = ByteArray<16>;

struct KexinitOffer {
  Profile profile = Profile::kModern;
  std::vector<std::string_view>
      host_key_algorithms;  // of the host keys that there are, the preferred one first
  bool first = true;  // the first on the connection: carries the strict key exchange indicator
};

// The server's payload, first byte 20. The cookie must be random and never used twice.
Bytes compose_kexinit(const KexCookie& cookie, const KexinitOffer& offer);

// Order of the name lists in the message.
enum KexinitList : std::size_t {
  kKexAlgorithms,
  kServerHostKeyAlgorithms,
  kEncryptionClientToServer,
  kEncryptionServerToClient,
  kMacClientToServer,
  kMacServerToClient,
  kCompressionClientToServer,
  kCompressionServerToClient,
  kLanguagesClientToServer,
  kLanguagesServerToClient,
  kKexinitLists,
};

// Views into the payload that it was read from.
struct Kexinit {
  std::array<std::string_view, kKexinitLists> lists;
  bool first_kex_packet_follows = false;
};

constexpr std::size_t kMaxKexinitBytes = 32 * 1024;

// The payload is hostile. kMalformed names what does not fit.
Result<Kexinit> parse_kexinit(ByteView payload);

// Calls `visit(name)` for each name of a list until it says true; returns whether it did.
template <typename Visit>
bool any_name(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (visit(list.substr(0, comma))) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}
inline bool has_name(std::string_view list, std::string_view name) {
  return any_name(list, [&](std::string_view each) { return each == name; });
}

}  // namespace bulkhead::sshwire
