#include "exposure/resolve/person_builder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "exposure/resolve/name_match.h"

namespace bulkhead::exposure {
namespace {

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
void sort_unique(std::vector<T>& list) {
  if (list.size() < 2) return;
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
}

AddressView address_of(const Fact& fact) {
  AddressView address{.city = fact.parts[2], .state = fact.parts[3], .postal_code = fact.parts[4]};
  std::size_t lines = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    if (!fact.parts[i].empty()) address.lines[lines++] = fact.parts[i];
  }
  return address;
}

Identifiable identifiable_of(const PersonView& person) {
  const bool named =
      std::any_of(person.names.begin(), person.names.end(),
                  [](const NameView& name) { return !name.last.empty() || !name.first.empty(); });
  if (named) return Identifiable::kNamed;
  const bool numbered =
      std::any_of(person.identifiers.begin(), person.identifiers.end(),
                  [](const IdentifierView& id) { return id.type != IdentifierType::kPseudonym; });
  return numbered ? Identifiable::kNumberOnly : Identifiable::kPseudonymous;
}

std::string_view address_status_of(const PersonView& person) {
  if (person.addresses.empty()) return "missing";
  const bool good =
      std::any_of(person.addresses.begin(), person.addresses.end(), [](const AddressView& address) {
        return !address.lines[0].empty() && !address.city.empty() &&
               (!address.postal_code.empty() || !address.state.empty());
      });
  return good ? "good" : "incomplete";
}

bool is_own_account(IdentifierType type) {
  return type == IdentifierType::kAccountNumber || type == IdentifierType::kBankAccount;
}

// How sure it is that a file's elements are this person's, by what ties the rows to them. To be
// calibrated on a labelled corpus.
double confidence_of(const PersonView& person) {
  const bool birth = !person.dates_of_birth.empty();
  const bool key = std::any_of(person.identifiers.begin(), person.identifiers.end(),
                               [](const IdentifierView& id) { return !is_own_account(id.type); });
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

}  // namespace

void PersonBuilder::take_fact(const Fact& fact, What what) {
  switch (fact.kind) {
    case FactKind::kName:
    case FactKind::kOtherName:
      ((fact.flags & kFactNotAKey) == 0 ? person_.names : shown_names_)
          .push_back({fact.parts[1], fact.parts[2], fact.parts[0], fact.parts[3]});
      break;
    case FactKind::kBirthDate:
    case FactKind::kOtherBirthDate: {
      person_.dates_of_birth.emplace_back(fact.parts[0]);
      const bool own = fact.kind == FactKind::kBirthDate && what != What::kWhoOnly;
      if (own && person_.dates_of_birth.back().counts())
        births_.push_back(*parse_date(fact.parts[0]));
      break;
    }
    case FactKind::kDeathDate:
      person_.deceased = true;
      break;
    case FactKind::kIdentifier:
      person_.identifiers.push_back(
          {static_cast<IdentifierType>(fact.sub), fact.parts[0], fact.parts[2], fact.flags});
      break;
    case FactKind::kAddress:
      if (what != What::kWhoOnly) person_.addresses.push_back(address_of(fact));
      break;
    case FactKind::kPhone:
      person_.phones.push_back(fact.parts[0]);
      break;
    case FactKind::kEmail:
      person_.emails.push_back(fact.parts[0]);
      break;
  }
}

void PersonBuilder::take_row(const RowRef& ref, What what) {
  const PersonTable& table = files_[ref.file].findings.persons;
  const PersonTable::Row& row = table.row(ref.row);
  if (role_rank(row.role) > role_rank(person_.role)) person_.role = row.role;
  person_.elements.add(row.elements);
  person_.possible.add(row.possible);
  person_.masked.add(row.masked);
  person_.sensitive |= row.sensitive;
  Fact fact;
  for (FactReader facts(table.facts(ref.row)); facts.next(fact);)
    take_fact(fact, what);
  std::vector<ExposureView>& exposures = person_.exposures;
  if (exposures.empty() || exposures.back().file != ref.file) {
    exposures.push_back({.file = ref.file,
                         .first_offset = row.first_offset,
                         .evidence_from = person_.evidence.size()});
  }
  ExposureView& exposure = exposures.back();
  exposure.elements.add(row.elements);
  exposure.records += row.records;
  exposure.first_offset = std::min(exposure.first_offset, row.first_offset);
  if (what == What::kAll) {
    table.each_evidence(ref.row, [&](const Evidence& place) {
      person_.evidence.push_back({place, table.places()[place.where]});
    });
  }
  exposure.evidence_to = person_.evidence.size();
}

PersonView& PersonBuilder::build(std::span<const RowRef> rows, What what) {
  person_.clear();
  births_.clear();
  shown_names_.clear();
  const RowRef& front = rows.front();
  person_.role = files_[front.file].findings.persons.row(front.row).role;
  for (const RowRef& ref : rows)
    take_row(ref, what);
  settle_who();
  if (what != What::kWhoOnly) settle_rest();
  return person_;
}

void PersonBuilder::settle_who() {
  person_.possible.remove(person_.elements);
  person_.masked.remove(person_.elements);
  if (person_.names.empty()) person_.names = shown_names_;
  sort_unique(person_.names);
  std::vector<DateView>& dates = person_.dates_of_birth;
  if (dates.size() > 1) {
    std::sort(dates.begin(), dates.end(),
              [](const DateView& a, const DateView& b) { return a.text() < b.text(); });
    const auto same = [](const DateView& a, const DateView& b) { return a.text() == b.text(); };
    dates.erase(std::unique(dates.begin(), dates.end(), same), dates.end());
  }
  settle_identifiers();
  person_.identifiable = identifiable_of(person_);
}

// Each (type, value) once: flags are those that every place agrees on; the first label of them all,
// whatever the order.
void PersonBuilder::settle_identifiers() {
  std::vector<IdentifierView>& list = person_.identifiers;
  if (list.size() < 2) return;
  std::sort(list.begin(), list.end(), [](const IdentifierView& a, const IdentifierView& b) {
    return std::tie(a.type, a.value) < std::tie(b.type, b.value);
  });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < list.size(); ++i) {
    IdentifierView& into = list[kept];
    const IdentifierView& from = list[i];
    if (from.type != into.type || from.value != into.value) {
      list[++kept] = from;
      continue;
    }
    into.flags &= from.flags;
    if (into.label.empty() || (!from.label.empty() && from.label < into.label))
      into.label = from.label;
  }
  list.resize(kept + 1);
}

