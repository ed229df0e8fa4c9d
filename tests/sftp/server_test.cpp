// What each request does, and what clients rely on.
#include <gmock/gmock.h>

#include "connection.h"
#include "sftp/limits.h"

namespace bulkhead::sftp::test {
namespace {

using enum PacketType;
constexpr std::uint32_t kPut = kOpenWrite | kOpenCreate | kOpenTruncate;

TEST(SftpServer, AnswersInitWithVersion3AndItsExtensions) {
  Connection c;
  ASSERT_TRUE(c.send(init_packet(6)));
  const auto replies = take_replies(c.sink.bytes);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].type, kVersion);
  EXPECT_EQ(replies[0].id, 3u);
  std::map<std::string, std::string> extensions;
  for (std::size_t at = 0; at < replies[0].body.size();) {
    const std::string name = replies[0].text_at(at);
    at += 4 + name.size();
    extensions[name] = replies[0].text_at(at);
    at += 4 + extensions[name].size();
  }
  EXPECT_THAT(
      extensions,
      testing::UnorderedElementsAre(
          testing::Pair("posix-rename@openssh.com", "1"), testing::Pair("copy-data", "1"),
          testing::Pair("statvfs@openssh.com", "2"), testing::Pair("fstatvfs@openssh.com", "2"),
          testing::Pair("fsync@openssh.com", "1"), testing::Pair("lsetstat@openssh.com", "1"),
          testing::Pair("limits@openssh.com", "1"), testing::Pair("expand-path@openssh.com", "1"),
          testing::Pair("home-directory", "1"), testing::Pair("check-file-handle", "1"),
          testing::Pair("check-file-name", "1"),
          testing::Pair("check-file", "sha256,sha512,sha384,sha1"),
          testing::Pair("users-groups-by-id@openssh.com", "1")));
}

TEST(SftpServer, WritesAndReadsBack) {
  Connection c;
  c.init();
  const std::string handle = c.open("/new", kPut | kOpenRead);
  EXPECT_EQ(c.write(handle, 0, "hello"), StatusCode::kOk);
  EXPECT_EQ(c.write(handle, 7, "world"), StatusCode::kOk);
  EXPECT_EQ(c.write(handle, 3, ""), StatusCode::kOk);
  const Reply data = c.read(handle, 0, 100);
  EXPECT_EQ(data.type, kData);
  EXPECT_EQ(data.string(), std::string("hello\0\0world", 12));
  EXPECT_EQ(c.read(handle, 11, 1).string(), "d");
  EXPECT_EQ(c.read(handle, 12, 1).status(), StatusCode::kEof);
  EXPECT_EQ(c.read(handle, kMaxFileOffset, 1).status(), StatusCode::kEof);
  EXPECT_EQ(c.read(handle, 0, 0).string(), "");
  EXPECT_EQ(c.file_system.counts().closed, 0u);
  EXPECT_EQ(c.close(handle), StatusCode::kOk);
  EXPECT_EQ(c.file_system.counts().closed, 1u);
  EXPECT_EQ(c.close(handle), StatusCode::kFailure);
}

TEST(SftpServer, ALostConnectionClosesNothing) {
  MemoryFileSystem files;
  BufferSink sink;
  {
    Server server(files, sink, system_clock());
    ASSERT_TRUE(server.on_data(init_packet()));
    ASSERT_TRUE(server.on_data(Request(kOpen, 1).text("/a").u32(kPut).u32(0).packet()));
  }
  EXPECT_EQ(files.counts().closed, 0u);
  EXPECT_EQ(files.counts().abandoned, 1u);
}

