// The deployment's own keys out of its journal, with whichever root key the keeper has.
#pragma once

#include <string>

#include "journal/journal.h"
#include "vault/catalogue/catalogue.h"
#include "vault/deployment_keys.h"
#include "vault/key_keeper.h"

namespace bulkhead::processes {

// The entry that holds the system key is the first one, or the newest change of root keys, whose
// index stands in the file `hint`; where that helps nothing the whole journal is looked through.
// kCorrupt where the root key is another's.
Result<vault::DeploymentKeys> open_system_key(journal::Journal& journal, vault::KeyKeeper& keeper,
                                              const std::string& hint);

// Once the catalogue has caught up: the keeper now has the root key that the journal names last
// (kCorrupt where it has not), and `hint` says where. Of two that an interrupted change has left it
// keeps that one.
Status settle_system_key(journal::Journal& journal, vault::KeyKeeper& keeper,
                         vault::Catalogue& catalogue, const std::string& hint);

}  // namespace bulkhead::processes
