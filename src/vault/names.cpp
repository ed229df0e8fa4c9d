#include "vault/names.h"

#include <arpa/inet.h>

#include <array>

#include "proto/journal.pb.h"

namespace bulkhead::vault {
namespace {

crypto::Secret<32> derive(const crypto::AeadKey& system_key, std::string_view use) {
  crypto::Secret<32> key;
  crypto::hkdf_sha256(system_key.view(), {}, as_bytes(use), key.mutable_view());
  return key;
}

std::string_view label(Field field) {
  switch (field) {
    case Field::kNodeName:
      return "node name";
    case Field::kUserName:
      return "user name";
    case Field::kOrganisationName:
      return "organisation name";
    case Field::kPublicKey:
      return "public key";
    case Field::kPasswordHash:
      return "password hash";
    case Field::kTotpSecret:
      return "TOTP secret";
    case Field::kCertificateKeyId:
      return "certificate key id";
    case Field::kPeerAddress:
      return "peer address";
    case Field::kNote:
      return "note";
  }
  return "";
}

}  // namespace

Names::Names(const crypto::AeadKey& system_key, crypto::Random& random)
    : names_key_(derive(system_key, "bulkhead names v1")),
      lookup_(derive(system_key, "bulkhead name look-up v1").view()),
      cipher_(names_key_),
      random_(random) {}

ByteView Names::box_of(const journal::Sealed& sealed) {
  return as_bytes(sealed.box());
}

void Names::seal(Field field, std::string_view text, journal::Sealed* out) const {
  std::string& box = *out->mutable_box();
  box.resize(text.size() + crypto::kBoxOverhead);
  const auto nonce = random_.array<crypto::kAeadNonceSize>();
  crypto::AeadTag tag;
  auto* at = reinterpret_cast<Byte*>(box.data());
  cipher_.seal(nonce, as_bytes(label(field)), as_bytes(text), {at + nonce.size(), text.size()},
               tag);
  std::copy(nonce.begin(), nonce.end(), at);
  std::copy(tag.begin(), tag.end(), at + nonce.size() + text.size());
}

Result<std::string> Names::open_box(Field field, ByteView box) const {
  if (box.size() < crypto::kBoxOverhead)
    return fail(ErrorCode::kCorrupt, "a sealed field is too short");
  crypto::AeadNonce nonce;
  crypto::AeadTag tag;
  std::copy_n(box.begin(), nonce.size(), nonce.begin());
  std::copy_n(box.end() - tag.size(), tag.size(), tag.begin());
  const ByteView ciphertext = box.subspan(nonce.size(), box.size() - crypto::kBoxOverhead);
  std::string text(ciphertext.size(), '\0');
  const MutableByteView out(reinterpret_cast<Byte*>(text.data()), text.size());
  BH_CHECK(cipher_.open(nonce, as_bytes(label(field)), ciphertext, tag, out));
  return text;
}

NameHash Names::keyed_hash(char kind, std::uint64_t scope, std::string_view name) const {
  Bytes message(9 + name.size());
  message[0] = static_cast<Byte>(kind);
  store_be(message.data() + 1, scope);
  std::copy(name.begin(), name.end(), message.begin() + 9);
  return lookup_.of(message);
}

NameHash Names::node_hash(NodeId parent, std::string_view name) const {
  return keyed_hash('n', parent.value, name);
}
NameHash Names::user_hash(std::string_view name) const {
  return keyed_hash('u', 0, name);
}
NameHash Names::organisation_hash(std::string_view name) const {
  return keyed_hash('o', 0, name);
}
NameHash Names::network_hash(std::string_view address) const {
  std::array<char, 16> bytes{};
  const std::string text(address);
  std::size_t size = 0;
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
    size = 3;
  else if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1)
    size = 8;
  return keyed_hash('a', 0, size == 0 ? address : std::string_view(bytes.data(), size));
}

NameHash Names::certificate_key_id_hash(std::uint64_t authority, std::string_view key_id) const {
  return keyed_hash('c', authority, key_id);
}

}  // namespace bulkhead::vault
