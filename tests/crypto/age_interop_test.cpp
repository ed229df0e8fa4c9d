// Against the stock `age` and `age-keygen` commands; skipped where they are not installed (Debian
// package "age").
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "age_testing.h"
#include "base/fd.h"

namespace bulkhead::crypto {
namespace {

namespace fs = std::filesystem;

class AgeInteropTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v age >/dev/null && command -v age-keygen >/dev/null") != 0) {
      GTEST_SKIP() << "the commands age and age-keygen are not installed";
    }
    std::string name = (fs::temp_directory_path() / "bulkhead-age-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override {
    if (!folder_.empty()) fs::remove_all(folder_);
  }

  bool run(const std::string& command) {
    return std::system(("cd '" + folder_.string() + "' && " + command + " 2>messages").c_str()) ==
           0;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, ByteView contents) {
    ASSERT_TRUE(replace_file(path(name), contents));
  }
  Bytes read(const std::string& name) { return read_file(path(name), 10 << 20).value(); }

  std::vector<AgeIdentity> generated_identity(const std::string& name) {
    EXPECT_TRUE(run("age-keygen -o " + name));
    return AgeIdentity::parse_file(as_text(read(name))).value();
  }

  SeededRandom random_{40};
  fs::path folder_;
};

TEST_F(AgeInteropTest, KeysAreTheSame) {
  const auto identities = generated_identity("key.txt");
  ASSERT_EQ(identities.size(), 1u);
  ASSERT_TRUE(run("age-keygen -y key.txt > public.txt"));
  EXPECT_EQ(as_text(read("public.txt")), identities[0].recipient().to_string() + "\n");

  const AgeIdentity ours = AgeIdentity::generate(random_);
  write("ours.txt", as_bytes("# made by us\n" + ours.to_string() + "\n"));
  ASSERT_TRUE(run("age-keygen -y ours.txt > public.txt"));
  EXPECT_EQ(as_text(read("public.txt")), ours.recipient().to_string() + "\n");
}

TEST_F(AgeInteropTest, AgeOpensOurs) {
  const auto identities = generated_identity("key.txt");
  const AgeRecipient other = AgeIdentity::generate(random_).recipient();
  for (const std::size_t size : kAgeSizes) {
    const Bytes plaintext = random_.bytes(size);
    write("file.age", age_encrypt(plaintext, {other, identities[0].recipient()}, random_));
    // With -o age would make no file for no contents.
    ASSERT_TRUE(run("age -d -i key.txt file.age > opened")) << size << to_string(read("messages"));
    EXPECT_EQ(read("opened"), plaintext) << size;
  }
}

TEST_F(AgeInteropTest, WeOpenAges) {
  const auto identities = generated_identity("key.txt");
  const std::string recipients = "-r " + AgeIdentity::generate(random_).recipient().to_string() +
                                 " -r " + identities[0].recipient().to_string();
  for (const std::size_t size : kAgeSizes) {
    const Bytes plaintext = random_.bytes(size);
    write("plain", plaintext);
    ASSERT_TRUE(run("age " + recipients + " -o file.age plain")) << to_string(read("messages"));
    const AgeOpened opened = age_open(read("file.age"), identities);
    ASSERT_TRUE(opened.status) << size << opened.status.error().message;
    EXPECT_EQ(opened.plaintext, plaintext) << size;
  }
}

// What we refuse, age refuses: a cut between two chunks.
TEST_F(AgeInteropTest, AgeRefusesACutFileToo) {
  const auto identities = generated_identity("key.txt");
  Bytes file = age_encrypt(random_.bytes(65537), {identities[0].recipient()}, random_);
  file.resize(file.size() - 17);
  write("file.age", file);
  EXPECT_FALSE(run("age -d -i key.txt -o opened file.age"));
  EXPECT_FALSE(age_open(file, identities).status);
}

}  // namespace
}  // namespace bulkhead::crypto
