// test-sftp-stdio: serves an empty file system in memory on standard input and output, so that a
// stock client can be run against the protocol code alone: sftp -D path/to/test-sftp-stdio
#include <unistd.h>

#include <cstdio>

#include "base/fd.h"
#include "memory_file_system.h"
#include "sftp/server.h"
#include "wire.h"

namespace {

using namespace bulkhead;
using namespace bulkhead::sftp;

Status flush(test::BufferSink& sink) {
  if (sink.bytes.empty()) return {};
  BH_CHECK(write_all(STDOUT_FILENO, sink.bytes, "standard output"));
  sink.bytes.clear();
  return {};
}

Status serve() {
  test::MemoryFileSystem files({.home = *Path::from_components({"home", "anna"})});
  test::BufferSink sink;
  sink.full_at = 256 * 1024;
  Server server(files, sink, system_clock());
  static Byte buffer[256 * 1024];
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (got < 0) return fail_errno("reading standard input");
    if (got == 0) return {};
    ByteView rest(buffer, static_cast<std::size_t>(got));
    while (!rest.empty()) {
      auto taken = server.on_data(rest);
      if (!taken) {
        BH_CHECK(flush(sink));
        return fail(taken.error());
      }
      rest = rest.subspan(*taken);
      while (server.busy())
        BH_CHECK(server.resume());
      BH_CHECK(flush(sink));
    }
  }
}

}  // namespace

int main() {
  const Status served = serve();
  if (served) return 0;
  std::fprintf(stderr, "test-sftp-stdio: %s\n", served.error().message.c_str());
  return 1;
}
