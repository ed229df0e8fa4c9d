#include "drill/stage/login.h"

#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

constexpr std::uint8_t kKexinit = 20;
constexpr std::uint8_t kUserauthRequest = 50;
constexpr std::string_view kService = "ssh-connection";

// RFC 4253 section 7.1, with the names that every profile has.
std::string client_kexinit() {
  std::string payload;
  put_u8(payload, kKexinit);
  payload += random_bytes(16);
  for (const char* names :
       {"mlkem768x25519-sha256", "ssh-ed25519", "aes256-gcm@openssh.com", "aes256-gcm@openssh.com",
        "hmac-sha2-256-etm@openssh.com", "hmac-sha2-256-etm@openssh.com", "none", "none", "", ""})
    put_string(payload, names);
  put_u8(payload, 0);
  put_u32(payload, 0);
  return payload;
}

channel::Request authenticate(std::string_view user) {
  channel::Request request;
  request.mutable_ssh_authenticate()->set_user_name(std::string(user));
  request.mutable_ssh_authenticate()->set_service_name(std::string(kService));
  return request;
}

std::optional<channel::Reply> answer_to(TakenEdge& edge, const channel::Request& request) {
  auto reply = edge.ask(request);
  if (!reply) return std::nullopt;
  return std::move(reply->message);
}

}  // namespace

std::optional<Exchanged> exchange_keys(TakenEdge& edge) {
  channel::Request greet;
  greet.mutable_ssh_greet();
  if (!edge.ask(greet)) return std::nullopt;
  channel::Request request;
  auto& exchange = *request.mutable_ssh_exchange();
  exchange.set_kex_algorithm("mlkem768x25519-sha256");
  exchange.set_host_key_algorithm("ssh-ed25519");
  exchange.set_client_version("SSH-2.0-client");
  exchange.set_client_kexinit(client_kexinit());
  exchange.set_client_public(random_bytes(1216));
  exchange.set_server_public(random_bytes(1120));
  exchange.set_shared_secret(random_bytes(32));
  exchange.mutable_client_to_server()->set_cipher("aes256-gcm@openssh.com");
  exchange.mutable_server_to_client()->set_cipher("aes256-gcm@openssh.com");
  const auto reply = edge.ask(request);
  if (!reply || reply->message.code() != 0) return std::nullopt;
  return Exchanged{reply->message.ssh_signed_exchange().exchange_hash()};
}

std::string signed_request(std::string_view session_id, std::string_view user,
                           std::string_view blob) {
  std::string data;
  put_string(data, session_id);
  put_u8(data, kUserauthRequest);
  put_string(data, user);
  put_string(data, kService);
  put_string(data, "publickey");
  put_u8(data, 1);
  put_string(data, "ssh-ed25519");
  put_string(data, blob);
  return data;
}

std::optional<channel::Reply> offer_key(TakenEdge& edge, std::string_view user,
                                        std::string_view blob, std::string_view signature) {
  channel::Request request = authenticate(user);
  auto& key = *request.mutable_ssh_authenticate()->mutable_public_key();
  key.set_algorithm("ssh-ed25519");
  key.set_blob(std::string(blob));
  key.set_signature(std::string(signature));
  key.set_has_signature(!signature.empty());
  return answer_to(edge, request);
}

std::optional<channel::Reply> offer_password(TakenEdge& edge, std::string_view user,
                                             std::string_view password) {
  channel::Request request = authenticate(user);
  request.mutable_ssh_authenticate()->set_password(std::string(password));
  return answer_to(edge, request);
}

bool succeeded(const std::optional<channel::Reply>& answer) {
  return answer && answer->ssh_authentication().outcome() == channel::SshAuthentication::SUCCESS;
}

bool log_in(TakenEdge& edge, const Person& person) {
  const auto exchanged = exchange_keys(edge);
  if (!exchanged) return false;
  const std::string blob = person.key.ssh_blob();
  const std::string request = signed_request(exchanged->session_id, person.name, blob);
  return succeeded(offer_key(edge, person.name, blob, person.key.ssh_signature(request)));
}

std::string certificate_verify() {
  return std::string(64, ' ') + "TLS 1.3, server CertificateVerify" + '\0' + random_bytes(32);
}

bool sign(TakenEdge& edge, std::string_view content) {
  channel::Request request;
  request.mutable_tls_sign()->set_content(std::string(content));
  const auto answer = answer_to(edge, request);
  return answer && !answer->tls_signature().signature().empty();
}

std::optional<channel::Reply> type_in(TakenEdge& edge, std::string_view user,
                                      std::string_view password, std::string_view code) {
  channel::Request request;
  request.mutable_log_in()->set_user_name(std::string(user));
  request.mutable_log_in()->set_password(std::string(password));
  request.mutable_log_in()->set_code(std::string(code));
  return answer_to(edge, request);
}

bool log_in_by_password(TakenEdge& edge, const Person& person) {
  return sign(edge, certificate_verify()) && succeeded(type_in(edge, person.name, person.password));
}

}  // namespace bulkhead::drill
