// Inside crypto only: the ring Z_q[X]/(X^256 + 1) of ML-KEM and the encodings of its elements
// (FIPS 203 sections 4.2 and 4.3).
//
// Constant time: no branch and no index depends on a coefficient. A test runs all of it under
// valgrind with the secrets marked as undefined.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace bulkhead::crypto::ml_kem {

constexpr std::uint32_t kQ = 3329;
constexpr std::size_t kN = 256;

// Coefficients are reduced: 0 to q - 1.
struct Polynomial {
  std::array<std::uint16_t, kN> at{};
};

void add(Polynomial& to, const Polynomial& what);
void subtract(Polynomial& from, const Polynomial& what);

void to_ntt(Polynomial& f);    // algorithm 9
void from_ntt(Polynomial& f);  // algorithm 10
// to += f * g, all in the NTT's domain (algorithms 11 and 12).
void multiply_add(Polynomial& to, const Polynomial& f, const Polynomial& g);

// Algorithms 5 and 6 with `bits` from 1 to 12; `bytes` has 32 * bits of them. Coefficients are of
// that many bits; decoding 12 bits says whether every one is less than q, which only public values
// need be asked.
void encode(const Polynomial& f, unsigned bits, MutableByteView bytes);
bool decode(ByteView bytes, unsigned bits, Polynomial& f);

// Formulas 4.7 and 4.8, each coefficient.
void compress(Polynomial& f, unsigned bits);
void decompress(Polynomial& f, unsigned bits);

// Algorithm 8 with eta 2, from 128 bytes.
void sample_binomial(ByteView bytes, Polynomial& f);

}  // namespace bulkhead::crypto::ml_kem
