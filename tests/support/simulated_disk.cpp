#include "support/simulated_disk.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace bulkhead::test {
namespace {

constexpr std::size_t kSector = 512;
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace

struct SimulatedDisk::Inode {
  Bytes written;  // as processes see it
  Bytes durable;
  int writers = 0;
  bool read_only = false;
};

struct SimulatedDisk::Machine {
  mutable std::recursive_mutex mutex;
  std::map<std::string, std::shared_ptr<Inode>> names;
  std::map<std::string, std::shared_ptr<Inode>> durable_names;
  std::set<std::string> folders;
  std::set<std::string> locks;
  std::uint64_t operations = 0;
  std::uint64_t syncs = 0;
  std::uint64_t cut_at = kNever;
  std::uint64_t boot = 0;
  bool off = false;
  ErrorCode write_error = ErrorCode::kInternal;
  ErrorCode sync_error = ErrorCode::kInternal;

  // Counts a changing operation; false when the power is gone.
  bool step() {
    if (off) return false;
    if (operations++ >= cut_at) off = true;
    return !off;
  }
};

namespace {
std::unexpected<Error> no_power() {
  return fail(ErrorCode::kIo, "the power is cut");
}
}  // namespace

class SimulatedDisk::File final : public DiskFile {
 public:
  File(std::shared_ptr<Machine> machine, std::shared_ptr<Inode> inode, bool writable)
      : machine_(std::move(machine)),
        inode_(std::move(inode)),
        writable_(writable),
        boot_(machine_->boot) {
    if (writable_) ++inode_->writers;
  }
  ~File() override {
    const std::lock_guard guard(machine_->mutex);
    if (writable_ && boot_ == machine_->boot) --inode_->writers;
  }

  Result<std::size_t> read_at(MutableByteView buffer, std::uint64_t offset) const override {
    const std::lock_guard guard(machine_->mutex);
    if (dead()) return no_power();
    if (offset >= inode_->written.size()) return 0;
    const std::size_t count =
        std::min<std::uint64_t>(buffer.size(), inode_->written.size() - offset);
    if (count > 0) std::memcpy(buffer.data(), inode_->written.data() + offset, count);
    return count;
  }

  Status write_at(ByteView bytes, std::uint64_t offset) override {
    const std::lock_guard guard(machine_->mutex);
    if (!writable_) return fail(ErrorCode::kPermissionDenied, "not open for writing");
    const bool was_off = machine_->off || boot_ != machine_->boot;
    const bool powered = !was_off && machine_->step();
    if (was_off) return no_power();
    if (machine_->write_error != ErrorCode::kInternal)
      return fail(machine_->write_error, "the disk refuses to write");
    // A write that the cut hits has reached the cache, so that restart() may tear it.
    if (inode_->written.size() < offset + bytes.size())
      inode_->written.resize(offset + bytes.size());
    if (!bytes.empty()) std::memcpy(inode_->written.data() + offset, bytes.data(), bytes.size());
    if (!powered) return no_power();
    return {};
  }

  Result<std::uint64_t> size() const override {
    const std::lock_guard guard(machine_->mutex);
    if (dead()) return no_power();
    return inode_->written.size();
  }

  Status truncate(std::uint64_t size) override {
    const std::lock_guard guard(machine_->mutex);
    if (dead() || !machine_->step()) return no_power();
    inode_->written.resize(size);
    return {};
  }

  Status discard(std::uint64_t offset, std::uint64_t length) override {
    const std::lock_guard guard(machine_->mutex);
    if (dead() || !machine_->step()) return no_power();
    for (std::uint64_t i = offset;
         i < std::min<std::uint64_t>(offset + length, inode_->written.size()); ++i) {
      inode_->written[i] = 0;
    }
    return {};
  }

  Status sync_data() override {
    const std::lock_guard guard(machine_->mutex);
    if (dead() || !machine_->step()) return no_power();
    if (machine_->sync_error != ErrorCode::kInternal)
      return fail(machine_->sync_error, "the disk refuses to sync");
    ++machine_->syncs;
    inode_->durable = inode_->written;
    return {};
  }

  Status check_no_writers() const override {
    const std::lock_guard guard(machine_->mutex);
    if (inode_->writers > (writable_ ? 1 : 0)) {
      return fail(ErrorCode::kConflict, "the file is still open for writing somewhere");
    }
    return {};
  }
  Status make_read_only() override {
    inode_->read_only = true;
    return {};
  }

 private:
  bool dead() const { return machine_->off || boot_ != machine_->boot; }

