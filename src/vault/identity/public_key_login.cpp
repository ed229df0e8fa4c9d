// Method "publickey" (RFC 4252 section 7).
#include "proto/journal.pb.h"
#include "sshwire/keys.h"
#include "sshwire/userauth.h"
#include "vault/identity/login_methods.h"
#include "vault/vault.h"

namespace bulkhead::vault {

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
  if (enrolled &&
      step_of(*user, passed_with(session, *user, kPublicKeyMethod)) == MethodStep::kRefused) {
    enrolled = false;
    reason = "a key is not what this account wants next";
  }
  if (!enrolled) return login_failed(session, wanted.user_name(), kPublicKeyMethod, reason);
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
    return login_failed(session, wanted.user_name(), kPublicKeyMethod,
                        "the signature is not valid");
  }
  return method_passed(session, std::move(*user), wanted.user_name(),
                       {.method = kPublicKeyMethod, .key_blob = as_bytes(offered.blob())});
}

}  // namespace bulkhead::vault
