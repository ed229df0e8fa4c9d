// `bulkhead notify list`, `mark` and `lookup`.
#pragma once

#include "cli/command.h"

namespace bulkhead::cli {

void add_tracking(CLI::App& notify, Choice& choice);

}  // namespace bulkhead::cli
