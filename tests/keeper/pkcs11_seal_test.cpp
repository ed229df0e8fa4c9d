// A token in software: what it seals, and what is said when it does not open.
#include "keeper/pkcs11_seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include "crypto/digest.h"
#include "crypto/random.h"
#include "crypto/rsa_oaep.h"
#include "keeper/pkcs11_token.h"
#include "software_token.h"

namespace bulkhead::keeper {
namespace {

using testing::HasSubstr;

const ByteView kPin = as_bytes(SoftwareToken::pin());

class Pkcs11Seal : public testing::Test {
 protected:
  void SetUp() override {
    if (!SoftwareToken::is_there()) GTEST_SKIP() << "SoftHSM and OpenSC are not installed";
    token.emplace();
    token->make_key("root");
  }
  static Result<SealDevice::Made> make(const SealFields& wishes, ByteView pin = kPin) {
    return make_pkcs11_seal(wishes, pin, crypto::system_random());
  }
  static std::string refusal_to_make(const SealFields& wishes, ByteView pin = kPin) {
    const auto made = make(wishes, pin);
    return made ? "made" : made.error().message;
  }
  static std::string refusal(const SealFields& fields, ByteView pin = kPin) {
    const auto opened = open_pkcs11_seal(fields, pin);
    return opened ? "opened" : opened.error().message;
  }

  std::optional<SoftwareToken> token;
};

TEST_F(Pkcs11Seal, OpensWithTheTokenAndItsPin) {
  const auto made = make(token->wishes("root"));
  ASSERT_TRUE(made) << made.error().message;
  for (int i = 0; i < 3; ++i) {
    const auto opened = open_pkcs11_seal(made->fields, kPin);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_TRUE(equal(opened->view(), made->key.view()));
  }
  EXPECT_EQ(made->fields.at("encrypted").find(to_hex(made->key.view())), std::string::npos);
  for (const auto& [name, value] : made->fields)
    EXPECT_EQ(value.find(SoftwareToken::pin()), std::string::npos) << name;
}

TEST_F(Pkcs11Seal, AWrongPinIsNamed) {
  const auto made = make(token->wishes("root"));
  ASSERT_TRUE(made);
  const auto wrong = open_pkcs11_seal(made->fields, as_bytes("0000"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kNotAuthenticated);
  EXPECT_THAT(wrong.error().message, HasSubstr("refuses the PIN"));
  EXPECT_THAT(refusal(made->fields), "opened");
}

TEST_F(Pkcs11Seal, MissingTokensAndKeysAreNamed) {
  SealFields wishes = token->wishes("root");
  wishes["key"] = "pkcs11:token=other;object=root";
  EXPECT_THAT(refusal_to_make(wishes), HasSubstr("no token of that name"));
  wishes["key"] = "pkcs11:token=vault;object=other";
  EXPECT_THAT(refusal_to_make(wishes), HasSubstr("no RSA private key of that name"));
  token->make_key("second");
  wishes["key"] = "pkcs11:token=vault";
  EXPECT_THAT(refusal_to_make(wishes), HasSubstr("several keys"));
  wishes["key"] = "vault";
  EXPECT_THAT(refusal_to_make(wishes), HasSubstr("PKCS #11 URI"));
  wishes.erase("key");
  EXPECT_THAT(refusal_to_make(wishes), HasSubstr("--pkcs11-key"));
}

TEST_F(Pkcs11Seal, AnotherKeyOfTheSameNameIsNotIt) {
  const auto made = make(token->wishes("root"));
  ASSERT_TRUE(made);
  token->remove_key("root");
  token->make_key("root");
  EXPECT_THAT(refusal(made->fields), HasSubstr("is another than the one"));
}

TEST_F(Pkcs11Seal, AKeyThatMayLeaveTheTokenSealsNothing) {
  token->make_key("loose", "--key-type rsa:2048 --extractable");
  EXPECT_THAT(refusal_to_make(token->wishes("loose")), HasSubstr("may be read out of it"));
}

TEST_F(Pkcs11Seal, AShortKeyIsRefused) {
  token->make_key("short", "--key-type rsa:1024");
  EXPECT_THAT(refusal_to_make(token->wishes("short")), HasSubstr("less than 2048 bits"));
}

TEST_F(Pkcs11Seal, EveryFlippedByteOfTheBoxIsRefused) {
  const auto made = make(token->wishes("root"));
  ASSERT_TRUE(made);
  for (std::size_t i = 0; i < made->fields.at("encrypted").size(); i += 64) {
    SealFields changed = made->fields;
    char& digit = changed["encrypted"][i];
    digit = digit == '0' ? '1' : '0';
    EXPECT_FALSE(open_pkcs11_seal(changed, kPin)) << i;
  }
}

// The module runs in the process, with its rights.
TEST(Pkcs11Module, OnlyWhatRootAloneCanChangeIsLoaded) {
  if (!SoftwareToken::is_there()) GTEST_SKIP() << "SoftHSM is not installed";
  EXPECT_TRUE(check_module(SoftwareToken::module()));
  const auto refusal = [](const std::string& path) {
    const Status checked = check_module(path);
    return checked ? "taken" : checked.error().message;
  };
  EXPECT_THAT(refusal("libsofthsm2.so"), HasSubstr("whole path"));
  EXPECT_THAT(refusal("/usr/lib/no-such-module.so"), HasSubstr("is not loaded"));
  EXPECT_THAT(refusal("/usr/lib"), HasSubstr("it is no file"));
  std::string pattern =
      (std::filesystem::temp_directory_path() / "bulkhead-module-XXXXXX").string();
  BH_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  const std::string copy = pattern + "/module.so";
  std::filesystem::copy_file(SoftwareToken::module(), copy);
  // The folder is in one that everybody may write in.
  EXPECT_THAT(refusal(copy), HasSubstr("others than root can change"));
  ::chmod(copy.c_str(), 0666);
  EXPECT_THAT(refusal(copy), HasSubstr("others than root can change"));
  const std::string link = pattern + "/link.so";
  std::filesystem::create_symlink(SoftwareToken::module(), link);
  EXPECT_EQ(refusal(link), "taken") << "what counts is where it leads";
  std::filesystem::remove_all(pattern);
}

TEST(Pkcs11Uri, NamesTokensAndKeys) {
  const auto uri =
      parse_pkcs11_uri("pkcs11:token=my%20vault;object=root;id=%01%ff;serial=12;type=private");
  ASSERT_TRUE(uri) << uri.error().message;
  EXPECT_EQ(uri->token, "my vault");
  EXPECT_EQ(uri->object, "root");
  EXPECT_EQ(uri->serial, "12");
  EXPECT_EQ(uri->id, (Bytes{0x01, 0xff}));
  EXPECT_TRUE(parse_pkcs11_uri("pkcs11:"));
  for (const char* wrong :
       {"", "token=a", "pkcs11:token", "pkcs11:token=a;token=b", "pkcs11:token=a%2",
        "pkcs11:token=a%zz", "pkcs11:token=a b", "pkcs11:pin-value=1", "pkcs11:token=a?pin-value=1",
        "pkcs11:colour=red", "pkcs11:;", "pkcs11:id=%", "pkcs11:token=a\n"})
    EXPECT_FALSE(parse_pkcs11_uri(wrong)) << wrong;
}

}  // namespace
}  // namespace bulkhead::keeper
