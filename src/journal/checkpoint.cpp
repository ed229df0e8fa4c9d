#include "journal/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "journal/note_lines.h"

namespace bulkhead::journal {
namespace {

constexpr std::size_t kMaxNoteSize = 16 * 1024;
constexpr std::size_t kMaxSignatures = 16;
constexpr std::size_t kKeyIdSize = 4;
constexpr Byte kEd25519Type = 0x01;                       // C2SP signed-note, signature types
constexpr std::string_view kSignaturePrefix = "\u2014 ";  // em dash, space

// "The first four bytes of SHA-256(<name> || LF || 0x01 || key)".
Bytes key_id(const CheckpointKey& key) {
  crypto::Hasher hasher;
  hasher.update(as_bytes(key.origin));
  const Byte separator[] = {'\n', kEd25519Type};
  hasher.update(separator);
  hasher.update(key.public_key);
  const crypto::Sha256 hash = hasher.finish_sha256();
  return {hash.begin(), hash.begin() + kKeyIdSize};
}

std::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::kMalformed, fmt::format("not a checkpoint: {}", what));
}

Result<SignatureLine> parse_signature(std::string_view line) {
  if (!line.starts_with(kSignaturePrefix))
    return malformed("a signature line starts with an em dash and a space");
  line.remove_prefix(kSignaturePrefix.size());
  const auto space = line.find(' ');
  if (space == std::string_view::npos)
    return malformed("a signature line has a name and a signature");
  const std::string_view name = line.substr(0, space);
  if (!check_origin(name)) return malformed("the name in a signature line is not allowed");
  const auto bytes = from_base64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdSize)
    return malformed("a signature is not base64 of a key id and a signature");
  return SignatureLine{std::string(name),
                       {bytes->begin(), bytes->begin() + kKeyIdSize},
                       {bytes->begin() + kKeyIdSize, bytes->end()}};
}

}  // namespace

Status check_origin(std::string_view origin) {
  const auto forbidden = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '+';
  };
  if (origin.empty() || origin.size() > 255 || !is_utf8(origin) ||
      std::ranges::any_of(origin, forbidden)) {
    return fail(ErrorCode::kInvalidArgument,
                "the origin of a journal has 1 to 255 bytes of UTF-8 without spaces, control "
                "characters and '+'");
  }
  return {};
}

std::string verifier_key(const CheckpointKey& key) {
  Bytes typed = {kEd25519Type};
  typed.insert(typed.end(), key.public_key.begin(), key.public_key.end());
  return fmt::format("{}+{}+{}", key.origin, to_hex(key_id(key)), to_base64(typed));
}

Result<CheckpointKey> parse_verifier_key(std::string_view text) {
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) {
    return fail(ErrorCode::kMalformed, "a verifier key reads <origin>+<key id>+<key>");
  }
  CheckpointKey key;
  key.origin = std::string(text.substr(0, first));
  BH_CHECK(check_origin(key.origin));
  const auto bytes = from_base64(text.substr(second + 1));
  if (!bytes || bytes->size() != 1 + key.public_key.size() || (*bytes)[0] != kEd25519Type) {
    return fail(ErrorCode::kMalformed, "the verifier key is not an Ed25519 key");
  }
  std::copy(bytes->begin() + 1, bytes->end(), key.public_key.begin());
  if (to_hex(key_id(key)) != text.substr(first + 1, second - first - 1)) {
    return fail(ErrorCode::kMalformed,
                "the key id in the verifier key is not the one of its name and key");
  }
  return key;
}

std::string sign_checkpoint(const std::string& origin, const TreeHead& head,
                            const crypto::Ed25519KeyPair& key) {
  const std::string text = fmt::format("{}\n{}\n{}\n", origin, head.size, to_base64(head.root));
  Bytes signature = key_id({origin, key.public_key});
  const crypto::Ed25519Signature signed_text = key.sign(as_bytes(text));
  signature.insert(signature.end(), signed_text.begin(), signed_text.end());
  return fmt::format("{}\n{}{} {}\n", text, kSignaturePrefix, origin, to_base64(signature));
}

Result<Checkpoint> parse_checkpoint(std::string_view note) {
  if (note.size() > kMaxNoteSize) return malformed("it is longer than 16 KiB");
  const auto blank = note.find("\n\n");
  if (blank == std::string_view::npos) return malformed("no empty line before the signatures");
  Checkpoint checkpoint;
  checkpoint.signed_text = std::string(note.substr(0, blank + 1));
  std::string_view text = checkpoint.signed_text;
  const auto origin = take_line(text);
  const auto size = take_line(text);
  const auto root = take_line(text);
  if (!origin || !size || !root)
    return malformed("origin, size and root are its first three lines");
  if (!check_origin(*origin)) return malformed("its origin has characters that are not allowed");
  checkpoint.origin = std::string(*origin);
  const auto number = parse_decimal(*size);
  if (!number) return malformed("its size is not a decimal number");
  checkpoint.head.size = *number;
  const auto hash = from_base64(*root);
  if (!hash || hash->size() != checkpoint.head.root.size())
    return malformed("its root is not base64 of 32 bytes");
  std::ranges::copy(*hash, checkpoint.head.root.begin());

  std::string_view rest = note.substr(blank + 2);
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (!line) return malformed("its last line has no end");
    if (checkpoint.signatures.size() == kMaxSignatures) return malformed("more than 16 signatures");
    BH_TRY(SignatureLine signature, parse_signature(*line));
    checkpoint.signatures.push_back(std::move(signature));
  }
  if (checkpoint.signatures.empty()) return malformed("no signature");
  return checkpoint;
}

bool verify_checkpoint(const Checkpoint& checkpoint, const CheckpointKey& key) {
  if (checkpoint.origin != key.origin) return false;
  const Bytes id = key_id(key);
  return std::ranges::any_of(checkpoint.signatures, [&](const SignatureLine& line) {
    return line.name == key.origin && line.key_id == id &&
           crypto::verify_ed25519(key.public_key, as_bytes(checkpoint.signed_text), line.signature);
  });
}

}  // namespace bulkhead::journal
