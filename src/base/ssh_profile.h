// How lax the algorithms of an SSH connection may be.
#pragma once

#include <optional>
#include <string_view>

namespace bulkhead {

// From strict to lax: a profile has its own algorithms and those of all before it.
//   post-quantum  only key exchanges that are to withstand quantum computers
//   modern        what nobody objects to otherwise; the default
//   compatible    what has a better successor, and that some clients need
//   legacy        what is broken or close to it: for one partner's appliance that nobody can change
enum class SshProfile { kPostQuantum, kModern, kCompatible, kLegacy };

std::string_view name_of(SshProfile profile);  // "post-quantum"
std::optional<SshProfile> ssh_profile_named(std::string_view name);

}  // namespace bulkhead
