// What the answer to CLOSE promises in a folder, and in those below it without a setting of their
// own.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bulkhead::vault {

// The numbers are journal::Durability's.
enum class Durability : std::uint32_t {
  kInherited = 0,  // of the folder above; of the root: kPowerLoss
  kPowerLoss = 1,  // contents and entry are synced before the answer
  kCrash = 2,      // they are written before the answer and synced within a second
};

inline constexpr std::array<std::string_view, 3> kDurabilityWords = {"inherited", "power-loss",
                                                                     "crash"};

constexpr std::optional<Durability> parse_durability(std::string_view word) {
  for (std::uint32_t i = 0; i < kDurabilityWords.size(); ++i) {
    if (kDurabilityWords[i] == word) return static_cast<Durability>(i);
  }
  return std::nullopt;
}

constexpr Durability inherited(Durability above, Durability own) {
  return own == Durability::kInherited ? above : own;
}

}  // namespace bulkhead::vault
