#include "fixture.h"
#include "sshwire/keys.h"
#include "sshwire/userauth.h"

namespace bulkhead::ssh::testing {
namespace {
using namespace sshwire;  // NOLINT

class LoginTest : public SshTest {
 protected:
  LoginTest() : key_(crypto::Ed25519KeyPair::generate(crypto::system_random())) {
    authority.users["kim"] = {.password = "", .key_blobs = {blob()}, .needs_both = false};
    authority.users["two"] = {.password = "second", .key_blobs = {blob()}, .needs_both = true};
  }
  Bytes blob() const { return ed25519_key_blob(key_.public_key); }

  void begin() {
    client().handshake();
    client().request_service();
  }
  Writer request(std::string_view user, std::string_view method,
                 std::string_view service = "ssh-connection") {
    Writer writer(kMsgUserauthRequest);
    writer.string(user).string(service).string(method);
    return writer;
  }
  Writer password_request(std::string_view user, std::string_view password) {
    Writer writer = request(user, "password");
    writer.boolean(false).string(password);
    return writer;
  }
  Writer keyboard_request(std::string_view user) {
    Writer writer = request(user, "keyboard-interactive");
    writer.string(std::string_view()).string(std::string_view());
    return writer;
  }
  static Writer responses(const std::vector<std::string_view>& texts) {
    Writer writer(kMsgUserauthInfoResponse);
    writer.uint32(static_cast<std::uint32_t>(texts.size()));
    for (const std::string_view text : texts)
      writer.string(text);
    return writer;
  }
  Writer key_request(std::string_view user, ByteView session_id) {
    const Bytes message =
        userauth_signed_data(session_id, user, "ssh-connection", "ssh-ed25519", blob());
    Writer writer = request(user, "publickey");
    writer.boolean(true).string(std::string_view("ssh-ed25519")).string(ByteView(blob()));
    writer.string(ByteView(ed25519_signature_blob(key_.sign(message))));
    return writer;
  }
  Bytes answer() {
    client().take_output();
    return client().next();
  }
  crypto::Ed25519KeyPair key_;
};

TEST_F(LoginTest, NoneTellsWhichMethodsThereAre) {
  begin();
  client().send(request("kim", "none"));
  const Bytes failure = answer();
  ASSERT_EQ(failure[0], kMsgUserauthFailure);
  EXPECT_NE(as_text(failure).find("publickey,password"), std::string_view::npos);
  EXPECT_EQ(failure.back(), 0) << "no partial success";
}

TEST_F(LoginTest, QueryThenSignature) {
  begin();
  Writer query = request("kim", "publickey");
  client().send(
      query.boolean(false).string(std::string_view("ssh-ed25519")).string(ByteView(blob())));
  Writer ok(kMsgUserauthPkOk);
  ok.string(std::string_view("ssh-ed25519")).string(ByteView(blob()));
  EXPECT_EQ(answer(), to_bytes(ok.view()));
  EXPECT_FALSE(server().logged_in());
  client().send(key_request("kim", client().session_id));
  EXPECT_EQ(answer(), Bytes{kMsgUserauthSuccess});
  EXPECT_TRUE(server().logged_in());
}

TEST_F(LoginTest, SignatureOverAnotherSessionFails) {
  begin();
  client().send(key_request("kim", Bytes(32, 1)));
  EXPECT_EQ(answer()[0], kMsgUserauthFailure);
  EXPECT_FALSE(server().logged_in());
}

TEST_F(LoginTest, SignatureForAnotherUserFails) {
  begin();
  Writer writer = request("two", "publickey");
  const Bytes message =
      userauth_signed_data(client().session_id, "kim", "ssh-connection", "ssh-ed25519", blob());
  writer.boolean(true).string(std::string_view("ssh-ed25519")).string(ByteView(blob()));
  client().send(writer.string(ByteView(ed25519_signature_blob(key_.sign(message)))));
  EXPECT_EQ(answer()[0], kMsgUserauthFailure);
}

TEST_F(LoginTest, TwoMethodsInSequence) {
  begin();
  client().send(password_request("two", "second"));
  EXPECT_EQ(answer()[0], kMsgUserauthFailure) << "the password alone is not enough";
  client().send(key_request("two", client().session_id));
  const Bytes partial = answer();
  ASSERT_EQ(partial[0], kMsgUserauthFailure);
  EXPECT_EQ(partial.back(), 1) << "partial success";
  client().send(password_request("two", "second"));
  EXPECT_EQ(answer()[0], kMsgUserauthSuccess);
}

TEST_F(LoginTest, KeyboardInteractiveAsksWhatTheAuthoritySays) {
  authority.users["ann"].code = "123456";
  begin();
  Writer start = request("ann", "keyboard-interactive");
  client().send(start.string(std::string_view("en")).string(std::string_view("pam,otp")));
  Writer prompts(kMsgUserauthInfoRequest);  // RFC 4256 section 3.2
  prompts.string(std::string_view()).string(std::string_view()).string(std::string_view());
  prompts.uint32(2).string(std::string_view("Password: ")).boolean(false);
  prompts.string(std::string_view("Code: ")).boolean(true);
  EXPECT_EQ(answer(), to_bytes(prompts.view()));
  client().send(responses({"correct horse", "123457"}));
  EXPECT_EQ(answer()[0], kMsgUserauthFailure);
  client().send(keyboard_request("ann"));
  EXPECT_EQ(answer()[0], kMsgUserauthInfoRequest);
  client().send(responses({"correct horse"}));
  EXPECT_EQ(answer()[0], kMsgUserauthFailure) << "fewer responses than prompts";
  client().send(keyboard_request("ann"));
  EXPECT_EQ(answer()[0], kMsgUserauthInfoRequest);
  client().send(responses({"correct horse", "123456"}));
  EXPECT_EQ(answer()[0], kMsgUserauthSuccess);
}

TEST_F(LoginTest, AnotherRequestAbandonsThePrompts) {
  begin();
  client().send(keyboard_request("ann"));
  EXPECT_EQ(answer()[0], kMsgUserauthInfoRequest);
  client().send(request("ann", "none"));
  EXPECT_EQ(answer()[0], kMsgUserauthFailure);
  client().send(responses({"correct horse", ""}));
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(LoginTest, ResponsesToNothing) {
  begin();
  client().send(responses({"correct horse"}));
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(LoginTest, TooManyResponses) {
  begin();
  client().send(keyboard_request("ann"));
  client().send(responses(std::vector<std::string_view>(9, "x")));
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(LoginTest, UnknownMethodsAndPasswordChangesFailAndTellWhatCanContinue) {
  begin();
  client().send(request("ann", "gssapi-with-mic").uint32(1).string(std::string_view("oid")));
  EXPECT_EQ(answer()[0], kMsgUserauthFailure);
  Writer change = request("ann", "password");
  client().send(change.boolean(true)
                    .string(std::string_view("correct horse"))
                    .string(std::string_view("new")));
  EXPECT_EQ(answer()[0], kMsgUserauthFailure);
  EXPECT_FALSE(server().logged_in());
  Writer weak = request("ann", "publickey");
  client().send(weak.boolean(false).string(std::string_view("ssh-rsa")).string(ByteView(blob())));
  EXPECT_EQ(answer()[0], kMsgUserauthFailure);
}

TEST_F(LoginTest, BannerComesOnceBeforeTheFirstAnswer) {
  authority.greeting.banner = "For authorised partners only.\r\n";
  begin();
  client().send(request("ann", "none"));
  EXPECT_EQ(answer()[0], kMsgUserauthBanner);
  EXPECT_EQ(answer()[0], kMsgUserauthFailure);
  client().send(request("ann", "none"));
  EXPECT_EQ(answer()[0], kMsgUserauthFailure);
}

TEST_F(LoginTest, RequestsAfterSuccessAreIgnored) {
  begin();
  client().send(password_request("ann", "correct horse"));
  EXPECT_EQ(answer()[0], kMsgUserauthSuccess);
  client().send(password_request("ann", "wrong"));
  client().take_output();
  EXPECT_TRUE(client().received.empty());
  EXPECT_FALSE(server().ended());
}

TEST_F(LoginTest, TooManyAttempts) {
  options.max_login_requests = 4;
  begin();
  for (int i = 0; i < 4; ++i) {
    client().send(password_request("ann", "wrong"));
    EXPECT_EQ(answer()[0], kMsgUserauthFailure);
  }
  client().send(password_request("ann", "correct horse"));
  expect_disconnect(DisconnectReason::kNoMoreAuthMethodsAvailable);
}

TEST_F(LoginTest, TheUserMayNotChange) {
  begin();
  client().send(password_request("ann", "wrong"));
  client().send(password_request("kim", "wrong"));
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(LoginTest, OtherServices) {
  begin();
  client().send(request("ann", "none", "ssh-shell"));
  expect_disconnect(DisconnectReason::kServiceNotAvailable);
}

TEST_F(LoginTest, OtherServiceRequests) {
  client().handshake();
  client().send(Writer(kMsgServiceRequest).string(std::string_view("ssh-connection")));
  expect_disconnect(DisconnectReason::kServiceNotAvailable);
}

TEST_F(LoginTest, LoginWithoutServiceRequest) {
  client().handshake();
  client().send(password_request("ann", "correct horse"));
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(LoginTest, ChannelBeforeLogin) {
  begin();
  Writer open(kMsgChannelOpen);
  client().send(open.string(std::string_view("session")).uint32(0).uint32(1000).uint32(32768));
  expect_disconnect(DisconnectReason::kProtocolError);
}

TEST_F(LoginTest, MalformedRequests) {
  const std::string long_name(300, 'a');
  const std::string long_password(2000, 'p');
  Writer truncated = request("ann", "password");
  Writer trailing = password_request("ann", "x");
  trailing.byte(1);
  Writer huge(kMsgUserauthRequest);
  huge.uint32(0xFFFFFFFF);
  for (const Writer& each : {truncated, trailing, huge, request(long_name, "none"),
                             password_request("ann", long_password)}) {
    ReferenceAuthority own;
    Connection connection(own, services, options, clock);
    TestClient tester(connection);
    tester.handshake();
    tester.request_service();
    tester.send(each);
    EXPECT_EQ(tester.disconnect_reason(), 2u);
  }
}

TEST_F(LoginTest, TakesTooLong) {
  begin();
  EXPECT_EQ(*server().next_time_ms(), clock.monotonic_ms() + authority.greeting.login_grace_ms);
  clock.advance_ms(authority.greeting.login_grace_ms);
  server().on_time();
  expect_disconnect(DisconnectReason::kByApplication);
}

TEST_F(LoginTest, IdleForTooLong) {
  client().handshake();
  client().login("ann", "correct horse");
  clock.advance_ms(authority.greeting.idle_timeout_ms - 1);
  Writer keepalive(kMsgGlobalRequest);
  client().send(keepalive.string(std::string_view("keepalive@openssh.com")).boolean(true));
  server().on_time();
  EXPECT_FALSE(server().ended());
  clock.advance_ms(1);
  server().on_time();
  expect_disconnect(DisconnectReason::kByApplication);
}

}  // namespace
}  // namespace bulkhead::ssh::testing
