// Why a connection ends, as the client is told: a reason of RFC 4253 section 11.1 and one sentence.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/error.h"
#include "sshwire/numbers.h"

namespace bulkhead::ssh {

using sshwire::DisconnectReason;

struct Disconnect {
  DisconnectReason reason;
  std::string message;

  Disconnect(DisconnectReason why, std::string what) : reason(why), message(std::move(what)) {}
  Disconnect(
      Error error);  // NOLINT(google-explicit-constructor): the one translation of errors into SSH
};

// What a step of the protocol comes to: go on, or end the connection.
using Step = std::expected<void, Disconnect>;
template <typename T>
using StepResult = std::expected<T, Disconnect>;

inline std::unexpected<Disconnect> disconnect(DisconnectReason reason, std::string message) {
  return std::unexpected<Disconnect>(Disconnect(reason, std::move(message)));
}
inline std::unexpected<Disconnect> protocol_error(std::string message) {
  return disconnect(DisconnectReason::kProtocolError, std::move(message));
}

}  // namespace bulkhead::ssh
