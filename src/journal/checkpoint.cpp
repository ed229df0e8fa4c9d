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
constexpr Byte kEd25519Type = 0x01;      // C2SP signed-note, signature types
constexpr Byte kCosignatureType = 0x04;  // C2SP tlog-cosignature
constexpr std::size_t kTimestampSize = 8;
constexpr std::string_view kSignaturePrefix = "\u2014 ";  // em dash, space

// "The first four bytes of SHA-256(<name> || LF || type || key)".
Bytes key_id(std::string_view name, Byte type, const crypto::Ed25519PublicKey& key) {
  crypto::Hasher hasher;
  hasher.update(as_bytes(name));
  const Byte separator[] = {'\n', type};
  hasher.update(separator);
  hasher.update(key);
  const crypto::Sha256 hash = hasher.finish_sha256();
  return {hash.begin(), hash.begin() + kKeyIdSize};
}
Bytes key_id(const CheckpointKey& key) {
  return key_id(key.origin, kEd25519Type, key.public_key);
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

namespace {

struct NamedKey {
  std::string name;
  crypto::Ed25519PublicKey public_key{};
};

std::string named_key_text(std::string_view name, Byte type, const crypto::Ed25519PublicKey& key) {
  Bytes typed = {type};
  typed.insert(typed.end(), key.begin(), key.end());
  return fmt::format("{}+{}+{}", name, to_hex(key_id(name, type, key)), to_base64(typed));
}

Result<NamedKey> parse_named_key(std::string_view text, Byte type, std::string_view kind) {
  const auto first = text.find('+');
  const auto second = first == std::string_view::npos ? first : text.find('+', first + 1);
  if (second == std::string_view::npos) {
    return fail(ErrorCode::kMalformed, "a verifier key reads <name>+<key id>+<key>");
  }
  NamedKey key;
  key.name = std::string(text.substr(0, first));
  BH_CHECK(check_origin(key.name));
  const auto bytes = from_base64(text.substr(second + 1));
  if (!bytes || bytes->size() != 1 + key.public_key.size() || (*bytes)[0] != type)
    return fail(ErrorCode::kMalformed, fmt::format("the verifier key is not {}", kind));
  std::copy(bytes->begin() + 1, bytes->end(), key.public_key.begin());
  if (to_hex(key_id(key.name, type, key.public_key)) !=
      text.substr(first + 1, second - first - 1)) {
    return fail(ErrorCode::kMalformed,
                "the key id in the verifier key is not the one of its name and key");
  }
  return key;
}

std::string signature_line(std::string_view name, ByteView id, ByteView signature) {
  Bytes both = to_bytes(id);
  both.insert(both.end(), signature.begin(), signature.end());
  return fmt::format("{}{} {}\n", kSignaturePrefix, name, to_base64(both));
}

}  // namespace

std::string verifier_key(const CheckpointKey& key) {
  return named_key_text(key.origin, kEd25519Type, key.public_key);
}

Result<CheckpointKey> parse_verifier_key(std::string_view text) {
  BH_TRY(NamedKey key, parse_named_key(text, kEd25519Type, "an Ed25519 key"));
  return CheckpointKey{std::move(key.name), key.public_key};
}

std::string verifier_key(const WitnessKey& key) {
  return named_key_text(key.name, kCosignatureType, key.public_key);
}

Result<WitnessKey> parse_witness_key(std::string_view text) {
  BH_TRY(NamedKey key, parse_named_key(text, kCosignatureType,
                                       "an Ed25519 key for cosignatures (its type is 4)"));
  return WitnessKey{std::move(key.name), key.public_key};
}

std::string sign_checkpoint(const std::string& origin, const TreeHead& head,
                            const crypto::Ed25519KeyPair& key) {
  const std::string text = fmt::format("{}\n{}\n{}\n", origin, head.size, to_base64(head.root));
  return text + "\n" +
         signature_line(origin, key_id({origin, key.public_key}), key.sign(as_bytes(text)));
}

std::string encode(const Checkpoint& checkpoint) {
  std::string note = checkpoint.signed_text + "\n";
  for (const SignatureLine& line : checkpoint.signatures)
    note += signature_line(line.name, line.key_id, line.signature);
  return note;
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

namespace {

bool is_signed_by(const Checkpoint& checkpoint, const SignatureLine& line,
                  const CheckpointKey& key) {
  return line.name == key.origin && line.key_id == key_id(key) &&
         crypto::verify_ed25519(key.public_key, as_bytes(checkpoint.signed_text), line.signature);
}

std::optional<std::uint64_t> cosigned_by(const Checkpoint& checkpoint, const SignatureLine& line,
                                         const WitnessKey& witness) {
  if (line.name != witness.name || line.signature.size() <= kTimestampSize ||
      line.key_id != key_id(witness.name, kCosignatureType, witness.public_key)) {
    return std::nullopt;
  }
  const auto time = load_be<std::uint64_t>(line.signature.data());
  const std::string text = fmt::format("cosignature/v1\ntime {}\n{}", time, checkpoint.signed_text);
  const ByteView signature = ByteView(line.signature).subspan(kTimestampSize);
  if (time > INT64_MAX || !crypto::verify_ed25519(witness.public_key, as_bytes(text), signature))
    return std::nullopt;
  return time;
}

}  // namespace

bool verify_checkpoint(const Checkpoint& checkpoint, const CheckpointKey& key) {
  return checkpoint.origin == key.origin &&
         std::ranges::any_of(checkpoint.signatures, [&](const SignatureLine& line) {
           return is_signed_by(checkpoint, line, key);
         });
}

std::optional<std::uint64_t> cosigned_at(const Checkpoint& checkpoint, const WitnessKey& witness) {
  std::optional<std::uint64_t> newest;
  for (const SignatureLine& line : checkpoint.signatures) {
    if (const auto time = cosigned_by(checkpoint, line, witness))
      newest = std::max(newest.value_or(0), *time);
  }
  return newest;
}

Checkpoint only_known_signatures(const Checkpoint& checkpoint, const CheckpointKey& key,
                                 const std::vector<WitnessKey>& witnesses) {
  Checkpoint known = checkpoint;
  known.signatures.clear();
  const auto take_first = [&](const auto& holds) {
    const auto found = std::ranges::find_if(checkpoint.signatures, holds);
    if (found != checkpoint.signatures.end()) known.signatures.push_back(*found);
  };
  take_first([&](const SignatureLine& line) { return is_signed_by(checkpoint, line, key); });
  for (const WitnessKey& witness : witnesses) {
    take_first([&](const SignatureLine& line) {
      return cosigned_by(checkpoint, line, witness).has_value();
    });
  }
  return known;
}

}  // namespace bulkhead::journal
