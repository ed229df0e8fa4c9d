#include "crypto/signature.h"

#include <gtest/gtest.h>

#include "crypto_testing.h"

namespace bulkhead::crypto {
namespace {

struct EcdsaVector {
  EcCurve curve;
  HashAlgorithm hash;
  std::string_view x, y, message, r, s;
};

// RFC 6979, appendices A.2.5 (P-256), A.2.6 (P-384), A.2.7 (P-521)
constexpr EcdsaVector kEcdsa[] = {
    {EcCurve::kP256, HashAlgorithm::kSha256,
     "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
     "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299", "sample",
     "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
     "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"},
    {EcCurve::kP256, HashAlgorithm::kSha256,
     "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
     "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299", "test",
     "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
     "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"},
    {EcCurve::kP384, HashAlgorithm::kSha384,
     "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480B"
     "C13",
     "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264"
     "720",
     "sample",
     "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FAB"
     "E46",
     "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628"
     "AC8"},
    {EcCurve::kP521, HashAlgorithm::kSha512,
     "01894550D0785932E00EAA23B694F213F8C3121F86DC97A04E5A7167DB4E5BCD371123D46E45DB6B5D5370A7F20FB"
     "633155D38FFA16D2BD761DCAC"
     "474B9A2F5023A4",
     "00493101C962CD4D2FDDF782285E64584139C2F91B47F87FF82354D6630F746A28A0DB25741B5B34A828008B22ACC"
     "23F924FAAFBD4D33F81EA6695"
     "6DFEAA2BFDFCF5",
     "sample",
     "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D450606ADD152"
     "B534931D7D4E8455CC91F9B15"
     "BF05EC36E377FA",
     "00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C0723D8B8C37FF"
     "0777B1A20F8CCB1DCCC43997F"
     "1EE0E44DA4A67A"},
};

Bytes point_of(const EcdsaVector& vector) {
  Bytes point = {4};
  for (const std::string_view coordinate : {vector.x, vector.y}) {
    const Bytes bytes = hex(coordinate);
    point.insert(point.end(), bytes.begin(), bytes.end());
  }
  return point;
}

bool verify_vector(const EcdsaVector& vector, const Bytes& point, const Bytes& r, const Bytes& s) {
  return verify_ecdsa(vector.curve, point, vector.hash, as_bytes(vector.message), r, s);
}

TEST(Ecdsa, AgreesWithRfc6979) {
  for (const EcdsaVector& vector : kEcdsa) {
    const Bytes point = point_of(vector);
    const Bytes r = hex(vector.r);
    const Bytes s = hex(vector.s);
    EXPECT_TRUE(verify_vector(vector, point, r, s)) << vector.r;
    EXPECT_FALSE(verify_vector(vector, point, s, r));
    EXPECT_FALSE(verify_ecdsa(vector.curve, point, vector.hash, as_bytes("simple"), r, s));
    EXPECT_FALSE(
        verify_ecdsa(vector.curve, point, HashAlgorithm::kSha1, as_bytes(vector.message), r, s));
    Bytes padded = r;  // as SSH's mpint has it
    padded.insert(padded.begin(), 0);
    EXPECT_TRUE(verify_vector(vector, point, padded, s));
  }
}

TEST(Ecdsa, RefusesFlippedBits) {
  SeededRandom random(13);
  for (const EcdsaVector& vector : kEcdsa) {
    Bytes point = point_of(vector);
    Bytes r = hex(vector.r);
    Bytes s = hex(vector.s);
    for (const MutableByteView part :
         {MutableByteView(point), MutableByteView(r), MutableByteView(s)}) {
      for (int round = 0; round < 20; ++round) {
        const std::size_t bit = random.below(part.size() * 8);
        flip_bit(part, bit);
        EXPECT_FALSE(verify_vector(vector, point, r, s)) << bit;
        flip_bit(part, bit);
      }
    }
  }
}

TEST(Ecdsa, RefusesWhatIsNoPointOrNoNumber) {
  const EcdsaVector& vector = kEcdsa[0];
  const Bytes point = point_of(vector);
  const Bytes r = hex(vector.r);
  const Bytes s = hex(vector.s);
  const Bytes order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
  for (const Bytes& number :
       {Bytes{}, Bytes{0}, Bytes(32, 0), order, Bytes(33, 1), Bytes(100000, 1)}) {
    EXPECT_FALSE(verify_vector(vector, point, number, s));
    EXPECT_FALSE(verify_vector(vector, point, r, number));
  }
  Bytes infinity(65, 0);
  infinity[0] = 4;
  Bytes compressed(point.begin(), point.begin() + 33);
  compressed[0] = 2;
  Bytes hybrid = point;
  hybrid[0] = 6 | (point.back() & 1);
  Bytes longer = point;
  longer.push_back(0);
  for (const Bytes& bad : {Bytes{}, Bytes{0}, infinity, compressed, hybrid, longer}) {
    EXPECT_FALSE(verify_vector(vector, bad, r, s));
  }
  EXPECT_FALSE(verify_ecdsa(EcCurve::kP384, point, vector.hash, as_bytes(vector.message), r, s));
}

}  // namespace
}  // namespace bulkhead::crypto
