#include "exposure/resolve/resolved_persons.h"

#include <algorithm>
#include <bit>
#include <numeric>

#include "exposure/in_order.h"
#include "exposure/resolve/clusters.h"
#include "exposure/resolve/radix_sort.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kChunk = 16 * 1024;  // persons that a thread does at a time

// Elements of one person, counted by element.
void count(ElementSet set, std::uint64_t (&counts)[kElementCount]) {
  for (std::uint32_t bits = set.bits(); bits != 0; bits &= bits - 1)
    ++counts[std::countr_zero(bits)];
}

// As the letters will see it: the first address that names a state is where somebody lives.
std::size_t residence(const PersonView& person) {
  for (const AddressView& address : person.addresses) {
    const std::size_t place = place_of_state(address.state);
    if (place != kUnknownPlace) return place;
  }
  return kUnknownPlace;
}

void add_circumstances(const PersonView& person, Circumstances& totals) {
  ++totals.by_place[residence(person)];
  const bool born = std::any_of(person.dates_of_birth.begin(), person.dates_of_birth.end(),
                                [](const DateView& date) { return date.counts(); });
  totals.minors += person.minor_on.empty() ? 0 : 1;
  totals.age_unknown += born ? 0 : 1;
  totals.deceased += person.deceased ? 1 : 0;
  const bool to_write_to = person.identifiable == Identifiable::kNamed && !person.deceased;
  totals.without_address += to_write_to && person.address_status != "good" ? 1 : 0;
}

void add_circumstances(const Circumstances& part, Circumstances& totals) {
  for (std::size_t place = 0; place < kPlaceCount; ++place)
    totals.by_place[place] += part.by_place[place];
  totals.minors += part.minors;
  totals.age_unknown += part.age_unknown;
  totals.deceased += part.deceased;
  totals.without_address += part.without_address;
}

void add_person(const PersonView& person, Exposure& totals) {
  const auto role = static_cast<std::size_t>(person.role);
  ++totals.roles[role].count;
  add_circumstances(person, totals.circumstances[role]);
  if (person.role == Role::kMember)
    ++totals.identifiable[static_cast<std::size_t>(person.identifiable)];
  count(person.elements, totals.found_persons);
  count(person.elements, totals.found_by_role[role]);
  count(person.possible, totals.possible);
  count(person.masked, totals.masked);
  for (const ExposureView& place : person.exposures) {
    ++totals.files[place.file].persons[role];
    totals.files[place.file].elements.add(place.elements);
  }
}

// A member, as the letters will see them.
void count_roster(const PersonView& person, std::uint32_t on_roster, RosterTotals& totals) {
  const bool named = person.identifiable == Identifiable::kNamed;
  if (on_roster != Roster::kNone)
    ++totals.on_roster;
  else
    ++(named ? totals.named_not_on_roster : totals.unnamed_not_on_roster);
  if ((person.from_roster & kRosterGaveName) != 0) ++totals.named_by_roster;
  if (!named) return;
  if (person.deceased)
    ++totals.deceased;
  else
    ++(person.address_status == "good" ? totals.by_letter : totals.without_address);
}

// What persons of a part of them add to all.
void add_totals(const Exposure& part, Exposure& totals) {
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    totals.roles[role].count += part.roles[role].count;
    add_circumstances(part.circumstances[role], totals.circumstances[role]);
    for (std::size_t e = 0; e < kElementCount; ++e)
      totals.found_by_role[role][e] += part.found_by_role[role][e];
  }
  for (std::size_t i = 0; i < std::size(totals.identifiable); ++i)
    totals.identifiable[i] += part.identifiable[i];
  for (std::size_t e = 0; e < kElementCount; ++e) {
    totals.found_persons[e] += part.found_persons[e];
    totals.possible[e] += part.possible[e];
    totals.masked[e] += part.masked[e];
  }
  const auto add = [&](std::uint64_t RosterTotals::* number) {
    totals.roster.*number += part.roster.*number;
  };
  for (const auto number : {&RosterTotals::on_roster, &RosterTotals::named_not_on_roster,
                            &RosterTotals::unnamed_not_on_roster, &RosterTotals::named_by_roster,
                            &RosterTotals::contradicted, &RosterTotals::by_letter,
                            &RosterTotals::without_address, &RosterTotals::deceased})
    add(number);
  for (std::size_t file = 0; file < part.files.size(); ++file) {
    for (std::size_t role = 0; role < kRoleCount; ++role)
      totals.files[file].persons[role] += part.files[file].persons[role];
    totals.files[file].elements.add(part.files[file].elements);
  }
}

std::uint64_t big_endian(const PersonDigest& digest, std::size_t at) {
  return load_be<std::uint64_t>(digest.data() + at);
}

}  // namespace

