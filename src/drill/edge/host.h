// The edge before it was taken: it serves an honest client as a session process does, key exchange
// and log-in by the vault, and as much of SFTP as fetching a file takes.
#pragma once

#include "drill/edge/implant.h"

namespace bulkhead::drill {

// Returns true when it was taken meanwhile: somebody on the client's socket said kMagic where a
// packet was due. What it saw is then in `spoils`.
bool serve_honestly(int client, Spoils& spoils);

}  // namespace bulkhead::drill