TEST(SftpServer, ReadsAreCutToWhatIsAnnounced) {
  Connection c;
  c.init();
  c.file_system.put("/big", std::string(600'000, 'x'));
  const std::string handle = c.open("/big", kOpenRead);
  EXPECT_EQ(c.read(handle, 0, 0xffffffff).string().size(), kMaxReadBytes);
  EXPECT_EQ(c.read(handle, 0, kMaxReadBytes - 1).string().size(), kMaxReadBytes - 1);
}

TEST(SftpServer, HandlesAreGoodForWhatTheyWereOpenedFor) {
  Connection c;
  c.init();
  c.file_system.put("/a", "abc");
  const std::string reading = c.open("/a", kOpenRead);
  const std::string writing = c.open("/a", kOpenWrite);
  const std::string folder = c.open_directory("/");
  EXPECT_EQ(c.write(reading, 0, "x"), StatusCode::kPermissionDenied);
  EXPECT_EQ(c.read(writing, 0, 1).status(), StatusCode::kPermissionDenied);
  EXPECT_EQ(c.write(folder, 0, "x"), StatusCode::kFailure);
  EXPECT_EQ(c.read(folder, 0, 1).status(), StatusCode::kFailure);
  EXPECT_EQ(c.status(Request(kReaddir, 1).text(reading)), StatusCode::kFailure);
  EXPECT_EQ(c.status(Request(kFstat, 1).text(folder)), StatusCode::kFailure);
  const auto truncate = [](const std::string& handle) {
    return Request(kFsetstat, 1).text(handle).u32(kAttrSize).u64(1);
  };
  EXPECT_EQ(c.status(truncate(reading)), StatusCode::kPermissionDenied);
  EXPECT_EQ(c.status(truncate(writing)), StatusCode::kOk);
  EXPECT_EQ(c.file_system.contents("/a"), "a");
  EXPECT_EQ(c.close(folder), StatusCode::kOk);
  EXPECT_EQ(c.close(folder), StatusCode::kFailure);
}

TEST(SftpServer, InventedHandlesAreRefused) {
  Connection c;
  c.init();
  c.file_system.put("/a", "abc");
  const std::string old = c.open("/a", kOpenRead);
  ASSERT_EQ(c.close(old), StatusCode::kOk);
  const std::string current = c.open("/a", kOpenRead);
  EXPECT_NE(old, current);  // same slot, but no second life for the old handle
  for (const std::string& handle :
       {old, std::string(), std::string("x"), std::string(4, '\0'), std::string(4, '\xff'),
        current + "x", current.substr(0, 3), std::string(300, 'h')}) {
    EXPECT_EQ(c.read(handle, 0, 1).status(), StatusCode::kFailure);
    EXPECT_EQ(c.write(handle, 0, "x"), StatusCode::kFailure);
    EXPECT_EQ(c.close(handle), StatusCode::kFailure);
  }
  EXPECT_EQ(c.read(current, 0, 1).string(), "a");
}

// russh-sftp keeps handles as UTF-8 text.
TEST(SftpServer, HandlesAreAsciiHoweverManyWereOpened) {
  Connection c;
  c.init();
  std::string before;
  for (int i = 0; i < 20'000; ++i) {
    const std::string handle = c.open("/a", kPut);
    ASSERT_TRUE(std::ranges::all_of(handle, [](char byte) { return (byte & 0x80) == 0; })) << i;
    ASSERT_EQ(c.close(handle), StatusCode::kOk) << i;
    ASSERT_NE(handle, before);
    ASSERT_EQ(c.close(handle), StatusCode::kFailure) << i;
    before = handle;
  }
  const std::string handle = c.open("/a", kPut);
  for (std::size_t i = 0; i < handle.size(); ++i) {
    std::string other = handle;
    other[i] = static_cast<char>(other[i] | 0x80);
    EXPECT_EQ(c.close(other), StatusCode::kFailure) << i;
  }
}

TEST(SftpServer, OpenFilesAndFoldersAreBounded) {
  Connection c;
  c.init();
  c.file_system.put("/a", "abc");
  std::vector<std::string> handles;
  for (std::size_t i = 0; i < kMaxOpenFiles; ++i)
    handles.push_back(c.open("/a", kOpenRead));
  EXPECT_EQ(c.status(Request(kOpen, 1).text("/new").u32(kPut).u32(0)), StatusCode::kFailure);
  EXPECT_FALSE(c.file_system.exists("/new"));
  for (std::size_t i = 0; i < kMaxOpenDirectories; ++i)
    handles.push_back(c.open_directory("/"));
  EXPECT_EQ(c.status(Request(kOpendir, 1).text("/")), StatusCode::kFailure);
  EXPECT_EQ(std::set<std::string>(handles.begin(), handles.end()).size(), handles.size());
  for (const std::string& handle : handles)
    EXPECT_EQ(c.close(handle), StatusCode::kOk);
  EXPECT_EQ(c.close(c.open("/new", kPut)), StatusCode::kOk);
}

TEST(SftpServer, AppendsWhereverTheClientPoints) {
  Connection c;
  c.init();
  c.file_system.put("/log", "one");
  const std::string handle = c.open("/log", kOpenWrite | kOpenAppend);
  EXPECT_EQ(c.write(handle, 0, "two"), StatusCode::kOk);
  EXPECT_EQ(c.write(handle, 0, "three"), StatusCode::kOk);
  EXPECT_EQ(c.file_system.contents("/log"), "onetwothree");
}

TEST(SftpServer, StatsFilesFoldersAndWhatIsMissing) {
  Connection c({.home = *Path::from_components({"home"})});
  c.init();
  c.file_system.put("/home/file", "abcdef");
  for (const PacketType type : {kStat, kLstat}) {
    const Reply file = c.ask(Request(type, 1).text("file"));
    ASSERT_EQ(file.type, kAttrs);
    EXPECT_EQ(file.u32_at(0), 0xfu);
    EXPECT_EQ(file.u64_at(4), 6u);
    EXPECT_EQ(file.u32_at(12), MemoryFileSystem::kUid);
    EXPECT_EQ(file.u32_at(16), MemoryFileSystem::kGid);
    EXPECT_EQ(file.u32_at(20), 0100644u);
    EXPECT_EQ(file.u32_at(28), kNow / kMicrosPerSecond);
    EXPECT_EQ(file.body.size(), 32u);
    for (const char* folder : {".", "", "/", "/home", "/home/", "..", "/home/../home/."}) {
      EXPECT_EQ(c.ask(Request(type, 1).text(folder)).u32_at(20), 0040755u) << folder;
    }
    EXPECT_EQ(c.status(Request(type, 1).text("missing")), StatusCode::kNoSuchFile);
    EXPECT_EQ(c.status(Request(type, 1).text("file/below")), StatusCode::kNoSuchFile);
    EXPECT_EQ(c.status(Request(type, 1).text(std::string_view("a\0b", 3))),
              StatusCode::kBadMessage);
  }
}

TEST(SftpServer, SetsAttributesBeforeAndAfterClose) {
  Connection c;
  c.init();
  const std::string handle = c.open("/a", kPut);
  ASSERT_EQ(c.write(handle, 0, "abcdef"), StatusCode::kOk);
  EXPECT_EQ(c.status(Request(kFsetstat, 1)
                         .text(handle)
                         .u32(kAttrPermissions | kAttrAcModTime)
                         .u32(0100640)
                         .u32(11)
                         .u32(12)),
            StatusCode::kOk);
  EXPECT_EQ(c.close(handle), StatusCode::kOk);
  Reply attributes = c.ask(Request(kStat, 1).text("/a"));
  EXPECT_EQ(attributes.u32_at(20), 0100640u);
  EXPECT_EQ(attributes.u32_at(24), 11u);
  EXPECT_EQ(attributes.u32_at(28), 12u);
  EXPECT_EQ(
      c.status(
          Request(kSetstat, 1).text("/a").u32(kAttrAcModTime | kAttrSize).u64(3).u32(21).u32(22)),
      StatusCode::kOk);
  EXPECT_EQ(c.file_system.contents("/a"), "abc");
  EXPECT_EQ(c.ask(Request(kStat, 1).text("/a")).u32_at(28), 22u);
  EXPECT_EQ(c.extended("lsetstat@openssh.com",
                       [](Request& r) { r.text("/a").u32(kAttrPermissions).u32(0600); })
                .status(),
            StatusCode::kOk);
  EXPECT_EQ(c.ask(Request(kStat, 1).text("/a")).u32_at(20), 0100600u);

  EXPECT_EQ(c.status(Request(kSetstat, 1).text("/a").u32(kAttrUidGid).u32(0).u32(0)),
            StatusCode::kPermissionDenied);
  EXPECT_EQ(c.status(Request(kSetstat, 1).text("/missing").u32(kAttrPermissions).u32(0)),
            StatusCode::kNoSuchFile);
  EXPECT_EQ(c.status(Request(kSetstat, 1).text("/missing").u32(0)), StatusCode::kNoSuchFile);
  EXPECT_EQ(c.status(Request(kSetstat, 1).text("/a").u32(0)), StatusCode::kOk);
  EXPECT_EQ(c.status(Request(kSetstat, 1).text("/a").u32(kAttrSize).u64(kMaxFileOffset + 1)),
            StatusCode::kBadMessage);
  EXPECT_EQ(c.status(Request(kSetstat, 1)
                         .text("/a")
                         .u32(kAttrExtended | kAttrPermissions)
                         .u32(0644)
                         .u32(2)
                         .text("a@b")
                         .text("1")
                         .text("c@d")
                         .text("")),
            StatusCode::kOk);
}

TEST(SftpServer, FoldersAndRemoval) {
  Connection c;
  c.init();
  EXPECT_EQ(c.status(Request(kMkdir, 1).text("/in").u32(kAttrPermissions).u32(0700)),
            StatusCode::kOk);
  EXPECT_EQ(c.ask(Request(kStat, 1).text("/in")).u32_at(20), 0040700u);
  EXPECT_EQ(c.status(Request(kMkdir, 1).text("/in/").u32(0)), StatusCode::kFailure);
  EXPECT_EQ(c.status(Request(kMkdir, 1).text("/").u32(0)), StatusCode::kFailure);
  EXPECT_EQ(c.status(Request(kMkdir, 1).text("/no/such").u32(0)), StatusCode::kNoSuchFile);
  EXPECT_EQ(c.status(Request(kRemove, 1).text("/in")), StatusCode::kFailure);
  c.file_system.put("/in/a", "abc");
  EXPECT_EQ(c.status(Request(kRmdir, 1).text("/in")), StatusCode::kFailure);
  EXPECT_EQ(c.status(Request(kRmdir, 1).text("/in/a")), StatusCode::kNoSuchFile);
  EXPECT_EQ(c.status(Request(kRemove, 1).text("/in/a")), StatusCode::kOk);
  EXPECT_EQ(c.status(Request(kRemove, 1).text("/in/a")), StatusCode::kNoSuchFile);
  EXPECT_EQ(c.status(Request(kRmdir, 1).text("/in")), StatusCode::kOk);
  EXPECT_EQ(c.status(Request(kOpendir, 1).text("/in")), StatusCode::kNoSuchFile);
}

TEST(SftpServer, RenamesWithAndWithoutReplacing) {
  Connection c;
  c.init();
  c.file_system.put("/a.filepart", "new");
  c.file_system.put("/a", "old");
  EXPECT_EQ(c.status(Request(kRename, 1).text("/a.filepart").text("/a")), StatusCode::kFailure);
  EXPECT_EQ(c.file_system.contents("/a"), "old");
  EXPECT_EQ(c.status(Request(kRename, 1).text("/a").text("/a")), StatusCode::kFailure);
  const auto posix_rename = [&](const char* from, const char* to) {
    return c.extended("posix-rename@openssh.com", [&](Request& r) { r.text(from).text(to); })
        .status();
  };
  EXPECT_EQ(posix_rename("/a.filepart", "/a"), StatusCode::kOk);
  EXPECT_EQ(c.file_system.contents("/a"), "new");
  EXPECT_EQ(posix_rename("/a", "/a"), StatusCode::kOk);
  EXPECT_EQ(posix_rename("/missing", "/a"), StatusCode::kNoSuchFile);
  EXPECT_EQ(c.status(Request(kRename, 1).text("/a").text("/b")), StatusCode::kOk);
  EXPECT_FALSE(c.file_system.exists("/a"));
  c.file_system.put("/d/x", "");
  EXPECT_EQ(posix_rename("/d", "/d/e"), StatusCode::kBadMessage);
  EXPECT_EQ(posix_rename("/b", "/d"), StatusCode::kFailure);
}

TEST(SftpServer, RealpathAnswersForAnythingLexically) {
  Connection c({.home = *Path::from_components({"home", "anna"})});
  c.init();
  const auto realpath = [&](std::string_view text) {
    const Reply reply = c.ask(Request(kRealpath, 1).text(text));
    EXPECT_EQ(reply.type, kName);
    EXPECT_EQ(reply.u32_at(0), 1u);
    return reply.text_at(4);
  };
  EXPECT_EQ(realpath("."), "/home/anna");
  EXPECT_EQ(realpath(""), "/home/anna");
  EXPECT_EQ(realpath("/home/anna/no/such/file"), "/home/anna/no/such/file");
  EXPECT_EQ(realpath("x/../.."), "/home");
  EXPECT_EQ(realpath("/in/"), "/in");
}

TEST(SftpServer, LinksAreRefusedInWords) {
  Connection c;
  c.init();
  for (const Reply& reply :
       {c.ask(Request(kReadlink, 1).text("/a")), c.ask(Request(kSymlink, 1).text("/a").text("/b")),
        c.extended("hardlink@openssh.com", [](Request& r) { r.text("/a").text("/b"); })}) {
    EXPECT_EQ(reply.status(), StatusCode::kOpUnsupported);
    EXPECT_EQ(reply.status_text(), "This server has no links.");
  }
}

TEST(SftpServer, ListsInBatchesThatEveryClientTakes) {
  Connection c;
  c.init();
  std::set<std::string> expected;
  for (int i = 0; i < 1000; ++i) {
    std::string name = std::to_string(i) + std::string(static_cast<std::size_t>(i) % 250, 'n');
    c.file_system.put("/many/" + name, "x");
    expected.insert(std::move(name));
  }
  const std::string handle = c.open_directory("/many");
  std::set<std::string> seen;
  for (;;) {
    const Reply reply = c.ask(Request(kReaddir, 1).text(handle));
    if (reply.status() == StatusCode::kEof) break;
    ASSERT_EQ(reply.type, kName);
    EXPECT_LE(reply.body.size() + 9, 34000u);
    std::size_t at = 4;
    for (std::uint32_t i = 0; i < reply.u32_at(0); ++i) {
      const std::string name = reply.text_at(at);
      at += 4 + name.size();
      const std::string line = reply.text_at(at);
      EXPECT_TRUE(line.ends_with(" " + name));
      at += 4 + line.size() + 32;
      EXPECT_TRUE(seen.insert(name).second);
    }
    EXPECT_EQ(at, reply.body.size());
  }
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(c.status(Request(kReaddir, 1).text(handle)), StatusCode::kEof);
}

TEST(SftpServer, NamesOfEveryLengthAndByteAreListedAsTheyAre) {
  Connection c;
  c.init();
  const std::set<std::string> names = {
      std::string(255, '\xff'), "\n", " ", "a\tb", "\xc3\xbc", "-rw", "..."};
  for (const std::string& name : names)
    c.file_system.put("/" + name, "");
  const Reply reply = c.ask(Request(kReaddir, 1).text(c.open_directory("/")));
  std::set<std::string> seen;
  std::size_t at = 4;
  for (std::uint32_t i = 0; i < reply.u32_at(0); ++i) {
    seen.insert(reply.text_at(at));
    at += 4 + reply.u32_at(at);
    at += 4 + reply.u32_at(at) + 32;
  }
  EXPECT_EQ(seen, names);
}

TEST(SftpServer, EmptyFoldersEndAtOnce) {
  Connection c;
  c.init();
  EXPECT_EQ(c.status(Request(kReaddir, 1).text(c.open_directory("/"))), StatusCode::kEof);
}

TEST(SftpServer, UnknownRequestsAreUnsupportedNotFatal) {
  Connection c;
  c.init();
  for (const int type : {0, 2, 21, 99, 101, 105, 199, 201, 255}) {
    EXPECT_EQ(c.status(Request(static_cast<PacketType>(type), 1).text("x")),
              StatusCode::kOpUnsupported)
        << type;
  }
  EXPECT_EQ(c.extended("text-seek").status(), StatusCode::kOpUnsupported);
  EXPECT_EQ(c.extended("").status(), StatusCode::kOpUnsupported);
}

TEST(SftpServer, AFullDiskFailsTheOneWriteOnce) {
  Connection c({.max_file_bytes = 1000});
  c.init();
  const std::string handle = c.open("/a", kPut);
  const Bytes packet = Request(kWrite, 9).text(handle).u64(0).text(std::string(3000, 'x')).packet();
  for (std::size_t at = 0; at < packet.size(); at += 100) {
    ASSERT_TRUE(
        c.send(ByteView(packet).subspan(at, std::min<std::size_t>(100, packet.size() - at))));
  }
  const auto replies = take_replies(c.sink.bytes);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0].status(), StatusCode::kFailure);
  EXPECT_EQ(replies[0].status_text(), "The file would be too large.");
  // Nothing behind the first error reached the file.
  EXPECT_LE(c.file_system.counts().writes, 11u);
  EXPECT_EQ(c.write(handle, 0, "still usable"), StatusCode::kOk);
}

