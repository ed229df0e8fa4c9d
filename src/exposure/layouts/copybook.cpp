#include "exposure/layouts/copybook.h"

#include <fmt/format.h>

#include <algorithm>

#include "exposure/detect/values.h"
#include "exposure/layouts/copybook_text.h"
#include "exposure/layouts/picture.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxWords = 200'000;
constexpr std::size_t kMaxNodes = 20'000;
constexpr std::uint32_t kMaxOccurs = 100'000;

std::optional<std::uint32_t> number(std::string_view word) {
  if (word.empty() || word.size() > 7) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : word) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value;
}

bool is_level(std::string_view word) {
  if (word.size() > 2) return false;
  const auto value = number(word);
  return value && ((*value >= 1 && *value <= 49) || *value == 66 || *value == 77 || *value == 78 ||
                   *value == 88);
}

// What USAGE says; the word "IS" and "USAGE" may stand before it.
enum class Usage {
  kNone,
  kDisplay,
  kPacked,
  kPackedNoSign,
  kBinary,
  kNative,
  kFloat4,
  kFloat8,
  kAddress
};

Usage usage_of(std::string_view word) {
  struct Named {
    std::string_view word;
    Usage usage;
  };
  static constexpr Named kWords[] = {
      {"DISPLAY", Usage::kDisplay},       {"COMP", Usage::kBinary},
      {"COMP-4", Usage::kBinary},         {"BINARY", Usage::kBinary},
      {"COMP-0", Usage::kBinary},         {"COMP-5", Usage::kNative},
      {"COMP-9", Usage::kNative},         {"COMP-3", Usage::kPacked},
      {"PACKED-DECIMAL", Usage::kPacked}, {"COMP-6", Usage::kPackedNoSign},
      {"COMP-1", Usage::kFloat4},         {"COMP-2", Usage::kFloat8},
      {"POINTER", Usage::kAddress},       {"INDEX", Usage::kAddress}};
  std::string_view rest = word;
  std::string spelt;
  if (rest.starts_with("COMPUTATIONAL")) {
    spelt = "COMP" + std::string(rest.substr(13));
    rest = spelt;
  }
  for (const Named& named : kWords) {
    if (named.word == rest) return named.usage;
  }
  return Usage::kNone;
}

struct Statement {
  std::uint32_t level = 0;
  std::uint32_t line = 0;
  LayoutNode node;
  std::optional<Picture> picture;
  Usage usage = Usage::kNone;
  bool sign_separate = false, sign_leading = false;
};

// One statement's words, after the level number.
class StatementParser {
 public:
  StatementParser(const std::vector<CobolWord>& words, std::size_t begin, std::size_t end)
      : words_(words), at_(begin), end_(end) {}

  Result<Statement> parse() {
    Statement statement;
    statement.line = words_[at_].line;
    statement.level = *number(take());
    if (at_ < end_ && !is_clause(peek())) statement.node.name = std::string(take());
    while (at_ < end_) {
      BH_CHECK(clause(std::string(take()), statement));
    }
    return statement;
  }

 private:
  std::string_view peek() const { return at_ < end_ ? std::string_view(words_[at_].text) : ""; }
  std::string_view take() { return at_ < end_ ? std::string_view(words_[at_++].text) : ""; }
  void skip(std::string_view word) {
    if (peek() == word) ++at_;
  }

  static bool is_clause(std::string_view word) {
    return word == "PIC" || word == "PICTURE" || word == "REDEFINES" || word == "OCCURS" ||
           word == "USAGE" || word == "VALUE" || usage_of(word) != Usage::kNone;
  }

  std::unexpected<Error> broken(std::string_view what) const {
    return fail(ErrorCode::kMalformed,
                fmt::format("line {}: {}", words_[std::min(at_, end_ - 1)].line, what));
  }

