#include "cli/tile_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/fd.h"

namespace bulkhead::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kMode = 0644;  // what is in a tile is encrypted where it tells about people

Status make_folders(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (!error) return {};
  return fail_errno(fmt::format("making {}", path.string()), error.value());
}

// Under its name only when it is whole. Not synced one by one: finish() does that for all.
Status write_whole(const std::string& path, ByteView contents) {
  const std::string beside = path + ".new";
  BH_TRY(const UniqueFd file, open_file(beside, O_WRONLY | O_CREAT | O_TRUNC, kMode));
  BH_CHECK(write_all(file.get(), contents, beside));
  if (std::rename(beside.c_str(), path.c_str()) != 0)
    return fail_errno(fmt::format("naming {}", path));
  return {};
}

}  // namespace

Result<TileFolder> TileFolder::open(std::string folder) {
  BH_CHECK(make_folders(folder));
  return TileFolder(std::move(folder));
}

bool TileFolder::has_checkpoint() const {
  std::error_code error;
  return fs::exists(checkpoint_path(), error);
}

Status TileFolder::put(const std::string& path, ByteView contents) {
  const std::string full = folder_ + "/" + path;
  const auto there = read_file(full, contents.size());
  if (there && equal(*there, contents)) return {};
  if (there || there.error().code == ErrorCode::kLimitExceeded) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{} holds something else than this journal: the folder is of another "
                            "journal, or one of the two was rewritten",
                            full));
  }
  if (there.error().code != ErrorCode::kNotFound) return fail(there.error());
  BH_CHECK(make_folders(fs::path(full).parent_path()));
  BH_CHECK(write_whole(full, contents));
  ++written_;
  std::error_code error;
  if (path.find(".p/") == std::string::npos)
    fs::remove_all(full + ".p", error);  // a full one replaces its parts
  return {};
}

Status TileFolder::finish(const std::string& note) {
  BH_TRY(const UniqueFd folder, open_file(folder_, O_RDONLY | O_DIRECTORY));
  if (::syncfs(folder.get()) != 0) return fail_errno(fmt::format("syncing {}", folder_));
  return replace_file(checkpoint_path(), as_bytes(note), kMode);
}

}  // namespace bulkhead::cli
