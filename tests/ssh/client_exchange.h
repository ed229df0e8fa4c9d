// The client's side of the key exchange methods.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "sshwire/group_exchange.h"

namespace bulkhead::ssh::testing {

class ClientExchange {
 public:
  virtual ~ClientExchange() = default;
  virtual Bytes first_message() = 0;
  virtual Byte reply_message() const;
  // What the server says before its reply, to be answered; empty: nothing is.
  virtual Bytes on_message(ByteView payload);
  virtual std::optional<sshwire::GroupRequest> group_request() const { return std::nullopt; }
  virtual Bytes client_public() const = 0;  // contents of Q_C
  // Contents of K as the method hashes it; empty where the server's half is none.
  virtual Bytes shared_secret(ByteView server_public) const = 0;
};

// Fails the test for a name that is not known.
std::unique_ptr<ClientExchange> make_client_exchange(std::string_view method);

}  // namespace bulkhead::ssh::testing
