// Takes from a process everything that its kind does not need. Called by each untrusted process
// itself, once, after it has set itself up (crypto::prepare_for_sandbox()) and before it looks at a
// byte of its client.
//
// What is taken, and by what:
//   other descriptors            close_range(2)
//   environment                  cleared
//   identity (started as root)   a uid and gid of its own, no groups, no capabilities, empty
//   bounding set new processes, core dumps, memory, open files, file sizes      setrlimit(2)
//   gaining privileges           no_new_privs
//   being traced and read        not dumpable
//   file system, network, signals to others                        Landlock, as far as the kernel
//   has it every system call that its kind does not need                  seccomp; breaking it
//   kills the process (SIGSYS)
// and it dies with the process that started it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace bulkhead::sandbox {

enum class Kind { kSftpSession, kAnalyst, kKeeper, kTpm, kForwarder, kVault };

// Uids (and gids of the same number) for processes that were started by root: kFirstUid + slot.
// systemd documents 1879048192 to 2147352575 as used by nobody (UIDS-GIDS.md); neither Debian nor
// shadow's subordinate ranges reach there.
constexpr std::uint32_t kFirstUid = 1'880'000'000;
constexpr std::uint32_t kSlots = 65'536;
constexpr std::uint32_t kKeeperSlot = kSlots - 1;
constexpr std::uint32_t kTpmSlot = kSlots - 2;
constexpr std::uint32_t kForwarderSlot = kSlots - 3;  // sessions have those below

struct Policy {
  Kind kind = Kind::kSftpSession;
  std::vector<int> keep;   // descriptors that stay open
  std::uint32_t slot = 0;  // distinct among the processes that run at the same time; below kSlots
  std::uint64_t memory_bytes = 0;  // of address space
  std::uint64_t open_files = 0;
  std::uint64_t file_bytes = UINT64_MAX;  // size of any file written to
  bool may_lock_memory = false;           // what was locked before stays so either way
};

// What the kinds get unless there is a reason.
Policy sftp_session_policy(std::uint32_t slot);
Policy analyst_policy(std::uint32_t slot, std::uint64_t memory_bytes);
Policy keeper_policy();
Policy tpm_policy();  // for who asks a TPM, on a descriptor that is open
Policy forwarder_policy();

// From one thread, while there is no other. Returns what the kernel lacks (sentences; each
// protection in it is missing), empty on a current kernel. An error means that something which
// every supported kernel has did not work: the process must end, it may be half confined. There is
// no way back.
Result<std::vector<std::string>> enter(const Policy& policy);

// For processes that hold keys, first of all: no core dump, no reading by others of the same user,
// and nothing of the process ever in the swap. False where memory cannot be locked (RLIMIT_MEMLOCK
// is not unlimited and cannot be made so): the rest holds all the same.
bool protect_memory();

// For the vault, which is trusted and needs its folder: no network, no program, no other process,
// no file outside of `folder`. It keeps its descriptors, its uid, and of root's capabilities those
// that a folder of another owner takes. A call that is not in its table is refused, not fatal: what
// it has acknowledged must not die of a library's curiosity. Returns what the kernel lacks, as
// enter().
Result<std::vector<std::string>> enter_vault(const std::string& folder);

// For the supervisor, and so for everything that it starts: no network socket beyond those that are
// open, no tracing, no kernel interfaces that nobody here needs. Children add their own sandbox.
Status restrict_supervisor();

// The same list without entering anything: for the supervisor's log and for `status`.
std::vector<std::string> missing_protections();

}  // namespace bulkhead::sandbox
