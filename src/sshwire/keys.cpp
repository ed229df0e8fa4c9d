#include "sshwire/keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "sshwire/names.h"
#include "sshwire/reader.h"
#include "sshwire/writer.h"

namespace bulkhead::sshwire {
namespace {
constexpr std::size_t kMinRsaBits = 2048;
constexpr std::size_t kMaxRsaBits = 16384;
constexpr std::size_t kMaxApplicationBytes = 256;
constexpr Byte kUserPresent = 0x01;  // of the authenticator's flags (CTAP, WebAuthn section 6.1)
constexpr Byte kUserVerified = 0x04;

struct CurveRow {
  std::string_view key_type;
  std::string_view identifier;  // RFC 5656 section 3.1
  crypto::EcCurve curve;
  KeyKind kind;
  std::size_t coordinate_bytes;
};
constexpr std::array kCurves = {
    CurveRow{"ecdsa-sha2-nistp256", "nistp256", crypto::EcCurve::kP256, KeyKind::kEcdsaP256, 32},
    CurveRow{"ecdsa-sha2-nistp384", "nistp384", crypto::EcCurve::kP384, KeyKind::kEcdsaP384, 48},
    CurveRow{"ecdsa-sha2-nistp521", "nistp521", crypto::EcCurve::kP521, KeyKind::kEcdsaP521, 66},
};

Result<Ed25519Key> read_ed25519_fields(Reader& reader) {
  const ByteView key = reader.string(32);
  BH_CHECK(reader.check("the ed25519 key"));
  if (key.size() != 32) return fail(ErrorCode::kMalformed, "the ed25519 key is too short");
  Ed25519Key result;
  std::ranges::copy(key, result.key.begin());
  return result;
}

Result<PublicKey> read_ed25519(Reader& reader) {
  BH_TRY(const Ed25519Key key, read_ed25519_fields(reader));
  BH_CHECK(reader.finish("the ssh-ed25519 key"));
  return key;
}

Result<PublicKey> read_rsa(Reader& reader) {
  const ByteView exponent = reader.unsigned_mpint(kMaxKeyBlobBytes);
  const ByteView modulus = reader.unsigned_mpint(kMaxKeyBlobBytes);
  BH_CHECK(reader.finish("the ssh-rsa key"));
  if (exponent.empty() || modulus.empty())
    return fail(ErrorCode::kMalformed, "the ssh-rsa key has a zero in it");
  const std::size_t bits =
      modulus.size() * 8 - static_cast<std::size_t>(std::countl_zero(modulus[0]));
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("the ssh-rsa key has {} bits; {} to {} are accepted", bits, kMinRsaBits,
                            kMaxRsaBits));
  }
  // A huge exponent makes verifying slow and no honest key has one.
  if (exponent.size() > 8)
    return fail(ErrorCode::kLimitExceeded, "the ssh-rsa key's exponent is too large");
  return RsaKey{to_bytes(exponent), to_bytes(modulus)};
}

Result<EcdsaKey> read_ecdsa_fields(Reader& reader, const CurveRow& row) {
  const std::string_view identifier = reader.text(64);
  const ByteView point = reader.string(kMaxKeyBlobBytes);
  BH_CHECK(reader.check("the ECDSA key"));
  if (identifier != row.identifier)
    return fail(ErrorCode::kMalformed, "the ECDSA key names two different curves");
  if (point.size() != 1 + 2 * row.coordinate_bytes || point[0] != 4) {
    return fail(ErrorCode::kMalformed,
                "the ECDSA key's point is not an uncompressed point of its curve");
  }
  return EcdsaKey{row.curve, to_bytes(point)};
}

Result<PublicKey> read_ecdsa(Reader& reader, const CurveRow& row) {
  BH_TRY(EcdsaKey key, read_ecdsa_fields(reader, row));
  BH_CHECK(reader.finish("the ECDSA key"));
  return key;
}

// PROTOCOL.u2f: the key's own fields, and then the application.
template <typename Key>
Result<PublicKey> with_application(Result<Key> key, Reader& reader) {
  if (!key) return std::unexpected(std::move(key).error());
  std::string application(reader.text(kMaxApplicationBytes));
  BH_CHECK(reader.finish("the security key"));
  return SecurityKey{std::move(*key), std::move(application)};
}

const CurveRow& curve_row(crypto::EcCurve curve) {
  return *std::ranges::find_if(kCurves, [&](const CurveRow& row) { return row.curve == curve; });
}

