// Files in memory, as little of a disk as reading a journal back needs.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "base/disk.h"

namespace bulkhead::fuzz {

class MemoryDisk final : public Disk {
 public:
  using Contents = std::shared_ptr<Bytes>;
  void put(const std::string& path, Bytes contents) {
    files_[path] = std::make_shared<Bytes>(std::move(contents));
  }

  Result<std::shared_ptr<DiskFile>> open(const std::string& path, OpenMode mode) override {
    const auto found = files_.find(path);
    if (mode == OpenMode::kCreate) {
      if (found != files_.end()) return bulkhead::fail(ErrorCode::kAlreadyExists, path);
      put(path, {});
      return std::make_shared<File>(files_[path]);
    }
    if (found == files_.end()) return bulkhead::fail(ErrorCode::kNotFound, path);
    return std::make_shared<File>(found->second);
  }
  Status make_directory(const std::string&) override { return {}; }
  Status rename(const std::string& from, const std::string& to) override {
    files_[to] = files_[from];
    files_.erase(from);
    return {};
  }
  Status remove(const std::string& path) override {
    return files_.erase(path) != 0 ? Status() : bulkhead::fail(ErrorCode::kNotFound, path);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::vector<std::string> names;
    for (const auto& [path, contents] : files_) {
      if (path.starts_with(folder + "/")) names.push_back(path.substr(folder.size() + 1));
    }
    return names;
  }
  Status sync_directory(const std::string&) override { return {}; }
  Result<std::unique_ptr<DiskLock>> lock(const std::string&) override {
    return std::make_unique<DiskLock>();
  }

 private:
  class File final : public DiskFile {
   public:
    explicit File(Contents contents) : contents_(std::move(contents)) {}
    Result<std::size_t> read_at(MutableByteView buffer, std::uint64_t offset) const override {
      if (offset >= contents_->size()) return std::size_t{0};
      const std::size_t count = std::min<std::uint64_t>(buffer.size(), contents_->size() - offset);
      std::copy_n(contents_->begin() + static_cast<std::ptrdiff_t>(offset), count, buffer.begin());
      return count;
    }
    Status write_at(ByteView bytes, std::uint64_t offset) override {
      if (contents_->size() < offset + bytes.size()) contents_->resize(offset + bytes.size());
      std::ranges::copy(bytes, contents_->begin() + static_cast<std::ptrdiff_t>(offset));
      return {};
    }
    Result<std::uint64_t> size() const override { return contents_->size(); }
    Status truncate(std::uint64_t size) override {
      contents_->resize(size);
      return {};
    }
    Status discard(std::uint64_t offset, std::uint64_t length) override {
      return write_at(Bytes(length), offset);
    }
    Status sync_data() override { return {}; }
    Status check_no_writers() const override { return {}; }
    Status make_read_only() override { return {}; }

   private:
    Contents contents_;
  };

  std::map<std::string, Contents> files_;
};

inline void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace bulkhead::fuzz
