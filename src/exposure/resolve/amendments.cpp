#include "exposure/resolve/amendments.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulkhead::exposure {
namespace {

std::string id_text(const PersonDigest& digest) {
  std::string text(kPersonIdLength, ' ');
  write_person_id(digest, text.data());
  return text;
}

AddressView view_of_address(const CorrectedAddress& address) {
  AddressView view{
      .city = address.city, .state = address.state, .postal_code = address.postal_code};
  for (std::size_t i = 0; i < address.lines.size() && i < view.lines.size(); ++i)
    view.lines[i] = address.lines[i];
  return view;
}

// "ssn, diagnosis"
std::string words_of(ElementSet elements) {
  std::string words;
  for (std::size_t i = 0; i < kElementCount; ++i) {
    const auto element = static_cast<Element>(i);
    if (!elements.has(element)) continue;
    if (!words.empty()) words += ", ";
    words += to_string(element);
  }
  return words;
}

}  // namespace

void PersonPatch::apply(PersonView& person) const {
  for (const Added& one : added) {
    for (ExposureView& exposure : person.exposures) {
      if (exposure.file == one.file) exposure.elements.add(one.elements);
    }
    person.elements.add(one.elements);
  }
  if (!removed.empty()) {
    person.elements.remove(removed);
    std::size_t kept = 0;
    for (ExposureView& exposure : person.exposures) {
      exposure.elements.remove(removed);
      const std::size_t from = kept;
      for (std::size_t i = exposure.evidence_from; i < exposure.evidence_to; ++i) {
        if (!removed.has(person.evidence[i].place.element))
          person.evidence[kept++] = person.evidence[i];
      }
      exposure.evidence_from = from;
      exposure.evidence_to = kept;
    }
    person.evidence.resize(kept);
  }
  person.possible.remove(person.elements);
  person.masked.remove(person.elements);
  if (deceased) person.deceased = *deceased;
  if (address != nullptr) {
    const AddressView given = view_of_address(*address);
    std::erase(person.addresses, given);
    person.addresses.insert(person.addresses.begin(), given);
    person.address_status = "good";
  }
  if (protected_address != nullptr) {
    person.addresses.assign(1, view_of_address(*protected_address));
    person.address_status = "good";
  }
}

Amendments::Amendments(BeforeAmendments before)
    : before_(std::move(before)), builder_(*before_.files, *before_.options) {
  for (std::uint32_t i = 0; i < before_.files->size(); ++i)
    file_index_.emplace((*before_.files)[i].file, i);
}

std::optional<std::uint32_t> Amendments::file_named(std::string_view name) const {
  const auto at = file_index_.find(name);
  return at == file_index_.end() ? std::nullopt : std::optional(at->second);
}

std::size_t Amendments::node_of(std::uint32_t person) {
  if (const auto at = node_of_person_.find(person); at != node_of_person_.end()) return at->second;
  const std::size_t number = nodes_.size();
  Node& node = nodes_.emplace_back();
  const auto rows = before_.rows_of(person);
  node.rows.assign(rows.begin(), rows.end());
  node.id = before_.id_of(person);
  for (const RowRef& row : node.rows)
    node_of_row_.emplace(row, number);
  by_id_[node.id] = number;
  node_of_person_.emplace(person, number);
  return number;
}

std::size_t Amendments::node_of_row(const RowRef& row) {
  const auto at = node_of_row_.find(row);
  return at != node_of_row_.end() ? at->second : node_of(before_.person_of(row));
}

// First offsets and evidence of a file's rows, sorted. Made for files that corrections name.
const std::vector<std::pair<std::uint64_t, std::uint32_t>>& Amendments::offsets_of(
    std::uint32_t file) {
  const auto [at, is_new] = offsets_.try_emplace(file);
  if (!is_new) return at->second;
  const PersonTable& table = (*before_.files)[file].findings.persons;
  for (std::uint32_t row = 0; row < table.size(); ++row)
    at->second.emplace_back(table.row(row).first_offset, row);
  std::sort(at->second.begin(), at->second.end());
  return at->second;
}

