#include "exposure/scan_inputs.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/folder_walk.h"

namespace bulkhead::exposure {
namespace {

namespace fs = std::filesystem;

void take(Walked walked, const std::string& prefix, ScanInputs& inputs) {
  for (WalkedFile& file : walked.files)
    inputs.files.push_back({std::move(file.path), prefix + file.name});
  for (const NotWalked& other : walked.others)
    inputs.unread.push_back(
        {.file = prefix + (other.name.empty() ? "." : other.name), .reason = other.reason});
}

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
    const std::string prefix = paths.size() > 1 ? fmt::format("{}:", i + 1) : std::string();
    const std::string name = path.filename().string();
    if (fs::is_directory(status))
      take(walk_folder(paths[i]), prefix, inputs);
    else if (fs::is_regular_file(status))
      take({.files = {{paths[i], name}}, .others = {}}, prefix, inputs);
    else
      take({.files = {}, .others = {{name, "no regular file"}}}, prefix, inputs);
  }
  return inputs;
}

}  // namespace bulkhead::exposure
