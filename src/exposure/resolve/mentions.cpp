#include "exposure/resolve/mentions.h"

#include <fmt/format.h>

#include <charconv>

#include "exposure/detect/hash.h"
#include "exposure/in_order.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kChunkRows = 32 * 1024;  // that a thread does at a time

std::uint32_t number_of(std::string_view digits) {
  std::uint32_t value = 0;
  if (!digits.empty() && digits.size() <= 9) {
    for (const char c : digits) {
      if (c < '0' || c > '9') return 0;
      value = value * 10 + static_cast<std::uint32_t>(c - '0');
    }
    return value;
  }
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
}

std::uint64_t part_hash(std::string_view part) {
  return hash_bytes(part, kKeySeed);
}

std::uint64_t number_hash(std::uint32_t number) {
  char digits[10];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  return part_hash({digits, static_cast<std::size_t>(end - digits)});
}

}  // namespace

Mentions::Mentions(const std::vector<NamedFindings>& files, unsigned threads) {
  std::size_t rows = 0;
  for (const NamedFindings& file : files)
    rows += file.findings.persons.size();
  mentions_.reserve(rows);
  const auto make = [&](unsigned, std::size_t chunk) {
    return Mentions(files, chunk * kChunkRows, std::min(rows, (chunk + 1) * kChunkRows));
  };
  if (threads <= 1 || rows <= kChunkRows) {
    *this = Mentions(files, 0, rows);
    return;
  }
  in_order<Mentions>(threads, (rows + kChunkRows - 1) / kChunkRows, make,
                     [&](const Mentions& next) {
                       append(next);
                       return true;
                     });
}

Mentions::Mentions(const std::vector<NamedFindings>& files, std::size_t begin, std::size_t end) {
  for (std::size_t i = 0; i < kIdentifierTypeCount; ++i)
    type_hashes_[i] = part_hash(to_string(static_cast<IdentifierType>(i)));
  mentions_.reserve(end - begin);
  std::size_t start = 0;  // of the file's rows, among all
  for (std::uint32_t file = 0; file < files.size() && start < end; ++file) {
    const PersonTable& table = files[file].findings.persons;
    const std::size_t from = std::max(begin, start);
    const std::size_t to = std::min(end, start + table.size());
    if (from < to) own_file_ = part_hash(fmt::format("#{}", file));
    for (std::size_t at = from; at < to; ++at)
      add_row(file, static_cast<std::uint32_t>(at - start), table);
    start += table.size();
  }
}

// As if its rows had been added here.
void Mentions::append(const Mentions& next) {
  std::vector<std::uint32_t> names(next.names_.size());
  for (std::uint32_t i = 1; i < names.size(); ++i)
    names[i] = names_.intern(next.names_.text(i));
  const auto offset = static_cast<std::uint32_t>(mentions_.size());
  for (Mention mention : next.mentions_) {
    for (std::uint32_t* name : {&mention.first, &mention.last, &mention.middle, &mention.suffix})
      *name = names[*name];
    mentions_.push_back(mention);
  }
  for (std::size_t type = 0; type < kKeyTypes; ++type) {
    for (const Key& key : next.keys_[type])
      keys_[type].push_back({key.hash, key.mention + offset});
  }
}

void Mentions::set_name(Mention& mention, const Fact& fact) {
  const NameTable::LastName last = names_.last_name(fact.parts[0]);
  mention.last = last.last;
  mention.first = names_.given_name(fact.parts[1]);
  mention.middle = names_.given_name(fact.parts[2]);
  mention.suffix = fact.parts[3].empty() ? last.suffix : names_.suffix(fact.parts[3]);
}

