#include "https/request_reader.h"

#include <gtest/gtest.h>

#include "https/limits.h"

namespace bulkhead::https {
namespace {

using Event = RequestReader::Event;

// What was read, as a text: heads, contents, ends, and how it was refused.
std::string read_all(std::string_view bytes, std::size_t portion) {
  RequestReader reader;
  std::string told;
  ByteView rest = as_bytes(bytes);
  while (true) {
    const ByteView now = rest.first(std::min(portion, rest.size()));
    const RequestReader::Step step = reader.next(now);
    EXPECT_LE(step.taken, now.size());
    rest = rest.subspan(step.taken);
    switch (step.event) {
      case Event::kMore:
        if (rest.empty()) return told + (reader.within_request() ? "…" : "");
        EXPECT_EQ(step.taken, now.size()) << "all is taken before more is asked for";
        break;
      case Event::kHead:
        told += "[" + reader.head().method + " " + reader.head().target + "]";
        break;
      case Event::kContent:
        EXPECT_FALSE(step.content.empty());
        told += as_text(step.content);
        break;
      case Event::kEnd:
        told += "|";
        break;
      case Event::kRefused:
        EXPECT_FALSE(reader.refusal().why.empty());
        return told + "!" + std::to_string(reader.refusal().status);
    }
  }
}

// The same, however it is cut.
std::string read(std::string_view bytes) {
  const std::string whole = read_all(bytes, SIZE_MAX);
  for (const std::size_t portion : {1, 2, 3, 7, 64})
    EXPECT_EQ(read_all(bytes, portion), whole) << portion << " bytes at a time: " << bytes;
  return whole;
}

std::string get(std::string_view fields, std::string_view content = "") {
  return "PUT /a HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n" + std::string(content);
}

TEST(RequestReader, RequestsOneAfterTheOther) {
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: a.example:8443\r\n\r\n"), "[GET /]|");
  EXPECT_EQ(read(get("Content-Length: 3\r\n", "abc") + get("Content-Length: 0\r\n") +
                 get("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n\r\n") + get("")),
            "[PUT /a]abc|[PUT /a]|[PUT /a]abc|[PUT /a]|");
  EXPECT_EQ(read(get("Content-Length: 5\r\n", "ab")), "[PUT /a]ab…");
  EXPECT_EQ(read("GET /%20a?x HTTP/1.1\r\nHost: x\r\n\r\n"), "[GET /%20a?x]|");
  EXPECT_EQ(read("GET https://y/a HTTP/1.1\r\nHost: x\r\n\r\n"), "[GET /a]|");
  EXPECT_EQ(read("GET https://y HTTP/1.1\r\nHost: x\r\n\r\n"), "[GET /]|");
}

TEST(RequestReader, ChunksAsTheStandardHasThem) {
  const auto chunked = [](std::string_view content) {
    return read(get("Transfer-Encoding: Chunked\r\n", content));
  };
  EXPECT_EQ(chunked("A;name=value;x=\"y\"\r\n0123456789\r\n00\r\n\r\n"), "[PUT /a]0123456789|");
  EXPECT_EQ(chunked("1\r\na\r\n1\r\nb\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n"), "[PUT /a]ab|");
  EXPECT_EQ(chunked("0\r\n\r\n"), "[PUT /a]|");
  for (const char* bad :
       {"\r\n", "x\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", " 1\r\n", "1 \r\n", "1\n", ";x\r\n",
        "11111111111111111\r\n", "1\r\nab\r\n", "1\r\na\n", "1\r\na1\r\n"})
    EXPECT_EQ(chunked(bad).substr(chunked(bad).find('!')), "!400") << bad;
  EXPECT_EQ(chunked("ffffffffffffffff\r\n"), "[PUT /a]!413");
  EXPECT_EQ(chunked("1;" + std::string(kMaxChunkLineBytes, 'x') + "\r\n"), "[PUT /a]!400");
  EXPECT_EQ(chunked("0\r\n" + std::string(kMaxTrailerBytes + 1, 'x')), "[PUT /a]!400");
}

// What two readers could take for two things is taken for none (RFC 9112 section 11.2).
TEST(RequestReader, NothingCanBeSmuggled) {
  for (const char* fields : {"Content-Length: 3\r\nContent-Length: 3\r\n",
                             "Content-Length: 3\r\nContent-Length: 4\r\n",
                             "Content-Length: 3, 3\r\n",
                             "Content-Length: +3\r\n",
                             "Content-Length: -3\r\n",
                             "Content-Length: 0x3\r\n",
                             "Content-Length: 3 4\r\n",
                             "Content-Length:\r\n",
                             "Content-Length: 99999999999999999999\r\n",
                             "Content-Length : 3\r\n",
                             " Content-Length: 3\r\n",
                             "X: y\r\n Content-Length: 3\r\n",
                             "X: y\r\n\tfolded\r\n",
                             "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                             "Host: y\r\n",
                             "X\r\n",
                             ": y\r\n",
                             "X\x01: y\r\n",
                             "X: a\x01\r\n",
                             "X: a\x7f\r\n",
                             "X: a\rb\r\n",
                             "X: a\nb\r\n",
                             "X(: y\r\n",
                             "X: y\n"}) {
    EXPECT_EQ(read(get(fields, "abc")), "!400") << fields;
  }
  EXPECT_EQ(read(get(std::string("X: a\0b\r\n", 8))), "!400");
  for (const char* encoding : {"gzip", "chunked, gzip", "gzip, chunked", "chunked, chunked",
                               "identity", "xchunked", "chunked;q=1", ""})
    EXPECT_EQ(read(get("Transfer-Encoding: " + std::string(encoding) + "\r\n")), "!501")
        << encoding;
  EXPECT_EQ(read(get("Content-Encoding: gzip\r\n")), "!415");
  EXPECT_EQ(read(get("Expect: something\r\n")), "!417");
}

TEST(RequestReader, RequestLines) {
  for (const char* line : {"",
                           " ",
                           "GET",
                           "GET /",
                           "GET  / HTTP/1.1",
                           "GET / HTTP/1.1 ",
                           " GET / HTTP/1.1",
                           "GET /a b HTTP/1.1",
                           "G(T / HTTP/1.1",
                           "GET a HTTP/1.1",
                           "GET http://x/ HTTP/1.1",
                           "GET https:///a HTTP/1.1",
                           "GET https://a@b/ HTTP/1.1",
                           "OPTIONS * HTTP/1.1",
                           "CONNECT x:1 HTTP/1.1",
                           "GET /\t HTTP/1.1",
                           "GET /\xc3\xa9 HTTP/1.1",
                           "GET / http/1.1",
                           "GET / HTTP/11",
                           "AVERYLONGMETHODNAME / HTTP/1.1"}) {
    EXPECT_EQ(read(std::string(line) + "\r\nHost: x\r\n\r\n"), "!400") << line;
  }
  for (const char* line : {"GET / HTTP/1.0", "GET / HTTP/2.0", "GET / HTTP/0.9"})
    EXPECT_EQ(read(std::string(line) + "\r\nHost: x\r\n\r\n"), "!505") << line;
  EXPECT_EQ(read("GET / HTTP/1.1\r\n\r\n"), "!400") << "no host";
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), "!400");
  EXPECT_EQ(read(std::string("\x16\x03\x01\x02\x00", 5)), "!400") << "TLS within TLS";
}

TEST(RequestReader, IsBounded) {
  EXPECT_EQ(read_all("GET /" + std::string(kMaxRequestLineBytes, 'a'), SIZE_MAX), "!414");
  EXPECT_EQ(read_all("GET / HTTP/1.1\r\nX: " + std::string(kMaxHeaderBytes, 'a'), SIZE_MAX),
            "!431");
  std::string many = "GET / HTTP/1.1\r\nHost: x\r\n";
  for (std::size_t i = 0; i < kMaxFields; ++i)
    many += "X: y\r\n";
  EXPECT_EQ(read_all(many + "\r\n", SIZE_MAX), "!431");
  // Without an end in sight no more is held than that.
  RequestReader reader;
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto step = reader.next(as_bytes(std::string(1000, 'a')));
    taken += step.taken;
    if (step.event == Event::kRefused) break;
  }
  EXPECT_LE(taken, kMaxRequestLineBytes + 1);
}

TEST(RequestReader, NothingIsReadBehindARefusal) {
  EXPECT_EQ(read("nonsense\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), "!400");
}

}  // namespace
}  // namespace bulkhead::https
