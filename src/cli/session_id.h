// Sessions as people write them: `s-12` is the session on channel 12 of the journal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace bulkhead::cli {

std::string show_session(std::uint64_t channel);            // "s-12"
Result<std::uint64_t> read_session(std::string_view text);  // "s-12" or "12"; 0 is no session

}  // namespace bulkhead::cli