TEST(SftpServer, WritesBeyondTheLargestFileAreRefused) {
  Connection c;
  c.init();
  const std::string handle = c.open("/a", kPut);
  for (const std::uint64_t offset : {std::uint64_t{~0ULL}, kMaxFileOffset, kMaxFileOffset + 1}) {
    EXPECT_EQ(c.write(handle, offset, "xy"), StatusCode::kBadMessage) << offset;
  }
  EXPECT_EQ(c.file_system.counts().writes, 0u);
}

TEST(SftpServer, WritesOf256KiBAreTaken) {
  Connection c;
  c.init();
  const std::string handle = c.open("/a", kPut);
  EXPECT_EQ(c.write(handle, 0, std::string(256 * 1024, 'w')), StatusCode::kOk);
  EXPECT_EQ(c.file_system.contents("/a").size(), 256u * 1024);
}

TEST(SftpServer, TheDataOfAWriteIsNotCollected) {
  Connection c;
  c.init();
  const std::string handle = c.open("/a", kPut);
  const Bytes packet =
      Request(kWrite, 9).text(handle).u64(0).text(std::string(200'000, 'x')).packet();
  ASSERT_TRUE(c.send(ByteView(packet).first(100'000)));
  EXPECT_GT(c.file_system.contents("/a").size(),
            99'000u);  // it is there before its packet is whole
  EXPECT_TRUE(c.sink.bytes.empty());
  ASSERT_TRUE(c.send(ByteView(packet).subspan(100'000)));
  EXPECT_EQ(take_replies(c.sink.bytes).size(), 1u);
}

TEST(SftpServer, BytesBehindTheFieldsAreIgnored) {
  Connection c;
  c.init();
  c.file_system.put("/a", "abc");
  EXPECT_EQ(c.ask(Request(kStat, 1).text("/a").raw("more")).type, kAttrs);
  const std::string handle = c.open("/a", kOpenWrite);
  EXPECT_EQ(c.status(Request(kWrite, 2).text(handle).u64(0).text("XY").raw("ZZZZ")),
            StatusCode::kOk);
  EXPECT_EQ(c.file_system.contents("/a"), "XYc");
  EXPECT_EQ(c.close(handle), StatusCode::kOk);
}

}  // namespace
}  // namespace bulkhead::sftp::test