void PersonBuilder::settle_rest() {
  sort_unique(person_.addresses);
  sort_unique(person_.phones);
  sort_unique(person_.emails);
  person_.address_status = address_status_of(person_);
  person_.confidence = confidence_of(person_);
  if (as_of_ && !births_.empty()) {
    const Date birth = *std::min_element(births_.begin(), births_.end());
    if (birth <= *as_of_ && age_on(birth, *as_of_) < 18) person_.minor_on = as_of_text_;
  }
  for (ExposureView& exposure : person_.exposures)
    settle_evidence(exposure);
}

// The first three places of each element, in the order of the file.
void PersonBuilder::settle_evidence(ExposureView& exposure) {
  const auto begin = person_.evidence.begin() + static_cast<std::ptrdiff_t>(exposure.evidence_from);
  const auto end = person_.evidence.begin() + static_cast<std::ptrdiff_t>(exposure.evidence_to);
  std::sort(begin, end, [](const EvidenceView& a, const EvidenceView& b) {
    return std::tie(a.place.element, a.place.offset, a.where) <
           std::tie(b.place.element, b.place.offset, b.where);
  });
  unsigned count = 0;
  std::optional<Element> last;
  const auto kept = std::remove_if(begin, end, [&](const EvidenceView& evidence) {
    count = last == evidence.place.element ? count + 1 : 1;
    last = evidence.place.element;
    return count > PersonTable::kEvidencePerElement;
  });
  exposure.evidence_to = static_cast<std::size_t>(kept - person_.evidence.begin());
}

void PersonBuilder::write_anchor() {
  first_.clear();
  for (const NameView& name : person_.names) {
    normal_.clear();
    append_normal_name(name.first, normal_);
    normal_.push_back('|');
    append_normal_name(name.last, normal_);
    if (first_.empty() || normal_ < first_) first_ = normal_;
  }
  anchor_ = person_.role == Role::kProvider ? "provider|" : "person|";
  anchor_ += first_;
  anchor_ += '|';
  bool birth_counts = false;
  if (!person_.dates_of_birth.empty()) {
    anchor_ += person_.dates_of_birth.front().text();
    birth_counts = person_.dates_of_birth.front().counts();
  }
  if (!first_.empty() && birth_counts) return;
  // identifiers are sorted by type, the surest first
  for (const IdentifierView& id : person_.identifiers) {
    if (is_own_account(id.type)) continue;
    anchor_ += fmt::format("|{}|{}", to_string(id.type), id.value);
    return;
  }
  // Nobody else can be told from them: the place itself.
  const ExposureView& place = person_.exposures.front();
  anchor_ += fmt::format("|{}|{}", files_[place.file].file, place.first_offset);
}

PersonDigest PersonBuilder::digest(bool told_apart) {
  write_anchor();
  if (told_apart) {
    for (const IdentifierView& id : person_.identifiers)
      anchor_ += fmt::format("|{}|{}", to_string(id.type), id.value);
    const ExposureView& place = person_.exposures.front();
    anchor_ += fmt::format("|{}|{}", files_[place.file].file, place.first_offset);
  }
  const crypto::Sha256 whole = crypto::sha256(as_bytes(anchor_));
  PersonDigest digest;
  std::copy_n(whole.begin(), digest.size(), digest.begin());
  return digest;
}

void write_person_id(const PersonDigest& digest, char* to) {
  static constexpr char kDigits[] = "0123456789abcdef";
  *to++ = 'p';
  *to++ = '-';
  for (const Byte byte : digest) {
    *to++ = kDigits[byte >> 4];
    *to++ = kDigits[byte & 15];
  }
}

}  // namespace bulkhead::exposure
