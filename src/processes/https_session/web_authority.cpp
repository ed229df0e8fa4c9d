#include "processes/https_session/web_authority.h"

#include "channel/limits.h"
#include "https/limits.h"

namespace bulkhead::processes {

// The API refuses what the vault would end the channel for.
static_assert(https::kMaxUserNameBytes == channel::kMaxUserNameBytes);
static_assert(https::kMaxPasswordBytes == channel::kMaxPasswordBytes);

Result<WebAuthority::Greeting> WebAuthority::greet() {
  channel::Request request;
  request.mutable_tls_greet();
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  const auto& greeting = reply.tls_greeting();
  return Greeting{{greeting.certificate().begin(), greeting.certificate().end()},
                  greeting.login_grace_ms(),
                  greeting.idle_timeout_ms()};
}

Result<Bytes> WebAuthority::sign(ByteView content) {
  channel::Request request;
  request.mutable_tls_sign()->set_content(to_string(content));
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  return to_bytes(as_bytes(reply.tls_signature().signature()));
}

Result<https::Authority::Outcome> WebAuthority::log_in(const https::LogInSecrets& secrets) {
  channel::Request request;
  auto* wanted = request.mutable_log_in();
  wanted->set_user_name(secrets.user);
  wanted->set_password(to_string(secrets.password.view()));
  wanted->set_code(to_string(secrets.code.view()));
  BH_TRY(const channel::Reply reply, vault_.call(std::move(request)));
  const auto& answer = reply.ssh_authentication();
  if (answer.outcome() == channel::SshAuthentication::PARTIAL) return Outcome::kPartial;
  if (answer.outcome() != channel::SshAuthentication::SUCCESS) return Outcome::kFailure;
  BH_TRY(sftp::Path home, sftp::Path::from_components({answer.home().component().begin(),
                                                       answer.home().component().end()}));
  files_.emplace(vault_, std::move(home), answer.shown_name());
  return Outcome::kSuccess;
}

}  // namespace bulkhead::processes
