// Packets that break the protocol: a precise error ends the session, and nothing was done.
#include <gtest/gtest.h>

#include "connection.h"
#include "sftp/limits.h"

namespace bulkhead::sftp::test {
namespace {

using enum PacketType;

Bytes with_length(std::uint32_t length, std::string_view body) {
  Bytes packet(4);
  store_be(packet.data(), length);
  packet.insert(packet.end(), body.begin(), body.end());
  return packet;
}

struct Malformed {
  const char* what;
  bool initialised;
  Bytes bytes;
  const char* sentence;
};

std::vector<Malformed> malformed_packets() {
  const std::string handle(4, 'h');
  return {
      {"length 0", true, with_length(0, std::string(5, '\0')),
       "SFTP packet of 0 bytes: a type and an id take 5."},
      {"length 4", true, with_length(4, std::string("\x11\0\0\0", 4)),
       "SFTP packet of 4 bytes: a type and an id take 5."},
      {"one byte too long", true, with_length(kMaxPacketBytes + 1, "\x03"),
       "SFTP packet of 263169 bytes: at most 263168 are taken."},
      {"the longest", true, with_length(0xffffffff, "\x06"),
       "SFTP packet of 4294967295 bytes: at most 263168 are taken."},
      {"too long before init", false, with_length(0x53534832, "-"),
       "SFTP packet of 1397966898 bytes: at most 263168 are taken."},
      {"request before init", false, Request(kRealpath, 1).text(".").packet(),
       "SFTP packet of type 16 before SSH_FXP_INIT."},
      {"write before init", false, Request(kWrite, 1).text(handle).u64(0).text("x").packet(),
       "SSH_FXP_WRITE before SSH_FXP_INIT."},
      {"second init", true, init_packet(), "A second SSH_FXP_INIT."},
      {"version 2", false, init_packet(2),
       "The client speaks SFTP version 2 at most; 3 is needed."},
      {"write without handle", true, Request(kWrite, 1).packet(),
       "SSH_FXP_WRITE ends in the middle of its fields."},
      {"write with half a length", true, Request(kWrite, 1).raw("\1\2").packet(),
       "SSH_FXP_WRITE ends in the middle of its fields."},
      {"write without offset", true, Request(kWrite, 1).text(handle).packet(),
       "SSH_FXP_WRITE ends in the middle of its fields."},
      {"write without data", true, Request(kWrite, 1).text(handle).u64(0).packet(),
       "SSH_FXP_WRITE ends in the middle of its fields."},
      {"write with a handle beyond its packet", true,
       Request(kWrite, 1).u32(0x7fffffff).u64(0).text("x").packet(),
       "SSH_FXP_WRITE ends in the middle of its fields."},
      {"write with data beyond its packet", true,
       Request(kWrite, 1).text(handle).u64(0).u32(6).raw("12345").packet(),
       "SSH_FXP_WRITE ends in the middle of its fields."},
      {"write with the longest data", true,
       Request(kWrite, 1).text(handle).u64(0).u32(0xffffffff).raw("12345").packet(),
       "SSH_FXP_WRITE ends in the middle of its fields."},
  };
}

TEST(SftpMalformed, EndsTheSessionWithASentence) {
  for (const Malformed& m : malformed_packets()) {
    for (const std::size_t portion : {std::size_t{1}, m.bytes.size()}) {
      SCOPED_TRACE(m.what);
      Connection c;
      if (m.initialised) c.init();
      Status status;
      for (std::size_t at = 0; at < m.bytes.size() && status; at += portion) {
        status = c.send(ByteView(m.bytes).subspan(at, std::min(portion, m.bytes.size() - at)));
      }
      ASSERT_FALSE(status);
      EXPECT_EQ(status.error().message, m.sentence);
    }
  }
}

// Every request with all its fields, to be cut short at every byte.
std::vector<std::pair<const char*, Request>> complete_requests() {
  const std::string handle("\0\1\0\0", 4);  // the file that is open
  const auto extended = [](const char* name) { return Request(kExtended, 77).text(name); };
  std::string uid("\0\0\0\1", 4);
  return {
      {"SSH_FXP_OPEN", Request(kOpen, 77)
                           .text("/new")
                           .u32(kOpenWrite | kOpenCreate)
                           .u32(kAttrAcModTime)
                           .u32(1)
                           .u32(2)},
      {"SSH_FXP_OPEN", Request(kOpen, 77)
                           .text("/new")
                           .u32(kOpenWrite | kOpenCreate)
                           .u32(kAttrExtended)
                           .u32(1)
                           .text("a")
                           .text("b")},
      {"SSH_FXP_OPEN", Request(kOpen, 77)
                           .text("/new")
                           .u32(kOpenWrite | kOpenCreate)
                           .u32(kAttrExtended)
                           .u32(0xffffffff)},
      {"SSH_FXP_CLOSE", Request(kClose, 77).text(handle)},
      {"SSH_FXP_READ", Request(kRead, 77).text(handle).u64(0).u32(5)},
      {"SSH_FXP_WRITE", Request(kWrite, 77).text(handle).u64(0).text("data")},
      {"SSH_FXP_LSTAT", Request(kLstat, 77).text("/a")},
      {"SSH_FXP_FSTAT", Request(kFstat, 77).text(handle)},
      {"SSH_FXP_SETSTAT",
       Request(kSetstat, 77).text("/a").u32(0xf).u64(1).u32(2).u32(3).u32(4).u32(5).u32(6)},
      {"SSH_FXP_FSETSTAT",
       Request(kFsetstat, 77).text(handle).u32(0xf).u64(1).u32(2).u32(3).u32(4).u32(5).u32(6)},
      {"SSH_FXP_OPENDIR", Request(kOpendir, 77).text("/")},
      {"SSH_FXP_READDIR", Request(kReaddir, 77).text(handle)},
      {"SSH_FXP_REMOVE", Request(kRemove, 77).text("/a")},
      {"SSH_FXP_MKDIR", Request(kMkdir, 77).text("/new").u32(kAttrPermissions).u32(0700)},
      {"SSH_FXP_RMDIR", Request(kRmdir, 77).text("/d")},
      {"SSH_FXP_REALPATH", Request(kRealpath, 77).text(".")},
      {"SSH_FXP_STAT", Request(kStat, 77).text("/a")},
      {"SSH_FXP_RENAME", Request(kRename, 77).text("/a").text("/new")},
      {"SSH_FXP_EXTENDED", extended("posix-rename@openssh.com").text("/a").text("/new")},
      {"SSH_FXP_EXTENDED", extended("statvfs@openssh.com").text("/a")},
      {"SSH_FXP_EXTENDED", extended("fstatvfs@openssh.com").text(handle)},
      {"SSH_FXP_EXTENDED", extended("fsync@openssh.com").text(handle)},
      {"SSH_FXP_EXTENDED", extended("lsetstat@openssh.com")
                               .text("/a")
                               .u32(0xf)
                               .u64(1)
                               .u32(2)
                               .u32(3)
                               .u32(4)
                               .u32(5)
                               .u32(6)},
      {"SSH_FXP_EXTENDED", extended("expand-path@openssh.com").text("~")},
      {"SSH_FXP_EXTENDED", extended("copy-data").text(handle).u64(0).u64(0).text(handle).u64(0)},
      {"SSH_FXP_EXTENDED", extended("home-directory").text("")},
      {"SSH_FXP_EXTENDED", extended("users-groups-by-id@openssh.com").text(uid).text(uid)},
  };
}

TEST(SftpMalformed, RequestsCutShortDoNothing) {
  for (const auto& [name, request] : complete_requests()) {
    const Bytes whole = request.packet();
    for (std::size_t size = 5; size + 4 < whole.size(); ++size) {
      SCOPED_TRACE(std::string(name) + " cut to " + std::to_string(size) + " bytes");
      Connection c;
      c.init();
      c.file_system.put("/a", "unchanged");
      c.file_system.put("/d/x", "");
      const std::string handle = c.open("/a", kOpenRead | kOpenWrite);
      ASSERT_EQ(handle, std::string("\0\1\0\0", 4));
      Bytes cut(whole.begin(), whole.begin() + 4 + static_cast<std::ptrdiff_t>(size));
      store_be(cut.data(), static_cast<std::uint32_t>(size));

      const Status status = c.send(cut);
      const auto replies = take_replies(c.sink.bytes);
      // An extension's own name cut short is another name, which is answered and no more.
      const bool other_extension = status.has_value();
      if (other_extension) {
        ASSERT_STREQ(name, "SSH_FXP_EXTENDED");
      } else {
        EXPECT_EQ(status.error().code, ErrorCode::kMalformed);
        EXPECT_EQ(status.error().message, std::string(name) + " ends in the middle of its fields.");
      }
      ASSERT_EQ(replies.size(), 1u);
      EXPECT_EQ(replies[0].id, 77u);
      EXPECT_EQ(replies[0].status(),
                other_extension ? StatusCode::kOpUnsupported : StatusCode::kBadMessage);
      EXPECT_EQ(c.file_system.contents("/a"), "unchanged");
      EXPECT_EQ(c.file_system.stat(*Path::parse("/a", Path()))->permissions, 0644u);
      EXPECT_FALSE(c.file_system.exists("/new"));
      EXPECT_TRUE(c.file_system.exists("/d"));
      EXPECT_EQ(c.file_system.counts().closed + c.file_system.counts().synced, 0u);
    }
  }
}

TEST(SftpMalformed, AClaimedLengthAllocatesNothing) {
  // Many connections that claim the longest packet and send a few bytes of it: if the claim were
  // believed, this would take 2.6 GB.
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < 10'000; ++i) {
    connections.push_back(std::make_unique<Connection>());
    ASSERT_TRUE(connections.back()->send(with_length(kMaxPacketBytes, "\x03")));
    ASSERT_FALSE(connections.back()->server.between_packets());
  }
  std::FILE* statm = std::fopen("/proc/self/statm", "r");
  ASSERT_NE(statm, nullptr);
  long pages = 0, resident = 0;
  ASSERT_EQ(std::fscanf(statm, "%ld %ld", &pages, &resident), 2);
  std::fclose(statm);
#ifndef BULKHEAD_SANITIZE
  EXPECT_LT(resident * 4096, 500L << 20);
#endif
}

}  // namespace
}  // namespace bulkhead::sftp::test
