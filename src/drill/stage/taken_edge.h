// An edge that was taken, seen from the attacker's end of its client's socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "drill/stage/stage.h"
#include "drill/wire/orders.h"
#include "proto/channel.pb.h"

namespace bulkhead::drill {

class TakenEdge {
 public:
  // By a connection of the attacker's own.
  explicit TakenEdge(Stage& stage, Door door = Door::kSftp);
  // That somebody else is connected to, through `socket`, and that knows by now whom it obeys.
  TakenEdge(Stage& stage, int socket);
  ~TakenEdge();
  TakenEdge(TakenEdge&& other) noexcept;
  TakenEdge& operator=(TakenEdge&&) = delete;

  // Still there: neither killed nor gone.
  bool alive() const { return alive_; }

  struct Reply {
    channel::Reply message;
    std::vector<int> descriptors;  // as the edge numbers them
  };
  // Nothing: the vault ended the channel, or the edge is dead.
  std::optional<Reply> ask(const channel::Request& request);
  std::optional<Reply> send_raw(std::string_view datagram, bool with_descriptor = false);

  using Argument = std::variant<std::uint64_t, std::string>;  // a number, or a buffer's contents
  struct Result {
    std::int64_t value = 0;  // -errno, or what the call returned
    std::vector<std::string> buffers;
  };
  // Nothing: the edge died of it.
  std::optional<Result> system_call(long number, std::vector<Argument> arguments);
  // Becomes a shell, and collects what that sends back over the client's socket. Nothing: it died.
  std::optional<std::string> shell(const std::string& command);

  // AES-256-GCM in the edge, so that it is plaintext that travels. Nothing: it does not open.
  struct Place {
    int descriptor = -1;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
  };
  std::optional<std::string> open_box(std::string_view key, std::string_view nonce,
                                      std::string_view associated,
                                      const std::variant<std::string, Place>& box);
  // What it saw of an honest client: user, password, session identifier, signed request, signature.
  std::vector<std::string> memory();
  struct Where {
    std::uint64_t address = 0;
    std::uint64_t length = 0;
    std::uint32_t pid = 0;
  };
  std::optional<Where> where();

 private:
  std::optional<std::string> order(std::string_view frame);

  Stage* stage_;
  int socket_ = -1;
  std::uint64_t stream_ = 0;
  bool alive_ = true;
  std::uint64_t next_request_ = 1;
};

// Connects to the throw-away server.
int connect_to(Stage& stage, Door door = Door::kSftp);

}  // namespace bulkhead::drill
