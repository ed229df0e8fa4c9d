// Wildcards of a shell in file names: '*', '?' and '[...]' (POSIX XCU 2.13).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sftp/file_system.h"

namespace bulkhead::scp {

// Whether one name fits one component of a pattern. A backslash takes the meaning of what follows;
// a '.' at the beginning is fitted by nothing but itself. Bytes are compared as numbers. Time is at
// most the product of the two sizes; both are hostile.
bool matches(std::string_view name, std::string_view pattern);

// All that fits a pattern of several components, found one after the other: neither the folders nor
// what is found are ever held as a whole.
class Glob {
 public:
  // `pattern` is taken apart at '/'. Starts at `home` where it does not begin with one. The file
  // system must outlive it.
  static Result<Glob> parse(sftp::FileSystem& files, std::string_view pattern,
                            const sftp::Path& home);

  enum class Step { kFound, kWorking, kEnd };
  // One entry of a folder looked at, or one folder opened. Where it is kFound, found() is the next.
  Result<Step> step();
  const sftp::Path& found() const { return found_; }

 private:
  struct Level {  // a folder that is being read, for the component of that number
    sftp::Path path;
    std::size_t component = 0;
    std::unique_ptr<sftp::Directory> folder;
    std::vector<sftp::DirectoryEntry> entries;
    std::size_t next = 0;
  };
  explicit Glob(sftp::FileSystem& files) : files_(&files) {}
  Result<Step> walk(sftp::Path path, std::size_t component);

  sftp::FileSystem* files_;
  std::vector<std::string> components_;
  std::vector<Level> levels_;
  sftp::Path start_;
  bool begun_ = false;
  sftp::Path found_;
};

}  // namespace bulkhead::scp
