// A vault whose root key waits for its passphrase: it has the journal's lock and no key, so it can
// say that it is sealed, take the passphrase's box to the keeper, and stop. Nothing else.
#pragma once

#include "keeper/remote_keeper.h"
#include "processes/vault/administration_server.h"
#include "processes/vault/channels.h"

namespace bulkhead::processes {

struct WhileSealed {
  EventLoop& loop;
  Channels& channels;
  std::string administration_socket;  // to listen on; empty: there is only the command's connection
  int administration_fd = -1;
};

// Returns once the keeper has its root key. An error without words: asked to stop meanwhile. For a
// command's own vault it answers that command and returns an error without words.
Status wait_until_unsealed(keeper::RemoteKeeper& keeper, const WhileSealed& around);

}  // namespace bulkhead::processes
