#include "sandbox/sandbox.h"

#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "sandbox/identity.h"
#include "sandbox/landlock.h"
#include "sandbox/syscalls.h"

namespace bulkhead::sandbox {
namespace {

constexpr std::uint64_t kSftpSessionMemory = 1ULL << 30;
constexpr std::uint64_t kSftpSessionFiles = 4096;  // 512 handles and their parts
constexpr std::uint64_t kForwarderMemory = 256ULL << 20;
constexpr std::uint64_t kForwarderFiles = 16;
constexpr std::uint64_t kAnalystFiles = 128;
constexpr std::uint64_t kKeeperMemory = 1ULL << 30;  // Argon2id takes some of it
constexpr std::uint64_t kKeeperFiles = 16;
constexpr std::uint64_t kAnalystFileBytes =
    1ULL << 36;  // findings are a small part of what they were found in

Status close_all_but(std::vector<int> keep) {
  std::sort(keep.begin(), keep.end());
  unsigned next = 0;
  for (const int fd : keep) {
    const auto kept = static_cast<unsigned>(fd);
    if (kept > next && ::syscall(SYS_close_range, next, kept - 1, 0) != 0) {
      return fail_errno("closing descriptors");
    }
    next = kept + 1;
  }
  if (::syscall(SYS_close_range, next, ~0U, 0) != 0) return fail_errno("closing descriptors");
  return {};
}

// For good: the hard limit goes down with the soft one. A lower one that is there already stays.
Status limit(int resource, std::uint64_t most) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &now) != 0)
    return fail_errno("reading a resource limit");
  const rlim_t value = std::min<rlim_t>(now.rlim_max, most == UINT64_MAX ? RLIM_INFINITY : most);
  const rlimit wanted{value, value};
  if (::setrlimit(static_cast<__rlimit_resource>(resource), &wanted) != 0) {
    return fail_errno("setting a resource limit");
  }
  return {};
}

Status set_limits(const Policy& policy) {
  BH_CHECK(limit(RLIMIT_CORE, 0));
  BH_CHECK(limit(RLIMIT_NPROC, 0));
  if (!policy.may_lock_memory) BH_CHECK(limit(RLIMIT_MEMLOCK, 0));
  BH_CHECK(limit(RLIMIT_NOFILE, policy.open_files));
  BH_CHECK(limit(RLIMIT_FSIZE, policy.file_bytes));
#ifndef BULKHEAD_SANITIZE  // whose shadow memory is terabytes of address space
  BH_CHECK(limit(RLIMIT_AS, policy.memory_bytes));
#endif
  return {};
}

Status set_process_flags() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("setting no_new_privs");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return fail_errno("making the process not dumpable");
  // After the change of identity, which clears it.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    return fail_errno("asking to end with the supervisor");
  return {};
}

}  // namespace

Policy sftp_session_policy(std::uint32_t slot) {
  return {.kind = Kind::kSftpSession,
          .keep = {},
          .slot = slot,
          .memory_bytes = kSftpSessionMemory,
          .open_files = kSftpSessionFiles};
}

Policy analyst_policy(std::uint32_t slot, std::uint64_t memory_bytes) {
  return {.kind = Kind::kAnalyst,
          .keep = {},
          .slot = slot,
          .memory_bytes = memory_bytes,
          .open_files = kAnalystFiles,
          .file_bytes = kAnalystFileBytes};
}

// What it allocates later is locked with the rest.
Policy keeper_policy() {
  return {.kind = Kind::kKeeper,
          .keep = {},
          .slot = kKeeperSlot,
          .memory_bytes = kKeeperMemory,
          .open_files = kKeeperFiles,
          .may_lock_memory = true};
}

Policy tpm_policy() {
  Policy policy = keeper_policy();
  policy.kind = Kind::kTpm;
  policy.slot = kTpmSlot;
  return policy;
}

Policy forwarder_policy() {
  return {.kind = Kind::kForwarder,
          .keep = {},
          .slot = kForwarderSlot,
          .memory_bytes = kForwarderMemory,
          .open_files = kForwarderFiles};
}

Result<std::vector<std::string>> enter(const Policy& policy) {
  BH_ASSERT(policy.memory_bytes > 0 && policy.open_files > 0);
  const int abi = landlock_abi();
  std::vector<std::string> missing = missing_in_landlock(abi);
  BH_CHECK(close_all_but(policy.keep));
  if (::clearenv() != 0) return fail(ErrorCode::kInternal, "the environment does not clear");
  // Without it, libc looks at /etc/localtime for every time that a library converts to local time.
  ::setenv("TZ", "UTC0", 1);
  ::tzset();
  BH_CHECK(drop_identity(policy.slot, missing));
  BH_CHECK(set_limits(policy));
  BH_CHECK(set_process_flags());
  BH_CHECK(deny_all_by_landlock(abi));
  BH_CHECK(allow_only(policy.kind));
  return missing;
}

bool protect_memory() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  const rlimit any{RLIM_INFINITY, RLIM_INFINITY};
  ::setrlimit(RLIMIT_MEMLOCK, &any);  // root may; others have what they were given
  // Under a limit later allocations would fail, once the capability to pass it is gone.
  rlimit now{};
  if (::getrlimit(RLIMIT_MEMLOCK, &now) != 0 || now.rlim_cur != RLIM_INFINITY) return false;
  return ::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

Result<std::vector<std::string>> enter_vault(const std::string& folder) {
  const int abi = landlock_abi();
  std::vector<std::string> missing = missing_in_landlock(abi);
  if (::clearenv() != 0) return fail(ErrorCode::kInternal, "the environment does not clear");
  ::tzset();  // libc opens /etc/localtime at the first conversion of a time, even to UTC (log
              // lines)
  BH_CHECK(limit(RLIMIT_CORE, 0));
  BH_CHECK(keep_only_file_capabilities());
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("setting no_new_privs");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return fail_errno("making the process not dumpable");
  BH_CHECK(allow_only_below(folder, abi));
  BH_CHECK(allow_only(Kind::kVault));
  return missing;
}

Status restrict_supervisor() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return fail_errno("setting no_new_privs");
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    return fail_errno("making the process not dumpable");
  BH_CHECK(limit(RLIMIT_CORE, 0));
  return deny_to_supervisor();
}

std::vector<std::string> missing_protections() {
  std::vector<std::string> missing = missing_in_landlock(landlock_abi());
  if (::seccomp_api_get() < 3) {  // libseccomp: 3 is where killing the whole process came in
    missing.emplace_back("the kernel has no seccomp filter that kills: sessions will not start");
  }
  return missing;
}

}  // namespace bulkhead::sandbox
