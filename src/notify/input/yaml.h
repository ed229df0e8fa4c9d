// YAML as the files of this folder use it: maps, lists and scalars, in one document. Facts files
// come from outside, so everything is bounded, and what YAML has for programmers (anchors, aliases,
// tags, several documents) is refused by line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bulkhead::notify {

struct YamlMember;

struct YamlNode {
  enum class Kind { kScalar, kList, kMap };
  Kind kind = Kind::kScalar;
  std::string text;     // of a scalar
  bool quoted = false;  // "null" and 'yes' in quotes are words
  std::vector<YamlNode> items;
  std::vector<YamlMember> members;  // keys are different, in their order
  std::size_t line = 0;             // counted from 1

  bool is_null() const;
  const YamlNode* find(std::string_view key) const;  // null where there is none, or no map
};

struct YamlMember {
  std::string key;
  YamlNode node;
};

constexpr std::size_t kYamlBytesMost = 8 * 1024 * 1024;
constexpr std::size_t kYamlNodesMost = 400'000;
constexpr std::size_t kYamlDepthMost = 12;

// Hostile input. kMalformed "NAME:LINE: what is wrong" or kLimitExceeded. Contents of scalars are
// never in an error: a facts file names people.
Result<YamlNode> parse_yaml(std::string_view text, std::string_view name);

}  // namespace bulkhead::notify
