// Headers that nobody meant well with, most of them with a checksum that fits: the grammar has to
// refuse them.
#include <gtest/gtest.h>

#include "age_testing.h"
#include "crypto/age_format.h"

namespace bulkhead::crypto {
namespace {

// What a header with one X25519 stanza consists of.
struct Parts {
  std::string version = "age-encryption.org/v1\n";
  std::string before;  // stanzas
  std::string type = "X25519";
  std::string share;
  std::string after_share;
  std::string body;
  std::string end_of_line = "\n";
  std::string behind;  // stanzas
  std::string mac_prefix = "--- ";
  std::string after_mac;
};

class AgeHeaderTest : public testing::Test {
 protected:
  AgeHeaderTest() : identities_(one(AgeIdentity::generate(random_))) {
    random_.fill(file_key_.mutable_view());
  }

  Parts good_parts() {
    const auto ephemeral = X25519KeyPair::generate(random_);
    const AgeRecipient recipient = identities_[0].recipient();
    const auto wrap =
        age::wrap_key(*ephemeral.agree(recipient.key()), ephemeral.public_key, recipient.key());
    Parts parts;
    parts.share = to_base64(ephemeral.public_key, false);
    parts.body = to_base64(age::wrap_file_key(wrap, file_key_), false);
    return parts;
  }

  Bytes file_of(const Parts& parts) {
    std::string header = parts.version + parts.before + "-> " + parts.type + " " + parts.share +
                         parts.after_share + parts.end_of_line + parts.body + parts.end_of_line +
                         parts.behind;
    const std::string authenticated = header + "---";
    header += parts.mac_prefix + to_base64(age::header_mac(file_key_, authenticated), false) +
              parts.after_mac + "\n";
    Bytes file = to_bytes(as_bytes(header));
    const auto nonce = random_.array<age::kPayloadNonceSize>();
    file.insert(file.end(), nonce.begin(), nonce.end());
    age::ChunkCipher cipher(file_key_, nonce, true);
    ByteArray<5 + age::kTagSize> sealed;
    cipher.seal(as_bytes("hello"), true, sealed);
    file.insert(file.end(), sealed.begin(), sealed.end());
    return file;
  }

  Status open(const Bytes& file) { return age_open(file, identities_).status; }

