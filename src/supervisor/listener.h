// A listening TCP socket.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "base/fd.h"
#include "supervisor/address.h"
#include "supervisor/settings.h"

namespace bulkhead::supervisor {

struct Arrival {
  UniqueFd socket;  // blocking
  SocketAddress peer;
};

// Never blocks.
class Listener {
 public:
  // Bound and listening, or one sentence about why not ("port 2022 on 0.0.0.0 is in use…").
  static Result<Listener> open(const ListenerSettings& settings);

  int fd() const { return socket_.get(); }
  const std::string& name() const { return name_; }
  const std::string& address() const { return address_; }  // with the port that port 0 became
  Protocol protocol() const { return protocol_; }

  // Nothing when nobody waits. An error means that this process or the machine is out of something:
  // wait a moment.
  Result<std::optional<Arrival>> accept();

 private:
  Listener(UniqueFd socket, std::string name, std::string address, Protocol protocol)
      : socket_(std::move(socket)),
        name_(std::move(name)),
        address_(std::move(address)),
        protocol_(protocol) {}

  UniqueFd socket_;
  std::string name_;
  std::string address_;
  Protocol protocol_;
};

}  // namespace bulkhead::supervisor
