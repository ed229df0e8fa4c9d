// A file system in memory that behaves as POSIX does: what the SFTP server is tested and fuzzed
// over, and compared with OpenSSH's server on a real disk. Writes show at once (there is no staging
// here), close() commits nothing but is counted.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "sftp/file_system.h"

namespace bulkhead::sftp::test {

class MemoryFileSystem final : public FileSystem {
 public:
  struct Options {
    Path home;  // made if it is not there
    std::string user = "anna";
    std::uint32_t umask = 022;
    std::uint64_t max_file_bytes = 256u << 20;  // beyond: kNoSpace
    std::size_t max_nodes = 2'000'000;          // beyond: kNoSpace
    const Clock* clock = nullptr;               // the system's if none
  };
  struct Counts {
    std::size_t closed = 0;     // files closed by close()
    std::size_t abandoned = 0;  // files destroyed without
    std::size_t synced = 0;
    std::size_t writes = 0;  // calls of File::write
    std::size_t stats = 0;   // calls of FileSystem::stat
  };
  struct Node;

  MemoryFileSystem() : MemoryFileSystem(Options{}) {}
  explicit MemoryFileSystem(Options options);
  ~MemoryFileSystem() override;

  // For tests: a file with its parent folders, past all checks; what a file contains ("" if it is
  // none).
  void put(std::string_view path, std::string_view contents);
  std::string contents(std::string_view path) const;
  bool exists(std::string_view path) const;
  const Counts& counts() const { return *counts_; }

  Path home() override { return options_.home; }
  std::string user_name() override { return options_.user; }
  std::string name_of_user(std::uint32_t uid) override { return uid == kUid ? options_.user : ""; }
  std::string name_of_group(std::uint32_t gid) override { return gid == kGid ? "acme" : ""; }
  Result<Attributes> stat(const Path& path) override;
  Status set_attributes(const Path& path, const AttributeChanges& changes) override;
  Result<std::unique_ptr<File>> open(const Path& path, const OpenFlags& flags,
                                     std::optional<std::uint32_t> permissions) override;
  Status remove(const Path& path) override;
  Result<std::unique_ptr<Directory>> open_directory(const Path& path) override;
  Status make_directory(const Path& path, std::optional<std::uint32_t> permissions) override;
  Status remove_directory(const Path& path) override;
  Status rename(const Path& from, const Path& to, bool replace) override;
  Result<Capacity> capacity() override { return Capacity{1ULL << 40, 1ULL << 39}; }

  static constexpr std::uint32_t kUid = 1001;
  static constexpr std::uint32_t kGid = 1002;

 private:
  using NodePtr = std::shared_ptr<Node>;

  Result<NodePtr> find(const Path& path) const;
  Result<NodePtr> find_folder(const Path& path) const;
  Result<NodePtr> make_node(Kind kind, std::uint32_t permissions);
  Status check_replaceable(const Node& moving, const Node& in_the_way) const;

  Options options_;
  std::shared_ptr<Counts> counts_ = std::make_shared<Counts>();
  NodePtr root_;
};

}  // namespace bulkhead::sftp::test
