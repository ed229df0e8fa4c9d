// User certificates at the vault's door. The edge sends their parts and may lie about each.
#include <gtest/gtest.h>

#include <functional>

#include "../support/software_authenticator.h"
#include "sshwire/certificates.h"
#include "sshwire/userauth.h"
#include "sshwire/writer.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

using channel::SshAuthentication;
using sshwire::Certificate;
using sshwire::Writer;

constexpr std::string_view kAlgorithm = "ssh-ed25519-cert-v01@openssh.com";

class CertificateLogin : public testing::Test {
 protected:
  CertificateLogin()
      : key(crypto::Ed25519KeyPair::generate(crypto::system_random())),
        authority(crypto::Ed25519KeyPair::generate(crypto::system_random())) {
    h.add_user("anna");
    h.add_user("berta");
    trust("main", "");
    now_s = static_cast<std::uint64_t>(h.clock.now() / kMicrosPerSecond);
  }
  std::uint64_t trust(const std::string& organisation, const std::string& user) {
    admin::Request request;
    auto* added = request.mutable_add_certificate_authority();
    added->set_public_key(to_string(ByteView(sshwire::ed25519_key_blob(authority.public_key))));
    added->set_organisation(organisation);
    added->set_user(user);
    const auto replies = h.administer(request);
    EXPECT_EQ(replies.back().code(), 0u) << replies.back().message();
    return replies.back().certificate_authority().id();
  }
  Certificate certificate(const std::function<void(Certificate&)>& change = {}) {
    Certificate made;
    made.type = kAlgorithm;
    made.nonce = Bytes(32, 1);
    made.key_fields = to_bytes(Writer().string(ByteView(key.public_key)).view());
    made.serial = 12;
    made.kind = sshwire::kUserCertificate;
    made.key_id = "anna's laptop";
    made.principals = {"anna"};
    made.valid_after_s = now_s - 10;
    made.valid_before_s = now_s + 3600;
    made.extensions = {{"permit-pty", {}}};
    made.authority_key = sshwire::ed25519_key_blob(authority.public_key);
    if (change) change(made);
    made.signature =
        sshwire::ed25519_signature_blob(authority.sign(sshwire::certificate_signed_part(made)));
    return made;
  }
  static void set_parts(const Certificate& from, channel::SshCertificate& out) {
    out.set_nonce(to_string(ByteView(from.nonce)));
    out.set_key_fields(to_string(ByteView(from.key_fields)));
    out.set_serial(from.serial);
    out.set_kind(from.kind);
    out.set_key_id(from.key_id);
    for (const std::string& principal : from.principals)
      out.add_principal(principal);
    out.set_valid_after_s(from.valid_after_s);
    out.set_valid_before_s(from.valid_before_s);
    for (const auto& option : from.critical_options) {
      out.add_critical_option()->set_name(option.name);
      out.mutable_critical_option()->rbegin()->set_data(to_string(ByteView(option.data)));
    }
    for (const auto& option : from.extensions) {
      out.add_extension()->set_name(option.name);
      out.mutable_extension()->rbegin()->set_data(to_string(ByteView(option.data)));
    }
    out.set_reserved(to_string(ByteView(from.reserved)));
    out.set_authority_key(to_string(ByteView(from.authority_key)));
    out.set_signature(to_string(ByteView(from.signature)));
  }
  // Signed by the client over the true certificate; `sent` is what the edge says that it is.
  channel::Request request(const std::string& user, const Certificate& true_one,
                           const Certificate& sent, ByteView session_id) {
    channel::Request request;
    auto* authenticate = request.mutable_ssh_authenticate();
    authenticate->set_user_name(user);
    authenticate->set_service_name("ssh-connection");
    auto* method = authenticate->mutable_public_key();
    method->set_algorithm(std::string(kAlgorithm));
    set_parts(sent, *method->mutable_certificate());
    method->set_has_signature(true);
    method->set_signature(to_string(ByteView(sshwire::ed25519_signature_blob(
        key.sign(sshwire::userauth_signed_data(session_id, user, "ssh-connection", kAlgorithm,
                                               sshwire::certificate_blob(true_one)))))));
    return request;
  }
  SshAuthentication::Outcome log_in(const Certificate& with, const std::string& user = "anna") {
    const ChannelId channel = h.connect_and_exchange();
    const auto answer = h.ask(channel, request(user, with, with, h.session_id(channel)));
    EXPECT_TRUE(answer && answer->reply.code() == 0);
    return answer->reply.ssh_authentication().outcome();
  }
  std::string refused(const Certificate& with, const std::string& user = "anna") {
    EXPECT_EQ(log_in(with, user), SshAuthentication::FAILURE);
    std::string reason;
    for (const journal::Entry& entry : h.journal_entries()) {
      if (entry.has_login_failed()) reason = entry.login_failed().reason();
    }
    return reason;
  }
  static sshwire::CertificateOption option(std::string_view name, std::string_view value) {
    return {std::string(name), to_bytes(Writer().string(value).view())};
  }
  void revoke(const std::function<void(admin::RevokeCertificates&)>& what) {
    admin::Request request;
    what(*request.mutable_revoke_certificates());
    const auto replies = h.administer(request);
    EXPECT_EQ(replies.back().code(), 0u) << replies.back().message();
  }

