// The same root key under other seals: `rekey --seal`, `--add-seal`, `--remove-seal`.
#pragma once

#include <string>
#include <vector>

#include "cli/seal_options.h"

namespace bulkhead::cli {

struct SealChange {
  std::string data;  // the deployment's folder
  std::string task;  // of bulkhead-keeper: "--reseal", "--add-seal", "--remove-seal"
  SealOptions wanted;
  std::string open_with;  // a seal; empty: its passphrase, where it has one
};

// Returns the root key's file.
Result<std::string> change_seals(const SealChange& change);

struct SealThere {
  std::string kind;
  bool needs_secret = false;
};
// In the order of the file.
Result<std::vector<SealThere>> seals_there(const std::string& keeper,
                                           const std::string& root_key_file);

}  // namespace bulkhead::cli
