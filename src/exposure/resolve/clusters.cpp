#include "exposure/resolve/clusters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "exposure/detect/hash.h"
#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

// Keys decide nothing that leaves the process, but their order must be the same in every run: a
// fixed seed.
constexpr std::uint64_t kKeySeed = 0x51ED270B7F4A7C15ULL;
// Up to here an identifier may be a person's; up to the second, a family's; more people than that
// never share one.
constexpr std::size_t kPersonBirths = 3, kPersonFirsts = 8;
constexpr std::size_t kFamilySize = 16;
constexpr std::size_t kMaxApart =
    256;  // people told apart under one key: more are a hub, or an attack
constexpr std::size_t kMaxAmbiguous = 1'000'000;
constexpr std::uint32_t kGenerationYears = 14;  // a child is at least so much younger: never a slip

std::uint32_t number_of(std::string_view digits) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
}

template <std::size_t N>
void remember(std::array<std::uint32_t, N>& set, std::uint32_t value) {
  if (value == 0) return;
  for (std::uint32_t& slot : set) {
    if (slot == value) return;
    if (slot == 0) {
      slot = value;
      return;
    }
  }
}

template <std::size_t N>
bool both_known_and_disjoint(const std::array<std::uint32_t, N>& a,
                             const std::array<std::uint32_t, N>& b) {
  if (a[0] == 0 || b[0] == 0) return false;
  return std::none_of(a.begin(), a.end(), [&](std::uint32_t v) {
    return v != 0 && std::find(b.begin(), b.end(), v) != b.end();
  });
}

// One digit differs, or two neighbours are exchanged, or day and month.
bool birth_dates_are_near(std::uint32_t a, std::uint32_t b) {
  const std::string x = fmt::format("{:08}", a);
  const std::string y = fmt::format("{:08}", b);
  std::size_t differing = 0;
  for (std::size_t i = 0; i < 8; ++i)
    differing += x[i] != y[i] ? 1 : 0;
  if (differing <= 1) return true;
  const bool day_month = x.substr(0, 4) == y.substr(0, 4) && x.substr(4, 2) == y.substr(6) &&
                         x.substr(6) == y.substr(4, 2);
  return day_month || (differing == 2 && std::is_permutation(x.begin(), x.end(), y.begin()));
}

// One slip of the finger may be forgiven where such a number is the same.
template <typename KeyType>
bool is_number(KeyType type) {
  return type == KeyType::kSsn || type == KeyType::kMedicare || type == KeyType::kIssued;
}

}  // namespace

Clusters::Clusters(const std::vector<NamedFindings>& files) : files_(files) {
  intern("");  // 0: no name
  for (std::uint32_t file = 0; file < files.size(); ++file) {
    const PersonTable& table = files[file].findings.persons;
    own_file_ = fmt::format("#{}", file);
    for (std::uint32_t row = 0; row < table.size(); ++row)
      add_row(file, row, table);
  }
  parent_.resize(mentions_.size());
  known_.resize(mentions_.size());
  for (std::uint32_t i = 0; i < mentions_.size(); ++i) {
    parent_[i] = i;
    remember(known_[i].births, mentions_[i].birth);
    remember(known_[i].firsts, mentions_[i].first);
    remember(known_[i].ssns, mentions_[i].ssn);
    remember(known_[i].suffixes, mentions_[i].suffix);
    remember(known_[i].files, mentions_[i].file + 1);
  }
}

std::uint32_t Clusters::intern(std::string name) {
  const auto [at, added] =
      name_ids_.try_emplace(std::move(name), static_cast<std::uint32_t>(names_.size()));
  if (added) names_.push_back(at->first);
  return at->second;
}

