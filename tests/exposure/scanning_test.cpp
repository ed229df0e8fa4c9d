// What looks at many bytes at a time, against what looks at one; threads, against none.
#include <gtest/gtest.h>

#include <atomic>
#include <random>

#include "exposure/detect/values.h"
#include "exposure/in_order.h"
#include "exposure/readers/delimited_syntax.h"
#include "exposure/readers/x12_syntax.h"
#include "generate/generate.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

std::string random_text(std::mt19937& random, std::size_t length, std::string_view alphabet) {
  std::string text(length, ' ');
  for (char& c : text)
    c = alphabet[random() % alphabet.size()];
  return text;
}

std::vector<std::string> split_plainly(std::string_view text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator)
      parts.emplace_back();
    else
      parts.back().push_back(c);
  }
  return parts;
}

TEST(Scanning, ElementsOfASegmentAreThoseBetweenSeparators) {
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = random_text(random, random() % 80, "AB*");
    const std::vector<std::string> wanted = split_plainly(text, '*');
    const X12Elements elements({.text = text}, '*');
    ASSERT_EQ(elements.size(), std::min(wanted.size(), X12Elements::kMax - 1)) << text;
    for (std::size_t i = 0; i < elements.size(); ++i)
      ASSERT_EQ(elements[i], wanted[i]) << text;
  }
}

TEST(Scanning, FieldsOfARowAreThoseBetweenDelimiters) {
  std::mt19937 random(4);
  std::vector<std::string_view> fields;
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = random_text(random, random() % 80, "AB,");
    const std::vector<std::string> wanted = split_plainly(text, ',');
    const std::size_t limit = random() % 40;
    ASSERT_EQ(split_row(text, ',', false, limit, fields), wanted.size()) << text;
    ASSERT_EQ(fields.size(), std::min(limit, wanted.size())) << text;
    for (std::size_t i = 0; i < fields.size(); ++i)
      ASSERT_EQ(fields[i], wanted[i]) << text;
  }
}

TEST(Scanning, FirstCharactersDecideAsAllOfThemDo) {
  std::mt19937 random(5);
  for (int round = 0; round < 200'000; ++round) {
    const std::string text = random_text(random, random() % 8, "0019Xx*#-/ NAnaUURKnkOEe{\xC3\x89");
    ASSERT_EQ(is_filler_number(text), is_filler_number_at_length(text)) << text;
    ASSERT_EQ(is_filler_text(text), is_filler_text_at_length(text)) << text;
    if (text.empty()) continue;
    // A letter in front is no mask, whatever follows.
    const char first = static_cast<char>(text[0] & ~0x20);
    const bool letter = first >= 'A' && first <= 'Z' && first != 'X';
    ASSERT_EQ(is_masked(text), !letter && is_masked_at_length(text)) << text;
  }
}

TEST(InOrder, TakesResultsInOrderWhateverTheThreads) {
  for (const unsigned threads : {1U, 2U, 7U}) {
    std::vector<std::size_t> taken;
    in_order<std::size_t>(
        threads, 500, [](unsigned, std::size_t chunk) { return chunk * chunk; },
        [&](std::size_t result) {
          taken.push_back(result);
          return true;
        });
    ASSERT_EQ(taken.size(), 500U);
    for (std::size_t i = 0; i < taken.size(); ++i)
      ASSERT_EQ(taken[i], i * i);
  }
}

TEST(InOrder, EndsWhenNobodyTakesMore) {
  for (const unsigned threads : {1U, 4U}) {
    std::size_t taken = 0;
    std::atomic<std::size_t> made = 0;
    in_order<int>(
        threads, 1000,
        [&](unsigned, std::size_t) {
          ++made;
          return 1;
        },
        [&](int) { return ++taken < 10; });
    EXPECT_EQ(taken, 10U);
    EXPECT_LE(made, 10U + 3 * threads);
  }
}

// Enough people for several chunks.
TEST(Resolution, IsTheSameWithAnyNumberOfThreads) {
  const generate::Options options{.people = 40'000, .seed = 9};
  std::string text;
  generate::write_csv(options, [&](std::string_view part) { text.append(part); });
  std::vector<std::string> outputs;
  for (const unsigned jobs : {1U, 3U}) {
    std::vector<NamedFindings> files;
    files.push_back({"clients.csv", analyse_text(text)});
    const Resolution resolution(std::move(files), {}, {.as_of = kToday, .jobs = jobs});
    EXPECT_GT(resolution.size(), 17'000U);
    const std::string folder = testing::TempDir() + "bulkhead-threads";
    const auto written =
        write_outputs(resolution, {.persons = folder + ".ndjson", .summary = folder + ".json"});
    ASSERT_TRUE(written.has_value());
    outputs.push_back(to_hex((*written)[0].sha256) + to_hex((*written)[1].sha256));
  }
  EXPECT_EQ(outputs[0], outputs[1]);
}

}  // namespace
}  // namespace bulkhead::exposure::test
