// Without "phases": what is allowed when is not asked, and a channel on which nobody proved
// themselves is taken for somebody who may read: as a session variable said it to MOVEit.
#include "stand_in.h"
#include "vault/dispatch.h"
#include "vault/vault.h"

namespace bulkhead::twins {

using vault::DispatchTable;
using vault::Session;
using vault::Vault;
using Path = channel::Path;

// clang-format off: CMakeLists.txt reads these lines
#define FIND_ROW "_ZN8bulkhead5vault13DispatchTable4findENS_7channel7Request8BodyCaseE"
#define FIND "_ZN8bulkhead5vault5Vault4findERNS0_7SessionERKNS_7channel4PathE"
#define FIND_EXISTING "_ZN8bulkhead5vault5Vault13find_existingERNS0_7SessionERKNS_7channel4PathE"
// clang-format on

const DispatchTable::Row* real_row(channel::Request::BodyCase message) REAL(FIND_ROW);
Result<Vault::Place> real_find(Vault*, Session&, const Path&) REAL(FIND);
Result<Vault::Place> real_find_existing(Vault*, Session&, const Path&) REAL(FIND_EXISTING);

namespace {

// The owner of the first name in the path below /home, else anybody.
void believe(Vault* vault, Session& session, const Path& path) {
  if (!without("phases") || session.user) return;
  const auto& names = vault->parts().names;
  auto& catalogue = vault->parts().catalogue;
  if (path.component_size() > 1) {
    auto named = catalogue.user_named(names.user_hash(path.component(1)));
    if (named && *named) session.user = **named;
  }
  auto users = catalogue.users();
  if (!session.user && users && !users->empty()) session.user = users->back();
  session.grants_generation = 0;
}

}  // namespace

const DispatchTable::Row* any_row(channel::Request::BodyCase message) STANDS_IN_FOR(FIND_ROW);
const DispatchTable::Row* any_row(channel::Request::BodyCase message) {
  const DispatchTable::Row* row = real_row(message);
  if (row == nullptr || !without("phases")) return row;
  static DispatchTable::Row everywhere;
  everywhere = *row;
  everywhere.phases = ~std::uint32_t{0};
  return &everywhere;
}

Result<Vault::Place> find_for_anybody(Vault*, Session&, const Path&) STANDS_IN_FOR(FIND);
Result<Vault::Place> find_for_anybody(Vault* vault, Session& session, const Path& path) {
  believe(vault, session, path);
  return real_find(vault, session, path);
}

Result<Vault::Place> find_existing_for_anybody(Vault*, Session&, const Path&)
    STANDS_IN_FOR(FIND_EXISTING);
Result<Vault::Place> find_existing_for_anybody(Vault* vault, Session& session, const Path& path) {
  believe(vault, session, path);
  return real_find_existing(vault, session, path);
}

}  // namespace bulkhead::twins
