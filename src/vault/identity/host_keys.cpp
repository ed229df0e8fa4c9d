#include "vault/identity/host_keys.h"

#include <algorithm>
#include <array>

#include "proto/journal.pb.h"
#include "sshwire/keys.h"
#include "sshwire/writer.h"

namespace bulkhead::vault {
namespace {

using crypto::HashAlgorithm;
using crypto::SigningKey;
using crypto::SigningKeyKind;

constexpr std::string_view kProofName = "hostkeys-prove-00@openssh.com";  // PROTOCOL, section 2.5

struct KindRow {
  SigningKeyKind kind;
  std::string_view name;      // on the command line
  std::string_view key_type;  // in the blob
  std::string_view use;       // what its wrapping is bound to
};
constexpr std::array kKinds = {
    KindRow{SigningKeyKind::kEd25519, "ed25519", "ssh-ed25519", "bulkhead host key ed25519 v1"},
    KindRow{SigningKeyKind::kEcdsaP256, "ecdsa", "ecdsa-sha2-nistp256",
            "bulkhead host key ecdsa-p256 v1"},
    KindRow{SigningKeyKind::kRsa3072, "rsa", "ssh-rsa", "bulkhead host key rsa-3072 v1"},
};

const KindRow& row_of(SigningKeyKind kind) {
  return *std::ranges::find_if(kKinds, [&](const KindRow& row) { return row.kind == kind; });
}

Bytes signature_blob_of(const SigningKey& key, std::string_view algorithm, HashAlgorithm hash,
                        ByteView message) {
  Bytes signature = key.sign(hash, message);
  if (key.kind() == SigningKeyKind::kEcdsaP256) signature = sshwire::ecdsa_signature(signature);
  return sshwire::signature_blob(algorithm, signature);
}

Result<SigningKey> unwrap(const crypto::AeadKey& system_key, const HostKeyRow& row) {
  const auto* const kind = std::ranges::find_if(kKinds, [&](const KindRow& each) {
    return static_cast<std::uint32_t>(each.kind) == row.kind;
  });
  if (kind == kKinds.end())
    return fail(ErrorCode::kNewerFormat, "a host key is of a kind that this release does not know");
  BH_TRY(const crypto::SecretBytes bytes,
         crypto::open_box(system_key, as_bytes(kind->use), row.wrapped_key));
  return SigningKey::from_private(kind->kind, bytes.view());
}

bool is_valid(const HostKeyRow::Certificate& certificate, UnixMicros now) {
  const std::int64_t now_s = now / kMicrosPerSecond;
  return !certificate.blob.empty() && certificate.valid_after_s <= now_s &&
         now_s < certificate.valid_before_s;
}

}  // namespace

Result<SigningKeyKind> host_key_kind_named(std::string_view name) {
  const auto* const row =
      std::ranges::find_if(kKinds, [&](const KindRow& each) { return each.name == name; });
  if (row == kKinds.end())
    return fail(ErrorCode::kInvalidArgument, "a host key is ed25519, ecdsa or rsa");
  return row->kind;
}

Bytes host_key_blob(const SigningKey& key) {
  switch (key.kind()) {
    case SigningKeyKind::kEd25519: {
      crypto::Ed25519PublicKey point;
      std::ranges::copy(key.public_point(), point.begin());
      return sshwire::ed25519_key_blob(point);
    }
    case SigningKeyKind::kEcdsaP256:
      return sshwire::ecdsa_p256_key_blob(key.public_point());
    case SigningKeyKind::kRsa3072:
      return sshwire::rsa_key_blob(key.rsa_exponent(), key.rsa_modulus());
  }
  BH_ASSERT(false);
}

std::string wrap_host_key(const crypto::AeadKey& system_key, const SigningKey& key,
                          crypto::Random& random) {
  return to_string(crypto::seal_box(system_key, as_bytes(row_of(key.kind()).use),
                                    key.private_bytes().view(), random));
}

void make_host_key(const crypto::AeadKey& system_key, const SigningKey& key, std::uint64_t number,
                   crypto::Random& random, journal::HostKeyAdded& out) {
  out.set_number(number);
  out.set_kind(static_cast<journal::HostKeyKind>(key.kind()));
  out.set_wrapped_key(wrap_host_key(system_key, key, random));
  out.set_public_key(to_string(ByteView(host_key_blob(key))));
}

Result<HostKeys> HostKeys::open(const crypto::AeadKey& system_key, std::vector<HostKeyRow> rows) {
  HostKeys keys;
  std::ranges::sort(rows, {}, &HostKeyRow::number);
  for (HostKeyRow& row : rows) {
    BH_TRY(SigningKey key, unwrap(system_key, row));
    Bytes blob = host_key_blob(key);
    const bool first = std::ranges::none_of(
        keys.keys_, [&](const Key& older) { return older.key.kind() == key.kind(); });
    keys.keys_.push_back(
        {row.number, std::move(key), std::move(blob), std::move(row.certificate), first});
  }
  return keys;
}

const HostKeys::Key* HostKeys::signer(const sshwire::HostKeyName& algorithm) const {
  const auto at = std::ranges::find_if(keys_, [&](const Key& each) {
    return each.signs && row_of(each.key.kind()).key_type == algorithm.key_type;
  });
  return at == keys_.end() ? nullptr : &*at;
}

std::optional<ByteView> HostKeys::shown_as(const sshwire::HostKeyName& algorithm,
                                           UnixMicros now) const {
  const Key* key = signer(algorithm);
  if (key == nullptr) return std::nullopt;
  if (!algorithm.certificate) return key->blob;
  if (!is_valid(key->certificate, now)) return std::nullopt;
  return key->certificate.blob;
}

std::vector<std::string_view> HostKeys::algorithms(SshProfile profile, UnixMicros now) const {
  std::vector<std::string_view> names;
  for (const sshwire::HostKeyName& row : sshwire::host_key_names()) {
    if (row.least <= profile && shown_as(row, now)) names.push_back(row.name);
  }
  return names;
}

Bytes HostKeys::sign(const sshwire::HostKeyName& algorithm, ByteView exchange_hash) const {
  const Key* key = signer(algorithm);
  BH_ASSERT(key != nullptr && exchange_hash.size() <= 64);
  return signature_blob_of(key->key, algorithm.signature_algorithm, algorithm.hash, exchange_hash);
}

Result<Bytes> HostKeys::prove(ByteView blob, ByteView session_id,
                              std::string_view rsa_algorithm) const {
  const auto key =
      std::ranges::find_if(keys_, [&](const Key& each) { return equal(each.blob, blob); });
  if (key == keys_.end()) return fail(ErrorCode::kRefused, "that is not a host key of this server");
  sshwire::Writer message;
  message.string(kProofName).string(session_id).string(ByteView(key->blob));
  const KindRow& kind = row_of(key->key.kind());
  const sshwire::HostKeyName* algorithm =
      sshwire::find_host_key(kind.kind == SigningKeyKind::kRsa3072 ? rsa_algorithm : kind.key_type);
  BH_ASSERT(algorithm != nullptr && algorithm->key_type == kind.key_type);
  return signature_blob_of(key->key, algorithm->signature_algorithm, algorithm->hash,
                           message.view());
}

}  // namespace bulkhead::vault
