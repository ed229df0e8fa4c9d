#include "sandbox/landlock.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "base/fd.h"

namespace bulkhead::sandbox {
namespace {

// include/uapi/linux/landlock.h, as of ABI 6. The kernel takes as much of it as it knows; the rest
// must be zero.
struct RulesetAttributes {
  std::uint64_t handled_access_fs;
  std::uint64_t handled_access_net;
  std::uint64_t scoped;
};

struct [[gnu::packed]] PathBeneathAttributes {
  std::uint64_t allowed_access;
  std::int32_t parent_fd;
};
constexpr int kRulePathBeneath = 1;
constexpr std::uint64_t kExecute = 1U << 0;
constexpr std::uint64_t kIoctlDevice = 1U << 15;

constexpr std::uint32_t kCreateRulesetVersion = 1U << 0;

// What each ABI brought.
struct Step {
  int abi;
  std::uint64_t fs;
  std::uint64_t net;
  std::uint64_t scoped;
  std::size_t attribute_size;  // with this ABI
  const char* missing;
};

constexpr Step kSteps[] = {
    {1, 0x1fff, 0, 0, 8, "the kernel has no Landlock: only seccomp keeps files away"},
    {2, 1U << 13, 0, 0, 8, "Landlock ABI 1 cannot deny moving files between folders"},
    {3, 1U << 14, 0, 0, 8, "Landlock before ABI 3 cannot deny truncating files"},
    {4, 0, 0x3, 0, 16,
     "Landlock before ABI 4 cannot deny TCP: only seccomp keeps the network away"},
    {5, 1U << 15, 0, 0, 16, "Landlock before ABI 5 cannot deny device commands"},
    {6, 0, 0, 0x3, 24,
     "Landlock before ABI 6 cannot deny signals and abstract sockets: only seccomp keeps other "
     "processes away"},
};

}  // namespace

int landlock_abi() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kCreateRulesetVersion);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

std::vector<std::string> missing_in_landlock(int abi) {
  std::vector<std::string> missing;
  for (const Step& step : kSteps) {
    if (abi >= step.abi) continue;
    missing.emplace_back(step.missing);
    if (abi == 0) break;  // the first sentence says it all
  }
  return missing;
}

namespace {

// Handled and without any rule: denied.
Result<UniqueFd> make_ruleset(int abi, std::uint64_t& handled_fs) {
  RulesetAttributes attributes{};
  std::size_t size = 0;
  for (const Step& step : kSteps) {
    if (abi < step.abi) break;
    attributes.handled_access_fs |= step.fs;
    attributes.handled_access_net |= step.net;
    attributes.scoped |= step.scoped;
    size = step.attribute_size;
  }
  handled_fs = attributes.handled_access_fs;
  UniqueFd ruleset(static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (!ruleset) return fail_errno("making a Landlock ruleset");
  return ruleset;
}

Status enter_ruleset(const UniqueFd& ruleset) {
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0)
    return fail_errno("entering a Landlock ruleset");
  return {};
}

}  // namespace

Status deny_all_by_landlock(int abi) {
  if (abi <= 0) return {};
  std::uint64_t handled = 0;
  BH_TRY(const UniqueFd ruleset, make_ruleset(abi, handled));
  return enter_ruleset(ruleset);
}

Status allow_only_below(const std::string& folder, int abi) {
  if (abi <= 0) return {};
  std::uint64_t handled = 0;
  BH_TRY(const UniqueFd ruleset, make_ruleset(abi, handled));
  BH_TRY(const UniqueFd below, open_file(folder, O_PATH | O_DIRECTORY));
  // Nothing in it is ever executed, and there are no devices to command.
  PathBeneathAttributes rule{handled & ~(kExecute | kIoctlDevice), below.get()};
  if (::syscall(SYS_landlock_add_rule, ruleset.get(), kRulePathBeneath, &rule, 0) != 0)
    return fail_errno("adding a Landlock rule");
  return enter_ruleset(ruleset);
}

}  // namespace bulkhead::sandbox
