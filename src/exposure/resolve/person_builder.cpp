#include "exposure/resolve/person_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "exposure/detect/dates.h"

namespace bulkhead::exposure {
namespace {

struct FlagWord {
  std::uint8_t flag;
  std::string_view word;
};
constexpr FlagWord kFlagWords[] = {{kFactInvalid, "invalid"},     {kFactSpecimen, "specimen"},
                                   {kFactFromHicn, "from_hicn"},  {kFactAlias, "other_name"},
                                   {kFactSynthetic, "synthetic"}, {kFactPrior, "prior"},
                                   {kFactNotAKey, "shared"}};

int role_rank(Role role) {
  switch (role) {
    case Role::kMember:
      return 3;
    case Role::kRelated:
      return 2;
    case Role::kProvider:
      return 1;
    case Role::kOther:
      return 0;
  }
  return 0;
}

template <typename T>
void add_unique(std::vector<T>& list, T value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

std::string written_date(std::string_view compact) {
  const auto date = parse_date(compact);
  return date ? date->iso() : std::string(compact);
}

struct Gathered {
  // By (type, value): flags are those that every place agrees on; a label from anywhere.
  std::map<std::pair<IdentifierType, std::string>, std::pair<std::uint8_t, std::string>>
      identifiers;
  std::vector<Date> births;  // real ones, own
};

void take_identifier(const Fact& fact, Gathered& gathered) {
  const auto key = std::pair(static_cast<IdentifierType>(fact.sub), std::string(fact.parts[0]));
  const auto [at, added] =
      gathered.identifiers.try_emplace(key, fact.flags, std::string(fact.parts[2]));
  if (added) return;
  at->second.first &= fact.flags;
  if (at->second.second.empty() || (!fact.parts[2].empty() && fact.parts[2] < at->second.second)) {
    at->second.second = std::string(fact.parts[2]);
  }
}

void take_address(const Fact& fact, Person& person) {
  PersonAddress address;
  for (std::size_t i = 0; i < 2; ++i) {
    if (!fact.parts[i].empty()) address.lines.emplace_back(fact.parts[i]);
  }
  address.city = std::string(fact.parts[2]);
  address.state = std::string(fact.parts[3]);
  address.postal_code = std::string(fact.parts[4]);
  add_unique(person.addresses, std::move(address));
}

void take_fact(const Fact& fact, Person& person, Gathered& gathered) {
  switch (fact.kind) {
    case FactKind::kName:
    case FactKind::kOtherName:
      add_unique(person.names, PersonName{std::string(fact.parts[1]), std::string(fact.parts[2]),
                                          std::string(fact.parts[0]), std::string(fact.parts[3])});
      break;
    case FactKind::kBirthDate:
    case FactKind::kOtherBirthDate: {
      add_unique(person.dates_of_birth, written_date(fact.parts[0]));
      const auto date = parse_date(fact.parts[0]);
      if (date && !is_placeholder(*date) && fact.kind == FactKind::kBirthDate)
        gathered.births.push_back(*date);
      break;
    }
    case FactKind::kDeathDate:
      person.deceased = true;
      break;
    case FactKind::kIdentifier:
      take_identifier(fact, gathered);
      break;
    case FactKind::kAddress:
      take_address(fact, person);
      break;
    case FactKind::kPhone:
      add_unique(person.phones, std::string(fact.parts[0]));
      break;
    case FactKind::kEmail:
      add_unique(person.emails, std::string(fact.parts[0]));
      break;
  }
}

void settle_identifiers(const Gathered& gathered, Person& person) {
  for (const auto& [key, detail] : gathered.identifiers) {
    PersonIdentifier identifier{.type = key.first, .value = key.second, .label = detail.second};
    for (const FlagWord& flag : kFlagWords) {
      if ((detail.first & flag.flag) != 0) identifier.flags.emplace_back(flag.word);
    }
    person.identifiers.push_back(std::move(identifier));
  }
}

Identifiable identifiable_of(const Person& person) {
  const bool named =
      std::any_of(person.names.begin(), person.names.end(),
                  [](const PersonName& name) { return !name.last.empty() || !name.first.empty(); });
  if (named) return Identifiable::kNamed;
  const bool numbered =
      std::any_of(person.identifiers.begin(), person.identifiers.end(),
                  [](const PersonIdentifier& id) { return id.type != IdentifierType::kPseudonym; });
  return numbered ? Identifiable::kNumberOnly : Identifiable::kPseudonymous;
}

std::string address_status_of(const Person& person) {
  if (person.addresses.empty()) return "missing";
  const bool good = std::any_of(person.addresses.begin(), person.addresses.end(),
                                [](const PersonAddress& address) {
                                  return !address.lines.empty() && !address.city.empty() &&
                                         (!address.postal_code.empty() || !address.state.empty());
                                });
  return good ? "good" : "incomplete";
}

// How sure it is that a file's elements are this person's, by what ties the rows to them. To be
// calibrated on a labelled corpus.
double confidence_of(const Person& person) {
  const bool birth = !person.dates_of_birth.empty();
  const bool key = std::any_of(
      person.identifiers.begin(), person.identifiers.end(), [](const PersonIdentifier& id) {
        return id.type != IdentifierType::kAccountNumber && id.type != IdentifierType::kBankAccount;
      });
  switch (person.identifiable) {
    case Identifiable::kNamed:
      return birth || key ? 0.99 : 0.95;
    case Identifiable::kNumberOnly:
      return 0.97;
    case Identifiable::kPseudonymous:
      return 0.9;
  }
  return 0.9;
}

void take_evidence(const PersonTable& table, std::uint32_t row, FileExposure& exposure) {
  for (const Evidence& place : table.evidence(row)) {
    exposure.evidence.push_back(
        {place.element, place.offset, place.length, table.places()[place.where]});
  }
}

// The first three places of each element, in the order of the file.
void settle_evidence(FileExposure& exposure) {
  std::sort(exposure.evidence.begin(), exposure.evidence.end(),
            [](const PersonEvidence& a, const PersonEvidence& b) {
              return std::tie(a.element, a.offset, a.where) <
                     std::tie(b.element, b.offset, b.where);
            });
  unsigned count = 0;
  std::optional<Element> last;
  std::erase_if(exposure.evidence, [&](const PersonEvidence& place) {
    count = last == place.element ? count + 1 : 1;
    last = place.element;
    return count > PersonTable::kEvidencePerElement;
  });
}

}  // namespace

Person build_person(const std::vector<NamedFindings>& files, const std::vector<RowRef>& rows,
                    const ResolveOptions& options) {
  Person person;
  Gathered gathered;
  person.role = files[rows.front().file].findings.persons.row(rows.front().row).role;
  for (const RowRef& ref : rows) {
    const PersonTable& table = files[ref.file].findings.persons;
    const PersonTable::Row& row = table.row(ref.row);
    if (role_rank(row.role) > role_rank(person.role)) person.role = row.role;
    person.elements.add(row.elements);
    person.possible.add(row.possible);
    person.masked.add(row.masked);
    person.sensitive |= row.sensitive;
    Fact fact;
    for (FactReader facts(table.facts(ref.row)); facts.next(fact);)
      take_fact(fact, person, gathered);
    if (person.exposures.empty() || person.exposures.back().file != ref.file) {
      person.exposures.push_back({.file = ref.file, .first_offset = row.first_offset});
    }
    FileExposure& exposure = person.exposures.back();
    exposure.elements.add(row.elements);
    exposure.records += row.records;
    exposure.first_offset = std::min(exposure.first_offset, row.first_offset);
    take_evidence(table, ref.row, exposure);
  }
  person.possible.remove(person.elements);
  person.masked.remove(person.elements);
  std::sort(person.names.begin(), person.names.end());
  std::sort(person.dates_of_birth.begin(), person.dates_of_birth.end());
  std::sort(person.addresses.begin(), person.addresses.end());
  std::sort(person.phones.begin(), person.phones.end());
  std::sort(person.emails.begin(), person.emails.end());
  settle_identifiers(gathered, person);
  person.identifiable = identifiable_of(person);
  person.address_status = address_status_of(person);
  const auto as_of = parse_date(options.as_of);
  if (as_of && !gathered.births.empty()) {
    const Date birth = *std::min_element(gathered.births.begin(), gathered.births.end());
    if (birth <= *as_of && age_on(birth, *as_of) < 18) person.minor_on = options.as_of;
  }
  for (FileExposure& exposure : person.exposures) {
    exposure.confidence = confidence_of(person);
    settle_evidence(exposure);
  }
  return person;
}

std::string anchor_of(const Person& person, const std::string& file) {
  std::string first, last, birth;
  for (const PersonName& name : person.names) {
    const std::string normal = normal_name(name.first) + "|" + normal_name(name.last);
    if (first.empty() || normal < first) first = normal;
  }
  if (!person.dates_of_birth.empty()) birth = person.dates_of_birth.front();
  const std::string role = person.role == Role::kProvider ? "provider" : "person";
  const std::string who = fmt::format("{}|{}|{}", role, first, birth);
  const auto placeholder = parse_date(birth);
  const bool birth_counts = placeholder && !is_placeholder(*placeholder);
  if (!first.empty() && birth_counts) return who;
  // identifiers are sorted by type, the surest first
  for (const PersonIdentifier& id : person.identifiers) {
    if (id.type == IdentifierType::kAccountNumber || id.type == IdentifierType::kBankAccount)
      continue;
    return fmt::format("{}|{}|{}", who, to_string(id.type), id.value);
  }
  // Nobody else can be told from them: the place itself.
  return fmt::format("{}|{}|{}", who, file, person.exposures.front().first_offset);
}

std::string person_id(const std::string& anchor) {
  const crypto::Sha256 digest = crypto::sha256(as_bytes(anchor));
  return "p-" + to_hex(ByteView(digest).first(16));
}

}  // namespace bulkhead::exposure