ResolvedPersons::ResolvedPersons(std::vector<NamedFindings> files, const ResolveOptions& options,
                                 Exposure& totals)
    : files_(std::move(files)), options_(options) {
  options_.jobs = std::clamp(options_.jobs, 1U, 256U);
  totals.as_of = options_.as_of;
  Clusters clusters(files_, options_.jobs);
  clusters.resolve();
  group_rows(clusters);
  if (options_.corrections || options_.roster) amend(totals);
  std::vector<Role> roles;
  const std::vector<Id> ids = settle_ids(totals, roles);
  bound(totals, clusters, roles);
  relate(ids);
}

void ResolvedPersons::group_rows(Clusters& clusters) {
  std::size_t rows = 0;
  for (const NamedFindings& file : files_) {
    file_from_.push_back(rows);
    rows += file.findings.persons.size();
  }
  person_of_.assign(rows, PersonTable::kNone);
  const std::vector<Mention>& mentions = clusters.mentions();
  std::vector<std::uint32_t> by_root(mentions.size(), PersonTable::kNone);
  rows_from_.push_back(0);
  for (std::uint32_t i = 0; i < mentions.size(); ++i) {
    if (mentions[i].other_name) continue;
    std::uint32_t& person = by_root[clusters.root(i)];
    if (person == PersonTable::kNone) {
      person = static_cast<std::uint32_t>(rows_from_.size() - 1);
      rows_from_.push_back(0);
    }
    ++rows_from_[person + 1];
    person_of_[file_from_[mentions[i].file] + mentions[i].row] = person;
  }
  std::partial_sum(rows_from_.begin(), rows_from_.end(), rows_from_.begin());
  std::vector<std::size_t> next(rows_from_.begin(), rows_from_.end() - 1);
  rows_.resize(rows);
  for (std::uint32_t file = 0; file < files_.size(); ++file) {
    for (std::uint32_t row = 0; row < files_[file].findings.persons.size(); ++row)
      rows_[next[person_of(file, row)]++] = {file, row};
  }
}

std::vector<ResolvedPersons::Id> ResolvedPersons::anchors(Exposure& totals,
                                                          std::vector<Role>& roles) {
  const std::size_t persons = rows_from_.size() - 1;
  std::vector<Id> ids(persons);
  roles.resize(persons);
  roster_of_.assign(options_.roster ? persons : 0, Roster::kNone);
  std::vector<PersonBuilder> builders(options_.jobs, builder());
  const auto make = [&](unsigned worker, std::size_t chunk) {
    Exposure part;
    part.files.resize(totals.files.size());
    const std::size_t end = std::min(persons, (chunk + 1) * kChunk);
    for (std::size_t i = chunk * kChunk; i < end; ++i) {
      const auto number = static_cast<std::uint32_t>(i);
      PersonView& person =
          builders[worker].build(rows_of(number), PersonBuilder::What::kAllButPlaces);
      const PersonDigest digest = builders[worker].digest(false);
      ids[i] = {big_endian(digest, 0), big_endian(digest, 8), number};
      if (options_.roster) add_roster(number, person, part.roster);
      if (const auto patch = patches_.find(number); patch != patches_.end())
        patch->second.apply(person);
      if (options_.roster && person.role == Role::kMember)
        count_roster(person, roster_of_[i], part.roster);
      roles[i] = person.role;
      add_person(person, part);
    }
    return part;
  };
  in_order<Exposure>(options_.jobs, (persons + kChunk - 1) / kChunk, make, [&](Exposure part) {
    add_totals(part, totals);
    return true;
  });
  return ids;
}

// Ids are settled together: two persons with one anchor are told apart by the place where they
// stand first.
std::vector<ResolvedPersons::Id> ResolvedPersons::settle_ids(Exposure& totals,
                                                             std::vector<Role>& roles) {
  std::vector<Id> ids = anchors(totals, roles);
  const std::size_t persons = ids.size();
  PersonBuilder with = builder();
  const auto hash = [](const Id& id) { return id.high; };
  std::vector<Id> spare;
  radix_sort(ids, spare, hash, std::less<Id>());
  tell_apart(ids, with);
  radix_sort(ids, spare, hash, std::less<Id>());
  order_.resize(persons);
  ids_.resize(persons);
  for (std::size_t i = 0; i < persons; ++i) {
    order_[i] = ids[i].person;
    store_be(ids_[i].data(), ids[i].high);
    store_be(ids_[i].data() + 8, ids[i].low);
  }
  return ids;
}

// `ids` are sorted: equal ones stand together.
void ResolvedPersons::tell_apart(std::vector<Id>& ids, PersonBuilder& with) const {
  const auto equal = [&](std::size_t a, std::size_t b) {
    return ids[a].high == ids[b].high && ids[a].low == ids[b].low;
  };
  for (std::size_t at = 0; at < ids.size();) {
    std::size_t end = at + 1;
    while (end < ids.size() && equal(at, end))
      ++end;
    for (std::size_t i = at; end - at > 1 && i < end; ++i) {
      with.build(rows_of(ids[i].person), PersonBuilder::What::kWhoOnly);
      const PersonDigest digest = with.digest(true);
      ids[i].high = big_endian(digest, 0);
      ids[i].low = big_endian(digest, 8);
    }
    at = end;
  }
}

