// test-sftp-throughput: what the protocol code itself costs, over a file that takes and gives
// nothing. Packets come as an SSH channel delivers them (32 KiB of SFTP data and its header, cut
// into SSH packets of 32 KiB).
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>

#include "memory_file_system.h"
#include "sftp/limits.h"
#include "sftp/server.h"
#include "wire.h"

namespace {

using namespace bulkhead;
using namespace bulkhead::sftp;
using namespace bulkhead::sftp::test;

constexpr std::uint64_t kBytes = 8ULL << 30;
constexpr std::size_t kEntries = 1'000'000;
constexpr std::size_t kSshPacketBytes = 32 * 1024;

class NullFile final : public File {
 public:
  // One byte is looked at, so that the data is not optimised away.
  Result<std::size_t> read(std::uint64_t, MutableByteView into) override {
    into.front() = 1;
    return into.size();
  }
  Status write(std::uint64_t, ByteView bytes) override {
    seen_ += bytes.front();
    ++pieces_;
    return {};
  }
  Result<std::uint64_t> size() override { return seen_; }
  Result<Attributes> stat() override { return Attributes{}; }
  Status set_attributes(const AttributeChanges&) override { return {}; }
  Status sync() override { return {}; }
  Status close() override { return {}; }

 private:
  std::uint64_t seen_ = 0, pieces_ = 0;
};

class CountingDirectory final : public Directory {
 public:
  Status next(std::vector<DirectoryEntry>& entries, std::size_t most) override {
    for (; most > 0 && given_ < kEntries; --most) {
      entries.push_back({fmt::format("extract-{:07}.x12", given_++), Attributes{}});
    }
    return {};
  }

 private:
  std::size_t given_ = 0;
};

class NullFileSystem final : public FileSystem {
 public:
  Path home() override { return {}; }
  std::string user_name() override { return "anna"; }
  Result<Attributes> stat(const Path&) override { return Attributes{}; }
  Status set_attributes(const Path&, const AttributeChanges&) override { return {}; }
  Result<std::unique_ptr<File>> open(const Path&, const OpenFlags&,
                                     std::optional<std::uint32_t>) override {
    return std::make_unique<NullFile>();
  }
  Status remove(const Path&) override { return {}; }
  Result<std::unique_ptr<Directory>> open_directory(const Path&) override {
    return std::make_unique<CountingDirectory>();
  }
  Status make_directory(const Path&, std::optional<std::uint32_t>) override { return {}; }
  Status remove_directory(const Path&) override { return {}; }
  Status rename(const Path&, const Path&, bool) override { return {}; }
  Result<Capacity> capacity() override { return Capacity{}; }
};

// A fixed buffer that is sent, in thought, as soon as it is full.
class NullSink final : public ReplySink {
 public:
  bool may_continue() const override { return true; }
  MutableByteView reserve(std::size_t at_least) override {
    if (buffer_.size() - used_ < at_least) used_ = 0;
    return MutableByteView(buffer_).subspan(used_);
  }
  void commit(std::size_t size) override { used_ += size; }

 private:
  Bytes buffer_ = Bytes(1 << 20);
  std::size_t used_ = 0;
};

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void run(std::string_view what, std::size_t data_bytes, bool writing) {
  NullFileSystem files;
  NullSink sink;
  Server server(files, sink, system_clock());
  const std::string handle("\0\1\0\0", 4);
  Bytes stream;
  const std::size_t batch = 64;
  for (std::size_t i = 0; i < batch; ++i) {
    const Request request =
        writing
            ? Request(PacketType::kWrite, 1).text(handle).u64(0).text(std::string(data_bytes, 'x'))
            : Request(PacketType::kRead, 1)
                  .text(handle)
                  .u64(0)
                  .u32(static_cast<std::uint32_t>(data_bytes));
    const Bytes packet = request.packet();
    stream.insert(stream.end(), packet.begin(), packet.end());
  }
  if (!server.on_data(init_packet())) std::abort();
  if (!server.on_data(
          Request(PacketType::kOpen, 1).text("/x").u32(kOpenRead | kOpenWrite).u32(0).packet()))
    std::abort();

  const std::size_t rounds = kBytes / (batch * data_bytes);
  const double before = cpu_seconds();
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t at = 0; at < stream.size(); at += kSshPacketBytes) {
      if (!server.on_data(
              ByteView(stream).subspan(at, std::min(kSshPacketBytes, stream.size() - at))))
        std::abort();
    }
  }
  const double seconds = cpu_seconds() - before;
  const double bytes = static_cast<double>(rounds * batch * data_bytes);
  fmt::print("{:<24} {:>10.0f} MB per CPU second, {:>7.0f} ns per request, {:.4f} CPU s per GiB\n",
             what, bytes / 1e6 / seconds, seconds * 1e9 / static_cast<double>(rounds * batch),
             seconds / (bytes / (1 << 30)));
}

long peak_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

void list() {
  NullFileSystem files;
  BufferSink sink;
  Server server(files, sink, system_clock());
  if (!server.on_data(init_packet())) std::abort();
  if (!server.on_data(Request(PacketType::kOpendir, 1).text("/").packet())) std::abort();
  sink.bytes.clear();
  const Bytes request = Request(PacketType::kReaddir, 2).text(std::string("\0\1\0\0", 4)).packet();
  const double before = cpu_seconds();
  const long peak_before = peak_kib();
  std::size_t replies = 0, bytes = 0;
  for (;; ++replies) {
    if (!server.on_data(request)) std::abort();
    bytes += sink.bytes.size();
    const Reply reply = take_replies(sink.bytes).at(0);
    if (reply.type == PacketType::kStatus) break;
  }
  fmt::print(
      "READDIR of {} entries: {:.2f} CPU seconds, {} replies, {:.0f} MB, peak memory grew by {} "
      "KiB\n",
      kEntries, cpu_seconds() - before, replies, static_cast<double>(bytes) / 1e6,
      peak_kib() - peak_before);
}

}  // namespace

int main() {
  list();
  run("WRITE of 32 KiB", 32 * 1024, true);
  run("READ of 32 KiB", 32 * 1024, false);
  run("WRITE of 255 KiB", kMaxReadBytes, true);
  run("READ of 255 KiB", kMaxReadBytes, false);
  run("WRITE of 1 KiB", 1024, true);
  run("READ of 1 KiB", 1024, false);
}
