// bulkhead host-key: the keys by which clients know this server, and their certificates.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/fd.h"
#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kMaxCertificateFileBytes = 64 * 1024;
constexpr std::uint64_t kForEver = 253'402'300'799;  // the last second of the year 9999

struct HostKeyOptions {
  std::string data;
  std::string kind;
  std::string fingerprint;
  std::string file;
  std::string remove_of;
  bool json = false;
  bool public_lines = false;
};

std::string until(const admin::HostKey& key) {
  const std::uint64_t valid_before_s = key.certificate_valid_before_s();
  if (valid_before_s > kForEver) return "for ever";
  return "until " + show_time(static_cast<UnixMicros>(valid_before_s) * kMicrosPerSecond);
}

std::string public_line(const admin::HostKey& key) {
  return fmt::format("{} {}", key.type(), to_base64(as_bytes(key.public_key())));
}

void write_json(JsonWriter& json, const admin::HostKey& key) {
  json.begin_object();
  json.member("type", key.type());
  json.member("key", key.key_fingerprint());
  json.member("public_key", public_line(key));
  json.member("signs", key.signs());
  if (key.certificate_valid_before_s() != 0) {
    json.member("certificate_key_id", key.certificate_key_id());
    json.member("certificate_valid_before_s", key.certificate_valid_before_s());
  }
  json.end_object();
}

Outcome list(const HostKeyOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_list_host_keys();
  JsonLines lines;
  Table table({"KEY", "STATE", "CERTIFICATE"});
  BH_CHECK(client.ask(request, [&](const admin::Reply& reply, std::vector<UniqueFd>) -> Status {
    if (!reply.has_host_key()) return {};
    const admin::HostKey& key = reply.host_key();
    if (options.json) {
      lines.add([&](JsonWriter& json) { write_json(json, key); });
    } else if (options.public_lines) {
      fmt::print("{}\n", printable(public_line(key)));
    } else {
      table.add({fmt::format("{} {}", key.type(), key.key_fingerprint()),
                 key.signs() ? "in use" : "announced, to follow",
                 key.certificate_valid_before_s() == 0
                     ? ""
                     : fmt::format("{}, {}", key.certificate_key_id(), until(key))});
    }
    return {};
  }));
  if (options.json) {
    lines.finish();
  } else if (!options.public_lines) {
    table.print();
  }
  return ExitCode::kDone;
}

Outcome add(const HostKeyOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_add_host_key()->set_kind(options.kind);
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  const admin::HostKey& key = reply.host_key();
  fmt::print("added host key {} {}{}\n", printable(key.type()), printable(key.key_fingerprint()),
             key.signs() ? "" : ", which is announced until the older one is removed");
  return ExitCode::kDone;
}

Outcome remove(const HostKeyOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_remove_host_key()->set_key_fingerprint(options.fingerprint);
  BH_CHECK(client.ask(request));
  fmt::print("removed host key {}\n", printable(options.fingerprint));
  return ExitCode::kDone;
}

// "ssh-ed25519-cert-v01@openssh.com AAAA… comment", as ssh-keygen -s writes it.
Result<Bytes> read_certificate_file(const std::string& path) {
  BH_TRY(const Bytes contents, read_file(path, kMaxCertificateFileBytes));
  const std::string_view text = as_text(contents);
  const std::size_t type_end = text.find(' ');
  const std::string_view type = text.substr(0, type_end);
  if (type_end != std::string_view::npos && type.ends_with("-cert-v01@openssh.com")) {
    const std::string_view rest = text.substr(type_end + 1);
    const auto blob = from_base64(rest.substr(0, rest.find_first_of(" \r\n")));
    if (blob && !blob->empty()) return *blob;
  }
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is not an OpenSSH certificate: ssh-keygen -s CA -h -I ID -n HOST "
                          "KEY.pub makes one, KEY-cert.pub",
                          path));
}

Outcome certificate(const HostKeyOptions& options) {
  if (options.file.empty() == options.remove_of.empty())
    return fail(ErrorCode::kInvalidArgument, "give the certificate's file, or --remove and a key");
  admin::Request request;
  auto* set = request.mutable_set_host_certificate();
  if (options.remove_of.empty()) {
    BH_TRY(const Bytes blob, read_certificate_file(options.file));
    set->set_certificate(blob.data(), blob.size());
  } else {
    set->set_key_fingerprint(options.remove_of);
  }
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  const admin::HostKey& key = reply.host_key();
  if (options.remove_of.empty()) {
    fmt::print("host key {} has a certificate {}\n", printable(key.key_fingerprint()), until(key));
  } else {
    fmt::print("host key {} has no certificate\n", printable(key.key_fingerprint()));
  }
  return ExitCode::kDone;
}

}  // namespace

void add_host_key(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<HostKeyOptions>();
  CLI::App* command =
      root.add_subcommand("host-key", "The SSH keys by which clients know this server");
  command->require_subcommand(1);

  CLI::App* listing =
      add_deployment_part(*command, "list", "List host keys", options, choice, list);
  add_json_flag(*listing, options->json);
  listing->add_flag("--public", options->public_lines,
                    "Lines as in .pub files: for partners, and to have them certified");

  add_deployment_part(*command, "add", "Make another host key", options, choice, add)
      ->add_option("KIND", options->kind, "ed25519, ecdsa or rsa")
      ->required()
      ->type_name("");

  add_deployment_part(*command, "remove", "Use a host key no longer", options, choice, remove)
      ->add_option("KEY", options->fingerprint, "SHA256:…, as host-key list shows it")
      ->required()
      ->type_name("");

  CLI::App* certifying = add_deployment_part(
      *command, "certificate", "Show a host key with a certificate", options, choice, certificate);
  certifying->add_option("FILE", options->file, "What ssh-keygen -s -h made")->type_name("");
  certifying
      ->add_option("--remove", options->remove_of, "This key's certificate is shown no longer")
      ->type_name("KEY");
}

}  // namespace bulkhead::cli
