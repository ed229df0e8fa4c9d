// Method "publickey" (RFC 4252 section 7).
#include "crypto/digest.h"
#include "proto/journal.pb.h"
#include "sshwire/keys.h"
#include "sshwire/names.h"
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
  if (enrolled) {
    BH_TRY(const bool revoked,
           parts_.catalogue.key_revoked(crypto::sha256(as_bytes(offered.blob()))));
    reason = revoked ? "the key was revoked" : std::string_view();
  }
  OfferedKey key{.blob = to_bytes(as_bytes(offered.blob())),
                 .key_blob = {},
                 .signature_algorithm = offered.algorithm(),
                 .verify_required = user && user->verify_required,
                 .certificate = std::nullopt};
  key.key_blob = key.blob;
  return sign_in_with(session, std::move(user), wanted, key, reason);
}

// The rest of it, for keys and certificates alike. `reason`: why the key is none of the user's;
// empty: it is one.
Result<Answer> Vault::sign_in_with(Session& session, std::optional<UserRow> user,
                                   const channel::SshAuthenticate& wanted, const OfferedKey& key,
                                   std::string_view reason) {
  const channel::SshPublicKey& offered = wanted.public_key();
  const auto refuse = [&](std::string_view why) {
    return login_failed(session, wanted.user_name(), kPublicKeyMethod, why);
  };
  if (!user || !reason.empty()) return refuse(reason);
  if (step_of(*user, passed_with(session, *user, kPublicKeyMethod)) == MethodStep::kRefused)
    return refuse("a key is not what this account wants next");
  const SshProfile most = profile_allowed(session, wanted.user_name());
  if (sshwire::find_signature(key.signature_algorithm, most) == nullptr)
    return refuse("the signature's algorithm is too weak for this account");
  if (!offered.has_signature()) {
    Answer answer;
    answer.reply.mutable_ssh_authentication()->set_outcome(
        channel::SshAuthentication::KEY_ACCEPTABLE);
    return answer;
  }
  const auto public_key = sshwire::parse_public_key(key.key_blob);
  const Bytes signed_data = sshwire::userauth_signed_data(
      session.session_id, wanted.user_name(), wanted.service_name(), offered.algorithm(), key.blob);
  const auto facts =
      public_key ? sshwire::check_signature(key.signature_algorithm, *public_key, signed_data,
                                            as_bytes(offered.signature()), most)
                 : std::nullopt;
  if (!facts) return refuse("the signature is not valid");
  const LoginProof proof{.method = kPublicKeyMethod,
                         .key_blob = key.key_blob,
                         .security_key = facts->security_key,
                         .certificate = key.certificate};
  BH_TRY(const std::string_view wrong, judge_security_key(*user, proof, key.verify_required));
  if (!wrong.empty()) return refuse(wrong);
  note_weak_signature(session, key.signature_algorithm);
  return method_passed(session, std::move(*user), wanted.user_name(), proof);
}

// What is wrong with what a security key signed along; empty: nothing, or it is another kind of
// key. A counter that does not grow means that there is a copy of the key (WebAuthn section 6.1.1);
// authenticators that do not count always say 0.
Result<std::string_view> Vault::judge_security_key(const UserRow& user, const LoginProof& proof,
                                                   bool verify_required) {
  if (!proof.security_key) return std::string_view();
  if (!proof.security_key->user_present) return "nobody touched the security key";
  if (verify_required && !proof.security_key->user_verified)
    return "the security key did not verify its user, which is required";
  BH_TRY(const std::uint32_t last,
         parts_.catalogue.security_key_counter(user.id, crypto::sha256(proof.key_blob)));
  if (last != 0 && proof.security_key->counter <= last)
    return "the security key's counter did not grow: is there a copy of the key?";
  return std::string_view();
}

}  // namespace bulkhead::vault
