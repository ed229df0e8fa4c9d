#include "https/connection.h"

#include <gtest/gtest.h>

#include "harness.h"
#include "https/limits.h"

namespace bulkhead::https::test {
namespace {

std::string request(std::string_view method, std::string_view target, std::string_view fields = "",
                    std::string_view content = "") {
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" +
                     std::string(fields);
  if (!content.empty()) text += "Content-Length: " + std::to_string(content.size()) + "\r\n";
  return text + "\r\n" + std::string(content);
}

std::string log_in(std::string_view form) {
  return request("POST", "/api/v1/session", "Content-Type: application/x-www-form-urlencoded\r\n",
                 form);
}

class HttpConnection : public testing::Test {
 protected:
  HttpConnection() {
    h.files.put("/home/anna/a.txt", "0123456789");
    h.files.put("/home/anna/empty", "");
    h.files.put("/home/anna/d/x", "x");
  }
  Harness h;
};

TEST_F(HttpConnection, BeforeALogInThereIsNothingButThat) {
  EXPECT_EQ(status_of(h.say(request("GET", "/healthz"))), 200);
  EXPECT_EQ(status_of(h.say(request("GET", "/"))), 200);
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/openapi.json"))), 200);
  for (const char* target :
       {"/api/v1/files", "/api/v1/files/", "/api/v1/files/home/anna/a.txt", "/api/v1/session"})
    EXPECT_EQ(status_of(h.say(request("GET", target))), 401) << target;
  const std::string put = h.say(request("PUT", "/api/v1/files/home/anna/new", "", "contents"));
  EXPECT_EQ(status_of(put), 401);
  EXPECT_TRUE(h.connection.ended()) << "what follows may be content or not";
  EXPECT_FALSE(h.files.exists("/home/anna/new"));
  EXPECT_EQ(h.authority.asked, 0);
}

TEST_F(HttpConnection, ALogInHoldsForTheConnection) {
  std::string answer = h.say(log_in("user=anna&password=wrong"));
  EXPECT_EQ(status_of(answer), 401);
  EXPECT_FALSE(field_of(answer, "WWW-Authenticate").empty());
  answer = h.say(log_in("user=nobody&password=wrong"));
  EXPECT_EQ(status_of(answer), 401) << "the same";
  answer = h.say(log_in("user=anna&password=p%26ss+w%25rd"));
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(content_of(answer), "{\"user\":\"anna\",\"home\":\"/api/v1/files/home/anna/\"}\n");
  EXPECT_EQ(field_of(answer, "Set-Cookie"), "");
  EXPECT_EQ(content_of(h.say(request("GET", "/api/v1/session"))), content_of(answer));
  // Whoever comes second is told so, and nobody asks whether it would have been right.
  const int asked = h.authority.asked;
  EXPECT_EQ(status_of(h.say(log_in("user=otto&password=secret&code=1"))), 409);
  EXPECT_EQ(h.authority.asked, asked);
  EXPECT_EQ(content_of(h.say(request("GET", "/api/v1/session"))), content_of(answer))
      << "as before";
}

TEST_F(HttpConnection, PartOfALogInIsNone) {
  const std::string answer = h.say(log_in("user=otto&password=secret"));
  EXPECT_EQ(status_of(answer), 401);
  EXPECT_NE(content_of(answer).find("wants more"), std::string::npos);
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/files/"))), 401);
  EXPECT_EQ(status_of(h.say(log_in("user=otto&password=secret&code=1"))), 200);
  EXPECT_EQ(status_of(h.say(request("DELETE", "/api/v1/session"))), 204);
  EXPECT_TRUE(h.connection.ended());
}

TEST_F(HttpConnection, FormsThatAreNone) {
  EXPECT_EQ(status_of(h.say(log_in("user=anna"))), 400);
  EXPECT_EQ(status_of(h.say(log_in("user=anna&password=%0"))), 400);
  const std::string longer(1025, 'x');  // than the vault takes anything
  EXPECT_EQ(status_of(h.say(log_in("user=" + longer.substr(0, 256) + "&password=x"))), 400);
  EXPECT_EQ(status_of(h.say(log_in("user=anna&password=" + longer))), 400);
  EXPECT_EQ(status_of(h.say(log_in("user=anna&password=x&code=" + longer))), 400);
  EXPECT_EQ(h.authority.asked, 0);
  EXPECT_FALSE(h.connection.ended());
  EXPECT_EQ(status_of(h.say(
                request("POST", "/api/v1/session", "Content-Type: application/json\r\n", "{}"))),
            415);
  EXPECT_TRUE(h.connection.ended());
  Harness chunked;
  const std::string endless =
      "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: "
      "application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n" +
      std::string("4000\r\n") + std::string(0x4000, 'a');
  EXPECT_EQ(status_of(chunked.say(endless)), 413);
  Harness limited;
  limited.authority.refuses =
      Error(ErrorCode::kLimitExceeded, "too many failed attempts to log in");
  EXPECT_EQ(status_of(limited.say(log_in("user=anna&password=x"))), 429);
  EXPECT_TRUE(limited.connection.ended());
  Harness gone;
  gone.authority.refuses = Error(ErrorCode::kDisconnected, "gone");
  EXPECT_EQ(gone.say(log_in("user=anna&password=x")), "");
  EXPECT_TRUE(gone.connection.broken());
}

TEST_F(HttpConnection, FilesAndPartsOfThem) {
  h.log_in();
  std::string answer = h.say(request("GET", "/api/v1/files/home/anna/a.txt"));
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(content_of(answer), "0123456789");
  EXPECT_EQ(field_of(answer, "Accept-Ranges"), "bytes");
  EXPECT_EQ(field_of(answer, "Content-Disposition"), "attachment");
  EXPECT_EQ(field_of(answer, "X-Content-Type-Options"), "nosniff");
  answer = h.say(request("GET", "/api/v1/files/home/anna/a.txt", "Range: bytes=2-4\r\n"));
  EXPECT_EQ(status_of(answer), 206);
  EXPECT_EQ(field_of(answer, "Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(content_of(answer), "234");
  answer = h.say(request("GET", "/api/v1/files/home/anna/a.txt", "Range: bytes=10-\r\n"));
  EXPECT_EQ(status_of(answer), 416);
  EXPECT_EQ(field_of(answer, "Content-Range"), "bytes */10");
  EXPECT_EQ(
      status_of(h.say(request("GET", "/api/v1/files/home/anna/a.txt", "Range: bytes=0-1,3-4\r\n"))),
      200);
  // A part only of what one has the rest of; there are no tags of files in memory, so of nothing.
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/files/home/anna/a.txt",
                                    "Range: bytes=2-4\r\nIf-Range: \"other\"\r\n"))),
            200);
  answer = h.say(request("HEAD", "/api/v1/files/home/anna/a.txt", "Range: bytes=2-4\r\n"));
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(field_of(answer, "Content-Length"), "10");
  EXPECT_EQ(content_of(answer), "");
  EXPECT_EQ(content_of(h.say(request("GET", "/api/v1/files/home/anna/empty"))), "");
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/files/home/anna/none"))), 404);
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/files/home/anna/a.txt/"))), 404);
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/files/home/anna/..%2fa"))), 400);
  for (const char* target : {"/api/v1/files/home/anna/a.txt?x", "/api/v1/files?x", "/api/v1/files#",
                             "/api/v1/files/home/anna/a.txt#x"})
    EXPECT_EQ(status_of(h.say(request("GET", target))), 400) << target;
  EXPECT_FALSE(h.connection.ended());
}

