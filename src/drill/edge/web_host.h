// The edge before it was taken, where its client comes through the web: it serves a stock client as
// a session process does, a handshake that the vault signs, a log-in that the vault decides, and as
// much of HTTP as fetching a file takes.
#pragma once

#include "drill/edge/implant.h"

namespace bulkhead::drill {

// Returns true when it was taken meanwhile: somebody on the client's socket said kMagic where a
// record was due. What it saw is then in `spoils`.
bool serve_web_honestly(int client, Spoils& spoils);

}  // namespace bulkhead::drill
