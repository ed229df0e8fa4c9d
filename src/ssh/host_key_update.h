// OpenSSH's hostkeys-00 and hostkeys-prove-00 (PROTOCOL, section 2.5): a client that trusts one of
// the server's keys learns of the others, and has the new ones proved.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "ssh/authority.h"
#include "ssh/transport.h"
#include "sshwire/reader.h"

namespace bulkhead::ssh {

constexpr std::string_view kProveHostKeysRequest = "hostkeys-prove-00@openssh.com";

// Nothing where there is only the key that the client has seen.
Step announce_host_keys(Transport& transport, const std::vector<Bytes>& blobs);
// `reader` stands behind want_reply, and is hostile. What cannot be proved is answered with
// REQUEST_FAILURE.
Step prove_host_keys(Transport& transport, Authority& authority, sshwire::Reader& reader);

}  // namespace bulkhead::ssh