TEST_F(HttpConnection, GettingAsksTheVaultNoMoreThanItMust) {
  h.log_in();
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/files/home/anna/a.txt"))), 200);
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/files/home/anna"))), 200);
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/files/home/anna/"))), 200);
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/files/home/anna/none/"))), 404);
  EXPECT_EQ(h.files.counts().stats, 0u);
}

TEST_F(HttpConnection, AConnectionHasAnEndWhateverItsLastAnswerIs) {
  h.files.put("/home/anna/large", std::string(300'000, 'x'));
  for (const char* target : {"/api/v1/files/home/anna/a.txt", "/api/v1/files/home/anna/large",
                             "/api/v1/files/home/anna/", "/api/v1/session", "/nowhere"}) {
    for (const char* method : {"GET", "HEAD"}) {
      Harness each({.most_requests = 3});
      each.files.put("/home/anna/a.txt", "0123456789");
      each.files.put("/home/anna/large", std::string(300'000, 'x'));
      each.log_in();
      const std::string one = request(method, target);
      EXPECT_EQ(field_of(each.say(one), "Connection"), "");
      EXPECT_FALSE(each.connection.ended());
      EXPECT_EQ(field_of(each.say(one), "Connection"), "close") << method << " " << target;
      EXPECT_TRUE(each.connection.ended()) << method << " " << target;
    }
  }
}

TEST_F(HttpConnection, LargeFilesInTurnsAndRequestsInARow) {
  h.log_in();
  std::string large(700'000, 'a');
  for (std::size_t i = 0; i < large.size(); i += 100)
    large[i] = static_cast<char>('a' + i / 100 % 26);
  h.files.put("/home/anna/large", large);
  const std::string one = request("GET", "/api/v1/files/home/anna/large");
  const std::string answer =
      h.say(one + request("GET", "/api/v1/session") +
            request("GET", "/api/v1/files/home/anna/large", "Range: bytes=300000-\r\n"));
  EXPECT_EQ(content_of(answer).substr(0, large.size()), large);
  const std::string rest = content_of(answer).substr(large.size());
  EXPECT_NE(rest.find("\"user\":\"anna\""), std::string::npos) << "in their order";
  EXPECT_TRUE(rest.ends_with(large.substr(300'000)));
  EXPECT_EQ(h.say(one + "", 1).size(), h.say(one).size()) << "byte by byte";
}

TEST_F(HttpConnection, FoldersAsJson) {
  h.log_in();
  h.files.put("/home/anna/sp ace\xff", "x");
  for (const char* target : {"/api/v1/files/home/anna", "/api/v1/files/home/anna/"}) {
    const std::string answer = h.say(request("GET", target));
    EXPECT_EQ(status_of(answer), 200);
    EXPECT_EQ(field_of(answer, "Transfer-Encoding"), "chunked");
    const std::string content = content_of(answer);
    EXPECT_NE(content.find("{\"name\":\"a.txt\",\"href\":\"/api/v1/files/home/anna/"
                           "a.txt\",\"kind\":\"file\",\"size\":10,"),
              std::string::npos)
        << content;
    EXPECT_NE(content.find("\"href\":\"/api/v1/files/home/anna/d/\",\"kind\":\"folder\""),
              std::string::npos);
    EXPECT_NE(content.find("\"href\":\"/api/v1/files/home/anna/sp%20ace%FF\""), std::string::npos);
    EXPECT_TRUE(content.ends_with("]}\n\r\n0\r\n\r\n"));
  }
  for (int i = 0; i < 450; ++i)
    h.files.put("/home/anna/many/" + std::to_string(i), "x");
  const std::string many = h.say(request("GET", "/api/v1/files/home/anna/many"));
  std::size_t entries = 0;
  for (std::size_t at = many.find("\"href\""); at != std::string::npos;
       at = many.find("\"href\"", at + 1))
    ++entries;
  EXPECT_EQ(entries, 450u);
  EXPECT_TRUE(content_of(h.say(request("GET", "/api/v1/files"))).find("\"home\"") !=
              std::string::npos);
  EXPECT_EQ(content_of(h.say(request("HEAD", "/api/v1/files/home/anna"))), "");
}

TEST_F(HttpConnection, FilesAreStoredWhole) {
  h.log_in();
  EXPECT_EQ(status_of(h.say(request("PUT", "/api/v1/files/home/anna/new", "", "contents"))), 201);
  EXPECT_EQ(h.files.contents("/home/anna/new"), "contents");
  EXPECT_EQ(status_of(h.say(request("PUT", "/api/v1/files/home/anna/new", "", "other"), 1)), 204);
  EXPECT_EQ(h.files.contents("/home/anna/new"), "other");
  EXPECT_EQ(status_of(h.say("PUT /api/v1/files/home/anna/chunks HTTP/1.1\r\nHost: "
                            "x\r\nTransfer-Encoding: chunked\r\n\r\n"
                            "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")),
            201);
  EXPECT_EQ(h.files.contents("/home/anna/chunks"), "abcde");
  EXPECT_EQ(
      status_of(h.say(request("PUT", "/api/v1/files/home/anna/none", "Content-Length: 0\r\n"))),
      201);
  EXPECT_EQ(h.files.counts().closed, 4u);
  EXPECT_FALSE(h.connection.ended());
}

TEST_F(HttpConnection, WhatIsNotStored) {
  const auto put = [](std::string_view target, std::string_view fields) {
    Harness each;
    each.files.put("/home/anna/there", "x");
    each.log_in();
    const int status = status_of(each.say(request("PUT", target, fields, "contents")));
    EXPECT_TRUE(each.connection.ended());
    EXPECT_EQ(each.files.contents("/home/anna/there"), "x");
    EXPECT_EQ(each.files.counts().closed, 0u);
    return status;
  };
  EXPECT_EQ(put("/api/v1/files/home/anna/there", "Content-Range: bytes 0-7/8\r\n"), 400);
  EXPECT_EQ(put("/api/v1/files/home/anna/there", "If-None-Match: *\r\n"), 412);
  EXPECT_EQ(put("/api/v1/files/home/anna/there", "If-Match: \"x\"\r\n"), 501);
  EXPECT_EQ(put("/api/v1/files/home/anna", ""), 409);
  EXPECT_EQ(put("/api/v1/files/home/anna/a/", ""), 409);
  EXPECT_EQ(put("/api/v1/files/home/nobody/a", ""), 404);
  EXPECT_EQ(put("/healthz", ""), 405);
  EXPECT_EQ(put("/nowhere", ""), 404);
  h.log_in();
  EXPECT_EQ(status_of(h.say(request("PUT", "/api/v1/files/home/anna/a"))), 411);
  // Half of it, and the client is gone.
  {
    Harness half;
    half.files.put("/home/anna/there", "x");
    {
      Connection lost(half.authority, half.clock, {});
      const std::string entering = log_in("user=anna&password=p%26ss+w%25rd");
      ASSERT_EQ(lost.consume(as_bytes(entering)), entering.size());
      lost.output_sent(lost.output().size());
      const std::string content =
          "PUT /api/v1/files/home/anna/other HTTP/1.1\r\nHost: x\r\n"
          "Content-Length: 100\r\n\r\nabc";
      ASSERT_EQ(lost.consume(as_bytes(content)), content.size());
      EXPECT_EQ(half.files.counts().writes, 1u);
    }
    EXPECT_EQ(half.files.counts().closed, 0u);
  }
}

TEST_F(HttpConnection, SaysThatItGoesOnWhereThatIsExpected) {
  h.log_in();
  const std::string head =
      "PUT /api/v1/files/home/anna/new HTTP/1.1\r\nHost: x\r\nExpect: "
      "100-continue\r\nContent-Length: 3\r\n\r\n";
  EXPECT_EQ(h.say(head), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(status_of(h.say("abc")), 201);
  // Without content there is nothing to wait for.
  EXPECT_EQ(status_of(h.say(request("PUT", "/api/v1/files/home/anna/none",
                                    "Expect: 100-continue\r\nContent-Length: 0\r\n"))),
            201);
  EXPECT_EQ(status_of(h.say(request("GET", "/healthz", "Expect: 100-continue\r\n"))), 200);
  const std::string refused = h.say(
      "PUT /api/v1/files/home/nobody/x HTTP/1.1\r\nHost: x\r\nExpect: "
      "100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(status_of(refused), 404) << "instead";
}

TEST_F(HttpConnection, ARequestEndsThoughItWasAnsweredBefore) {
  h.log_in();
  EXPECT_EQ(status_of(h.say(request("GET", "/nowhere"))), 404);
  EXPECT_EQ(h.connection.next_time_ms(), h.clock.monotonic_ms() + 900'000)
      << "between requests it may be silent";
}

TEST_F(HttpConnection, PagesOfOthersCannotSpeakOnIt) {
  h.log_in();
  for (const char* fields :
       {"Origin: https://evil.example\r\n", "Origin: null\r\n", "Origin: http://x\r\n",
        "Sec-Fetch-Site: cross-site\r\n", "Sec-Fetch-Site: same-site\r\n",
        "Origin: https://x\r\nSec-Fetch-Site: cross-site\r\n"}) {
    const std::string answer = h.say(request("GET", "/api/v1/files/home/anna/a.txt", fields));
    EXPECT_EQ(status_of(answer), 403) << fields;
    EXPECT_EQ(answer.find("0123456789"), std::string::npos);
    EXPECT_EQ(field_of(answer, "Access-Control-Allow-Origin"), "");
  }
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/files/home/anna/a.txt",
                                    "Origin: https://x\r\nSec-Fetch-Site: same-origin\r\n"))),
            200);
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/session", "Sec-Fetch-Site: none\r\n"))), 200);
  EXPECT_EQ(status_of(h.say(request("PUT", "/api/v1/files/home/anna/evil",
                                    "Origin: https://evil.example\r\n", "x"))),
            403);
  EXPECT_FALSE(h.files.exists("/home/anna/evil"));
}

TEST_F(HttpConnection, MethodsAndContentThatAreNotForAPath) {
  h.log_in();
  const std::string answer = h.say(request("DELETE", "/api/v1/files/home/anna/a.txt"));
  EXPECT_EQ(status_of(answer), 405);
  EXPECT_EQ(field_of(answer, "Allow"), "GET, HEAD, PUT");
  EXPECT_EQ(field_of(h.say(request("PUT", "/api/v1/session")), "Allow"), "POST, GET, HEAD, DELETE");
  EXPECT_EQ(field_of(h.say(request("POST", "/healthz")), "Allow"), "GET, HEAD");
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/filesystem"))), 404);
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/session/"))), 404);
  EXPECT_EQ(status_of(h.say(request("GET", "/api/v1/session", "", "x"))), 413);
  EXPECT_TRUE(h.connection.ended());
}

TEST_F(HttpConnection, RefusedBytesAreTheEnd) {
  const std::string answer = h.say("nonsense\r\n\r\n" + request("GET", "/healthz"));
  EXPECT_EQ(status_of(answer), 400);
  EXPECT_EQ(field_of(answer, "Connection"), "close");
  EXPECT_EQ(answer.find("HTTP/1.1 200"), std::string::npos);
  EXPECT_TRUE(h.connection.ended());
}

TEST_F(HttpConnection, WhoAsksForTheEndGetsIt) {
  const std::string answer = h.say(request("GET", "/healthz", "Connection: keep-alive, Close\r\n"));
  EXPECT_EQ(field_of(answer, "Connection"), "close");
  EXPECT_TRUE(h.connection.ended());
}

TEST_F(HttpConnection, SlowClientsAreNotWaitedFor) {
  Harness idle({.login_grace_ms = 60'000, .idle_timeout_ms = 900'000});
  EXPECT_EQ(idle.connection.next_time_ms(), idle.clock.monotonic_ms() + 60'000);
  idle.clock.advance_ms(59'999);
  idle.connection.on_time();
  EXPECT_FALSE(idle.connection.ended());
  idle.clock.advance_ms(1);
  idle.connection.on_time();
  EXPECT_TRUE(idle.connection.ended()) << "not logged in in time";

  // A byte at a time keeps nobody waiting for a head.
  h.log_in();
  const std::string head = "GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + std::string(100, 'y');
  std::int64_t waited_ms = 0;
  for (const char c : head) {
    h.say(std::string_view(&c, 1));
    h.clock.advance_ms(1000);
    waited_ms += 1000;
    h.connection.on_time();
    if (h.connection.ended()) break;
  }
  EXPECT_EQ(waited_ms, kHeadTimeoutMs);
  EXPECT_EQ(status_of(h.drain()), 408);

  // Silence in the middle of a file.
  Harness half;
  half.log_in();
  half.say(
      "PUT /api/v1/files/home/anna/half HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc");
  half.clock.advance_ms(kSilenceTimeoutMs);
  half.connection.on_time();
  EXPECT_TRUE(half.connection.ended());
  EXPECT_EQ(half.files.counts().closed, 0u);

  // A client that does not read.
  Harness deaf;
  deaf.files.put("/home/anna/large", std::string(500'000, 'x'));
  deaf.log_in();
  const std::string get = request("GET", "/api/v1/files/home/anna/large");
  EXPECT_EQ(deaf.connection.consume(as_bytes(get)), get.size());
  EXPECT_LE(deaf.connection.output().size(), 2 * kReadBytes) << "no more is held";
  EXPECT_EQ(deaf.connection.consume(as_bytes(get)), 0u) << "and nothing taken meanwhile";
  deaf.clock.advance_ms(kSilenceTimeoutMs);
  deaf.connection.on_time();
  EXPECT_TRUE(deaf.connection.broken());
}

}  // namespace
}  // namespace bulkhead::https::test
