// The client's messages of each key exchange method. The first byte says which, then come messages,
// each behind its size in two bytes.
#include "ssh/key_exchange.h"

#include "harness.h"
#include "sshwire/exchange_hash.h"
#include "sshwire/names.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  if (size == 0) return 0;
  const auto names = sshwire::kex_names();
  const auto method = ssh::make_key_exchange(names[data[0] % names.size()].name);
  BH_ASSERT(method != nullptr);
  ssh::fuzz::CountingRandom random;
  ByteView rest(data + 1, size - 1);
  while (rest.size() >= 2) {
    const std::size_t bytes =
        std::min<std::size_t>(load_be<std::uint16_t>(rest.data()), rest.size() - 2);
    const auto progress = method->on_message(rest.subspan(2, bytes), random);
    rest = rest.subspan(2 + bytes);
    if (!progress) return 0;
    BH_ASSERT(progress->answer.size() <= sshwire::kMaxKexPublicBytes);
    if (progress->agreement == nullptr) continue;
    // What is agreed on is always something that Authority takes.
    const ssh::Agreement& agreement = *progress->agreement;
    BH_ASSERT(!agreement.shared_secret.empty());
    BH_ASSERT(agreement.shared_secret.size() <= sshwire::kMaxSharedSecretBytes);
    BH_ASSERT(agreement.client_public.size() <= sshwire::kMaxKexPublicBytes);
    BH_ASSERT(agreement.server_public.size() <= sshwire::kMaxKexPublicBytes);
    return 0;
  }
  return 0;
}
