// Options that the contract names and this release does not have: known, so that the answer is that
// and not "unknown", and refused, because quietly ignoring one would promise something.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "base/error.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

namespace bulkhead::cli {

class LaterOptions {
 public:
  LaterOptions() = default;
  LaterOptions(const LaterOptions&) = delete;  // the command line parser holds pointers into it
  LaterOptions& operator=(const LaterOptions&) = delete;

  void add(CLI::App& command, const std::string& name, bool takes_value = true);
  Status refuse() const;  // kInvalidArgument for the first one that was given

 private:
  struct Entry {
    std::string name;
    std::vector<std::string> given;
    bool flagged = false;
  };
  std::deque<Entry> entries_;
};

// A validator of days, "2026-11-24".
extern const CLI::Validator kDay;

}  // namespace bulkhead::cli