  SeededRandom random_{30};
  std::vector<AgeIdentity> identities_;
  age::FileKey file_key_;
};

const std::string kLine64(64, 'A');

TEST_F(AgeHeaderTest, OthersStanzasAreSkipped) {
  const std::string_view stanzas[] = {
      "",
      "-> x\n\n",
      "-> some-grease ARG \"more\" ~\nAAAA\n",
      "-> ssh-ed25519 abcd AAAA\nAA\n",
      "-> x25519 lower\n\n",
  };
  for (const std::string_view stanza : stanzas) {
    Parts parts = good_parts();
    parts.before = stanza;
    EXPECT_TRUE(open(file_of(parts))) << stanza;
    std::swap(parts.before, parts.behind);
    EXPECT_TRUE(open(file_of(parts))) << stanza;
  }
  Parts parts = good_parts();
  parts.before =
      "-> long\n" + kLine64 + "\n" + kLine64 + "\n\n" + "-> longer\n" + kLine64 + "\nAA\n";
  EXPECT_TRUE(open(file_of(parts)));
}

struct Malformation {
  const char* name;
  void (*apply)(Parts& parts);
};

const Malformation kMalformations[] = {
    {"a later version", [](Parts& p) { p.version = "age-encryption.org/v2\n"; }},
    {"a carriage return after the version",
     [](Parts& p) { p.version = "age-encryption.org/v1\r\n"; }},
    {"a space before the version", [](Parts& p) { p.version = " age-encryption.org/v1\n"; }},
    {"an empty line", [](Parts& p) { p.before = "\n"; }},
    {"a stanza without a type", [](Parts& p) { p.before = "-> \n\n"; }},
    {"two spaces after the arrow", [](Parts& p) { p.before = "->  x\n\n"; }},
    {"two spaces between arguments", [](Parts& p) { p.before = "-> x  y\n\n"; }},
    {"a space after the last argument", [](Parts& p) { p.before = "-> x \n\n"; }},
    {"a tab in an argument", [](Parts& p) { p.before = "-> x\ty\n\n"; }},
    {"a byte over ASCII in an argument", [](Parts& p) { p.before = "-> x\xc3\xa4\n\n"; }},
    {"a zero byte in an argument", [](Parts& p) { p.before += std::string("-> x\0\n\n", 7); }},
    {"a body that is not base64", [](Parts& p) { p.before = "-> x\n!!!!\n"; }},
    {"a body with padding", [](Parts& p) { p.before = "-> x\nAA==\n"; }},
    {"a body that is not canonical", [](Parts& p) { p.before = "-> x\nAB\n"; }},
    {"a body line of one digit", [](Parts& p) { p.before = "-> x\nA\n"; }},
    {"a body line that is too long", [](Parts& p) { p.before = "-> x\n" + kLine64 + "A\n"; }},
    {"a body without its short last line", [](Parts& p) { p.before = "-> x\n" + kLine64 + "\n"; }},
    {"a carriage return in a body", [](Parts& p) { p.before = "-> x\nAAAA\r\n"; }},
    {"a passphrase beside the key",
     [](Parts& p) { p.before = "-> scrypt AAAAAAAAAAAAAAAAAAAAAA 10\n\n"; }},
    {"an X25519 stanza with a third argument", [](Parts& p) { p.after_share = " more"; }},
    {"an X25519 stanza without a share",
     [](Parts& p) { p.before = "-> X25519\n" + p.body + "\n"; }},
    {"a share with padding", [](Parts& p) { p.share += "="; }},
    {"a share that is not canonical",
     [](Parts& p) { p.share.back() = p.share.back() == '9' ? '8' : '9'; }},
    {"a share of 31 bytes", [](Parts& p) { p.share = to_base64(Bytes(31, 9), false); }},
    {"a share of 33 bytes", [](Parts& p) { p.share = to_base64(Bytes(33, 9), false); }},
    {"a share of small order", [](Parts& p) { p.share = to_base64(Bytes(32, 0), false); }},
    {"a body of 31 bytes", [](Parts& p) { p.body = to_base64(Bytes(31, 9), false); }},
    {"a body of 33 bytes", [](Parts& p) { p.body = to_base64(Bytes(33, 9), false); }},
    {"an empty body", [](Parts& p) { p.body.clear(); }},
    {"no space before the checksum", [](Parts& p) { p.mac_prefix = "---"; }},
    {"two spaces before the checksum", [](Parts& p) { p.mac_prefix = "---  "; }},
    {"four dashes", [](Parts& p) { p.mac_prefix = "---- "; }},
    {"padding after the checksum", [](Parts& p) { p.after_mac = "="; }},
    {"a space after the checksum", [](Parts& p) { p.after_mac = " "; }},
    {"a carriage return after the checksum", [](Parts& p) { p.after_mac = "\r"; }},
    {"a longer checksum", [](Parts& p) { p.after_mac = "AAAA"; }},
};

TEST_F(AgeHeaderTest, MalformedOnesAreRefusedThoughTheirChecksumFits) {
  ASSERT_TRUE(open(file_of(good_parts())));
  for (const Malformation& malformation : kMalformations) {
    Parts parts = good_parts();
    malformation.apply(parts);
    const Status status = open(file_of(parts));
    ASSERT_FALSE(status) << malformation.name;
    EXPECT_EQ(status.error().code, ErrorCode::kMalformed)
        << malformation.name << ": " << status.error().message;
  }
}

TEST_F(AgeHeaderTest, LineEndsOfOtherSystemsAreRefused) {
  Parts parts = good_parts();
  parts.end_of_line = "\r\n";
  EXPECT_FALSE(open(file_of(parts)));
}

TEST_F(AgeHeaderTest, OnesWithoutRecipientsAreRefused) {
  const std::string header = "age-encryption.org/v1\n--- " + to_base64(Bytes(32, 0), false) + "\n";
  EXPECT_EQ(open(to_bytes(as_bytes(header))).error().code, ErrorCode::kMalformed);
}

TEST_F(AgeHeaderTest, AChecksumThatDoesNotFitIsNoWrongIdentity) {
  Bytes file = file_of(good_parts());
  const std::size_t mac_at = age::parse_header(file)->authenticated.size() + 1;
  file[mac_at] = file[mac_at] == 'A' ? 'B' : 'A';
  EXPECT_EQ(open(file).error().code, ErrorCode::kCorrupt);
}

TEST_F(AgeHeaderTest, LongOnesAreRefusedAtTheBound) {
  Parts parts = good_parts();
  for (int i = 0; i < 300; ++i)
    parts.before += "-> x\n" + kLine64 + "\n\n";
  EXPECT_TRUE(open(file_of(parts)));
  for (int i = 0; i < 700; ++i)
    parts.before += "-> x\n" + kLine64 + "\n\n";
  EXPECT_EQ(open(file_of(parts)).error().code, ErrorCode::kLimitExceeded);
  const Bytes endless(10 << 20, 'a');
  EXPECT_EQ(open(endless).error().code, ErrorCode::kLimitExceeded);
}

TEST_F(AgeHeaderTest, ArbitraryBytesAreRefused) {
  EXPECT_EQ(open({}).error().code, ErrorCode::kMalformed);
  for (int i = 0; i < 2000; ++i)
    EXPECT_FALSE(open(random_.bytes(random_.below(300))));
}

Bytes mutated(Bytes file, SeededRandom& random) {
  const std::size_t changes = 1 + random.below(3);
  for (std::size_t i = 0; i < changes && !file.empty(); ++i) {
    const std::size_t at = random.below(file.size());
    const std::size_t count = std::min(random.below(40), file.size() - at);
    const auto here = file.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.below(6)) {
      case 0:
        flip_bit(file, random.below(file.size() * 8));
        break;
      case 1:
        file[at] = "\n \r-=>A/+1"[random.below(10)];
        break;
      case 2:
        file.erase(here, here + static_cast<std::ptrdiff_t>(count));
        break;
      case 3:
        file.insert(here, count, static_cast<Byte>(random.below(256)));
        break;
      case 4: {
        const Bytes copy(here, here + static_cast<std::ptrdiff_t>(count));
        file.insert(file.begin() + static_cast<std::ptrdiff_t>(random.below(file.size())),
                    copy.begin(), copy.end());
        break;
      }
      default:
        file.resize(at);
        break;
    }
  }
  return file;
}

// Nothing crashes, and nothing but the file itself opens.
TEST_F(AgeHeaderTest, NoMutationOpens) {
  Parts parts = good_parts();
  parts.before = "-> x y\n" + kLine64 + "\n\n";
  const Bytes file = file_of(parts);
  const AgeOpened whole = age_open(file, identities_);
  ASSERT_TRUE(whole.status);
  for (int i = 0; i < 10000; ++i) {
    const Bytes changed = mutated(file, random_);
    if (changed == file) continue;
    const AgeOpened opened = age_open(changed, identities_);
    ASSERT_FALSE(opened.status) << to_hex(changed);
    EXPECT_TRUE(opened.plaintext.empty());
  }
}

}  // namespace
}  // namespace bulkhead::crypto
