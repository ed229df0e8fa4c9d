// The parts of `bulkhead journal`, one file each.
#pragma once

#include "cli/command.h"

namespace bulkhead::cli {

void add_journal_checks(CLI::App& journal, Choice& choice);  // verify, checkpoint, proof, key
void add_journal_cosign(CLI::App& journal, Choice& choice);
void add_journal_forward(CLI::App& journal, Choice& choice);
void add_journal_export(CLI::App& journal, Choice& choice);

}  // namespace bulkhead::cli
