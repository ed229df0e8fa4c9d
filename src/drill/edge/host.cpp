#include "drill/edge/host.h"

#include <optional>

#include "drill/edge/sftp.h"
#include "drill/edge/vault_client.h"
#include "drill/wire/bytes.h"
#include "drill/wire/orders.h"
#include "drill/wire/secrets.h"
#include "drill/wire/ssh.h"
#include "drill/wire/stream.h"

namespace bulkhead::drill {
namespace {

using namespace ssh_number;
constexpr std::uint32_t kWindow = 1 << 24;
constexpr std::uint32_t kPacket = 1 << 15;

class Host {
 public:
  Host(int client, Spoils& spoils)
      : client_(client), ssh_(client, SshTransport::Side::kServer), spoils_(spoils) {}

  bool serve() {
    if (!exchange_keys()) return false;
    while (const auto payload = ssh_.receive()) {
      if (!handle(*payload)) return false;
    }
    return was_taken();
  }

 private:
  bool exchange_keys();
  bool handle(const std::string& payload);
  bool authenticate(Reader request, const std::string& payload);
  bool tell_outcome(const channel::Reply& reply, std::string_view algorithm, std::string_view blob);
  bool on_channel_request(Reader request);
  bool on_data(Reader message);
  bool was_taken();
  bool send_one(std::uint8_t number, std::string_view text);

