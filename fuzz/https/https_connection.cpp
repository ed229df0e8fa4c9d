// The bytes of a hostile HTTPS client behind its TLS, over a file system in memory.
//
// Beyond not crashing: cut into portions they must get the same answers as in one piece; what is
// held stays bounded; nobody who did not log in gets or changes anything; each answer is one that
// was asked for: there are not more of them than requests could be in the bytes.
//
// The first byte says how long the portions are, and whether somebody has logged in before.
#include <cstdio>
#include <cstdlib>

#include "../../tests/https/harness.h"
#include "https/limits.h"

namespace {

using namespace bulkhead;
using https::test::Harness;

constexpr std::size_t kShortestRequestBytes = 26;  // "A / HTTP/1.1" and a host

void require(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

std::string run(std::string_view bytes, std::size_t portion, bool logged_in) {
  Harness h;
  h.files.put("/home/anna/f", "the contents of a file");
  h.files.put("/home/anna/d/g", std::string(300'000, 'g'));
  if (logged_in) h.log_in();
  std::string heard = h.say(bytes, portion);
  require(h.connection.output().empty(), "all that is said was heard");
  require(h.connection.ended() || h.connection.wants_input(), "it goes on, or it is over");
  if (!h.connection.logged_in()) {
    require(heard.find("the contents of a file") == std::string::npos,
            "no contents before a log-in");
    require(h.files.counts().writes == 0 && h.files.counts().closed == 0,
            "nothing changes before a log-in");
  }
  return heard;
}

std::size_t answers_in(std::string_view heard) {
  std::size_t count = 0;
  for (std::size_t at = heard.find("HTTP/1.1 "); at != std::string_view::npos;
       at = heard.find("HTTP/1.1 ", at + 1))
    ++count;
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1 || size > 64 * 1024) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  const bool logged_in = (data[0] & 0x80) != 0;
  const std::string whole = run(bytes, SIZE_MAX, logged_in);
  require(whole == run(bytes, 1 + (data[0] & 0x7f), logged_in), "portions change nothing");
  // Twice a request at most: 100 Continue and the answer.
  if (bytes.find("HTTP/1.1") == std::string_view::npos || !logged_in)
    require(answers_in(whole) <= 2 * (bytes.size() / kShortestRequestBytes + 1),
            "an answer a request");
  return 0;
}