  VaultHarness h;
  crypto::Ed25519KeyPair key;
  crypto::Ed25519KeyPair authority;
  std::uint64_t now_s = 0;
};

TEST_F(CertificateLogin, ATrustedOneLogsInAndIsInTheJournal) {
  EXPECT_EQ(log_in(certificate()), SshAuthentication::SUCCESS);
  bool seen = false;
  for (const journal::Entry& entry : h.journal_entries()) {
    if (!entry.has_login_succeeded()) continue;
    seen = true;
    EXPECT_EQ(entry.login_succeeded().certificate_authority(), 1u);
    EXPECT_EQ(entry.login_succeeded().certificate_serial(), 12u);
    EXPECT_FALSE(entry.login_succeeded().certificate_key_id().box().empty());
    EXPECT_EQ(entry.SerializeAsString().find("laptop"), std::string::npos);
  }
  EXPECT_TRUE(seen);
}

TEST_F(CertificateLogin, WhatIsWrongWithOneIsSaidInTheJournal) {
  const auto with = [&](const std::function<void(Certificate&)>& change) {
    return refused(certificate(change));
  };
  EXPECT_EQ(with([](Certificate& c) { c.principals = {"berta"}; }),
            "the certificate does not name this user");
  EXPECT_EQ(with([](Certificate& c) { c.principals.clear(); }),
            "the certificate does not name this user");
  EXPECT_EQ(with([](Certificate& c) { c.kind = 2; }), "it is not a user's certificate");
  EXPECT_EQ(with([&](Certificate& c) { c.valid_after_s = now_s + 1; }),
            "the certificate is not valid yet");
  EXPECT_EQ(with([&](Certificate& c) { c.valid_before_s = now_s; }), "the certificate has expired");
  EXPECT_EQ(with([](Certificate& c) { c.critical_options = {{"no-such-option", {}}}; }),
            "the certificate has a critical option that is not known");
  EXPECT_EQ(with([](Certificate& c) { c.critical_options = {option("force-command", "/bin/sh")}; }),
            "the certificate forces a command, and there is no shell");
  EXPECT_EQ(with([](Certificate& c) { c.critical_options = {{"verify-required", {}}}; }),
            "the certificate requires verification, which only security keys do");
  EXPECT_EQ(with([](Certificate& c) {
              c.critical_options = {option("source-address", "198.51.100.0/24")};
            }),
            "the certificate is not for the address that it was used from");
  EXPECT_EQ(with([](Certificate& c) { c.critical_options = {option("source-address", "all")}; }),
            "the certificate's source-address is malformed");
  EXPECT_EQ(with([](Certificate& c) { c.critical_options = {{"source-address", {1, 2}}}; }),
            "the certificate's source-address is malformed");
}

TEST_F(CertificateLogin, OptionsThatAreMet) {
  EXPECT_EQ(log_in(certificate([](Certificate& c) {
              c.critical_options = {option("force-command", "internal-sftp"),
                                    option("source-address", "203.0.113.0/24")};
            })),
            SshAuthentication::SUCCESS);
}

