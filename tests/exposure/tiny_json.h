// Reads JSON in tests: enough to look into our outputs and the expected answers. Throws on what is
// no JSON.
#pragma once

#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::exposure::test {

struct Json {
  enum Kind { kNull, kBool, kNumber, kText, kArray, kObject } kind = kNull;
  bool truth = false;
  double number = 0;
  std::string text;
  std::vector<Json> items;
  std::map<std::string, Json> members;

  bool has(const std::string& name) const { return members.contains(name); }
  const Json& operator[](const std::string& name) const {
    const auto at = members.find(name);
    if (at == members.end()) throw std::runtime_error("no member " + name);
    return at->second;
  }
};

class JsonParser {
 public:
  static Json parse(std::string_view text) {
    JsonParser parser{text};
    Json value = parser.value();
    parser.space();
    if (!parser.rest_.empty()) throw std::runtime_error("text behind the value");
    return value;
  }

 private:
  explicit JsonParser(std::string_view text) : rest_(text) {}
  void space() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_[0]) != std::string_view::npos)
      rest_.remove_prefix(1);
  }
  bool take(std::string_view word) {
    space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void expect(std::string_view word) {
    if (!take(word)) throw std::runtime_error("expected " + std::string(word));
  }
  Json value() {
    Json json;
    if (take("{")) {
      json.kind = Json::kObject;
      if (take("}")) return json;
      do {
        std::string name = string();
        expect(":");
        json.members.emplace(std::move(name), value());
      } while (take(","));
      expect("}");
    } else if (take("[")) {
      json.kind = Json::kArray;
      if (take("]")) return json;
      do
        json.items.push_back(value());
      while (take(","));
      expect("]");
    } else if (take("true")) {
      json.kind = Json::kBool;
      json.truth = true;
    } else if (take("false")) {
      json.kind = Json::kBool;
    } else if (take("null")) {
    } else if (!rest_.empty() && rest_[0] == '"') {
      json.kind = Json::kText;
      json.text = string();
    } else {
      json.kind = Json::kNumber;
      const std::size_t length = rest_.find_first_not_of("+-.0123456789eE");
      const std::string digits(rest_.substr(0, length));
      if (digits.empty()) throw std::runtime_error("no value");
      json.number = std::strtod(digits.c_str(), nullptr);
      rest_.remove_prefix(digits.size());
    }
    return json;
  }
  std::string string() {
    expect("\"");
    std::string text;
    while (!rest_.empty() && rest_[0] != '"') {
      char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '\\') {
        c = rest_.at(0);
        rest_.remove_prefix(1);
        if (c == 'u') {
          rest_.remove_prefix(4);
          c = '?';
        } else if (c == 'n') {
          c = '\n';
        } else if (c == 't') {
          c = '\t';
        }
      }
      text.push_back(c);
    }
    expect("\"");
    return text;
  }
  std::string_view rest_;
};

}  // namespace bulkhead::exposure::test
