// A server over a memory file system, with somebody who asks it things.
#pragma once

#include <gtest/gtest.h>

#include <functional>

#include "memory_file_system.h"
#include "sftp/server.h"
#include "wire.h"

namespace bulkhead::sftp::test {

constexpr UnixMicros kNow = 1'790'000'000LL * kMicrosPerSecond;  // 2026-09-21

class Connection {
 public:
  explicit Connection(MemoryFileSystem::Options options = {})
      : clock(kNow),
        file_system(with_clock(std::move(options), clock)),
        server(file_system, sink, clock) {}

  // SSH_FXP_INIT, its answer thrown away.
  Connection& init() {
    EXPECT_TRUE(send(init_packet()));
    sink.bytes.clear();
    return *this;
  }
  Status send(ByteView bytes) {
    BH_TRY(const std::size_t taken, server.on_data(bytes));
    EXPECT_EQ(taken, bytes.size());
    return {};
  }
  // One request, its one reply.
  Reply ask(const Request& request) {
    const Status sent = send(request.packet());
    EXPECT_TRUE(sent) << sent.error().message;
    while (server.busy())
      EXPECT_TRUE(server.resume());
    auto replies = take_replies(sink.bytes);
    EXPECT_EQ(replies.size(), 1u);
    return replies.empty() ? Reply{} : std::move(replies.front());
  }
  StatusCode status(const Request& request) { return ask(request).status(); }

  // SSH_FXP_OPEN or OPENDIR that works.
  std::string open(std::string_view path, std::uint32_t pflags) {
    return ask(Request(PacketType::kOpen, next_id++).text(path).u32(pflags).u32(0)).string();
  }
  std::string open_directory(std::string_view path) {
    return ask(Request(PacketType::kOpendir, next_id++).text(path)).string();
  }
  StatusCode write(const std::string& handle, std::uint64_t offset, std::string_view data) {
    return status(Request(PacketType::kWrite, next_id++).text(handle).u64(offset).text(data));
  }
  Reply read(const std::string& handle, std::uint64_t offset, std::uint32_t size) {
    return ask(Request(PacketType::kRead, next_id++).text(handle).u64(offset).u32(size));
  }
  StatusCode close(const std::string& handle) {
    return status(Request(PacketType::kClose, next_id++).text(handle));
  }
  Reply extended(
      std::string_view name, const std::function<void(Request&)>& fields = [](Request&) {}) {
    Request request(PacketType::kExtended, next_id++);
    request.text(name);
    fields(request);
    return ask(request);
  }

  ManualClock clock;
  MemoryFileSystem file_system;
  BufferSink sink;
  Server server;
  std::uint32_t next_id = 100;

 private:
  static MemoryFileSystem::Options with_clock(MemoryFileSystem::Options options,
                                              const Clock& clock) {
    options.clock = &clock;
    return options;
  }
};

}  // namespace bulkhead::sftp::test
