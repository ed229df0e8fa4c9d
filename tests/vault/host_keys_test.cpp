// The deployment's host keys: each signs what the vault hashed and what it composed, and nothing
// else; changes hold over a restart.
#include "sshwire/certificates.h"
#include "sshwire/kexinit.h"
#include "sshwire/writer.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

using sshwire::Certificate;
using sshwire::Writer;

class HostKeysTest : public testing::Test {
 protected:
  HostKeysTest() : anna(h.add_user("anna")) {}

  admin::HostKey add(const std::string& kind) {
    admin::Request request;
    request.mutable_add_host_key()->set_kind(kind);
    const auto replies = h.administer(request);
    EXPECT_EQ(replies.back().code(), 0u) << replies.back().message();
    return replies.back().host_key();
  }
  std::vector<admin::HostKey> list() {
    admin::Request request;
    request.mutable_list_host_keys();
    std::vector<admin::HostKey> keys;
    for (const admin::Reply& reply : h.administer(request)) {
      if (reply.has_host_key()) keys.push_back(reply.host_key());
    }
    return keys;
  }
  std::string remove(const std::string& fingerprint) {
    admin::Request request;
    request.mutable_remove_host_key()->set_key_fingerprint(fingerprint);
    return h.administer(request).back().message();
  }
  std::string offered() {
    channel::Request greet;
    greet.mutable_ssh_greet();
    const auto greeting = h.ask(h.connect(), greet);
    const auto kexinit =
        sshwire::parse_kexinit(as_bytes(greeting->reply.ssh_greeting().server_kexinit()));
    return std::string(kexinit->lists[sshwire::kServerHostKeyAlgorithms]);
  }
  // The answer to an exchange with that algorithm, where there is one, and what was verified of it.
  std::string exchange(const std::string& algorithm, std::string* shown = nullptr) {
    const ChannelId channel = h.connect();
    channel::Request request = h.exchange_request(channel);
    request.mutable_ssh_exchange()->set_host_key_algorithm(algorithm);
    const auto answer = h.ask(channel, request);
    if (!answer) return "ended";
    if (answer->reply.code() != 0) return answer->reply.message();
    const auto& exchanged = answer->reply.ssh_signed_exchange();
    if (shown != nullptr) *shown = exchanged.host_key_blob();
    Bytes key_blob = to_bytes(as_bytes(exchanged.host_key_blob()));
    if (algorithm.find("-cert-") != std::string::npos) {
      const auto certificate = sshwire::parse_certificate(key_blob);
      if (!certificate) return "not a certificate";
      key_blob = sshwire::certified_key(*certificate);
    }
    const auto key = sshwire::parse_public_key(key_blob);
    const auto signature = as_bytes(exchanged.signature_blob());
    const bool good = key && sshwire::check_signature(sshwire::signature_algorithm(signature), *key,
                                                      as_bytes(exchanged.exchange_hash()),
                                                      signature, SshProfile::kLegacy);
    return good ? std::string(sshwire::signature_algorithm(signature)) : "a wrong signature";
  }
  std::optional<Received> prove(ChannelId channel, const std::vector<std::string>& blobs) {
    channel::Request request;
    for (const std::string& blob : blobs)
      request.mutable_ssh_prove_host_keys()->add_host_key(blob);
    return h.ask(channel, request);
  }

  VaultHarness h;
  crypto::Ed25519KeyPair anna;
};

