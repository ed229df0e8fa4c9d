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
  release.set_why("read");
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

constexpr std::int64_t kSince = 106 * kDay;

// `history` and the releases of the window, of which the first `count` are asked for.
std::vector<Explanation> explain(std::vector<admin::Release> history,
                                 const std::vector<admin::Release>& window, std::size_t count) {
  history.insert(history.end(), window.begin(), window.end());
  return explain_releases(rules(), history, kSince, {window.begin(), window.begin() + count});
}

Explanation one(const admin::Release& each, std::vector<admin::Release> before = nights()) {
  return explain(std::move(before), {each}, 1).at(0);
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
  for (const Explanation& each : explain(nights(), many, many.size())) {
    EXPECT_FALSE(each.explained);
    EXPECT_THAT(each.words, testing::HasSubstr("3 files in one session, 2 at most before"));
  }
}

// Two files of a thief's thousands are asked for: the session took thousands.
TEST(Explained, ASessionCountsWholeWhateverIsAskedFor) {
  std::vector<admin::Release> theft;
  for (std::uint64_t version = 10; version < 5010; ++version)
    theft.push_back(release(9, 106 * kDay + 2 * kHour, "/out/x", version, 0));
  for (const Explanation& each : explain(nights(), theft, 2))
    EXPECT_THAT(each.words, testing::HasSubstr("5000 files in one session, 2 at most before"));
  // One that had begun before the window is no habit by what it took until then.
  for (std::size_t i = 2; i < theft.size(); ++i) {
    theft[i].set_first_us(kSince - kHour);
    theft[i].set_last_us(kSince - kHour);
  }
  EXPECT_THAT(explain(nights(), theft, 1).at(0).words,
              testing::HasSubstr("5000 files in one session, 2 at most before"));
}

TEST(Explained, OnlyReadingIsAHabitAndExplained) {
  for (const char* why : {"uploaded", "rewritten in part", "shares a key with what was read"}) {
    std::vector<admin::Release> before = nights();
    for (admin::Release& each : before)
      each.set_why(why);
    EXPECT_THAT(one(release(9, 106 * kDay + 2 * kHour, "/out/a.csv", 3), before).words,
                testing::HasSubstr("on 0 earlier days"));
    admin::Release other = release(9, 106 * kDay + 2 * kHour, "/out/a.csv", 3);
    other.set_why(why);
    EXPECT_FALSE(one(other).explained) << why;
    const auto stated = explain_releases(rules("    as_always: false\n"), {other}, kSince, {other});
    EXPECT_FALSE(stated.at(0).explained) << why;
  }
}

TEST(Explained, WithoutAPastNothingIs) {
  EXPECT_THAT(one(release(9, 106 * kDay + 2 * kHour, "/out/a.csv", 3), {}).words,
              testing::HasSubstr("on 0 earlier days"));
  const auto stated = explain_releases(rules("    as_always: false\n"), {}, kSince,
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
