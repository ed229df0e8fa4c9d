// One analysis: take a job from the vault, read the file, seal the findings to the organisation's
// incident keys.
#pragma once

#include "base/error.h"
#include "channel/client.h"

namespace bulkhead::processes {

// kNotFound: nothing waits.
Status analyse_one(channel::Client& vault);

}  // namespace bulkhead::processes
