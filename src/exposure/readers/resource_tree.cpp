#include "exposure/readers/resource_tree.h"

#include <algorithm>

namespace bulkhead::exposure {

ResourceTree::Node ResourceTree::add(Node parent, std::string_view name) {
  name = name.substr(0, kMaxValue);
  if (nodes_.size() >= kMaxNodes || text_.size() + name.size() > kMaxText) return kNone;
  const auto node = static_cast<Node>(nodes_.size());
  Item item;
  item.name = {static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size())};
  text_.append(name);
  item.value = {static_cast<std::uint32_t>(text_.size()), 0};
  item.parent = parent;
  if (parent != kNone) {
    Item& above = nodes_[parent];
    item.previous = above.last_child;
    if (above.last_child == kNone)
      above.first_child = node;
    else
      nodes_[above.last_child].next = node;
    above.last_child = node;
  }
  nodes_.push_back(item);
  return node;
}

void ResourceTree::set_value(Node node, std::string_view value, std::uint64_t offset,
                             std::uint64_t length) {
  // A value that is cut lies in the file as far as it goes.
  if (value.size() > kMaxValue) {
    value = value.substr(0, kMaxValue);
    length = std::min<std::uint64_t>(length, kMaxValue);
  }
  if (text_.size() + value.size() > kMaxText) return;
  Item& item = nodes_[node];
  item.value = {static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(value.size())};
  item.offset = offset;
  item.length = static_cast<std::uint32_t>(length);
  text_.append(value);
}

void ResourceTree::forget(Node node) {
  const Item item = nodes_[node];
  if (item.parent != kNone) {
    Item& above = nodes_[item.parent];
    above.last_child = item.previous;
    if (item.previous == kNone)
      above.first_child = kNone;
    else
      nodes_[item.previous].next = kNone;
  }
  nodes_.resize(node);
  text_.resize(item.name.at);
}

void ResourceTree::clear() {
  nodes_.clear();
  text_.clear();
}

ResourceTree::Node ResourceTree::child(Node node, std::string_view wanted) const {
  for (Node at = first_child(node); at != kNone; at = next(at)) {
    if (name(at) == wanted) return at;
  }
  return kNone;
}

std::string_view ResourceTree::child_value(Node node, std::string_view wanted) const {
  const Node found = child(node, wanted);
  return found == kNone ? std::string_view() : value(found);
}

}  // namespace bulkhead::exposure
