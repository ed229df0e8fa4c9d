// hostkeys-00 and hostkeys-prove-00 (OpenSSH's PROTOCOL, section 2.5).
#include "fixture.h"
#include "sshwire/reader.h"
#include "sshwire/writer.h"

namespace bulkhead::ssh::testing {
namespace {
using namespace sshwire;  // NOLINT

class HostKeyUpdateTest : public SshTest {
 protected:
  void log_in() {
    client().handshake();
    client().login("ann", "correct horse");
  }
  Bytes next() {
    client().take_output();
    return client().next();
  }
  Bytes ask(const std::vector<Bytes>& blobs) {
    Writer request(kMsgGlobalRequest);
    request.string(std::string_view("hostkeys-prove-00@openssh.com")).boolean(true);
    for (const Bytes& blob : blobs)
      request.string(ByteView(blob));
    client().send(request);
    return next();
  }
  const std::vector<Bytes> kKeys = {Bytes(51, 1), Bytes(104, 2), Bytes(407, 3)};
};

TEST_F(HostKeyUpdateTest, AllKeysAreAnnouncedBehindTheLogIn) {
  authority.announced_host_keys = kKeys;
  log_in();
  const Bytes message = next();
  Reader reader(message);
  EXPECT_EQ(reader.byte(), kMsgGlobalRequest);
  EXPECT_EQ(reader.text(), "hostkeys-00@openssh.com");
  EXPECT_FALSE(reader.boolean());
  for (const Bytes& blob : kKeys)
    EXPECT_TRUE(equal(reader.string(), blob));
  EXPECT_TRUE(reader.finish("the announcement"));
}

TEST_F(HostKeyUpdateTest, ProofsComeInOrder) {
  authority.announced_host_keys = kKeys;
  log_in();
  next();
  const Bytes answer = ask({kKeys[2], kKeys[0]});
  EXPECT_EQ(answer[0], kMsgRequestSuccess);
  EXPECT_EQ(authority.asked_to_prove, (std::vector<Bytes>{kKeys[2], kKeys[0]}));
}

TEST_F(HostKeyUpdateTest, WhatCannotBeProvedFailsAndTheConnectionGoesOn) {
  log_in();
  EXPECT_EQ(ask({Bytes(51, 9)}), Bytes{kMsgRequestFailure});
  authority.asked_to_prove.clear();
  EXPECT_EQ(ask({}), Bytes{kMsgRequestFailure});
  EXPECT_EQ(ask(std::vector<Bytes>(17, Bytes(51, 1))), Bytes{kMsgRequestFailure});
  EXPECT_EQ(ask({Bytes(9000, 1)}), Bytes{kMsgRequestFailure});
  Writer cut(kMsgGlobalRequest);
  cut.string(std::string_view("hostkeys-prove-00@openssh.com")).boolean(true).uint32(100);
  client().send(cut);
  EXPECT_EQ(next(), Bytes{kMsgRequestFailure});
  EXPECT_TRUE(authority.asked_to_prove.empty()) << "what is out of bounds reached the vault";
}

}  // namespace
}  // namespace bulkhead::ssh::testing
