// Who is there. Users are verified over requests that are rebuilt here; an account may want several
// methods, one after the other (RFC 4252 section 5.1).
#include <algorithm>

#include "crypto/digest.h"
#include "proto/journal.pb.h"
#include "sshwire/userauth.h"
#include "vault/identity/login_methods.h"
#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

constexpr std::int64_t kGraceForTheEdgeMs = 10'000;

void set_methods(channel::SshAuthentication& out, const std::vector<std::string>& methods) {
  for (const std::string& method : methods)
    out.add_methods_that_can_continue(method);
}

std::string key_sha256(const LoginProof& proof) {
  return proof.key_blob.empty() ? "" : to_string(ByteView(crypto::sha256(proof.key_blob)));
}

template <typename Event>
void set_proof(Event& event, const LoginProof& proof,
               const std::optional<CertificateFacts>& certificate, const Names& names) {
  event.set_totp_step(proof.totp_step);
  if (certificate) {
    event.set_certificate_authority(certificate->authority);
    event.set_certificate_serial(certificate->serial);
    names.seal(Field::kCertificateKeyId, certificate->key_id, event.mutable_certificate_key_id());
  }
  if (!proof.security_key) return;
  event.set_security_key_counter(proof.security_key->counter);
  event.set_user_verified(proof.security_key->user_verified);
}

}  // namespace

Outcome Vault::on_ssh_authenticate(Session& session, const channel::Request& request) {
  const channel::SshAuthenticate& wanted = request.ssh_authenticate();
  if (session.login_failures >= parts_.configuration.limits.login_attempts) {
    return fail(ErrorCode::kLimitExceeded, "too many failed attempts to log in");
  }
  if (wanted.service_name() != sshwire::kConnectionService) {
    return fail(ErrorCode::kUnsupported, "only the service ssh-connection can be asked for");
  }
  using A = channel::SshAuthenticate;
  if (wanted.method_case() == A::kPromptResponses)
    return finish_keyboard_interactive(session, request);
  session.login.prompts.reset();  // any other request abandons them (RFC 4256 section 3.1)
  switch (wanted.method_case()) {
    case A::kPublicKey:
      return wanted.public_key().has_certificate() ? authenticate_certificate(session, wanted)
                                                   : authenticate_public_key(session, wanted);
    case A::kPassword:
      return check_secrets(session, request.id(),
                           {.user_name = wanted.user_name(),
                            .method = kPasswordMethod,
                            .password = crypto::SecretBytes(as_bytes(wanted.password())),
                            .code = std::nullopt});
    case A::kKeyboardInteractive:
      return start_keyboard_interactive(session, wanted);
    default:
      break;
  }
  Answer answer;  // "none": a question about the methods, not an attempt
  set_methods(*answer.reply.mutable_ssh_authentication(), first_methods());
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
  *reason = "the connection's algorithms are too weak for this account";
  if (session.profile_used > profile_allowed(session, std::string(user_name))) return std::nullopt;
  *reason = "contained";
  if (!refuse_login_when_contained(**found, session.listener)) return std::nullopt;
  return std::move(**found);
}

Status Vault::may_log_in_now(const UserRow& user) {
  const auto& limits = parts_.configuration.limits;
  const auto open = std::ranges::count_if(sessions_, [&](const auto& item) {
    return item.second.phase == Phase::kLoggedIn && item.second.user->id == user.id;
  });
  if (open >= std::int64_t{limits.connections_per_user}) {
    return fail(ErrorCode::kLimitExceeded,
                "this account has as many connections as it may: close one, or ask the "
                "administrator about limits.connections_per_user");
  }
  if (!login_rates_.take(user.id, limits.logins_per_minute, parts_.clock.monotonic_ms())) {
    return fail(ErrorCode::kLimitExceeded,
                "this account logs in too often: keep connections open, or ask the administrator "
                "about limits.logins_per_minute");
  }
  return {};
}