  int client_;
  SshTransport ssh_;
  Spoils& spoils_;
  std::string user_;
  std::uint32_t their_channel_ = 0;
  SftpHost sftp_;
};

bool Host::send_one(std::uint8_t number, std::string_view text) {
  std::string payload;
  put_u8(payload, number);
  put_string(payload, text);
  return ssh_.send(payload);
}

bool Host::exchange_keys() {
  channel::Request greet;
  greet.mutable_ssh_greet();
  const auto greeting = ask_vault(greet);
  if (!greeting) return false;
  const std::string& kexinit = greeting->ssh_greeting().server_kexinit();
  if (!ssh_.send_version(greeting->ssh_greeting().server_version()) || !ssh_.send(kexinit))
    return false;
  const auto version = ssh_.receive_version();
  const auto client_kexinit = version ? ssh_.receive() : std::nullopt;
  const auto init = client_kexinit ? ssh_.receive() : std::nullopt;
  if (!init || init->front() != kKexEcdhInit) return false;
  const std::string client_public(Reader(std::string_view(*init).substr(1)).string());
  const PrivateKey key = PrivateKey::x25519();
  const std::string secret = key.agree(client_public);
  std::string secret_field;
  put_mpint(secret_field, secret);

  channel::Request request;
  auto& exchange = *request.mutable_ssh_exchange();
  exchange.set_kex_algorithm("curve25519-sha256");
  exchange.set_host_key_algorithm("ssh-ed25519");
  exchange.set_client_version(*version);
  exchange.set_client_kexinit(*client_kexinit);
  exchange.set_client_public(client_public);
  exchange.set_server_public(key.public_key());
  exchange.set_shared_secret(secret_field.substr(4));
  exchange.mutable_client_to_server()->set_cipher("aes256-gcm@openssh.com");
  exchange.mutable_server_to_client()->set_cipher("aes256-gcm@openssh.com");
  const auto reply = ask_vault(request);
  if (!reply || reply->code() != 0) return false;
  const auto& signed_exchange = reply->ssh_signed_exchange();
  std::string answer;
  put_u8(answer, kKexEcdhReply);
  put_string(answer, signed_exchange.host_key_blob());
  put_string(answer, key.public_key());
  put_string(answer, signed_exchange.signature_blob());
  if (!ssh_.send(answer) || !ssh_.send(std::string(1, static_cast<char>(kNewkeys)))) return false;
  const auto newkeys = ssh_.receive();
  if (!newkeys || newkeys->front() != kNewkeys) return false;
  spoils_.session_id = signed_exchange.exchange_hash();
  ssh_.use_keys(secret, spoils_.session_id, spoils_.session_id);
  return true;
}

bool Host::handle(const std::string& payload) {
  Reader message(payload);
  switch (message.u8()) {
    case kServiceRequest:
      return send_one(kServiceAccept, message.string());
    case kUserauthRequest:
    case kUserauthInfoResponse:
      return authenticate(message, payload);
    case kGlobalRequest:
      message.string();
      return message.u8() == 0 || ssh_.send(std::string(1, static_cast<char>(kRequestFailure)));
    case kChannelOpen: {
      message.string();
      their_channel_ = message.u32();
      std::string answer;
      put_u8(answer, kChannelOpenConfirmation);
      for (const std::uint32_t field : {their_channel_, std::uint32_t{0}, kWindow, kPacket})
        put_u32(answer, field);
      return ssh_.send(answer);
    }
    case kChannelRequest:
      return on_channel_request(message);
    case kChannelData:
      return on_data(message);
    case kDisconnect:
    case kChannelClose:
      return false;
    default:
      return true;
  }
}

// What the client proves goes to the vault; a copy stays here.
bool Host::authenticate(Reader request, const std::string& payload) {
  channel::Request question;
  auto& wanted = *question.mutable_ssh_authenticate();
  std::string algorithm;
  std::string blob;
  if (static_cast<std::uint8_t>(payload[0]) == kUserauthInfoResponse) {
    wanted.mutable_prompt_responses();
    for (std::uint32_t count = request.u32(); count > 0; --count) {
      const std::string response(request.string());
      wanted.mutable_prompt_responses()->add_response(response);
      put_string(spoils_.password, response);
    }
    wanted.set_user_name(user_);
    wanted.set_service_name("ssh-connection");
  } else {
    user_ = request.string();
    wanted.set_user_name(user_);
    wanted.set_service_name(std::string(request.string()));
    const std::string_view method = request.string();
    if (method == "publickey") {
      auto& key = *wanted.mutable_public_key();
      key.set_has_signature(request.u8() != 0);
      key.set_algorithm(algorithm = request.string());
      key.set_blob(blob = request.string());
      if (key.has_signature()) {
        key.set_signature(std::string(request.string()));
        spoils_.signature = key.signature();
        spoils_.signed_request = blob;
      }
    } else if (method == "password") {
      request.u8();
      wanted.set_password(std::string(request.string()));
      put_string(spoils_.password, wanted.password());
    } else if (method == "keyboard-interactive") {
      wanted.mutable_keyboard_interactive();
    } else {
      wanted.mutable_none();
    }
  }
  spoils_.user = user_;
  const auto reply = ask_vault(question);
  return reply && tell_outcome(*reply, algorithm, blob);
}

bool Host::tell_outcome(const channel::Reply& reply, std::string_view algorithm,
                        std::string_view blob) {
  const channel::SshAuthentication& outcome = reply.ssh_authentication();
  std::string answer;
  switch (outcome.outcome()) {
    case channel::SshAuthentication::SUCCESS:
      put_u8(answer, kUserauthSuccess);
      sftp_.set_home(outcome.home());
      break;
    case channel::SshAuthentication::KEY_ACCEPTABLE:
      put_u8(answer, kUserauthPkOk);
      put_string(answer, algorithm);
      put_string(answer, blob);
      break;
    case channel::SshAuthentication::PROMPTS:
      put_u8(answer, kUserauthInfoRequest);
      for (int i = 0; i < 3; ++i)
        put_string(answer, "");
      put_u32(answer, static_cast<std::uint32_t>(outcome.prompt_size()));
      for (const auto& prompt : outcome.prompt()) {
        put_string(answer, prompt.text());
        put_u8(answer, prompt.echo() ? 1 : 0);
      }
      break;
    default: {
      std::string methods;
      for (const std::string& method : outcome.methods_that_can_continue())
        methods += (methods.empty() ? "" : ",") + method;
      put_u8(answer, kUserauthFailure);
      put_string(answer, methods);
      put_u8(answer, outcome.outcome() == channel::SshAuthentication::PARTIAL ? 1 : 0);
    }
  }
  return ssh_.send(answer);
}

bool Host::on_channel_request(Reader request) {
  request.u32();
  const bool is_sftp = request.string() == "subsystem";
  if (request.u8() == 0) return true;
  std::string answer;
  put_u8(answer, is_sftp ? kChannelSuccess : kChannelFailure);
  put_u32(answer, their_channel_);
  return ssh_.send(answer);
}

bool Host::on_data(Reader message) {
  message.u32();
  for (const std::string& reply : sftp_.take(message.string())) {
    std::string answer;
    put_u8(answer, kChannelData);
    put_u32(answer, their_channel_);
    put_string(answer, reply);
    if (!ssh_.send(answer)) return false;
  }
  spoils_.plaintext = sftp_.plaintext();
  return true;
}

bool Host::was_taken() {
  if (ssh_.not_a_packet() != kMagic.substr(0, 4)) return false;
  const auto rest = read_exactly(client_, kMagic.size() - 4);
  return rest && *rest == kMagic.substr(4);
}

}  // namespace

bool serve_honestly(int client, Spoils& spoils) {
  return Host(client, spoils).serve();
}

}  // namespace bulkhead::drill
