// Who the process is: away from root, to a uid that nobody else has, without capabilities.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace bulkhead::sandbox {

// Started as root: becomes kFirstUid + slot for good. Otherwise stays who it is. Either way drops
// every capability. Adds a sentence to `missing` where the user namespace has no such uid and
// nobody's had to do.
Status drop_identity(std::uint32_t slot, std::vector<std::string>& missing);

// Drops every capability that the vault does not need, for good; it stays who it is.
Status keep_only_file_capabilities();

}  // namespace bulkhead::sandbox