TEST_F(CertificateLogin, AnAuthorityNobodyTrusts) {
  authority = crypto::Ed25519KeyPair::generate(crypto::system_random());
  EXPECT_EQ(refused(certificate()), "nobody trusts the certificate's authority about this account");
}

TEST_F(CertificateLogin, AnAuthoritySignsForItsOwnOnly) {
  admin::Request org;
  org.mutable_add_organisation()->set_name("insurer");
  ASSERT_EQ(h.administer(org).back().code(), 0u);
  h.add_user("ines", "insurer");
  const Certificate wide =
      certificate([](Certificate& c) { c.principals = {"anna", "berta", "ines"}; });
  EXPECT_EQ(refused(wide, "ines"), "nobody trusts the certificate's authority about this account");
  EXPECT_EQ(log_in(wide, "berta"), SshAuthentication::SUCCESS);
  trust("", "ines");
  EXPECT_EQ(log_in(wide, "ines"), SshAuthentication::SUCCESS);
}

// Property 1. Whatever the edge changes in the parts, what was signed is something else.
TEST_F(CertificateLogin, AnEdgeThatLiesAboutAPartGetsNowhere) {
  const Certificate true_one = certificate([](Certificate& c) {
    c.principals = {"berta"};
    c.critical_options = {option("source-address", "198.51.100.0/24")};
  });
  const std::function<void(Certificate&)> kLies[] = {
      [](Certificate& c) { c.principals = {"anna"}; },
      [](Certificate& c) { c.principals = {"berta", "anna"}; },
      [](Certificate& c) { c.principals = {"anna"}, c.critical_options.clear(); },
      [](Certificate& c) { c.serial = 1; },
      [](Certificate& c) { c.key_id = "x"; },
      [](Certificate& c) { c.valid_before_s += 1000; },
      [](Certificate& c) { c.extensions.clear(); },
      [](Certificate& c) { c.reserved = {1}; },
      [](Certificate& c) { c.nonce = {}; },
  };
  for (const auto& lie : kLies) {
    Certificate sent = true_one;
    lie(sent);
    const ChannelId channel = h.connect_and_exchange();
    for (const Certificate& client_signed : {true_one, sent}) {
      const auto answer =
          h.ask(channel, request("anna", client_signed, sent, h.session_id(channel)));
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->reply.ssh_authentication().outcome(), SshAuthentication::FAILURE);
    }
  }
}

// The same bytes taken apart elsewhere: the key swallows what comes behind it, and the fields are
// read from bytes that the holder of the key chose. It must fail before anything of it is believed.
TEST_F(CertificateLogin, PartsThatAreCutElsewhereMakeNoKey) {
  const Certificate true_one = certificate([](Certificate& c) {
    c.principals = {"berta"};
    // Everything that a certificate for anna would have behind its key, in one extension.
    Writer inner;
    inner.uint64(1).uint32(sshwire::kUserCertificate).string(std::string_view("id"));
    inner.string(Writer().string(std::string_view("anna")).view());
    inner.uint64(0).uint64(~std::uint64_t{0}).string(std::string_view());
    c.extensions = {{"x", to_bytes(inner.view())}};
  });
  const Bytes signed_part = sshwire::certificate_signed_part(true_one);
  Certificate sent = true_one;
  // From the nonce's end up to the extension's data is called the key.
  const std::size_t key_at = 4 + kAlgorithm.size() + 4 + true_one.nonce.size();
  const auto needle =
      std::search(signed_part.begin(), signed_part.end(), true_one.extensions[0].data.begin(),
                  true_one.extensions[0].data.end());
  sent.key_fields.assign(signed_part.begin() + static_cast<std::ptrdiff_t>(key_at), needle);
  sent.serial = 1;
  sent.key_id = "id";
  sent.principals = {"anna"};
  sent.valid_after_s = 0;
  sent.valid_before_s = ~std::uint64_t{0};
  sent.critical_options.clear();
  sent.extensions.clear();
  const ChannelId channel = h.connect_and_exchange();
  const auto answer = h.ask(channel, request("anna", true_one, sent, h.session_id(channel)));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->reply.ssh_authentication().outcome(), SshAuthentication::FAILURE);
  std::string reason;
  for (const journal::Entry& entry : h.journal_entries()) {
    if (entry.has_login_failed()) reason = entry.login_failed().reason();
  }
  EXPECT_EQ(reason, "the certificate's key is malformed");
}

