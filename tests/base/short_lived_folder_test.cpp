#include "base/short_lived_folder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace bulkhead {
namespace {

namespace fs = std::filesystem;

// Folders are made in one of its own, so that what stays behind shows.
class ShortLivedFolder : public testing::Test {
 protected:
  ShortLivedFolder() {
    std::string name = (fs::temp_directory_path() / "bulkhead-base.XXXXXX").string();
    place_ = ::mkdtemp(name.data());
    if (const char* before = ::getenv("TMPDIR")) before_ = before;
    ::setenv("TMPDIR", place_.c_str(), 1);
  }
  ~ShortLivedFolder() override {
    if (before_.empty())
      ::unsetenv("TMPDIR");
    else
      ::setenv("TMPDIR", before_.c_str(), 1);
    fs::remove_all(place_);
  }
  static int fill(const std::string& folder) {
    std::ofstream(folder + "/persons") << "somebody";
    return fs::exists(folder + "/persons") ? 7 : 1;
  }

  fs::path place_;
  std::string before_;
};

TEST_F(ShortLivedFolder, IsGoneWhenTheWorkIsDone) {
  EXPECT_EQ(in_short_lived_folder("x", fill), 7);
  EXPECT_TRUE(fs::is_empty(place_));
}

TEST_F(ShortLivedFolder, IsGoneWhateverTheWorkEndedOf) {
  const auto dies = [](const std::string& folder) {
    fill(folder);
    return ::raise(SIGKILL);
  };
  EXPECT_EQ(in_short_lived_folder("x", dies), 128 + SIGKILL);
  EXPECT_TRUE(fs::is_empty(place_));
}

TEST_F(ShortLivedFolder, ASignalToUsEndsTheWork) {
  const auto waits = [](const std::string& folder) {
    fill(folder);
    ::kill(::getppid(), SIGTERM);
    while (true)
      ::pause();
    return 0;
  };
  EXPECT_EQ(in_short_lived_folder("x", waits), 128 + SIGKILL);
  EXPECT_TRUE(fs::is_empty(place_));
}

TEST_F(ShortLivedFolder, AFailureIsNoneTheLessWhereTheEndOfChildrenIsIgnored) {
  ::signal(SIGCHLD, SIG_IGN);
  EXPECT_EQ(in_short_lived_folder("x", fill), 7);
  EXPECT_NE(::signal(SIGCHLD, SIG_DFL), SIG_DFL) << "and it is ignored as before";
}

TEST_F(ShortLivedFolder, AnErrorWhereNoneCanBeMade) {
  ::setenv("TMPDIR", (place_ / "nowhere").c_str(), 1);
  EXPECT_FALSE(in_short_lived_folder("x", fill));
}

}  // namespace
}  // namespace bulkhead
