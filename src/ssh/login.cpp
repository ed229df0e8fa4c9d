#include "ssh/login.h"

#include <array>
#include "ssh/host_key_update.h"

#include "sshwire/certificates.h"
#include "sshwire/keys.h"
#include "sshwire/names.h"
#include "sshwire/reader.h"
#include "sshwire/userauth.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh {
namespace {
using sshwire::Reader;
using sshwire::Writer;
using Method = decltype(AuthRequest::method);

constexpr std::size_t kMaxNameBytes = 64;  // of services, methods and algorithms
constexpr std::size_t kMaxSubmethodsBytes = 1024;
constexpr std::size_t kMaxBannerBytes = 8 * 1024;

// One reader per method, for what follows the method's name. A request that the method knows but we
// do not take (changing a password, a certificate that cannot be read) becomes NoMethod, which
// fails and tells what can continue.
Method read_none(Reader&) {
  return NoMethod{};
}

Method read_public_key(Reader& reader) {  // RFC 4252 section 7
  const bool has_signature = reader.boolean();
  const std::string_view algorithm = reader.text(kMaxNameBytes);
  const ByteView blob = reader.string(sshwire::kMaxCertificateBytes);
  PublicKeyMethod method = {std::string(algorithm), to_bytes(blob), std::nullopt};
  if (has_signature) method.signature = to_bytes(reader.string(sshwire::kMaxSignatureBlobBytes));
  if (const auto* name = sshwire::find_certificate(algorithm)) {
    auto certificate = sshwire::parse_certificate(blob);
    if (!certificate || certificate->type != name->type) return NoMethod{};
    method.certificate = std::move(*certificate);
    return method;
  }
  // Which of them are good enough is Authority's to say.
  if (sshwire::find_signature(algorithm, sshwire::Profile::kLegacy) == nullptr ||
      blob.size() > sshwire::kMaxKeyBlobBytes)
    return NoMethod{};
  return method;
}

Method read_password(Reader& reader) {  // RFC 4252 section 8
  const bool changes = reader.boolean();
  const ByteView password = reader.string(sshwire::kMaxPasswordBytes);
  PasswordMethod method = {crypto::SecretBytes(password)};
  if (!changes) return method;
  reader.string(sshwire::kMaxPasswordBytes);
  return NoMethod{};
}

// RFC 4256 section 3.1: a language tag (deprecated) and a hint about submethods; what is asked is
// the vault's decision.
Method read_keyboard_interactive(Reader& reader) {
  reader.string(kMaxNameBytes);
  reader.string(kMaxSubmethodsBytes);
  return KeyboardInteractiveMethod{};
}

struct MethodRow {
  std::string_view name;
  Method (*read)(Reader&);
};
constexpr std::array kMethods = {
    MethodRow{"none", read_none},
    MethodRow{"publickey", read_public_key},
    MethodRow{"password", read_password},
    MethodRow{"keyboard-interactive", read_keyboard_interactive},
};
}  // namespace

Step Login::on_service_request(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  const std::string_view service = reader.text(kMaxNameBytes);
  BH_CHECK(reader.finish("SSH_MSG_SERVICE_REQUEST"));
  if (service != sshwire::kUserauthService) {
    return disconnect(DisconnectReason::kServiceNotAvailable,
                      "The service asked for is not available");
  }
  service_accepted_ = true;
  return transport_.send(Writer(sshwire::kMsgServiceAccept).string(service).view());
}

StepResult<AuthRequest> Login::read_request(const Packet& packet) {
  Reader reader(packet.payload);
  reader.byte();
  AuthRequest request;
  request.user = reader.text(sshwire::kMaxUserNameBytes);
  request.service = reader.text(kMaxNameBytes);
  const std::string_view method = reader.text(kMaxNameBytes);
  BH_CHECK(reader.check("SSH_MSG_USERAUTH_REQUEST"));
  for (const MethodRow& row : kMethods) {
    if (row.name != method) continue;
    request.method = row.read(reader);
    BH_CHECK(reader.finish("SSH_MSG_USERAUTH_REQUEST"));
    return request;
  }
  request.method = NoMethod{};  // a method that we do not know, with fields that nobody can check
  return request;
}

