#include "exposure/resolve/clusters.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "exposure/in_order.h"
#include "exposure/resolve/radix_sort.h"

namespace bulkhead::exposure {
namespace {

// Up to here an identifier may be a person's; up to the second, a family's; more people than that
// never share one.
constexpr std::size_t kPersonBirths = 3, kPersonFirsts = 8;
constexpr std::size_t kFamilySize = 16;
constexpr std::size_t kMaxApart =
    256;  // people told apart under one key: more are a hub, or an attack
constexpr std::size_t kMaxAmbiguous = 1'000'000;
constexpr std::uint32_t kGenerationYears = 14;  // a child is at least so much younger: never a slip

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

// One slip of the finger may be forgiven where such a number is the same. kBare: the issuers may be
// two, but hardly with one number for two people of nearly one name and birth date.
bool is_number(KeyType type) {
  return type == KeyType::kSsn || type == KeyType::kMedicare || type == KeyType::kIssued ||
         type == KeyType::kBare;
}

}  // namespace

Clusters::Clusters(const std::vector<NamedFindings>& files, unsigned threads)
    : threads_(threads),
      source_(files, threads),
      mentions_(source_.all()),
      names_(source_.names()) {
  parent_.resize(mentions_.size());
  known_at_.assign(mentions_.size(), kAlone);
  for (std::uint32_t i = 0; i < mentions_.size(); ++i)
    parent_[i] = i;
}

const Clusters::Known& Clusters::known(std::uint32_t of, Known& memory) const {
  if (known_at_[of] != kAlone) return known_[known_at_[of]];
  const Mention& mention = mentions_[of];
  memory = {};
  memory.births[0] = mention.birth;
  memory.firsts[0] = mention.first;
  memory.ssns[0] = mention.ssn;
  memory.suffixes[0] = mention.suffix;
  memory.files[0] = mention.file + 1;
  return memory;
}

std::uint32_t Clusters::birth(std::uint32_t of) const {
  return known_at_[of] == kAlone ? mentions_[of].birth : known_[known_at_[of]].births[0];
}

std::uint32_t Clusters::first(std::uint32_t of) const {
  return known_at_[of] == kAlone ? mentions_[of].first : known_[known_at_[of]].firsts[0];
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
  Known memory, other;
  const Known from = known(b, memory);  // a copy: known_ grows
  if (known_at_[a] == kAlone) {
    known_.push_back(known(a, other));
    known_at_[a] = static_cast<std::uint32_t>(known_.size() - 1);
  }
  parent_[b] = a;
  Known& to = known_[known_at_[a]];
  for (const std::uint32_t value : from.births)
    remember(to.births, value);
  for (const std::uint32_t value : from.firsts)
    remember(to.firsts, value);
  for (const std::uint32_t value : from.ssns)
    remember(to.ssns, value);
  for (const std::uint32_t value : from.suffixes)
    remember(to.suffixes, value);
  for (const std::uint32_t value : from.files)
    remember(to.files, value);
}

void Clusters::note_ambiguous(std::uint32_t a, std::uint32_t b) {
  if (a != b && ambiguous_.size() < kMaxAmbiguous)
    ambiguous_.emplace_back(std::min(a, b), std::max(a, b));
}

NameMatch Clusters::match_firsts(const Known& a, const Known& b) const {
  if (a.firsts[0] == 0 || b.firsts[0] == 0) return NameMatch::kUnknown;
  NameMatch best = NameMatch::kContradicts;
  for (const std::uint32_t x : a.firsts) {
    if (x == 0) break;  // remember() fills from the front
    for (const std::uint32_t y : b.firsts) {
      if (y == 0) break;
      best = std::max(best, match_first_names(names_.text(x), names_.text(y)));
      if (best == NameMatch::kEqual) return best;
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
  const std::uint32_t x = birth(a);
  const std::uint32_t y = birth(b);
  if (first != NameMatch::kEqual || !birth_dates_are_near(x, y)) return Verdict::kApart;
  // A slip of the finger, where a number and the whole name say that it is one person.
  const std::uint32_t years = (std::max(x, y) - std::min(x, y)) / 10'000;
  const bool slip = is_number(group.type) && years < kGenerationYears && same_last_name(a, b);
  return slip ? Verdict::kDoubtful : Verdict::kNear;
}

// Two whose first names differ by one letter.
Clusters::Verdict Clusters::compare_misspelt(std::uint32_t a, std::uint32_t b,
                                             const Group& group) const {
  const bool births_known = birth(a) != 0 && birth(b) != 0;
  if (!is_number(group.type) || !same_last_name(a, b)) return Verdict::kNear;
  if (group.type == KeyType::kBare && !births_known) return Verdict::kNear;
  if (!group.shared) return Verdict::kDoubtful;
  // Twins may be called JADEN and JAYDEN, but then some file holds both.
  Known memory, other;
  const auto& files = known(a, memory).files;
  const auto& others = known(b, other).files;
  const bool apart =
      files.back() == 0 && others.back() == 0 && both_known_and_disjoint(files, others);
  return births_known && apart ? Verdict::kDoubtful : Verdict::kNear;
}

// Two clusters (by their roots) that share a key of this type.
Clusters::Verdict Clusters::compare(std::uint32_t a, std::uint32_t b, const Group& group) const {
  Known memory, other;
  const Known& x = known(a, memory);
  const Known& y = known(b, other);
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
      const std::string_view m = names_.text(p.middle);
      const std::string_view n = names_.text(q.middle);
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
  const std::uint32_t born = known_at_[roots[0]] == kAlone ? birth(roots[0]) : 0;
  for (std::size_t i = 1; i < roots.size(); ++i) {
    // Most namesakes are told apart by this alone.
    const std::uint32_t other = known_at_[roots[i]] == kAlone ? birth(roots[i]) : 0;
    if (born != 0 && other != 0 && born != other) continue;
    if (compare(roots[0], roots[i], {.type = KeyType::kName}) == Verdict::kSame)
      note_ambiguous(roots[0], roots[i]);
  }
}

// kName as the type: a number that very many people carry is nobody's.
Clusters::Group Clusters::group_of(const std::vector<std::uint32_t>& roots, KeyType type) {
  births_.clear();
  firsts_.clear();
  for (const std::uint32_t r : roots) {
    if (birth(r) != 0) births_.push_back(birth(r));
    if (first(r) != 0) firsts_.push_back(first(r));
  }
  for (auto* list : {&births_, &firsts_}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  if (births_.size() > kFamilySize || firsts_.size() > kFamilySize) return {};
  Group group{.type = type};
  group.family = births_.size() > kPersonBirths || firsts_.size() > kPersonFirsts;
  for (std::size_t i = 0; i < firsts_.size() && !group.shared; ++i) {
    for (std::size_t j = 0; j < i && !group.shared; ++j)
      group.shared = match_first_names(names_.text(firsts_[i]), names_.text(firsts_[j])) ==
                     NameMatch::kContradicts;
  }
  return group;
}

// All mentions that share one key.
void Clusters::merge_group(KeyType type, const Key* begin, const Key* end) {
  roots_.clear();
  for (const Key* key = begin; key != end; ++key) {
    const std::uint32_t r = root(key->mention);
    if (roots_.empty() || roots_.back() != r) roots_.push_back(r);
  }
  if (roots_.size() < 2) return;
  std::sort(roots_.begin(), roots_.end());
  roots_.erase(std::unique(roots_.begin(), roots_.end()), roots_.end());
  if (roots_.size() < 2) return;
  if (type == KeyType::kName) return note_same_names(roots_);
  const Group group = group_of(roots_, type);
  if (group.type != KeyType::kName) merge_roots(group);  // else nobody's
}

// Those who say most come first; who says little then joins the only one that fits.
void Clusters::merge_roots(const Group& group) {
  const auto rank = [&](std::uint32_t r) {
    return (birth(r) != 0 ? 2 : 0) + (first(r) != 0 ? 1 : 0);
  };
  std::sort(roots_.begin(), roots_.end(), [&](std::uint32_t a, std::uint32_t b) {
    return rank(a) != rank(b) ? rank(a) > rank(b) : a < b;
  });
  persons_.clear();
  for (const std::uint32_t r : roots_) {
    fitting_.clear();
    bool doubtful = false;
    for (const std::uint32_t person : persons_) {
      const Verdict verdict = compare(root(person), r, group);
      if (verdict == Verdict::kNear) note_ambiguous(person, r);
      if (verdict < Verdict::kDoubtful) continue;
      fitting_.push_back(person);
      doubtful = doubtful || verdict == Verdict::kDoubtful;
    }
    if (fitting_.size() == 1) {
      if (doubtful) ++doubtful_[static_cast<std::size_t>(mentions_[r].role)];
      unite(fitting_[0], r);
      continue;
    }
    for (const std::uint32_t person : fitting_)
      note_ambiguous(person, r);
    if (persons_.size() == kMaxApart) return;
    persons_.push_back(r);
  }
}

// Each kind by itself: several threads do several at a time.
void Clusters::sort_keys() {
  std::vector<std::vector<Key>> spares(threads_);
  const auto sort = [&](unsigned worker, std::size_t type) {
    std::vector<Key>& keys = source_.keys(static_cast<KeyType>(type));
    radix_sort(keys, spares[worker], [](const Key& key) { return key.hash; }, std::less<Key>());
    return true;
  };
  in_order<bool>(threads_, kKeyTypes, sort, [](bool) { return true; });
}

// Groups of equal keys, in the order of their hashes. The keys are used up.
void Clusters::use_keys(KeyType type) {
  const std::vector<Key> keys = std::move(source_.keys(type));
  for (std::size_t at = 0; at < keys.size();) {
    std::size_t end = at + 1;
    while (end < keys.size() && keys[end].hash == keys[at].hash)
      ++end;
    if (end - at > 1) merge_group(type, keys.data() + at, keys.data() + end);
    at = end;
  }
}

void Clusters::resolve() {
  // An other name is the same person by the file's own word.
  for (std::uint32_t i = 1; i < mentions_.size(); ++i) {
    if (mentions_[i].other_name) unite(i - 1, i);
  }
  sort_keys();
  for (std::size_t type = 0; type < kKeyTypes; ++type)
    use_keys(static_cast<KeyType>(type));
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
