#include <gtest/gtest.h>

#include <functional>

#include "channel/codec.h"
#include "channel/limits.h"

namespace bulkhead::channel {
namespace {

Bytes encoded(const Request& request) {
  auto bytes = encode(request);
  EXPECT_TRUE(bytes);
  return *bytes;
}

Request full_exchange() {
  Request request;
  request.set_id(3);
  SshExchange& exchange = *request.mutable_ssh_exchange();
  exchange.set_kex_algorithm("curve25519-sha256");
  exchange.set_host_key_algorithm("ssh-ed25519");
  exchange.set_client_version("SSH-2.0-Test");
  exchange.set_client_kexinit(std::string(300, 'k'));
  exchange.set_client_public(std::string(32, 'c'));
  exchange.set_server_public(std::string(32, 's'));
  exchange.set_shared_secret(std::string(32, 'x'));
  exchange.mutable_client_to_server()->set_cipher("aes256-ctr");
  exchange.mutable_client_to_server()->set_mac("hmac-sha2-256");
  exchange.mutable_server_to_client()->set_cipher("aes256-gcm@openssh.com");
  return request;
}

Request signature_login() {
  Request request;
  SshAuthenticate& wanted = *request.mutable_ssh_authenticate();
  wanted.set_user_name("mira");
  wanted.set_service_name("ssh-connection");
  wanted.mutable_public_key()->set_algorithm("ssh-ed25519");
  wanted.mutable_public_key()->set_blob("blob");
  wanted.mutable_public_key()->set_signature("signature");
  wanted.mutable_public_key()->set_has_signature(true);
  return request;
}

Request with_path(std::vector<std::string> components) {
  Request request;
  Path& path = *request.mutable_open_directory()->mutable_path();
  for (std::string& component : components)
    path.add_component(std::move(component));
  return request;
}

struct Case {
  const char* name;
  std::function<Request()> request;
  bool good;
};

Request changed(Request request, const std::function<void(Request&)>& change) {
  change(request);
  return request;
}

std::vector<Case> cases() {
  const auto commit = [](const std::function<void(CommitUpload&)>& change) {
    Request request;
    change(*request.mutable_commit_upload());
    return request;
  };
  const auto grant = [](std::uint32_t first, std::uint32_t count) {
    Request request;
    request.mutable_grant_extents()->set_first(first);
    request.mutable_grant_extents()->set_count(count);
    return request;
  };
  return {
      {"nothing", [] { return Request(); }, false},
      {"greet",
       [] {
         Request r;
         r.mutable_ssh_greet();
         return r;
       },
       true},
      {"exchange", full_exchange, true},
      {"exchange, no secret",
       [] {
         return changed(full_exchange(),
                        [](Request& r) { r.mutable_ssh_exchange()->clear_shared_secret(); });
       },
       false},
      {"exchange, long kexinit",
       [] {
         return changed(full_exchange(), [](Request& r) {
           r.mutable_ssh_exchange()->set_client_kexinit(std::string(kMaxKexinitBytes + 1, 'k'));
         });
       },
       false},
      {"exchange, list for a name",
       [] {
         return changed(full_exchange(),
                        [](Request& r) { r.mutable_ssh_exchange()->set_kex_algorithm("one,two"); });
       },
       false},
      {"login", signature_login, true},
      {"login, signature unannounced",
       [] {
         return changed(signature_login(), [](Request& r) {
           r.mutable_ssh_authenticate()->mutable_public_key()->set_has_signature(false);
         });
       },
       false},
      {"login, signature announced and missing",
       [] {
         return changed(signature_login(), [](Request& r) {
           r.mutable_ssh_authenticate()->mutable_public_key()->clear_signature();
         });
       },
       false},
      {"login without method",
       [] {
         Request r;
         r.mutable_ssh_authenticate()->set_user_name("mira");
         return r;
       },
       false},
      {"login, long password",
       [] {
         Request r;
         r.mutable_ssh_authenticate()->set_password(std::string(1025, 'p'));
         return r;
       },
       false},
      {"responses",
       [] {
         Request r;
         for (int i = 0; i < 8; ++i)
           r.mutable_ssh_authenticate()->mutable_prompt_responses()->add_response(
               std::string(1024, 'p'));
         return r;
       },
       true},
      {"too many responses",
       [] {
         Request r;
         for (int i = 0; i < 9; ++i)
           r.mutable_ssh_authenticate()->mutable_prompt_responses()->add_response("p");
         return r;
       },
       false},
      {"a long response",
       [] {
         Request r;
         r.mutable_ssh_authenticate()->mutable_prompt_responses()->add_response(
             std::string(1025, 'p'));
         return r;
       },
       false},
      {"root", [] { return with_path({}); }, true},
      {"no path",
       [] {
         Request r;
         r.mutable_open_directory();
         return r;
       },
       false},
      {"longest component", [] { return with_path({std::string(255, 'a')}); }, true},
      {"too long component", [] { return with_path({std::string(256, 'a')}); }, false},
      {"empty component", [] { return with_path({"a", ""}); }, false},
      {"dot", [] { return with_path({"."}); }, false},
      {"dot dot", [] { return with_path({"a", ".."}); }, false},
      {"three dots", [] { return with_path({"..."}); }, true},
      {"slash", [] { return with_path({"a/b"}); }, false},
      {"NUL", [] { return with_path({std::string("a\0b", 3)}); }, false},
      {"deepest", [] { return with_path(std::vector<std::string>(64, "a")); }, true},
      {"too deep", [] { return with_path(std::vector<std::string>(65, "a")); }, false},
      {"stat of nothing",
       [] {
         Request r;
         r.mutable_stat();
         return r;
       },
       false},
      {"stat of a handle",
       [] {
         Request r;
         r.mutable_stat()->set_handle(0);
         return r;
       },
       true},
      {"stat of a bad path",
       [] {
         Request r;
         r.mutable_stat()->mutable_path()->add_component("..");
         return r;
       },
       false},
      {"attributes of nothing",
       [] {
         Request r;
         r.mutable_set_attributes();
         return r;
       },
       false},
      {"attributes, setuid and more",
       [] {
         Request r;
         r.mutable_set_attributes()->set_handle(1);
         r.mutable_set_attributes()->set_permissions(010000);
         return r;
       },
       false},
      {"attributes, end of time",
       [] {
         Request r;
         r.mutable_set_attributes()->set_handle(1);
         r.mutable_set_attributes()->set_modified_s(INT64_MIN);
         return r;
       },
       false},
      {"open for nothing",
       [] {
         Request r;
         r.mutable_open_file()->mutable_path()->add_component("a");
         return r;
       },
       false},
      {"no extents", [grant] { return grant(0, 0); }, false},
      {"sixteen extents", [grant] { return grant(0, 16); }, true},
      {"seventeen extents", [grant] { return grant(0, 17); }, false},
      {"last extent", [grant] { return grant(kMaxExtents - 1, 1); }, true},
      {"behind the last extent", [grant] { return grant(kMaxExtents - 1, 2); }, false},
      {"extents that wrap", [grant] { return grant(0xffffffff, 16); }, false},
      {"commit, short digest",
       [commit] { return commit([](CommitUpload& c) { c.set_sha256("abc"); }); }, false},
      {"commit, large",
       [commit] { return commit([](CommitUpload& c) { c.set_size(kMaxFileBytes + 1); }); }, false},
      {"commit, long description",
       [commit] {
         return commit([](CommitUpload& c) { c.set_description(std::string(1025, 'd')); });
       },
       false},
      {"commit, inline of 64 KiB",
       [commit] {
         return commit([](CommitUpload& c) { c.set_inline_box(std::string(65536 + 28, 'i')); });
       },
       true},
      {"commit, inline too large",
       [commit] {
         return commit([](CommitUpload& c) { c.set_inline_box(std::string(65536 + 65, 'i')); });
       },
       false},
      {"rename to nothing",
       [] {
         Request r;
         r.mutable_rename()->mutable_from()->add_component("a");
         return r;
       },
       false},
      {"rename to a bad name",
       [] {
         Request r;
         r.mutable_rename()->mutable_from()->add_component("a");
         r.mutable_rename()->mutable_to()->add_component("b/c");
         return r;
       },
       false},
      {"report, outcome of tomorrow",
       [] {
         Request r;
         r.mutable_report_analysis()->set_outcome(static_cast<ReportAnalysis::Outcome>(9));
         return r;
       },
       false},
      {"report, format of another",
       [] {
         Request r;
         r.mutable_report_analysis()->set_format("X12 834\n");
         return r;
       },
       false},
  };
}

TEST(Validate, EveryCase) {
  for (const Case& one : cases()) {
    const Request request = one.request();
    const Status status = validate(request);
    EXPECT_EQ(status.has_value(), one.good) << one.name;
    if (!status) {
      EXPECT_FALSE(status.error().message.empty()) << one.name;
    }
  }
}

TEST(DecodeRequest, TakesWhatEncodeMakes) {
  for (const Case& one : cases()) {
    const Request request = one.request();
    if (request.ByteSizeLong() == 0) continue;
    auto again = decode_request(encoded(request));
    ASSERT_TRUE(again) << one.name;
    EXPECT_EQ(again->SerializeAsString(), request.SerializeAsString()) << one.name;
  }
}

TEST(DecodeRequest, RefusesOtherEncodingsOfTheSame) {
  const Bytes good = {0x08, 0x05, 0x8a, 0x02, 0x00};  // id 5, capacity
  ASSERT_TRUE(decode_request(good));
  const std::vector<Bytes> bad = {
      {},                                          // nothing
      {0x08, 0x00},                                // a default said out loud, and nothing else
      {0x08},                                      // torn
      {0x08, 0x85, 0x00, 0x8a, 0x02, 0x00},        // a number with padding
      {0x8a, 0x02, 0x00, 0x08, 0x05},              // out of order
      {0x08, 0x05, 0x08, 0x06, 0x8a, 0x02, 0x00},  // id said twice
      {0x08, 0x05, 0xa2, 0x01, 0x02, 0x10, 0x01, 0x8a, 0x02, 0x00},  // two bodies
      {0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b},              // groups in groups
  };
  for (std::size_t i = 0; i < bad.size(); ++i)
    EXPECT_FALSE(decode_request(bad[i])) << i;
}

TEST(DecodeRequest, RefusesTextThatIsNotUtf8) {
  Request request = full_exchange();
  Bytes bytes = encoded(request);
  const std::string name = "SSH-2.0-Test";
  const auto at = std::search(bytes.begin(), bytes.end(), name.begin(), name.end());
  ASSERT_NE(at, bytes.end());
  *at = 0xff;
  EXPECT_FALSE(decode_request(bytes));
}

TEST(Encode, RefusesWhatNoDatagramHolds) {
  Reply reply;
  EXPECT_FALSE(encode(reply));
  reply.set_message(std::string(kMaxMessageBytes, 'x'));
  auto bytes = encode(reply);
  ASSERT_FALSE(bytes);
  EXPECT_EQ(bytes.error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace bulkhead::channel
