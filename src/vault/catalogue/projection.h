// What the functions that apply one event share: where they write, and the checks that make an
// entry that does not fit an error (kCorrupt) instead of a wrong row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/error.h"
#include "proto/journal.pb.h"
#include "vault/catalogue/counters.h"
#include "vault/catalogue/rows.h"
#include "vault/catalogue/sqlite.h"

namespace bulkhead::vault {

// One entry being applied.
struct Projection {
  sqlite::Database& database;
  Counters& counters;
  KnownRows& known;
  std::uint64_t index;
  UnixMicros at;
  ChannelId channel;
  std::optional<journal::PayloadPosition> payload;
};

// The sentences get the entry's index and kind in front of them by apply_entry().
std::unexpected<Error> misfit(std::string message);
// A value that this release has no meaning for.
std::unexpected<Error> from_newer_release(std::string_view what);

// A protobuf field of type bytes.
inline ByteView view_of(const std::string& bytes) {
  return as_bytes(bytes);
}

// Each checks a field and returns it in our type; `what` names it in the error.
Status check_number(std::uint64_t number,
                    std::string_view what);             // 0 is none, and the top is reserved
Result<NameHash> hash_of(const journal::Sealed& name);  // a name that is looked up: box and hash
Result<LineageId> lineage_of(const std::string& bytes);

// Unknown ones are kCorrupt.
Status check_organisation(Projection& p, OrganisationId id);
// Under the present root key.
Status add_organisation_key(Projection& p, OrganisationId id, std::uint32_t epoch,
                            const std::string& wrapped_key);
Status check_user_known(Projection& p, UserId id);    // now or once
Status check_user_present(Projection& p, UserId id);  // and not removed
Status check_folder(Projection& p, NodeId id);

struct VersionFacts {
  LineageId lineage{};
  bool analysed = false;
};
Result<VersionFacts> find_version(Projection& p, VersionId id);

struct NodeFacts {
  NodeId id;
  NodeId parent;
  bool is_folder = false;
  VersionId version;
  std::uint64_t size = 0;
  std::uint64_t children = 0;
  Bytes name_box;
};
Result<std::optional<NodeFacts>> look_up_node(Projection& p, NodeId id);
Result<NodeFacts> find_node(Projection& p, NodeId id);

// Replaces an owner's list in one of the tables (owner, position, item).
struct ListTable {
  std::string_view erase;
  std::string_view insert;
  std::string_view select;
};
extern const ListTable kOrganisationRecipients;
extern const ListTable kUserKeys;
extern const ListTable kUserLoginMethods;
extern const ListTable kVersionParts;
extern const ListTable kAnalysisRecipients;

template <typename Items, typename ViewOf>
Status write_list(sqlite::Database& database, const ListTable& table, std::uint64_t owner,
                  const Items& items, ViewOf view) {
  BH_CHECK(database.run(table.erase, owner));
  std::int64_t position = 0;
  for (const auto& item : items)
    BH_CHECK(database.run(table.insert, owner, position++, view(item)));
  return {};
}

}  // namespace bulkhead::vault
