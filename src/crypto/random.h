// Randomness, as a seam: tests that need the same bytes twice pass their own.
#pragma once

#include "base/bytes.h"

namespace bulkhead::crypto {

// Thread-safe.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableByteView bytes) = 0;

  template <std::size_t N>
  ByteArray<N> array() {
    ByteArray<N> bytes;
    fill(bytes);
    return bytes;
  }
};

Random& system_random();  // getrandom(2) by way of libcrypto; ends the process if there is none

}  // namespace bulkhead::crypto
