// A server and a client that talk without sockets, and a clock that stands.
#pragma once

#include <gtest/gtest.h>

#include "base/clock.h"
#include "test_client.h"

namespace bulkhead::ssh::testing {

class SshTest : public ::testing::Test {
 protected:
  SshTest() {
    authority.users["ann"] = {.password = "correct horse", .key_blobs = {}, .needs_both = false};
  }

  // Options have to be set before the first use of server() or client().
  Connection& server() {
    if (connection_ == nullptr)
      connection_ = std::make_unique<Connection>(authority, services, options, clock);
    return *connection_;
  }
  TestClient& client() {
    if (client_ == nullptr) client_ = std::make_unique<TestClient>(server());
    return *client_;
  }
  std::uint32_t log_in_and_open(std::string_view subsystem, std::uint32_t window = 1 << 20,
                                std::uint32_t max_packet = 32768) {
    client().handshake();
    client().login("ann", "correct horse");
    const std::uint32_t channel = client().open_channel(window, max_packet);
    client().subsystem(channel, subsystem);
    return channel;
  }
  void expect_disconnect(DisconnectReason reason) {
    ASSERT_TRUE(server().ended());
    EXPECT_EQ(server().ending()->by, Ending::By::kServer);
    EXPECT_EQ(server().ending()->reason, reason) << server().ending()->message;
    EXPECT_EQ(client().disconnect_reason(), static_cast<std::uint32_t>(reason))
        << "the client must be told";
  }
  // What of received is CHANNEL_DATA, in a row; other messages are dropped.
  Bytes received_data() {
    client().take_output();
    Bytes data;
    while (!client().received.empty()) {
      const Bytes message = client().next();
      if (message[0] != sshwire::kMsgChannelData) continue;
      data.insert(data.end(), message.begin() + 9, message.end());
    }
    return data;
  }

  ManualClock clock{1'800'000'000'000'000};
  ReferenceAuthority authority;
  TestServices services;
  Options options;

 private:
  std::unique_ptr<Connection> connection_;
  std::unique_ptr<TestClient> client_;
};

}  // namespace bulkhead::ssh::testing