void Clusters::add_row(std::uint32_t file, std::uint32_t row, const PersonTable& table) {
  const auto own = static_cast<std::uint32_t>(mentions_.size());
  mentions_.push_back({.file = file, .row = row, .role = table.row(row).role});
  std::uint32_t other = own;  // the last other name: its birth date and numbers belong to it
  Fact fact;
  for (FactReader facts(table.facts(row)); facts.next(fact);) {
    if (fact.kind == FactKind::kOtherName) {
      other = static_cast<std::uint32_t>(mentions_.size());
      mentions_.push_back(
          {.file = file, .row = row, .role = table.row(row).role, .other_name = true});
    }
    Mention& mention =
        mentions_[fact.kind == FactKind::kOtherName || fact.kind == FactKind::kOtherBirthDate
                      ? other
                      : own];
    if (fact.kind == FactKind::kName || fact.kind == FactKind::kOtherName) {
      std::string_view last = fact.parts[0];
      std::string_view suffix;
      if (take_suffix(last, suffix) && fact.parts[3].empty()) fact.parts[3] = suffix;
      mention.last = intern(normal_name(last));
      mention.first = intern(normal_name(fact.parts[1]));
      mention.middle = intern(normal_name(fact.parts[2]));
      mention.suffix = intern(normal_suffix(fact.parts[3]));
    }
    const bool birth = fact.kind == FactKind::kBirthDate || fact.kind == FactKind::kOtherBirthDate;
    if (birth && (fact.flags & (kFactPlaceholder | kFactInvalid)) == 0)
      mention.birth = number_of(fact.parts[0]);
    if (fact.kind == FactKind::kIdentifier)
      add_identifier(fact, (fact.flags & kFactAlias) != 0 ? other : own);
  }
  for (std::uint32_t i = own; i < mentions_.size(); ++i)
    add_name_keys(i);
}

void Clusters::add_key(KeyType type, std::initializer_list<std::string_view> parts,
                       std::uint32_t mention) {
  const bool provider =
      mentions_[mention].role == Role::kProvider;  // a doctor's own claims stay a patient's
  std::uint64_t hash = kKeySeed + (provider ? 1 : 0);
  for (const std::string_view part : parts)
    hash = mix(hash_bytes(part, kKeySeed), hash ^ 0x9E3779B97F4A7C15ULL);
  keys_.push_back({type, hash, mention});
}

void Clusters::add_identifier(const Fact& fact, std::uint32_t mention) {
  if ((fact.flags & (kFactNotAKey | kFactSpecimen)) != 0) return;
  const auto type = static_cast<IdentifierType>(fact.sub);
  const std::string_view value = fact.parts[0];
  const std::string_view issuer = fact.parts[1];
  const std::string_view kind = to_string(type);
  switch (type) {
    case IdentifierType::kSsn:
    case IdentifierType::kItin:
      add_key(KeyType::kSsn, {value}, mention);
      if (type == IdentifierType::kSsn && (fact.flags & kFactInvalid) == 0)
        mentions_[mention].ssn = number_of(value);
      break;
    case IdentifierType::kMedicareId:
      add_key(KeyType::kMedicare, {value}, mention);
      break;
    case IdentifierType::kNpi:
      // One that fails its check is the file's own number: with the name it still says who.
      if ((fact.flags & kFactInvalid) == 0)
        add_key(KeyType::kNpi, {value}, mention);
      else if (mentions_[mention].last != 0)
        add_key(KeyType::kNpi, {value, names_[mentions_[mention].last]}, mention);
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
        add_key(key, {kind, known ? issuer : std::string_view(own_file_), value}, mention);
      if (key == KeyType::kIssued) add_key(KeyType::kBare, {kind, value}, mention);
    }
  }
}

void Clusters::add_name_keys(std::uint32_t index) {
  const Mention& mention = mentions_[index];
  if (mention.last == 0 || mention.first == 0) return;
  const std::string birth = std::to_string(mention.birth);
  if (mention.birth != 0)
    add_key(KeyType::kNameBirth, {names_[mention.last], names_[mention.first], birth}, index);
  if (!mention.other_name)
    add_key(KeyType::kName, {names_[mention.last], names_[mention.first]}, index);
}

std::uint32_t Clusters::root(std::uint32_t mention) {
  while (parent_[mention] != mention) {
    parent_[mention] = parent_[parent_[mention]];
    mention = parent_[mention];
  }
  return mention;
}

void Clusters::unite(std::uint32_t a, std::uint32_t b) {
  a = root(a);
  b = root(b);
  if (a == b) return;
  if (b < a) std::swap(a, b);  // the lowest mention stays root, whatever the order of merging
  parent_[b] = a;
  for (const std::uint32_t value : known_[b].births)
    remember(known_[a].births, value);
  for (const std::uint32_t value : known_[b].firsts)
    remember(known_[a].firsts, value);
  for (const std::uint32_t value : known_[b].ssns)
    remember(known_[a].ssns, value);
  for (const std::uint32_t value : known_[b].suffixes)
    remember(known_[a].suffixes, value);
  for (const std::uint32_t value : known_[b].files)
    remember(known_[a].files, value);
}

