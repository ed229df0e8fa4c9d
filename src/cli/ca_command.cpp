// bulkhead ca: whose user certificates are believed, and which are revoked.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/public_key_file.h"
#include "cli/terminal.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct CaOptions {
  std::string data;
  std::uint64_t authority = 0;
  std::vector<std::string> key_files;
  std::string organisation;
  std::string user;
  std::vector<std::string> serials;
  std::vector<std::string> key_ids;
  bool json = false;
};

Result<std::vector<Bytes>> keys_of(const CaOptions& options) {
  std::vector<Bytes> all;
  for (const std::string& path : options.key_files) {
    BH_TRY(const std::vector<Bytes> keys, read_public_key_file(path));
    all.insert(all.end(), keys.begin(), keys.end());
  }
  return all;
}

Outcome add(const CaOptions& options) {
  BH_TRY(const std::vector<Bytes> keys, keys_of(options));
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  for (const Bytes& key : keys) {
    admin::Request request;
    auto* added = request.mutable_add_certificate_authority();
    added->set_public_key(key.data(), key.size());
    added->set_organisation(options.organisation);
    added->set_user(options.user);
    BH_TRY(const admin::Reply reply, client.ask_for_one(request));
    fmt::print("added certificate authority {}, {}\n", reply.certificate_authority().id(),
               printable(reply.certificate_authority().key_fingerprint()));
  }
  return ExitCode::kDone;
}

void write_revocation(JsonWriter& json, const admin::Revocation& revocation) {
  json.begin_object();
  if (revocation.authority() != 0) json.member("revoked_of", revocation.authority());
  if (revocation.last_serial() != 0) {
    json.member("first_serial", revocation.first_serial());
    json.member("last_serial", revocation.last_serial());
  }
  if (!revocation.key_id().empty()) json.member("key_id", revocation.key_id());
  if (!revocation.key_fingerprint().empty()) json.member("key", revocation.key_fingerprint());
  json.end_object();
}

void write_authority(JsonWriter& json, const admin::CertificateAuthority& authority) {
  json.begin_object();
  json.member("authority", authority.id());
  json.member("key", authority.key_fingerprint());
  json.member("organisation", authority.organisation());
  json.member("user", authority.user());
  json.end_object();
}

std::string shown_revocation(const admin::Revocation& revocation) {
  if (!revocation.key_fingerprint().empty()) return "key " + revocation.key_fingerprint();
  if (!revocation.key_id().empty()) return "key id " + revocation.key_id();
  if (revocation.first_serial() == revocation.last_serial())
    return fmt::format("serial {}", revocation.first_serial());
  return fmt::format("serials {} to {}", revocation.first_serial(), revocation.last_serial());
}

Outcome list(const CaOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_list_certificate_authorities();
  JsonLines lines;
  Table table({"AUTHORITY", "ABOUT", "KEY OR WHAT IS REVOKED"});
  BH_CHECK(client.ask(request, [&](const admin::Reply& reply, std::vector<UniqueFd>) -> Status {
    if (reply.has_revocation()) {
      const admin::Revocation& revocation = reply.revocation();
      if (options.json) {
        lines.add([&](JsonWriter& json) { write_revocation(json, revocation); });
      } else {
        table.add({revocation.authority() == 0 ? "" : std::to_string(revocation.authority()),
                   "revoked", shown_revocation(revocation)});
      }
      return {};
    }
    const admin::CertificateAuthority& authority = reply.certificate_authority();
    if (options.json) {
      lines.add([&](JsonWriter& json) { write_authority(json, authority); });
    } else {
      table.add({std::to_string(authority.id()),
                 authority.user().empty() ? "users of " + authority.organisation()
                                          : "user " + authority.user(),
                 authority.key_fingerprint()});
    }
    return {};
  }));
  options.json ? lines.finish() : table.print();
  return ExitCode::kDone;
}

