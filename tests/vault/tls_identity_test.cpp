// The HTTPS listener's key: made, certified, replaced; what it signs verifies; log-ins behind it.
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "certificate_verify.h"
#include "crypto/totp.h"
#include "crypto/x509.h"
#include "vault_harness.h"

namespace bulkhead::vault {
namespace {

constexpr std::string_view kTotpSecret = "12345678901234567890";
constexpr const char* kPassword = "correct horse battery";

// As a client does it.
bool verifies(const std::string& certificate, const std::string& content,
              const std::string& signature) {
  const auto* at = reinterpret_cast<const unsigned char*>(certificate.data());
  X509* parsed = d2i_X509(nullptr, &at, static_cast<long>(certificate.size()));
  if (parsed == nullptr) return false;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool good =
      EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, X509_get0_pubkey(parsed)) ==
          1 &&
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(content.data()),
                       content.size()) == 1;
  EVP_MD_CTX_free(context);
  X509_free(parsed);
  return good;
}

class TlsIdentityTest : public testing::Test {
 protected:
  channel::Reply greet(ChannelId channel) {
    channel::Request request;
    request.mutable_tls_greet();
    return h.ask(channel, request)->reply;
  }
  std::string sign(ChannelId channel, const std::string& content = certificate_verify()) {
    channel::Request request;
    request.mutable_tls_sign()->set_content(content);
    const auto answer = h.ask(channel, request);
    return answer ? answer->reply.tls_signature().signature() : "";
  }
  admin::Reply prepare(bool new_key, bool self_signed, const std::string& name = "files.example") {
    admin::Request request;
    auto* wanted = request.mutable_prepare_tls_key();
    wanted->add_name(name);
    wanted->set_new_key(new_key);
    wanted->set_self_signed(self_signed);
    return h.administer(request).back();
  }
  admin::Reply set(const std::vector<std::string>& chain) {
    admin::Request request;
    for (const std::string& certificate : chain)
      request.mutable_set_tls_certificate()->add_certificate(certificate);
    request.mutable_set_tls_certificate()->set_not_after_s(1'795'000'000);
    return h.administer(request).back();
  }
  // What an authority answers to a request: a certificate for the key in it, signed by another.
  static std::string certified(const std::string& request) {
    const auto* at = reinterpret_cast<const unsigned char*>(request.data());
    X509_REQ* asked = d2i_X509_REQ(nullptr, &at, static_cast<long>(request.size()));
    EXPECT_NE(asked, nullptr);
    EXPECT_EQ(X509_REQ_verify(asked, X509_REQ_get0_pubkey(asked)), 1);
    EVP_PKEY* authority = EVP_EC_gen("P-256");
    X509* made = X509_new();
    X509_set_version(made, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made), 7);
    X509_gmtime_adj(X509_getm_notBefore(made), 0);
    X509_gmtime_adj(X509_getm_notAfter(made), 1000);
    X509_set_subject_name(made, X509_REQ_get_subject_name(asked));
    X509_set_pubkey(made, X509_REQ_get0_pubkey(asked));
    X509_sign(made, authority, EVP_sha256());
    unsigned char* der = nullptr;
    const int size = i2d_X509(made, &der);
    std::string bytes(reinterpret_cast<char*>(der), static_cast<std::size_t>(size));
    OPENSSL_free(der);
    X509_free(made);
    EVP_PKEY_free(authority);
    X509_REQ_free(asked);
    return bytes;
  }
  ChannelId signed_channel() {
    const ChannelId channel = h.connect(ProcessKind::kHttpsSession);
    EXPECT_FALSE(sign(channel).empty());
    return channel;
  }
  channel::SshAuthentication::Outcome log_in(ChannelId channel, const std::string& user,
                                             const std::string& password,
                                             const std::string& code = "") {
    channel::Request request;
    request.mutable_log_in()->set_user_name(user);
    request.mutable_log_in()->set_password(password);
    request.mutable_log_in()->set_code(code);
    const auto answer = h.ask(channel, request);
    EXPECT_TRUE(answer && answer->reply.code() == 0);
    return answer->reply.ssh_authentication().outcome();
  }

  VaultHarness h;
};

