#include "crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>

#include "base/error.h"
#include "crypto/library.h"

namespace bulkhead::crypto {
namespace {

class SystemRandom final : public Random {
 public:
  SystemRandom() { algorithms(); }

  // libcrypto keeps a generator per thread, seeds it by getrandom(2), and seeds it anew after a
  // fork.
  void fill(MutableByteView bytes) override {
    constexpr std::size_t kMostPerCall = std::size_t{1} << 30;  // it counts in int
    while (!bytes.empty()) {
      const std::size_t count = std::min(bytes.size(), kMostPerCall);
      BH_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(count)) == 1);
      bytes = bytes.subspan(count);
    }
  }
};

}  // namespace

Random& system_random() {
  static SystemRandom random;
  return random;
}

}  // namespace bulkhead::crypto
