// The keeper's side of the socket: one request, one answer, until the vault is gone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "keeper/local_keeper.h"
#include "keeper/protocol.h"
#include "keeper/root_key_file.h"

namespace bulkhead::keeper {

struct ServerOptions {
  std::uint32_t unwraps_per_minute = 0;  // file keys; 0: no limit
  std::string warnings;                  // lines for the greeting
  std::vector<Seal> seals = {Seal::kFile};
  // What a passphrase or a PIN is tried on. None: the keys are there already.
  std::optional<RootKeyFile> sealed;
  std::optional<RootKeyFile> sealed_next;  // beside it, where a change of root keys was interrupted
  SealDevice* device = nullptr;            // there where `sealed` is
};

class Server {
 public:
  Server(LocalKeeper& keys, const Clock& clock, ServerOptions options);

  // Greets, serves, and returns when the vault is gone (done), or broke the protocol. Whatever the
  // end is, the keys are forgotten.
  Status run(int socket);

 private:
  Reply answer(const Request& request, Datagram& payload);
  Result<std::size_t> handle(const Request& request, MutableByteView payload);
  Result<std::size_t> change(const Request& request, MutableByteView payload);
  Result<std::size_t> unwrap_file_key(const Request& request, MutableByteView payload);
  Result<std::size_t> create_file_keys(const Request& request, MutableByteView payload);
  Status may_unwrap();
  Status unseal(ByteView box);

  LocalKeeper& keys_;
  const Clock& clock_;
  ServerOptions options_;
  std::int64_t minute_began_ms_ = 0;
  std::uint32_t unwrapped_this_minute_ = 0;
};

}  // namespace bulkhead::keeper