  std::shared_ptr<Machine> machine_;
  std::shared_ptr<Inode> inode_;
  bool writable_;
  std::uint64_t boot_;
};

class SimulatedDisk::Lock final : public DiskLock {
 public:
  Lock(std::shared_ptr<Machine> machine, std::string path)
      : machine_(std::move(machine)), path_(std::move(path)), boot_(machine_->boot) {}
  ~Lock() override {
    const std::lock_guard guard(machine_->mutex);
    if (boot_ == machine_->boot) machine_->locks.erase(path_);
  }

 private:
  std::shared_ptr<Machine> machine_;
  std::string path_;
  std::uint64_t boot_;
};

SimulatedDisk::SimulatedDisk() : machine_(std::make_shared<Machine>()) {}
SimulatedDisk::~SimulatedDisk() = default;

void SimulatedDisk::cut_power_at(std::uint64_t operations) {
  const std::lock_guard guard(machine_->mutex);
  machine_->cut_at = machine_->operations + operations;
}
bool SimulatedDisk::power_is_cut() const {
  const std::lock_guard guard(machine_->mutex);
  return machine_->off;
}
std::uint64_t SimulatedDisk::operations() const {
  const std::lock_guard guard(machine_->mutex);
  return machine_->operations;
}
std::uint64_t SimulatedDisk::syncs() const {
  const std::lock_guard guard(machine_->mutex);
  return machine_->syncs;
}

namespace {

// What the platter holds of a file: `durable` overlaid with some of what was written since.
Bytes survive(const Bytes& durable, const Bytes& written, PowerCut how, std::mt19937_64& random) {
  if (how == PowerCut::kLoseUnsynced) return durable;
  if (how == PowerCut::kKeepUnsynced) return written;
  Bytes result = durable;
  if (how == PowerCut::kTornPrefix) {
    // The changes up to some byte have reached the disk.
    const std::size_t longest = std::max(durable.size(), written.size());
    std::size_t first = 0;
    while (first < std::min(durable.size(), written.size()) && durable[first] == written[first])
      ++first;
    if (first == longest) return durable;
    const std::size_t end = first + random() % (longest - first + 1);
    if (written.size() > result.size()) result.resize(std::min(end, written.size()));
    std::copy_n(written.begin(), std::min({end, written.size(), result.size()}), result.begin());
    if (written.size() < durable.size() && end == longest) result.resize(written.size());
    return result;
  }
  // Sizes and sectors each on their own; what a size covers and no sector reached reads as zeros or
  // as garbage.
  const std::size_t low = std::min(durable.size(), written.size());
  const std::size_t high = std::max(durable.size(), written.size());
  const std::size_t size = random() % 3 == 0 ? high : low + random() % (high - low + 1);
  result.resize(size);
  for (std::size_t at = 0; at < size; at += kSector) {
    const std::size_t end = std::min(at + kSector, size);
    const auto fate = random() % 8;
    for (std::size_t i = at; i < end; ++i) {
      const bool changed = i >= durable.size() || i >= written.size() || durable[i] != written[i];
      if (!changed) continue;
      if (fate < 4 && i < written.size()) result[i] = written[i];
      if (fate == 7 && i >= durable.size()) result[i] = static_cast<Byte>(random());
    }
  }
  return result;
}

}  // namespace

void SimulatedDisk::restart(PowerCut how, std::uint64_t seed) {
  const std::lock_guard guard(machine_->mutex);
  std::mt19937_64 random(seed);
  std::map<std::string, std::shared_ptr<Inode>> names = machine_->durable_names;
  if (how == PowerCut::kKeepUnsynced) {
    names = machine_->names;
  } else if (how != PowerCut::kLoseUnsynced) {
    std::set<std::string> all;
    for (const auto& [name, inode] : machine_->names)
      all.insert(name);
    for (const auto& [name, inode] : machine_->durable_names)
      all.insert(name);
    for (const auto& name : all) {
      const auto now = machine_->names.find(name);
      if (random() % 2 == 0) continue;
      if (now == machine_->names.end()) {
        names.erase(name);
      } else {
        names[name] = now->second;
      }
    }
  }
  std::set<Inode*> done;
  for (auto& [name, inode] : names) {
    if (!done.insert(inode.get()).second) continue;
    inode->durable = survive(inode->durable, inode->written, how, random);
    inode->written = inode->durable;
    inode->writers = 0;
  }
  machine_->names = names;
  machine_->durable_names = std::move(names);
  machine_->locks.clear();
  machine_->off = false;
  machine_->cut_at = kNever;
  ++machine_->boot;
}

void SimulatedDisk::fail_writes_with(ErrorCode code) {
  machine_->write_error = code;
}
void SimulatedDisk::fail_syncs_with(ErrorCode code) {
  machine_->sync_error = code;
}

Bytes SimulatedDisk::contents(const std::string& path) const {
  const std::lock_guard guard(machine_->mutex);
  return machine_->names.at(path)->written;
}
void SimulatedDisk::set_contents(const std::string& path, Bytes contents) {
  const std::lock_guard guard(machine_->mutex);
  auto& inode = machine_->names[path];
  if (!inode) inode = std::make_shared<Inode>();
  inode->written = std::move(contents);
  inode->durable = inode->written;
  machine_->durable_names[path] = inode;
}
bool SimulatedDisk::exists(const std::string& path) const {
  const std::lock_guard guard(machine_->mutex);
  return machine_->names.contains(path);
}
void SimulatedDisk::remove_durably(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  machine_->names.erase(path);
  machine_->durable_names.erase(path);
}

std::unique_ptr<SimulatedDisk> SimulatedDisk::clone() const {
  const std::lock_guard guard(machine_->mutex);
  auto copy = std::make_unique<SimulatedDisk>();
  std::map<Inode*, std::shared_ptr<Inode>> copies;
  const auto copied = [&](const std::shared_ptr<Inode>& inode) {
    auto& fresh = copies[inode.get()];
    if (!fresh) {
      fresh = std::make_shared<Inode>(*inode);
      fresh->writers = 0;
    }
    return fresh;
  };
  for (const auto& [name, inode] : machine_->names)
    copy->machine_->names[name] = copied(inode);
  for (const auto& [name, inode] : machine_->durable_names)
    copy->machine_->durable_names[name] = copied(inode);
  copy->machine_->folders = machine_->folders;
  return copy;
}

Result<std::shared_ptr<DiskFile>> SimulatedDisk::open(const std::string& path, OpenMode mode) {
  const std::lock_guard guard(machine_->mutex);
  if (machine_->off) return no_power();
  const auto found = machine_->names.find(path);
  if (mode != OpenMode::kCreate) {
    if (found == machine_->names.end())
      return fail(ErrorCode::kNotFound, "opening " + path + ": no such file");
    if (mode == OpenMode::kReadWrite && found->second->read_only) {
      return fail(ErrorCode::kPermissionDenied, "opening " + path + ": it is read-only");
    }
    return std::make_shared<File>(machine_, found->second, mode == OpenMode::kReadWrite);
  }
  if (found != machine_->names.end())
    return fail(ErrorCode::kAlreadyExists, "opening " + path + ": it exists");
  if (!machine_->step()) return no_power();
  if (machine_->write_error != ErrorCode::kInternal)
    return fail(machine_->write_error, "the disk refuses to write");
  auto inode = std::make_shared<Inode>();
  machine_->names[path] = inode;
  return std::make_shared<File>(machine_, inode, true);
}

Status SimulatedDisk::make_directory(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  machine_->folders.insert(
      path);  // folders are made once, at init: not part of what is tested here
  return {};
}

Status SimulatedDisk::rename(const std::string& from, const std::string& to) {
  const std::lock_guard guard(machine_->mutex);
  if (machine_->off || !machine_->step()) return no_power();
  const auto found = machine_->names.find(from);
  if (found == machine_->names.end())
    return fail(ErrorCode::kNotFound, "renaming " + from + ": no such file");
  machine_->names[to] = found->second;
  machine_->names.erase(from);
  return {};
}

Status SimulatedDisk::remove(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  if (machine_->off || !machine_->step()) return no_power();
  if (machine_->names.erase(path) == 0)
    return fail(ErrorCode::kNotFound, "removing " + path + ": no such file");
  return {};
}

Result<std::vector<std::string>> SimulatedDisk::list(const std::string& folder) {
  const std::lock_guard guard(machine_->mutex);
  if (machine_->off) return no_power();
  std::vector<std::string> names;
  for (const auto& [name, inode] : machine_->names) {
    if (folder_of(name) == folder) names.push_back(name.substr(folder.size() + 1));
  }
  return names;
}

Status SimulatedDisk::sync_directory(const std::string& folder) {
  const std::lock_guard guard(machine_->mutex);
  if (machine_->off || !machine_->step()) return no_power();
  if (machine_->sync_error != ErrorCode::kInternal)
    return fail(machine_->sync_error, "the disk refuses to sync");
  ++machine_->syncs;
  std::erase_if(machine_->durable_names, [&](const auto& entry) {
    return folder_of(entry.first) == folder && !machine_->names.contains(entry.first);
  });
  for (const auto& [name, inode] : machine_->names) {
    if (folder_of(name) == folder) machine_->durable_names[name] = inode;
  }
  return {};
}

Result<std::unique_ptr<DiskLock>> SimulatedDisk::lock(const std::string& path) {
  const std::lock_guard guard(machine_->mutex);
  if (machine_->off) return no_power();
  if (!machine_->locks.insert(path).second) {
    return fail(ErrorCode::kConflict, path + " is locked by another process");
  }
  return std::make_unique<Lock>(machine_, path);
}

}  // namespace bulkhead::test