Outcome remove(const CaOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_remove_certificate_authority()->set_authority(options.authority);
  BH_CHECK(client.ask(request));
  fmt::print("removed certificate authority {}, and ended the sessions of its certificates\n",
             options.authority);
  return ExitCode::kDone;
}

Result<std::uint64_t> serial(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value == 0)
    return fail(ErrorCode::kInvalidArgument, "--serial takes a number above 0, or FIRST-LAST");
  return value;
}

// Everything that is to be revoked, a request each.
Result<std::vector<admin::Request>> revocations(const CaOptions& options) {
  std::vector<admin::Request> requests;
  const auto add = [&]() -> admin::RevokeCertificates& {
    auto* revoke = requests.emplace_back().mutable_revoke_certificates();
    revoke->set_authority(options.authority);
    return *revoke;
  };
  for (const std::string& text : options.serials) {
    const std::size_t dash = text.find('-');
    BH_TRY(const std::uint64_t first, serial(std::string_view(text).substr(0, dash)));
    std::uint64_t last = first;
    if (dash != std::string::npos) {
      BH_TRY(last, serial(std::string_view(text).substr(dash + 1)));
    }
    admin::RevokeCertificates& revoke = add();
    revoke.set_first_serial(first);
    revoke.set_last_serial(last);
  }
  for (const std::string& key_id : options.key_ids)
    add().set_key_id(key_id);
  if (options.authority == 0 && !requests.empty()) {
    return fail(ErrorCode::kInvalidArgument,
                "serials and key ids are those of one authority: give its number, as bulkhead ca "
                "list shows it");
  }
  BH_TRY(const std::vector<Bytes> keys, keys_of(options));
  for (const Bytes& key : keys) {
    admin::RevokeCertificates& revoke = add();
    revoke.set_authority(0);
    revoke.set_public_key(key.data(), key.size());
  }
  if (requests.empty())
    return fail(ErrorCode::kInvalidArgument, "nothing to revoke: --serial, --key-id or --key");
  return requests;
}

Outcome revoke(const CaOptions& options) {
  BH_TRY(const std::vector<admin::Request> requests, revocations(options));
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  for (const admin::Request& request : requests)
    BH_CHECK(client.ask(request));
  fmt::print("revoked; whoever was in with it is out\n");
  return ExitCode::kDone;
}

}  // namespace

void add_ca(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<CaOptions>();
  CLI::App* command =
      root.add_subcommand("ca", "SSH user certificates: who may make them, which are revoked");
  command->require_subcommand(1);

  CLI::App* adding = add_deployment_part(*command, "add", "Trust an authority's user certificates",
                                         options, choice, add);
  adding->add_option("--key", options->key_files, "File with the authority's public key")
      ->required()
      ->type_name("FILE")
      ->allow_extra_args(false);
  CLI::Option* org =
      adding->add_option("--org", options->organisation, "About the users of this organisation");
  org->type_name("ORG");
  adding->add_option("--user", options->user, "About this one user")
      ->type_name("NAME")
      ->excludes(org);

  CLI::App* listing = add_deployment_part(*command, "list", "List authorities, and what is revoked",
                                          options, choice, list);
  add_json_flag(*listing, options->json);

  add_deployment_part(*command, "remove", "Trust an authority no longer", options, choice, remove)
      ->add_option("AUTHORITY", options->authority)
      ->required()
      ->type_name("");

  CLI::App* revoking = add_deployment_part(*command, "revoke", "Revoke certificates or a key",
                                           options, choice, revoke);
  revoking
      ->add_option("AUTHORITY", options->authority, "Whose certificates; for --serial and --key-id")
      ->type_name("");
  revoking->add_option("--serial", options->serials, "A serial number, or FIRST-LAST")
      ->type_name("N")
      ->allow_extra_args(false);
  revoking->add_option("--key-id", options->key_ids, "A key id (ssh-keygen -I)")
      ->type_name("ID")
      ->allow_extra_args(false);
  revoking
      ->add_option("--key", options->key_files,
                   "File with a public key: no longer good here, with or without a certificate")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

}  // namespace bulkhead::cli
