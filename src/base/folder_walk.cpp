#include "base/folder_walk.h"

#include <algorithm>
#include <filesystem>

namespace bulkhead {
namespace {

namespace fs = std::filesystem;

constexpr int kDepthMost = 256;

void walk(const fs::path& folder, const std::string& relative, int depth, Walked& walked) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    entries.push_back(at->path());
  if (error || depth > kDepthMost) {
    walked.others.push_back(
        {relative,
         error ? "the folder cannot be listed: " + error.message() : "folders are nested too deep",
         true});
    return;
  }
  std::sort(entries.begin(), entries.end());
  for (const fs::path& entry : entries) {
    const std::string last = entry.filename().string();
    const std::string name = relative.empty() ? last : relative + "/" + last;
    const fs::file_status status = fs::symlink_status(entry, error);
    if (fs::is_directory(status))
      walk(entry, name, depth + 1, walked);
    else if (fs::is_regular_file(status))
      walked.files.push_back({entry.string(), name});
    else
      walked.others.push_back(
          {name, fs::is_symlink(status) ? "a link: not followed" : "no regular file", false});
  }
}

}  // namespace

Walked walk_folder(const std::string& folder) {
  Walked walked;
  walk(folder, "", 0, walked);
  return walked;
}

}  // namespace bulkhead
