// Typed access to a map of a YAML file. Errors say file, line and the path of the key; keys that
// nobody asked for are told, so that a misspelt one is not a silent default.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "notify/input/dates.h"
#include "notify/input/yaml.h"

namespace bulkhead::notify {

class YamlSection {
 public:
  // `file` and `path` name it in errors; the node must outlive the section.
  static Result<YamlSection> of(const YamlNode& node, std::string file, std::string path = "");

  // A map below this one; `required` or an empty one.
  Result<YamlSection> section(std::string_view key, bool required = true);
  Result<std::vector<YamlSection>> sections(
      std::string_view key);  // a list of maps; may be missing

  // Texts are trimmed, and line ends within them are spaces where YAML says so.
  Result<std::string> text(std::string_view key);                            // required, not empty
  Result<std::string> text_or(std::string_view key, std::string otherwise);  // missing or null
  Result<std::vector<std::string>> texts(
      std::string_view key);  // a list, or one text; may be missing
  Result<Day> day(std::string_view key);
  Result<std::optional<Day>> day_if_any(std::string_view key);
  Result<bool> truth_or(std::string_view key, bool otherwise);
  Result<std::optional<unsigned>> number_if_any(std::string_view key);  // up to 1,000,000,000
  Result<std::string> one_of(std::string_view key, const std::vector<std::string>& words,
                             std::string otherwise);

  const YamlNode* node(std::string_view key);  // null where missing
  const YamlNode& whole() const { return *node_; }
  std::string where(std::string_view key) const;  // "facts.yaml:12: incident.discovered"
  std::unexpected<Error> wrong(std::string_view key, std::string_view what) const;

  // "facts.yaml:9: incident.titel: not a key that is known here" for each that was not asked for.
  std::vector<std::string> unknown() const;

 private:
  YamlSection(const YamlNode& node, std::string file, std::string path)
      : node_(&node), file_(std::move(file)), path_(std::move(path)) {}
  Result<const YamlNode*> scalar(std::string_view key);

  const YamlNode* node_;
  std::string file_, path_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace bulkhead::notify
