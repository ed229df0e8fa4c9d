// The number of a letter. The call centre asks for it instead of a name, so that it must not be
// possible to work out somebody's: an HMAC under a key that stays with the drafts.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace bulkhead::notify {

// "7K2P-93XD-QM4T": eleven characters of 31 (54 bits), and one that checks them: any one wrong
// character, and any two neighbours that changed places, do not pass.
std::string letter_number(ByteView key, std::string_view incident, std::string_view person);

// As people read it out: case, spaces and dashes do not matter. The number in its one spelling;
// empty where the check fails.
std::string read_letter_number(std::string_view spoken);

}  // namespace bulkhead::notify
