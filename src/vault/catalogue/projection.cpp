#include "vault/catalogue/projection.h"

#include <fmt/format.h>

#include <limits>

namespace bulkhead::vault {

// Written out, because statements are kept by their text.
const ListTable kOrganisationRecipients = {
    "DELETE FROM organisation_recipients WHERE owner = ?",
    "INSERT INTO organisation_recipients(owner, position, item) VALUES (?, ?, ?)",
    "SELECT item FROM organisation_recipients WHERE owner = ? ORDER BY position"};
const ListTable kUserKeys = {"DELETE FROM user_keys WHERE owner = ?",
                             "INSERT INTO user_keys(owner, position, item) VALUES (?, ?, ?)",
                             "SELECT item FROM user_keys WHERE owner = ? ORDER BY position"};
const ListTable kUserLoginMethods = {
    "DELETE FROM user_login_methods WHERE owner = ?",
    "INSERT INTO user_login_methods(owner, position, item) VALUES (?, ?, ?)",
    "SELECT item FROM user_login_methods WHERE owner = ? ORDER BY position"};
const ListTable kVersionParts = {
    "DELETE FROM version_parts WHERE owner = ?",
    "INSERT INTO version_parts(owner, position, item) VALUES (?, ?, ?)",
    "SELECT item FROM version_parts WHERE owner = ? ORDER BY position"};
const ListTable kAnalysisRecipients = {
    "DELETE FROM analysis_recipients WHERE owner = ?",
    "INSERT INTO analysis_recipients(owner, position, item) VALUES (?, ?, ?)",
    "SELECT item FROM analysis_recipients WHERE owner = ? ORDER BY position"};

std::unexpected<Error> misfit(std::string message) {
  return fail(ErrorCode::kCorrupt, std::move(message));
}

std::unexpected<Error> from_newer_release(std::string_view what) {
  return fail(ErrorCode::kNewerFormat,
              fmt::format("{} is one that this release does not know; start the release that wrote "
                          "it, or a newer one",
                          what));
}

Status check_number(std::uint64_t number, std::string_view what) {
  if (number == 0) return misfit(fmt::format("there is no {} in it", what));
  if (number >= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return misfit(fmt::format("the {} is out of range", what));
  }
  return {};
}

Result<NameHash> hash_of(const journal::Sealed& name) {
  NameHash hash;
  if (name.box().empty() || name.hash().size() != hash.size()) {
    return misfit("the sealed name is not complete");
  }
  const ByteView bytes = view_of(name.hash());
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

Result<LineageId> lineage_of(const std::string& bytes) {
  LineageId lineage;
  if (bytes.size() != lineage.size()) return misfit("the lineage does not have 16 bytes");
  const ByteView view = view_of(bytes);
  std::copy(view.begin(), view.end(), lineage.begin());
  return lineage;
}

namespace {

Status check_there(Projection& p, const char* count, std::uint64_t id, std::string_view otherwise) {
  if (p.known.contains({count, id})) return {};
  BH_TRY(const std::uint64_t found, p.database.number(count, id));
  if (found == 0) return misfit(fmt::format("{} {}", otherwise, id));
  p.known.emplace(count, id);
  return {};
}

}  // namespace

Status check_organisation(Projection& p, OrganisationId id) {
  return check_there(p, "SELECT count(*) FROM organisations WHERE id = ?", id.value,
                     "there is no organisation");
}

Status check_user_known(Projection& p, UserId id) {
  return check_there(p, "SELECT count(*) FROM users WHERE id = ?", id.value,
                     "there never was a user");
}

Status check_user_present(Projection& p, UserId id) {
  return check_there(p, "SELECT count(*) FROM users WHERE id = ? AND removed = 0", id.value,
                     "there is no user");
}

Status check_folder(Projection& p, NodeId id) {
  if (check_there(p, "SELECT count(*) FROM nodes WHERE id = ? AND is_folder = 1", id.value, ""))
    return {};
  BH_CHECK(find_node(p, id));
  return misfit(fmt::format("node {} is not a folder", id.value));
}

Result<VersionFacts> find_version(Projection& p, VersionId id) {
  BH_TRY(const auto found,
         p.database.first(
             "SELECT lineage, analysed FROM versions WHERE id = ?",
             [](sqlite::Row& row) { return VersionFacts{row.array<16>(), row.flag()}; }, id));
  if (!found) return misfit(fmt::format("there is no version {}", id.value));
  return *found;
}

Result<std::optional<NodeFacts>> look_up_node(Projection& p, NodeId id) {
  return p.database.first(
      "SELECT id, parent, is_folder, version, size, children, name_box FROM nodes WHERE id = ?",
      [](sqlite::Row& row) {
        return NodeFacts{row.id<NodeId>(), row.id<NodeId>(), row.flag(), row.id<VersionId>(),
                         row.u64(),        row.u64(),        row.bytes()};
      },
      id);
}

Result<NodeFacts> find_node(Projection& p, NodeId id) {
  BH_TRY(auto found, look_up_node(p, id));
  if (!found) return misfit(fmt::format("there is no node {}", id.value));
  return std::move(*found);
}

}  // namespace bulkhead::vault
