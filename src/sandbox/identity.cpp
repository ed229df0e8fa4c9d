#include "sandbox/identity.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "sandbox/sandbox.h"

namespace bulkhead::sandbox {
namespace {

constexpr std::uint32_t kNobody = 65534;

// A deployment may belong to another user than root, who runs it.
constexpr std::uint32_t kFileCapabilities =
    (1U << CAP_DAC_OVERRIDE) | (1U << CAP_FOWNER) | (1U << CAP_CHOWN) | (1U << CAP_LEASE);
static_assert(CAP_LEASE < 32 && CAP_FOWNER < 32);

Status drop_bounding_set(std::uint32_t keep = 0) {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    if (capability < 32 && (keep >> capability & 1U) != 0) continue;
    if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) {
      return fail_errno("dropping a capability from the bounding set");
    }
  }
  return {};
}

Status become(std::uint32_t id) {
  // Group first: afterwards there is no right to.
  if (::setresgid(id, id, id) != 0 || ::setresuid(id, id, id) != 0)
    return fail_errno("leaving root");
  uid_t real = 0, effective = 0, saved = 0;
  gid_t real_group = 0, effective_group = 0, saved_group = 0;
  if (::getresuid(&real, &effective, &saved) != 0 ||
      ::getresgid(&real_group, &effective_group, &saved_group) != 0) {
    return fail_errno("asking who we are");
  }
  const bool gone = real == id && effective == id && saved == id && real_group == id &&
                    effective_group == id && saved_group == id && ::setuid(0) != 0;
  return gone ? Status{} : fail(ErrorCode::kInternal, "the process is still root");
}

Status drop_capabilities() {
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capset, &header, none) != 0) return fail_errno("dropping capabilities");
  return {};
}

}  // namespace

Status drop_identity(std::uint32_t slot, std::vector<std::string>& missing) {
  if (::geteuid() == 0) {
    if (slot >= kSlots) return fail(ErrorCode::kInvalidArgument, "the slot is out of range");
    if (::setgroups(0, nullptr) != 0) return fail_errno("leaving supplementary groups");
    BH_CHECK(drop_bounding_set());
    std::uint32_t id = kFirstUid + slot;
    if (::setresgid(id, id, id) != 0 && errno == EINVAL) {
      // A container's user namespace may hold only the first 65536.
      id = kNobody;
      missing.emplace_back(
          "this user namespace has no uid 1880000000 and up: sandboxed processes share nobody's");
    }
    BH_CHECK(become(id));
  }
  return drop_capabilities();
}

Status keep_only_file_capabilities() {
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (::geteuid() == 0) BH_CHECK(drop_bounding_set(kFileCapabilities));
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct have[_LINUX_CAPABILITY_U32S_3] = {};
  if (::syscall(SYS_capget, &header, have) != 0) return fail_errno("asking for capabilities");
  const std::uint32_t kept = have[0].permitted & kFileCapabilities;
  const __user_cap_data_struct wanted[_LINUX_CAPABILITY_U32S_3] = {{kept, kept, 0}, {0, 0, 0}};
  if (::syscall(SYS_capset, &header, wanted) != 0) return fail_errno("dropping capabilities");
  return {};
}

}  // namespace bulkhead::sandbox
