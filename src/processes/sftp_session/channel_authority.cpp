#include "processes/sftp_session/channel_authority.h"

#include <variant>

namespace bulkhead::processes {
namespace {

ssh::AuthResult result_of(channel::SshAuthentication::Outcome outcome) {
  switch (outcome) {
    case channel::SshAuthentication::SUCCESS:
      return ssh::AuthResult::kSuccess;
    case channel::SshAuthentication::PARTIAL:
      return ssh::AuthResult::kPartial;
    case channel::SshAuthentication::KEY_ACCEPTABLE:
      return ssh::AuthResult::kKeyAcceptable;
    case channel::SshAuthentication::PROMPTS:
      return ssh::AuthResult::kPrompts;
    default:
      return ssh::AuthResult::kFailure;
  }
}

void set_protection(const ssh::AgreedProtection& agreed, channel::SshProtection& out) {
  out.set_cipher(agreed.cipher);
  out.set_mac(agreed.mac);
}

void set_options(const std::vector<sshwire::CertificateOption>& options,
                 google::protobuf::RepeatedPtrField<channel::SshCertificateOption>& out) {
  for (const sshwire::CertificateOption& option : options) {
    auto* added = out.Add();
    added->set_name(option.name);
    added->set_data(to_string(ByteView(option.data)));
  }
}

void set_certificate(const sshwire::Certificate& certificate, channel::SshCertificate& out) {
  out.set_nonce(to_string(ByteView(certificate.nonce)));
  out.set_key_fields(to_string(ByteView(certificate.key_fields)));
  out.set_serial(certificate.serial);
  out.set_kind(certificate.kind);
  out.set_key_id(certificate.key_id);
  for (const std::string& principal : certificate.principals)
    out.add_principal(principal);
  out.set_valid_after_s(certificate.valid_after_s);
  out.set_valid_before_s(certificate.valid_before_s);
  set_options(certificate.critical_options, *out.mutable_critical_option());
  set_options(certificate.extensions, *out.mutable_extension());
  out.set_reserved(to_string(ByteView(certificate.reserved)));
  out.set_authority_key(to_string(ByteView(certificate.authority_key)));
  out.set_signature(to_string(ByteView(certificate.signature)));
}

struct MethodSetter {
  channel::SshAuthenticate& out;

  void operator()(const ssh::NoMethod&) const { out.mutable_none(); }
  void operator()(const ssh::PublicKeyMethod& method) const {
    auto* key = out.mutable_public_key();
    key->set_algorithm(method.algorithm);
    if (method.certificate) {
      set_certificate(*method.certificate, *key->mutable_certificate());
    } else {
      key->set_blob(to_string(ByteView(method.blob)));
    }
    key->set_has_signature(method.signature.has_value());
    if (method.signature) key->set_signature(to_string(ByteView(*method.signature)));
  }
  void operator()(const ssh::PasswordMethod& method) const {
    out.set_password(to_string(method.password.view()));
  }
  void operator()(const ssh::KeyboardInteractiveMethod&) const {
    out.mutable_keyboard_interactive();
  }
  void operator()(const ssh::PromptResponses& method) const {
    auto* responses = out.mutable_prompt_responses();
    for (const crypto::SecretBytes& response : method.responses)
      responses->add_response(to_string(response.view()));
  }
};

}  // namespace

Result<ssh::Greeting> ChannelAuthority::greet() {
  channel::Request request;
  request.mutable_ssh_greet();
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  const auto& greeting = reply.ssh_greeting();
  ssh::Greeting answer;
  answer.server_version = greeting.server_version();
  answer.server_kexinit = to_bytes(as_bytes(greeting.server_kexinit()));
  answer.login_grace_ms = greeting.login_grace_ms();
  answer.idle_timeout_ms = greeting.idle_timeout_ms();
  answer.signature_algorithms = greeting.signature_algorithms();
  return answer;
}

Result<Bytes> ChannelAuthority::fresh_kexinit() {
  channel::Request request;
  request.mutable_ssh_rekey();
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  return to_bytes(as_bytes(reply.ssh_kexinit().server_kexinit()));
}

Result<ssh::SignedExchange> ChannelAuthority::sign_exchange(const ssh::ExchangeInputs& inputs) {
  channel::Request request;
  auto* exchange = request.mutable_ssh_exchange();
  exchange->set_kex_algorithm(inputs.kex_algorithm);
  exchange->set_host_key_algorithm(inputs.host_key_algorithm);
  exchange->set_client_version(inputs.client_version);
  exchange->set_client_kexinit(to_string(ByteView(inputs.client_kexinit)));
  exchange->set_client_public(to_string(ByteView(inputs.client_public)));
  exchange->set_server_public(to_string(ByteView(inputs.server_public)));
  exchange->set_shared_secret(to_string(inputs.shared_secret.view()));
  set_protection(inputs.client_to_server, *exchange->mutable_client_to_server());
  set_protection(inputs.server_to_client, *exchange->mutable_server_to_client());
  if (inputs.group_request) {
    auto* group = exchange->mutable_group_request();
    group->set_min_bits(inputs.group_request->min_bits);
    group->set_preferred_bits(inputs.group_request->preferred_bits);
    group->set_max_bits(inputs.group_request->max_bits);
  }
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  const auto& answer = reply.ssh_signed_exchange();
  return ssh::SignedExchange{.host_key_blob = to_bytes(as_bytes(answer.host_key_blob())),
                             .exchange_hash = to_bytes(as_bytes(answer.exchange_hash())),
                             .signature_blob = to_bytes(as_bytes(answer.signature_blob()))};
}

Result<ssh::AuthAnswer> ChannelAuthority::authenticate(const ssh::AuthRequest& wanted) {
  channel::Request request;
  auto* authenticate = request.mutable_ssh_authenticate();
  authenticate->set_user_name(wanted.user);
  authenticate->set_service_name(wanted.service);
  std::visit(MethodSetter{*authenticate}, wanted.method);
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  const auto& answer = reply.ssh_authentication();
  ssh::AuthAnswer result;
  result.result = result_of(answer.outcome());
  result.methods_that_can_continue.assign(answer.methods_that_can_continue().begin(),
                                          answer.methods_that_can_continue().end());
  for (const auto& prompt : answer.prompt())
    result.prompts.push_back({prompt.text(), prompt.echo()});
  if (result.result == ssh::AuthResult::kSuccess) {
    BH_TRY(home_, sftp::Path::from_components(
                      {answer.home().component().begin(), answer.home().component().end()}));
    user_name_ = answer.shown_name();
    for (const std::string& blob : answer.host_key())
      result.host_keys.push_back(to_bytes(as_bytes(blob)));
  }
  return result;
}

Result<std::vector<Bytes>> ChannelAuthority::prove_host_keys(const std::vector<Bytes>& blobs) {
  channel::Request request;
  for (const Bytes& blob : blobs)
    request.mutable_ssh_prove_host_keys()->add_host_key(to_string(ByteView(blob)));
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  std::vector<Bytes> proofs;
  for (const std::string& proof : reply.ssh_host_key_proofs().signature_blob())
    proofs.push_back(to_bytes(as_bytes(proof)));
  return proofs;
}

}  // namespace bulkhead::processes