Amendments::Found Amendments::find_by_places(const CorrectedPerson& wanted) {
  std::map<std::size_t, std::size_t> hits;
  for (const CorrectionPlace& place : wanted.places) {
    const auto file = file_named(place.file);
    if (!file || !place.offset) continue;
    const auto& offsets = offsets_of(*file);
    std::set<std::size_t> here;
    for (auto at = std::lower_bound(offsets.begin(), offsets.end(), std::pair(*place.offset, 0U));
         at != offsets.end() && at->first == *place.offset; ++at)
      here.insert(node_of_row({*file, at->second}));
    for (const std::size_t node : here)
      ++hits[node];
  }
  if (hits.empty()) return {0, "that person is in none of these files"};
  const auto best = std::max_element(
      hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  const auto as_good = std::count_if(hits.begin(), hits.end(),
                                     [&](const auto& one) { return one.second == best->second; });
  if (as_good > 1) return {0, "several persons now stand where that person stood"};
  return {best->first, ""};
}

// By the id; by an id that went away in a correction before; by the places.
Amendments::Found Amendments::find(const CorrectedPerson& wanted) {
  if (const auto at = by_id_.find(wanted.person); at != by_id_.end()) return {at->second, ""};
  if (const auto at = by_former_.find(wanted.person); at != by_former_.end())
    return {at->second, ""};
  const auto person = before_.with_id(wanted.person);
  if (person && !node_of_person_.contains(*person)) return {node_of(*person), ""};
  const Found found = find_by_places(wanted);
  if (found.why_not.empty()) nodes_[found.node].formerly.insert(wanted.person);
  return found;
}

std::string Amendments::digest_of(const Node& node, bool told_apart) {
  builder_.build(node.rows, PersonBuilder::What::kWhoOnly);
  return id_text(builder_.digest(told_apart));
}

// After the rows changed. Who gets an id that another has is told apart, and so is the other.
void Amendments::rename(std::size_t number) {
  Node& node = nodes_[number];
  std::string id = digest_of(node, false);
  const auto holder = by_id_.find(id);
  const bool taken = holder != by_id_.end() && holder->second != number;
  const auto person = before_.with_id(id);
  const bool held = taken || (person && !node_of_person_.contains(*person));
  const std::size_t other = taken ? holder->second : held ? node_of(*person) : number;
  if (held) {
    id = digest_of(nodes_[number], true);
    Node& twin = nodes_[other];
    const std::string was = twin.id;
    by_id_.erase(was);
    twin.formerly.insert(was);
    twin.id = digest_of(twin, true);
    by_id_[twin.id] = other;
  }
  Node& mine = nodes_[number];
  if (!mine.id.empty() && mine.id != id) {
    mine.formerly.insert(mine.id);
    by_id_.erase(mine.id);
    by_former_[mine.id] = number;
  }
  mine.id = id;
  by_id_[id] = number;
}

// What is removed of the one whom these become: what was removed of some of them and is found of
// none. What was wrong of one may be right of another, whichever is named first; that the places of
// both then stand in one person is told.
ElementSet Amendments::removed_of_all(const std::vector<std::size_t>& nodes) {
  ElementSet removed;
  for (const std::size_t number : nodes)
    removed.add(nodes_[number].patch.removed);
  if (removed.empty()) return removed;
  ElementSet found;
  for (const std::size_t number : nodes) {
    PersonView& person = builder_.build(nodes_[number].rows, PersonBuilder::What::kWhoOnly);
    nodes_[number].patch.apply(person);
    found.add(person.elements);
  }
  came_back_ = ElementSet(removed.bits() & found.bits());
  removed.remove(found);
  return removed;
}

std::string Amendments::merge(const std::vector<std::size_t>& nodes) {
  const std::size_t into = nodes.front();
  bool changed = false;
  const ElementSet removed = removed_of_all(nodes);
  for (const std::size_t from : nodes) {
    if (from == into) continue;
    Node& other = nodes_[from];
    Node& node = nodes_[into];
    changed = true;
    node.rows.insert(node.rows.end(), other.rows.begin(), other.rows.end());
    for (const RowRef& row : other.rows)
      node_of_row_[row] = into;
    node.formerly.insert(other.id);
    node.formerly.insert(other.formerly.begin(), other.formerly.end());
    node.excluded = node.excluded && other.excluded;
    node.patch.added.insert(node.patch.added.end(), other.patch.added.begin(),
                            other.patch.added.end());
    if (node.patch.address == nullptr) node.patch.address = other.patch.address;
    if (node.patch.protected_address == nullptr)
      node.patch.protected_address = other.patch.protected_address;
    if (!node.patch.deceased) node.patch.deceased = other.patch.deceased;
    if (!node.guardian) node.guardian = other.guardian;
    other.alive = false;
    by_id_.erase(other.id);
    for (auto& [former, holder] : by_former_)
      holder = holder == from ? into : holder;
    by_former_[other.id] = into;
    for (auto& [person, holder] : node_of_person_)
      holder = holder == from ? into : holder;
    for (Node& one : nodes_)
      one.guardian = one.guardian == from ? into : one.guardian;
  }
  if (!changed) return "they are one person already";
  nodes_[into].patch.removed = removed;
  std::sort(nodes_[into].rows.begin(), nodes_[into].rows.end());
  rename(into);
  return "";
}

void Amendments::merge_persons(const std::vector<std::uint32_t>& persons) {
  std::vector<std::size_t> nodes;
  for (const std::uint32_t person : persons)
    nodes.push_back(node_of(person));
  merge(nodes);
}

bool Amendments::stands_at(const RowRef& ref, const CorrectionPlace& place) const {
  if ((*before_.files)[ref.file].file != place.file) return false;
  if (!place.offset) return true;
  const PersonTable& table = (*before_.files)[ref.file].findings.persons;
  bool found = table.row(ref.row).first_offset == *place.offset;
  table.each_evidence(ref.row,
                      [&](const Evidence& at) { found = found || at.offset == *place.offset; });
  return found;
}

std::string Amendments::split(std::size_t from, const std::vector<CorrectionPlace>& others) {
  std::vector<RowRef> kept, moved;
  for (const RowRef& row : nodes_[from].rows) {
    const bool away = std::any_of(others.begin(), others.end(), [&](const CorrectionPlace& place) {
      return stands_at(row, place);
    });
    (away ? moved : kept).push_back(row);
  }
  if (moved.empty()) return "no record of that person stands at these places";
  if (kept.empty()) return "every record of that person stands at these places";
  const std::size_t number = nodes_.size();
  nodes_.emplace_back();
  Node& node = nodes_[from];
  Node& other = nodes_.back();
  other.formerly = node.formerly;
  other.formerly.insert(node.id);
  other.excluded = node.excluded;
  // To protect both is the careful side; what else was said was said of the one that stays.
  other.patch.protected_address = node.patch.protected_address;
  node.rows = std::move(kept);
  other.rows = std::move(moved);
  for (const RowRef& row : other.rows)
    node_of_row_[row] = number;
  rename(from);
  rename(number);
  return "";
}

std::string Amendments::add_element(Node& node, const Correction& correction) {
  std::optional<std::uint32_t> file = node.rows.front().file;
  if (!correction.file.empty()) file = file_named(correction.file);
  const bool there = file && std::any_of(node.rows.begin(), node.rows.end(),
                                         [&](const RowRef& row) { return row.file == *file; });
  if (!there) return "that person is not in the file that it names";
  const bool several = correction.file.empty() && node.rows.front().file != node.rows.back().file;
  if (several) return "that person is in several files by now, and it names none";
  node.patch.removed.remove(correction.elements);
  node.patch.added.push_back({correction.elements, *file});
  return "";
}

std::string Amendments::remove_element(Node& node, const Correction& correction) {
  PersonView& person = builder_.build(node.rows, PersonBuilder::What::kWhoOnly);
  node.patch.apply(person);
  if ((person.elements.bits() & correction.elements.bits()) == 0)
    return "that element is not found of that person";
  for (PersonPatch::Added& added : node.patch.added)
    added.elements.remove(correction.elements);
  node.patch.removed.add(correction.elements);
  return "";
}

std::string Amendments::apply_one(const Correction& correction) {
  std::vector<std::size_t> nodes;
  for (const CorrectedPerson& person : correction.persons) {
    const Found found = find(person);
    if (!found.why_not.empty()) return found.why_not;
    nodes.push_back(found.node);
  }
  if (nodes.empty()) return "it names nobody";
  Node& node = nodes_[nodes.front()];
  switch (correction.kind) {
    case CorrectionKind::kMerge:
      return merge(nodes);
    case CorrectionKind::kSplit:
      return split(nodes.front(), correction.others);
    case CorrectionKind::kExclude:
      node.excluded = true;
      return "";
    case CorrectionKind::kAddElement:
      return add_element(node, correction);
    case CorrectionKind::kRemoveElement:
      return remove_element(node, correction);
    case CorrectionKind::kAddress:
      node.patch.address = &correction.address;
      return "";
    case CorrectionKind::kGuardian:
      if (nodes.size() > 1) node.guardian = nodes[1];
      return "";
    case CorrectionKind::kDeceased:
      node.patch.deceased = correction.deceased;
      return "";
    case CorrectionKind::kProtectedAddress:
      node.patch.protected_address = &correction.address;
      return "";
  }
  return "";
}

// Whether somebody has to look at an applied correction again, and why; nothing where nobody has
// to.
std::string Amendments::why_look_again(const Correction& correction) {
  if (!came_back_.empty())
    return fmt::format(
        "{} had been removed of one of them and is found of another: the places of both are listed",
        words_of(came_back_));
  // Whose data is it that came later? Only somebody who looks can tell.
  const bool asks = correction.kind == CorrectionKind::kSplit ||
                    correction.kind == CorrectionKind::kExclude ||
                    correction.kind == CorrectionKind::kRemoveElement;
  if (!asks) return "";
  const Found now = find(correction.persons.front());
  return now.why_not.empty() ? later_files(nodes_[now.node], correction.persons.front()) : "";
}

// Whether records came to the person since, of which the correction did not know.
std::string Amendments::later_files(const Node& node, const CorrectedPerson& then) const {
  std::set<std::uint32_t> later;
  for (const RowRef& row : node.rows) {
    const std::string& file = (*before_.files)[row.file].file;
    if (std::none_of(then.places.begin(), then.places.end(),
                     [&](const CorrectionPlace& place) { return place.file == file; }))
      later.insert(row.file);
  }
  if (later.empty() || then.places.empty()) return "";
  return fmt::format("{} more {} about that person since", later.size(),
                     later.size() == 1 ? "file says something" : "files say something");
}

void Amendments::apply(const Corrections& corrections, CorrectionTotals& totals) {
  totals.given = true;
  totals.sha256 = to_hex(corrections.sha256);
  totals.waiting = corrections.waiting;
  totals.withdrawn = corrections.withdrawn;
  for (const Correction& correction : corrections.in_force) {
    const std::string name =
        fmt::format("correction {} ({})", correction.number, to_string(correction.kind));
    came_back_ = {};
    const std::string why_not = apply_one(correction);
    if (!why_not.empty()) {
      totals.without_effect.push_back(fmt::format("{} has no effect: {}", name, why_not));
      continue;
    }
    ++totals.applied;
    const std::string why = why_look_again(correction);
    if (!why.empty()) totals.look_again.push_back(fmt::format("look again at {}: {}", name, why));
  }
  for (const Node& node : nodes_)
    totals.excluded_persons += node.alive && node.excluded ? 1 : 0;
}

}  // namespace bulkhead::exposure
