// Every drill: what happened, what the attacker has, what is to stop them, and which defence is
// switched off in its twin (tests/drill).
#include <algorithm>

#include "drill/drills/drill.h"

namespace bulkhead::drill {
namespace {

constexpr Drill kDrills[] = {
    {.name = "moveit-2023",
     .breach = "MOVEit Transfer, CVE-2023-34362",
     .attacker = "an edge, before any log-in",
     .defence = "the vault answers nobody who has not proved themselves to it",
     .script = moveit_2023,
     .weakness = "phases"},
    {.name = "crushftp-2024",
     .breach = "CrushFTP, CVE-2024-4040",
     .attacker = "an edge that reads any file that it can reach",
     .defence = "the edge's sandbox",
     .script = crushftp_2024,
     .weakness = "sandbox"},
    {.name = "cleo-2024",
     .breach = "Cleo Harmony, CVE-2024-50623 and CVE-2024-55956",
     .attacker = "an edge that writes any file that it can reach",
     .defence = "the edge's sandbox",
     .script = cleo_2024,
     .weakness = "sandbox"},
    {.name = "web-2023",
     .breach = "MOVEit Transfer, through the web tier",
     .attacker = "an https-session, before any log-in",
     .defence = "the same vault",
     .script = nullptr,
     .weakness = "",
     .not_built = "this release has no https-session"},
};

}  // namespace

std::span<const Drill> all_drills() {
  return kDrills;
}

const Drill* find_drill(std::string_view name) {
  const auto found = std::ranges::find(kDrills, name, &Drill::name);
  return found == std::end(kDrills) ? nullptr : found;
}

}  // namespace bulkhead::drill
