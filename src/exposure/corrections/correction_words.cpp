#include <array>

#include "exposure/corrections/corrections.h"

namespace bulkhead::exposure {
namespace {

constexpr std::array<std::string_view, kCorrectionKinds> kWords = {
    "merge",   "split",    "exclude",  "add_element",      "remove_element",
    "address", "guardian", "deceased", "protected_address"};

}  // namespace

std::string_view to_string(CorrectionKind kind) {
  return kWords[static_cast<std::size_t>(kind)];
}

std::optional<CorrectionKind> correction_kind_from(std::string_view word) {
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (kWords[i] == word) return static_cast<CorrectionKind>(i);
  }
  return std::nullopt;
}

}  // namespace bulkhead::exposure