Step Login::check_request(const AuthRequest& request) {
  if (!service_accepted_)
    return protocol_error("A login request came before the service was asked for");
  if (request.service != sshwire::kConnectionService) {
    return disconnect(DisconnectReason::kServiceNotAvailable,
                      "The service asked for is not available");
  }
  if (requests_ == 0) user_ = request.user;
  if (request.user != user_)
    return protocol_error("The user name must not change between login requests");
  if (++requests_ > options_.max_login_requests) {
    return disconnect(DisconnectReason::kNoMoreAuthMethodsAvailable, "Too many login attempts");
  }
  return {};
}

Step Login::on_request(const Packet& packet) {
  if (done_) return {};  // RFC 4252 section 5.1: ignored silently
  BH_TRY(const AuthRequest request, read_request(packet));
  BH_CHECK(check_request(request));
  BH_CHECK(send_banner());
  return ask(request);
}

// RFC 4256 section 3.4. A count that does not fit the prompts is the vault's to refuse.
Step Login::on_info_response(const Packet& packet) {
  if (done_) return {};
  if (!prompts_open_) return protocol_error("Responses came to prompts that were not sent");
  Reader reader(packet.payload);
  reader.byte();
  const std::uint32_t count = reader.uint32();
  BH_CHECK(reader.check("SSH_MSG_USERAUTH_INFO_RESPONSE"));
  if (count > sshwire::kMaxPromptResponses) return protocol_error("Too many responses to prompts");
  PromptResponses responses;
  for (std::uint32_t i = 0; i < count; ++i)
    responses.responses.emplace_back(reader.string(sshwire::kMaxPasswordBytes));
  BH_CHECK(reader.finish("SSH_MSG_USERAUTH_INFO_RESPONSE"));
  return ask({user_, std::string(sshwire::kConnectionService), std::move(responses)});
}

Step Login::ask(const AuthRequest& request) {
  prompts_open_ = false;  // a request while prompts are open abandons them (RFC 4256 section 3.1)
  BH_TRY(const AuthAnswer answer, authority_.authenticate(request));
  return tell(request, answer);
}

Step Login::tell(const AuthRequest& request, const AuthAnswer& answer) {
  if (answer.result == AuthResult::kSuccess) {
    done_ = true;
    BH_CHECK(transport_.send(Writer(sshwire::kMsgUserauthSuccess).view()));
    return announce_host_keys(transport_, answer.host_keys);
  }
  if (answer.result == AuthResult::kKeyAcceptable) {
    const auto* key = std::get_if<PublicKeyMethod>(&request.method);
    if (key == nullptr || key->signature) {
      return disconnect(DisconnectReason::kByApplication, "The server is inconsistent");
    }
    return transport_.send(Writer(sshwire::kMsgUserauthPkOk)
                               .string(std::string_view(key->algorithm))
                               .string(ByteView(key->blob))
                               .view());
  }
  if (answer.result == AuthResult::kPrompts) {
    if (!std::holds_alternative<KeyboardInteractiveMethod>(request.method) ||
        answer.prompts.size() > sshwire::kMaxPromptResponses) {
      return disconnect(DisconnectReason::kByApplication, "The server is inconsistent");
    }
    return send_prompts(answer);
  }
  std::vector<std::string_view> methods(answer.methods_that_can_continue.begin(),
                                        answer.methods_that_can_continue.end());
  Writer message(sshwire::kMsgUserauthFailure);
  message.name_list(methods).boolean(answer.result == AuthResult::kPartial);
  return transport_.send(message.view());
}

// RFC 4256 section 3.2; without name and instruction, which clients show in many ways.
Step Login::send_prompts(const AuthAnswer& answer) {
  prompts_open_ = true;
  Writer message(sshwire::kMsgUserauthInfoRequest);
  message.string(std::string_view()).string(std::string_view()).string(std::string_view());
  message.uint32(static_cast<std::uint32_t>(answer.prompts.size()));
  for (const Prompt& prompt : answer.prompts)
    message.string(std::string_view(prompt.text)).boolean(prompt.echo);
  return transport_.send(message.view());
}

Step Login::send_banner() {
  if (banner_sent_) return {};
  banner_sent_ = true;
  const std::string& banner = transport_.greeting().banner;
  if (banner.empty() || banner.size() > kMaxBannerBytes) return {};
  Writer message(sshwire::kMsgUserauthBanner);
  message.string(std::string_view(banner)).string(std::string_view("en"));
  return transport_.send(message.view());
}

}  // namespace bulkhead::ssh