void Clusters::note_ambiguous(std::uint32_t a, std::uint32_t b) {
  if (a != b && ambiguous_.size() < kMaxAmbiguous)
    ambiguous_.emplace_back(std::min(a, b), std::max(a, b));
}

NameMatch Clusters::match_firsts(const Known& a, const Known& b) const {
  if (a.firsts[0] == 0 || b.firsts[0] == 0) return NameMatch::kUnknown;
  NameMatch best = NameMatch::kContradicts;
  for (const std::uint32_t x : a.firsts) {
    for (const std::uint32_t y : b.firsts) {
      if (x != 0 && y != 0) best = std::max(best, match_first_names(names_[x], names_[y]));
    }
  }
  return best;
}

bool Clusters::same_last_name(std::uint32_t a, std::uint32_t b) const {
  return mentions_[a].last != 0 && mentions_[a].last == mentions_[b].last;
}

// Two that differ in the birth date.
Clusters::Verdict Clusters::compare_births(std::uint32_t a, std::uint32_t b, NameMatch first,
                                           const Group& group) const {
  const std::uint32_t x = known_[a].births[0];
  const std::uint32_t y = known_[b].births[0];
  if (first != NameMatch::kEqual || !birth_dates_are_near(x, y)) return Verdict::kApart;
  // A slip of the finger, where a number and the whole name say that it is one person.
  const std::uint32_t years = (std::max(x, y) - std::min(x, y)) / 10'000;
  const bool slip = is_number(group.type) && years < kGenerationYears && same_last_name(a, b);
  return slip ? Verdict::kDoubtful : Verdict::kNear;
}

// Two whose first names differ by one letter.
Clusters::Verdict Clusters::compare_misspelt(std::uint32_t a, std::uint32_t b,
                                             const Group& group) const {
  const bool births_known = known_[a].births[0] != 0 && known_[b].births[0] != 0;
  if (!is_number(group.type) || !same_last_name(a, b)) return Verdict::kNear;
  if (!group.shared) return Verdict::kDoubtful;
  // Twins may be called JADEN and JAYDEN, but then some file holds both.
  const auto& files = known_[a].files;
  const bool apart = files.back() == 0 && known_[b].files.back() == 0 &&
                     both_known_and_disjoint(files, known_[b].files);
  return births_known && apart ? Verdict::kDoubtful : Verdict::kNear;
}

// Two clusters (by their roots) that share a key of this type.
Clusters::Verdict Clusters::compare(std::uint32_t a, std::uint32_t b, const Group& group) const {
  const Known& x = known_[a];
  const Known& y = known_[b];
  const NameMatch first = match_firsts(x, y);
  const bool births_known = x.births[0] != 0 && y.births[0] != 0;
  if (first == NameMatch::kContradicts) return Verdict::kApart;
  if (both_known_and_disjoint(x.births, y.births)) return compare_births(a, b, first, group);
  if (both_known_and_disjoint(x.suffixes, y.suffixes)) return Verdict::kNear;
  if (first == NameMatch::kMisspelt) return compare_misspelt(a, b, group);
  const Mention& p = mentions_[a];
  const Mention& q = mentions_[b];
  switch (group.type) {
    case KeyType::kNameBirth: {
      if (both_known_and_disjoint(x.ssns, y.ssns)) return Verdict::kNear;
      const std::string& m = names_[p.middle];
      const std::string& n = names_[q.middle];
      const bool middles_differ = !m.empty() && !n.empty() && m[0] != n[0];
      return middles_differ ? Verdict::kNear : Verdict::kSame;
    }
    case KeyType::kBare: {
      // The same number from an issuer who may be another one: the name must say so too.
      const bool names_agree = first == NameMatch::kEqual && same_last_name(a, b);
      const bool born_alike =
          births_known && (first != NameMatch::kUnknown || same_last_name(a, b));
      if (born_alike) return Verdict::kSame;
      return names_agree ? Verdict::kDoubtful : Verdict::kNear;
    }
    case KeyType::kNpi:
    case KeyType::kPseudonym:
      return Verdict::kSame;
    default:
      // A family shares it: only a name can tell whose row this is.
      if (group.family && first != NameMatch::kEqual) return Verdict::kNear;
      // A number that is one person's by law, on strangers: who has it is told by the whole name.
      if (group.shared && group.type != KeyType::kIssued && !same_last_name(a, b))
        return Verdict::kNear;
      return first == NameMatch::kWeak && !births_known ? Verdict::kDoubtful : Verdict::kSame;
  }
}

