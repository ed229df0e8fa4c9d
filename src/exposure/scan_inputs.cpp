#include "exposure/scan_inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace bulkhead::exposure {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxDepth = 256;

class Walker {
 public:
  Walker(ScanInputs& inputs, std::string prefix) : inputs_(inputs), prefix_(std::move(prefix)) {}

  void walk(const fs::path& folder, const std::string& relative, int depth) {
    std::error_code error;
    std::vector<fs::path> entries;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
      entries.push_back(at->path());
    if (error || depth > kMaxDepth) {
      unread(relative, error ? "the folder cannot be listed: " + error.message()
                             : "folders are nested too deep");
      return;
    }
    std::sort(entries.begin(), entries.end());
    for (const fs::path& entry : entries) {
      const std::string name =
          relative.empty() ? entry.filename().string() : relative + "/" + entry.filename().string();
      const fs::file_status status = fs::symlink_status(entry, error);
      if (fs::is_directory(status))
        walk(entry, name, depth + 1);
      else
        take(entry, name, status);
    }
  }

  void take(const fs::path& path, const std::string& name, const fs::file_status& status) {
    if (fs::is_regular_file(status))
      inputs_.files.push_back({path.string(), prefix_ + name});
    else
      unread(name, fs::is_symlink(status) ? "a link: not followed" : "no regular file");
  }

 private:
  void unread(const std::string& name, const std::string& reason) {
    inputs_.unread.push_back({.file = prefix_ + (name.empty() ? "." : name), .reason = reason});
  }

  ScanInputs& inputs_;
  std::string prefix_;
};

}  // namespace

Result<ScanInputs> find_inputs(const std::vector<std::string>& paths) {
  ScanInputs inputs;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const fs::path path(paths[i]);
    std::error_code error;
    const fs::file_status status = fs::status(path, error);  // an argument itself may be a link
    if (!fs::exists(status)) {
      return fail(
          ErrorCode::kNotFound,
          fmt::format("argument {}: there is no such file or folder: check the path", i + 1));
    }
    Walker walker(inputs, paths.size() > 1 ? fmt::format("{}:", i + 1) : std::string());
    if (fs::is_directory(status))
      walker.walk(path, "", 0);
    else
      walker.take(path, path.filename().string(), status);
  }
  return inputs;
}

}  // namespace bulkhead::exposure
