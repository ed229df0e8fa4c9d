// What a Request may look like at all: one small function a message, found through one table.
#include <fmt/format.h>

#include <string_view>

#include "channel/codec.h"
#include "channel/limits.h"

namespace bulkhead::channel {
namespace {

Status missing(std::string_view field) {
  return fail(ErrorCode::kMalformed, fmt::format("{} is missing", field));
}

Status out_of_range(std::string_view field) {
  return fail(ErrorCode::kLimitExceeded, fmt::format("{} is out of range", field));
}

Status check_size(std::string_view value, std::string_view field, std::size_t least,
                  std::size_t most) {
  if (value.size() >= least && value.size() <= most) return {};
  return fail(ErrorCode::kLimitExceeded, fmt::format("{} has {} bytes, {} to {} are allowed", field,
                                                     value.size(), least, most));
}

Status check_digest(std::string_view value, std::string_view field) {
  if (value.empty() || value.size() == 32) return {};
  return fail(ErrorCode::kMalformed,
              fmt::format("{} has {} bytes instead of 32", field, value.size()));
}

Status check_number(std::uint64_t value, std::string_view field, std::uint64_t most) {
  return value <= most ? Status{} : out_of_range(field);
}

// Names of algorithms: printable US-ASCII without comma (RFC 4251 section 6).
Status check_algorithm(std::string_view name, std::string_view field) {
  BH_CHECK(check_size(name, field, 1, kMaxAlgorithmNameBytes));
  for (const char c : name) {
    if (c <= ' ' || c > '~' || c == ',') {
      return fail(ErrorCode::kMalformed, fmt::format("{} is not the name of an algorithm", field));
    }
  }
  return {};
}

Status check_path(bool present, const Path& path, std::string_view field) {
  if (!present) return missing(field);
  if (static_cast<std::size_t>(path.component_size()) > kMaxPathComponents) {
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("{} has {} components", field, path.component_size()));
  }
  for (const std::string& component : path.component()) {
    BH_CHECK(check_size(component, fmt::format("a component of {}", field), 1, kMaxComponentBytes));
    if (component == "." || component == ".." || component.find('/') != std::string::npos ||
        component.find('\0') != std::string::npos) {
      return fail(ErrorCode::kMalformed, fmt::format("a component of {} is not a name", field));
    }
  }
  return {};
}

template <typename Message>
Status check_only_path(const Message& message) {
  return check_path(message.has_path(), message.path(), "path");
}

// Path or handle.
template <typename Message>
Status check_what(const Message& message) {
  switch (message.what_case()) {
    case Message::kPath:
      return check_path(true, message.path(), "path");
    case Message::kHandle:
      return {};
    default:
      return missing("path or handle");
  }
}

Status check_time(std::int64_t seconds, std::string_view field) {
  return seconds >= -kMaxTimeSeconds && seconds <= kMaxTimeSeconds ? Status{} : out_of_range(field);
}

template <typename Message>
Status check_permissions(const Message& message) {
  return check_number(message.permissions(), "permissions", kMaxPermissions);
}

Status nothing_to_check(const Request&) {
  return {};
}

Status check_protection(const SshProtection& protection, std::string_view cipher,
                        std::string_view mac) {
  BH_CHECK(check_algorithm(protection.cipher(), cipher));
  return protection.mac().empty() ? Status{} : check_algorithm(protection.mac(), mac);
}

Status check_ssh_exchange(const Request& request) {
  const SshExchange& exchange = request.ssh_exchange();
  BH_CHECK(check_algorithm(exchange.kex_algorithm(), "kex_algorithm"));
  BH_CHECK(check_algorithm(exchange.host_key_algorithm(), "host_key_algorithm"));
  BH_CHECK(check_size(exchange.client_version(), "client_version", 1, kMaxVersionBytes));
  BH_CHECK(check_size(exchange.client_kexinit(), "client_kexinit", 1, kMaxKexinitBytes));
  BH_CHECK(check_size(exchange.client_public(), "client_public", 1, kMaxExchangeValueBytes));
  BH_CHECK(check_size(exchange.server_public(), "server_public", 1, kMaxExchangeValueBytes));
  BH_CHECK(check_size(exchange.shared_secret(), "shared_secret", 1, kMaxExchangeValueBytes));
  BH_CHECK(check_protection(exchange.client_to_server(), "client_to_server.cipher",
                            "client_to_server.mac"));
  return check_protection(exchange.server_to_client(), "server_to_client.cipher",
                          "server_to_client.mac");
}

Status check_certificate_options(
    const google::protobuf::RepeatedPtrField<SshCertificateOption>& options) {
  BH_CHECK(
      check_number(static_cast<std::uint64_t>(options.size()), "option", kMaxCertificateOptions));
  for (const SshCertificateOption& option : options) {
    BH_CHECK(check_size(option.name(), "option.name", 0, kMaxCertificateFieldBytes));
    BH_CHECK(check_size(option.data(), "option.data", 0, kMaxCertificateFieldBytes));
  }
  return {};
}

Status check_certificate(const SshCertificate& certificate) {
  BH_CHECK(check_size(certificate.nonce(), "nonce", 0, kMaxCertificateFieldBytes));
  BH_CHECK(check_size(certificate.key_fields(), "key_fields", 1, kMaxKeyBlobBytes));
  BH_CHECK(check_size(certificate.key_id(), "key_id", 0, kMaxCertificateFieldBytes));
  BH_CHECK(check_number(static_cast<std::uint64_t>(certificate.principal_size()), "principal",
                        kMaxCertificatePrincipals));
  for (const std::string& principal : certificate.principal())
    BH_CHECK(check_size(principal, "principal", 0, kMaxCertificateFieldBytes));
  BH_CHECK(check_certificate_options(certificate.critical_option()));
  BH_CHECK(check_certificate_options(certificate.extension()));
  BH_CHECK(check_size(certificate.reserved(), "reserved", 0, kMaxCertificateFieldBytes));
  BH_CHECK(check_size(certificate.authority_key(), "authority_key", 1, kMaxKeyBlobBytes));
  return check_size(certificate.signature(), "signature", 1, kMaxSignatureBytes);
}

Status check_ssh_public_key(const SshPublicKey& key) {
  BH_CHECK(check_algorithm(key.algorithm(), "algorithm"));
  if (key.has_certificate()) {
    BH_CHECK(check_size(key.blob(), "blob", 0, 0));
    BH_CHECK(check_certificate(key.certificate()));
  } else {
    BH_CHECK(check_size(key.blob(), "blob", 1, kMaxKeyBlobBytes));
  }
  // RFC 4252 section 7: a signature comes exactly when the boolean before it says so.
  return check_size(key.signature(), "signature", key.has_signature() ? 1 : 0,
                    key.has_signature() ? kMaxSignatureBytes : 0);
}

Status check_ssh_authenticate(const Request& request) {
  const SshAuthenticate& wanted = request.ssh_authenticate();
  BH_CHECK(check_size(wanted.user_name(), "user_name", 0, kMaxUserNameBytes));
  BH_CHECK(check_size(wanted.service_name(), "service_name", 0, kMaxServiceNameBytes));
  switch (wanted.method_case()) {
    case SshAuthenticate::kNone:
      return {};
    case SshAuthenticate::kPassword:
      return check_size(wanted.password(), "password", 0, kMaxPasswordBytes);
    case SshAuthenticate::kPublicKey:
      return check_ssh_public_key(wanted.public_key());
    case SshAuthenticate::kKeyboardInteractive:
      return {};
    case SshAuthenticate::kPromptResponses: {
      const auto& responses = wanted.prompt_responses().response();
      BH_CHECK(check_number(static_cast<std::uint64_t>(responses.size()), "response",
                            kMaxPromptResponses));
      for (const std::string& response : responses)
        BH_CHECK(check_size(response, "response", 0, kMaxPasswordBytes));
      return {};
    }
    case SshAuthenticate::METHOD_NOT_SET:
      return missing("method");
  }
  return missing("method");
}

Status check_ssh_prove_host_keys(const Request& request) {
  const auto& keys = request.ssh_prove_host_keys().host_key();
  if (keys.empty()) return missing("host_key");
  BH_CHECK(check_number(static_cast<std::uint64_t>(keys.size()), "host_key", kMaxHostKeys));
  for (const std::string& key : keys)
    BH_CHECK(check_size(key, "host_key", 1, kMaxKeyBlobBytes));
  return {};
}

Status check_tls_sign(const Request& request) {
  return check_size(request.tls_sign().content(), "content", 1, kMaxCertificateVerifyBytes);
}

Status check_log_in(const Request& request) {
  const LogIn& wanted = request.log_in();
  BH_CHECK(check_size(wanted.user_name(), "user_name", 0, kMaxUserNameBytes));
  BH_CHECK(check_size(wanted.password(), "password", 0, kMaxPasswordBytes));
  return check_size(wanted.code(), "code", 0, kMaxPasswordBytes);
}

Status check_stat(const Request& request) {
  return check_what(request.stat());
}

Status check_set_attributes(const Request& request) {
  const SetAttributes& wanted = request.set_attributes();
  BH_CHECK(check_what(wanted));
  BH_CHECK(check_time(wanted.modified_s(), "modified_s"));
  BH_CHECK(check_time(wanted.accessed_s(), "accessed_s"));
  return check_permissions(wanted);
}

Status check_open_file(const Request& request) {
  const OpenFile& wanted = request.open_file();
  BH_CHECK(check_only_path(wanted));
  if (!wanted.read() && !wanted.write()) return missing("read or write");
  return check_permissions(wanted);
}

Status check_grant_extents(const Request& request) {
  const GrantExtents& wanted = request.grant_extents();
  if (wanted.count() == 0) return missing("count");
  BH_CHECK(check_number(wanted.count(), "count", kMaxExtentsPerGrant));
  return check_number(wanted.first(), "first", kMaxExtents - wanted.count());
}

Status check_commit_upload(const Request& request) {
  const CommitUpload& wanted = request.commit_upload();
  BH_CHECK(check_number(wanted.size(), "size", kMaxFileBytes));
  BH_CHECK(check_size(wanted.description(), "description", 0, kMaxDescriptionBytes));
  BH_CHECK(check_size(wanted.inline_box(), "inline_box", 0, kMaxInlineBoxBytes));
  BH_CHECK(check_digest(wanted.sha256(), "sha256"));
  BH_CHECK(check_time(wanted.modified_s(), "modified_s"));
  return check_permissions(wanted);
}

Status check_park_upload(const Request& request) {
  BH_CHECK(check_number(request.park_upload().size(), "size", kMaxFileBytes));
  return check_size(request.park_upload().description(), "description", 0, kMaxDescriptionBytes);
}

Status check_open_directory(const Request& request) {
  return check_only_path(request.open_directory());
}

Status check_make_directory(const Request& request) {
  BH_CHECK(check_only_path(request.make_directory()));
  return check_permissions(request.make_directory());
}

Status check_remove_directory(const Request& request) {
  return check_only_path(request.remove_directory());
}

Status check_remove_file(const Request& request) {
  return check_only_path(request.remove_file());
}

Status check_rename(const Request& request) {
  const Rename& wanted = request.rename();
  BH_CHECK(check_path(wanted.has_from(), wanted.from(), "from"));
  return check_path(wanted.has_to(), wanted.to(), "to");
}

// One of our own words: "x12-834".
Status check_format_name(std::string_view name) {
  BH_CHECK(check_size(name, "format", 0, kMaxFormatNameBytes));
  for (const char c : name) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    if (!fits) return fail(ErrorCode::kMalformed, "format is not the name of a format");
  }
  return {};
}

