#include "cli/json_lines.h"

#include <fmt/format.h>

#include <cstdio>

namespace bulkhead::cli {

void print_json(const JsonObject& write) {
  JsonWriter json;
  write(json);
  fmt::print("{}\n", json.text());
}

void JsonLines::add(const JsonObject& write) {
  JsonWriter json;
  write(json);
  fmt::print("{}\n{}", begun_ ? "," : "[", json.text());
  begun_ = true;
}

void JsonLines::finish() {
  fmt::print("{}]\n", begun_ ? "\n" : "[");
}

}  // namespace bulkhead::cli
