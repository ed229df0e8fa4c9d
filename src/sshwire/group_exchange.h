// Which group a Diffie-Hellman group exchange (RFC 4419) uses. Both sides of the trust boundary
// choose it, from the same three numbers: the edge to compute the secret, the vault to hash what it
// would have sent.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "crypto/diffie_hellman.h"

namespace bulkhead::sshwire {

// What the client asked for, in bits of the prime: min, n and max of SSH_MSG_KEY_DH_GEX_REQUEST.
struct GroupRequest {
  std::uint32_t min_bits = 0;
  std::uint32_t preferred_bits = 0;
  std::uint32_t max_bits = 0;
};

// The smallest group of RFC 3526 that is as large as preferred, the largest allowed where none is.
// Nothing where none lies between min and max.
std::optional<crypto::DhGroup> choose_group(const GroupRequest& request);

// min || n || max || p || g, as the exchange hash has them between K_S and e (RFC 4419 section 3).
Bytes group_fields(const GroupRequest& request, crypto::DhGroup group);

}  // namespace bulkhead::sshwire
