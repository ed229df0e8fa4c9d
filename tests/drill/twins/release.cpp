// Without "budgets": whatever is asked for may leave. Without "roles": administrators fetch files.
// Without "seal": whatever is in the catalogue's file is believed.
#include "processes/vault/catalogue_seal.h"
#include "stand_in.h"
#include "vault/vault.h"

namespace bulkhead::twins {

using processes::CatalogueSeal;
using vault::ReleaseGuard;
using vault::Session;
using vault::UserRow;
using vault::Vault;

// clang-format off: CMakeLists.txt reads these lines
#define JUDGE "_ZN8bulkhead5vault12ReleaseGuard5judgeERKNS1_5AskerERKNS1_6WantedE"
#define WHO_MAY "_ZN8bulkhead5vault5Vault19user_who_may_log_inERKNS0_7SessionESt17basic_string_viewIcSt11char_traitsIcEEPS8_"
#define TAKE_SEAL "_ZNK8bulkhead9processes13CatalogueSeal4takeEv"
// clang-format on

using Judged = Result<std::optional<ReleaseGuard::Refusal>>;
Judged real_judge(ReleaseGuard*, const ReleaseGuard::Asker&, const ReleaseGuard::Wanted&)
    REAL(JUDGE);
Judged judge_nothing(ReleaseGuard*, const ReleaseGuard::Asker&, const ReleaseGuard::Wanted&)
    STANDS_IN_FOR(JUDGE);
Judged judge_nothing(ReleaseGuard* guard, const ReleaseGuard::Asker& asker,
                     const ReleaseGuard::Wanted& wanted) {
  if (without("budgets")) return std::optional<ReleaseGuard::Refusal>();
  return real_judge(guard, asker, wanted);
}

std::optional<UserRow> real_who_may(const Vault*, const Session&, std::string_view,
                                    std::string_view*) REAL(WHO_MAY);
std::optional<UserRow> anybody_may(Vault*, const Session&, std::string_view, std::string_view*)
    STANDS_IN_FOR(WHO_MAY);
std::optional<UserRow> anybody_may(Vault* vault, const Session& session, std::string_view name,
                                   std::string_view* reason) {
  auto user = real_who_may(vault, session, name, reason);
  if (user || !without("roles")) return user;
  auto found = vault->parts().catalogue.user_named(vault->parts().names.user_hash(name));
  return found ? std::move(*found) : std::nullopt;
}

Result<bool> real_take(const CatalogueSeal*) REAL(TAKE_SEAL);
Result<bool> any_seal(const CatalogueSeal*) STANDS_IN_FOR(TAKE_SEAL);
Result<bool> any_seal(const CatalogueSeal* seal) {
  auto fits = real_take(seal);
  return without("seal") ? Result<bool>(true) : fits;
}

}  // namespace bulkhead::twins
