// Who is there: the vault's half of SSH. It composes its own side of the exchange, hashes, signs
// only that hash, and verifies users over requests that it rebuilds; the edge's word counts for
// nothing.
#include <fmt/format.h>

#include <algorithm>

#include "crypto/password.h"
#include "proto/journal.pb.h"
#include "sshwire/exchange_hash.h"
#include "sshwire/kexinit.h"
#include "sshwire/keys.h"
#include "sshwire/userauth.h"
#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

constexpr std::string_view kServerVersion = "SSH-2.0-Bulkhead_" BULKHEAD_RELEASE;
constexpr std::string_view kHostKeyAlgorithm = "ssh-ed25519";
constexpr const char* kMethods[] = {"publickey", "password"};

std::optional<sshwire::GroupRequest> group_request_of(const channel::SshExchange& exchange) {
  if (!exchange.has_group_request()) return std::nullopt;
  const auto& wanted = exchange.group_request();
  return sshwire::GroupRequest{wanted.min_bits(), wanted.preferred_bits(), wanted.max_bits()};
}

}  // namespace

Outcome Vault::on_ssh_greet(Session& session, const channel::Request&) {
  if (!session.server_kexinit.empty()) return fail(ErrorCode::kInvalidArgument, "greeted already");
  session.server_version = kServerVersion;
  session.server_kexinit = fresh_kexinit(true);
  Answer answer;
  auto* greeting = answer.reply.mutable_ssh_greeting();
  greeting->set_server_version(session.server_version);
  greeting->set_server_kexinit(to_string(ByteView(session.server_kexinit)));
  greeting->set_login_grace_ms(parts_.configuration.limits.login_grace_ms);
  greeting->set_idle_timeout_ms(parts_.configuration.limits.idle_timeout_ms);
  return answer;
}

Bytes Vault::fresh_kexinit(bool first) {
  return sshwire::compose_kexinit(parts_.random.array<16>(),
                                  {.profile = sshwire::Profile::kCompatible,
                                   .host_key_algorithms = {kHostKeyAlgorithm},
                                   .first = first});
}

Outcome Vault::on_ssh_rekey(Session& session, const channel::Request&) {
  session.server_kexinit = fresh_kexinit(false);
  Answer answer;
  answer.reply.mutable_ssh_kexinit()->set_server_kexinit(
      to_string(ByteView(session.server_kexinit)));
  return answer;
}

Outcome Vault::on_ssh_exchange(Session& session, const channel::Request& request) {
  const channel::SshExchange& exchange = request.ssh_exchange();
  if (session.server_kexinit.empty())
    return fail(ErrorCode::kInvalidArgument, "no KEXINIT of ours is open");
  if (session.exchanges >= kMaxExchangesPerChannel) {
    return fail(ErrorCode::kLimitExceeded, "too many key exchanges on one connection");
  }
  if (exchange.host_key_algorithm() != kHostKeyAlgorithm) {
    return fail(ErrorCode::kUnsupported, "no host key of that kind");
  }
  const Bytes host_key_blob = sshwire::ed25519_key_blob(parts_.keys.host_key.public_key);
  auto hash = sshwire::exchange_hash(exchange.kex_algorithm(),
                                     {.client_version = exchange.client_version(),
                                      .server_version = session.server_version,
                                      .client_kexinit = as_bytes(exchange.client_kexinit()),
                                      .server_kexinit = session.server_kexinit,
                                      .host_key_blob = host_key_blob,
                                      .client_public = as_bytes(exchange.client_public()),
                                      .server_public = as_bytes(exchange.server_public()),
                                      .shared_secret = as_bytes(exchange.shared_secret()),
                                      .group_request = group_request_of(exchange)});
  if (!hash) return std::unexpected(std::move(hash).error());
  ++session.exchanges;
  session.server_kexinit.clear();  // one KEXINIT, one signature
  if (session.session_id.empty()) {
    session.session_id = *hash;
    session.phase = Phase::kExchanged;
  }
  const crypto::Ed25519Signature signature = parts_.keys.host_key.sign(*hash);
  Answer answer;
  auto* signed_exchange = answer.reply.mutable_ssh_signed_exchange();
  signed_exchange->set_host_key_blob(to_string(ByteView(host_key_blob)));
  signed_exchange->set_exchange_hash(to_string(ByteView(*hash)));
  signed_exchange->set_signature_blob(
      to_string(ByteView(sshwire::ed25519_signature_blob(signature))));
  return answer;
}

