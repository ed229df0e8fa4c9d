// Applies corrections to persons that were just resolved: which rows belong together is changed
// first, then what is said of them. Works on the few persons that corrections are about; the
// millions of others are only looked up.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "exposure/corrections/corrections.h"
#include "exposure/resolve/person_builder.h"

namespace bulkhead::exposure {

// What a correction changes of a person beyond its rows.
struct PersonPatch {
  struct Added {
    ElementSet elements;
    std::uint32_t file = 0;
  };
  std::vector<Added> added;
  ElementSet removed;
  const CorrectedAddress* address = nullptr;
  const CorrectedAddress* protected_address = nullptr;
  std::optional<bool> deceased;

  // `person` refers to texts of the corrections from then on.
  void apply(PersonView& person) const;
};

// The resolution as it was before corrections.
struct BeforeAmendments {
  const std::vector<NamedFindings>* files = nullptr;
  const ResolveOptions* options = nullptr;
  std::function<std::uint32_t(const RowRef&)> person_of;                  // number of the person
  std::function<std::span<const RowRef>(std::uint32_t)> rows_of;          // of a person
  std::function<std::string(std::uint32_t)> id_of;                        // of a person
  std::function<std::optional<std::uint32_t>(std::string_view)> with_id;  // the person
};

class Amendments {
 public:
  // A person whom corrections are about, or that came out of one.
  struct Node {
    std::vector<RowRef> rows;  // ascending
    std::string id;
    std::set<std::string> formerly;
    PersonPatch patch;
    std::optional<std::size_t> guardian;  // another node
    bool alive = true, excluded = false;
  };

  explicit Amendments(BeforeAmendments before);

  // Persons of before who are one.
  void merge_persons(const std::vector<std::uint32_t>& persons);
  void apply(const Corrections& corrections, CorrectionTotals& totals);

  const std::vector<Node>& nodes() const { return nodes_; }
  // Persons of before that became nodes.
  const std::map<std::uint32_t, std::size_t>& replaced() const { return node_of_person_; }

 private:
  struct Found {
    std::size_t node = 0;
    std::string why_not;  // a sentence; empty: found
  };
  Found find(const CorrectedPerson& wanted);
  Found find_by_places(const CorrectedPerson& wanted);
  std::size_t node_of(std::uint32_t person);
  std::size_t node_of_row(const RowRef& row);
  const std::vector<std::pair<std::uint64_t, std::uint32_t>>& offsets_of(std::uint32_t file);
  std::optional<std::uint32_t> file_named(std::string_view name) const;
  bool stands_at(const RowRef& row, const CorrectionPlace& place) const;

  // Each says why it changed nothing, or nothing.
  std::string apply_one(const Correction& correction);
  std::string merge(const std::vector<std::size_t>& nodes);
  ElementSet removed_of_all(const std::vector<std::size_t>& nodes);
  std::string split(std::size_t node, const std::vector<CorrectionPlace>& others);
  std::string add_element(Node& node, const Correction& correction);
  std::string remove_element(Node& node, const Correction& correction);
  void rename(std::size_t node);
  std::string digest_of(const Node& node, bool told_apart);
  std::string why_look_again(const Correction& correction);
  std::string later_files(const Node& node, const CorrectedPerson& then) const;

  BeforeAmendments before_;
  PersonBuilder builder_;
  std::vector<Node> nodes_;
  ElementSet came_back_;  // by the merge that is being applied: had been removed of a part
  std::map<std::uint32_t, std::size_t> node_of_person_;
  std::map<RowRef, std::size_t> node_of_row_;
  std::map<std::string, std::size_t, std::less<>> by_id_;  // of nodes that are alive
  std::map<std::string, std::size_t, std::less<>>
      by_former_;  // ids that went away, to who has the data
  std::unordered_map<std::string_view, std::uint32_t> file_index_;
  std::map<std::uint32_t, std::vector<std::pair<std::uint64_t, std::uint32_t>>> offsets_;
};

}  // namespace bulkhead::exposure
