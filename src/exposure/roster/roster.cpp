#include "exposure/roster/roster.h"

#include <fmt/format.h>

#include <algorithm>

#include "exposure/detect/dates.h"
#include "exposure/detect/hash.h"
#include "exposure/output/person_lines.h"
#include "exposure/output/writers.h"
#include "exposure/resolve/name_match.h"
#include "exposure/resolve/resolved_persons.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint64_t kSeed = 0x726F73746572ULL;
constexpr std::size_t kBlockBytes = 1024 * 1024;

// Numbers that stand for one person wherever they turn up.
bool tells(const IdentifierView& id) {
  if ((id.flags & (kFactSpecimen | kFactNotAKey)) != 0) return false;
  return id.type == IdentifierType::kSsn || id.type == IdentifierType::kItin ||
         id.type == IdentifierType::kMemberId || id.type == IdentifierType::kMedicareId;
}

// Spreadsheets lose leading zeros.
std::uint64_t number_hash(const IdentifierView& id) {
  std::string_view value = id.value;
  const bool digits =
      std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
  while (digits && value.size() > 1 && value.front() == '0')
    value.remove_prefix(1);
  return hash_bytes(value, kSeed + static_cast<std::uint64_t>(id.type));
}

std::optional<std::uint64_t> birth_hash(const NameView& name, const DateView& born) {
  if (!born.counts() || name.first.empty() || name.last.empty()) return std::nullopt;
  std::string key;
  append_normal_name(name.last, key);
  key += '|';
  append_normal_name(name.first, key);
  key += '|';
  key += born.text();
  return hash_bytes(key, kSeed);
}

bool can_be_reached(const AddressView& address) {
  return !address.lines[0].empty() && !address.city.empty() &&
         (!address.state.empty() || !address.postal_code.empty());
}

bool is_named(const NameView& name) {
  return !name.first.empty() || !name.last.empty();
}

bool has_name(const PersonView& person) {
  return std::any_of(person.names.begin(), person.names.end(), is_named);
}

}  // namespace

Roster::Roster(NamedFindings file, const ResolveOptions& options) : file_(file.file) {
  std::vector<NamedFindings> files;
  files.push_back(std::move(file));
  resolution_ =
      std::make_unique<Resolution>(std::move(files), std::vector<UnreadFile>(),
                                   ResolveOptions{.as_of = options.as_of, .jobs = options.jobs});
  const ResolvedPersons& resolved = resolution_->resolved();
  PersonBuilder builder = resolved.builder();
  for (std::uint32_t place = 0; place < resolved.size(); ++place) {
    const PersonView& person = resolved.build(place, builder);
    if (person.role != Role::kMember) continue;
    const auto number = static_cast<std::uint32_t>(persons_.size());
    Entry entry{.deceased = person.deceased, .place = place};
    const auto name = std::find_if(person.names.begin(), person.names.end(), is_named);
    if (name != person.names.end()) entry.name = *name;
    const auto address =
        std::find_if(person.addresses.begin(), person.addresses.end(), can_be_reached);
    entry.has_address = address != person.addresses.end();
    if (entry.has_address) entry.address = *address;
    for (const DateView& born : person.dates_of_birth) {
      if (entry.born.empty() && born.counts()) entry.born = born.written();
      for (const NameView& one : person.names) {
        if (const auto hash = birth_hash(one, born)) births_.emplace_back(*hash, number);
      }
    }
    for (const IdentifierView& id : person.identifiers) {
      if (tells(id)) numbers_.emplace_back(number_hash(id), number);
    }
    persons_.push_back(entry);
  }
  for (auto* keys : {&numbers_, &births_}) {
    std::sort(keys->begin(), keys->end());
    keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
  }
}

Roster::~Roster() = default;

Result<std::shared_ptr<const Roster>> Roster::create(NamedFindings file,
                                                     const ResolveOptions& options) {
  const std::string name = file.file;
  const std::string format = file.findings.report.format;
  std::shared_ptr<const Roster> roster(new Roster(std::move(file), options));
  if (roster->numbers_.empty() && roster->births_.empty())
    return fail(ErrorCode::kMalformed,
                fmt::format("{}: is no roster: nobody in it has a number, or a name with a birth "
                            "date (it was read as {})",
                            name, format));
  return roster;
}