TEST_F(HostKeysTest, EachKindSignsWithItsOwnAlgorithmsAsFarAsTheProfileGoes) {
  EXPECT_EQ(offered(), "ssh-ed25519");
  add("rsa");
  add("ecdsa");
  EXPECT_EQ(offered(), "ssh-ed25519,rsa-sha2-512,rsa-sha2-256");
  EXPECT_EQ(exchange("ssh-ed25519"), "ssh-ed25519");
  EXPECT_EQ(exchange("rsa-sha2-512"), "rsa-sha2-512");
  EXPECT_EQ(exchange("rsa-sha2-256"), "rsa-sha2-256");
  EXPECT_EQ(exchange("ecdsa-sha2-nistp256"), "ecdsa-sha2-nistp256 is not in the profile modern");
  h.configuration.listen.sftp_profile = SshProfile::kCompatible;
  EXPECT_EQ(exchange("ecdsa-sha2-nistp256"), "ecdsa-sha2-nistp256");
  EXPECT_EQ(exchange("ssh-rsa"), "ssh-rsa is not in the profile compatible");
  h.configuration.listen.sftp_profile = SshProfile::kLegacy;
  EXPECT_EQ(offered(), "ssh-ed25519,rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp256,ssh-rsa");
  EXPECT_EQ(exchange("ssh-rsa"), "ssh-rsa");
  EXPECT_EQ(exchange("ssh-dss"), "ssh-dss is not in the profile legacy");
  EXPECT_EQ(exchange("ssh-ed25519-cert-v01@openssh.com"), "no host key of that kind");
  std::set<std::string> weak;
  for (const journal::Entry& entry : h.journal_entries()) {
    for (const auto& name : entry.weak_algorithms_used().algorithm())
      weak.insert(name);
  }
  EXPECT_EQ(weak, (std::set<std::string>{"ecdsa-sha2-nistp256", "ssh-rsa"}));
}

TEST_F(HostKeysTest, AKeyIsReplacedWhileClientsLearnOfTheNewOne) {
  std::string first;
  ASSERT_EQ(exchange("ssh-ed25519", &first), "ssh-ed25519");
  const admin::HostKey second = add("ed25519");
  EXPECT_FALSE(second.signs());
  std::string shown;
  ASSERT_EQ(exchange("ssh-ed25519", &shown), "ssh-ed25519");
  EXPECT_EQ(shown, first) << "the older one signs";
  EXPECT_EQ(remove(sshwire::key_fingerprint(as_bytes(first))), "");
  ASSERT_EQ(exchange("ssh-ed25519", &shown), "ssh-ed25519");
  EXPECT_EQ(shown, second.public_key());
  EXPECT_NE(remove(second.key_fingerprint()), "") << "the only one";
  EXPECT_NE(remove("SHA256:none"), "");
  h.restart();
  ASSERT_EQ(exchange("ssh-ed25519", &shown), "ssh-ed25519");
  EXPECT_EQ(shown, second.public_key());
  EXPECT_EQ(list().size(), 1u);
  EXPECT_EQ(h.count(journal::Entry::kHostKeyAdded), 1u);
  EXPECT_EQ(h.count(journal::Entry::kHostKeyRemoved), 1u);
}

TEST_F(HostKeysTest, WhoLoggedInIsToldOfAllKeysAndHasThemProved) {
  add("rsa");
  add("ecdsa");
  add("ed25519");
  const ChannelId channel = h.connect_and_exchange();
  const auto login = h.ask(channel, h.authenticate_request("anna", anna, h.session_id(channel)));
  ASSERT_TRUE(login);
  const auto& announced = login->reply.ssh_authentication().host_key();
  ASSERT_EQ(announced.size(), 4);
  const auto proofs = prove(channel, {announced.begin(), announced.end()});
  ASSERT_TRUE(proofs);
  ASSERT_EQ(proofs->reply.ssh_host_key_proofs().signature_blob_size(), 4);
  for (int i = 0; i < 4; ++i) {
    const auto blob = as_bytes(announced[i]);
    const auto signature = as_bytes(proofs->reply.ssh_host_key_proofs().signature_blob(i));
    Writer message;
    message.string(std::string_view("hostkeys-prove-00@openssh.com"));
    message.string(h.session_id(channel)).string(blob);
    const auto key = sshwire::parse_public_key(blob);
    ASSERT_TRUE(key);
    EXPECT_TRUE(sshwire::verify_signature(sshwire::signature_algorithm(signature), *key,
                                          message.view(), signature));
  }
}

// No oracle: a proof is about a key of ours, in this session, of somebody who logged in; so many
// times and no more.
TEST_F(HostKeysTest, NothingElseIsProved) {
  const ChannelId stranger = h.connect_and_exchange();
  const std::string ours = list()[0].public_key();
  EXPECT_FALSE(prove(stranger, {ours}));
  EXPECT_TRUE(h.ended(stranger));

  const ChannelId channel = h.log_in("anna", anna);
  const std::string theirs = to_string(ByteView(sshwire::ed25519_key_blob(anna.public_key)));
  for (const std::string& blob : {theirs, ours + "x", ours.substr(1), std::string(64, 'h')}) {
    const auto refused = prove(channel, {ours, blob});
    ASSERT_TRUE(refused);
    EXPECT_EQ(channel::error_code_from_wire(refused->reply.code()), ErrorCode::kRefused);
    EXPECT_FALSE(refused->reply.has_ssh_host_key_proofs());
  }
  bool limited = false;
  for (int i = 0; i < 40 && !limited; ++i) {
    const auto proof = prove(channel, {ours});
    ASSERT_TRUE(proof);
    limited = channel::error_code_from_wire(proof->reply.code()) == ErrorCode::kLimitExceeded;
  }
  EXPECT_TRUE(limited);
  EXPECT_FALSE(prove(h.log_in("anna", anna), {})) << "out of bounds: the channel ends";
}

