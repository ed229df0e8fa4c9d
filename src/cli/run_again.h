// Runs that are recorded so that somebody else can do them again.
#pragma once

#include <string>

#include "cli/command.h"

namespace bulkhead::cli {

// Where manifest.json goes unless it is told: beside the persons that it vouches for. "" for "".
std::string manifest_beside(const std::string& persons);

// `bulkhead verify-run`
void add_verify_run(CLI::App& root, Choice& choice);

}  // namespace bulkhead::cli
