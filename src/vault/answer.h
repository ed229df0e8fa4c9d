// What a handler says: a reply, the descriptors that go with it, and how much of the journal must
// be on disk before either may leave.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "proto/channel.pb.h"

namespace bulkhead::vault {

struct Answer {
  channel::Reply reply;
  std::vector<UniqueFd> descriptors;
  // Log before release: kept back until the journal's first so many entries are durable. 0: at
  // once.
  std::uint64_t after_entries = 0;
  // Those entries need only be written: no process's death can lose them, a power cut may. Never of
  // an answer that releases something.
  bool written_suffices = false;
};

// Nothing: the answer comes later, through Vault::finish().
using Outcome = std::optional<Result<Answer>>;

}  // namespace bulkhead::vault
