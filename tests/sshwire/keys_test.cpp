#include "sshwire/keys.h"

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>

#include "sshwire/names.h"
#include "sshwire/writer.h"

namespace bulkhead::sshwire {
namespace {
using std::string_view;

struct Free {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

Bytes number(const BIGNUM* n) {
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(n)));
  BN_bn2bin(n, bytes.data());
  return bytes;
}
Bytes number(EVP_PKEY* key, const char* name) {
  BIGNUM* n = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &n), 1);
  Bytes bytes = number(n);
  BN_free(n);
  return bytes;
}
Bytes sign(EVP_PKEY* key, const EVP_MD* hash, ByteView message) {
  std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, key), 1);
  std::size_t size = 0;
  EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size());
  Bytes signature(size);
  EXPECT_EQ(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()),
            1);
  signature.resize(size);
  return signature;
}

Bytes rsa_blob(ByteView exponent, ByteView modulus) {
  return to_bytes(Writer().string(string_view("ssh-rsa")).mpint(exponent).mpint(modulus).view());
}
Bytes signature_blob(string_view algorithm, ByteView signature) {
  return to_bytes(Writer().string(algorithm).string(signature).view());
}
const Bytes kMessage = {'m', 's', 'g'};

TEST(Rsa, VerifiesBothHashesAndNothingElse) {
  const Key key(EVP_RSA_gen(2048));
  const Bytes blob =
      rsa_blob(number(key.get(), OSSL_PKEY_PARAM_RSA_E), number(key.get(), OSSL_PKEY_PARAM_RSA_N));
  const auto parsed = parse_public_key(blob);
  ASSERT_TRUE(parsed) << parsed.error().message;
  const Bytes sha512 = sign(key.get(), EVP_sha512(), kMessage);
  const Bytes sha256 = sign(key.get(), EVP_sha256(), kMessage);
  const Bytes sha1 = sign(key.get(), EVP_sha1(), kMessage);
  EXPECT_TRUE(
      verify_signature("rsa-sha2-512", *parsed, kMessage, signature_blob("rsa-sha2-512", sha512)));
  EXPECT_TRUE(
      verify_signature("rsa-sha2-256", *parsed, kMessage, signature_blob("rsa-sha2-256", sha256)));
  EXPECT_FALSE(
      verify_signature("rsa-sha2-256", *parsed, kMessage, signature_blob("rsa-sha2-256", sha512)));
  EXPECT_FALSE(
      verify_signature("rsa-sha2-256", *parsed, kMessage, signature_blob("rsa-sha2-512", sha256)));
  EXPECT_FALSE(verify_signature("ssh-rsa", *parsed, kMessage, signature_blob("ssh-rsa", sha1)));
  EXPECT_FALSE(
      verify_signature("ssh-ed25519", *parsed, kMessage, signature_blob("ssh-ed25519", sha512)));
  Bytes wrong = sha512;
  wrong[100] ^= 1;
  EXPECT_FALSE(
      verify_signature("rsa-sha2-512", *parsed, kMessage, signature_blob("rsa-sha2-512", wrong)));
  Bytes longer = sha512;
  longer.push_back(0);
  EXPECT_FALSE(
      verify_signature("rsa-sha2-512", *parsed, kMessage, signature_blob("rsa-sha2-512", longer)));
  Bytes behind = signature_blob("rsa-sha2-512", sha512);
  behind.push_back(0);
  EXPECT_FALSE(verify_signature("rsa-sha2-512", *parsed, kMessage, behind));
}

TEST(Rsa, SizesAreBounded) {
  const Bytes e = {1, 0, 1};
  EXPECT_FALSE(parse_public_key(rsa_blob(e, Bytes(128, 0xFF)))) << "1024 bits";
  EXPECT_TRUE(parse_public_key(rsa_blob(e, Bytes(256, 0xFF))));
  EXPECT_TRUE(parse_public_key(rsa_blob(e, Bytes(2048, 0xFF))));
  EXPECT_FALSE(parse_public_key(rsa_blob(e, Bytes(2049, 0xFF))));
  EXPECT_FALSE(parse_public_key(rsa_blob(Bytes(9, 0x11), Bytes(256, 0xFF)))) << "a huge exponent";
  EXPECT_FALSE(parse_public_key(rsa_blob({}, Bytes(256, 0xFF))));
}

