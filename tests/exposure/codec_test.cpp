#include <gtest/gtest.h>

#include "generate/generate.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

Bytes sample() {
  std::string text;
  generate::write_834({.people = 40, .seed = 5},
                      [&text](std::string_view part) { text.append(part); });
  return encode(analyse_text(text + "ST*850*1~BEG*00~SE*2*1~"));
}

TEST(Findings, ReadBackTheSame) {
  const Bytes bytes = sample();
  const auto findings = decode(bytes);
  ASSERT_TRUE(findings.has_value()) << findings.error().message;
  EXPECT_EQ(encode(*findings), bytes);
  EXPECT_GT(findings->persons.size(), 20U);
  EXPECT_EQ(findings->report.not_understood.size(), 1U);
  // What comes out of the resolver is the same as without the detour.
  std::string text;
  generate::write_834({.people = 40, .seed = 5},
                      [&text](std::string_view part) { text.append(part); });
  std::vector<NamedFindings> direct, stored;
  direct.push_back({"f", analyse_text(text)});
  stored.push_back({"f", std::move(*decode(encode(analyse_text(text))))});
  EXPECT_EQ(persons_ndjson(resolve(std::move(direct), {}, {.as_of = kToday})),
            persons_ndjson(resolve(std::move(stored), {}, {.as_of = kToday})));
}

TEST(Findings, EveryTruncationIsAnError) {
  const Bytes bytes = sample();
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    const auto findings = decode(ByteView(bytes).first(length));
    ASSERT_FALSE(findings.has_value()) << length;
    EXPECT_EQ(findings.error().code, ErrorCode::kMalformed);
  }
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode(longer).has_value());
}

TEST(Findings, AnyByteMayLie) {
  const Bytes bytes = sample();
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const Byte value : {Byte{0}, Byte{0x7F}, Byte{0xFF}}) {
      Bytes damaged = bytes;
      damaged[at] = value;
      auto findings = decode(damaged);
      if (!findings) {
        ++refused;
        continue;
      }
      // What is accepted can be used.
      std::vector<NamedFindings> files;
      files.push_back({"f", std::move(*findings)});
      if (at % 16 == 0) resolve(std::move(files), {}, {.as_of = kToday});
    }
  }
  EXPECT_GT(refused, 0U);
}

TEST(Findings, ANewerVersionIsNamed) {
  Bytes bytes = sample();
  bytes[8] = 3;
  const auto findings = decode(bytes);
  ASSERT_FALSE(findings.has_value());
  EXPECT_EQ(findings.error().code, ErrorCode::kNewerFormat);
}

}  // namespace
}  // namespace bulkhead::exposure::test
