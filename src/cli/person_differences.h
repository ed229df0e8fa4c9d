// Two persons.ndjson beside each other: who is in one only, and what changed about the others.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace bulkhead::cli {

struct PersonDifferences {
  std::uint64_t gained = 0, lost = 0, changed = 0, same = 0;
  // "gained p-… in a.csv", "changed p-…: elements +ssn": ids, elements and names of files, no
  // values; the first ones only.
  std::vector<std::string> first;
};

// Both are in the order of their ids, as every run writes them. Memory of two lines.
Result<PersonDifferences> compare_persons(const std::string& before, const std::string& now);

}  // namespace bulkhead::cli
