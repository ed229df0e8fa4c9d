#include "keeper/seal_slot.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

#include "crypto/digest.h"
#include "crypto/password.h"

namespace bulkhead::keeper {
namespace {

constexpr std::size_t kMostFields = 16;
// Slots of files with one and with several are bound to the same words, so that one can be added to
// the other without opening it.
constexpr std::string_view kBoundTo = "bulkhead-sealed-root-key-1\n";

struct Name {
  Seal seal;
  std::string_view name;
};
constexpr Name kNames[] = {{Seal::kFile, "file"},
                           {Seal::kPassphrase, "passphrase"},
                           {Seal::kCredential, "credential"},
                           {Seal::kTpm, "tpm"},
                           {Seal::kPkcs11, "pkcs11"}};

// Takes "NAME REST\n" off the front.
struct Line {
  std::string_view name;
  std::string_view rest;
};
std::optional<Line> next_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || space == 0) return std::nullopt;
  return Line{line.substr(0, space), line.substr(space + 1)};
}

Result<std::string> field(const SealFields& fields, std::string_view name,
                          const std::string& path) {
  const auto found = fields.find(name);
  if (found == fields.end()) return damaged_root_key(path);
  return found->second;
}

Result<std::uint32_t> number(const SealFields& fields, std::string_view name,
                             const std::string& path) {
  BH_TRY(const std::string text, field(fields, name, path));
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return damaged_root_key(path);
  return value;
}

Result<crypto::Secret<32>> key_of_passphrase(const SealFields& fields, ByteView passphrase,
                                             const std::string& path) {
  BH_TRY(const std::string salt_hex, field(fields, "salt", path));
  const auto salt = from_hex(salt_hex);
  BH_TRY(const std::uint32_t memory_kib, number(fields, "memory-kib", path));
  BH_TRY(const std::uint32_t passes, number(fields, "passes", path));
  ByteArray<16> salt_bytes{};
  if (!salt || salt->size() != salt_bytes.size()) return damaged_root_key(path);
  std::ranges::copy(*salt, salt_bytes.begin());
  return crypto::key_from_passphrase(passphrase, salt_bytes, {memory_kib, passes});
}

struct MadeSeal {
  std::string lines;
  crypto::Secret<32> key;
};

Result<MadeSeal> make_passphrase(ByteView passphrase, crypto::Random& random) {
  const crypto::Argon2idCost cost;
  const auto salt = random.array<16>();
  BH_TRY(crypto::Secret<32> key, crypto::key_from_passphrase(passphrase, salt, cost));
  return MadeSeal{fmt::format("memory-kib {}\npasses {}\nsalt {}\n", cost.memory_kib, cost.passes,
                              to_hex(salt)),
                  std::move(key)};
}

Result<MadeSeal> make_seal(const NewSeal& wanted, SealDevice& device, crypto::Random& random) {
  if (wanted.seal == Seal::kPassphrase) return make_passphrase(wanted.secret.view(), random);
  BH_TRY(SealDevice::Made made, device.make(wanted.seal, wanted.wishes, wanted.secret.view()));
  // One that does not open would be found out when it is needed.
  BH_TRY(const crypto::Secret<32> again,
         device.open(wanted.seal, made.fields, wanted.secret.view()));
  if (!crypto::equal_constant_time(again.view(), made.key.view())) {
    return fail(ErrorCode::kCorrupt, fmt::format("the seal {} was made and does not open again",
                                                 seal_name(wanted.seal)));
  }
  return MadeSeal{to_lines(made.fields), std::move(made.key)};
}

}  // namespace

std::string_view seal_name(Seal seal) {
  return std::ranges::find(kNames, seal, &Name::seal)->name;
}

std::optional<Seal> seal_named(std::string_view name) {
  const auto* const found = std::ranges::find(kNames, name, &Name::name);
  if (found == std::end(kNames)) return std::nullopt;
  return found->seal;
}

std::string to_lines(const SealFields& fields) {
  std::string lines;
  for (const auto& [name, value] : fields)
    lines += fmt::format("{} {}\n", name, value);
  return lines;
}

