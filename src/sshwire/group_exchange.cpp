#include "sshwire/group_exchange.h"

#include <array>

#include "sshwire/writer.h"

namespace bulkhead::sshwire {

std::optional<crypto::DhGroup> choose_group(const GroupRequest& request) {
  using enum crypto::DhGroup;
  std::optional<crypto::DhGroup> chosen;
  for (const crypto::DhGroup group : {k2048, k3072, k4096, k6144, k8192}) {
    const std::size_t bits = 8 * crypto::dh_prime(group).size();
    if (bits < request.min_bits || bits > request.max_bits) continue;
    chosen = group;
    if (bits >= request.preferred_bits) break;
  }
  return chosen;
}

Bytes group_fields(const GroupRequest& request, crypto::DhGroup group) {
  Writer writer;
  writer.uint32(request.min_bits).uint32(request.preferred_bits).uint32(request.max_bits);
  writer.mpint(crypto::dh_prime(group)).mpint({&crypto::kDhGenerator, 1});
  return std::move(writer).take();
}

}  // namespace bulkhead::sshwire
