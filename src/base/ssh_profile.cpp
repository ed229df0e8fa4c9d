#include "base/ssh_profile.h"

#include <array>

namespace bulkhead {
namespace {
constexpr std::array<std::string_view, 4> kNames = {"post-quantum", "modern", "compatible",
                                                    "legacy"};
}

std::string_view name_of(SshProfile profile) {
  return kNames[static_cast<std::size_t>(profile)];
}

std::optional<SshProfile> ssh_profile_named(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<SshProfile>(i);
  }
  return std::nullopt;
}

}  // namespace bulkhead
