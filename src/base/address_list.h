// Lists of networks, as certificates and settings have them:
// "192.0.2.0/24,2001:db8::/32,198.51.100.7".
#pragma once

#include <string_view>

#include "base/error.h"

namespace bulkhead {

// Whether the address, "203.0.113.5" or "2001:db8::1", is in one of the networks. kMalformed when
// the list is not one, wherever the fault stands; an address that is none is in no network.
Result<bool> address_in_list(std::string_view address, std::string_view list);

}  // namespace bulkhead
