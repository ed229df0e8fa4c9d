// Questions to the vault, from an edge that plays its part.
#pragma once

#include <optional>
#include <vector>

#include "proto/channel.pb.h"

namespace bulkhead::drill {

// Nothing: the channel ended. Descriptors that come along are closed, unless asked for.
std::optional<channel::Reply> ask_vault(channel::Request request,
                                        std::vector<int>* descriptors = nullptr);

}  // namespace bulkhead::drill
