// The exchange hash H (RFC 4253 section 8, RFC 5656 section 4, RFC 8731 section 3): what the host
// key signs.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "sshwire/group_exchange.h"

namespace bulkhead::sshwire {

// Views only. Whoever signs H fills in the server's side from what it composed itself.
struct ExchangeHashInputs {
  std::string_view client_version;  // V_C and V_S, without CR LF
  std::string_view server_version;
  ByteView client_kexinit;  // I_C and I_S, whole payloads
  ByteView server_kexinit;
  ByteView host_key_blob;  // K_S
  ByteView client_public;  // Q_C and Q_S: contents, without length field
  ByteView server_public;
  ByteView shared_secret;  // contents of K, encoded as the method wants (ssh/authority.h)
  // What the client asked for: with group exchange, and only there.
  std::optional<GroupRequest> group_request = {};
};

// The most that Authority takes of what the client's side says; compose nothing larger.
constexpr std::size_t kMaxVersionBytes = 255;
constexpr std::size_t kMaxKexPublicBytes = 4096;
constexpr std::size_t kMaxSharedSecretBytes = 2049;

// H = HASH(V_C || V_S || I_C || I_S || K_S || Q_C || Q_S || K), each as a string. Every method in
// the table hashes these fields, group exchange some numbers between K_S and Q_C; the hash is the
// method's. kUnsupported for a method that is not in the table, kLimitExceeded for a field over its
// bound, kMalformed for a version or KEXINIT that is none and for a group that was not asked for or
// cannot be had.
Result<Bytes> exchange_hash(std::string_view kex_algorithm, const ExchangeHashInputs& inputs);

// RFC 4253 section 4.2: "SSH-2.0-softwareversion[ comments]" (or 1.99, section 5.1), printable
// US-ASCII, no CR LF.
bool is_version(std::string_view version);

}  // namespace bulkhead::sshwire
