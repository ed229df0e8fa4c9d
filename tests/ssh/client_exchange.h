// The client's side of the key exchange methods.
#pragma once

#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace bulkhead::ssh::testing {

class ClientExchange {
 public:
  virtual ~ClientExchange() = default;
  virtual Bytes first_message() = 0;
  virtual Bytes client_public() const = 0;  // contents of Q_C
  // Contents of K as the method hashes it; empty where the server's half is none.
  virtual Bytes shared_secret(ByteView server_public) const = 0;
};

// Fails the test for a name that is not known.
std::unique_ptr<ClientExchange> make_client_exchange(std::string_view method);

}  // namespace bulkhead::ssh::testing
