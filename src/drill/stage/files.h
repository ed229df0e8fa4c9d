// Files as a taken edge reads and writes them, over a channel on which somebody is logged in.
// docs/formats/blob.md is all that was used for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "drill/stage/taken_edge.h"

namespace bulkhead::drill {

channel::Path path_of(std::string_view path);  // "/home/amber"

// Uploads a file. Throws Interrupted where that is refused.
void store_file(TakenEdge& edge, const std::string& path, std::string_view contents);

// A handle of a file that stays open; 0: it did not open.
std::uint64_t open_only(TakenEdge& edge, const std::string& path);

// What came of trying to take a file.
struct Taken {
  bool opened = false;   // the vault gave a handle
  bool granted = false;  // and a key
  bool read = false;     // and the plaintext was sent home
  std::string refused;   // the vault's words
};
Taken take_file(TakenEdge& edge, const std::string& path);

// Names in a folder; `refused` is set where it could not be listed.
std::vector<std::string> list_folder(TakenEdge& edge, const std::string& path,
                                     std::string* refused = nullptr);

}  // namespace bulkhead::drill
