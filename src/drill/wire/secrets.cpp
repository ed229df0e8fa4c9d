#include "drill/wire/secrets.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kKeyBytes = 32;

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* out(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

void must(bool worked) {
  if (!worked) throw Interrupted("libcrypto refused");
}

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

std::string digest(const EVP_MD* hash, std::string_view bytes) {
  std::string made(static_cast<std::size_t>(EVP_MD_get_size(hash)), '\0');
  must(EVP_Digest(bytes.data(), bytes.size(), out(made), nullptr, hash, nullptr) == 1);
  return made;
}

std::string hmac(const EVP_MD* hash, std::string_view key, std::string_view bytes) {
  std::string code(static_cast<std::size_t>(EVP_MD_get_size(hash)), '\0');
  must(HMAC(hash, key.data(), static_cast<int>(key.size()), in(bytes), bytes.size(), out(code),
            nullptr) != nullptr);
  return code;
}

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  text.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(out(text), in(bytes), static_cast<int>(bytes.size()))));
  return text;
}

}  // namespace

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  must(RAND_bytes(out(bytes), static_cast<int>(count)) == 1);
  return bytes;
}

std::string sha256(std::string_view bytes) {
  return digest(EVP_sha256(), bytes);
}

std::string sha384(std::string_view bytes) {
  return digest(EVP_sha384(), bytes);
}

std::string hmac_sha1(std::string_view key, std::string_view bytes) {
  return hmac(EVP_sha1(), key, bytes);
}

std::string hmac_sha384(std::string_view key, std::string_view bytes) {
  return hmac(EVP_sha384(), key, bytes);
}

std::string gcm_seal(std::string_view key, std::string_view nonce, std::string_view associated,
                     std::string_view plaintext) {
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string box(plaintext.size() + kTagBytes, '\0');
  int written = 0;
  must(key.size() == kKeyBytes &&
       EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key), in(nonce)) == 1);
  must(EVP_EncryptUpdate(context.get(), nullptr, &written, in(associated),
                         static_cast<int>(associated.size())) == 1);
  must(EVP_EncryptUpdate(context.get(), out(box), &written, in(plaintext),
                         static_cast<int>(plaintext.size())) == 1);
  must(EVP_EncryptFinal_ex(context.get(), out(box) + written, &written) == 1);
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                           out(box) + plaintext.size()) == 1);
  return box;
}

std::optional<std::string> gcm_open(std::string_view key, std::string_view nonce,
                                    std::string_view associated, std::string_view box) {
  if (key.size() != kKeyBytes || nonce.size() != 12 || box.size() < kTagBytes) return std::nullopt;
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  const std::string_view body = box.substr(0, box.size() - kTagBytes);
  std::string tag(box.substr(body.size()));
  std::string plaintext(body.size(), '\0');
  int written = 0;
  must(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, in(key), in(nonce)) == 1);
  must(EVP_DecryptUpdate(context.get(), nullptr, &written, in(associated),
                         static_cast<int>(associated.size())) == 1);
  must(EVP_DecryptUpdate(context.get(), out(plaintext), &written, in(body),
                         static_cast<int>(body.size())) == 1);
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, out(tag)) == 1);
  if (EVP_DecryptFinal_ex(context.get(), out(plaintext) + written, &written) != 1)
    return std::nullopt;
  return plaintext;
}

PrivateKey::PrivateKey(EVP_PKEY* key) : key_(key, EVP_PKEY_free) {
  must(key != nullptr);
}

PrivateKey PrivateKey::ed25519() {
  return PrivateKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
}

PrivateKey PrivateKey::x25519() {
  return PrivateKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
}

std::string PrivateKey::public_key() const {
  std::string bytes(kKeyBytes, '\0');
  std::size_t size = bytes.size();
  must(EVP_PKEY_get_raw_public_key(key_.get(), out(bytes), &size) == 1);
  return bytes;
}

std::string PrivateKey::private_seed() const {
  std::string bytes(kKeyBytes, '\0');
  std::size_t size = bytes.size();
  must(EVP_PKEY_get_raw_private_key(key_.get(), out(bytes), &size) == 1);
  return bytes;
}

std::string PrivateKey::sign(std::string_view message) const {
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  std::string signature(64, '\0');
  std::size_t size = signature.size();
  must(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1);
  must(EVP_DigestSign(context.get(), out(signature), &size, in(message), message.size()) == 1);
  return signature;
}

std::string PrivateKey::agree(std::string_view peer_public_key) const {
  const std::shared_ptr<EVP_PKEY> peer(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, in(peer_public_key),
                                  peer_public_key.size()),
      EVP_PKEY_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
  std::string secret(kKeyBytes, '\0');
  std::size_t size = secret.size();
  const bool worked = peer != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
                      EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
                      EVP_PKEY_derive(context.get(), out(secret), &size) == 1;
  return worked ? secret : std::string();
}

std::string PrivateKey::ssh_blob() const {
  std::string blob;
  put_string(blob, "ssh-ed25519");
  put_string(blob, public_key());
  return blob;
}

std::string PrivateKey::ssh_signature(std::string_view message) const {
  std::string blob;
  put_string(blob, "ssh-ed25519");
  put_string(blob, sign(message));
  return blob;
}

// PROTOCOL.key of OpenSSH, without a passphrase.
std::string PrivateKey::openssh_file() const {
  std::string secret;
  put_u32(secret, 1);  // the check that a passphrase was right, twice
  put_u32(secret, 1);
  put_string(secret, "ssh-ed25519");
  put_string(secret, public_key());
  put_string(secret, private_seed() + public_key());
  put_string(secret, "drill");
  for (char pad = 1; secret.size() % 8 != 0; ++pad)
    secret.push_back(pad);
  std::string body("openssh-key-v1\0", 15);
  put_string(body, "none");
  put_string(body, "none");
  put_string(body, "");
  put_u32(body, 1);
  put_string(body, ssh_blob());
  put_string(body, secret);
  return fmt::format("-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
                     base64(body));
}

std::string totp_code(std::string_view secret, std::int64_t unix_seconds) {
  std::string counter;
  put_u64(counter, static_cast<std::uint64_t>(unix_seconds / 30));
  const std::string code = hmac_sha1(secret, counter);
  const std::size_t offset = code.back() & 15;  // RFC 4226 section 5.3
  const std::uint32_t number = Reader(std::string_view(code).substr(offset)).u32() & 0x7fffffff;
  return fmt::format("{:06}", number % 1'000'000);
}

void prepare_secrets() {
  const std::string key = random_bytes(kKeyBytes);
  const std::string nonce(12, '\0');
  must(gcm_open(key, nonce, "", gcm_seal(key, nonce, "", "x")).has_value());
  const PrivateKey agreement = PrivateKey::x25519();
  must(!agreement.agree(agreement.public_key()).empty());
  must(!sha256("").empty() && !hmac_sha384(sha384(""), "").empty());
}

}  // namespace bulkhead::drill
