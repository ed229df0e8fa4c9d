// The key exchange methods, server side, and the keys that come out (RFC 4253 sections 7.2 and 8).
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "crypto/digest.h"
#include "crypto/random.h"
#include "ssh/disconnect.h"
#include "ssh/packet_protection.h"
#include "sshwire/group_exchange.h"

namespace bulkhead::ssh {

// What one run of a method comes to.
struct Agreement {
  Byte reply_message;   // number of the message that carries K_S, Q_S and the signature
  Bytes client_public;  // contents of Q_C
  Bytes server_public;  // contents of Q_S
  crypto::SecretBytes shared_secret;  // contents of K, in the encoding that the method hashes
  std::optional<sshwire::GroupRequest> group_request{};  // group exchange only
};

// One run. Takes the client's messages 30 to 49 (hostile); methods of several round trips answer
// with an intermediate message until they agree.
class KeyExchange {
 public:
  struct Progress {
    Bytes answer;                          // to be sent; empty: none
    std::unique_ptr<Agreement> agreement;  // none: more messages must follow
  };
  virtual ~KeyExchange() = default;
  virtual StepResult<Progress> on_message(ByteView payload, crypto::Random& random) = 0;
};

// Nothing for a name that is not implemented.
std::unique_ptr<KeyExchange> make_key_exchange(std::string_view name);

// Derives the keys of one connection from K and H (RFC 4253 section 7.2). Views must outlive it.
struct KeyMaterial {
  crypto::HashAlgorithm hash;
  ByteView shared_secret;  // contents of K
  ByteView exchange_hash;
  ByteView session_id;

  crypto::SecretBytes derive(char letter, std::size_t size) const;
  ProtectionKeys client_to_server(const ProtectionSizes& sizes) const;
  ProtectionKeys server_to_client(const ProtectionSizes& sizes) const;
};

}  // namespace bulkhead::ssh