bool Roster::contradicts(const Entry& entry, const PersonView& person) const {
  const DateView born(entry.born);
  bool any = false, same = false;
  for (const DateView& other : person.dates_of_birth) {
    if (!other.counts()) continue;
    any = true;
    same = same || other.text() == born.text();
  }
  if (!entry.born.empty() && any && !same) return true;
  if (entry.name.first.empty()) return false;
  std::string own, other;
  append_normal_name(entry.name.first, own);
  bool named = false;
  for (const NameView& name : person.names) {
    if (name.first.empty()) continue;
    named = true;
    other.clear();
    append_normal_name(name.first, other);
    if (match_first_names(own, other) != NameMatch::kContradicts) return false;
  }
  return named;
}

// Of the persons with this key, the one that fits.
std::optional<std::uint32_t> Roster::only_one(std::uint64_t hash, const PersonView& person,
                                              const std::vector<Key>& keys,
                                              bool& contradicted) const {
  std::optional<std::uint32_t> found;
  for (auto at = std::lower_bound(keys.begin(), keys.end(), Key{hash, 0});
       at != keys.end() && at->first == hash; ++at) {
    if (contradicts(persons_[at->second], person)) {
      contradicted = true;
      continue;
    }
    if (found && *found != at->second) return kNone;
    found = at->second;
  }
  return found;
}

Roster::Match Roster::find(const PersonView& person) const {
  Match match;
  if (person.role == Role::kProvider) return match;
  for (const IdentifierView& id : person.identifiers) {
    if (!tells(id)) continue;
    const auto found = only_one(number_hash(id), person, numbers_, match.contradicted);
    if (!found) continue;
    // Two numbers that lead to two people lead to nobody.
    if (*found == kNone || (match.person != kNone && match.person != *found))
      return {.contradicted = match.contradicted};
    match.person = *found;
  }
  if (match.person != kNone) return match;
  for (const NameView& name : person.names) {
    for (const DateView& born : person.dates_of_birth) {
      const auto hash = birth_hash(name, born);
      bool ignored = false;
      const auto found = hash ? only_one(*hash, person, births_, ignored) : std::nullopt;
      if (found && *found != kNone) {
        match.person = *found;
        return match;
      }
    }
  }
  return match;
}

void Roster::give(std::uint32_t index, std::string_view as_of, PersonView& person) const {
  const Entry& entry = persons_[index];
  if (!has_name(person) && is_named(entry.name)) {
    person.names.assign(1, entry.name);
    person.identifiable = Identifiable::kNamed;
    person.from_roster |= kRosterGaveName;
  }
  const bool has_birth = std::any_of(person.dates_of_birth.begin(), person.dates_of_birth.end(),
                                     [](const DateView& date) { return date.counts(); });
  if (!has_birth && !entry.born.empty()) {
    person.dates_of_birth.assign(1, DateView(entry.born));
    person.from_roster |= kRosterGaveBirthDate;
    const auto birth = parse_date(entry.born), on = parse_date(as_of);
    if (birth && on && *birth <= *on && age_on(*birth, *on) < 18) person.minor_on = as_of;
  }
  if (entry.has_address &&
      (person.addresses.empty() || person.addresses.front() != entry.address)) {
    std::erase(person.addresses, entry.address);
    person.addresses.insert(person.addresses.begin(), entry.address);
    person.address_status = "good";
    person.from_roster |= kRosterGaveAddress;
  }
  if (entry.deceased && !person.deceased) {
    person.deceased = true;
    person.from_roster |= kRosterGaveDeath;
  }
}

Status Roster::write(const std::vector<bool>& wanted, const std::string& path) const {
  PersonBuilder builder = resolution_->resolved().builder();
  PersonLines lines(resolution_->totals().files);
  std::size_t next = 0;
  return write_output(path, [&](const ByteSink& sink) -> Status {
    while (next < persons_.size()) {
      LineBuffer block(kBlockBytes);
      for (; next < persons_.size() && block.size() < kBlockBytes; ++next) {
        if (!wanted[next]) continue;
        PersonView person = resolution_->resolved().build(persons_[next].place, builder);
        person.elements = person.possible = person.masked = {};
        person.identifiers.clear();
        person.sensitive = 0;
        person.related_to.clear();
        person.exposures.clear();
        person.enrolled_only = true;
        lines.put(person, block);
      }
      BH_CHECK(sink(block.bytes()));
    }
    return {};
  });
}

}  // namespace bulkhead::exposure
