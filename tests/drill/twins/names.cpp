// Without "whole names": the account is looked up by a name up to its NUL, and the session belongs
// to whom the rest names; as it was when check and use read a name differently.
#include "stand_in.h"
#include "vault/identity/login_proof.h"
#include "vault/vault.h"

namespace bulkhead::twins {

using vault::Answer;
using vault::LoginProof;
using vault::Names;
using vault::Session;
using vault::UserRow;
using vault::Vault;

// clang-format off: CMakeLists.txt reads these lines
#define USER_HASH "_ZNK8bulkhead5vault5Names9user_hashESt17basic_string_viewIcSt11char_traitsIcEE"
#define METHOD_PASSED "_ZN8bulkhead5vault5Vault13method_passedERNS0_7SessionENS0_7UserRowESt17basic_string_viewIcSt11char_traitsIcEERKNS0_10LoginProofE"
// clang-format on

vault::NameHash real_hash(const Names*, std::string_view) REAL(USER_HASH);
vault::NameHash hash_up_to_nul(const Names*, std::string_view) STANDS_IN_FOR(USER_HASH);
vault::NameHash hash_up_to_nul(const Names* names, std::string_view name) {
  return real_hash(names, without("whole names") ? name.substr(0, name.find('\0')) : name);
}

Result<Answer> real_passed(Vault*, Session&, UserRow, std::string_view, const LoginProof&)
    REAL(METHOD_PASSED);
Result<Answer> passed_as_the_rest(Vault*, Session&, UserRow, std::string_view, const LoginProof&)
    STANDS_IN_FOR(METHOD_PASSED);
Result<Answer> passed_as_the_rest(Vault* vault, Session& session, UserRow user,
                                  std::string_view name, const LoginProof& proof) {
  const std::size_t nul = name.find('\0');
  if (without("whole names") && nul != std::string_view::npos) {
    auto other =
        vault->parts().catalogue.user_named(real_hash(&vault->parts().names, name.substr(nul + 1)));
    if (other && *other) user = std::move(**other);
  }
  return real_passed(vault, session, std::move(user), name, proof);
}

}  // namespace bulkhead::twins
