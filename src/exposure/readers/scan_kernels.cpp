#include "exposure/readers/scan_kernels.h"

#include <array>
#include <bit>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool is_head(const char* at, char element) {
  if (at[0] == 'I') return at[1] == 'S' && at[2] == 'A';
  const bool name = (at[0] == 'S' && at[1] == 'T') || (at[0] == 'G' && at[1] == 'S');
  return name && at[2] == element;
}

std::size_t find_head_scalar(std::string_view text, std::size_t from, char element) {
  for (std::size_t at = from; at + 3 <= text.size(); ++at) {
    if (is_head(text.data() + at, element)) return at;
  }
  return kNone;
}

// What is found from `from` on, where the first `count` stand before that.
std::size_t find_rest(std::string_view text, char wanted, std::size_t from, std::size_t count,
                      std::span<std::uint32_t> places) {
  for (std::size_t at = from; at < text.size(); ++at) {
    if (text[at] != wanted) continue;
    if (count < places.size()) places[count] = static_cast<std::uint32_t>(at + 1);
    ++count;
  }
  return count;
}

std::size_t find_all_scalar(std::string_view text, char wanted, std::span<std::uint32_t> places) {
  return find_rest(text, wanted, 0, 0, places);
}

#ifdef __x86_64__

// Adds the places of the bits of `hits`, bit 0 standing for `from`.
inline std::size_t take_hits(std::uint64_t hits, std::size_t from, std::size_t count,
                             std::span<std::uint32_t> places) {
  if (count + static_cast<std::size_t>(std::popcount(hits)) > places.size()) {
    for (; hits != 0; hits &= hits - 1, ++count) {
      if (count < places.size())
        places[count] =
            static_cast<std::uint32_t>(from + static_cast<std::size_t>(std::countr_zero(hits)) + 1);
    }
    return count;
  }
  std::uint32_t* to = places.data() + count;
  const auto base = static_cast<std::uint32_t>(from + 1);
  for (; hits != 0; hits &= hits - 1)
    *to++ = base + static_cast<std::uint32_t>(std::countr_zero(hits));
  return static_cast<std::size_t>(to - places.data());
}

__attribute__((target("avx2,bmi,popcnt"))) std::size_t find_head_avx2(std::string_view text,
                                                                      std::size_t from,
                                                                      char element) {
  const __m256i s = _mm256_set1_epi8('S'), t = _mm256_set1_epi8('T'), g = _mm256_set1_epi8('G'),
                i = _mm256_set1_epi8('I'), a = _mm256_set1_epi8('A'), e = _mm256_set1_epi8(element);
  std::size_t at = from;
  for (; at + 34 <= text.size(); at += 32) {
    const auto load = [&](std::size_t shift) __attribute__((target("avx2,bmi,popcnt"))) {
      return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at + shift));
    };
    const __m256i first = load(0), second = load(1), third = load(2);
    const __m256i second_s = _mm256_cmpeq_epi8(second, s);
    const __m256i st = _mm256_and_si256(_mm256_cmpeq_epi8(first, s), _mm256_cmpeq_epi8(second, t));
    const __m256i gs = _mm256_and_si256(_mm256_cmpeq_epi8(first, g), second_s);
    const __m256i set = _mm256_and_si256(_mm256_or_si256(st, gs), _mm256_cmpeq_epi8(third, e));
    const __m256i isa = _mm256_and_si256(_mm256_and_si256(_mm256_cmpeq_epi8(first, i), second_s),
                                         _mm256_cmpeq_epi8(third, a));
    const auto hits = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(set, isa)));
    if (hits != 0) return at + static_cast<std::size_t>(std::countr_zero(hits));
  }
  return find_head_scalar(text, at, element);
}

__attribute__((target("avx2,bmi,popcnt"))) std::size_t find_all_avx2(
    std::string_view text, char wanted, std::span<std::uint32_t> places) {
  const __m256i value = _mm256_set1_epi8(wanted);
  std::size_t at = 0, count = 0;
  for (; at + 32 <= text.size(); at += 32) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    const auto hits =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, value)));
    count = take_hits(hits, at, count, places);
  }
  if (text.size() < 32) return find_rest(text, wanted, at, count, places);
  if (at == text.size()) return count;
  // The rest together with bytes that were looked at before.
  const std::size_t start = text.size() - 32;
  const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + start));
  const auto hits =
      static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(block, value)));
  return take_hits(hits >> (at - start), at, count, places);
}

#define BH_AVX512 __attribute__((target("avx512f,avx512bw,bmi,popcnt")))

BH_AVX512 std::size_t find_head_avx512(std::string_view text, std::size_t from, char element) {
  const __m512i s = _mm512_set1_epi8('S'), t = _mm512_set1_epi8('T'), g = _mm512_set1_epi8('G'),
                i = _mm512_set1_epi8('I'), a = _mm512_set1_epi8('A'), e = _mm512_set1_epi8(element);
  std::size_t at = from;
  for (; at + 66 <= text.size(); at += 64) {
    const char* const here = text.data() + at;
    const __m512i first = _mm512_loadu_si512(here), second = _mm512_loadu_si512(here + 1),
                  third = _mm512_loadu_si512(here + 2);
    const __mmask64 second_s = _mm512_cmpeq_epi8_mask(second, s);
    const __mmask64 st = _mm512_cmpeq_epi8_mask(first, s) & _mm512_cmpeq_epi8_mask(second, t);
    const __mmask64 gs = _mm512_cmpeq_epi8_mask(first, g) & second_s;
    const __mmask64 isa =
        _mm512_cmpeq_epi8_mask(first, i) & second_s & _mm512_cmpeq_epi8_mask(third, a);
    const std::uint64_t hits = ((st | gs) & _mm512_cmpeq_epi8_mask(third, e)) | isa;
    if (hits != 0) return at + static_cast<std::size_t>(std::countr_zero(hits));
  }
  return find_head_scalar(text, at, element);
}

BH_AVX512 std::size_t find_all_avx512(std::string_view text, char wanted,
                                      std::span<std::uint32_t> places) {
  const __m512i value = _mm512_set1_epi8(wanted);
  std::size_t at = 0, count = 0;
  for (; at + 64 <= text.size(); at += 64) {
    const __m512i block = _mm512_loadu_si512(text.data() + at);
    count = take_hits(_mm512_cmpeq_epi8_mask(block, value), at, count, places);
  }
  if (at == text.size()) return count;
  // Bytes behind the text are neither read nor found.
  const __mmask64 rest = (std::uint64_t{1} << (text.size() - at)) - 1;
  const __m512i block = _mm512_maskz_loadu_epi8(rest, text.data() + at);
  return take_hits(_mm512_mask_cmpeq_epi8_mask(rest, block, value), at, count, places);
}

#endif

// What this processor runs of them, the best last.
struct Available {
  std::array<ScanKernels, 3> kernels;
  std::size_t count = 0;
};

Available available() {
  Available found;
  found.kernels[found.count++] = {"scalar", find_head_scalar, find_all_scalar};
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi"))
    found.kernels[found.count++] = {"avx2", find_head_avx2, find_all_avx2};
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("bmi"))
    found.kernels[found.count++] = {"avx512", find_head_avx512, find_all_avx512};
#endif
  return found;
}

const Available& settled() {
  static const Available once = available();
  return once;
}

}  // namespace

const ScanKernels& scan_kernels() {
  return settled().kernels[settled().count - 1];
}

std::span<const ScanKernels> all_scan_kernels() {
  return std::span(settled().kernels).first(settled().count);
}

}  // namespace bulkhead::exposure
