// The releases that are found, no more than memory is meant to hold.
#pragma once

#include <string>
#include <vector>

#include "incident/incident.h"

namespace bulkhead::incident {

// Files of one line or answer. What fits more says little of any, and there may be millions of it.
constexpr std::size_t kOfOneLineMost = 1000;

class ReleaseList {
 public:
  ReleaseList(Found& found, std::size_t most) : found_(found), most_(most) {}
  // All of one line, `source`; kOfOneLineMost of them are kept. Who makes them stops one behind
  // that.
  void add(std::vector<LoggedRelease> releases, const std::string& source);
  // Warns of what was left out; what was found is then not complete.
  void finish();

 private:
  struct LeftOut {
    std::uint64_t count = 0;
    std::string first;  // its source
    void add(std::uint64_t more, const std::string& source);
  };
  void warn(std::string sentence);

  Found& found_;
  std::size_t most_;
  LeftOut of_lines_, behind_;  // lines that were cut; releases behind the last one
};

}  // namespace bulkhead::incident
