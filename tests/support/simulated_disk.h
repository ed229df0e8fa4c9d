// A disk in memory whose power can be cut. It keeps apart what was synced from what was only
// written, for contents and for names, exactly as far as POSIX promises:
//   - contents: bytes written, the size, discarded ranges: durable after sync_data() of that file;
//   - names: made, renamed, removed: durable after sync_directory() of the folder.
// When the power goes, everything that was not synced survives as `PowerCut` says: nothing of it,
// all of it, or any part of it (each 512-byte sector and each name on its own, at random).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

#include "base/disk.h"

namespace bulkhead::test {

enum class PowerCut { kLoseUnsynced, kKeepUnsynced, kTornPrefix, kTornAnything };
constexpr PowerCut kAllPowerCuts[] = {PowerCut::kLoseUnsynced, PowerCut::kKeepUnsynced,
                                      PowerCut::kTornPrefix, PowerCut::kTornAnything};

class SimulatedDisk final : public Disk {
 public:
  SimulatedDisk();
  ~SimulatedDisk() override;

  // The power goes right before the n-th changing operation from now (0: the next one); that one
  // and all later ones fail, syncs included. With kTornPrefix and kTornAnything a write that is cut
  // may itself have happened in part.
  void cut_power_at(std::uint64_t operations);
  bool power_is_cut() const;
  std::uint64_t operations()
      const;                    // changing operations so far: write, truncate, discard, sync, names
  std::uint64_t syncs() const;  // of files and folders

  // What the next start of the machine finds. Old files and locks are dead.
  void restart(PowerCut how, std::uint64_t seed);

  // From now on writes and syncs fail with this code (kNoSpace ...), until cleared with kInternal.
  void fail_writes_with(ErrorCode code);
  void fail_syncs_with(ErrorCode code);

  // For tampering and looking: the contents as a running process sees them.
  Bytes contents(const std::string& path) const;
  void set_contents(const std::string& path, Bytes contents);  // durable
  bool exists(const std::string& path) const;
  void remove_durably(const std::string& path);
  // A copy of this disk as it is now (open files excluded).
  std::unique_ptr<SimulatedDisk> clone() const;

  Result<std::shared_ptr<DiskFile>> open(const std::string& path, OpenMode mode) override;
  Status make_directory(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Status sync_directory(const std::string& folder) override;
  Result<std::unique_ptr<DiskLock>> lock(const std::string& path) override;

 private:
  struct Inode;
  class File;
  class Lock;
  struct Machine;
  std::shared_ptr<Machine> machine_;
};

}  // namespace bulkhead::test