Result<SealFields> from_lines(std::string_view lines) {
  SealFields fields;
  while (!lines.empty()) {
    const auto line = next_line(lines);
    if (!line || fields.size() == kMostFields || !fields.emplace(line->name, line->rest).second)
      return fail(ErrorCode::kMalformed, "the lines of a seal make no sense");
  }
  return fields;
}

std::unexpected<Error> damaged_root_key(const std::string& path) {
  return fail(ErrorCode::kMalformed,
              fmt::format("the root key in {} is damaged: restore it from its copy", path));
}

Result<crypto::AeadKey> root_key_of(ByteView bytes, const std::string& path) {
  if (bytes.size() != crypto::AeadKey::size()) return damaged_root_key(path);
  crypto::AeadKey key;
  std::ranges::copy(bytes, key.mutable_view().begin());
  return key;
}

Bytes root_key_id(const crypto::AeadKey& key) {
  const auto mac = crypto::hmac_sha256(key.view(), as_bytes("bulkhead root key id v1"));
  return to_bytes(ByteView(mac).first(8));
}

Result<SealSlot> SealSlot::take(std::string_view& text, const std::string& path) {
  SealSlot slot;
  const std::string_view whole = text;
  while (slot.fields_.size() <= kMostFields) {
    const std::size_t before = whole.size() - text.size();
    const auto line = next_line(text);
    if (!line) return damaged_root_key(path);
    if (line->name != "box") {
      if (!slot.fields_.emplace(line->name, line->rest).second) return damaged_root_key(path);
      continue;
    }
    auto box = from_hex(line->rest);
    BH_TRY(const std::string seal, field(slot.fields_, "seal", path));
    const auto named = seal_named(seal);
    if (!box || !named || *named == Seal::kFile || *named == Seal::kCredential)
      return damaged_root_key(path);
    if (const auto id = slot.fields_.find("id"); id != slot.fields_.end()) {
      auto bytes = from_hex(id->second);
      if (!bytes) return damaged_root_key(path);
      slot.key_id_ = std::move(*bytes);
    }
    slot.seal_ = *named;
    slot.box_ = std::move(*box);
    slot.lines_ = whole.substr(0, before);
    return slot;
  }
  return damaged_root_key(path);
}

Result<SealSlot> SealSlot::make(const crypto::AeadKey& root_key, const NewSeal& wanted,
                                SealDevice& device, crypto::Random& random) {
  BH_TRY(const MadeSeal made, make_seal(wanted, device, random));
  SealSlot slot;
  slot.seal_ = wanted.seal;
  slot.key_id_ = root_key_id(root_key);
  slot.lines_ =
      fmt::format("seal {}\nid {}\n{}", seal_name(wanted.seal), to_hex(slot.key_id_), made.lines);
  BH_TRY(slot.fields_, from_lines(slot.lines_));
  slot.box_ = crypto::seal_box(made.key, slot.associated(), root_key.view(), random);
  return slot;
}

bool SealSlot::needs_secret() const {
  return seal_ == Seal::kPassphrase || fields_.contains("pin");
}

Bytes SealSlot::associated() const {
  return to_bytes(as_bytes(std::string(kBoundTo) + lines_));
}

Result<crypto::Secret<32>> SealSlot::key(ByteView secret, SealDevice& device,
                                         const std::string& path) const {
  if (seal_ == Seal::kPassphrase) return key_of_passphrase(fields_, secret, path);
  if (needs_secret() && secret.empty()) {
    return fail(ErrorCode::kRefused,
                fmt::format("the seal {} wants its PIN: bulkhead unseal --seal {}",
                            seal_name(seal_), seal_name(seal_)));
  }
  return device.open(seal_, fields_, secret);
}

Result<crypto::AeadKey> SealSlot::open(ByteView secret, SealDevice& device,
                                       const std::string& path) const {
  BH_TRY(const crypto::Secret<32> opening, key(secret, device, path));
  const auto opened = crypto::open_box(opening, associated(), box_);
  if (opened) return root_key_of(opened->view(), path);
  if (seal_ != Seal::kPassphrase) return damaged_root_key(path);
  return fail(ErrorCode::kNotAuthenticated,
              fmt::format("the passphrase does not open the root key in {}", path));
}

std::string SealSlot::text() const {
  return fmt::format("{}box {}\n", lines_, to_hex(box_));
}

}  // namespace bulkhead::keeper
