#include "exposure/layouts/yaml_subset.h"

#include <fmt/format.h>

#include <algorithm>

#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

constexpr unsigned kMaxDepth = 12;
constexpr std::size_t kMaxItems = 200'000;
constexpr std::size_t kMaxBytes = 16 * 1024 * 1024;

std::unexpected<Error> broken(std::uint32_t line, std::string_view what) {
  return fail(ErrorCode::kMalformed, fmt::format("line {}: {}", line, what));
}

struct Line {
  std::uint32_t number = 0;
  std::size_t indent = 0;
  std::string_view text;  // without indentation and comment
};

// Where a comment begins: a '#' at the start or behind a blank, outside quotes.
std::size_t comment_at(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"')
        ++i;
      else if (c == quote)
        quote = 0;
      continue;
    }
    const bool starts =
        i == 0 || std::string_view(" [{,:").find(text[i - 1]) != std::string_view::npos;
    if ((c == '"' || c == '\'') && starts) quote = c;
    if (c == '#' && (i == 0 || text[i - 1] == ' ')) return i;
  }
  return text.size();
}

// One value on one line: a scalar or a flow collection.
class FlowParser {
 public:
  FlowParser(std::string_view text, std::uint32_t line, std::size_t& items)
      : rest_(text), line_(line), items_(items) {}

  Result<YamlNode> whole() {
    BH_TRY(YamlNode node, value(0, ""));
    skip_blanks();
    if (!rest_.empty()) return broken(line_, "something stands behind the value");
    return node;
  }

  // A scalar up to one of `stops` (outside quotes).
  Result<YamlNode> value(unsigned depth, std::string_view stops) {
    if (depth > kMaxDepth) return broken(line_, "nested too deep");
    if (++items_ > kMaxItems) return broken(line_, "more than 200,000 values");
    skip_blanks();
    YamlNode node;
    node.line = line_;
    if (rest_.starts_with("{")) return collection(std::move(node), YamlNode::kMapping, depth);
    if (rest_.starts_with("[")) return collection(std::move(node), YamlNode::kSequence, depth);
    if (rest_.starts_with("\"") || rest_.starts_with("'")) {
      BH_TRY(node.scalar, quoted());
      node.quoted = true;
      return node;
    }
    if (!rest_.empty() && std::string_view("&*!|>%@`").find(rest_[0]) != std::string_view::npos)
      return broken(line_, "anchors, tags and block texts are not part of layouts");
    std::size_t end = 0;
    while (end < rest_.size() && stops.find(rest_[end]) == std::string_view::npos)
      ++end;
    node.scalar = std::string(trimmed(rest_.substr(0, end)));
    rest_.remove_prefix(end);
    return node;
  }

 private:
  void skip_blanks() {
    while (rest_.starts_with(" "))
      rest_.remove_prefix(1);
  }

  Result<std::string> quoted() {
    const char quote = rest_[0];
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      const char c = rest_[i];
      if (c == '\\' && quote == '"' && i + 1 < rest_.size()) {
        const char next = rest_[++i];
        text.push_back(next == 'n' ? '\n' : next == 't' ? '\t' : next);
      } else if (c == quote && quote == '\'' && rest_.substr(i + 1).starts_with("'")) {
        text.push_back('\'');
        ++i;
      } else if (c == quote) {
        rest_.remove_prefix(i + 1);
        return text;
      } else {
        text.push_back(c);
      }
    }
    return broken(line_, "a quote that nothing closes");
  }

  Result<YamlNode> collection(YamlNode node, YamlNode::Kind kind, unsigned depth) {
    node.kind = kind;
    const char close = kind == YamlNode::kMapping ? '}' : ']';
    rest_.remove_prefix(1);
    skip_blanks();
    while (!rest_.starts_with(close)) {
      if (kind == YamlNode::kMapping) {
        BH_TRY(YamlNode key, value(depth + 1, ":,}"));
        if (!rest_.starts_with(":")) return broken(line_, "a key without ':'");
        rest_.remove_prefix(1);
        node.keys.push_back(std::move(key.scalar));
      }
      BH_TRY(YamlNode item, value(depth + 1, kind == YamlNode::kMapping ? ",}" : ",]"));
      node.items.push_back(std::move(item));
      skip_blanks();
      if (rest_.starts_with(",")) {
        rest_.remove_prefix(1);
        skip_blanks();
      } else if (!rest_.starts_with(close)) {
        return broken(line_, "a list or mapping on one line must end on it");
      }
    }
    rest_.remove_prefix(1);
    return node;
  }

  std::string_view rest_;
  std::uint32_t line_;
  std::size_t& items_;
};

class BlockParser {
 public:
  explicit BlockParser(std::vector<Line> lines) : lines_(std::move(lines)) {}