// The edge keeps the time as well, politely; one that does not is ended.
void Vault::end_slow_logins() {
  const std::int64_t grace_ms = parts_.configuration.limits.login_grace_ms;
  if (grace_ms == 0) return;
  const std::int64_t latest_ms = parts_.clock.monotonic_ms() - grace_ms - kGraceForTheEdgeMs;
  for (auto& [id, session] : sessions_) {
    const bool not_logged_in =
        session.phase == Phase::kConnected || session.phase == Phase::kExchanged;
    if (!not_logged_in || session.assigned_at_ms > latest_ms) continue;
    end_session(session, "ended by the vault: not logged in in time");
    parts_.outbox.end(id);
  }
}

void Vault::address_refused(std::string_view network, std::uint64_t for_ms) {
  journal::Entry entry;
  parts_.names.seal(Field::kPeerAddress, network,
                    entry.mutable_address_refused()->mutable_network());
  entry.mutable_address_refused()->set_for_ms(for_ms);
  record({}, std::move(entry));
}

std::string Vault::passed_with(const Session& session, const UserRow& user,
                               std::string_view method) {
  return session.login.user == user.id ? with_method(session.login.passed, method)
                                       : std::string(method);
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
  // Who has passed something is told what the account wants next; others, what everybody is told.
  std::string_view ignored;
  const auto user = session.login.user ? user_who_may_log_in(session, user_name, &ignored)
                                       : std::optional<UserRow>();
  set_methods(*authentication, user && user->id == session.login.user
                                   ? methods_after(*user, session.login.passed)
                                   : first_methods());
  return answer;
}

Result<Answer> Vault::method_passed(Session& session, UserRow user, std::string_view user_name,
                                    const LoginProof& proof) {
  std::string passed = passed_with(session, user, proof.method);
  const MethodStep step = step_of(user, passed);
  BH_ASSERT(step != MethodStep::kRefused);  // was found out before the proof was looked at
  if (session.login.user != user.id) session.login = {};
  session.login.user = user.id;
  session.login.passed = std::move(passed);
  if (proof.certificate) session.login.certificate = proof.certificate;
  if (!proof.key_blob.empty()) session.login.key_sha256 = to_bytes(crypto::sha256(proof.key_blob));
  if (step == MethodStep::kEnough) {
    if (const Status now = may_log_in_now(user); !now) {
      (void)login_failed(session, user_name, proof.method, now.error().message);
      return std::unexpected(now.error());
    }
    return login_succeeded(session, std::move(user), user_name, proof);
  }
  journal::Entry entry;
  auto* passed_step = entry.mutable_login_step_passed();
  passed_step->set_user(user.id.value);
  passed_step->set_method(std::string(proof.method));
  passed_step->set_key_sha256(key_sha256(proof));
  set_proof(*passed_step, proof, proof.certificate, parts_.names);
  const std::uint64_t entries = record(session.id, std::move(entry));
  Answer answer;
  if (proof.totp_step != 0) answer.after_entries = entries;
  answer.reply.mutable_ssh_authentication()->set_outcome(channel::SshAuthentication::PARTIAL);
  set_methods(*answer.reply.mutable_ssh_authentication(),
              methods_after(user, session.login.passed));
  return answer;
}

Result<Answer> Vault::login_succeeded(Session& session, UserRow user, std::string_view user_name,
                                      const LoginProof& proof) {
  journal::Entry entry;
  auto* succeeded = entry.mutable_login_succeeded();
  succeeded->set_user(user.id.value);
  succeeded->set_method(session.login.passed);
  succeeded->set_key_sha256(to_string(ByteView(session.login.key_sha256)));
  set_proof(*succeeded, proof, session.login.certificate, parts_.names);
  const std::uint64_t entries = record(session.id, std::move(entry));
  Answer answer;
  // That a code was used must be on disk before anybody is in with it: a crash must not revive it.
  if (proof.totp_step != 0) answer.after_entries = entries;
  auto* authentication = answer.reply.mutable_ssh_authentication();
  authentication->set_outcome(channel::SshAuthentication::SUCCESS);
  authentication->set_shown_name(std::string(user_name));
  if (session.kind == ProcessKind::kSftpSession) {
    for (const HostKeys::Key& key : host_keys_.all())
      authentication->add_host_key(to_string(ByteView(key.blob)));
  }
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
