#include "crypto/bech32.h"

#include <gtest/gtest.h>

#include <cctype>

#include "crypto/age.h"
#include "crypto_testing.h"

namespace bulkhead::crypto {
namespace {

struct Bech32Vector {
  std::string_view prefix, text, data;
};

// BIP 173, "Test vectors", those whose digits make whole bytes.
constexpr Bech32Vector kValid[] = {
    {"a", "A12UEL5L", ""},
    {"?", "?1ezyfcl", ""},
    {"abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
     "00443214c74254b635cf84653a56d7c675be77df"},
    {"split", "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
     "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d"},
};

TEST(Bech32, AgreesWithBip173) {
  for (const Bech32Vector& vector : kValid) {
    const auto data = bech32_decode(vector.prefix, vector.text);
    ASSERT_TRUE(data) << vector.text;
    EXPECT_EQ(to_hex(data->view()), vector.data);
    std::string lower(vector.text);
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_EQ(bech32_encode(vector.prefix, data->view()), lower);
  }
}

struct BadText {
  std::string_view prefix, text;
};

// The last ones are of BIP 173, "The following string are not valid Bech32".
constexpr BadText kBad[] = {
    {"a", ""},                 // nothing
    {"a", "b12uel5l"},         // another prefix
    {"a", "a2uel5l"},          // no separator
    {"a", "A12uEL5L"},         // mixed case
    {"a", "a12uel5m"},         // checksum
    {"a", "a12uel5\xff"},      // no character of it
    {"pzry", "pzry9x0s0muk"},  // no separator
    {"x", "x1b4n0q5v"},        // invalid data character
    {"li", "li1dgmt3"},        // too short checksum
    {"a", "a1g7sgd8"},         // checksum computed with upper case prefix
};

TEST(Bech32, RefusesWhatIsNotWhole) {
  for (const BadText& bad : kBad) {
    const auto data = bech32_decode(bad.prefix, bad.text);
    ASSERT_FALSE(data) << bad.text;
    EXPECT_EQ(data.error().code, ErrorCode::kMalformed);
  }
  EXPECT_FALSE(bech32_decode("a", "a1" + std::string(1000, 'q')));
}

TEST(Bech32, NoticesEveryChangedCharacter) {
  SeededRandom random(5);
  const std::string text = AgeRecipient(random.array<32>()).to_string();
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'q', 'p', 'z', 'r', '1', 'b', 'Q', ' ', '\0'}) {
      std::string changed = text;
      changed[i] = c;
      if (changed == text) continue;
      EXPECT_FALSE(AgeRecipient::parse(changed)) << i;
    }
  }
}

TEST(AgeKeys, ReadBackWhatTheyWrite) {
  SeededRandom random(6);
  const AgeIdentity identity = AgeIdentity::generate(random);
  const std::string text = identity.to_string();
  EXPECT_TRUE(text.starts_with("AGE-SECRET-KEY-1"));
  EXPECT_EQ(text.size(), 74u);
  const auto parsed = AgeIdentity::parse(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->to_string(), text);
  EXPECT_EQ(parsed->pair().public_key, identity.pair().public_key);

  const std::string recipient = identity.recipient().to_string();
  EXPECT_TRUE(recipient.starts_with("age1"));
  EXPECT_EQ(recipient.size(), 62u);
  const auto parsed_recipient = AgeRecipient::parse(recipient);
  ASSERT_TRUE(parsed_recipient);
  EXPECT_EQ(parsed_recipient->key(), identity.pair().public_key);
}

TEST(AgeKeys, AreOfTheRightCaseAndSize) {
  SeededRandom random(7);
  const std::string identity = AgeIdentity::generate(random).to_string();
  std::string lower = identity;
  for (char& c : lower)
    c = static_cast<char>(std::tolower(c));
  EXPECT_FALSE(AgeIdentity::parse(lower));
  std::string upper = AgeRecipient(random.array<32>()).to_string();
  for (char& c : upper)
    c = static_cast<char>(std::toupper(c));
  EXPECT_FALSE(AgeRecipient::parse(upper));
  EXPECT_FALSE(AgeRecipient::parse(identity));
  for (const std::size_t size : {0, 1, 31, 33}) {
    EXPECT_FALSE(AgeRecipient::parse(bech32_encode("age", random.bytes(size)))) << size;
  }
}

TEST(AgeKeys, ErrorsRepeatNothingOfTheSecret) {
  SeededRandom random(8);
  std::string text = AgeIdentity::generate(random).to_string();
  text[30] = text[30] == 'Q' ? 'P' : 'Q';
  const auto parsed = AgeIdentity::parse_file("# a comment\n" + text + "\n");
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().message.find("line 2"), std::string::npos) << parsed.error().message;
  for (std::size_t i = 16; i + 6 <= text.size(); ++i) {
    EXPECT_EQ(parsed.error().message.find(text.substr(i, 6)), std::string::npos);
  }
}

TEST(AgeKeys, IdentityFilesHaveCommentsAndSeveralIdentities) {
  SeededRandom random(9);
  const std::string first = AgeIdentity::generate(random).to_string();
  const std::string second = AgeIdentity::generate(random).to_string();
  const auto parsed = AgeIdentity::parse_file("# created: never\n\n" + first + "\r\n#\n" + second);
  ASSERT_TRUE(parsed) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 2u);
  EXPECT_EQ((*parsed)[0].to_string(), first);
  EXPECT_EQ((*parsed)[1].to_string(), second);
  EXPECT_FALSE(AgeIdentity::parse_file(""));
  EXPECT_FALSE(AgeIdentity::parse_file("# only a comment\n"));
  EXPECT_FALSE(AgeIdentity::parse_file(first + "\nnonsense\n"));
}

}  // namespace
}  // namespace bulkhead::crypto
