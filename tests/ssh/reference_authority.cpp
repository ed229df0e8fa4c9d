#include "reference_authority.h"

#include <algorithm>

#include "sshwire/exchange_hash.h"
#include "sshwire/kexinit.h"
#include "sshwire/keys.h"
#include "sshwire/names.h"
#include "sshwire/userauth.h"

namespace bulkhead::ssh::testing {

ReferenceAuthority::ReferenceAuthority(crypto::Random& random)
    : random_(random), host_key_(crypto::Ed25519KeyPair::generate(random)) {
  greeting.server_version = "SSH-2.0-Bulkhead_test";
  for (const auto name : sshwire::offered(sshwire::signature_names(), sshwire::Profile::kModern)) {
    if (!greeting.signature_algorithms.empty()) greeting.signature_algorithms += ',';
    greeting.signature_algorithms += name;
  }
}

Bytes ReferenceAuthority::compose(bool first) {
  const auto cookie = random_.array<16>();
  return sshwire::compose_kexinit(
      cookie, {.profile = profile, .host_key_algorithms = {"ssh-ed25519"}, .first = first});
}

Result<Greeting> ReferenceAuthority::greet() {
  kexinit_ = compose(true);
  Greeting result = greeting;
  result.server_kexinit = kexinit_;
  return result;
}

Result<Bytes> ReferenceAuthority::fresh_kexinit() {
  kexinit_ = compose(false);
  return kexinit_;
}

Result<SignedExchange> ReferenceAuthority::sign_exchange(const ExchangeInputs& inputs) {
  if (refuse_to_sign) return fail(ErrorCode::kRefused, "The server signs nothing at the moment");
  SignedExchange result;
  result.host_key_blob = sshwire::ed25519_key_blob(host_key_.public_key);
  BH_TRY(result.exchange_hash,
         sshwire::exchange_hash(inputs.kex_algorithm, {.client_version = inputs.client_version,
                                                       .server_version = greeting.server_version,
                                                       .client_kexinit = inputs.client_kexinit,
                                                       .server_kexinit = kexinit_,
                                                       .host_key_blob = result.host_key_blob,
                                                       .client_public = inputs.client_public,
                                                       .server_public = inputs.server_public,
                                                       .shared_secret = inputs.shared_secret.view(),
                                                       .group_request = inputs.group_request}));
  result.signature_blob = sshwire::ed25519_signature_blob(host_key_.sign(result.exchange_hash));
  if (session_id_.empty()) session_id_ = result.exchange_hash;
  ++exchanges;
  client_to_server = inputs.client_to_server;
  server_to_client = inputs.server_to_client;
  return result;
}

// Not proofs that a client would take: those are the vault's.
Result<std::vector<Bytes>> ReferenceAuthority::prove_host_keys(const std::vector<Bytes>& blobs) {
  asked_to_prove = blobs;
  std::vector<Bytes> proofs;
  for (const Bytes& blob : blobs) {
    if (std::ranges::find(announced_host_keys, blob) == announced_host_keys.end())
      return fail(ErrorCode::kRefused, "That is not a host key of this server");
    proofs.push_back(to_bytes(as_bytes("proof")));
  }
  return proofs;
}

AuthAnswer ReferenceAuthority::failure() const {
  return {AuthResult::kFailure, {"publickey", "password"}, {}};
}

AuthAnswer ReferenceAuthority::check_key(const User& user, const AuthRequest& request,
                                         const PublicKeyMethod& method) {
  if (std::ranges::find(user.key_blobs, method.blob) == user.key_blobs.end()) return failure();
  const auto key = sshwire::parse_public_key(method.blob);
  if (!key) return failure();
  if (!method.signature) return {AuthResult::kKeyAcceptable, {}, {}};
  const Bytes message = sshwire::userauth_signed_data(session_id_, request.user, request.service,
                                                      method.algorithm, method.blob);
  if (!sshwire::verify_signature(method.algorithm, *key, message, *method.signature))
    return failure();
  if (!user.needs_both) return {AuthResult::kSuccess, {}, {}};
  key_proved_ = true;
  return {AuthResult::kPartial, {"password"}, {}};
}

Result<AuthAnswer> ReferenceAuthority::authenticate(const AuthRequest& request) {
  const auto user = users.find(request.user);
  if (user == users.end()) return failure();
  if (const auto* key = std::get_if<PublicKeyMethod>(&request.method))
    return check_key(user->second, request, *key);
  if (const auto* password = std::get_if<PasswordMethod>(&request.method)) {
    const std::string& wanted = user->second.password;
    const bool right =
        !wanted.empty() && crypto::equal_constant_time(as_bytes(wanted), password->password.view());
    if (right && (!user->second.needs_both || key_proved_))
      return AuthAnswer{AuthResult::kSuccess, {}, {}, announced_host_keys};
  }
  if (std::holds_alternative<KeyboardInteractiveMethod>(request.method)) {
    return AuthAnswer{AuthResult::kPrompts, {}, {{"Password: ", false}, {"Code: ", true}}};
  }
  if (const auto* given = std::get_if<PromptResponses>(&request.method)) {
    const auto is = [&](std::size_t i, const std::string& wanted) {
      return i < given->responses.size() &&
             crypto::equal_constant_time(as_bytes(wanted), given->responses[i].view());
    };
    if (given->responses.size() == 2 && is(0, user->second.password) && is(1, user->second.code))
      return AuthAnswer{AuthResult::kSuccess, {}, {}};
  }
  return failure();
}

}  // namespace bulkhead::ssh::testing
