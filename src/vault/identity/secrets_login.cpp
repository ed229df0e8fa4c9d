// Methods "password" (RFC 4252 section 8) and "keyboard-interactive" (RFC 4256): a password, a code
// (RFC 6238), or both.
#include "crypto/password.h"
#include "crypto/totp.h"
#include "proto/journal.pb.h"
#include "vault/identity/login_methods.h"
#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {
namespace {

constexpr std::string_view kNotNext = "the method is not what this account wants next";

}  // namespace

// What is asked depends on the name alone, never on whether there is such a user: of names without
// an account every second one is asked for a code, always the same ones. Who has passed a method
// already is asked for what is left.
Result<Answer> Vault::start_keyboard_interactive(Session& session,
                                                 const channel::SshAuthenticate& wanted) {
  const NameHash name = parts_.names.user_hash(wanted.user_name());
  BH_TRY(const std::optional<UserRow> user, parts_.catalogue.user_named(name));
  OpenPrompts prompts{.password = true, .code = user ? !user->totp_box.empty() : name[0] % 2 != 0};
  if (user && session.login.user == user->id) {
    prompts.password =
        !user->password_hash_box.empty() && !has_passed(session.login.passed, kPasswordMethod);
  }
  if (!prompts.password && !prompts.code) {
    return login_failed(session, wanted.user_name(), kKeyboardInteractiveMethod,
                        "the account has neither password nor second factor left to ask for");
  }
  session.login.prompts = prompts;
  session.login.prompted_name = wanted.user_name();
  Answer answer;
  auto* authentication = answer.reply.mutable_ssh_authentication();
  authentication->set_outcome(channel::SshAuthentication::PROMPTS);
  if (prompts.password) authentication->add_prompt()->set_text("Password: ");
  if (prompts.code) authentication->add_prompt()->set_text("Verification code: ");
  return answer;
}

Outcome Vault::finish_keyboard_interactive(Session& session, const channel::Request& request) {
  const channel::SshAuthenticate& wanted = request.ssh_authenticate();
  const std::optional<OpenPrompts> prompts = std::exchange(session.login.prompts, std::nullopt);
  if (!prompts || session.login.prompted_name != wanted.user_name())
    return fail(ErrorCode::kInvalidArgument, "responses to prompts that were not sent");
  const auto& responses = wanted.prompt_responses().response();
  if (responses.size() != int{prompts->password} + int{prompts->code}) {  // RFC 4256 section 3.4
    return login_failed(session, wanted.user_name(), kKeyboardInteractiveMethod,
                        "the responses are not as many as the prompts");
  }
  LoginSecrets secrets{.user_name = wanted.user_name(),
                       .method = kKeyboardInteractiveMethod,
                       .password = std::nullopt,
                       .code = std::nullopt};
  if (prompts->password) secrets.password.emplace(as_bytes(responses[0]));
  if (prompts->code) secrets.code.emplace(as_bytes(responses[responses.size() - 1]));
  return check_secrets(session, request.id(), std::move(secrets));
}

// Hashing takes its time on a worker, the same for users who do not exist.
Outcome Vault::check_secrets(Session& session, std::uint64_t request_id, LoginSecrets secrets) {
  struct Check {
    std::string encoded;
    LoginSecrets secrets;
    bool good = false;
  };
  if (!secrets.password) return secrets_checked(session, secrets, {});
  std::string_view reason;
  const std::optional<UserRow> user = user_who_may_log_in(session, secrets.user_name, &reason);
  auto check = std::make_shared<Check>();
  check->encoded = crypto::unmatchable_password();
  check->secrets = std::move(secrets);
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
        check->good =
            crypto::verify_password(check->encoded, as_text(check->secrets.password->view()));
      },
      [this, check, channel = session.id, request_id, reason = std::string(reason)] {
        Session* to = live(channel);
        if (to == nullptr) return;
        finish(channel, request_id,
               secrets_checked(*to, check->secrets,
                               check->good ? std::string_view() : std::string_view(reason)));
      });
  if (!submitted) return std::unexpected(submitted.error());
  return std::nullopt;
}

// `wrong`: what is wrong with the password; empty: nothing.
Result<Answer> Vault::secrets_checked(Session& session, const LoginSecrets& secrets,
                                      std::string_view wrong) {
  // Looked up again: the account may have been disabled while the hash was computed.
  std::string_view reason;
  std::optional<UserRow> user = user_who_may_log_in(session, secrets.user_name, &reason);
  if (!wrong.empty()) reason = wrong;
  if (user && wrong.empty() && secrets.password) session.password_of = user->id;
  if (user && wrong.empty()) {
    const std::string passed = passed_with(session, *user, secrets.method);
    // A code alone is no proof: something must have come before it.
    const bool enough_asked = secrets.password.has_value() || session.login.user == user->id;
    if (!enough_asked || step_of(*user, passed) == MethodStep::kRefused) {
      wrong = reason = kNotNext;
    }
  }
  if (!user || !wrong.empty())
    return login_failed(session, secrets.user_name, secrets.method, reason);
  LoginProof proof{.method = secrets.method, .key_blob = {}};
  if (secrets.method == kKeyboardInteractiveMethod && !user->totp_box.empty()) {
    BH_TRY(proof.totp_step, check_code(*user, secrets, &reason));
    if (proof.totp_step == 0)
      return login_failed(session, secrets.user_name, secrets.method, reason);
  }
  const std::string name = secrets.user_name;
  return method_passed(session, std::move(*user), name, proof);
}

// The step whose code it is; 0 with a reason.
Result<std::uint64_t> Vault::check_code(const UserRow& user, const LoginSecrets& secrets,
                                        std::string_view* reason) {
  const std::int64_t now_ms = parts_.clock.monotonic_ms();
  *reason = "too many wrong codes: none is looked at for a while";
  if (!code_guesses_.may_try(user.id, now_ms)) return 0;
  *reason = "wrong code, or one that was used";
  if (!secrets.code) return 0;  // enrolled after the prompts were sent
  BH_TRY(std::string secret, parts_.names.open_box(Field::kTotpSecret, user.totp_box));
  const std::uint64_t step =
      crypto::check_totp(as_bytes(secret), as_text(secrets.code->view()),
                         crypto::totp_step(parts_.clock.now() / kMicrosPerSecond), user.totp_step);
  crypto::wipe({reinterpret_cast<Byte*>(secret.data()), secret.size()});
  step == 0 ? code_guesses_.wrong(user.id, now_ms) : code_guesses_.right(user.id);
  return step;
}

}  // namespace bulkhead::vault