TEST_F(TlsIdentityTest, ANewDeploymentHasACertificateAndSignsWithItsKey) {
  const ChannelId channel = h.connect(ProcessKind::kHttpsSession);
  const auto greeting = greet(channel).tls_greeting();
  ASSERT_EQ(greeting.certificate_size(), 1);
  const auto facts = crypto::describe_certificate(as_bytes(greeting.certificate(0)));
  ASSERT_TRUE(facts);
  EXPECT_NE(std::ranges::find(facts->names, "localhost"), facts->names.end());
  EXPECT_EQ(greeting.login_grace_ms(), h.configuration.limits.login_grace_ms);
  const std::string signature = sign(channel);
  EXPECT_TRUE(verifies(greeting.certificate(0), certificate_verify(), signature));
  EXPECT_FALSE(verifies(greeting.certificate(0), certificate_verify('i'), signature));
}

TEST_F(TlsIdentityTest, ANewKeyIsUsedWhenItsCertificateIsThere) {
  const std::string first =
      greet(h.connect(ProcessKind::kHttpsSession)).tls_greeting().certificate(0);
  const admin::Reply asked = prepare(true, false);
  ASSERT_EQ(asked.code(), 0u) << asked.message();
  EXPECT_EQ(asked.tls_key().certificate(0), first) << "still";
  EXPECT_NE(prepare(true, false).code(), 0u) << "one waits already";
  EXPECT_EQ(prepare(false, false).code(), 0u) << "the same one, for other names";
  ChannelId channel = h.connect(ProcessKind::kHttpsSession);
  EXPECT_TRUE(verifies(first, certificate_verify(), sign(channel))) << "meanwhile";

  const std::string certificate = certified(asked.tls_key().request());
  const std::string issuer = certified(prepare(false, false).tls_key().request());
  EXPECT_EQ(set({certificate, issuer}).code(), 0u);
  for (const bool restarted : {false, true}) {
    if (restarted) h.restart();
    channel = h.connect(ProcessKind::kHttpsSession);
    const auto greeting = greet(channel).tls_greeting();
    ASSERT_EQ(greeting.certificate_size(), 2);
    EXPECT_EQ(greeting.certificate(0), certificate);
    EXPECT_TRUE(verifies(certificate, certificate_verify(), sign(channel)));
  }
  // The old key is forgotten: its certificate is none of ours any more.
  EXPECT_NE(set({first}).code(), 0u);
  EXPECT_EQ(h.count(journal::Entry::kTlsCertificateSet), 2u);
}

