#include "crypto/ml_kem_own.h"

#include <algorithm>
#include <initializer_list>

#include "crypto/library.h"
#include "crypto/ml_kem_ring.h"

namespace bulkhead::crypto::ml_kem {
namespace {

// Section 8, table 2.
constexpr std::size_t kRank = 3;  // k
constexpr unsigned kBitsOfU = 10;
constexpr unsigned kBitsOfV = 4;

constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kPolynomialBytes = 384;  // of 12 bits each
constexpr std::size_t kVectorBytes = kRank * kPolynomialBytes;
constexpr std::size_t kKeyBytes = kVectorBytes + kSeedBytes;
constexpr std::size_t kBytesOfU = 32 * kBitsOfU;
constexpr std::size_t kBytesOfV = 32 * kBitsOfV;
static_assert(kKeyBytes == sizeof(MlKemEncapsulationKey));
static_assert(kRank * kBytesOfU + kBytesOfV == sizeof(MlKemCiphertext));
static_assert(kVectorBytes + kKeyBytes + 2 * kSeedBytes == Secret<2400>::size());

using Vector = std::array<Polynomial, kRank>;
using Matrix = std::array<Vector, kRank>;

// SHA-3 and SHAKE, with one context for a whole operation; it is wiped when it goes.
class Keccak {
 public:
  Keccak() : context_(EVP_MD_CTX_new()) { BH_ASSERT(context_ != nullptr); }