class HostCertificateTest : public HostKeysTest {
 protected:
  Certificate certificate(const std::function<void(Certificate&)>& change = {}) {
    const std::string blob = list()[0].public_key();
    Certificate made;
    made.type = "ssh-ed25519-cert-v01@openssh.com";
    made.nonce = Bytes(32, 1);
    made.key_fields = to_bytes(as_bytes(blob).subspan(4 + 11));
    made.kind = sshwire::kHostCertificate;
    made.key_id = "transfer";
    made.principals = {"transfer.example"};
    const auto now_s = static_cast<std::uint64_t>(h.clock.now() / kMicrosPerSecond);
    made.valid_after_s = now_s - 10;
    made.valid_before_s = now_s + 3600;
    made.authority_key = sshwire::ed25519_key_blob(authority.public_key);
    if (change) change(made);
    made.signature =
        sshwire::ed25519_signature_blob(authority.sign(sshwire::certificate_signed_part(made)));
    return made;
  }
  std::string give(const Bytes& blob) {
    admin::Request request;
    request.mutable_set_host_certificate()->set_certificate(to_string(ByteView(blob)));
    return h.administer(request).back().message();
  }
  std::string give(const Certificate& made) { return give(sshwire::certificate_blob(made)); }

  static constexpr const char* kAlgorithm = "ssh-ed25519-cert-v01@openssh.com";
  crypto::Ed25519KeyPair authority = crypto::Ed25519KeyPair::generate(crypto::system_random());
};

TEST_F(HostCertificateTest, IsShownAsLongAsItIsValid) {
  const Bytes blob = sshwire::certificate_blob(certificate());
  ASSERT_EQ(give(blob), "");
  EXPECT_EQ(offered(), "ssh-ed25519-cert-v01@openssh.com,ssh-ed25519");
  std::string shown;
  EXPECT_EQ(exchange(kAlgorithm, &shown), "ssh-ed25519");
  EXPECT_EQ(shown, to_string(ByteView(blob)));
  h.restart();
  EXPECT_EQ(exchange(kAlgorithm), "ssh-ed25519");
  h.clock.advance_ms(3600 * 1000);
  EXPECT_EQ(offered(), "ssh-ed25519");
  EXPECT_EQ(exchange(kAlgorithm), "no host key of that kind");
}

TEST_F(HostCertificateTest, CanBeTakenAway) {
  ASSERT_EQ(give(certificate()), "");
  admin::Request request;
  request.mutable_set_host_certificate()->set_key_fingerprint(list()[0].key_fingerprint());
  EXPECT_EQ(h.administer(request).back().code(), 0u);
  EXPECT_EQ(offered(), "ssh-ed25519");
}

TEST_F(HostCertificateTest, WhatClientsWouldNotTakeIsRefused) {
  EXPECT_NE(give(certificate([](Certificate& c) { c.kind = sshwire::kUserCertificate; })), "");
  EXPECT_NE(give(certificate([](Certificate& c) { c.valid_before_s = c.valid_after_s; })), "");
  EXPECT_NE(give(certificate([](Certificate& c) { c.critical_options = {{"force-command", {}}}; })),
            "");
  EXPECT_NE(give(certificate([this](Certificate& c) {
              c.key_fields = to_bytes(Writer().string(ByteView(anna.public_key)).view());
            })),
            "");
  Certificate changed = certificate();
  changed.key_id = "another";
  EXPECT_NE(give(changed), "");
  EXPECT_NE(give(Bytes(200, 7)), "");
  EXPECT_EQ(offered(), "ssh-ed25519");
}

}  // namespace
}  // namespace bulkhead::vault
