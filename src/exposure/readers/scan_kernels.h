// Bytes that give a file its structure, found 32 or 64 at a time: by AVX-512, AVX2 or neither,
// whatever this processor has. All kernels say the same (tests/exposure/scan_kernels_test.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace bulkhead::exposure {

struct ScanKernels {
  std::string_view name;
  // The first place from `from` on at which an envelope of X12 may begin: "ISA", or "GS" or "ST"
  // with `element` behind it. npos: none; a name that the text's end cuts short is none.
  std::size_t (*find_x12_head)(std::string_view text, std::size_t from, char element);
  // Where `wanted` stands: each place + 1 is written to `places`, as many as there is room for. How
  // many there are in all.
  std::size_t (*find_all)(std::string_view text, char wanted, std::span<std::uint32_t> places);
};

// The best that this processor runs; settled once.
const ScanKernels& scan_kernels();
// All that it runs, the scalar one first: for tests.
std::span<const ScanKernels> all_scan_kernels();

}  // namespace bulkhead::exposure
