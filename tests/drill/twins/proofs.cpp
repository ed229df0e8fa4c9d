// Without "signatures": any signature will do. Without "keys": a key that does not parse is an
// error that nobody looks at. Without "codes": a code is good as long as its time lasts.
#include "crypto/totp.h"
#include "sshwire/keys.h"
#include "sshwire/userauth.h"
#include "stand_in.h"
#include "vault/identity/login_methods.h"
#include "vault/vault.h"

namespace bulkhead::twins {

using channel::SshAuthenticate;
using vault::Answer;
using vault::Session;
using vault::Vault;

// clang-format off: CMakeLists.txt reads these lines
#define CHECK "_ZN8bulkhead7sshwire15check_signatureESt17basic_string_viewIcSt11char_traitsIcEERKSt7variantIJNS0_10Ed25519KeyENS0_6RsaKeyENS0_8EcdsaKeyENS0_11SecurityKeyEEESt4spanIKhLm18446744073709551615EESF_NS_10SshProfileE"
#define PUBLIC_KEY "_ZN8bulkhead5vault5Vault23authenticate_public_keyERNS0_7SessionERKNS_7channel15SshAuthenticateE"
#define TOTP "_ZN8bulkhead6crypto10check_totpESt4spanIKhLm18446744073709551615EESt17basic_string_viewIcSt11char_traitsIcEEmm"
// clang-format on

using Facts = std::optional<sshwire::SignatureFacts>;
Facts real_check(std::string_view, const sshwire::PublicKey&, ByteView, ByteView, SshProfile)
    REAL(CHECK);
Facts any_signature(std::string_view, const sshwire::PublicKey&, ByteView, ByteView, SshProfile)
    STANDS_IN_FOR(CHECK);
Facts any_signature(std::string_view algorithm, const sshwire::PublicKey& key, ByteView message,
                    ByteView signature, SshProfile most) {
  Facts facts = real_check(algorithm, key, message, signature, most);
  return facts || !without("signatures") ? facts : sshwire::SignatureFacts();
}

Result<Answer> real_public_key(Vault*, Session&, const SshAuthenticate&) REAL(PUBLIC_KEY);
Result<Answer> any_key(Vault*, Session&, const SshAuthenticate&) STANDS_IN_FOR(PUBLIC_KEY);
Result<Answer> any_key(Vault* vault, Session& session, const SshAuthenticate& wanted) {
  const ByteView blob = as_bytes(wanted.public_key().blob());
  if (without("keys") && !sshwire::parse_public_key(blob)) {
    std::string_view reason;
    if (auto user = vault->user_who_may_log_in(session, wanted.user_name(), &reason)) {
      return vault->method_passed(session, std::move(*user), wanted.user_name(),
                                  {.method = vault::kPublicKeyMethod, .key_blob = blob});
    }
  }
  return real_public_key(vault, session, wanted);
}

std::uint64_t real_totp(ByteView, std::string_view, std::uint64_t, std::uint64_t) REAL(TOTP);
std::uint64_t code_again(ByteView, std::string_view, std::uint64_t, std::uint64_t)
    STANDS_IN_FOR(TOTP);
std::uint64_t code_again(ByteView secret, std::string_view code, std::uint64_t now_step,
                         std::uint64_t last_used_step) {
  return real_totp(secret, code, now_step, without("codes") ? 0 : last_used_step);
}

}  // namespace bulkhead::twins
