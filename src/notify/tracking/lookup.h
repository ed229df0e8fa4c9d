// The call centre's question: is this person affected? Only somebody who holds the letter is
// answered, by its number. To a name the answer is the same for everybody, and a letter goes to the
// address that is known: what a third party may know is no proof of who is calling.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/error.h"

namespace bulkhead::notify {

// Look-ups in an hour: of one agent (who is who they say they are), and of all that were not by the
// number of a letter. Whether a name was found does not count: the limit must not tell it either.
constexpr std::uint64_t kLookupsAnHour = 60;
constexpr std::uint64_t kUntoldAnHour = 600;

struct LookupRequest {
  std::string agent;       // who asks
  std::string letter;      // the number as it was read out; or
  std::string name, born;  // CCYY-MM-DD
  UnixMicros at = 0;
};
struct LookupAnswer {
  bool by_letter = false;  // only then may anything be told
  std::string text;        // for the agent to say
};

// In the drafts' folder and in the one for who was only enrolled, whichever is given. Journals the
// question in lookups.ndjson, durably, before it answers. kRefused where too many were asked. The
// text for a name does not depend on whether anybody is found.
Result<LookupAnswer> look_up(const std::string& folder, const LookupRequest& request);

// Letters that somebody asked for by name, which go (again) to the address that is known.
Result<std::vector<std::string>> requested_letters(const std::string& folder);

// A person's line of lookup.index: which letter is about them, without their name.
std::string lookup_line(ByteView key, std::string_view name, std::string_view born,
                        std::string_view letter);

}  // namespace bulkhead::notify
