// What an operator reads, and what a program reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drill/drills/drill.h"

namespace bulkhead::drill {

struct Outcome {
  const Drill* drill = nullptr;
  std::optional<Report> report;      // none: not built, or not carried out
  std::optional<std::string> wrong;  // the defence did not hold, or nothing was shown
};

void print_for_people(const Outcome& outcome);
// The array of the command line's contract. A drill that did not run has null where its numbers
// would be, so that nobody reads a zero.
void print_json(const std::vector<Outcome>& outcomes);

}  // namespace bulkhead::drill
