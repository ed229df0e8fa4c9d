// The layout of a file that has none: found from its bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/infer/known_values.h"
#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {

// So sure must an inference be for a scan to rely on it.
constexpr double kSureEnough = 0.9;

struct Inference {
  LayoutPtr layout;   // origin "inferred"; says how records follow one another
  double sure = 0;    // 0 to 1: that records, columns and what they mean are right, and of persons
  std::string doubt;  // where it is below kSureEnough: what is missing, one clause
  std::vector<std::string> remarks;  // what made each of layout->fields what it is; without values
  std::vector<std::string> picture;  // the first records under rulers: values of persons!
};

// `head`: the first bytes of the file (64 KiB are enough, memory and time go with them), of
// `file_size` bytes; hostile. `ebcdic`: by the frequencies of its characters. Nothing where the
// bytes show no records at all. Deterministic.
std::optional<Inference> infer_layout(std::string_view head, std::uint64_t file_size, bool ebcdic,
                                      const Rules& rules, const KnownValues& known = {});

// The same as a file for people to correct: docs/formats/layout.md.
std::string inference_yaml(const Inference& inference);

}  // namespace bulkhead::exposure
