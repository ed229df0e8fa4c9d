// One FHIR resource in memory: a tree of names and values, the same for JSON and XML. Arrays have
// no nodes: their elements are children of one name. Bounded, and used again for the next resource.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::exposure {

class ResourceTree {
 public:
  using Node = std::uint32_t;
  static constexpr Node kNone = 0xFFFFFFFF;
  // A resource has some hundred values; who sends more than this does not send a record.
  static constexpr std::size_t kMaxNodes = 500'000, kMaxText = 32 * 1024 * 1024;
  static constexpr std::size_t kMaxValue = 1024;  // longer values are cut: nothing longer is kept

  // A child of `parent` (kNone: a root). kNone where there is no more room.
  Node add(Node parent, std::string_view name);
  void set_value(Node node, std::string_view value, std::uint64_t offset, std::uint64_t length);
  // Forgets the node and all that was added after it: it must be its parent's last child.
  void forget(Node node);
  void clear();

  std::string_view name(Node node) const { return text(nodes_[node].name); }
  std::string_view value(Node node) const { return text(nodes_[node].value); }
  // Where the value lies in the file. Decoded: it is written differently there (escapes).
  std::uint64_t offset(Node node) const { return nodes_[node].offset; }
  std::uint32_t length(Node node) const { return nodes_[node].length; }
  bool decoded(Node node) const { return nodes_[node].length != nodes_[node].value.length; }
  Node parent(Node node) const { return nodes_[node].parent; }

  Node first_child(Node node) const { return nodes_[node].first_child; }
  Node next(Node node) const { return nodes_[node].next; }
  // The first child of that name; kNone where there is none.
  Node child(Node node, std::string_view name) const;
  // The value of the first child of that name, or "".
  std::string_view child_value(Node node, std::string_view name) const;

  // Calls `take` with every node at a path such as "code.coding.code" below `node`.
  template <typename Take>
  void each(Node node, std::string_view path, Take&& take) const {
    const std::size_t dot = path.find('.');
    const std::string_view first = path.substr(0, dot);
    for (Node at = first_child(node); at != kNone; at = next(at)) {
      if (name(at) != first) continue;
      if (dot == std::string_view::npos)
        take(at);
      else
        each(at, path.substr(dot + 1), take);
    }
  }

 private:
  struct Piece {
    std::uint32_t at = 0, length = 0;
  };
  struct Item {
    Piece name, value;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
    Node parent = kNone, first_child = kNone, last_child = kNone, next = kNone, previous = kNone;
  };
  std::string_view text(Piece piece) const {
    return std::string_view(text_).substr(piece.at, piece.length);
  }
  std::vector<Item> nodes_;
  std::string text_;
};

}  // namespace bulkhead::exposure
