// bulkhead certificate: by what HTTPS clients know this server.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/fd.h"
#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "cli/times.h"
#include "crypto/x509.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kMaxCertificateFileBytes = 256 * 1024;

struct CertificateOptions {
  std::string data;
  std::string file;
  std::string out;
  std::vector<std::string> names;
  bool new_key = false;
  bool json = false;
  bool pem = false;
};

std::string fingerprint(const crypto::CertificateFacts& facts) {
  return "SHA256:" + to_hex(facts.sha256);
}

std::string until(const crypto::CertificateFacts& facts) {
  return show_time(facts.not_after_s * kMicrosPerSecond);
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names)
    text += (text.empty() ? "" : ", ") + name;
  return text;
}

void write_json(JsonWriter& json, const crypto::CertificateFacts& facts) {
  json.begin_object();
  json.member("subject", facts.subject);
  json.member("issuer", facts.issuer);
  json.key("names");
  json.begin_array();
  for (const std::string& name : facts.names)
    json.value(name);
  json.end_array();
  json.member("not_after", until(facts));
  json.member("sha256", to_hex(facts.sha256));
  json.end_object();
}

Outcome show(const CertificateOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_show_tls_key();
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  if (reply.tls_key().certificate().empty())
    return fail(ErrorCode::kNotFound,
                "there is no certificate: bulkhead certificate self-signed makes one to try with");
  JsonLines lines;
  Table table({"SUBJECT", "NAMES", "ISSUER", "UNTIL", "SHA-256"});
  for (const std::string& der : reply.tls_key().certificate()) {
    BH_TRY(const crypto::CertificateFacts facts, crypto::describe_certificate(as_bytes(der)));
    if (options.json) {
      lines.add([&](JsonWriter& json) { write_json(json, facts); });
    } else if (options.pem) {
      fmt::print("{}", crypto::to_pem("CERTIFICATE", as_bytes(der)));
    } else {
      table.add(
          {facts.subject, listed(facts.names), facts.issuer, until(facts), fingerprint(facts)});
    }
  }
  if (options.json) {
    lines.finish();
  } else if (!options.pem) {
    table.print();
  }
  return ExitCode::kDone;
}

admin::Request prepare_request(const CertificateOptions& options, bool self_signed) {
  admin::Request request;
  auto* wanted = request.mutable_prepare_tls_key();
  for (const std::string& name : options.names)
    wanted->add_name(name);
  wanted->set_new_key(options.new_key);
  wanted->set_self_signed(self_signed);
  return request;
}

Outcome self_signed(const CertificateOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_TRY(const admin::Reply reply, client.ask_for_one(prepare_request(options, true)));
  BH_TRY(const crypto::CertificateFacts facts,
         crypto::describe_certificate(as_bytes(reply.tls_key().certificate(0))));
  fmt::print("made a certificate for {}, until {}: {}\n", printable(listed(facts.names)),
             until(facts), fingerprint(facts));
  return ExitCode::kDone;
}

Outcome make_request(const CertificateOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_TRY(const admin::Reply reply, client.ask_for_one(prepare_request(options, false)));
  const std::string pem =
      crypto::to_pem("CERTIFICATE REQUEST", as_bytes(reply.tls_key().request()));
  if (options.out.empty()) {
    fmt::print("{}", pem);
    return ExitCode::kDone;
  }
  BH_CHECK(replace_file(options.out, as_bytes(pem)));
  return ExitCode::kDone;
}

Outcome set(const CertificateOptions& options) {
  BH_TRY(const Bytes contents, read_file(options.file, kMaxCertificateFileBytes));
  const auto chain = crypto::certificates_of_pem(as_text(contents));
  if (!chain) return fail(chain.error().within(options.file));
  BH_TRY(const crypto::CertificateFacts facts, crypto::describe_certificate(chain->front()));
  admin::Request request;
  auto* wanted = request.mutable_set_tls_certificate();
  for (const Bytes& der : *chain)
    wanted->add_certificate(der.data(), der.size());
  wanted->set_not_after_s(facts.not_after_s);
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask_for_one(request));
  fmt::print("HTTPS clients are shown {}, until {}\n", printable(facts.subject), until(facts));
  return ExitCode::kDone;
}

using Options = std::shared_ptr<CertificateOptions>;

void add_names(CLI::App& command, const Options& options) {
  command.add_option("NAME", options->names, "Host names and addresses by which clients reach it")
      ->required()
      ->type_name("");
  command.add_flag("--new-key", options->new_key,
                   "For a new key; the present one is used until there is a certificate for it");
}

}  // namespace

void add_certificate(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<CertificateOptions>();
  CLI::App* command =
      root.add_subcommand("certificate", "The certificate by which HTTPS clients know this server");
  command->require_subcommand(1);

  CLI::App* showing =
      add_deployment_part(*command, "show", "Show what is shown to clients", options, choice, show);
  add_json_flag(*showing, options->json);
  showing->add_flag("--pem", options->pem, "The certificates themselves");

  CLI::App* asking =
      add_deployment_part(*command, "request", "A request for a certification authority", options,
                          choice, make_request);
  add_names(*asking, options);
  asking->add_option("--out", options->out, "Where it goes; standard output if not given")
      ->type_name("FILE");

  add_deployment_part(*command, "set", "Show clients what the authority made of a request", options,
                      choice, set)
      ->add_option("FILE", options->file, "PEM, the server's certificate first, then its issuers")
      ->required()
      ->type_name("");

  add_names(*add_deployment_part(*command, "self-signed",
                                 "A certificate that the server signs itself: for trying out",
                                 options, choice, self_signed),
            options);
}

}  // namespace bulkhead::cli
