// Inside ssh only: the key exchange methods, one file a family.
#pragma once

#include <memory>

#include "crypto/diffie_hellman.h"
#include "crypto/signature.h"
#include "ssh/key_exchange.h"

namespace bulkhead::ssh {

std::unique_ptr<KeyExchange> make_curve25519();       // RFC 8731
std::unique_ptr<KeyExchange> make_mlkem768_x25519();  // draft-ietf-sshm-mlkem-hybrid-kex
template <crypto::EcCurve kCurve>
std::unique_ptr<KeyExchange> make_ecdh();  // RFC 5656
template <crypto::DhGroup kGroup>
std::unique_ptr<KeyExchange> make_dh();              // RFC 4253 section 8, RFC 8268
std::unique_ptr<KeyExchange> make_group_exchange();  // RFC 4419

// SSH_MSG_KEX_ECDH_INIT (RFC 5656 section 4) and SSH_MSG_KEX_HYBRID_INIT are the same message: a
// string, here of exactly `size` bytes.
StepResult<ByteView> read_kex_init(ByteView payload, std::size_t size);
std::unexpected<Disconnect> foreign_message();  // not one of this method, or not now

}  // namespace bulkhead::ssh
