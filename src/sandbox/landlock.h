// Landlock (landlock(7)): no file, no TCP port, no abstract socket and no other process's signals,
// by raw system calls because Debian 12's headers are older than the kernels that it runs on.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace bulkhead::sandbox {

// 0 where the kernel has none, or has it switched off.
int landlock_abi();
// One sentence for each thing that this ABI cannot deny.
std::vector<std::string> missing_in_landlock(int abi);
// Denies everything that the kernel knows how to deny. Needs no_new_privs. Nothing at all where abi
// is 0.
Status deny_all_by_landlock(int abi);
// The same but for what lies in `folder`, where all that files need is allowed.
Status allow_only_below(const std::string& folder, int abi);

}  // namespace bulkhead::sandbox
