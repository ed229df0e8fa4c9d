// Folders, and what happens to nodes other than getting contents.
#include "vault/catalogue/apply_files.h"

#include <fmt/format.h>

#include "vault/catalogue/events.h"

namespace bulkhead::vault::apply {

using journal::Entry;

namespace {

constexpr std::size_t kMaxDepth =
    100'000;  // of folders in folders; ends a walk through a damaged table

Status count_child(Projection& p, NodeId parent, int change) {
  BH_TRY(
      const bool counted,
      p.database.changed_one("UPDATE nodes SET children = children + ? WHERE id = ? AND is_folder",
                             change, parent));
  return counted ? Status() : check_folder(p, parent);
}

// A folder must not come to lie in itself.
Status check_outside(Projection& p, NodeId folder, NodeId moved) {
  NodeId at = folder;
  for (std::size_t depth = 0; depth < kMaxDepth; ++depth) {
    if (at == moved) return misfit(fmt::format("it would move folder {} into itself", moved.value));
    if (at == kRootNode) return {};
    BH_TRY(const NodeFacts node, find_node(p, at));
    at = node.parent;
  }
  return misfit("the folders above do not end");
}

Status remove_node(Projection& p, const NodeFacts& node) {
  if (node.id == kRootNode) return misfit("the root cannot be removed");
  if (node.children != 0) return misfit(fmt::format("folder {} is not empty", node.id.value));
  if (node.is_folder) {
    BH_CHECK(p.database.run("DELETE FROM grants WHERE node = ?", node.id));
  } else {
    BH_CHECK(retire_current_version(p, node));
  }
  BH_CHECK(p.database.run("DELETE FROM nodes WHERE id = ?", node.id));
  return count_child(p, node.parent, -1);
}

// The node that NodeRenamed says had the name: it must be exactly that one.
Status remove_replaced(Projection& p, NodeId replaced, NodeId parent, const NameHash& name) {
  BH_TRY(
      const std::uint64_t there,
      p.database.number("SELECT id FROM nodes WHERE parent = ? AND name_hash = ?", parent, name));
  if (there != replaced.value) {
    return misfit(
        fmt::format("the node replaced is said to be {}, but it is {}", replaced.value, there));
  }
  BH_TRY(const NodeFacts node, find_node(p, replaced));
  return remove_node(p, node);
}

}  // namespace

Status insert_node(Projection& p, const NewNode& node) {
  BH_CHECK(p.database.run(
      "INSERT INTO nodes(id, parent, name_hash, name_box, is_folder, organisation, creator, "
      "version, size, modified_s, accessed_s, permissions, children, durability) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)",
      node.id, node.parent, node.name_hash, node.name_box, node.is_folder, node.organisation,
      node.creator, node.version, node.size, node.modified_s, p.at / kMicrosPerSecond,
      node.permissions));
  p.counters.saw(node.id);
  return node.parent ? count_child(p, node.parent, 1) : Status();
}

Status retire_current_version(Projection& p, const NodeFacts& file) {
  p.counters.files -= 1;
  p.counters.bytes -= file.size;
  return p.database.run("UPDATE versions SET current = 0 WHERE id = ?", file.version);
}

// The user may not be known yet: a home is made just before its user is added.
Status folder_made(Projection& p, const Entry& entry) {
  const auto& event = entry.folder_made();
  const NodeId id{event.node()};
  const NodeId parent{event.parent()};
  BH_CHECK(check_number(id.value, "node"));
  NewNode node{.id = id,
               .parent = parent,
               .name_box = view_of(event.name().box()),
               .is_folder = true,
               .organisation = OrganisationId{event.organisation()},
               .creator = UserId{event.user()},
               .modified_s = p.at / kMicrosPerSecond,
               .permissions = event.permissions()};
  if (id == kRootNode) {
    if (parent) return misfit("node 1 is the root and lies in no folder");
    return insert_node(p, node);
  }
  BH_CHECK(check_folder(p, parent));
  if (node.organisation) BH_CHECK(check_organisation(p, node.organisation));
  if (node.creator) {
    BH_CHECK(check_number(node.creator.value, "user"));
    p.counters.saw(node.creator);
  }
  BH_TRY(node.name_hash, hash_of(event.name()));
  return insert_node(p, node);
}

Status folder_durability_set(Projection& p, const Entry& entry) {
  const auto& event = entry.folder_durability_set();
  const NodeId id{event.node()};
  BH_CHECK(check_folder(p, id));
  if (!journal::Durability_IsValid(event.durability())) return from_newer_release("its durability");
  return p.database.run("UPDATE nodes SET durability = ? WHERE id = ?",
                        static_cast<std::uint64_t>(event.durability()), id);
}

Status node_removed(Projection& p, const Entry& entry) {
  BH_TRY(const NodeFacts node, find_node(p, NodeId{entry.node_removed().node()}));
  return remove_node(p, node);
}

Status node_renamed(Projection& p, const Entry& entry) {
  const auto& event = entry.node_renamed();
  BH_TRY(const NodeFacts node, find_node(p, NodeId{event.node()}));
  const NodeId parent{event.parent()};
  BH_TRY(const NameHash name, hash_of(event.name()));
  if (node.id == kRootNode) return misfit("the root cannot be renamed");
  if (event.replaced() == event.node()) return misfit("it would replace the node with itself");
  BH_CHECK(check_folder(p, parent));
  if (node.is_folder) BH_CHECK(check_outside(p, parent, node.id));
  if (event.replaced() != 0) BH_CHECK(remove_replaced(p, NodeId{event.replaced()}, parent, name));
  BH_CHECK(p.database.run("UPDATE nodes SET parent = ?, name_hash = ?, name_box = ? WHERE id = ?",
                          parent, name, view_of(event.name().box()), node.id));
  if (parent == node.parent) return {};
  BH_CHECK(count_child(p, node.parent, -1));
  return count_child(p, parent, 1);
}

Status attributes_set(Projection& p, const Entry& entry) {
  const auto& event = entry.attributes_set();
  const auto modified = event.has_modified_s() ? std::optional(event.modified_s()) : std::nullopt;
  const auto accessed = event.has_accessed_s() ? std::optional(event.accessed_s()) : std::nullopt;
  const auto permissions =
      event.has_permissions() ? std::optional(event.permissions()) : std::nullopt;
  BH_TRY(const bool known,
         p.database.changed_one("UPDATE nodes SET modified_s = coalesce(?, modified_s), accessed_s "
                                "= coalesce(?, accessed_s), "
                                "permissions = coalesce(?, permissions) WHERE id = ?",
                                modified, accessed, permissions, event.node()));
  if (!known) return misfit(fmt::format("there is no node {}", event.node()));
  return {};
}

}  // namespace bulkhead::vault::apply
