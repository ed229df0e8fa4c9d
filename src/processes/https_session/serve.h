// The loop between a client's socket, TLS and the API.
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "https/connection.h"
#include "processes/https_session/tls_server.h"

namespace bulkhead::processes {

// Until the client is gone, or has been told to go. `socket` is blocking and stays the caller's.
// How a client broke off is the error.
Status serve_https(int socket, TlsServer& tls, https::Connection& connection, const Clock& clock,
                   std::int64_t handshake_ms);

}  // namespace bulkhead::processes