// --- Users
// -----------------------------------------------------------------------------------------------------------

Outcome Vault::on_ssh_authenticate(Session& session, const channel::Request& request) {
  const channel::SshAuthenticate& wanted = request.ssh_authenticate();
  if (session.login_failures >= parts_.configuration.limits.login_attempts) {
    return fail(ErrorCode::kLimitExceeded, "too many failed attempts to log in");
  }
  if (wanted.service_name() != sshwire::kConnectionService) {
    return fail(ErrorCode::kUnsupported, "only the service ssh-connection can be asked for");
  }
  switch (wanted.method_case()) {
    case channel::SshAuthenticate::kPublicKey:
      return authenticate_public_key(session, wanted);
    case channel::SshAuthenticate::kPassword:
      return authenticate_password(session, request);
    default:
      break;
  }
  Answer answer;  // "none": a question about the methods, not an attempt
  for (const char* method : kMethods)
    answer.reply.mutable_ssh_authentication()->add_methods_that_can_continue(method);
  return answer;
}

std::optional<UserRow> Vault::user_who_may_log_in(const Session& session,
                                                  std::string_view user_name,
                                                  std::string_view* reason) {
  *reason = "no such user";
  if (user_name.empty() || user_name.size() > kMaxUserNameBytes) return std::nullopt;
  auto found = parts_.catalogue.user_named(parts_.names.user_hash(user_name));
  if (!found || !*found) return std::nullopt;
  *reason = "the account is disabled";
  if ((*found)->disabled) return std::nullopt;
  *reason = "the account does not transfer files";
  if ((*found)->role != UserRole::kUser) return std::nullopt;  // administrators read no contents
  *reason = "contained";
  if (!refuse_login_when_contained(**found, session.listener)) return std::nullopt;
  return std::move(**found);
}

Result<Answer> Vault::authenticate_public_key(Session& session,
                                              const channel::SshAuthenticate& wanted) {
  const channel::SshPublicKey& offered = wanted.public_key();
  std::string_view reason;
  std::optional<UserRow> user = user_who_may_log_in(session, wanted.user_name(), &reason);
  bool enrolled = false;
  if (user) {
    reason = "the key is not enrolled";
    for (const Bytes& box : user->public_key_boxes) {
      BH_TRY(const std::string blob, parts_.names.open_box(Field::kPublicKey, box));
      enrolled = enrolled ||
                 blob == offered.blob();  // byte for byte: a key is never a name or a path of one
    }
  }
  if (!enrolled) return login_failed(session, wanted.user_name(), "publickey", reason);
  if (!offered.has_signature()) {
    Answer answer;
    answer.reply.mutable_ssh_authentication()->set_outcome(
        channel::SshAuthentication::KEY_ACCEPTABLE);
    return answer;
  }
  const auto key = sshwire::parse_public_key(as_bytes(offered.blob()));
  const Bytes signed_data =
      sshwire::userauth_signed_data(session.session_id, wanted.user_name(), wanted.service_name(),
                                    offered.algorithm(), as_bytes(offered.blob()));
  if (!key || !sshwire::verify_signature(offered.algorithm(), *key, signed_data,
                                         as_bytes(offered.signature()))) {
    return login_failed(session, wanted.user_name(), "publickey", "the signature is not valid");
  }
  return login_succeeded(session, std::move(*user), wanted.user_name(), "publickey",
                         as_bytes(offered.blob()));
}