Status check_report_analysis(const Request& request) {
  const ReportAnalysis& report = request.report_analysis();
  if (!ReportAnalysis::Outcome_IsValid(report.outcome())) return out_of_range("outcome");
  BH_CHECK(check_format_name(report.format()));
  BH_CHECK(check_number(report.bytes_not_understood(), "bytes_not_understood", kMaxFileBytes));
  BH_CHECK(check_number(report.findings_size(), "findings_size", kMaxFileBytes));
  return check_digest(report.findings_sha256(), "findings_sha256");
}

Status check_report_compaction(const Request& request) {
  const ReportCompaction& report = request.report_compaction();
  BH_CHECK(check_size(report.description(), "description", 0, kMaxDescriptionBytes));
  if (report.kept_part_size() > static_cast<int>(kMaxDescriptors)) return out_of_range("kept_part");
  for (int i = 0; i < report.kept_part_size(); ++i) {
    if (report.kept_part(i) >= kMaxDescriptors ||
        (i > 0 && report.kept_part(i) <= report.kept_part(i - 1)))
      return out_of_range("kept_part");
  }
  return {};
}

struct Check {
  Request::BodyCase message;
  Status (*check)(const Request&);
};

constexpr Check kChecks[] = {
    {Request::kSshGreet, nothing_to_check},
    {Request::kSshRekey, nothing_to_check},
    {Request::kSshExchange, check_ssh_exchange},
    {Request::kSshAuthenticate, check_ssh_authenticate},
    {Request::kSshProveHostKeys, check_ssh_prove_host_keys},
    {Request::kTlsGreet, nothing_to_check},
    {Request::kTlsSign, check_tls_sign},
    {Request::kLogIn, check_log_in},
    {Request::kStat, check_stat},
    {Request::kSetAttributes, check_set_attributes},
    {Request::kOpenFile, check_open_file},
    {Request::kGrantExtents, check_grant_extents},
    {Request::kCommitUpload, check_commit_upload},
    {Request::kParkUpload, check_park_upload},
    {Request::kCloseHandle, nothing_to_check},
    {Request::kOpenDirectory, check_open_directory},
    {Request::kReadDirectory, nothing_to_check},
    {Request::kMakeDirectory, check_make_directory},
    {Request::kRemoveDirectory, check_remove_directory},
    {Request::kRemoveFile, check_remove_file},
    {Request::kRename, check_rename},
    {Request::kCapacity, nothing_to_check},
    {Request::kTakeAnalysis, nothing_to_check},
    {Request::kReportAnalysis, check_report_analysis},
    {Request::kTakeCompaction, nothing_to_check},
    {Request::kReportCompaction, check_report_compaction},
};

}  // namespace

Status validate(const Request& request) {
  for (const Check& row : kChecks) {
    if (row.message == request.body_case()) return row.check(request);
  }
  return fail(ErrorCode::kMalformed, "a request without a body that is known");
}

}  // namespace bulkhead::channel
