// All kernels say the same, whatever the text, its length and where it lies.
#include "exposure/readers/scan_kernels.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace bulkhead::exposure::test {
namespace {

// Of few different characters, so that there is something to be found everywhere.
std::string random_text(std::mt19937_64& random, std::size_t size) {
  static constexpr std::string_view kLetters = "STGIA*~x";
  std::string text;
  for (std::size_t i = 0; i < size; ++i)
    text.push_back(kLetters[random() % kLetters.size()]);
  return text;
}

TEST(ScanKernels, TheScalarOneFinds) {
  const ScanKernels& scalar = all_scan_kernels().front();
  EXPECT_EQ(scalar.name, "scalar");
  const std::string_view text = "ISA*GS*..GS:ST*ST";
  EXPECT_EQ(scalar.find_x12_head(text, 0, '*'), 0U);
  EXPECT_EQ(scalar.find_x12_head(text, 1, '*'), 4U);
  EXPECT_EQ(scalar.find_x12_head(text, 5, '*'), 12U);
  EXPECT_EQ(scalar.find_x12_head(text, 13, '*'), std::string_view::npos);
  std::vector<std::uint32_t> places(4);
  EXPECT_EQ(scalar.find_all("a*b**", '*', places), 3U);
  EXPECT_EQ(places, (std::vector<std::uint32_t>{2, 4, 5, 0}));
  EXPECT_EQ(scalar.find_all("*****", '*', std::span(places).first(2)), 5U);
}

TEST(ScanKernels, AllSayTheSame) {
  const auto kernels = all_scan_kernels();
  EXPECT_EQ(scan_kernels().name, kernels.back().name);
  std::mt19937_64 random(834);
  for (unsigned round = 0; round < 4000; ++round) {
    const std::string memory = random_text(random, random() % 400);
    const std::string_view text = std::string_view(memory).substr(random() % (memory.size() + 1));
    const std::size_t from = random() % (text.size() + 1);
    const std::size_t room = random() % (text.size() + 2);
    std::vector<std::uint32_t> expected(room, 7);
    const std::size_t count = kernels[0].find_all(text, '*', expected);
    const std::size_t head = kernels[0].find_x12_head(text, from, '*');
    for (const ScanKernels& kernel : kernels.subspan(1)) {
      std::vector<std::uint32_t> places(room, 7);
      EXPECT_EQ(kernel.find_all(text, '*', places), count) << kernel.name << ": " << text;
      EXPECT_EQ(places, expected) << kernel.name << ": " << text;
      EXPECT_EQ(kernel.find_x12_head(text, from, '*'), head) << kernel.name << ": " << text;
    }
  }
}

}  // namespace
}  // namespace bulkhead::exposure::test
