// What the tests of crypto share.
#pragma once

#include <algorithm>
#include <string_view>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/secret.h"

namespace bulkhead::crypto {

inline Bytes hex(std::string_view text) {
  auto bytes = from_hex(text);
  BH_ASSERT(bytes.has_value());
  return *bytes;
}

template <std::size_t N>
ByteArray<N> hex_array(std::string_view text) {
  const Bytes bytes = hex(text);
  BH_ASSERT(bytes.size() == N);
  ByteArray<N> array;
  std::ranges::copy(bytes, array.begin());
  return array;
}

template <std::size_t N>
Secret<N> hex_secret(std::string_view text) {
  return Secret<N>(hex_array<N>(text));
}

// The same bytes for the same seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : seed_(seed) {}
  void fill(MutableByteView bytes) override {
    for (Byte& byte : bytes) {
      if (at_ == block_.size()) refill();
      byte = block_[at_++];
    }
  }
  std::size_t below(std::size_t bound) {
    const auto bytes = array<8>();
    return load_le<std::uint64_t>(bytes.data()) % bound;
  }
  Bytes bytes(std::size_t count) {
    Bytes made(count);
    fill(made);
    return made;
  }

 private:
  void refill() {
    ByteArray<16> input;
    store_le(input.data(), seed_);
    store_le(input.data() + 8, counter_++);
    block_ = sha256(input);
    at_ = 0;
  }
  std::uint64_t seed_;
  std::uint64_t counter_ = 0;
  Sha256 block_{};
  std::size_t at_ = block_.size();
};

inline void flip_bit(MutableByteView bytes, std::size_t bit) {
  bytes[bit / 8] ^= static_cast<Byte>(1 << (bit % 8));
}

}  // namespace bulkhead::crypto
