// A TPM in software: what it seals, when it gives that back, and what is said when it does not.
#include "keeper/tpm_seal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "crypto/digest.h"
#include "crypto/random.h"
#include "keeper/local_keeper.h"
#include "keeper/root_key_file.h"
#include "keeper/seal_hardware.h"
#include "keeper/tpm_device.h"
#include "software_tpm.h"

namespace bulkhead::keeper {
namespace {

using testing::HasSubstr;

class TpmSeal : public testing::Test {
 protected:
  void SetUp() override {
    if (!SoftwareTpm::is_there()) GTEST_SKIP() << "swtpm is not installed";
    ::setenv("TSS2_LOG", "all+NONE", 1);
    tpm.emplace();
  }
  Result<SealDevice::Made> make(SealFields wishes, std::string_view pin = "") {
    wishes.emplace("device", tpm->path());
    if (!pin.empty()) wishes["pin"] = "asked";
    return make_tpm_seal(wishes, as_bytes(pin), crypto::system_random());
  }
  static std::string refusal(const SealFields& fields, std::string_view pin = "") {
    const auto opened = open_tpm_seal(fields, as_bytes(pin));
    return opened ? "opened" : opened.error().message;
  }

  std::optional<SoftwareTpm> tpm;
};

bool same(const Result<crypto::Secret<32>>& opened, const crypto::Secret<32>& key) {
  return opened && equal(opened->view(), key.view());
}

TEST_F(TpmSeal, OpensAsOftenAsWantedAndLeavesNothingInTheTpm) {
  const auto made = make({{"pcrs", "7,16"}});
  ASSERT_TRUE(made) << made.error().message;
  // Without a resource manager three objects would fill it.
  for (int i = 0; i < 12; ++i) {
    const auto opened = open_tpm_seal(made->fields, {});
    ASSERT_TRUE(opened) << i << ": " << opened.error().message;
    EXPECT_TRUE(same(opened, made->key));
  }
  const auto other = make({{"pcrs", "none"}});
  ASSERT_TRUE(other);
  EXPECT_FALSE(equal(other->key.view(), made->key.view()));
}

TEST_F(TpmSeal, ChangedPcrsAreRefusedByNumber) {
  const auto made = make({{"pcrs", "4,7,16"}});
  const auto free = make({{"pcrs", "none"}});
  ASSERT_TRUE(made && free);
  ASSERT_EQ(tpm->extend_pcr(10), 0u);
  EXPECT_TRUE(same(open_tpm_seal(made->fields, {}), made->key));
  ASSERT_EQ(tpm->extend_pcr(7), 0u);
  EXPECT_THAT(refusal(made->fields), HasSubstr("PCR 7 is another now"));
  ASSERT_EQ(tpm->extend_pcr(16), 0u);
  EXPECT_THAT(refusal(made->fields), HasSubstr("PCR 7,16 is another now"));
  EXPECT_TRUE(same(open_tpm_seal(free->fields, {}), free->key));
}

// What the file says of the PCRs is for the sentence only: the chip holds the policy.
TEST_F(TpmSeal, TheChipRefusesWhatTheFileWouldAllow) {
  const auto before = make({{"pcrs", "16"}});
  ASSERT_TRUE(before);
  ASSERT_EQ(tpm->extend_pcr(16), 0u);
  const auto after = make({{"pcrs", "16"}});
  ASSERT_TRUE(after);
  SealFields lying = before->fields;
  lying["pcr-values"] = after->fields.at("pcr-values");
  EXPECT_THAT(refusal(lying), HasSubstr("the TPM refuses"));
  lying["pcrs"] = "none";
  EXPECT_THAT(refusal(lying), HasSubstr("the TPM refuses"));
}

TEST_F(TpmSeal, APinIsWantedAndWrongOnesLockTheTpm) {
  const auto made = make({{"pcrs", "none"}}, "4711");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(same(open_tpm_seal(made->fields, as_bytes("4711")), made->key));
  const auto wrong = open_tpm_seal(made->fields, as_bytes("4712"));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kNotAuthenticated);
  EXPECT_THAT(wrong.error().message, HasSubstr("refuses the PIN"));
  std::string said;
  for (int i = 0; i < 40 && said.find("locked itself") == std::string::npos; ++i)
    said = refusal(made->fields, "4712");
  EXPECT_THAT(said, HasSubstr("locked itself"));
  EXPECT_THAT(refusal(made->fields, "4711"), HasSubstr("locked itself"));
  // A seal without a PIN has nothing to guess, so it opens still.
  const auto free = make({{"pcrs", "none"}});
  ASSERT_TRUE(free);
  EXPECT_TRUE(same(open_tpm_seal(free->fields, {}), free->key));
}

TEST_F(TpmSeal, AClearedTpmAndAnotherOneAreNoticed) {
  const auto made = make({{"pcrs", "none"}});
  ASSERT_TRUE(made);
  const SoftwareTpm other;
  SealFields elsewhere = made->fields;
  elsewhere["device"] = other.path();
  EXPECT_THAT(refusal(elsewhere), HasSubstr("is not the one that the root key was sealed by"));
  ASSERT_EQ(tpm->clear(), 0u);
  EXPECT_THAT(refusal(made->fields), HasSubstr("was cleared since"));
}

TEST_F(TpmSeal, NoTpmIsSaid) {
  const auto made = make({{"pcrs", "none"}});
  ASSERT_TRUE(made);
  tpm->kill();
  EXPECT_THAT(refusal(made->fields), HasSubstr("there is no TPM at"));
  SealFields fields = made->fields;
  fields["device"] = "/dev/no-such-tpm";
  EXPECT_THAT(refusal(fields), HasSubstr("there is no TPM at /dev/no-such-tpm"));
  fields["device"] = "/etc/hostname";
  EXPECT_THAT(refusal(fields), HasSubstr("is no TPM"));
}

TEST_F(TpmSeal, WhoListensOnTheBusSeesNeitherKeyNorPin) {
  BusTap tap(*tpm);
  const auto made = make_tpm_seal({{"device", tap.path()}, {"pcrs", "7"}, {"pin", "asked"}},
                                  as_bytes("a long pin"), crypto::system_random());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(same(open_tpm_seal(made->fields, as_bytes("a long pin")), made->key));
  EXPECT_GT(tap.seen_bytes(), 2000u);
  EXPECT_FALSE(tap.saw(made->key.view()));
  EXPECT_FALSE(tap.saw(as_bytes("a long pin")));
  const Bytes salt = *from_hex(made->fields.at("salt"));
  EXPECT_FALSE(tap.saw(crypto::hmac_sha256(salt, as_bytes("a long pin"))));
  // It sees the rest, so it would have seen those.
  EXPECT_TRUE(tap.saw(*from_hex(made->fields.at("private"))));
}

TEST_F(TpmSeal, WhoChangesPcrsOnTheBusIsNoticed) {
  const BusTap tap(*tpm, true);
  const auto made =
      make_tpm_seal({{"device", tap.path()}, {"pcrs", "7"}}, {}, crypto::system_random());
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("was changed on its way"));
}

