#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/on_chosen.h"
#include "cli/seal_options.h"
#include "crypto/sealed_box.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct UnsealOptions {
  std::string data;
  std::string seal;
  bool passphrase_stdin = false;
};

// The one asked for, or the passphrase where there is one, of "tpm, passphrase".
std::string seal_to_open(const UnsealOptions& options, std::string_view seals) {
  if (!options.seal.empty()) return options.seal;
  if (seals.find("passphrase") != std::string_view::npos) return "passphrase";
  return std::string(seals.substr(0, seals.find(',')));
}

// A passphrase as it is, a PIN behind the name of its seal: what the keeper expects in the box.
crypto::SecretBytes words_of(const std::string& seal, const crypto::SecretBytes& secret) {
  if (seal == "passphrase") return crypto::SecretBytes(secret.view());
  crypto::SecretBytes words(seal.size() + 1 + secret.size());
  auto at = std::ranges::copy(as_bytes(seal), words.mutable_view().begin()).out;
  *at++ = '\n';
  std::ranges::copy(secret.view(), at);
  return words;
}

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
  BH_CHECK(check_can_ask({.secrets_from_stdin = options.passphrase_stdin}));
  admin::Request request;
  if (key.size() == keeper.size()) {
    std::ranges::copy(as_bytes(key), keeper.begin());
    const std::string seal = seal_to_open(options, reply.status().seal());
    BH_TRY(const crypto::SecretBytes secret, ask_secret(seal));
    request.mutable_unseal()->set_passphrase_box(
        to_string(ByteView(crypto::seal_to(keeper, words_of(seal, secret).view()))));
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
      "unseal", "Give a server that has just started the passphrase of its root key, or a PIN");
  add_data_option(*command, options->data);
  command
      ->add_option("--seal", options->seal,
                   "Which seal the passphrase or PIN is for; the passphrase's, where there is one, "
                   "if not given")
      ->check(CLI::IsMember(seal_kinds()))
      ->type_name("KIND");
  command->add_flag("--passphrase-stdin", options->passphrase_stdin,
                    "Read the passphrase or PIN from standard input, one line");
  on_chosen(*command, options, choice, unseal);
}

}  // namespace bulkhead::cli
