#include "crypto/ml_kem_ring.h"

#include "base/error.h"

namespace bulkhead::crypto::ml_kem {
namespace {

// Below 2q; returns it below q. The mask is all ones where the subtraction went below zero.
constexpr std::uint32_t reduce_once(std::uint32_t value) {
  const std::uint32_t less = value - kQ;
  return less + (kQ & (0U - (less >> 31)));
}

// floor(value / q) by multiplying: for a value below 2^25 the error is less than one, so that what
// is left is below 2q. A division would take a time that depends on the value on some machines.
constexpr unsigned kQuotientShift = 40;
constexpr std::uint64_t kReciprocal = (std::uint64_t{1} << kQuotientShift) / kQ;
constexpr std::uint32_t reduce(std::uint32_t value) {
  const auto quotient = static_cast<std::uint32_t>((value * kReciprocal) >> kQuotientShift);
  return reduce_once(value - quotient * kQ);
}

// The quotient itself, exact below 2^25: the reciprocal is rounded up.
constexpr std::uint32_t divide(std::uint32_t value) {
  return static_cast<std::uint32_t>((value * (kReciprocal + 1)) >> kQuotientShift);
}
static_assert(divide(3328) == 0 && divide(3329) == 1 && divide((1U << 25) - 1) == 10079);

constexpr unsigned bit_reversed_7(unsigned index) {
  unsigned reversed = 0;
  for (unsigned bit = 0; bit < 7; ++bit)
    reversed |= ((index >> bit) & 1) << (6 - bit);
  return reversed;
}

constexpr std::uint32_t power_of_zeta(unsigned exponent) {
  std::uint32_t value = 1;
  for (unsigned i = 0; i < exponent; ++i)
    value = value * 17 % kQ;  // zeta = 17, section 2.3
  return value;
}

// A constant factor and floor(factor * 2^16 / q): with both, a product is reduced in 32 bits.
struct Factor {
  std::uint32_t value;
  std::uint32_t quotient;
};
constexpr Factor factor(std::uint32_t value) {
  return {value, (value << 16) / kQ};
}
// Below 2q.
constexpr std::uint32_t times(std::uint32_t value, const Factor& by) {
  return value * by.value - ((value * by.quotient) >> 16) * kQ;
}

// zeta^BitRev7(i), and zeta^(2 BitRev7(i) + 1): appendix A.
constexpr auto kZetas = [] {
  std::array<Factor, 128> zetas{};
  for (unsigned i = 0; i < zetas.size(); ++i)
    zetas[i] = factor(power_of_zeta(bit_reversed_7(i)));
  return zetas;
}();
constexpr auto kGammas = [] {
  std::array<std::uint32_t, 128> gammas{};
  for (unsigned i = 0; i < gammas.size(); ++i)
    gammas[i] = power_of_zeta(2 * bit_reversed_7(i) + 1);
  return gammas;
}();
static_assert(kZetas[1].value == 1729 && kGammas[1] == kQ - 17);
constexpr Factor kInverseOf128 = factor(3303);

std::uint16_t narrow(std::uint32_t value) {
  return static_cast<std::uint16_t>(value);
}

}  // namespace

void add(Polynomial& to, const Polynomial& what) {
  for (std::size_t i = 0; i < kN; ++i)
    to.at[i] = narrow(reduce_once(std::uint32_t{to.at[i]} + what.at[i]));
}

void subtract(Polynomial& from, const Polynomial& what) {
  for (std::size_t i = 0; i < kN; ++i)
    from.at[i] = narrow(reduce_once(std::uint32_t{from.at[i]} + kQ - what.at[i]));
}

void to_ntt(Polynomial& f) {
  std::size_t zeta = 1;
  for (std::size_t length = 128; length >= 2; length /= 2) {
    for (std::size_t start = 0; start < kN; start += 2 * length) {
      const Factor by = kZetas[zeta++];
      std::uint16_t* low = f.at.data() + start;
      std::uint16_t* high = low + length;
      for (std::size_t j = 0; j < length; ++j) {
        const std::uint32_t t = reduce_once(times(high[j], by));
        high[j] = narrow(reduce_once(low[j] + kQ - t));
        low[j] = narrow(reduce_once(low[j] + t));
      }
    }
  }
}

void from_ntt(Polynomial& f) {
  std::size_t zeta = 127;
  for (std::size_t length = 2; length <= 128; length *= 2) {
    for (std::size_t start = 0; start < kN; start += 2 * length) {
      const Factor by = kZetas[zeta--];
      std::uint16_t* low = f.at.data() + start;
      std::uint16_t* high = low + length;
      for (std::size_t j = 0; j < length; ++j) {
        const std::uint32_t t = low[j];
        low[j] = narrow(reduce_once(t + high[j]));
        high[j] = narrow(reduce_once(times(reduce_once(high[j] + kQ - t), by)));
      }
    }
  }
  for (auto& coefficient : f.at)
    coefficient = narrow(reduce_once(times(coefficient, kInverseOf128)));
}

void multiply_add(Polynomial& to, const Polynomial& f, const Polynomial& g) {
  for (std::size_t i = 0; i < kN / 2; ++i) {
    const std::uint32_t f0 = f.at[2 * i];
    const std::uint32_t f1 = f.at[2 * i + 1];
    const std::uint32_t g0 = g.at[2 * i];
    const std::uint32_t g1 = g.at[2 * i + 1];
    // Each sum is below 2 q^2 + q, which is below 2^25.
    to.at[2 * i] = narrow(reduce(f0 * g0 + reduce(f1 * g1) * kGammas[i] + to.at[2 * i]));
    to.at[2 * i + 1] = narrow(reduce(f0 * g1 + f1 * g0 + to.at[2 * i + 1]));
  }
}

void encode(const Polynomial& f, unsigned bits, MutableByteView bytes) {
  BH_ASSERT(bytes.size() == kN / 8 * bits);
  std::uint32_t held = 0;
  unsigned held_bits = 0;
  std::size_t next = 0;
  for (const std::uint16_t coefficient : f.at) {
    held |= std::uint32_t{coefficient} << held_bits;
    held_bits += bits;
    for (; held_bits >= 8; held_bits -= 8) {
      bytes[next++] = static_cast<Byte>(held);
      held >>= 8;
    }
  }
}

bool decode(ByteView bytes, unsigned bits, Polynomial& f) {
  BH_ASSERT(bytes.size() == kN / 8 * bits);
  const std::uint32_t mask = (1U << bits) - 1;
  std::uint32_t held = 0;
  unsigned held_bits = 0;
  std::size_t next = 0;
  std::uint32_t beyond = 0;
  for (auto& coefficient : f.at) {
    for (; held_bits < bits; held_bits += 8)
      held |= std::uint32_t{bytes[next++]} << held_bits;
    const std::uint32_t value = held & mask;
    held >>= bits;
    held_bits -= bits;
    beyond |= kQ - 1 - value;  // the top bit is set where it is q or more
    coefficient = narrow(reduce_once(value));
  }
  return beyond >> 31 == 0;
}

void compress(Polynomial& f, unsigned bits) {
  const std::uint32_t mask = (1U << bits) - 1;
  for (auto& coefficient : f.at)
    coefficient = narrow(divide((std::uint32_t{coefficient} << bits) + kQ / 2) & mask);
}

void decompress(Polynomial& f, unsigned bits) {
  for (auto& coefficient : f.at)
    coefficient = narrow((coefficient * kQ + (1U << (bits - 1))) >> bits);
}

void sample_binomial(ByteView bytes, Polynomial& f) {
  BH_ASSERT(bytes.size() == kN / 2);
  for (std::size_t i = 0; i < kN; ++i) {
    const std::uint32_t four = (bytes[i / 2] >> (4 * (i % 2))) & 15U;
    const std::uint32_t x = (four & 1) + ((four >> 1) & 1);
    const std::uint32_t y = ((four >> 2) & 1) + (four >> 3);
    f.at[i] = narrow(reduce_once(x + kQ - y));
  }
}

}  // namespace bulkhead::crypto::ml_kem
