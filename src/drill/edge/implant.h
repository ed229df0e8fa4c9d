// The edge after it was taken: what the attacker at the other end of the client's socket says, it
// does. It has what an edge has, a channel and that socket, and is in an edge's sandbox.
#pragma once

#include <string>
#include <vector>

namespace bulkhead::drill {

// What an edge that served an honest client has in its memory.
struct Spoils {
  std::string user;
  std::string password;
  std::string session_id;
  std::string signed_request;
  std::string signature;
  std::string plaintext;  // that passed through for the client
};

// Until the attacker hangs up.
void obey(int client, const Spoils& spoils);

}  // namespace bulkhead::drill