TEST_F(TpmSeal, EveryFlippedByteOfTheSealedObjectIsRefused) {
  const auto made = make({{"pcrs", "none"}});
  ASSERT_TRUE(made);
  for (const char* name : {"public", "private"}) {
    const std::size_t size = made->fields.at(name).size();
    for (std::size_t i = 0; i < size; i += 14) {
      SealFields changed = made->fields;
      char& digit = changed[name][i];
      digit = digit == '0' ? '1' : '0';
      EXPECT_FALSE(open_tpm_seal(changed, {})) << name << " " << i;
    }
    SealFields cut = made->fields;
    cut[name].resize(size / 2);
    EXPECT_FALSE(open_tpm_seal(cut, {})) << name;
  }
}

TEST(TpmPcrs, AreNumbersInOrder) {
  EXPECT_EQ(*parse_pcrs("7"), (std::vector<unsigned>{7}));
  EXPECT_EQ(*parse_pcrs("11,0+7,7"), (std::vector<unsigned>{0, 7, 11}));
  EXPECT_TRUE(parse_pcrs("none")->empty());
  for (const char* wrong : {"", "24", "-1", "7,", ",7", "7;8", "seven", "99999999999"})
    EXPECT_FALSE(parse_pcrs(wrong)) << wrong;
}

// --- slots of one file
// ----------------------------------------------------------------------------------------------------

NewSeal wish(Seal seal, SealFields wishes, std::string_view secret = "") {
  return {
      .seal = seal, .wishes = std::move(wishes), .secret = crypto::SecretBytes(as_bytes(secret))};
}

TEST_F(TpmSeal, StandsBesideAPassphraseAndEitherOpens) {
  SealHardware device(crypto::system_random());
  crypto::Random& random = crypto::system_random();
  const crypto::AeadKey key = fresh_key(random);
  std::vector<NewSeal> seals;
  seals.push_back(wish(Seal::kTpm, {{"device", tpm->path()}, {"pcrs", "16"}}));
  seals.push_back(wish(Seal::kPassphrase, {}, "four words"));
  const auto text = RootKeyFile::write(key, seals, device, random);
  ASSERT_TRUE(text) << text.error().message;
  const auto file = RootKeyFile::parse(as_text(text->view()), "f");
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->slots().size(), 2u);
  EXPECT_TRUE(equal(file->open(Seal::kTpm, {}, device)->view(), key.view()));
  EXPECT_TRUE(equal(file->open(as_bytes("four words"))->view(), key.view()));

  ASSERT_EQ(tpm->extend_pcr(16), 0u);
  EXPECT_FALSE(file->open(Seal::kTpm, {}, device));
  const auto again = file->with_seal(
      key, wish(Seal::kTpm, {{"device", tpm->path()}, {"pcrs", "16"}}), device, random);
  ASSERT_TRUE(again) << again.error().message;
  const auto sealed_anew = RootKeyFile::parse(as_text(again->view()), "f");
  ASSERT_EQ(sealed_anew->slots().size(), 2u) << "it takes the old one's place";
  EXPECT_TRUE(equal(sealed_anew->open(Seal::kTpm, {}, device)->view(), key.view()));
  EXPECT_TRUE(equal(sealed_anew->open(as_bytes("four words"))->view(), key.view()));

  const auto one = sealed_anew->without_seal(Seal::kTpm);
  ASSERT_TRUE(one);
  EXPECT_THAT(std::string(as_text(one->view())),
              testing::StartsWith("bulkhead-sealed-root-key-1\nseal passphrase\n"));
  const auto last = RootKeyFile::parse(as_text(one->view()), "f");
  EXPECT_TRUE(equal(last->open(as_bytes("four words"))->view(), key.view()));
  EXPECT_EQ(last->without_seal(Seal::kPassphrase).error().code, ErrorCode::kRefused);
  EXPECT_EQ(last->without_seal(Seal::kTpm).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace bulkhead::keeper