  void hash(const EVP_MD* function, std::initializer_list<ByteView> parts, MutableByteView out) {
    start(function, parts);
    BH_ASSERT(out.size() == static_cast<std::size_t>(EVP_MD_get_size(function)));
    BH_ASSERT(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
  }
  void shake(const EVP_MD* function, std::initializer_list<ByteView> parts, MutableByteView out) {
    start(function, parts);
    BH_ASSERT(EVP_DigestFinalXOF(context_.get(), out.data(), out.size()) == 1);
  }

 private:
  void start(const EVP_MD* function, std::initializer_list<ByteView> parts) {
    BH_ASSERT(EVP_DigestInit_ex2(context_.get(), function, nullptr) == 1);
    for (const ByteView part : parts)
      BH_ASSERT(EVP_DigestUpdate(context_.get(), part.data(), part.size()) == 1);
  }
  MdContextPtr context_;
};

// Secrets of one operation, wiped with it.
template <typename T>
struct Wiped : T {
  Wiped() : T() {}
  ~Wiped() { wipe({reinterpret_cast<Byte*>(static_cast<T*>(this)), sizeof(T)}); }
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
};

// How far algorithm 7 comes with these bytes: how many coefficients are there then.
std::size_t sample_uniform(ByteView bytes, Polynomial& f) {
  std::size_t have = 0;
  for (std::size_t i = 0; i + 3 <= bytes.size() && have < kN; i += 3) {
    const std::uint32_t first = bytes[i] | (bytes[i + 1] & 15U) << 8;
    const std::uint32_t second = bytes[i + 1] >> 4 | std::uint32_t{bytes[i + 2]} << 4;
    if (first < kQ) f.at[have++] = static_cast<std::uint16_t>(first);
    if (second < kQ && have < kN) f.at[have++] = static_cast<std::uint16_t>(second);
  }
  return have;
}

// Algorithm 7. Public: how long it takes depends on rho. libcrypto 3.0 squeezes only once, so that
// in the rare case more is asked for from the start.
void sample_ntt(Keccak& keccak, ByteView rho, Byte column, Byte row, Polynomial& f) {
  const Byte position[2] = {column, row};
  std::array<Byte, 4 * 672> stream;
  for (std::size_t size = 672; size <= stream.size(); size *= 2) {
    keccak.shake(algorithms().shake128, {rho, position}, MutableByteView(stream).first(size));
    if (sample_uniform(ByteView(stream).first(size), f) == kN) return;
  }
  BH_ASSERT(false);  // 1,792 candidates, of which 256 were not good: not in this universe
}

// A of algorithms 13 and 14, where the second wants it transposed.
void expand_matrix(Keccak& keccak, ByteView rho, bool transposed, Matrix& a) {
  for (std::size_t i = 0; i < kRank; ++i) {
    for (std::size_t j = 0; j < kRank; ++j)
      sample_ntt(keccak, rho, static_cast<Byte>(j), static_cast<Byte>(i),
                 transposed ? a[j][i] : a[i][j]);
  }
}

// SamplePolyCBD(PRF(seed, n)).
void sample_noise(Keccak& keccak, ByteView seed, Byte n, Polynomial& f) {
  struct Stream {
    std::array<Byte, 128> bytes;
  };
  Wiped<Stream> stream;
  keccak.shake(algorithms().shake256, {seed, {&n, 1}}, stream.bytes);
  sample_binomial(stream.bytes, f);
}

void multiply_add(Polynomial& to, const Vector& a, const Vector& b) {
  for (std::size_t i = 0; i < kRank; ++i)
    ml_kem::multiply_add(to, a[i], b[i]);
}

ByteView part_of_vector(ByteView bytes, std::size_t index) {
  return bytes.subspan(index * kPolynomialBytes, kPolynomialBytes);
}
MutableByteView part_of_vector(MutableByteView bytes, std::size_t index) {
  return bytes.subspan(index * kPolynomialBytes, kPolynomialBytes);
}

struct EncryptionSecrets {
  Vector y, u;
  Polynomial noise, v;
};

// Algorithm 14: K-PKE.Encrypt. False where the key is none.
bool encrypt(Keccak& keccak, ByteView key, ByteView m, ByteView r, MutableByteView ciphertext) {
  Vector t;
  for (std::size_t i = 0; i < kRank; ++i) {
    if (!decode(part_of_vector(key, i), 12, t[i])) return false;
  }
  Matrix a_transposed;
  expand_matrix(keccak, key.subspan(kVectorBytes), true, a_transposed);
  Wiped<EncryptionSecrets> secrets;
  Byte n = 0;
  for (auto& y : secrets.y) {
    sample_noise(keccak, r, n++, y);
    to_ntt(y);
  }
  for (std::size_t i = 0; i < kRank; ++i) {
    multiply_add(secrets.u[i], a_transposed[i], secrets.y);
    from_ntt(secrets.u[i]);
    sample_noise(keccak, r, n++, secrets.noise);
    add(secrets.u[i], secrets.noise);
    compress(secrets.u[i], kBitsOfU);
    encode(secrets.u[i], kBitsOfU, ciphertext.subspan(i * kBytesOfU, kBytesOfU));
  }
  multiply_add(secrets.v, t, secrets.y);
  from_ntt(secrets.v);
  sample_noise(keccak, r, n, secrets.noise);
  add(secrets.v, secrets.noise);
  decode(m, 1, secrets.noise);
  decompress(secrets.noise, 1);
  add(secrets.v, secrets.noise);
  compress(secrets.v, kBitsOfV);
  encode(secrets.v, kBitsOfV, ciphertext.subspan(kRank * kBytesOfU));
  return true;
}

struct DecryptionSecrets {
  Vector s;
  Polynomial product, w;
};

// Algorithm 15: K-PKE.Decrypt.
void decrypt(ByteView key, ByteView ciphertext, MutableByteView m) {
  Wiped<DecryptionSecrets> secrets;
  Vector u;
  for (std::size_t i = 0; i < kRank; ++i) {
    decode(part_of_vector(key, i), 12, secrets.s[i]);
    decode(ciphertext.subspan(i * kBytesOfU, kBytesOfU), kBitsOfU, u[i]);
    decompress(u[i], kBitsOfU);
    to_ntt(u[i]);
  }
  decode(ciphertext.subspan(kRank * kBytesOfU), kBitsOfV, secrets.w);
  decompress(secrets.w, kBitsOfV);
  multiply_add(secrets.product, secrets.s, u);
  from_ntt(secrets.product);
  subtract(secrets.w, secrets.product);
  compress(secrets.w, 1);
  encode(secrets.w, 1, m);
}

struct KeyGenerationSecrets {
  Vector s;
  Polynomial noise;
};

// Algorithm 13 behind its first line: K-PKE.KeyGen.
void generate(Keccak& keccak, ByteView rho, ByteView sigma, MutableByteView encryption_key,
              MutableByteView decryption_key) {
  Matrix a;
  expand_matrix(keccak, rho, false, a);
  Wiped<KeyGenerationSecrets> secrets;
  Byte n = 0;
  for (auto& s : secrets.s) {
    sample_noise(keccak, sigma, n++, s);
    to_ntt(s);
  }
  for (std::size_t i = 0; i < kRank; ++i) {
    Polynomial t;
    multiply_add(t, a[i], secrets.s);
    sample_noise(keccak, sigma, n++, secrets.noise);
    to_ntt(secrets.noise);
    add(t, secrets.noise);
    encode(t, 12, part_of_vector(encryption_key, i));
    encode(secrets.s[i], 12, part_of_vector(decryption_key, i));
  }
  std::ranges::copy(rho, encryption_key.subspan(kVectorBytes).begin());
}

// All ones where they are the same, all zeros otherwise.
Byte mask_if_equal(ByteView a, ByteView b) {
  std::uint32_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<std::uint32_t>(a[i] ^ b[i]);
  return static_cast<Byte>((difference - 1) >> 8);  // at most 255: borrows only from zero
}

}  // namespace

MlKemKeyPair key_pair_from(const Seed& d, const Seed& z) {
  static constexpr Byte kRankByte[1] = {kRank};
  Secret<64> expanded;  // rho || sigma
  Keccak().hash(algorithms().sha3_512, {d.view(), kRankByte}, expanded.mutable_view());
  return key_pair_from_expanded(expanded.view().first(kSeedBytes),
                                expanded.view().subspan(kSeedBytes), z);
}

MlKemKeyPair key_pair_from_expanded(ByteView rho, ByteView sigma, const Seed& z) {
  Keccak keccak;
  MlKemKeyPair pair{};
  const MutableByteView key = pair.decapsulation_key.mutable_view();
  generate(keccak, rho, sigma, pair.encapsulation_key, key.first(kVectorBytes));
  std::ranges::copy(pair.encapsulation_key, key.subspan(kVectorBytes).begin());
  keccak.hash(algorithms().sha3_256, {pair.encapsulation_key},
              key.subspan(kVectorBytes + kKeyBytes, kSeedBytes));
  std::ranges::copy(z.view(), key.subspan(kVectorBytes + kKeyBytes + kSeedBytes).begin());
  return pair;
}

std::optional<MlKemEncapsulated> encapsulate(const MlKemEncapsulationKey& key, const Seed& m) {
  Keccak keccak;
  ByteArray<kSeedBytes> key_hash;
  keccak.hash(algorithms().sha3_256, {key}, key_hash);
  Secret<64> expanded;  // K || r
  keccak.hash(algorithms().sha3_512, {m.view(), key_hash}, expanded.mutable_view());
  MlKemEncapsulated result{};
  if (!encrypt(keccak, key, m.view(), expanded.view().subspan(kSeedBytes), result.ciphertext))
    return std::nullopt;
  std::ranges::copy(expanded.view().first(kSeedBytes), result.shared.mutable_view().begin());
  return result;
}

MlKemSharedSecret decapsulate(const Secret<2400>& key, const MlKemCiphertext& ciphertext) {
  const ByteView all = key.view();
  const ByteView encryption_key = all.subspan(kVectorBytes, kKeyBytes);
  const ByteView key_hash = all.subspan(kVectorBytes + kKeyBytes, kSeedBytes);
  const ByteView z = all.subspan(kVectorBytes + kKeyBytes + kSeedBytes);
  Seed m;
  decrypt(all.first(kVectorBytes), ciphertext, m.mutable_view());
  Keccak keccak;
  Secret<64> expanded;  // K' || r'
  keccak.hash(algorithms().sha3_512, {m.view(), key_hash}, expanded.mutable_view());
  MlKemSharedSecret rejected;
  keccak.shake(algorithms().shake256, {z, ciphertext}, rejected.mutable_view());
  Secret<sizeof(MlKemCiphertext)> again;
  // A key of ours: that it is one was seen when it was made.
  encrypt(keccak, encryption_key, m.view(), expanded.view().subspan(kSeedBytes),
          again.mutable_view());
  const Byte same = mask_if_equal(ciphertext, again.view());
  MlKemSharedSecret shared;
  for (std::size_t i = 0; i < kSeedBytes; ++i) {
    shared.mutable_view()[i] = static_cast<Byte>((expanded.view()[i] & same) |
                                                 (rejected.view()[i] & static_cast<Byte>(~same)));
  }
  return shared;
}

}  // namespace bulkhead::crypto::ml_kem
