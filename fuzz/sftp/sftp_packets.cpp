// The bytes of a channel, as a hostile client sends them, to the SFTP server over a file system in
// memory.
//
// Beyond not crashing: cut into portions, and with a sink that is full after every reply, they must
// get the same replies as in one piece; replies must be well-formed and none may answer nothing.
//
// The first byte says how long the portions are, the second whether a session that is already set
// up is meant (its handles are then 00010000, a file, and 00010001, a folder); the rest is the
// channel.
#include <cstdio>
#include <cstdlib>

#include "../../tests/sftp/memory_file_system.h"
#include "../../tests/sftp/wire.h"
#include "sftp/limits.h"
#include "sftp/server.h"

namespace {

using namespace bulkhead;
using namespace bulkhead::sftp;
using namespace bulkhead::sftp::test;

void require(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

struct Outcome {
  Bytes replies;
  std::string error;
  bool operator==(const Outcome&) const = default;
};

class Run {
 public:
  Run()
      : clock_(1'790'000'000LL * kMicrosPerSecond),
        files_(options(clock_)),
        server_(files_, sink_, clock_) {
    files_.put("/home/a", "contents of a file");
    files_.put("/home/d/b", std::string(5000, 'b'));
  }

  void set_up() {
    feed(init_packet(), 0);
    feed(Request(PacketType::kOpen, 1).text("a").u32(kOpenRead | kOpenWrite).u32(0).packet(), 0);
    feed(Request(PacketType::kOpendir, 2).text("/home").packet(), 0);
  }

  // In portions of that many bytes; 0: all at once.
  void feed(ByteView bytes, std::size_t portion) {
    while (!bytes.empty() && outcome_.error.empty()) {
      const ByteView piece =
          bytes.first(portion == 0 ? bytes.size() : std::min(portion, bytes.size()));
      const auto taken = server_.on_data(piece);
      if (!taken) {
        outcome_.error = taken.error().message;
        require(!outcome_.error.empty(), "an error has a sentence");
      } else {
        require(*taken <= piece.size(), "no more is taken than was given");
        require(*taken > 0 || server_.busy() || !sink_.may_continue(),
                "something is taken, or there is a reason");
        bytes = bytes.subspan(*taken);
      }
      while (outcome_.error.empty() && server_.busy())
        require(server_.resume().has_value(), "copying goes on");
      outcome_.replies.insert(outcome_.replies.end(), sink_.bytes.begin(), sink_.bytes.end());
      sink_.bytes.clear();
    }
  }

  void use_small_sink() { sink_.full_at = 1; }
  const Outcome& outcome() const { return outcome_; }

 private:
  static MemoryFileSystem::Options options(const Clock& clock) {
    return {.home = *Path::from_components({"home"}),
            .max_file_bytes = 1 << 20,
            .max_nodes = 500,
            .clock = &clock};
  }

  ManualClock clock_;
  MemoryFileSystem files_;
  BufferSink sink_;
  Server server_;
  Outcome outcome_;
};

void check_replies(Bytes replies) {
  for (const Reply& reply : take_replies(replies)) {
    require(reply.body.size() + 9 <= kMaxReplyBytes, "replies are bounded");
    if (reply.type == PacketType::kStatus)
      require(reply.body.size() >= 4 + 4 + 4 + 2, "a status is whole");
  }
  require(replies.empty(), "replies are whole packets");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 64 * 1024) return 0;
  const ByteView channel(data + 2, size - 2);
  Run whole, portions;
  portions.use_small_sink();
  if (data[1] % 2 == 1) {
    whole.set_up();
    portions.set_up();
  }
  whole.feed(channel, 0);
  portions.feed(channel, 1 + data[0]);
  require(whole.outcome() == portions.outcome(), "portions change nothing");
  check_replies(whole.outcome().replies);
  return 0;
}
