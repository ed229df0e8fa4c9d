// SSH_FXP_OPEN with every combination of pflags does what open(2) does with the same flags: that is
// how OpenSSH's server treats them, and what clients were written against.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/fd.h"
#include "connection.h"

namespace bulkhead::sftp::test {
namespace {

int posix_flags(std::uint32_t pflags) {
  const auto bit = [&](std::uint32_t flag, int posix) { return (pflags & flag) != 0 ? posix : 0; };
  const bool read = (pflags & kOpenRead) != 0, write = (pflags & kOpenWrite) != 0;
  const int access = read && write ? O_RDWR : (write ? O_WRONLY : O_RDONLY);
  return access | bit(kOpenAppend, O_APPEND) | bit(kOpenCreate, O_CREAT) |
         bit(kOpenTruncate, O_TRUNC) | bit(kOpenExclusive, O_EXCL);
}

struct Effects {
  bool opened = false;
  bool readable = false;
  bool writable = false;
  bool exists = false;
  std::string contents;  // after "XY" was written at offset 1, where that could be done
  bool operator==(const Effects&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Effects& e) {
  return out << "opened " << e.opened << " readable " << e.readable << " writable " << e.writable
             << " exists " << e.exists << " contents '" << testing::PrintToString(e.contents)
             << "'";
}

Effects effects_of_posix(const std::string& path, std::uint32_t pflags) {
  Effects effects;
  if (auto fd = open_file(path, posix_flags(pflags), 0644)) {
    effects.opened = true;
    char byte = 0;
    effects.readable = ::pread(fd->get(), &byte, 1, 0) >= 0;
    effects.writable = ::lseek(fd->get(), 1, SEEK_SET) == 1 && ::write(fd->get(), "XY", 2) == 2;
  }
  if (auto contents = read_file(path, 100)) {
    effects.exists = true;
    effects.contents = to_string(*contents);
  }
  return effects;
}

Effects effects_of_server(Connection& c, const std::string& path, std::uint32_t pflags) {
  Effects effects;
  const Reply reply = c.ask(Request(PacketType::kOpen, 1).text(path).u32(pflags).u32(0));
  if (reply.type == PacketType::kHandle) {
    effects.opened = true;
    const std::string handle = reply.string();
    effects.readable = c.read(handle, 0, 1).status() != StatusCode::kPermissionDenied;
    effects.writable = c.write(handle, 1, "XY") == StatusCode::kOk;
    EXPECT_EQ(c.close(handle), StatusCode::kOk);
  }
  effects.exists = c.file_system.exists(path);
  effects.contents = c.file_system.contents(path);
  return effects;
}

TEST(SftpOpenFlags, DoWhatPosixDoes) {
  const std::string folder =
      testing::TempDir() + "bulkhead-open-flags-" + std::to_string(::getpid());
  ASSERT_TRUE(std::filesystem::create_directory(folder));
  for (std::uint32_t pflags = 0; pflags < 64; ++pflags) {
    for (const bool existing : {false, true}) {
      const std::string name = "/" + std::to_string(pflags) + (existing ? "e" : "n");
      Connection c;
      c.init();
      if (existing) {
        c.file_system.put(name, "abcdef");
        ASSERT_TRUE(replace_file(folder + name, as_bytes("abcdef"), 0644));
      }
      EXPECT_EQ(effects_of_server(c, name, pflags), effects_of_posix(folder + name, pflags))
          << "pflags " << pflags << (existing ? ", file exists" : ", no file");
    }
  }
  std::filesystem::remove_all(folder);
}

TEST(SftpOpenFlags, OnlyCreationTakesPermissions) {
  Connection c;
  c.init();
  const auto open = [&](std::uint32_t permissions) {
    const Reply reply = c.ask(Request(PacketType::kOpen, 1)
                                  .text("/a")
                                  .u32(kOpenWrite | kOpenCreate)
                                  .u32(kAttrPermissions)
                                  .u32(permissions));
    EXPECT_EQ(c.close(reply.string()), StatusCode::kOk);
    return c.ask(Request(PacketType::kStat, 1).text("/a")).u32_at(20);
  };
  EXPECT_EQ(open(0100600), 0100600u);
  EXPECT_EQ(open(0100666), 0100600u);
}

TEST(SftpOpenFlags, ReadersThatMayCreateDoNotAskToWriteWhatIsThere) {
  // A file system that refuses writing serves SSH_FXF_READ | SSH_FXF_CREAT of a file that exists.
  class ReadOnly final : public FileSystem {
   public:
    explicit ReadOnly(FileSystem& below) : below_(below) {}
    Path home() override { return {}; }
    std::string user_name() override { return "anna"; }
    Result<Attributes> stat(const Path& path) override { return below_.stat(path); }
    Status set_attributes(const Path&, const AttributeChanges&) override { return denied(); }
    Result<std::unique_ptr<File>> open(const Path& path, const OpenFlags& flags,
                                       std::optional<std::uint32_t> permissions) override {
      if (flags.write) return denied();
      return below_.open(path, flags, permissions);
    }
    Status remove(const Path&) override { return denied(); }
    Result<std::unique_ptr<Directory>> open_directory(const Path& p) override {
      return below_.open_directory(p);
    }
    Status make_directory(const Path&, std::optional<std::uint32_t>) override { return denied(); }
    Status remove_directory(const Path&) override { return denied(); }
    Status rename(const Path&, const Path&, bool) override { return denied(); }
    Result<Capacity> capacity() override { return Capacity{}; }

   private:
    static std::unexpected<Error> denied() {
      return fail(ErrorCode::kPermissionDenied, "Only reading is allowed.");
    }
    FileSystem& below_;
  };
  MemoryFileSystem files;
  files.put("/a", "abc");
  ReadOnly read_only(files);
  BufferSink sink;
  Server server(read_only, sink, system_clock());
  ASSERT_TRUE(server.on_data(init_packet()));
  take_replies(sink.bytes);
  const auto open = [&](const char* path, std::uint32_t pflags) {
    EXPECT_TRUE(
        server.on_data(Request(PacketType::kOpen, 1).text(path).u32(pflags).u32(0).packet()));
    return take_replies(sink.bytes).at(0);
  };
  EXPECT_EQ(open("/a", kOpenRead | kOpenCreate).type, PacketType::kHandle);
  EXPECT_EQ(open("/b", kOpenRead | kOpenCreate).status(), StatusCode::kPermissionDenied);
  EXPECT_EQ(open("/a", kOpenRead | kOpenTruncate).status(), StatusCode::kPermissionDenied);
  EXPECT_EQ(open("/a", kOpenRead | kOpenWrite).status_text(), "Only reading is allowed.");
}

}  // namespace
}  // namespace bulkhead::sftp::test