TEST(Ecdsa, VerifiesOnEachCurve) {
  const struct {
    const char* curve;
    string_view type;
    string_view identifier;
    const EVP_MD* hash;
  } kCurves[] = {
      {"P-256", "ecdsa-sha2-nistp256", "nistp256", EVP_sha256()},
      {"P-384", "ecdsa-sha2-nistp384", "nistp384", EVP_sha384()},
      {"P-521", "ecdsa-sha2-nistp521", "nistp521", EVP_sha512()},
  };
  for (const auto& each : kCurves) {
    const Key key(EVP_EC_gen(each.curve));
    Bytes point(200);
    std::size_t size = 0;
    ASSERT_EQ(EVP_PKEY_get_octet_string_param(key.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                              point.size(), &size),
              1);
    point.resize(size);
    const Bytes blob =
        to_bytes(Writer().string(each.type).string(each.identifier).string(ByteView(point)).view());
    const auto parsed = parse_public_key(blob);
    ASSERT_TRUE(parsed) << parsed.error().message;
    const Bytes der = sign(key.get(), each.hash, kMessage);
    const Byte* at = der.data();
    const std::unique_ptr<ECDSA_SIG, Free> signature(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
    const Bytes r = number(ECDSA_SIG_get0_r(signature.get()));
    const Bytes s = number(ECDSA_SIG_get0_s(signature.get()));
    const Bytes good = to_bytes(Writer().mpint(r).mpint(s).view());
    EXPECT_TRUE(verify_signature(each.type, *parsed, kMessage, signature_blob(each.type, good)))
        << each.curve;
    const Bytes swapped = to_bytes(Writer().mpint(s).mpint(r).view());
    EXPECT_FALSE(
        verify_signature(each.type, *parsed, kMessage, signature_blob(each.type, swapped)));
    const Bytes zero = to_bytes(Writer().mpint({}).mpint(s).view());
    EXPECT_FALSE(verify_signature(each.type, *parsed, kMessage, signature_blob(each.type, zero)));
    EXPECT_FALSE(verify_signature(each.type, *parsed, Bytes{'x'}, signature_blob(each.type, good)));

    point[0] = 2;  // compressed, as far as the first byte goes
    EXPECT_FALSE(parse_public_key(
        Writer().string(each.type).string(each.identifier).string(ByteView(point)).view()));
    EXPECT_FALSE(parse_public_key(
        Writer().string(each.type).string(string_view("nistp192")).string(ByteView(point)).view()));
  }
}

TEST(Ecdsa, APointOffTheCurveVerifiesNothing) {
  Bytes point(65, 7);
  point[0] = 4;
  const auto parsed = parse_public_key(Writer()
                                           .string(string_view("ecdsa-sha2-nistp256"))
                                           .string(string_view("nistp256"))
                                           .string(ByteView(point))
                                           .view());
  ASSERT_TRUE(parsed);
  const Bytes signature = to_bytes(Writer().mpint(Bytes{1}).mpint(Bytes{1}).view());
  EXPECT_FALSE(verify_signature("ecdsa-sha2-nistp256", *parsed, kMessage,
                                signature_blob("ecdsa-sha2-nistp256", signature)));
}

TEST(Ed25519, VerifiesAndRefusesOtherSizes) {
  const auto pair = crypto::Ed25519KeyPair::generate(crypto::system_random());
  const Bytes blob = ed25519_key_blob(pair.public_key);
  const auto parsed = parse_public_key(blob);
  ASSERT_TRUE(parsed);
  Bytes good = ed25519_signature_blob(pair.sign(kMessage));
  EXPECT_TRUE(verify_signature("ssh-ed25519", *parsed, kMessage, good));
  good[20] ^= 1;
  EXPECT_FALSE(verify_signature("ssh-ed25519", *parsed, kMessage, good));
  EXPECT_FALSE(
      verify_signature("ssh-ed25519", *parsed, kMessage, signature_blob("ssh-ed25519", Bytes(63))));
  EXPECT_FALSE(parse_public_key(
      Writer().string(string_view("ssh-ed25519")).string(ByteView(Bytes(31))).view()));
  EXPECT_FALSE(parse_public_key(
      Writer().string(string_view("ssh-ed25519")).string(ByteView(Bytes(33))).view()));
}

TEST(KeyBlob, EveryTruncationAndAddition) {
  const auto pair = crypto::Ed25519KeyPair::generate(crypto::system_random());
  Bytes blob = ed25519_key_blob(pair.public_key);
  for (std::size_t size = 0; size < blob.size(); ++size)
    EXPECT_FALSE(parse_public_key(ByteView(blob).first(size)));
  blob.push_back(0);
  EXPECT_FALSE(parse_public_key(blob));
  EXPECT_EQ(parse_public_key(Writer().string(string_view("ssh-dss")).view()).error().code,
            ErrorCode::kUnsupported);
  EXPECT_EQ(parse_public_key(Bytes(100'000)).error().code, ErrorCode::kLimitExceeded);
}

TEST(AuthorizedKeyLine, WhatIsTakenAndWhatIsNot) {
  const auto pair = crypto::Ed25519KeyPair::from_seed(crypto::Secret<32>());
  const Bytes blob = ed25519_key_blob(pair.public_key);
  const std::string base64 = to_base64(blob);
  const auto key = parse_authorized_key_line("ssh-ed25519 " + base64 + " ann at her desk\n");
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->blob, blob);
  EXPECT_EQ(key->type, "ssh-ed25519");
  EXPECT_EQ(key->comment, "ann at her desk");
  EXPECT_EQ(parse_authorized_key_line("ssh-ed25519 " + base64)->comment, "");
  for (const std::string& line :
       {std::string(), std::string("ssh-ed25519"), "ssh-rsa " + base64,
        "ssh-ed25519 " + base64.substr(4), "no-pty ssh-ed25519 " + base64, "ssh-ed25519 !" + base64,
        "ssh-ed25519 " + base64 + " \x1b[2J", std::string("ssh-dss AAAAB3NzaC1kc3M="),
        std::string(100'000, 'a')}) {
    EXPECT_FALSE(parse_authorized_key_line(line)) << line.substr(0, 80);
  }
}

TEST(Fingerprint, LooksAsSshKeygenPrintsIt) {
  const std::string text = key_fingerprint(Bytes{});
  EXPECT_EQ(text, "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU");  // SHA-256 of nothing
}

}  // namespace
}  // namespace bulkhead::sshwire
