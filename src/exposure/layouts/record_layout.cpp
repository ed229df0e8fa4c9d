// Flattens the tree of a layout into fields.
#include "exposure/layouts/record_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxFields = 32'768;
constexpr std::size_t kMaxChoices = 1'024;
constexpr std::uint32_t kMaxRecord = 1024 * 1024;
constexpr unsigned kMaxDepth = 50;
constexpr std::uint32_t kMaxWholeGroup = 40;
constexpr std::uint32_t kLongestPart = 5;  // shorter ones (YY, MM, AREA) are no values

constexpr std::array<std::pair<std::string_view, Framing>, 7> kFramings = {{
    {"lines", Framing::kLines},
    {"ebcdic-lines", Framing::kEbcdicLines},
    {"fixed", Framing::kFixed},
    {"v", Framing::kVariable},
    {"v-without-itself", Framing::kVariableOther},
    {"v-little-endian", Framing::kVariableLittle},
    {"vb", Framing::kVariableBlocked},
}};

bool is_filler(const std::string& name) {
  return name.empty() || name == "FILLER";
}

// A date in three parts, a number in two: one field, if its name says what it is.
bool is_one_value(FieldKind kind) {
  switch (info(kind).shape) {
    case FieldShape::kDate:
    case FieldShape::kIdentifier:
      return kind != FieldKind::kDeathFlag && kind != FieldKind::kPseudonym;
    case FieldShape::kContact:
      return kind == FieldKind::kPhone;
    case FieldShape::kAddressPart:
      return kind == FieldKind::kPostalCode;
    default:
      return false;
  }
}

class Flattener {
 public:
  Flattener(RecordLayout& layout, const Rules& rules) : layout_(layout), rules_(rules) {}

  Status run() {
    std::vector<std::string> names;
    for (const LayoutNode& node : layout_.nodes)
      names.push_back(is_filler(node.name) ? "" : node.name);
    std::vector<std::uint32_t> groups(names.size(), 0);
    for (std::uint32_t i = 0; i < layout_.nodes.size(); ++i) {
      for (const std::uint32_t child : layout_.nodes[i].children)
        groups[child] = i;
    }
    meanings_ = meanings_of(names, groups, rules_);
    for (std::size_t i = 0; i < meanings_.size(); ++i)
      apply_own_words(layout_.nodes[i], meanings_[i]);
    BH_TRY(layout_.length, children(0, 0, 0));
    if (layout_.fields.empty()) return fail(ErrorCode::kMalformed, "it describes no fields");
    layout_.shortest = shortest(0, 0);
    return {};
  }

 private:
  static void apply_own_words(const LayoutNode& node, HeaderMeaning& meaning) {
    if (!node.label.empty()) meaning.label = node.label;
    if (node.subject) {
      meaning.subject = *node.subject;
      meaning.says_subject = true;
    }
    if (!node.kind) return;
    meaning.kind = *node.kind;
    meaning.known = true;
    meaning.generic = false;
    meaning.says_subject = true;
  }

  // Everything under `index` from `at` on; returns its length.
  Result<std::uint32_t> children(std::uint32_t index, std::uint32_t at, unsigned depth) {
    if (depth > kMaxDepth) return fail(ErrorCode::kLimitExceeded, "groups are nested too deep");
    const std::vector<std::uint32_t> list = layout_.nodes[index].children;
    // Records side by side describe the same area: the root's children are alternatives.
    if (index == 0 && list.size() > 1) return alternatives(list, at, depth);
    std::uint32_t length = 0;
    for (std::size_t i = 0; i < list.size();) {
      std::size_t end = i + 1;
      while (end < list.size() && !layout_.nodes[list[end]].redefines.empty())
        ++end;
      const std::vector<std::uint32_t> group(list.begin() + static_cast<std::ptrdiff_t>(i),
                                             list.begin() + static_cast<std::ptrdiff_t>(end));
      const std::uint32_t here = aligned(layout_.nodes[group[0]], at + length);
      std::uint32_t taken = 0;
      if (group.size() == 1) {
        BH_TRY(taken, item(group[0], here, depth + 1));
      } else {
        BH_TRY(taken, alternatives(group, here, depth + 1));
      }
      length = here - at + taken;
      if (length > kMaxRecord)
        return fail(ErrorCode::kLimitExceeded, "a record would be longer than 1 MiB");
      i = end;
    }
    return length;
  }

