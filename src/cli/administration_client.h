// Talks to the vault of a deployment: over DIR/admin.sock where a server runs, else by starting a
// vault for this one command (design: "none of them opens the catalogue itself").
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "channel/message_socket.h"
#include "cli/programs.h"

namespace bulkhead::admin {
class Reply;
class Request;
}  // namespace bulkhead::admin

namespace bulkhead::cli {

// One connection. The vault is trusted, but its replies are checked for form all the same. One
// thread.
class AdministrationClient {
 public:
  // `vault_program` is started where no server listens; empty: the one of this installation.
  static Result<AdministrationClient> connect(const std::string& data_folder,
                                              const std::string& vault_program = "");

  // Nothing where no server runs: a vault for the moment would keep one from starting.
  static Result<std::optional<AdministrationClient>> connect_to_running(
      const std::string& data_folder);

  // Gets the replies in order, each with the descriptors that came with it. An error ends the
  // asking.
  using ReplyHandler = std::function<Status(const admin::Reply&, std::vector<UniqueFd>)>;

  // Sends the request and hands every reply that has a body to `handle`, the last one included.
  // Refusals come back as the vault's own error.
  Status ask(const admin::Request& request, const ReplyHandler& handle);
  Status ask(const admin::Request& request);  // where only success is of interest
  Result<admin::Reply> ask_for_one(const admin::Request& request);  // exactly one reply with a body

  // Whether a server was running. False: this command has its own vault, and nothing else changes
  // meanwhile.
  bool server_runs() const { return !vault_; }

 private:
  AdministrationClient(UniqueFd socket, std::optional<ChildProcess> vault)
      : vault_(std::move(vault)),
        socket_(std::in_place, std::move(socket), channel::Descriptors::kAccept) {}

  Status send(const admin::Request& request);
  Result<admin::Reply> receive(std::vector<UniqueFd>& descriptors);
  std::unexpected<Error> vault_is_gone();

  // In this order: the socket closes first, which ends the vault that the other then waits for.
  std::optional<ChildProcess> vault_;
  std::optional<channel::MessageSocket> socket_;
};

}  // namespace bulkhead::cli