// Hashing takes its time on a worker, the same for users who do not exist.
Outcome Vault::authenticate_password(Session& session, const channel::Request& request) {
  struct Check {
    std::string encoded;
    crypto::SecretBytes password;
    bool good = false;
  };
  const channel::SshAuthenticate& wanted = request.ssh_authenticate();
  std::string_view reason;
  const std::optional<UserRow> user = user_who_may_log_in(session, wanted.user_name(), &reason);
  auto check = std::make_shared<Check>();
  check->encoded = crypto::unmatchable_password();
  check->password = crypto::SecretBytes(as_bytes(wanted.password()));
  if (user && !user->password_hash_box.empty()) {
    auto encoded = parts_.names.open_box(Field::kPasswordHash, user->password_hash_box);
    if (!encoded) return std::unexpected(std::move(encoded).error());
    check->encoded = std::move(*encoded);
    reason = "wrong password";
  } else if (user) {
    reason = "the account has no password";
  }
  const Status submitted = parts_.workers.submit(
      [check] {
        check->good = crypto::verify_password(check->encoded, as_text(check->password.view()));
      },
      [this, check, channel = session.id, id = request.id(), name = wanted.user_name(),
       reason = std::string(reason)] {
        Session* to = live(channel);
        if (to == nullptr) return;
        // Looked up again: the account may have been disabled while the hash was computed.
        std::string_view now;
        std::optional<UserRow> user_now = user_who_may_log_in(*to, name, &now);
        if (check->good && user_now) {
          finish(channel, id, login_succeeded(*to, std::move(*user_now), name, "password", {}));
        } else {
          finish(channel, id, login_failed(*to, name, "password", reason));
        }
      });
  if (!submitted) return std::unexpected(submitted.error());
  return std::nullopt;
}

Result<Answer> Vault::login_failed(Session& session, std::string_view user_name,
                                   std::string_view method, std::string_view reason) {
  ++session.login_failures;
  journal::Entry entry;
  auto* failed = entry.mutable_login_failed();
  parts_.names.seal(Field::kUserName, user_name.substr(0, kMaxUserNameBytes),
                    failed->mutable_user_name());
  failed->set_method(std::string(method));
  failed->set_reason(std::string(reason));
  record(session.id, std::move(entry));
  Answer answer;
  auto* authentication = answer.reply.mutable_ssh_authentication();
  authentication->set_outcome(channel::SshAuthentication::FAILURE);
  for (const char* each : kMethods)
    authentication->add_methods_that_can_continue(each);
  return answer;
}

Result<Answer> Vault::login_succeeded(Session& session, UserRow user, std::string_view user_name,
                                      std::string_view method, ByteView key_blob) {
  journal::Entry entry;
  auto* succeeded = entry.mutable_login_succeeded();
  succeeded->set_user(user.id.value);
  succeeded->set_method(std::string(method));
  if (!key_blob.empty()) succeeded->set_key_sha256(to_string(ByteView(crypto::sha256(key_blob))));
  record(session.id, std::move(entry));
  Answer answer;
  auto* authentication = answer.reply.mutable_ssh_authentication();
  authentication->set_outcome(channel::SshAuthentication::SUCCESS);
  authentication->set_shown_name(std::string(user_name));
  std::vector<std::string> home;
  for (NodeId at = user.home; at && at != kRootNode && home.size() < kMaxPathDepth;) {
    BH_TRY(const std::optional<NodeRow> node, parts_.catalogue.node(at));
    if (!node) {
      home.clear();  // the home was removed: the session starts at the root
      break;
    }
    BH_TRY(std::string name, parts_.names.open_box(Field::kNodeName, node->name_box));
    home.push_back(std::move(name));
    at = node->parent;
  }
  for (auto name = home.rbegin(); name != home.rend(); ++name)
    authentication->mutable_home()->add_component(*name);
  BH_TRY(const auto organisation, parts_.catalogue.organisation(user.organisation));
  if (organisation) {
    BH_TRY(session.organisation_name,
           parts_.names.open_box(Field::kOrganisationName, organisation->name_box));
  }
  session.phase = Phase::kLoggedIn;
  session.user_name = user_name;
  session.user = std::move(user);
  return answer;
}

}  // namespace bulkhead::vault
