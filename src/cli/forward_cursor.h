// How far the journal was forwarded: DIR/journal-forwarded, one line with a format and a number.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/fd.h"

namespace bulkhead::cli {

// Held by one process at a time. What is remembered was acknowledged; after a crash some entries
// are sent again, none is left out.
class ForwardCursor {
 public:
  // kConflict when another process forwards this journal.
  static Result<ForwardCursor> open(const std::string& data);

  std::uint64_t next() const { return next_; }
  const std::string& path() const { return path_; }
  void reached(std::uint64_t next) { next_ = next; }
  Status remember();            // durable when it returns
  Status remember_sometimes();  // at most once a second

 private:
  ForwardCursor(std::string path, UniqueFd lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  UniqueFd lock_;
  std::uint64_t next_ = 0;
  std::uint64_t remembered_ = 0;
  std::int64_t remembered_ms_ = 0;
};

}  // namespace bulkhead::cli
