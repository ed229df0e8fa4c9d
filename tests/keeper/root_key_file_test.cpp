#include "keeper/root_key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.h"
#include "crypto/random.h"
#include "keeper/local_keeper.h"

namespace bulkhead::keeper {
namespace {

using testing::HasSubstr;

struct Made {
  crypto::AeadKey key = fresh_key(crypto::system_random());
  std::string text;
  explicit Made(Seal seal, std::string_view passphrase = "") {
    text = std::string(as_text(
        RootKeyFile::write(key, seal, as_bytes(passphrase), crypto::system_random())->view()));
  }
};

TEST(RootKeyFile, APlainOneIsOneLine) {
  const Made made(Seal::kFile);
  EXPECT_THAT(made.text, testing::MatchesRegex("bulkhead-root-key-1 [0-9a-f]+\n"));
  const auto file = RootKeyFile::parse(made.text, "f");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->seal(), Seal::kFile);
  EXPECT_TRUE(equal(file->open({})->view(), made.key.view()));
}

TEST(RootKeyFile, ASealedOneHoldsNoKeyAndOpensWithItsPassphrase) {
  const Made made(Seal::kPassphrase, "correct horse");
  EXPECT_EQ(made.text.find(to_hex(made.key.view())), std::string::npos);
  const auto file = RootKeyFile::parse(made.text, "f");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->seal(), Seal::kPassphrase);
  EXPECT_TRUE(equal(file->open(as_bytes("correct horse"))->view(), made.key.view()));
  EXPECT_EQ(file->open(as_bytes("correct hors")).error().code, ErrorCode::kNotAuthenticated);
  EXPECT_EQ(file->open({}).error().code, ErrorCode::kNotAuthenticated);
}

// The cost cannot be lowered, nor anything else changed, without the box noticing.
TEST(RootKeyFile, EveryLineIsBoundToTheBox) {
  const Made made(Seal::kPassphrase, "correct horse");
  std::string cheaper = made.text;
  cheaper.replace(cheaper.find("passes 3"), 8, "passes 1");
  EXPECT_FALSE(RootKeyFile::parse(cheaper, "f")->open(as_bytes("correct horse")));
  std::string more = made.text;
  more.insert(more.find("salt "), "note x\n");
  EXPECT_FALSE(RootKeyFile::parse(more, "f")->open(as_bytes("correct horse")));
}

TEST(RootKeyFile, WhatIsNoneOrCutOrNewerIsSaid) {
  const Made plain(Seal::kFile);
  const Made sealed(Seal::kPassphrase, "p");
  const auto refusal = [](std::string_view text) {
    const auto file = RootKeyFile::parse(text, "f");
    return file ? std::string() : file.error().message;
  };
  EXPECT_THAT(refusal(""), HasSubstr("not a root key"));
  EXPECT_THAT(refusal("hello"), HasSubstr("not a root key"));
  EXPECT_THAT(refusal("bulkhead-root-key-2 00"), HasSubstr("newer release"));
  EXPECT_THAT(refusal("bulkhead-sealed-root-key-3\nseal x\n"), HasSubstr("newer release"));
  EXPECT_THAT(refusal("bulkhead-root-key-1"), HasSubstr("damaged"));
  for (std::size_t size = 21; size + 1 < plain.text.size(); ++size)
    EXPECT_THAT(refusal(plain.text.substr(0, size)), HasSubstr("damaged")) << size;
  for (std::size_t size = 30; size < sealed.text.size(); ++size)
    EXPECT_THAT(refusal(sealed.text.substr(0, size)), HasSubstr("damaged")) << size;
  EXPECT_THAT(refusal(sealed.text + "more 1\n"), HasSubstr("damaged"));
  EXPECT_THAT(refusal("bulkhead-sealed-root-key-1\nseal sun\nbox 00\n"), HasSubstr("damaged"));
}

// systemd gives the service's user access by an access control list, which shows as the group's.
TEST(RootKeyFile, OthersMayNotReadIt) {
  std::string pattern = (std::filesystem::temp_directory_path() / "bulkhead-key-XXXXXX").string();
  const UniqueFd made(::mkstemp(pattern.data()));
  ASSERT_TRUE(write_all(made.get(), as_bytes(Made(Seal::kFile).text), "test"));
  const auto refused = [&](int mode, bool credential) {
    std::filesystem::permissions(pattern, std::filesystem::perms(mode));
    return !RootKeyFile::read(pattern, credential).has_value();
  };
  EXPECT_FALSE(refused(0600, false));
  EXPECT_TRUE(refused(0640, false));
  EXPECT_FALSE(refused(0440, true));
  EXPECT_TRUE(refused(0444, true));
  std::filesystem::permissions(pattern, std::filesystem::perms(0400));
  EXPECT_EQ(RootKeyFile::read(pattern, true)->seal(), Seal::kCredential);
  std::filesystem::remove(pattern);
}

}  // namespace
}  // namespace bulkhead::keeper