  Result<std::uint32_t> alternatives(const std::vector<std::uint32_t>& list, std::uint32_t at,
                                     unsigned depth) {
    if (layout_.choices.size() >= kMaxChoices)
      return fail(ErrorCode::kLimitExceeded, "it redefines too often");
    const auto choice = static_cast<std::uint16_t>(layout_.choices.size());
    layout_.choices.push_back({.needs = needs_, .names = {}});
    std::uint32_t longest = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      layout_.choices[choice].names.push_back(layout_.nodes[list[i]].name);
      needs_.push_back({choice, static_cast<std::uint16_t>(i)});
      BH_TRY(const std::uint32_t length, item(list[i], at, depth + 1));
      needs_.pop_back();
      longest = std::max(longest, length);
    }
    return longest;
  }

  // All occurrences of one item.
  Result<std::uint32_t> item(std::uint32_t index, std::uint32_t at, unsigned depth) {
    if (depth > kMaxDepth) return fail(ErrorCode::kLimitExceeded, "groups are nested too deep");
    const std::uint32_t times = layout_.nodes[index].occurs_max;
    const bool table = times > 1 || !layout_.nodes[index].depending_on.empty();
    layout_.varying = layout_.varying || !layout_.nodes[index].depending_on.empty();
    const bool outermost = table && table_ == 0;
    if (outermost) table_ = ++tables_;
    std::uint32_t length = 0;
    for (std::uint32_t i = 0; i < times; ++i) {
      if (table) indexes_.push_back(i + 1);
      if (outermost) occurrence_ = i;
      BH_TRY(const std::uint32_t one, once(index, at + length, depth));
      if (table) indexes_.pop_back();
      length += one;
      if (length > kMaxRecord)
        return fail(ErrorCode::kLimitExceeded, "a record would be longer than 1 MiB");
      if (one == 0) break;
    }
    if (outermost) table_ = occurrence_ = 0;
    return length;
  }

  Result<std::uint32_t> once(std::uint32_t index, std::uint32_t at, unsigned depth) {
    const LayoutNode& node = layout_.nodes[index];
    if (node.children.empty()) {
      BH_CHECK(push(index, at, node.length, node.usage));
      return node.length;
    }
    if (const auto length = whole_length(index)) {
      BH_CHECK(push(index, at, *length, FieldUsage::kText));
      layout_.nodes[index].length = *length;
      layout_.nodes[index].children.clear();
      return *length;
    }
    return children(index, at, depth);
  }

  Status push(std::uint32_t index, std::uint32_t at, std::uint32_t length, FieldUsage usage) {
    if (layout_.fields.size() >= kMaxFields)
      return fail(ErrorCode::kLimitExceeded, "it describes more than 32,768 fields");
    LayoutField field{.node = index,
                      .at = at,
                      .length = length,
                      .usage = usage,
                      .name = layout_.nodes[index].name,
                      .meaning = meanings_[index],
                      .needs = needs_,
                      .table = table_,
                      .occurrence = occurrence_};
    if (is_filler(field.name)) {
      field.name = "FILLER";
      field.meaning = {.header = "FILLER"};
    } else if (!indexes_.empty()) {
      field.name += fmt::format("({})", fmt::join(indexes_, ","));
      // "ADDR-LINE(2)" is the second line.
      if (field.meaning.kind == FieldKind::kAddressLine1 && indexes_.back() > 1)
        field.meaning.kind = FieldKind::kAddressLine2;
    }
    field.meaning.header = field.name.substr(0, 128);
    layout_.fields.push_back(std::move(field));
    return {};
  }

  // The length of a group of digits and texts that is one value; nothing for others.
  std::optional<std::uint32_t> whole_length(std::uint32_t index) const {
    const LayoutNode& node = layout_.nodes[index];
    if (is_filler(node.name) || !meanings_[index].known || !is_one_value(meanings_[index].kind))
      return std::nullopt;
    std::uint32_t length = 0;
    for (const std::uint32_t child : node.children) {
      const LayoutNode& part = layout_.nodes[child];
      const bool plain =
          part.usage == FieldUsage::kText || (part.usage == FieldUsage::kZoned && !part.is_signed);
      // What is something by itself is no part of a number.
      const HeaderMeaning& own = meanings_[child];
      if (own.known && own.kind != FieldKind::kNone && own.kind != meanings_[index].kind &&
          part.length >= kLongestPart)
        return std::nullopt;
      if (!part.children.empty() || !plain || part.occurs_max != 1 || !part.redefines.empty() ||
          !part.depending_on.empty())
        return std::nullopt;
      length += part.length;
    }
    return length <= kMaxWholeGroup ? std::optional(length) : std::nullopt;
  }

  // SYNCHRONIZED binary numbers start at a multiple of their length, four at most.
  static std::uint32_t aligned(const LayoutNode& node, std::uint32_t at) {
    if (!node.aligned || node.length < 2) return at;
    const std::uint32_t to = node.length == 2 ? 2 : 4;
    return (at + to - 1) / to * to;
  }

  std::uint32_t shortest(std::uint32_t index, unsigned depth) const {
    const LayoutNode& node = layout_.nodes[index];
    std::uint32_t one = node.length;
    if (!node.children.empty() && depth <= kMaxDepth) {
      one = 0;
      std::uint32_t area = 0;  // the shortest of the alternatives at one place
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        const std::uint32_t child = node.children[i];
        const std::uint32_t length = shortest(child, depth + 1);
        const bool over = i > 0 && (index == 0 || !layout_.nodes[child].redefines.empty());
        if (!over) one += std::exchange(area, 0);
        area = over ? std::min(area, length) : length;
      }
      one += area;
    }
    const std::uint32_t times = node.depending_on.empty() ? node.occurs_max : node.occurs_min;
    return one * times;
  }

  RecordLayout& layout_;
  const Rules& rules_;
  std::vector<HeaderMeaning> meanings_;
  std::vector<Need> needs_;
  std::vector<std::uint32_t> indexes_;
  std::uint32_t table_ = 0, tables_ = 0, occurrence_ = 0;
};

}  // namespace

std::string_view to_string(Framing framing) {
  for (const auto& [word, known] : kFramings) {
    if (known == framing) return word;
  }
  return "fixed";
}

std::optional<Framing> framing_from(std::string_view word) {
  for (const auto& [known, framing] : kFramings) {
    if (known == word) return framing;
  }
  return std::nullopt;
}

Status finish_layout(RecordLayout& layout, const Rules& rules) {
  return Flattener(layout, rules).run();
}

}  // namespace bulkhead::exposure