TEST_F(CertificateLogin, RevokedBySerialKeyIdAndKey) {
  EXPECT_EQ(log_in(certificate()), SshAuthentication::SUCCESS);
  revoke([](admin::RevokeCertificates& r) {
    r.set_authority(1), r.set_first_serial(10), r.set_last_serial(12);
  });
  EXPECT_EQ(h.killed.size(), 1u) << "who was in with it is out";
  EXPECT_EQ(refused(certificate()), "the certificate was revoked");
  const auto next = [&](Certificate& c) { c.serial = ~std::uint64_t{0}; };
  EXPECT_EQ(log_in(certificate(next)), SshAuthentication::SUCCESS);
  revoke([](admin::RevokeCertificates& r) { r.set_authority(1), r.set_key_id("anna's laptop"); });
  EXPECT_EQ(refused(certificate(next)), "the certificate was revoked");
  const auto other_id = [&](Certificate& c) { c.serial = 13, c.key_id = "another"; };
  EXPECT_EQ(log_in(certificate(other_id)), SshAuthentication::SUCCESS);
  revoke([&](admin::RevokeCertificates& r) {
    r.set_public_key(to_string(ByteView(sshwire::ed25519_key_blob(key.public_key))));
  });
  EXPECT_EQ(refused(certificate(other_id)), "the certificate was revoked");
  h.restart();
  EXPECT_EQ(refused(certificate(other_id)), "the certificate was revoked");
}

TEST_F(CertificateLogin, ARevokedKeyIsNoKeyEither) {
  const auto enrolled = h.add_user("carl");
  h.log_in("carl", enrolled);
  revoke([&](admin::RevokeCertificates& r) {
    r.set_public_key(to_string(ByteView(sshwire::ed25519_key_blob(enrolled.public_key))));
  });
  EXPECT_EQ(h.killed.size(), 1u);
  const ChannelId channel = h.connect_and_exchange();
  const auto answer =
      h.ask(channel, h.authenticate_request("carl", enrolled, h.session_id(channel)));
  EXPECT_EQ(answer->reply.ssh_authentication().outcome(), SshAuthentication::FAILURE);
}

TEST_F(CertificateLogin, AnAuthorityThatIsGone) {
  EXPECT_EQ(log_in(certificate()), SshAuthentication::SUCCESS);
  admin::Request remove;
  remove.mutable_remove_certificate_authority()->set_authority(1);
  ASSERT_EQ(h.administer(remove).back().code(), 0u);
  EXPECT_EQ(h.killed.size(), 1u);
  EXPECT_EQ(refused(certificate()), "nobody trusts the certificate's authority about this account");
  EXPECT_NE(h.administer(remove).back().code(), 0u);
  EXPECT_EQ(trust("main", ""), 2u) << "numbers are not used again";
}

TEST_F(CertificateLogin, WhatIsNotRevokedLikeThat) {
  const std::function<void(admin::RevokeCertificates&)> kWrong[] = {
      [](admin::RevokeCertificates& r) { r.set_authority(1); },
      [](admin::RevokeCertificates& r) { r.set_authority(9), r.set_key_id("x"); },
      [](admin::RevokeCertificates& r) { r.set_authority(1), r.set_last_serial(4); },
      [](admin::RevokeCertificates& r) {
        r.set_authority(1), r.set_first_serial(5), r.set_last_serial(4);
      },
      [](admin::RevokeCertificates& r) {
        r.set_authority(1), r.set_first_serial(1), r.set_last_serial(4), r.set_key_id("x");
      },
      [](admin::RevokeCertificates& r) { r.set_public_key("not a key"); },
  };
  for (const auto& wrong : kWrong) {
    admin::Request request;
    wrong(*request.mutable_revoke_certificates());
    EXPECT_NE(h.administer(request).back().code(), 0u);
  }
  EXPECT_FALSE(h.vault().fault());
}

}  // namespace
}  // namespace bulkhead::vault
