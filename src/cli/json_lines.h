// JSON on stdout: one object, or an array with one object a line, written as it comes so that a
// long list needs no memory.
#pragma once

#include <functional>

#include "base/json_writer.h"

namespace bulkhead::cli {

using JsonObject = std::function<void(JsonWriter&)>;

void print_json(const JsonObject& write);

class JsonLines {
 public:
  void add(const JsonObject& write);
  void finish();  // the array's end; without it what was printed is no JSON

 private:
  bool begun_ = false;
};

}  // namespace bulkhead::cli