KeyKind kind_of(const PublicKey& key) {
  if (std::holds_alternative<Ed25519Key>(key)) return KeyKind::kEd25519;
  if (std::holds_alternative<RsaKey>(key)) return KeyKind::kRsa;
  if (const auto* security_key = std::get_if<SecurityKey>(&key)) {
    return std::holds_alternative<Ed25519Key>(security_key->key) ? KeyKind::kSecurityKeyEd25519
                                                                 : KeyKind::kSecurityKeyEcdsaP256;
  }
  return curve_row(std::get<EcdsaKey>(key).curve).kind;
}

bool verify_rsa(const RsaKey& key, crypto::HashAlgorithm hash, ByteView message,
                ByteView signature) {
  if (signature.size() > key.modulus.size()) return false;
  // RFC 8332 section 3 wants full length; some clients drop leading zero bytes, which changes
  // nothing in the number.
  Bytes full(key.modulus.size() - signature.size(), 0);
  full.insert(full.end(), signature.begin(), signature.end());
  return crypto::verify_rsa_pkcs1(key.modulus, key.exponent, hash, message, full);
}

bool verify_ecdsa_blob(const EcdsaKey& key, crypto::HashAlgorithm hash, ByteView message,
                       ByteView signature) {
  Reader reader(signature);  // RFC 5656 section 3.1.2
  const ByteView r = reader.unsigned_mpint();
  const ByteView s = reader.unsigned_mpint();
  const std::size_t most = curve_row(key.curve).coordinate_bytes;
  if (!reader.finish("signature") || r.empty() || s.empty() || r.size() > most || s.size() > most)
    return false;
  return crypto::verify_ecdsa(key.curve, key.point, hash, message, r, s);
}
// The authenticator signs hashes of application and message, and its own state between them
// (PROTOCOL.u2f, "SSH U2F signatures"), which travels behind the signature.
std::optional<SecurityKeyState> check_security_key(const SecurityKey& key, ByteView message,
                                                   ByteView signature, Reader& behind) {
  const Byte flags = behind.byte();
  const std::uint32_t counter = behind.uint32();
  if (!behind.finish("signature")) return std::nullopt;
  Writer data;
  data.raw(crypto::sha256(as_bytes(key.application))).byte(flags).uint32(counter);
  data.raw(crypto::sha256(message));
  const auto* ed25519 = std::get_if<Ed25519Key>(&key.key);
  const bool good = ed25519 != nullptr
                        ? crypto::verify_ed25519(ed25519->key, data.view(), signature)
                        : verify_ecdsa_blob(std::get<EcdsaKey>(key.key),
                                            crypto::HashAlgorithm::kSha256, data.view(), signature);
  if (!good) return std::nullopt;
  return SecurityKeyState{.user_present = (flags & kUserPresent) != 0,
                          .user_verified = (flags & kUserVerified) != 0,
                          .counter = counter};
}
}  // namespace

Result<std::string_view> public_key_type(ByteView blob) {
  Reader reader(blob);
  const std::string_view type = reader.text(64);
  BH_CHECK(reader.check("the key"));
  for (const SignatureName& row : signature_names()) {
    if (row.key_type == type) return row.key_type;
  }
  return fail(ErrorCode::kUnsupported,
              "this kind of key is not supported; use ed25519, ecdsa or rsa");
}

Result<PublicKey> parse_public_key(ByteView blob) {
  if (blob.size() > kMaxKeyBlobBytes) return fail(ErrorCode::kLimitExceeded, "the key is too long");
  BH_TRY(const std::string_view type, public_key_type(blob));
  Reader reader(blob);
  reader.string();
  if (type == "ssh-ed25519") return read_ed25519(reader);
  if (type == "ssh-rsa") return read_rsa(reader);
  if (type == "sk-ssh-ed25519@openssh.com")
    return with_application(read_ed25519_fields(reader), reader);
  if (type == "sk-ecdsa-sha2-nistp256@openssh.com")
    return with_application(read_ecdsa_fields(reader, curve_row(crypto::EcCurve::kP256)), reader);
  for (const CurveRow& row : kCurves) {
    if (row.key_type == type) return read_ecdsa(reader, row);
  }
  return fail(ErrorCode::kInternal, "a kind of key is in the table of names only");
}

Bytes ed25519_key_blob(const crypto::Ed25519PublicKey& key) {
  Writer writer;
  writer.string(std::string_view("ssh-ed25519")).string(ByteView(key));
  return std::move(writer).take();
}

Bytes ed25519_signature_blob(const crypto::Ed25519Signature& signature) {
  return signature_blob("ssh-ed25519", signature);
}

