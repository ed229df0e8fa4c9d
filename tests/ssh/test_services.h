// Subsystems for tests and measurements: echo, discard, source.
#pragma once

#include <memory>
#include <string_view>

#include "ssh/subsystem.h"

namespace bulkhead::ssh::testing {

// "echo" sends back what it gets. "discard" takes everything and at EOF sends how many bytes it
// was, as decimal text. "source" reads a decimal number and a line feed and sends so many bytes
// (the low byte of each byte's position / 256).
class TestServices final : public Services {
 public:
  std::unique_ptr<ChannelHandler> open_subsystem(std::string_view name,
                                                 ChannelWriter& writer) override;
};

}  // namespace bulkhead::ssh::testing