void Clusters::note_same_names(const std::vector<std::uint32_t>& roots) {
  for (std::size_t i = 1; i < roots.size(); ++i) {
    if (compare(roots[0], roots[i], {.type = KeyType::kName}) == Verdict::kSame)
      note_ambiguous(roots[0], roots[i]);
  }
}

// kName as the type: a number that very many people carry is nobody's.
Clusters::Group Clusters::group_of(const std::vector<std::uint32_t>& roots, KeyType type) const {
  std::vector<std::uint32_t> births, firsts;
  for (const std::uint32_t r : roots) {
    if (known_[r].births[0] != 0) births.push_back(known_[r].births[0]);
    if (known_[r].firsts[0] != 0) firsts.push_back(known_[r].firsts[0]);
  }
  for (auto* list : {&births, &firsts}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  if (births.size() > kFamilySize || firsts.size() > kFamilySize) return {};
  Group group{.type = type};
  group.family = births.size() > kPersonBirths || firsts.size() > kPersonFirsts;
  for (std::size_t i = 0; i < firsts.size() && !group.shared; ++i) {
    for (std::size_t j = 0; j < i && !group.shared; ++j)
      group.shared =
          match_first_names(names_[firsts[i]], names_[firsts[j]]) == NameMatch::kContradicts;
  }
  return group;
}

// All mentions that share one key.
void Clusters::merge_group(const Key* begin, const Key* end) {
  std::vector<std::uint32_t> roots;
  for (const Key* key = begin; key != end; ++key)
    roots.push_back(root(key->mention));
  std::sort(roots.begin(), roots.end());
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
  if (roots.size() < 2) return;
  const KeyType type = begin->type;
  if (type == KeyType::kName) return note_same_names(roots);
  const Group group = group_of(roots, type);
  if (group.type == KeyType::kName) return;  // nobody's
  // Those who say most come first; who says little then joins the only one that fits.
  std::sort(roots.begin(), roots.end(), [&](std::uint32_t a, std::uint32_t b) {
    const auto rank = [&](std::uint32_t r) {
      return (known_[r].births[0] != 0 ? 2 : 0) + (known_[r].firsts[0] != 0 ? 1 : 0);
    };
    return rank(a) != rank(b) ? rank(a) > rank(b) : a < b;
  });
  std::vector<std::uint32_t> persons;
  for (const std::uint32_t r : roots) {
    std::vector<std::uint32_t> fitting;
    bool doubtful = false;
    for (const std::uint32_t person : persons) {
      const Verdict verdict = compare(root(person), r, group);
      if (verdict == Verdict::kNear) note_ambiguous(person, r);
      if (verdict < Verdict::kDoubtful) continue;
      fitting.push_back(person);
      doubtful = doubtful || verdict == Verdict::kDoubtful;
    }
    if (fitting.size() == 1) {
      if (doubtful) ++doubtful_[static_cast<std::size_t>(mentions_[r].role)];
      unite(fitting[0], r);
      continue;
    }
    for (const std::uint32_t person : fitting)
      note_ambiguous(person, r);
    if (persons.size() == kMaxApart) return;
    persons.push_back(r);
  }
}

void Clusters::resolve() {
  // An other name is the same person by the file's own word.
  for (std::uint32_t i = 1; i < mentions_.size(); ++i) {
    if (mentions_[i].other_name) unite(i - 1, i);
  }
  std::sort(keys_.begin(), keys_.end());
  for (std::size_t at = 0; at < keys_.size();) {
    std::size_t end = at + 1;
    while (end < keys_.size() && keys_[end].type == keys_[at].type &&
           keys_[end].hash == keys_[at].hash)
      ++end;
    if (end - at > 1) merge_group(&keys_[at], &keys_[0] + end);
    at = end;
  }
  // What was doubtful may have become one by a later key.
  for (auto& [a, b] : ambiguous_) {
    a = root(a);
    b = root(b);
    if (b < a) std::swap(a, b);
  }
  std::sort(ambiguous_.begin(), ambiguous_.end());
  ambiguous_.erase(std::unique(ambiguous_.begin(), ambiguous_.end()), ambiguous_.end());
  std::erase_if(ambiguous_, [](const auto& pair) { return pair.first == pair.second; });
}

}  // namespace bulkhead::exposure
