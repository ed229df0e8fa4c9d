// ML-KEM-768 against NIST's vectors and against itself; whether its time depends on a secret is
// asked by constant_time.cpp.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <fstream>
#include <map>
#include <sstream>

#include "crypto/library.h"
#include "crypto/ml_kem_768.h"
#include "crypto/ml_kem_own.h"
#include "crypto_testing.h"

namespace bulkhead::crypto {
namespace {

// A paragraph of the file: its first line, then name and value a line.
struct Vector {
  std::string kind;
  std::string number;
  std::map<std::string, std::string> values;
};

std::vector<Vector> acvp_vectors(std::string_view kind) {
  std::ifstream file(BULKHEAD_TEST_DATA "/crypto/vectors/ml_kem_768_acvp.txt");
  EXPECT_TRUE(file.is_open());
  std::vector<Vector> vectors;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string first;
    std::string second;
    words >> first >> second;
    if (first.empty() || first == "#") {
      inside = false;
    } else if (!inside) {
      inside = true;
      vectors.push_back({first, second, {}});
    } else {
      vectors.back().values[first] = second;
    }
  }
  std::erase_if(vectors, [&](const Vector& each) { return each.kind != kind; });
  EXPECT_FALSE(vectors.empty()) << kind;
  return vectors;
}

std::string sha256_hex(ByteView bytes) {
  return to_hex(sha256(bytes));
}

// Gives out what it was given: for randomness that a vector names.
class FixedRandom final : public Random {
 public:
  explicit FixedRandom(Bytes bytes) : bytes_(std::move(bytes)) {}
  void fill(MutableByteView out) override {
    BH_ASSERT(out.size() <= bytes_.size());
    std::copy_n(bytes_.begin(), out.size(), out.begin());
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(out.size()));
  }

 private:
  Bytes bytes_;
};

TEST(MlKem768, KeyGenerationOfAcvp) {
  for (const Vector& each : acvp_vectors("keygen")) {
    const auto pair = ml_kem::key_pair_from(hex_secret<32>(each.values.at("d")),
                                            hex_secret<32>(each.values.at("z")));
    EXPECT_EQ(sha256_hex(pair.encapsulation_key), each.values.at("ek_sha256")) << each.number;
    EXPECT_EQ(sha256_hex(pair.decapsulation_key.view()), each.values.at("dk_sha256"))
        << each.number;
  }
}

TEST(MlKem768, EncapsulationOfAcvp) {
  for (const Vector& each : acvp_vectors("encapsulate")) {
    const auto key = hex_array<1184>(each.values.at("ek"));
    const auto ours = ml_kem::encapsulate(key, hex_secret<32>(each.values.at("m")));
    ASSERT_TRUE(ours) << each.number;
    EXPECT_EQ(sha256_hex(ours->ciphertext), each.values.at("c_sha256")) << each.number;
    EXPECT_EQ(to_hex(ours->shared.view()), each.values.at("k")) << each.number;
    // The one that is used, libcrypto's where it has one.
    FixedRandom random(hex(each.values.at("m")));
    const auto used = ml_kem_encapsulate(key, random);
    ASSERT_TRUE(used) << each.number;
    EXPECT_EQ(used->ciphertext, ours->ciphertext) << each.number;
    EXPECT_TRUE(equal(used->shared.view(), ours->shared.view())) << each.number;
  }
}

TEST(MlKem768, DecapsulationOfAcvp) {
  const Bytes key = hex(acvp_vectors("decapsulation_key").front().values.at("dk"));
  MlKemKeyPair pair{};
  std::ranges::copy(key, pair.decapsulation_key.mutable_view().begin());
  for (const Vector& each :
       acvp_vectors("decapsulate")) {  // some were changed: rejected implicitly
    const auto ciphertext = hex_array<1088>(each.values.at("c"));
    EXPECT_EQ(to_hex(ml_kem::decapsulate(pair.decapsulation_key, ciphertext).view()),
              each.values.at("k"))
        << each.number;
    EXPECT_EQ(to_hex(pair.decapsulate(ciphertext).view()), each.values.at("k")) << each.number;
  }
}

Bytes shake128(ByteView input, std::size_t size) {
  Bytes out(size);
  const MdContextPtr context(EVP_MD_CTX_new());
  BH_ASSERT(EVP_DigestInit_ex2(context.get(), algorithms().shake128, nullptr) == 1);
  BH_ASSERT(EVP_DigestUpdate(context.get(), input.data(), input.size()) == 1);
  BH_ASSERT(EVP_DigestFinalXOF(context.get(), out.data(), out.size()) == 1);
  return out;
}

