// SSH_FXP_EXTENDED: what OpenSSH's PROTOCOL, section 4, says of each.
#include "connection.h"
#include "sftp/limits.h"

namespace bulkhead::sftp::test {
namespace {

using enum PacketType;
constexpr std::uint32_t kPut = kOpenWrite | kOpenCreate | kOpenTruncate;

TEST(SftpExtensions, TellsItsLimits) {
  Connection c;
  c.init();
  const Reply limits = c.extended("limits@openssh.com");
  ASSERT_EQ(limits.type, kExtendedReply);
  EXPECT_EQ(limits.u64_at(0), 262144u);
  EXPECT_EQ(limits.u64_at(8), 261120u);
  EXPECT_EQ(limits.u64_at(16), 261120u);
  EXPECT_EQ(limits.u64_at(24), 256u);
}

TEST(SftpExtensions, TellsItsSpace) {
  Connection c;
  c.init();
  c.file_system.put("/a", "");
  const std::string handle = c.open("/a", kOpenRead);
  for (const Reply& space :
       {c.extended("statvfs@openssh.com", [](Request& r) { r.text("/a"); }),
        c.extended("fstatvfs@openssh.com", [&](Request& r) { r.text(handle); })}) {
    ASSERT_EQ(space.type, kExtendedReply);
    ASSERT_EQ(space.body.size(), 88u);
    EXPECT_EQ(space.u64_at(8) * space.u64_at(16), 1ULL << 40);
    EXPECT_EQ(space.u64_at(8) * space.u64_at(32), 1ULL << 39);
    EXPECT_EQ(space.u64_at(80), 255u);
  }
  EXPECT_EQ(c.extended("statvfs@openssh.com", [](Request& r) { r.text("/b"); }).status(),
            StatusCode::kNoSuchFile);
  EXPECT_EQ(c.extended("fstatvfs@openssh.com", [](Request& r) { r.text("b"); }).status(),
            StatusCode::kFailure);
}

TEST(SftpExtensions, ExpandsHomes) {
  Connection c({.home = *Path::from_components({"home", "anna"}), .user = "anna"});
  c.init();
  const auto expand = [&](std::string_view text) {
    return c.extended("expand-path@openssh.com", [&](Request& r) { r.text(text); });
  };
  const struct {
    std::string_view text, expanded;
  } kCases[] = {{"~", "/home/anna"},
                {"~/", "/home/anna"},
                {"~/a/../b", "/home/anna/b"},
                {"~anna", "/home/anna"},
                {"~anna/x", "/home/anna/x"},
                {"~//etc", "/home/anna/etc"},
                {"x~", "/home/anna/x~"},
                {"/~", "/~"},
                {"", "/home/anna"}};
  for (const auto& k : kCases)
    EXPECT_EQ(expand(k.text).text_at(4), k.expanded) << k.text;
  EXPECT_EQ(expand("~root").status(), StatusCode::kNoSuchFile);
  EXPECT_EQ(c.extended("home-directory", [](Request& r) { r.text(""); }).text_at(4), "/home/anna");
  EXPECT_EQ(c.extended("home-directory", [](Request& r) { r.text("anna"); }).text_at(4),
            "/home/anna");
  EXPECT_EQ(c.extended("home-directory", [](Request& r) { r.text("bert"); }).status(),
            StatusCode::kNoSuchFile);
}

TEST(SftpExtensions, NamesUsersAndGroups) {
  Connection c;
  c.init();
  const auto list = [](std::initializer_list<std::uint32_t> numbers) {
    Bytes bytes;
    for (const std::uint32_t n : numbers) {
      bytes.resize(bytes.size() + 4);
      store_be(bytes.data() + bytes.size() - 4, n);
    }
    return std::string(as_text(bytes));
  };
  const Reply names = c.extended("users-groups-by-id@openssh.com", [&](Request& r) {
    r.text(list({MemoryFileSystem::kUid, 7})).text(list({MemoryFileSystem::kGid}));
  });
  ASSERT_EQ(names.type, kExtendedReply);
  EXPECT_EQ(names.text_at(0), std::string("\0\0\0\4anna\0\0\0\0", 12));
  EXPECT_EQ(names.text_at(16), std::string("\0\0\0\4acme", 8));
  const auto bad = [&](std::string_view uids) {
    return c.extended("users-groups-by-id@openssh.com", [&](Request& r) { r.text(uids).text(""); })
        .status();
  };
  EXPECT_EQ(bad("abc"), StatusCode::kBadMessage);
  EXPECT_EQ(bad(std::string(256 * 1024, 'u')),
            StatusCode::kFailure);  // answered longer than it was asked
}

TEST(SftpExtensions, SyncsAndCopies) {
  Connection c;
  c.init();
  const std::string contents(9'000'000, 'c');
  c.file_system.put("/from", contents);
  const std::string from = c.open("/from", kOpenRead);
  const std::string to = c.open("/to", kPut);
  const auto copy = [&](const std::string& a, std::uint64_t at, std::uint64_t size,
                        const std::string& b, std::uint64_t b_at) {
    return c
        .extended("copy-data", [&](Request& r) { r.text(a).u64(at).u64(size).text(b).u64(b_at); })
        .status();
  };
  EXPECT_EQ(copy(from, 0, 0, to, 0), StatusCode::kOk);
  EXPECT_EQ(c.file_system.contents("/to"), contents);
  EXPECT_EQ(copy(from, 10, 5, to, contents.size()), StatusCode::kOk);
  EXPECT_EQ(c.file_system.contents("/to").size(), contents.size() + 5);
  EXPECT_EQ(copy(from, contents.size() - 1, 2, to, 0), StatusCode::kEof);
  EXPECT_EQ(copy(from, contents.size() + 1, 0, to, 0), StatusCode::kOk);
  EXPECT_EQ(copy(from, ~0ULL, 1, to, 0), StatusCode::kBadMessage);
  EXPECT_EQ(copy(from, 0, 5, to, kMaxFileOffset - 1), StatusCode::kBadMessage);
  EXPECT_EQ(copy(to, 0, 0, from, 0), StatusCode::kPermissionDenied);
  const std::string both = c.open("/to", kOpenRead | kOpenWrite);
  EXPECT_EQ(copy(both, 0, 0, both, 0), StatusCode::kFailure);
  EXPECT_EQ(copy(both, 0, 0, to, 0), StatusCode::kFailure);
  EXPECT_EQ(c.extended("fsync@openssh.com", [&](Request& r) { r.text(to); }).status(),
            StatusCode::kOk);
  EXPECT_EQ(c.file_system.counts().synced, 1u);
}

TEST(SftpExtensions, LsetstatChangesNoSizes) {
  Connection c;
  c.init();
  c.file_system.put("/a", "contents");
  const auto lsetstat = [&](std::uint32_t flag, std::uint64_t value) {
    return c
        .extended("lsetstat@openssh.com",
                  [&](Request& r) {
                    r.text("/a").u32(flag);
                    flag == kAttrSize ? r.u64(value) : r.u32(static_cast<std::uint32_t>(value));
                  })
        .status();
  };
  EXPECT_EQ(lsetstat(kAttrPermissions, 0600), StatusCode::kOk);
  EXPECT_EQ(lsetstat(kAttrSize, 3), StatusCode::kBadMessage);
  EXPECT_EQ(c.file_system.contents("/a"), "contents");
}

TEST(SftpExtensions, ACopyUnderWayHoldsBackWhatComesBehind) {
  Connection c;
  c.init();
  c.file_system.put("/from", std::string(10'000'000, 'c'));
  const std::string from = c.open("/from", kOpenRead);
  const std::string to = c.open("/to", kPut);
  Bytes both =
      Request(kExtended, 1).text("copy-data").text(from).u64(0).u64(0).text(to).u64(0).packet();
  const std::size_t copy_size = both.size();
  const Bytes close = Request(kClose, 2).text(to).packet();
  both.insert(both.end(), close.begin(), close.end());
  EXPECT_EQ(c.server.on_data(both), copy_size);
  int steps = 0;
  for (; c.server.busy(); ++steps) {
    EXPECT_TRUE(c.sink.bytes.empty());
    EXPECT_EQ(c.server.on_data(close), 0u);
    ASSERT_TRUE(c.server.resume());
  }
  EXPECT_GT(steps, 2);
  EXPECT_EQ(c.server.on_data(close), close.size());
  const auto replies = take_replies(c.sink.bytes);
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].id, 1u);
  EXPECT_EQ(replies[1].id, 2u);
}

}  // namespace
}  // namespace bulkhead::sftp::test