  Status clause(const std::string& word, Statement& statement) {
    if (word == "PIC" || word == "PICTURE") {
      skip("IS");
      statement.picture = parse_picture(take());
      if (!statement.picture) return broken("that is no PICTURE");
    } else if (word == "REDEFINES") {
      statement.node.redefines = std::string(take());
    } else if (word == "OCCURS") {
      return occurs(statement);
    } else if (word == "USAGE") {
      skip("IS");
    } else if (word == "SIGN" || word == "LEADING" || word == "TRAILING" || word == "SEPARATE") {
      statement.sign_leading = statement.sign_leading || word == "LEADING";
      statement.sign_separate = statement.sign_separate || word == "SEPARATE";
    } else if (word == "SYNC" || word == "SYNCHRONIZED") {
      statement.node.aligned = true;
    } else if (word == "JUST" || word == "JUSTIFIED") {
      statement.node.right_justified = true;
    } else if (word == "VALUE" || word == "VALUES") {
      at_ = end_;  // nothing behind it says where bytes are
    } else if (usage_of(word) != Usage::kNone) {
      statement.usage = usage_of(word);
    }
    return {};
  }

  Status occurs(Statement& statement) {
    LayoutNode& node = statement.node;
    const auto first = number(take());
    if (!first) return broken("OCCURS needs a number");
    node.occurs_min = node.occurs_max = *first;
    if (peek() == "TO") {
      ++at_;
      const auto most = number(take());
      if (!most) return broken("OCCURS … TO needs a number");
      node.occurs_max = *most;
    }
    skip("TIMES");
    if (peek() == "DEPENDING") {
      ++at_;
      skip("ON");
      node.depending_on = std::string(take());
      if (node.occurs_min == node.occurs_max) node.occurs_min = 0;
    }
    if (node.occurs_max == 0 || node.occurs_max > kMaxOccurs)
      return broken("a table has one entry at least and 100,000 at most");
    while (peek() == "INDEXED" || peek() == "ASCENDING" || peek() == "DESCENDING") {
      while (at_ < end_ && !is_clause(peek()))
        ++at_;
    }
    return {};
  }

  const std::vector<CobolWord>& words_;
  std::size_t at_, end_;
};

std::uint32_t binary_length(std::uint32_t digits) {
  return digits <= 4 ? 2 : digits <= 9 ? 4 : digits <= 18 ? 8 : 16;
}

