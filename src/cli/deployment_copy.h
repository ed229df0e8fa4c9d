// Copies the files of a deployment: ciphertext and journal, opened by nobody. While the server
// runs, files only grow, and what they held when the copy began is what counts.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"

namespace bulkhead::cli {

struct CopyFigures {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

// The regular files of one folder, in the order of their names, into a new folder (mode 0700);
// `wanted` chooses by name. Files keep who may read and write them. A file that is gone by now is
// left out. `between` is called after each file: an error of it ends the copying. Links are not
// followed. Not synced: sync_copies() does that for all.
Result<CopyFigures> copy_folder(const std::string& from, const std::string& to,
                                const std::function<bool(const std::string&)>& wanted,
                                const std::function<Status(const CopyFigures&)>& between);

// One file; kNotFound where there is none. What is appended meanwhile may or may not be in the
// copy.
Result<std::uint64_t> copy_file(const std::string& from, const std::string& to);

// What is in the folder, without copying: to compare.
Result<CopyFigures> measure_folder(const std::string& folder);

// Everything written to that file system is on disk when this returns.
Status sync_copies(const std::string& folder);

// Makes it, or takes an empty one; anything in it is kAlreadyExists. `what` begins the sentence: "a
// backup is made".
Status make_empty_folder(const std::string& path, const std::string& what);

}  // namespace bulkhead::cli