Bytes rsa_key_blob(ByteView exponent, ByteView modulus) {
  Writer writer;
  writer.string(std::string_view("ssh-rsa")).mpint(exponent).mpint(modulus);
  return std::move(writer).take();
}

Bytes ecdsa_p256_key_blob(ByteView point) {
  const CurveRow& row = curve_row(crypto::EcCurve::kP256);
  Writer writer;
  writer.string(row.key_type).string(row.identifier).string(point);
  return std::move(writer).take();
}

Bytes signature_blob(std::string_view algorithm, ByteView signature) {
  Writer writer;
  writer.string(algorithm).string(signature);
  return std::move(writer).take();
}

Bytes ecdsa_signature(ByteView r_and_s) {
  const std::size_t half = r_and_s.size() / 2;
  Writer writer;
  writer.mpint(r_and_s.first(half)).mpint(r_and_s.subspan(half));
  return std::move(writer).take();
}

std::string_view signature_algorithm(ByteView signature_blob) {
  Reader reader(signature_blob);
  return reader.text(64);
}

std::optional<SignatureFacts> check_signature(std::string_view algorithm, const PublicKey& key,
                                              ByteView message, ByteView signature_blob,
                                              Profile most) {
  const SignatureName* row = find_signature(algorithm, most);
  if (row == nullptr || row->kind != kind_of(key)) return std::nullopt;
  if (signature_blob.size() > kMaxSignatureBlobBytes) return std::nullopt;
  Reader reader(signature_blob);
  const std::string_view named = reader.text(64);
  const ByteView signature = reader.string();
  if (!reader.check("signature") || named != algorithm) return std::nullopt;
  if (const auto* security_key = std::get_if<SecurityKey>(&key)) {
    const auto state = check_security_key(*security_key, message, signature, reader);
    return state ? std::optional(SignatureFacts{state}) : std::nullopt;
  }
  if (!reader.finish("signature")) return std::nullopt;
  bool good = false;
  if (const auto* ed25519 = std::get_if<Ed25519Key>(&key)) {
    good = crypto::verify_ed25519(ed25519->key, message, signature);
  } else if (const auto* rsa = std::get_if<RsaKey>(&key)) {
    good = verify_rsa(*rsa, row->hash, message, signature);
  } else {
    good = verify_ecdsa_blob(std::get<EcdsaKey>(key), row->hash, message, signature);
  }
  return good ? std::optional(SignatureFacts()) : std::nullopt;
}

bool verify_signature(std::string_view algorithm, const PublicKey& key, ByteView message,
                      ByteView signature_blob) {
  const auto facts = check_signature(algorithm, key, message, signature_blob);
  return facts && (!facts->security_key || facts->security_key->user_present);
}

Result<AuthorizedKey> parse_authorized_key_line(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r' || line.back() == ' '))
    line.remove_suffix(1);
  if (line.size() > 2 * kMaxKeyBlobBytes)
    return fail(ErrorCode::kLimitExceeded, "the key's line is too long");
  const std::size_t type_end = line.find(' ');
  if (type_end == std::string_view::npos) {
    return fail(ErrorCode::kMalformed,
                "not a public key line; it looks like \"ssh-ed25519 AAAA... comment\"");
  }
  const std::string_view type = line.substr(0, type_end);
  std::string_view rest = line.substr(type_end + 1);
  const std::size_t blob_end = rest.find(' ');
  const std::string_view comment =
      blob_end == std::string_view::npos ? "" : rest.substr(blob_end + 1);
  auto blob = from_base64(rest.substr(0, blob_end));
  if (!blob || blob->empty()) {
    return fail(ErrorCode::kMalformed,
                "not a public key line (options in front of the key are not supported)");
  }
  BH_CHECK(parse_public_key(*blob));
  BH_TRY(const std::string_view blob_type, public_key_type(*blob));
  if (blob_type != type)
    return fail(ErrorCode::kMalformed, "the line names another kind of key than the key itself");
  const auto printable = [](char c) { return static_cast<Byte>(c) >= ' ' && c != 0x7F; };
  if (!std::ranges::all_of(comment, printable)) {
    return fail(ErrorCode::kMalformed, "the key's comment has control characters");
  }
  return AuthorizedKey{std::move(*blob), std::string(type), std::string(comment)};
}

std::string key_fingerprint(ByteView blob) {
  return "SHA256:" + to_base64(crypto::sha256(blob), false);
}

}  // namespace bulkhead::sshwire