// Length and form of an elementary item.
Status settle(Statement& statement) {
  LayoutNode& node = statement.node;
  switch (statement.usage) {
    case Usage::kFloat4:
    case Usage::kAddress:
      node.usage = FieldUsage::kFloat;
      node.length = 4;
      return {};
    case Usage::kFloat8:
      node.usage = FieldUsage::kFloat;
      node.length = 8;
      return {};
    default:
      break;
  }
  if (!statement.picture) return {};
  const Picture& picture = *statement.picture;
  node.is_signed = picture.is_signed;
  node.digits = static_cast<std::uint16_t>(std::min<std::uint32_t>(picture.digits, 60'000));
  if (!picture.numeric) {
    node.usage = FieldUsage::kText;
    node.length = picture.positions;
    node.digits = 0;
    return {};
  }
  switch (statement.usage) {
    case Usage::kPacked:
      node.usage = FieldUsage::kPacked;
      node.length = picture.digits / 2 + 1;
      break;
    case Usage::kPackedNoSign:
      node.usage = FieldUsage::kPackedNoSign;
      node.length = (picture.digits + 1) / 2;
      break;
    case Usage::kBinary:
    case Usage::kNative:
      node.usage = FieldUsage::kBinary;
      node.length = binary_length(picture.digits);
      break;
    default:
      node.usage = FieldUsage::kZoned;
      node.sign_leading = statement.sign_leading;
      node.sign_separate = statement.sign_separate && picture.is_signed;
      node.length = picture.positions + (node.sign_separate ? 1 : 0);
  }
  return {};
}

class TreeBuilder {
 public:
  explicit TreeBuilder(RecordLayout& layout) : layout_(layout) {
    layout_.nodes.push_back({});
    open_.push_back({0, 0, Usage::kNone, false, false});
  }

  Status add(Statement statement) {
    const std::uint32_t level = statement.level;
    if (level == 66 || level == 78 || level == 88) return {};
    const std::uint32_t depth_level = level == 77 ? 1 : level;
    while (open_.size() > 1 && open_.back().level >= depth_level)
      open_.pop_back();
    // A copybook without level 01 describes the inside of one record.
    if (open_.size() == 1 && depth_level > 1) {
      layout_.nodes[0].children.push_back(static_cast<std::uint32_t>(layout_.nodes.size()));
      open_.push_back(
          {static_cast<std::uint32_t>(layout_.nodes.size()), 1, Usage::kNone, false, false});
      layout_.nodes.push_back({});
    }
    const Open parent = open_.back();
    // A group's USAGE and SIGN are those of its items.
    if (statement.usage == Usage::kNone) statement.usage = parent.usage;
    statement.sign_separate = statement.sign_separate || parent.sign_separate;
    statement.sign_leading = statement.sign_leading || parent.sign_leading;
    BH_CHECK(settle(statement));
    if (layout_.nodes.size() >= kMaxNodes)
      return fail(ErrorCode::kLimitExceeded,
                  fmt::format("line {}: more than 20,000 items", statement.line));
    const auto index = static_cast<std::uint32_t>(layout_.nodes.size());
    layout_.nodes[parent.node].children.push_back(index);
    layout_.nodes[parent.node].length = 0;
    if (depth_level == 1) statement.node.redefines.clear();  // records share their area anyhow
    open_.push_back(
        {index, depth_level, statement.usage, statement.sign_separate, statement.sign_leading});
    layout_.nodes.push_back(std::move(statement.node));
    return {};
  }

  // Records in which nothing has a length (names of constants, empty groups) are none.
  void drop_empty() {
    for (std::size_t i = layout_.nodes.size(); i-- > 0;) {
      std::erase_if(layout_.nodes[i].children, [&](std::uint32_t child) {
        const LayoutNode& node = layout_.nodes[child];
        return node.children.empty() && node.length == 0;
      });
    }
    for (LayoutNode& node : layout_.nodes) {
      if (node.children.empty()) continue;
      // Nothing to redefine: the first of a group never does.
      layout_.nodes[node.children[0]].redefines.clear();
    }
  }

 private:
  struct Open {
    std::uint32_t node, level;
    Usage usage;
    bool sign_separate, sign_leading;
  };
  RecordLayout& layout_;
  std::vector<Open> open_;
};

}  // namespace

bool looks_like_copybook(std::string_view text) {
  const std::vector<CobolWord> words = cobol_words(text.substr(0, 16'384), 4'000);
  std::size_t statements = 0, pictures = 0;
  bool start = true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (start && is_level(words[i].text)) ++statements;
    start = words[i].ends_statement;
    const std::string& word = words[i].text;
    if ((word == "PIC" || word == "PICTURE") && i + 1 < words.size()) {
      const std::size_t value = words[i + 1].text == "IS" && i + 2 < words.size() ? i + 2 : i + 1;
      if (parse_picture(words[value].text)) ++pictures;
    }
  }
  return statements >= 2 && pictures >= 1;
}

Result<RecordLayout> parse_copybook(std::string_view text, std::string_view name,
                                    const Rules& rules) {
  const std::vector<CobolWord> words = cobol_words(text, kMaxWords);
  RecordLayout layout;
  layout.name = std::string(name);
  layout.origin = "copybook";
  TreeBuilder tree(layout);
  for (std::size_t at = 0; at < words.size();) {
    std::size_t end = at;
    while (end < words.size() && !words[end].ends_statement)
      ++end;
    end = std::min(end + 1, words.size());
    // Divisions, FD, COPY and the like are no descriptions.
    if (is_level(words[at].text)) {
      BH_TRY(Statement statement, StatementParser(words, at, end).parse());
      BH_CHECK(tree.add(std::move(statement)));
    }
    at = end;
  }
  tree.drop_empty();
  BH_CHECK(finish_layout(layout, rules));
  return layout;
}

}  // namespace bulkhead::exposure
