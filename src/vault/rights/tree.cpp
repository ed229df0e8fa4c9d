// Finding things by path: rights are gathered on the way down, on the identities of folders, never
// on strings. What a user may not see does not exist for them.
#include <fmt/format.h>

#include "proto/journal.pb.h"

#include "vault/limits.h"
#include "vault/vault.h"

namespace bulkhead::vault {

Status Vault::refresh_grants(Session& session) {
  if (session.grants_generation == grants_generation_) return {};
  session.grants.clear();
  session.on_the_way.clear();
  BH_TRY(const std::vector<GrantRow> grants, parts_.catalogue.grants_of(session.user->id));
  for (const GrantRow& grant : grants) {
    session.grants[grant.node] = grant.rights;
    NodeId above = grant.node;
    for (std::size_t depth = 0; above && depth <= kMaxPathDepth; ++depth) {
      BH_TRY(const std::optional<NodeRow> node, parts_.catalogue.node(above));
      if (!node) break;
      session.on_the_way.insert(above);
      above = node->parent;
    }
  }
  session.grants_generation = grants_generation_;
  return {};
}

bool Vault::may_see(const Session& session, NodeId node, Rights inherited) const {
  return !inherited.none() || session.on_the_way.contains(node);
}

namespace {

std::unexpected<Error> no_such_path() {
  return fail(ErrorCode::kNotFound, "no such file or folder");
}

Rights with_grants(const Session& session, NodeId node, Rights inherited) {
  const auto found = session.grants.find(node);
  return found == session.grants.end() ? inherited : inherited.with(found->second);
}

}  // namespace

Result<Vault::Place> Vault::find(Session& session, const channel::Path& path) {
  BH_CHECK(refresh_grants(session));
  BH_TRY(std::optional<NodeRow> at, parts_.catalogue.node(kRootNode));
  if (!at) return fail(ErrorCode::kCorrupt, "the catalogue has no root folder");
  Place place;
  place.parent = *at;
  place.rights = with_grants(session, kRootNode, {});
  place.durability = inherited(Durability::kPowerLoss, at->durability);
  for (int i = 0; i < path.component_size(); ++i) {
    if (!at) return no_such_path();
    if (!at->is_folder) return fail(ErrorCode::kNotDirectory, "a part of the path is a file");
    place.parent = std::move(*at);
    place.durability = inherited(place.durability, place.parent.durability);
    place.name = path.component(i);
    place.name_hash = parts_.names.node_hash(place.parent.id, place.name);
    BH_TRY(at, parts_.catalogue.child(place.parent.id, place.name_hash));
    if (!at) continue;
    const Rights below = with_grants(session, at->id, place.rights);
    if (!may_see(session, at->id, below)) return no_such_path();
    place.rights = below;
  }
  place.node = std::move(at);
  place.visible = place.node && may_see(session, place.node->id, place.rights);
  return place;
}

Result<Vault::Place> Vault::find_existing(Session& session, const channel::Path& path) {
  BH_TRY(Place place, find(session, path));
  if (!place.node || !place.visible) return no_such_path();
  return place;
}

Result<std::string> Vault::path_of(NodeId id) {
  std::string path;
  for (std::size_t depth = 0; id != kRootNode && depth <= kMaxPathDepth; ++depth) {
    BH_TRY(const std::optional<NodeRow> node, parts_.catalogue.node(id));
    if (!node) return fail(ErrorCode::kNotFound, "it was removed");
    BH_TRY(const std::string name, parts_.names.open_box(Field::kNodeName, node->name_box));
    path = "/" + name + path;
    id = node->parent;
  }
  return path.empty() ? "/" : path;
}

Result<std::string> Vault::path_of(const VersionRow& version) {
  if (auto path = path_of(version.node)) return path;
  BH_TRY(const std::string name, parts_.names.open_box(Field::kNodeName, version.name_box));
  return fmt::format("(removed)/{}", name);
}

Result<NodeId> Vault::make_folder(NodeId parent, std::string_view name, OrganisationId organisation,
                                  UserId creator, ChannelId channel, std::uint32_t permissions) {
  const NodeId id = parts_.catalogue.next_node();
  journal::Entry entry;
  auto* made = entry.mutable_folder_made();
  made->set_node(id.value);
  made->set_parent(parent.value);
  parts_.names.seal(Field::kNodeName, name, made->mutable_name());
  made->mutable_name()->set_hash(to_string(ByteView(parts_.names.node_hash(parent, name))));
  made->set_organisation(organisation.value);
  made->set_user(creator.value);
  made->set_permissions(permissions);
  record(channel, std::move(entry));
  if (fault_) return fail(*fault_);
  return id;
}

}  // namespace bulkhead::vault
