// A folder of static files as C2SP tlog-tiles serves them: what `journal export --tiles DIR`
// writes.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace bulkhead::cli {

// What is there stays: a tile never changes, so one that is there with other contents means that
// the journal was rewritten, or that the folder is of another one. Readers see whole files only.
class TileFolder {
 public:
  static Result<TileFolder> open(std::string folder);  // makes it where it is not there

  std::string checkpoint_path() const { return folder_ + "/checkpoint"; }
  bool has_checkpoint() const;
  // `path` comes from journal/tiles.h. kCorrupt when something else is there.
  Status put(const std::string& path, ByteView contents);
  // The tiles are on disk before the checkpoint that needs them has its name.
  Status finish(const std::string& note);
  std::uint64_t written() const { return written_; }  // files that were not there yet

 private:
  explicit TileFolder(std::string folder) : folder_(std::move(folder)) {}

  std::string folder_;
  std::uint64_t written_ = 0;
};

}  // namespace bulkhead::cli
