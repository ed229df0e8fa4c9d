// The table of what a channel may say: message, phases in which it is allowed, handler. What is not
// in the table for the phase that a channel is in ends the channel.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "proto/channel.pb.h"
#include "vault/vault.h"

namespace bulkhead::vault {

struct DispatchTable {
  using Handler = Outcome (Vault::*)(Session&, const channel::Request&);
  struct Row {
    channel::Request::BodyCase message;
    std::string_view name;
    std::uint32_t phases;
    Handler handler;
    std::optional<ProcessKind> only_from = {};  // of those that serve clients
  };
  // nullptr for a message that is not known.
  static const Row* find(channel::Request::BodyCase message);
};

}  // namespace bulkhead::vault
