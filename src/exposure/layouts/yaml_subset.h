// The part of YAML 1.2 that layouts are written in: block mappings and sequences, one-line flow
// mappings and sequences, plain, single- and double-quoted scalars on one line, comments. No
// anchors, tags, merge keys, block scalars or several documents: those are errors, never guessed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bulkhead::exposure {

struct YamlNode {
  enum Kind : std::uint8_t { kScalar, kMapping, kSequence };
  Kind kind = kScalar;
  std::uint32_t line = 0;
  bool quoted = false;
  std::string scalar;
  std::vector<std::string> keys;  // of a mapping, beside `items`
  std::vector<YamlNode> items;

  const YamlNode* find(std::string_view key) const;
};

// Hostile input: nesting, items and length are bounded. kMalformed with the line.
Result<YamlNode> parse_yaml(std::string_view text);

// As a scalar that reads back the same.
std::string yaml_scalar(std::string_view text);

}  // namespace bulkhead::exposure
