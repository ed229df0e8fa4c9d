// --corrections FILE of the commands that make or use a result.
#pragma once

#include <memory>
#include <string>

#include "cli/command.h"
#include "exposure/exposure.h"

namespace bulkhead::cli {

void add_corrections_option(CLI::App& command, std::string& path);
// Null where none was given.
Result<std::shared_ptr<const exposure::Corrections>> load_given_corrections(
    const std::string& path);

// --roster FILE and --roster-out FILE.
void add_roster_options(CLI::App& command, std::string& roster, std::string& roster_out);

// `bulkhead incident correct …`
void add_correct(CLI::App& incident, Choice& choice);
// `bulkhead incident sample …`
void add_sample(CLI::App& incident, Choice& choice);

}  // namespace bulkhead::cli
