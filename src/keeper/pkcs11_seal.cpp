#include "keeper/pkcs11_seal.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <string>

#include "crypto/digest.h"
#include "crypto/rsa_oaep.h"
#include "keeper/pkcs11_token.h"

namespace bulkhead::keeper {
namespace {

using crypto::HashAlgorithm;

struct Hash {
  HashAlgorithm algorithm;
  std::string_view name;
};
// The better one first. Several tokens know the other only, which OAEP can do with: it needs no
// collisions to be hard.
constexpr Hash kHashes[] = {{HashAlgorithm::kSha256, "sha256"}, {HashAlgorithm::kSha1, "sha1"}};

Result<std::string> field(const SealFields& fields, std::string_view name) {
  const auto found = fields.find(name);
  if (found == fields.end() || found->second.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the seal pkcs11 needs its {}: --pkcs11-{}", name, name));
  }
  return found->second;
}

std::string digest_of(const Pkcs11Token::Key& key) {
  return to_hex(crypto::sha256(key.modulus));
}

struct OpenToken {
  Pkcs11Token token;
  Pkcs11Token::Key key;
};
Result<OpenToken> open_token(const SealFields& fields, ByteView pin) {
  BH_TRY(const std::string module, field(fields, "module"));
  BH_TRY(const std::string name, field(fields, "key"));
  BH_TRY(const Pkcs11Uri uri, parse_pkcs11_uri(name));
  if (const auto found = fields.find("environment"); found != fields.end()) {
    const std::size_t end = found->second.find('=');
    if (end == 0 || end == std::string::npos)
      return fail(ErrorCode::kInvalidArgument, "the module's environment is written NAME=VALUE");
    ::setenv(found->second.substr(0, end).c_str(), found->second.substr(end + 1).c_str(), 1);
  }
  BH_TRY(Pkcs11Token token, Pkcs11Token::open(module, uri));
  BH_CHECK(token.log_in(pin));
  BH_TRY(Pkcs11Token::Key key, token.find_key(uri));
  return OpenToken{std::move(token), std::move(key)};
}

Result<crypto::Secret<32>> decrypt(OpenToken& open, HashAlgorithm hash, ByteView box,
                                   ByteView pin) {
  BH_TRY(const crypto::SecretBytes opened, open.token.decrypt(open.key, hash, box, pin));
  crypto::Secret<32> key;
  if (opened.size() != key.size())
    return fail(ErrorCode::kCorrupt, "what the token opened is no key");
  std::ranges::copy(opened.view(), key.mutable_view().begin());
  return key;
}

}  // namespace

Result<SealDevice::Made> make_pkcs11_seal(const SealFields& wishes, ByteView pin,
                                          crypto::Random& random) {
  BH_TRY(OpenToken open, open_token(wishes, pin));
  if (open.key.can_leave) {
    return fail(ErrorCode::kRefused,
                "the token's key may be read out of it, so it would seal nothing: make one that is "
                "not extractable");
  }
  SealDevice::Made made;
  random.fill(made.key.mutable_view());
  std::optional<Error> refusal;
  for (const Hash& hash : kHashes) {
    BH_TRY(const Bytes box, crypto::rsa_oaep_encrypt(open.key.modulus, open.key.exponent,
                                                     hash.algorithm, made.key.view()));
    // Whether the token knows a hash only a try tells.
    const auto again = decrypt(open, hash.algorithm, box, pin);
    if (!again) {
      refusal = again.error();
      if (refusal->code != ErrorCode::kUnsupported) break;
      continue;
    }
    made.fields = {{"module", wishes.at("module")},
                   {"key", wishes.at("key")},
                   {"modulus-sha256", digest_of(open.key)},
                   {"hash", std::string(hash.name)},
                   {"encrypted", to_hex(box)},
                   {"pin", "token"}};
    if (const auto found = wishes.find("environment"); found != wishes.end())
      made.fields.insert(*found);
    return made;
  }
  return fail(*refusal);
}

Result<crypto::Secret<32>> open_pkcs11_seal(const SealFields& fields, ByteView pin) {
  BH_TRY(const std::string encrypted, field(fields, "encrypted"));
  BH_TRY(const std::string hash_name, field(fields, "hash"));
  BH_TRY(const std::string digest, field(fields, "modulus-sha256"));
  const auto* const hash = std::ranges::find(kHashes, hash_name, &Hash::name);
  const auto box = from_hex(encrypted);
  if (hash == std::end(kHashes) || !box)
    return fail(ErrorCode::kMalformed, "the token's seal in the root key's file is damaged");
  BH_TRY(OpenToken open, open_token(fields, pin));
  if (digest_of(open.key) != digest) {
    return fail(ErrorCode::kRefused,
                "the token's key of that name is another than the one that the root key was sealed "
                "to: put the right token in, or open the root key by another seal");
  }
  return decrypt(open, hash->algorithm, *box, pin);
}

}  // namespace bulkhead::keeper
