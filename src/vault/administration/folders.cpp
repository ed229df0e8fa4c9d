// Folders and who may do what in them.
#include <fmt/format.h>

#include <algorithm>

#include "proto/journal.pb.h"
#include "vault/administration/administration.h"
#include "vault/limits.h"

namespace bulkhead::vault {
namespace {

Result<std::vector<std::string>> components_of(std::string_view path) {
  std::vector<std::string> components;
  if (path.empty() || path.front() != '/') {
    return fail(ErrorCode::kInvalidArgument, "a folder's path starts with '/'");
  }
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(name.size());
    if (name.empty()) continue;
    if (name == "." || name == ".." || name.size() > kMaxNameBytes ||
        name.find('\0') != name.npos) {
      return fail(ErrorCode::kInvalidArgument,
                  "a folder's name has 1 to 255 bytes and is not '.' or '..'");
    }
    components.emplace_back(name);
  }
  if (components.size() > kMaxPathDepth) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("at most {} folders deep", kMaxPathDepth));
  }
  return components;
}

}  // namespace

Result<std::optional<NodeRow>> Administration::node_at(const std::string& path) {
  auto& parts = vault_.parts();
  BH_TRY(const auto components, components_of(path));
  BH_TRY(std::optional<NodeRow> at, parts.catalogue.node(kRootNode));
  for (const std::string& name : components) {
    if (!at) break;
    const NodeId parent = at->id;
    BH_TRY(at, parts.catalogue.child(parent, parts.names.node_hash(parent, name)));
  }
  return at;
}

Result<NodeRow> Administration::folder_at(const std::string& path) {
  BH_TRY(const auto at, node_at(path));
  if (!at)
    return fail(ErrorCode::kNotFound, "no such folder: bulkhead folder list shows those there are");
  if (!at->is_folder) return fail(ErrorCode::kNotDirectory, "it is a file");
  return *at;
}

Result<OrganisationId> Administration::organisation_for(const admin::AddFolder& wanted,
                                                        const NodeRow& parent) {
  if (!wanted.organisation().empty()) {
    BH_TRY(const OrganisationRow named, organisation_named(wanted.organisation()));
    return named.id;
  }
  if (parent.id != kRootNode) return parent.organisation;
  for (const admin::Member& member : wanted.member()) {
    BH_TRY(const UserRow user, user_named(member.user()));
    return user.organisation;
  }
  return parent.organisation;
}

Status Administration::add_folder(const admin::Request& request, const Send& send) {
  const auto& wanted = request.add_folder();
  auto& parts = vault_.parts();
  BH_TRY(const auto components, components_of(wanted.path()));
  if (components.empty())
    return fail(ErrorCode::kAlreadyExists, "the root folder is there already");
  BH_TRY(std::optional<NodeRow> at, parts.catalogue.node(kRootNode));
  bool made = false;
  for (const std::string& name : components) {
    const NodeRow parent = *at;
    if (!parent.is_folder) return fail(ErrorCode::kNotDirectory, "a part of the path is a file");
    BH_TRY(at, parts.catalogue.child(parent.id, parts.names.node_hash(parent.id, name)));
    if (at) continue;
    BH_TRY(const OrganisationId organisation, organisation_for(wanted, parent));
    BH_TRY(const NodeId id, vault_.make_folder(parent.id, name, organisation, {}, {}, 0755));
    made = true;
    BH_TRY(at, parts.catalogue.node(id));
    if (!at) return fail(ErrorCode::kInternal, "the folder that was just made is not there");
  }
  if (!made) return fail(ErrorCode::kAlreadyExists, "there is something of that name already");
  BH_CHECK(set_members(at->id, wanted.member()));
  admin::Reply reply;
  BH_TRY(*reply.mutable_folder(), shown_folder(*at));
  send_when_durable(std::move(reply), send);
  return {};
}

