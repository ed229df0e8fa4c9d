// Any bytes as an archive of each kind, bounded as a real one is.
#include <string>
#include <string_view>

#include "harness.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead::exposure;
  static const ContainerLimits limits{.depth = 3,
                                      .members = 50,
                                      .total_bytes = 4 << 20,
                                      .free_bytes = 1 << 20,
                                      .ratio = 20,
                                      .cpu_seconds = 5,
                                      .in_memory_bytes = 100'000};
  fuzz::analyse_anything({data, size}, {}, limits);
  return 0;
}
