// What a hostile vault can put into one datagram for the keeper, and a hostile keeper into one for
// the vault.
#include <cstdint>

#include "keeper/protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead::keeper;
  const bulkhead::ByteView bytes(data, size);
  Datagram again;
  if (const auto request = decode_request(bytes)) {
    encode(*request, again);
    BH_ASSERT(bulkhead::equal(again.view(), bytes));
  }
  if (const auto reply = decode_reply(bytes)) {
    encode(*reply, again);
    BH_ASSERT(bulkhead::equal(again.view(), bytes));
    static_cast<void>(error_of(*reply));
    std::vector<Seal> seals;
    if (const auto greeting = decode_greeting(reply->payload, seals)) {
      BH_ASSERT(greeting->warnings.size() < reply->payload.size());
    }
  }
  if (const auto words = parse_unseal_words(bytes)) BH_ASSERT(words->secret.size() <= size);
  return 0;
}
