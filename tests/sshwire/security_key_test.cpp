// sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com (PROTOCOL.u2f).
#include <gtest/gtest.h>

#include "../support/software_authenticator.h"
#include "sshwire/keys.h"
#include "sshwire/writer.h"

namespace bulkhead::sshwire {
namespace {

using testing_support::SoftwareAuthenticator;
using Kind = SoftwareAuthenticator::Kind;
const Bytes kMessage = {'m', 's', 'g'};

class SecurityKeys : public testing::TestWithParam<Kind> {
 protected:
  SoftwareAuthenticator device{GetParam()};
  PublicKey key() { return *parse_public_key(device.key_blob()); }
};

TEST_P(SecurityKeys, FlagsAndCounterComeWithTheSignature) {
  device.user_verified = true;
  device.counter = 41;
  const auto facts = check_signature(device.algorithm(), key(), kMessage, device.sign(kMessage));
  ASSERT_TRUE(facts && facts->security_key);
  EXPECT_TRUE(facts->security_key->user_present);
  EXPECT_TRUE(facts->security_key->user_verified);
  EXPECT_EQ(facts->security_key->counter, 42u);
}

TEST_P(SecurityKeys, ATouchIsNeededToBeSimplyValid) {
  EXPECT_TRUE(verify_signature(device.algorithm(), key(), kMessage, device.sign(kMessage)));
  device.user_present = false;
  const Bytes untouched = device.sign(kMessage);
  EXPECT_FALSE(verify_signature(device.algorithm(), key(), kMessage, untouched));
  const auto facts = check_signature(device.algorithm(), key(), kMessage, untouched);
  ASSERT_TRUE(facts && facts->security_key);
  EXPECT_FALSE(facts->security_key->user_present);
}

TEST_P(SecurityKeys, EveryFlippedBitIsNotValid) {
  const Bytes good = device.sign(kMessage);
  ASSERT_TRUE(check_signature(device.algorithm(), key(), kMessage, good));
  for (std::size_t i = 0; i < good.size() * 8; ++i) {
    Bytes wrong = good;
    wrong[i / 8] ^= static_cast<Byte>(1 << i % 8);
    EXPECT_FALSE(check_signature(device.algorithm(), key(), kMessage, wrong)) << i;
  }
}

TEST_P(SecurityKeys, OtherMessagesApplicationsAndLengthsAreNotValid) {
  const Bytes good = device.sign(kMessage);
  EXPECT_FALSE(check_signature(device.algorithm(), key(), Bytes{'x'}, good));
  Bytes blob = device.key_blob();
  blob.back() ^= 1;  // the application's last letter
  EXPECT_FALSE(check_signature(device.algorithm(), *parse_public_key(blob), kMessage, good));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(check_signature(device.algorithm(), key(), kMessage, ByteView(good).first(size)));
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(check_signature(device.algorithm(), key(), kMessage, longer));
}

TEST_P(SecurityKeys, NotByTheAlgorithmOfAnotherKind) {
  const Bytes good = device.sign(kMessage);
  for (const char* algorithm :
       {"ssh-ed25519", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"}) {
    if (algorithm == device.algorithm()) continue;
    EXPECT_FALSE(check_signature(algorithm, key(), kMessage, good)) << algorithm;
  }
}

TEST_P(SecurityKeys, EveryTruncationOfTheKey) {
  Bytes blob = device.key_blob();
  for (std::size_t size = 0; size < blob.size(); ++size)
    EXPECT_FALSE(parse_public_key(ByteView(blob).first(size)));
  blob.push_back(0);
  EXPECT_FALSE(parse_public_key(blob));
}

TEST_P(SecurityKeys, LinesOfPublicKeyFiles) {
  const std::string line = device.algorithm() + " " + to_base64(device.key_blob()) + " desk";
  const auto read = parse_authorized_key_line(line);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->type, device.algorithm());
}

INSTANTIATE_TEST_SUITE_P(Kinds, SecurityKeys, testing::Values(Kind::kEd25519, Kind::kEcdsaP256));

}  // namespace
}  // namespace bulkhead::sshwire
