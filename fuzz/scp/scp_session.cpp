// The command line and the bytes of a hostile scp client, over a file system in memory.
//
// Beyond not crashing: cut into portions, and with a sink that is full after every answer, they
// must get the same answers as in one piece; at the end of the channel it is over; nothing is
// stored outside of what the command names (the folder /home here, as long as it names nothing
// above).
//
// The first byte says how long the portions are; then the command up to a zero byte; the rest is
// the channel.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "../../tests/sftp/memory_file_system.h"
#include "../../tests/sftp/wire.h"
#include "scp/session.h"

namespace {

using namespace bulkhead;
using sftp::test::BufferSink;
using sftp::test::MemoryFileSystem;

void require(bool truth, const char* what) {
  if (truth) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

class Run {
 public:
  Run(std::string_view command, std::size_t full_at)
      : clock_(1'790'000'000LL * kMicrosPerSecond), files_(options(clock_)) {
    files_.put("/home/f", "contents of a file");
    files_.put("/home/d/g1", std::string(70'000, 'g'));
    files_.put("/home/d/g2", "");
    files_.put("/home/d/e/line\nend", "x");
    sink_.full_at = full_at;
    session_ = scp::start(command, files_, sink_);
    settle();
  }

  void feed(ByteView bytes, std::size_t portion) {
    int idle = 0;
    while (!bytes.empty() && !session_->exit_status()) {
      const std::size_t taken = session_->on_data(bytes.first(std::min(portion, bytes.size())));
      require(taken <= bytes.size(), "no more is taken than was given");
      idle = taken == 0 ? idle + 1 : 0;
      require(idle < 3, "something is taken, sooner or later");
      bytes = bytes.subspan(taken);
      settle();
    }
    if (!session_->exit_status()) session_->on_eof();
    require(session_->exit_status().has_value(), "the end of the channel is the end");
    settle();
  }

  bool operator==(const Run& other) const {
    return heard_ == other.heard_ && session_->exit_status() == other.session_->exit_status();
  }
  bool exists(std::string_view path) const { return files_.exists(path); }

 private:
  static MemoryFileSystem::Options options(const Clock& clock) {
    return {.home = *sftp::Path::from_components({"home"}),
            .max_file_bytes = 1 << 20,
            .max_nodes = 500,
            .clock = &clock};
  }
  void settle() {
    for (;;) {
      const bool heard = !sink_.bytes.empty();
      heard_.insert(heard_.end(), sink_.bytes.begin(), sink_.bytes.end());
      sink_.bytes.clear();
      if (session_->exit_status() || (!heard && !session_->busy())) return;
      session_->resume();
    }
  }

  ManualClock clock_;
  MemoryFileSystem files_;
  BufferSink sink_;
  std::unique_ptr<scp::Session> session_;
  Bytes heard_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 64 * 1024) return 0;
  const ByteView input(data + 1, size - 1);
  const auto end = std::ranges::find(input, Byte{0});
  const std::string_view command =
      as_text(input.first(static_cast<std::size_t>(end - input.begin())));
  const ByteView channel = input.subspan(std::min(command.size() + 1, input.size()));
  Run whole(command, SIZE_MAX), portions(command, 1);
  whole.feed(channel, SIZE_MAX);
  portions.feed(channel, 1 + data[0]);
  require(whole == portions, "portions change nothing");
  if (scp::is_scp(command) && command.find("..") == command.npos &&
      command.find('/') == command.npos)
    require(!whole.exists("/evil"), "nothing is stored outside of the target");
  return 0;
}