void ResolvedPersons::relate(const std::vector<Id>& ids) {
  std::vector<std::uint32_t> place_of(ids.size());
  for (std::uint32_t i = 0; i < ids.size(); ++i)
    place_of[ids[i].person] = i;
  for (std::uint32_t file = 0; file < files_.size(); ++file) {
    for (const auto& [row, to] : files_[file].findings.persons.relations()) {
      const std::uint32_t a = person_of(file, row);
      const std::uint32_t b = person_of(file, to);
      if (a == PersonTable::kNone || b == PersonTable::kNone) continue;
      if (a != b) relations_.emplace_back(place_of[a], place_of[b]);
    }
  }
  for (const auto& [person, guardian] : guardians_)
    relations_.emplace_back(place_of[person], place_of[guardian]);
  std::sort(relations_.begin(), relations_.end());
  const auto same = [&](const auto& a, const auto& b) {
    return a.first == b.first && ids_[a.second] == ids_[b.second];
  };
  relations_.erase(std::unique(relations_.begin(), relations_.end(), same), relations_.end());
}

void ResolvedPersons::bound(Exposure& totals, Clusters& clusters,
                            const std::vector<Role>& roles) const {
  // Merging every doubtful pair: how many persons of each role disappear.
  std::vector<std::uint32_t> parent(roles.size());
  std::iota(parent.begin(), parent.end(), 0U);
  const auto find = [&](std::uint32_t i) {
    while (parent[i] != i)
      i = parent[i] = parent[parent[i]];
    return i;
  };
  for (std::size_t role = 0; role < kRoleCount; ++role) {
    RoleTotals& of_role = totals.roles[role];
    of_role.lower = of_role.count;
    of_role.upper = of_role.count + clusters.doubtful_merges(static_cast<Role>(role));
    if (static_cast<Role>(role) == Role::kMember) of_role.upper += totals.roster.merged;
  }
  const auto person_of_mention = [&](std::uint32_t mention) {
    const Mention& m = clusters.mentions()[mention];
    return person_of(m.file, m.row);
  };
  for (const auto& [a, b] : clusters.ambiguous()) {
    const std::uint32_t one = person_of_mention(a);
    const std::uint32_t other = person_of_mention(b);
    // Settled by a correction.
    if (one == other || one == PersonTable::kNone || other == PersonTable::kNone) continue;
    const std::uint32_t x = find(one);
    const std::uint32_t y = find(other);
    ++totals.ambiguous_pairs;
    if (x == y) continue;
    parent[std::max(x, y)] = std::min(x, y);
    --totals.roles[static_cast<std::size_t>(roles[std::max(x, y)])].lower;
  }
}

void ResolvedPersons::prefetch_behind(std::size_t index) const {
  constexpr std::size_t kRefs = 24, kRows = 16, kFacts = 8;  // persons ahead
  const auto table_of = [&](const RowRef& ref) -> const PersonTable& {
    return files_[ref.file].findings.persons;
  };
  if (index + kRefs >= order_.size()) return;
  __builtin_prefetch(&rows_[rows_from_[order_[index + kRefs]]]);
  for (const RowRef& ref : rows_of(order_[index + kRows]))
    __builtin_prefetch(&table_of(ref).row(ref.row));
  for (const RowRef& ref : rows_of(order_[index + kFacts]))
    __builtin_prefetch(table_of(ref).facts(ref.row).data());
}

const PersonView& ResolvedPersons::build(std::size_t index, PersonBuilder& with) const {
  PersonView& person = with.build(rows_of(order_[index]), PersonBuilder::What::kAll);
  if (options_.roster && roster_of_[order_[index]] != Roster::kNone)
    options_.roster->give(roster_of_[order_[index]], options_.as_of, person);
  if (const auto patch = patches_.find(order_[index]); patch != patches_.end())
    patch->second.apply(person);
  if (const auto former = formerly_.find(order_[index]); former != formerly_.end())
    person.formerly.assign(former->second.begin(), former->second.end());
  const auto at = static_cast<std::uint32_t>(index);
  const auto first =
      std::lower_bound(relations_.begin(), relations_.end(), std::pair(at, std::uint32_t{0}));
  auto last = first;
  while (last != relations_.end() && last->first == at)
    ++last;
  std::string& ids = with.memory_for_ids();
  ids.resize(static_cast<std::size_t>(last - first + 1) * kPersonIdLength);
  char* to = ids.data();
  write_person_id(ids_[index], to);
  person.id = {to, kPersonIdLength};
  for (auto relation = first; relation != last; ++relation) {
    to += kPersonIdLength;
    write_person_id(ids_[relation->second], to);
    person.related_to.push_back({to, kPersonIdLength});
  }
  return person;
}

}  // namespace bulkhead::exposure
