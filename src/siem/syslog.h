// Syslog messages (RFC 5424) and how they stand in a TLS stream (RFC 5425).
#pragma once

#include <string>
#include <string_view>

#include "siem/entry_text.h"

namespace bulkhead::siem {

// Facility 13 (log audit), the severity of the event, this host, application "bulkhead". `text` is
// the message: one of entry_text.h. It holds no line end.
std::string to_syslog(std::string_view host_name, std::int64_t at_us, std::string_view event,
                      std::string_view text);

// RFC 5425 section 4.3: the length in bytes, a space, the message.
std::string framed(std::string_view message);

}  // namespace bulkhead::siem