// A hundred keys, encapsulations, decapsulations and rejections in one hash: the accumulated
// vectors of C2SP's CCTV, https://github.com/C2SP/CCTV/tree/main/ML-KEM.
TEST(MlKem768, TheAccumulatedVectors) {
  constexpr std::size_t kRounds = 100;
  constexpr std::size_t kRoundBytes = 64 + 32 + sizeof(MlKemCiphertext);
  const Bytes drawn = shake128({}, kRounds * kRoundBytes);
  const MdContextPtr accumulated(EVP_MD_CTX_new());
  ASSERT_EQ(EVP_DigestInit_ex2(accumulated.get(), algorithms().shake128, nullptr), 1);
  const auto accumulate = [&](ByteView bytes) {
    ASSERT_EQ(EVP_DigestUpdate(accumulated.get(), bytes.data(), bytes.size()), 1);
  };
  for (std::size_t round = 0; round < kRounds; ++round) {
    const ByteView bytes = ByteView(drawn).subspan(round * kRoundBytes, kRoundBytes);
    const auto pair =
        ml_kem::key_pair_from(Secret<32>(bytes.first<32>()), Secret<32>(bytes.subspan<32, 32>()));
    accumulate(pair.encapsulation_key);
    const auto made =
        ml_kem::encapsulate(pair.encapsulation_key, Secret<32>(bytes.subspan<64, 32>()));
    ASSERT_TRUE(made);
    accumulate(made->ciphertext);
    accumulate(made->shared.view());
    ASSERT_TRUE(equal(ml_kem::decapsulate(pair.decapsulation_key, made->ciphertext).view(),
                      made->shared.view()));
    MlKemCiphertext other;
    std::ranges::copy(bytes.last(other.size()), other.begin());
    accumulate(ml_kem::decapsulate(pair.decapsulation_key, other).view());
  }
  ByteArray<32> result;
  ASSERT_EQ(EVP_DigestFinalXOF(accumulated.get(), result.data(), result.size()), 1);
  EXPECT_EQ(to_hex(result), "1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415");
}

TEST(MlKem768, LibcryptosOpensWhatOursMakes) {
  if (algorithms().ml_kem_768 == nullptr)
    GTEST_SKIP() << "this libcrypto has no ML-KEM (before 3.5)";
  SeededRandom random(6);
  const auto pair = MlKemKeyPair::generate(random);
  const auto ours = ml_kem::encapsulate(pair.encapsulation_key, ml_kem::Seed(random.array<32>()));
  ASSERT_TRUE(ours);
  EXPECT_TRUE(equal(pair.decapsulate(ours->ciphertext).view(), ours->shared.view()));
  const auto theirs = ml_kem_encapsulate(pair.encapsulation_key, random);
  ASSERT_TRUE(theirs);
  EXPECT_TRUE(equal(ml_kem::decapsulate(pair.decapsulation_key, theirs->ciphertext).view(),
                    theirs->shared.view()));
}

// FIPS 203 section 7.2: encodings of numbers from q on are not keys, wherever they stand.
TEST(MlKem768, AKeyThatIsNotReducedIsRefused) {
  SeededRandom random(7);
  const auto pair = MlKemKeyPair::generate(random);
  for (const std::size_t coefficient : {0, 1, 255, 256, 767}) {
    for (const unsigned value : {3329U, 4095U}) {
      MlKemEncapsulationKey bad = pair.encapsulation_key;
      Byte* at = bad.data() + coefficient / 2 * 3;
      if (coefficient % 2 == 0) {
        at[0] = static_cast<Byte>(value);
        at[1] = static_cast<Byte>((at[1] & 0xf0) | value >> 8);
      } else {
        at[1] = static_cast<Byte>((at[1] & 0x0f) | value << 4);
        at[2] = static_cast<Byte>(value >> 4);
      }
      EXPECT_FALSE(ml_kem_encapsulate(bad, random)) << coefficient << " " << value;
      EXPECT_FALSE(ml_kem::encapsulate(bad, Secret<32>())) << coefficient << " " << value;
    }
  }
  EXPECT_TRUE(ml_kem_encapsulate(pair.encapsulation_key, random));
}

TEST(MlKem768, EveryChangedBitOfACiphertextGivesAnotherSecret) {
  SeededRandom random(8);
  const auto pair = MlKemKeyPair::generate(random);
  const auto made = ml_kem_encapsulate(pair.encapsulation_key, random);
  ASSERT_TRUE(made);
  for (std::size_t bit = 0; bit < 8 * made->ciphertext.size(); bit += 61) {
    MlKemCiphertext changed = made->ciphertext;
    flip_bit(changed, bit);
    EXPECT_FALSE(equal(pair.decapsulate(changed).view(), made->shared.view())) << bit;
  }
}

}  // namespace
}  // namespace bulkhead::crypto