void Mentions::add_row(std::uint32_t file, std::uint32_t row, const PersonTable& table) {
  const auto own = static_cast<std::uint32_t>(mentions_.size());
  const Role role = table.row(row).role;
  mentions_.push_back({.file = file, .row = row, .role = role});
  std::uint32_t other = own;  // the last other name: its birth date and numbers belong to it
  Fact fact;
  for (FactReader facts(table.facts(row)); facts.next(fact);) {
    if (fact.kind == FactKind::kOtherName) {
      other = static_cast<std::uint32_t>(mentions_.size());
      mentions_.push_back({.file = file, .row = row, .role = role, .other_name = true});
    }
    const bool of_other =
        fact.kind == FactKind::kOtherName || fact.kind == FactKind::kOtherBirthDate;
    Mention& mention = mentions_[of_other ? other : own];
    switch (fact.kind) {
      case FactKind::kName:
      case FactKind::kOtherName:
        if ((fact.flags & kFactNotAKey) == 0) set_name(mention, fact);
        break;
      case FactKind::kBirthDate:
      case FactKind::kOtherBirthDate:
        if ((fact.flags & (kFactPlaceholder | kFactInvalid)) == 0)
          mention.birth = number_of(fact.parts[0]);
        break;
      case FactKind::kIdentifier:
        add_identifier(fact, (fact.flags & kFactAlias) != 0 ? other : own);
        break;
      default:
        break;
    }
  }
  for (std::uint32_t i = own; i < mentions_.size(); ++i)
    add_name_keys(i);
}

void Mentions::add_key(KeyType type, std::initializer_list<std::uint64_t> parts,
                       std::uint32_t mention) {
  const bool provider =
      mentions_[mention].role == Role::kProvider;  // a doctor's own claims stay a patient's
  std::uint64_t hash = kKeySeed + (provider ? 1 : 0);
  for (const std::uint64_t part : parts)
    hash = mix(part, hash ^ 0x9E3779B97F4A7C15ULL);
  keys(type).push_back({hash, mention});
}

void Mentions::add_identifier(const Fact& fact, std::uint32_t mention) {
  if ((fact.flags & (kFactNotAKey | kFactSpecimen)) != 0) return;
  const auto type = static_cast<IdentifierType>(fact.sub);
  const std::uint64_t value = part_hash(fact.parts[0]);
  const std::string_view issuer = fact.parts[1];
  const std::uint64_t kind = type_hashes_[fact.sub];
  switch (type) {
    case IdentifierType::kSsn:
    case IdentifierType::kItin:
      add_key(KeyType::kSsn, {value}, mention);
      if (type == IdentifierType::kSsn && (fact.flags & kFactInvalid) == 0)
        mentions_[mention].ssn = number_of(fact.parts[0]);
      break;
    case IdentifierType::kMedicareId:
      add_key(KeyType::kMedicare, {value}, mention);
      break;
    case IdentifierType::kNpi:
      // One that fails its check is the file's own number: with the name it still says who.
      if ((fact.flags & kFactInvalid) == 0)
        add_key(KeyType::kNpi, {value}, mention);
      else if (mentions_[mention].last != 0)
        add_key(KeyType::kNpi, {value, names_.key_hash(mentions_[mention].last)}, mention);
      break;
    case IdentifierType::kAccountNumber:
    case IdentifierType::kBankAccount:
    case IdentifierType::kPaymentCard:
      break;  // shared in families: never a key
    default: {
      // A number means something only with its issuer. Without one, it is the file's own.
      const bool known = !issuer.empty() && issuer != "?";
      const KeyType key =
          type == IdentifierType::kPseudonym ? KeyType::kPseudonym : KeyType::kIssued;
      if (issuer != "?")
        add_key(key, {kind, known ? part_hash(issuer) : own_file_, value}, mention);
      if (key == KeyType::kIssued) add_key(KeyType::kBare, {kind, value}, mention);
    }
  }
}

void Mentions::add_name_keys(std::uint32_t index) {
  const Mention& mention = mentions_[index];
  if (mention.last == 0 || mention.first == 0) return;
  const std::uint64_t last = names_.key_hash(mention.last);
  const std::uint64_t first = names_.key_hash(mention.first);
  if (mention.birth != 0)
    add_key(KeyType::kNameBirth, {last, first, number_hash(mention.birth)}, index);
  if (!mention.other_name) add_key(KeyType::kName, {last, first}, index);
}

}  // namespace bulkhead::exposure
