// Another root key in the place of the one there is: the files of both, the keeper's program that
// makes and moves them, and the vault that wraps with the new one what the old one had wrapped.
#pragma once

#include <string>

#include "base/error.h"

namespace bulkhead::admin {
class RotatedKeys;
}

namespace bulkhead::cli {

struct RootKeyChange {
  std::string data;                  // the deployment's folder
  bool passphrase_stdin = false;     // where the root key has one
  std::string destroy_organisation;  // its keys are not taken along; empty: none
};

struct RootKeyChanged {
  std::string root_key_file;
  bool finished_earlier = false;  // one that was interrupted; no other was begun
};

// May be interrupted at any point, and then be called again. `figures` is what the vault did.
Result<RootKeyChanged> change_root_key(const RootKeyChange& wanted, admin::RotatedKeys& figures);

}  // namespace bulkhead::cli
