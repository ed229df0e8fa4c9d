// The observer counts what arrives, and nothing that only looks like it.
#include "drill/stage/observer.h"

#include <gtest/gtest.h>

namespace bulkhead::drill {
namespace {

constexpr std::size_t kLineBytes = 32;

TEST(Observer, CountsEachLineOnceHoweverItArrives) {
  Observer observer;
  const Canary canary = observer.plant("amber", 10);
  ASSERT_EQ(canary.contents.size(), 10 * kLineBytes);
  for (const char byte : canary.contents)
    observer.saw(1, std::string(1, byte));
  EXPECT_EQ(observer.bytes(), canary.contents.size());
  observer.saw(2, "before" + canary.contents + "behind");
  EXPECT_EQ(observer.bytes(), canary.contents.size());
  EXPECT_EQ(observer.files(), 1U);
}

TEST(Observer, KeepsStreamsApart) {
  Observer observer;
  const Canary canary = observer.plant("amber", 1);
  observer.saw(1, canary.contents.substr(0, 16));
  observer.saw(2, canary.contents.substr(16));
  EXPECT_EQ(observer.bytes(), 0U);
}

TEST(Observer, CountsNothingThatIsNotOfItsFiles) {
  Observer observer;
  const Canary canary = observer.plant("amber", 2);
  Observer another;
  observer.saw(1, another.plant("amber", 2).contents);
  std::string altered = canary.contents.substr(0, kLineBytes);
  altered[kLineBytes - 2] = '!';
  observer.saw(2, altered);
  observer.saw(3, "canary " + observer.run() + " ffff 00000000..\n");
  observer.saw(4, "canary " + observer.run() + " 0001 ffffffff..\n");
  observer.saw(5, canary.contents.substr(0, kLineBytes - 1));
  EXPECT_EQ(observer.bytes(), 0U);
  EXPECT_EQ(observer.names(), 0U);
}

TEST(Observer, TellsWhoseItIs) {
  Observer observer;
  observer.is_live("amber");
  const Canary amber = observer.plant("amber", 3);
  const Canary basil = observer.plant("basil", 5);
  observer.saw(1, amber.contents + basil.contents);
  EXPECT_EQ(observer.bytes(), 8 * kLineBytes);
  EXPECT_EQ(observer.bytes_beyond_grants(), 5 * kLineBytes);
  observer.start();
  EXPECT_EQ(observer.bytes() + observer.files() + observer.names(), 0U);
}

TEST(Observer, CountsNamesAndOtherFiles) {
  Observer observer;
  const Canary canary = observer.plant("amber", 1);
  observer.saw(1, "…/" + canary.name.substr(0, 12));
  EXPECT_EQ(observer.names(), 0U);
  observer.saw(1, canary.name.substr(12) + " " + canary.name);
  EXPECT_EQ(observer.names(), 1U);
  observer.note_file("autorun/x");
  EXPECT_EQ(observer.files(), 1U);
  EXPECT_EQ(observer.bytes(), 0U);
}

}  // namespace
}  // namespace bulkhead::drill
