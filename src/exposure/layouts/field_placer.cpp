#include <algorithm>

#include "exposure/layouts/field_value.h"
#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint32_t kNoCounter = 0xFFFFFFFF;

}  // namespace

FieldPlacer::FieldPlacer(const RecordLayout& layout, CodePage page, bool shifting)
    : layout_(layout),
      page_(page),
      shifting_(shifting),
      places_(layout.fields.size(), kAbsent),
      last_place_(layout.nodes.size(), kAbsent),
      fields_inside_(layout.nodes.size(), 0),
      lengths_(layout.nodes.size(), 0),
      counters_(layout.nodes.size(), kNoCounter) {
  // Children stand behind their parents: from the back, sums are complete when they are needed.
  for (std::size_t i = layout.nodes.size(); i-- > 0;) {
    const LayoutNode& node = layout.nodes[i];
    if (node.children.empty()) {
      fields_inside_[i] = 1;
      lengths_[i] = node.length;
    }
    std::uint32_t area = 0;  // of the item that others redefine
    for (const std::uint32_t child : node.children) {
      const LayoutNode& part = layout.nodes[child];
      fields_inside_[i] += fields_inside_[child] * part.occurs_max;
      const std::uint32_t length = lengths_[child] * part.occurs_max;
      const bool over = !part.redefines.empty() || (i == 0 && node.children.size() > 1);
      if (over) {
        lengths_[i] += std::max(area, length) - area;
        area = std::max(area, length);
      } else {
        lengths_[i] += length;
        area = length;
      }
    }
    if (node.depending_on.empty()) continue;
    // The count stands before the table: the nearest item of that name.
    for (std::size_t k = i; k-- > 0 && counters_[i] == kNoCounter;) {
      if (layout.nodes[k].name == node.depending_on) counters_[i] = static_cast<std::uint32_t>(k);
    }
  }
}

const std::vector<std::uint32_t>& FieldPlacer::place(std::string_view record) {
  record_ = record;
  next_ = 0;
  std::fill(places_.begin(), places_.end(), kAbsent);
  walk_once(0, 0);
  return places_;
}

std::uint32_t FieldPlacer::count_of(const LayoutNode& node) const {
  if (node.depending_on.empty()) return node.occurs_max;
  const auto index = static_cast<std::size_t>(&node - layout_.nodes.data());
  const std::uint32_t counter = counters_[index];
  if (counter == kNoCounter || last_place_[counter] == kAbsent) return node.occurs_max;
  const LayoutNode& count = layout_.nodes[counter];
  if (last_place_[counter] + count.length > record_.size()) return 0;
  const std::uint32_t value =
      decode_count(count, record_.substr(last_place_[counter], count.length), page_);
  return std::clamp(value, std::min(node.occurs_min, node.occurs_max), node.occurs_max);
}

void FieldPlacer::skip_fields(std::uint32_t node) {
  next_ += fields_inside_[node];
}

// All occurrences; returns how many bytes they take.
std::uint32_t FieldPlacer::walk(std::uint32_t index, std::uint32_t at) {
  const LayoutNode& node = layout_.nodes[index];
  const std::uint32_t count = count_of(node);
  std::uint32_t length = 0;
  for (std::uint32_t i = 0; i < node.occurs_max; ++i) {
    if (i < count)
      length += walk_once(index, at + length);
    else
      skip_fields(index);
  }
  return shifting_ ? length : lengths_[index] * node.occurs_max;
}

std::uint32_t FieldPlacer::walk_once(std::uint32_t index, std::uint32_t at) {
  const LayoutNode& node = layout_.nodes[index];
  if (node.children.empty()) {
    last_place_[index] = at;
    if (next_ < places_.size()) places_[next_++] = at;
    return node.length;
  }
  std::uint32_t length = 0;
  std::uint32_t start = 0;  // of the item that others redefine
  for (const std::uint32_t child : node.children) {
    const LayoutNode& part = layout_.nodes[child];
    const bool over = !part.redefines.empty() || (index == 0 && node.children.size() > 1);
    if (!over) start = length;
    const std::uint32_t taken = walk(child, at + start);
    length = std::max(length, start + taken);
  }
  return length;
}

}  // namespace bulkhead::exposure
