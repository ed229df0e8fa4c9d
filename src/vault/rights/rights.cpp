#include "vault/rights/rights.h"

#include <array>
#include <utility>

namespace bulkhead::vault {
namespace {
constexpr std::array<std::pair<std::string_view, Right>, 4> kWords = {{
    {"read", Right::kRead},
    {"write", Right::kWrite},
    {"list", Right::kList},
    {"delete", Right::kDelete},
}};
}  // namespace

std::optional<Rights> Rights::parse(std::string_view words) {
  std::uint32_t bits = 0;
  while (!words.empty()) {
    const std::size_t comma = words.find(',');
    const std::string_view word = words.substr(0, comma);
    words.remove_prefix(comma == std::string_view::npos ? words.size() : comma + 1);
    bool known = false;
    for (const auto& [name, right] : kWords) {
      if (word != name) continue;
      bits |= static_cast<std::uint32_t>(right);
      known = true;
    }
    if (!known) return std::nullopt;
  }
  return Rights(bits);
}

std::string Rights::to_string() const {
  std::string text;
  for (const auto& [name, right] : kWords) {
    if (!has(right)) continue;
    if (!text.empty()) text.push_back(',');
    text.append(name);
  }
  return text;
}

}  // namespace bulkhead::vault
