// All that is below a folder. What cannot be looked into costs only itself and is told.
#pragma once

#include <string>
#include <vector>

namespace bulkhead {

struct WalkedFile {
  std::string path;  // to open
  std::string name;  // relative to the folder, with '/'
};
struct NotWalked {
  std::string name;     // "" for the folder itself
  std::string reason;   // a sentence's end: "a link: not followed"
  bool folder = false;  // there may be files in it, of which nothing is known
};
struct Walked {
  std::vector<WalkedFile> files;  // regular ones, each folder's entries in the order of their names
  std::vector<NotWalked> others;  // folders that cannot be listed; links, devices
};

// Links below the folder are not followed; the folder itself may be one.
Walked walk_folder(const std::string& folder);

}  // namespace bulkhead
