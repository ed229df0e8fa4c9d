// Who is who, once that is settled: for each person the rows, the id, whom they are related to.
// Flat arrays in the order of ids.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "exposure/resolve/amendments.h"
#include "exposure/resolve/person_builder.h"
#include "exposure/roster/roster.h"

namespace bulkhead::exposure {

class Clusters;

class ResolvedPersons {
 public:
  // Fills everything of `totals` but `files`, which stand there already.
  ResolvedPersons(std::vector<NamedFindings> files, const ResolveOptions& options,
                  Exposure& totals);

  std::size_t size() const { return order_.size(); }
  unsigned jobs() const { return options_.jobs; }
  const std::vector<NamedFindings>& files() const { return files_; }
  const Roster* roster() const { return options_.roster.get(); }
  std::vector<bool> enrolled_only() const;  // by person of the roster

  // A builder for one thread.
  PersonBuilder builder() const { return PersonBuilder(files_, options_); }
  // The person at `index`, put together by `builder`: valid until it builds another.
  const PersonView& build(std::size_t index, PersonBuilder& builder) const;
  // Has the memory fetched that building the persons behind `index` will want: ids are in no order
  // that rows are in.
  void prefetch_behind(std::size_t index) const;

 private:
  // 128 bits of the id, as numbers that sort like its text.
  struct Id {
    std::uint64_t high = 0, low = 0;
    std::uint32_t person = 0;
    auto operator<=>(const Id&) const = default;
  };
  std::span<const RowRef> rows_of(std::uint32_t person) const {
    return std::span(rows_).subspan(rows_from_[person],
                                    rows_from_[person + 1] - rows_from_[person]);
  }
  void group_rows(Clusters& clusters);
  // Corrections: changes which rows belong together, and keeps what else they change.
  void amend(Exposure& totals);
  // Persons known by numbers only whose numbers the roster gives to one person: groups of persons.
  std::vector<std::vector<std::uint32_t>> numbers_of_one() const;
  void regroup(const Amendments& amendments);
  std::vector<Id> settle_ids(Exposure& totals, std::vector<Role>& roles);
  // Who each person is, by persons; adds them to `totals`.
  std::vector<Id> anchors(Exposure& totals, std::vector<Role>& roles);
  void add_roster(std::uint32_t person, PersonView& view, RosterTotals& totals);
  void tell_apart(std::vector<Id>& ids, PersonBuilder& builder) const;
  void relate(const std::vector<Id>& ids);
  void bound(Exposure& totals, Clusters& clusters, const std::vector<Role>& roles) const;
  std::uint32_t person_of(std::uint32_t file, std::uint32_t row) const {
    return person_of_[file_from_[file] + row];
  }

  std::vector<NamedFindings> files_;
  ResolveOptions options_;
  std::vector<std::size_t> file_from_;            // of each file's rows, in person_of_
  std::vector<std::uint32_t> person_of_;          // by row; kNone: of a person who was excluded
  std::vector<std::uint32_t> roster_of_;          // by person; Roster::kNone
  std::map<std::uint32_t, PersonPatch> patches_;  // by person
  std::map<std::uint32_t, std::vector<std::string>> formerly_;      // by person, sorted
  std::vector<std::pair<std::uint32_t, std::uint32_t>> guardians_;  // person, and theirs
  std::vector<std::size_t> rows_from_;  // of each person's rows, in rows_; one more at the end
  std::vector<RowRef> rows_;
  std::vector<std::uint32_t> order_;  // persons by id
  std::vector<PersonDigest> ids_;     // in that order
  // Pairs of places in that order: who, and to whom; sorted.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> relations_;
};

}  // namespace bulkhead::exposure