Status Administration::set_members(
    NodeId node, const google::protobuf::RepeatedPtrField<admin::Member>& members) {
  std::vector<std::pair<UserId, Rights>> checked;  // all before the first is set
  for (const admin::Member& member : members) {
    BH_TRY(const UserRow user, user_named(member.user()));
    const auto rights = Rights::parse(member.rights());
    if (!rights)
      return fail(ErrorCode::kInvalidArgument,
                  "rights are of read, write, list and delete, with commas");
    checked.emplace_back(user.id, *rights);
  }
  for (const auto& [user, rights] : checked) {
    journal::Entry entry;
    entry.mutable_rights_set()->set_node(node.value);
    entry.mutable_rights_set()->set_user(user.value);
    entry.mutable_rights_set()->set_rights(rights.bits());
    vault_.record({}, std::move(entry));
  }
  vault_.rights_changed();
  return {};
}

Status Administration::set_rights(const admin::Request& request, const Send& send) {
  BH_TRY(const NodeRow folder, folder_at(request.set_rights().path()));
  BH_CHECK(set_members(folder.id, request.set_rights().member()));
  admin::Reply reply;
  BH_TRY(*reply.mutable_folder(), shown_folder(folder));
  send_when_durable(std::move(reply), send);
  return {};
}

// Of uploads that begin from now on.
Status Administration::set_durability(const admin::Request& request, const Send& send) {
  const auto& wanted = request.set_durability();
  BH_TRY(const NodeRow folder, folder_at(wanted.path()));
  const auto durability = parse_durability(wanted.durability());
  if (!durability)
    return fail(ErrorCode::kInvalidArgument,
                "durability is power-loss, crash, or inherited (as the folder above)");
  journal::Entry entry;
  entry.mutable_folder_durability_set()->set_node(folder.id.value);
  entry.mutable_folder_durability_set()->set_durability(
      static_cast<journal::Durability>(*durability));
  vault_.record({}, std::move(entry));
  BH_TRY(const auto changed, vault_.parts().catalogue.node(folder.id));
  admin::Reply reply;
  BH_TRY(*reply.mutable_folder(), shown_folder(changed.value_or(folder)));
  send_when_durable(std::move(reply), send);
  return {};
}

Result<admin::Folder> Administration::shown_folder(const NodeRow& folder) {
  admin::Folder shown;
  BH_TRY(*shown.mutable_path(), vault_.path_of(folder.id));
  BH_TRY(*shown.mutable_organisation(), name_of(folder.organisation));
  shown.set_durability(
      std::string(kDurabilityWords.at(static_cast<std::size_t>(folder.durability))));
  BH_TRY(const auto grants, vault_.parts().catalogue.grants_on(folder.id));
  for (const GrantRow& grant : grants) {
    auto* member = shown.add_member();
    BH_TRY(*member->mutable_user(), name_of(grant.user));
    member->set_rights(grant.rights.to_string());
  }
  return shown;
}

Status Administration::list_below(const NodeRow& folder, std::vector<admin::Folder>& found,
                                  std::size_t depth) {
  BH_TRY(admin::Folder shown, shown_folder(folder));
  found.push_back(std::move(shown));
  if (depth >= kMaxPathDepth) return {};
  NodeId after;
  while (true) {
    BH_TRY(const auto children, vault_.parts().catalogue.children(folder.id, after, 1000));
    for (const NodeRow& child : children) {
      after = child.id;
      if (child.is_folder) BH_CHECK(list_below(child, found, depth + 1));
    }
    if (children.size() < 1000) return {};
  }
}

Status Administration::list_folders(const admin::Request& request, const Send& send) {
  const std::string& path = request.list_folders().path();
  BH_TRY(const NodeRow top, folder_at(path.empty() ? "/" : path));
  std::vector<admin::Folder> found;
  BH_CHECK(list_below(top, found, 0));
  std::ranges::sort(found, {}, [](const admin::Folder& folder) { return folder.path(); });
  for (admin::Folder& folder : found) {
    admin::Reply reply;
    reply.set_more(true);
    *reply.mutable_folder() = std::move(folder);
    send(std::move(reply), {});
  }
  send({}, {});
  return {};
}

}  // namespace bulkhead::vault
