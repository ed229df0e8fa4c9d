#include "notify/input/yaml_section.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulkhead::notify {
namespace {

const YamlNode& empty_map() {
  static const YamlNode node = [] {
    YamlNode map;
    map.kind = YamlNode::Kind::kMap;
    return map;
  }();
  return node;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

}  // namespace

Result<YamlSection> YamlSection::of(const YamlNode& node, std::string file, std::string path) {
  if (node.kind != YamlNode::Kind::kMap)
    return fail(ErrorCode::kMalformed,
                fmt::format("{}:{}: {}: keys and values are expected here", file, node.line,
                            path.empty() ? "the file" : path));
  return YamlSection(node, std::move(file), std::move(path));
}

std::string YamlSection::where(std::string_view key) const {
  const YamlNode* at = node_->find(key);
  const std::string full = path_.empty() ? std::string(key)
                           : key.empty() ? path_
                                         : fmt::format("{}.{}", path_, key);
  const std::size_t line = at == nullptr ? node_->line : at->line;
  return line == 0 ? fmt::format("{}: {}", file_, full)
                   : fmt::format("{}:{}: {}", file_, line, full);
}

std::unexpected<Error> YamlSection::wrong(std::string_view key, std::string_view what) const {
  return fail(ErrorCode::kMalformed, fmt::format("{}: {}", where(key), what));
}

const YamlNode* YamlSection::node(std::string_view key) {
  asked_.emplace(key);
  return node_->find(key);
}

Result<YamlSection> YamlSection::section(std::string_view key, bool required) {
  const YamlNode* at = node(key);
  if (at == nullptr || at->is_null()) {
    if (required) return wrong(key, "is missing");
    at = &empty_map();
  }
  return of(*at, file_, path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key));
}

Result<std::vector<YamlSection>> YamlSection::sections(std::string_view key) {
  std::vector<YamlSection> result;
  const YamlNode* at = node(key);
  if (at == nullptr || at->is_null()) return result;
  if (at->kind != YamlNode::Kind::kList) return wrong(key, "a list is expected");
  for (std::size_t i = 0; i < at->items.size(); ++i) {
    BH_TRY(YamlSection one,
           of(at->items[i], file_,
              fmt::format("{}{}{}[{}]", path_, path_.empty() ? "" : ".", key, i + 1)));
    result.push_back(std::move(one));
  }
  return result;
}

Result<const YamlNode*> YamlSection::scalar(std::string_view key) {
  const YamlNode* at = node(key);
  if (at == nullptr || at->is_null()) return nullptr;
  if (at->kind != YamlNode::Kind::kScalar) return wrong(key, "one value is expected");
  return at;
}

Result<std::string> YamlSection::text(std::string_view key) {
  BH_TRY(const YamlNode* at, scalar(key));
  const std::string value = at == nullptr ? "" : trimmed(at->text);
  if (value.empty()) return wrong(key, "is missing");
  return value;
}

Result<std::string> YamlSection::text_or(std::string_view key, std::string otherwise) {
  BH_TRY(const YamlNode* at, scalar(key));
  return at == nullptr ? otherwise : trimmed(at->text);
}

Result<std::vector<std::string>> YamlSection::texts(std::string_view key) {
  std::vector<std::string> result;
  const YamlNode* at = node(key);
  if (at == nullptr || at->is_null()) return result;
  if (at->kind == YamlNode::Kind::kScalar) return std::vector<std::string>{trimmed(at->text)};
  if (at->kind != YamlNode::Kind::kList) return wrong(key, "a list is expected");
  for (const YamlNode& item : at->items) {
    if (item.kind != YamlNode::Kind::kScalar) return wrong(key, "a list of words is expected");
    result.push_back(trimmed(item.text));
  }
  return result;
}

Result<std::optional<Day>> YamlSection::day_if_any(std::string_view key) {
  BH_TRY(const YamlNode* at, scalar(key));
  if (at == nullptr) return std::nullopt;
  const auto day = parse_day(trimmed(at->text));
  if (!day) return wrong(key, "a day such as 2023-06-13 is expected");
  return day;
}

Result<Day> YamlSection::day(std::string_view key) {
  BH_TRY(const std::optional<Day> day, day_if_any(key));
  if (!day) return wrong(key, "is missing");
  return *day;
}

Result<bool> YamlSection::truth_or(std::string_view key, bool otherwise) {
  BH_TRY(const YamlNode* at, scalar(key));
  if (at == nullptr) return otherwise;
  const std::string value = trimmed(at->text);
  if (value == "true" || value == "yes") return true;
  if (value == "false" || value == "no") return false;
  return wrong(key, "true or false is expected");
}

Result<std::optional<unsigned>> YamlSection::number_if_any(std::string_view key) {
  BH_TRY(const YamlNode* at, scalar(key));
  if (at == nullptr) return std::nullopt;
  const std::string value = trimmed(at->text);
  if (value.empty() || value.size() > 9 ||
      !std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return wrong(key, "a number is expected");
  return static_cast<unsigned>(std::stoul(value));
}

Result<std::string> YamlSection::one_of(std::string_view key, const std::vector<std::string>& words,
                                        std::string otherwise) {
  BH_TRY(const std::string value, text_or(key, std::move(otherwise)));
  if (std::find(words.begin(), words.end(), value) == words.end())
    return wrong(key, fmt::format("one of {} is expected", fmt::join(words, ", ")));
  return value;
}

std::vector<std::string> YamlSection::unknown() const {
  std::vector<std::string> result;
  for (const auto& [key, at] : node_->members) {
    if (!asked_.contains(key))
      result.push_back(fmt::format("{}: not a key that is known here, ignored", where(key)));
  }
  return result;
}

}  // namespace bulkhead::notify
