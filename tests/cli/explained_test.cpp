// What is explained, and above all what is not.
#include "cli/explained.h"

#include <gmock/gmock.h>

namespace bulkhead::cli {
namespace {

constexpr std::int64_t kDay = 86'400'000'000, kHour = 3'600'000'000;

admin::Release release(std::uint64_t session, std::int64_t at, const std::string& path,
                       std::uint64_t version, std::uint64_t bytes = 100) {
  admin::Release release;
  release.set_channel(session);
  release.set_user("partner");
  release.set_peer_address("203.0.113.5");
  release.set_path(path);
  release.set_version(version);
  release.set_bytes_released(bytes);
  release.set_first_us(at);
  release.set_last_us(at);
  return release;
}

std::vector<ExplainedRule> rules(const std::string& more = "") {
  const auto parsed = parse_explained(
      "explained:\n  - user: partner\n    address: 203.0.113.5\n    folder: /out/\n"
      "    reason: nightly fetch\n" +
          more,
      "rules.yaml");
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}

// One or two files a night, at two o'clock, for five nights.
std::vector<admin::Release> nights() {
  std::vector<admin::Release> before;
  for (std::int64_t day = 100; day < 105; ++day) {
    before.push_back(
        release(static_cast<std::uint64_t>(day), day * kDay + 2 * kHour, "/out/a.csv", 1));
    before.push_back(
        release(static_cast<std::uint64_t>(day), day * kDay + 2 * kHour, "/out/b.csv", 2));
  }
  return before;
}

Explanation one(const admin::Release& each, std::vector<admin::Release> before = nights()) {
  return explain_releases(rules(), before, {each}).at(0);
}

TEST(Explained, AsAlways) {
  const Explanation night = one(release(9, 106 * kDay + 2 * kHour, "/out/a.csv", 3));
  EXPECT_TRUE(night.explained);
  EXPECT_EQ(night.words, "nightly fetch; as on 5 earlier days");
}

TEST(Explained, AnotherUserAddressOrFolderIsNot) {
  admin::Release each = release(9, 106 * kDay + 2 * kHour, "/out/a.csv", 3);
  each.set_user("other");
  EXPECT_FALSE(one(each).explained);
  each = release(9, 106 * kDay + 2 * kHour, "/out/a.csv", 3);
  each.set_peer_address("203.0.113.50");
  EXPECT_FALSE(one(each).explained);
  each = release(9, 106 * kDay + 2 * kHour, "/outside/a.csv", 3);
  EXPECT_FALSE(one(each).explained);
  EXPECT_EQ(one(each).words, "");
}

TEST(Explained, NeitherIsMoreThanBefore) {
  EXPECT_THAT(one(release(9, 106 * kDay + 12 * kHour, "/out/a.csv", 3)).words,
              testing::HasSubstr("another time of day"));
  EXPECT_FALSE(one(release(9, 106 * kDay + 2 * kHour, "/out/a.csv", 3, 100'000)).explained);
  std::vector<admin::Release> many;
  for (std::uint64_t version = 10; version < 13; ++version)
    many.push_back(release(9, 106 * kDay + 2 * kHour, "/out/x", version));
  for (const Explanation& each : explain_releases(rules(), nights(), many)) {
    EXPECT_FALSE(each.explained);
    EXPECT_THAT(each.words, testing::HasSubstr("3 files in one session, 2 at most before"));
  }
}

TEST(Explained, WithoutAPastNothingIs) {
  EXPECT_THAT(one(release(9, 106 * kDay + 2 * kHour, "/out/a.csv", 3), {}).words,
              testing::HasSubstr("on 0 earlier days"));
  const auto stated = explain_releases(rules("    as_always: false\n"), {},
                                       {release(9, 106 * kDay, "/out/a.csv", 3)});
  EXPECT_TRUE(stated.at(0).explained);
  EXPECT_THAT(stated.at(0).words, testing::HasSubstr("as the officer states"));
}

TEST(Explained, RulesThatSayTooLittleAreErrors) {
  for (const char* text :
       {"", "explained: x\n", "explained:\n  - user: a\n", "rules:\n  - user: a\n",
        "explained:\n  - {user: a, address: b, folder: /c, reason: d, always: true}\n",
        "explained:\n  - {user: a, address: b, folder: /c, reason: d, as_always: perhaps}\n",
        "explained:\n  - {user: a, address: b, folder: /c, reason: ''}\n"}) {
    const auto parsed = parse_explained(text, "rules.yaml");
    ASSERT_FALSE(parsed) << text;
    EXPECT_THAT(parsed.error().message, testing::HasSubstr("rules.yaml")) << text;
  }
}

}  // namespace
}  // namespace bulkhead::cli