TEST_F(TlsIdentityTest, OnlyACertificateOfAKeyOfOursIsTaken) {
  const auto other = crypto::SigningKey::generate(crypto::SigningKeyKind::kEcdsaP256);
  const std::string foreign =
      to_string(crypto::self_signed_certificate(other, {"files.example"}, h.clock.now(), 1));
  EXPECT_NE(set({foreign}).code(), 0u);
  EXPECT_NE(set({}).code(), 0u);
  EXPECT_NE(
      set({foreign, greet(h.connect(ProcessKind::kHttpsSession)).tls_greeting().certificate(0)})
          .code(),
      0u)
      << "in the wrong order";
  EXPECT_NE(set({std::string(70'000, 'x')}).code(), 0u);
  EXPECT_NE(prepare(false, false, "a,DNS:b").code(), 0u);
}

TEST_F(TlsIdentityTest, StatusRemindsOfACertificateThatEnds) {
  const auto warnings = [this] {
    admin::Request request;
    request.mutable_get_status();
    std::string all;
    const auto replies = h.administer(request);
    for (const std::string& warning : replies.back().status().warning())
      all += warning + "\n";
    return all;
  };
  EXPECT_EQ(warnings().find("certificate"), std::string::npos) << "nobody is served";
  h.configuration.listen.https = "127.0.0.1:0";
  ASSERT_EQ(prepare(false, true).code(), 0u);
  EXPECT_EQ(warnings().find("certificate"), std::string::npos);
  h.clock.advance_ms(350LL * 86'400'000);
  EXPECT_NE(warnings().find("expires in 15 days"), std::string::npos) << warnings();
  h.clock.advance_ms(16LL * 86'400'000);
  EXPECT_NE(warnings().find("has expired"), std::string::npos);
}

constexpr auto SUCCESS = channel::SshAuthentication::SUCCESS;
constexpr auto PARTIAL = channel::SshAuthentication::PARTIAL;
constexpr auto FAILURE = channel::SshAuthentication::FAILURE;

TEST_F(TlsIdentityTest, APasswordAndACodeLogInAsOverSsh) {
  h.add_user_with_factors("anna", kPassword, "");
  h.add_user_with_factors("otto", kPassword, kTotpSecret);
  h.add_user_with_factors("mia", kPassword, kTotpSecret, {"password,keyboard-interactive"});
  h.add_user_with_factors("kim", kPassword, "", {"publickey,password"});
  EXPECT_EQ(log_in(signed_channel(), "anna", "wrong"), FAILURE);
  EXPECT_EQ(log_in(signed_channel(), "nobody", kPassword), FAILURE);
  EXPECT_EQ(log_in(signed_channel(), "kim", kPassword), FAILURE) << "wants a key first";
  // Whose traffic must not be read later has to come by SSH.
  h.configuration.user_ssh_profiles["anna"] = SshProfile::kPostQuantum;
  EXPECT_EQ(log_in(signed_channel(), "anna", kPassword), FAILURE);
  h.configuration.user_ssh_profiles.clear();
  const ChannelId anna = signed_channel();
  EXPECT_EQ(log_in(anna, "anna", kPassword), SUCCESS);

  const std::string code = crypto::hotp(as_bytes(kTotpSecret), h.totp_step());
  EXPECT_EQ(log_in(signed_channel(), "otto", kPassword), FAILURE) << "the password alone";
  EXPECT_EQ(log_in(signed_channel(), "otto", "", code), FAILURE) << "the code alone";
  EXPECT_EQ(log_in(signed_channel(), "otto", kPassword, code), SUCCESS);
  EXPECT_EQ(log_in(signed_channel(), "otto", kPassword, code), FAILURE) << "a code is good once";

  const ChannelId mia = signed_channel();
  EXPECT_EQ(log_in(mia, "mia", kPassword), PARTIAL);
  EXPECT_EQ(log_in(mia, "mia", "", code), SUCCESS);

  EXPECT_EQ(h.upload(anna, {"home", "anna", "a"}, as_bytes("contents")), "");
  EXPECT_EQ(to_string(ByteView(h.download(anna, {"home", "anna", "a"}).value())), "contents");
  EXPECT_FALSE(h.download(anna, {"home", "otto", "a"}));
  for (const journal::Entry& entry : h.journal_entries()) {
    if (entry.channel() == anna.value && entry.has_session_opened()) {
      EXPECT_EQ(entry.session_opened().kind(), "https-session");
    }
  }
}

TEST_F(TlsIdentityTest, FailuresAreLimitedAndContainmentDisablesThePassword) {
  h.add_user_with_factors("anna", kPassword, "");
  const ChannelId guesser = signed_channel();
  for (std::uint32_t i = 0; i < h.configuration.limits.login_attempts; ++i)
    EXPECT_EQ(log_in(guesser, "anna", "wrong"), FAILURE);
  channel::Request late;
  late.mutable_log_in()->set_user_name("anna");
  late.mutable_log_in()->set_password(kPassword);
  EXPECT_NE(h.ask(guesser, late)->reply.code(), 0u);

  const ChannelId anna = signed_channel();
  ASSERT_EQ(log_in(anna, "anna", kPassword), SUCCESS);
  admin::Request contain;
  contain.mutable_contain()->set_listener("https");
  const auto contained = h.administer(contain).back();
  ASSERT_EQ(contained.code(), 0u) << contained.message();
  EXPECT_EQ(contained.contain_result().password(0), "anna");
  EXPECT_TRUE(h.ended(anna));
  EXPECT_EQ(log_in(signed_channel(), "anna", kPassword), FAILURE) << "the listener is contained";
  admin::Request lift;
  lift.mutable_lift()->set_listener("https");
  ASSERT_EQ(h.administer(lift).back().code(), 0u);
  EXPECT_EQ(log_in(signed_channel(), "anna", kPassword), FAILURE) << "it works no longer";
}

}  // namespace
}  // namespace bulkhead::vault