  Result<YamlNode> parse() {
    if (lines_.empty()) return broken(1, "it is empty");
    BH_TRY(YamlNode node, block(lines_[0].indent, 0));
    if (at_ < lines_.size()) return broken(lines_[at_].number, "the indentation does not fit");
    return node;
  }

 private:
  Result<YamlNode> block(std::size_t indent, unsigned depth) {
    if (depth > kMaxDepth) return broken(lines_[at_].number, "nested too deep");
    YamlNode node;
    node.line = lines_[at_].number;
    const bool list = is_item(lines_[at_].text);
    node.kind = list ? YamlNode::kSequence : YamlNode::kMapping;
    while (at_ < lines_.size() && lines_[at_].indent == indent &&
           is_item(lines_[at_].text) == list) {
      if (++items_ > kMaxItems) return broken(lines_[at_].number, "more than 200,000 values");
      if (list) {
        BH_TRY(YamlNode item, list_item(depth));
        node.items.push_back(std::move(item));
      } else {
        BH_CHECK(entry(node, depth));
      }
    }
    return node;
  }

  static bool is_item(std::string_view text) { return text == "-" || text.starts_with("- "); }

  // "- name: x" opens a mapping that goes on in the lines below, two columns further in.
  Result<YamlNode> list_item(unsigned depth) {
    Line& line = lines_[at_];
    std::size_t inner = 1;
    while (inner < line.text.size() && line.text[inner] == ' ')
      ++inner;
    const std::string_view rest = line.text.substr(inner);
    if (rest.empty()) {
      const std::size_t outer = line.indent;
      ++at_;
      if (at_ >= lines_.size() || lines_[at_].indent <= outer)
        return broken(line.number, "an empty list item");
      return block(lines_[at_].indent, depth + 1);
    }
    if (is_item(rest) || key_end(rest) != std::string_view::npos) {
      line.indent += inner;
      line.text = rest;
      return block(line.indent, depth + 1);
    }
    ++at_;
    return FlowParser(rest, line.number, items_).whole();
  }

  // Where "key:" ends; npos where the line is none.
  static std::size_t key_end(std::string_view text) {
    if (text.empty() || text[0] == '{' || text[0] == '[' || text[0] == '"' || text[0] == '\'')
      return std::string_view::npos;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == ':' && (i + 1 == text.size() || text[i + 1] == ' ')) return i;
    }
    return std::string_view::npos;
  }

  Status entry(YamlNode& node, unsigned depth) {
    const Line line = lines_[at_];
    const std::size_t end = key_end(line.text);
    if (end == std::string_view::npos)
      return broken(line.number, "a key and ':' are expected here");
    std::string key(trimmed(line.text.substr(0, end)));
    if (node.find(key) != nullptr) return broken(line.number, fmt::format("{} comes twice", key));
    const std::string_view rest = trimmed(line.text.substr(end + 1));
    ++at_;
    YamlNode value;
    value.line = line.number;
    if (!rest.empty()) {
      BH_TRY(value, FlowParser(rest, line.number, items_).whole());
    } else if (at_ < lines_.size() &&
               (lines_[at_].indent > line.indent ||
                (lines_[at_].indent == line.indent && is_item(lines_[at_].text)))) {
      BH_TRY(value, block(lines_[at_].indent, depth + 1));
    }
    node.keys.push_back(std::move(key));
    node.items.push_back(std::move(value));
    return {};
  }

  std::vector<Line> lines_;
  std::size_t at_ = 0;
  std::size_t items_ = 0;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key) return &items[i];
  }
  return nullptr;
}

Result<YamlNode> parse_yaml(std::string_view text) {
  if (text.size() > kMaxBytes) return broken(1, "longer than 16 MiB");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<Line> lines;
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with("\r")) line.remove_suffix(1);
    std::size_t indent = 0;
    while (indent < line.size() && line[indent] == ' ')
      ++indent;
    line = line.substr(indent);
    if (line.starts_with("\t")) return broken(number, "indent with blanks, not with tabs");
    line = line.substr(0, comment_at(line));
    while (line.ends_with(" "))
      line.remove_suffix(1);
    if (line.empty() || (line == "---" && lines.empty())) continue;
    lines.push_back({number, indent, line});
    if (lines.size() > kMaxItems) return broken(number, "more than 200,000 lines");
  }
  return BlockParser(std::move(lines)).parse();
}

std::string yaml_scalar(std::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-' || c == '.' || c == '(' || c == ')';
  }) && text[0] != '-';
  if (plain) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    if (c == '\n')
      quoted += "\\n";
    else
      quoted.push_back(c);
  }
  return quoted + "\"";
}

}  // namespace bulkhead::exposure
