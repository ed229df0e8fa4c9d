// Corrections to persons that were resolved: the part of ResolvedPersons that puts them in place.
#include <algorithm>

#include "exposure/resolve/resolved_persons.h"

namespace bulkhead::exposure {

void ResolvedPersons::add_roster(std::uint32_t person, PersonView& view, RosterTotals& totals) {
  const Roster::Match match = options_.roster->find(view);
  roster_of_[person] = match.person;
  if (match.person != Roster::kNone)
    options_.roster->give(match.person, options_.as_of, view);
  else if (match.contradicted && view.role == Role::kMember)
    ++totals.contradicted;
}

std::vector<bool> ResolvedPersons::enrolled_only() const {
  std::vector<bool> wanted(options_.roster->size(), true);
  for (const std::uint32_t on_roster : roster_of_) {
    if (on_roster != Roster::kNone) wanted[on_roster] = false;
  }
  return wanted;
}

std::vector<std::vector<std::uint32_t>> ResolvedPersons::numbers_of_one() const {
  // Person of the roster, whether there is a name in the files, person.
  std::vector<std::tuple<std::uint32_t, bool, std::uint32_t>> found;
  PersonBuilder with = builder();
  for (std::uint32_t person = 0; person + 1 < rows_from_.size(); ++person) {
    const PersonView& view = with.build(rows_of(person), PersonBuilder::What::kWhoOnly);
    const std::uint32_t on_roster = options_.roster->find(view).person;
    if (on_roster != Roster::kNone)
      found.emplace_back(on_roster, view.identifiable == Identifiable::kNamed, person);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::vector<std::uint32_t>> groups;
  for (std::size_t at = 0; at < found.size();) {
    std::vector<std::uint32_t> unnamed, named;
    const std::uint32_t on_roster = std::get<0>(found[at]);
    for (; at < found.size() && std::get<0>(found[at]) == on_roster; ++at)
      (std::get<1>(found[at]) ? named : unnamed).push_back(std::get<2>(found[at]));
    // Two who have names were kept apart for a reason.
    if (named.size() == 1) unnamed.insert(unnamed.begin(), named.front());
    if (unnamed.size() > 1) groups.push_back(std::move(unnamed));
  }
  return groups;
}

void ResolvedPersons::amend(Exposure& totals) {
  const auto groups =
      options_.roster ? numbers_of_one() : std::vector<std::vector<std::uint32_t>>();
  if (groups.empty() && !options_.corrections) return;
  Exposure before;  // its totals are those without corrections: nobody asks for them
  before.files.resize(totals.files.size());
  std::vector<Role> roles;
  settle_ids(before, roles);
  std::vector<std::uint32_t> place_of(order_.size());
  for (std::uint32_t i = 0; i < order_.size(); ++i)
    place_of[order_[i]] = i;
  const auto id_at = [&](std::size_t place) {
    std::string id(kPersonIdLength, ' ');
    write_person_id(ids_[place], id.data());
    return id;
  };
  Amendments amendments(
      {.files = &files_,
       .options = &options_,
       .person_of = [&](const RowRef& row) { return person_of(row.file, row.row); },
       .rows_of = [&](std::uint32_t person) { return rows_of(person); },
       .id_of = [&](std::uint32_t person) { return id_at(place_of[person]); },
       .with_id = [&](std::string_view id) -> std::optional<std::uint32_t> {
         std::size_t low = 0;
         for (std::size_t high = order_.size(); low < high;) {
           const std::size_t middle = low + (high - low) / 2;
           if (id_at(middle) < id)
             low = middle + 1;
           else
             high = middle;
         }
         if (low == order_.size() || id_at(low) != id) return std::nullopt;
         return order_[low];
       }});
  for (const std::vector<std::uint32_t>& group : groups) {
    amendments.merge_persons(group);
    totals.roster.merged += group.size() - 1;
  }
  if (options_.corrections) amendments.apply(*options_.corrections, totals.corrections);
  regroup(amendments);
}

// Those whom no correction is about keep their rows; the others follow.
void ResolvedPersons::regroup(const Amendments& amendments) {
  std::vector<RowRef> rows;
  std::vector<std::size_t> from{0};
  rows.reserve(rows_.size());
  const auto take = [&](std::span<const RowRef> list) {
    rows.insert(rows.end(), list.begin(), list.end());
    from.push_back(rows.size());
  };
  const auto& replaced = amendments.replaced();
  for (std::uint32_t person = 0; person + 1 < rows_from_.size(); ++person) {
    if (!replaced.contains(person)) take(rows_of(person));
  }
  const std::vector<Amendments::Node>& nodes = amendments.nodes();
  std::vector<std::uint32_t> person_of_node(nodes.size(), PersonTable::kNone);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Amendments::Node& node = nodes[i];
    if (!node.alive || node.excluded) continue;
    const auto person = static_cast<std::uint32_t>(from.size() - 1);
    person_of_node[i] = person;
    take(node.rows);
    patches_.emplace(person, node.patch);
    std::vector<std::string> former(node.formerly.begin(), node.formerly.end());
    std::erase(former, node.id);
    if (!former.empty()) formerly_.emplace(person, std::move(former));
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const auto guardian = nodes[i].guardian;
    if (person_of_node[i] == PersonTable::kNone || !guardian) continue;
    if (person_of_node[*guardian] != PersonTable::kNone)
      guardians_.emplace_back(person_of_node[i], person_of_node[*guardian]);
  }
  rows_ = std::move(rows);
  rows_from_ = std::move(from);
  std::fill(person_of_.begin(), person_of_.end(), PersonTable::kNone);
  for (std::uint32_t person = 0; person + 1 < rows_from_.size(); ++person) {
    for (const RowRef& row : rows_of(person))
      person_of_[file_from_[row.file] + row.row] = person;
  }
}

}  // namespace bulkhead::exposure
