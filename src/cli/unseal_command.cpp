#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/password_input.h"
#include "crypto/sealed_box.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct UnsealOptions {
  std::string data;
  bool passphrase_stdin = false;
};

// The passphrase leaves this program in a box that only the keeper opens: the vault carries it and
// learns nothing.
Outcome unseal(const UnsealOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  if (!client.server_runs()) {
    return fail(ErrorCode::kNotFound, fmt::format("no server runs on {}: start it with `bulkhead "
                                                  "serve`, then unseal it",
                                                  options.data));
  }
  admin::Request ask;
  ask.mutable_get_status();
  BH_TRY(const admin::Reply reply, client.ask_for_one(ask));
  crypto::SealedBoxPublicKey keeper{};
  const std::string& key = reply.status().unseal_key();
  if (!reply.status().sealed()) {
    fmt::print("The deployment is not sealed.\n");
    return ExitCode::kDone;
  }
  if (!options.passphrase_stdin && ::isatty(STDIN_FILENO) != 1) {
    return fail(ErrorCode::kInvalidArgument,
                "there is no terminal to ask on: give the passphrase with --passphrase-stdin");
  }
  admin::Request request;
  if (key.size() == keeper.size()) {
    std::ranges::copy(as_bytes(key), keeper.begin());
    BH_TRY(const crypto::SecretBytes passphrase,
           read_passphrase(STDIN_FILENO, "Passphrase of the root key", false));
    request.mutable_unseal()->set_passphrase_box(
        to_string(ByteView(crypto::seal_to(keeper, passphrase.view()))));
  } else {
    request.mutable_unseal();  // sealed for another reason, which the vault tells
  }
  BH_CHECK(client.ask(request));
  fmt::print("Unsealed.\n");
  return ExitCode::kDone;
}

}  // namespace

void add_unseal(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<UnsealOptions>();
  CLI::App* command = root.add_subcommand(
      "unseal", "Give a server that has just started the passphrase of its root key");
  add_data_option(*command, options->data);
  command->add_flag("--passphrase-stdin", options->passphrase_stdin,
                    "Read the passphrase from standard input, one line");
  command->callback([options, &choice] { choice.action = [options] { return unseal(*options); }; });
}

}  // namespace bulkhead::cli
