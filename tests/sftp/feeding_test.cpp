// However the channel cuts the bytes and whenever the sink is full: the same replies, the same
// files.
#include <gtest/gtest.h>

#include <random>

#include "connection.h"
#include "sftp/limits.h"

namespace bulkhead::sftp::test {
namespace {

using enum PacketType;

// One of everything, with the handles that the server will give: the first use of slots 0, 1, 2.
std::vector<Bytes> session_packets() {
  const std::string file("\0\1\0\0", 4), folder("\0\1\0\1", 4), again("\0\2\0\0", 4);
  std::vector<Request> requests = {
      Request(kMkdir, 1).text("/in").u32(kAttrPermissions).u32(0755),
      Request(kOpen, 2).text("/in/a").u32(kOpenRead | kOpenWrite | kOpenCreate).u32(0),
      Request(kOpendir, 3).text("/in"),
      Request(kWrite, 4).text(file).u64(0).text("the quick brown fox"),
      Request(kWrite, 5).text(file).u64(4).text("").raw("padding"),
      Request(kWrite, 6).text(file).u64(10).text("jumps over the lazy dog"),
      Request(kWrite, 7).text("none").u64(0).text("lost"),
      Request(kRead, 8).text(file).u64(3).u32(20),
      Request(kRead, 9).text(file).u64(300).u32(20),
      Request(kFstat, 10).text(file),
      Request(kReaddir, 11).text(folder),
      Request(kReaddir, 12).text(folder),
      Request(kClose, 13).text(file),
      Request(kClose, 14).text(folder),
      Request(kRename, 15).text("/in/a").text("/in/b"),
      Request(kExtended, 16).text("limits@openssh.com"),
      Request(kExtended, 17).text("no-such-extension").raw("whatever it says"),
      Request(static_cast<PacketType>(77), 18).raw("?"),
      Request(kOpen, 19).text("/in/b").u32(kOpenWrite | kOpenAppend).u32(0),
      Request(kWrite, 20).text(again).u64(0).text("."),
      Request(kClose, 21).text(again),
      Request(kStat, 22).text("/in/b"),
      Request(kRealpath, 23).text("."),
  };
  std::vector<Bytes> packets = {init_packet()};
  for (const Request& request : requests)
    packets.push_back(request.packet());
  return packets;
}

Bytes joined(const std::vector<Bytes>& packets) {
  Bytes all;
  for (const Bytes& packet : packets)
    all.insert(all.end(), packet.begin(), packet.end());
  return all;
}

struct Outcome {
  Bytes replies;
  std::string contents;
  bool operator==(const Outcome&) const = default;
};

Outcome whole_run() {
  Connection c;
  EXPECT_TRUE(c.send(joined(session_packets())));
  EXPECT_TRUE(c.server.between_packets());
  return {c.sink.bytes, c.file_system.contents("/in/b")};
}

TEST(SftpFeeding, TheWholeRunIsWhatItShouldBe) {
  Outcome outcome = whole_run();
  const auto replies = take_replies(outcome.replies);
  EXPECT_TRUE(outcome.replies.empty());
  ASSERT_EQ(replies.size(), session_packets().size());
  for (std::size_t i = 1; i < replies.size(); ++i)
    EXPECT_EQ(replies[i].id, i);
  EXPECT_EQ(replies[4].status(), StatusCode::kOk);
  EXPECT_EQ(replies[7].status(), StatusCode::kFailure);
  EXPECT_EQ(replies[8].string(), " quick jumps over th");
  EXPECT_EQ(replies[11].type, kName);
  EXPECT_EQ(outcome.contents, "the quick jumps over the lazy dog.");
}

TEST(SftpFeeding, CutAtEveryPosition) {
  const Outcome expected = whole_run();
  const Bytes all = joined(session_packets());
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    Connection c;
    ASSERT_TRUE(c.send(ByteView(all).first(cut)));
    ASSERT_TRUE(c.send(ByteView(all).subspan(cut)));
    ASSERT_EQ((Outcome{c.sink.bytes, c.file_system.contents("/in/b")}), expected)
        << "cut at byte " << cut;
  }
}

TEST(SftpFeeding, InPortionsOfEverySize) {
  const Outcome expected = whole_run();
  const Bytes all = joined(session_packets());
  for (std::size_t portion = 1; portion < 64; ++portion) {
    Connection c;
    for (std::size_t at = 0; at < all.size(); at += portion) {
      ASSERT_TRUE(c.send(ByteView(all).subspan(at, std::min(portion, all.size() - at))));
    }
    ASSERT_EQ((Outcome{c.sink.bytes, c.file_system.contents("/in/b")}), expected)
        << portion << " bytes at a time";
  }
}

TEST(SftpFeeding, IsBetweenPacketsOnlyThere) {
  Connection c;
  std::set<std::size_t> ends = {0};
  std::size_t end = 0;
  for (const Bytes& packet : session_packets())
    ends.insert(end += packet.size());
  const Bytes all = joined(session_packets());
  for (std::size_t at = 0; at < all.size(); ++at) {
    EXPECT_EQ(c.server.between_packets(), ends.contains(at)) << at;
    ASSERT_TRUE(c.send(ByteView(all).subspan(at, 1)));
  }
}

// The sink takes one reply, then is full until it is emptied.
TEST(SftpFeeding, AFullSinkStopsTheServerNotTheSession) {
  const Outcome expected = whole_run();
  const Bytes all = joined(session_packets());
  for (const std::size_t portion : {std::size_t{1}, std::size_t{7}, std::size_t{50}, all.size()}) {
    Connection c;
    c.sink.full_at = 1;
    Bytes replies;
    for (std::size_t at = 0; at < all.size();) {
      const auto taken =
          c.server.on_data(ByteView(all).subspan(at, std::min(portion, all.size() - at)));
      ASSERT_TRUE(taken);
      at += *taken;
      EXPECT_LE(take_replies(c.sink.bytes).size(), 1u);
      ASSERT_TRUE(*taken > 0 || !c.sink.bytes.empty() || at == all.size());
    }
    // (the replies were looked at above; what counts is that all of it was done)
    EXPECT_EQ(c.file_system.contents("/in/b"), expected.contents);
  }
}

TEST(SftpFeeding, AFullSinkTakesNothing) {
  Connection c;
  c.init();
  c.sink.full_at = 0;
  const Bytes packet = Request(kRealpath, 1).text("/").packet();
  EXPECT_EQ(c.server.on_data(packet), 0u);
  EXPECT_TRUE(c.sink.bytes.empty());
  c.sink.full_at = 1;
  EXPECT_EQ(c.server.on_data(packet), packet.size());
  EXPECT_FALSE(c.sink.bytes.empty());
  EXPECT_EQ(c.server.on_data(packet), 0u);
}

TEST(SftpFeeding, ARandomlyCutUploadArrives) {
  std::mt19937 random(20261124);
  for (int round = 0; round < 20; ++round) {
    Connection c;
    c.init();
    const std::string handle = c.open("/up", kOpenWrite | kOpenCreate);
    std::string expected(500'000, '\0');
    for (char& byte : expected)
      byte = static_cast<char>(random());
    std::vector<Bytes> packets;
    for (std::size_t at = 0; at < expected.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 70'000, expected.size() - at);
      packets.push_back(
          Request(kWrite, 1).text(handle).u64(at).text(expected.substr(at, size)).packet());
      at += size;
    }
    std::shuffle(packets.begin(), packets.end(), random);
    const Bytes all = joined(packets);
    for (std::size_t at = 0; at < all.size();) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 40'000, all.size() - at);
      ASSERT_TRUE(c.send(ByteView(all).subspan(at, size)));
      at += size;
    }
    EXPECT_EQ(take_replies(c.sink.bytes).size(), packets.size());
    EXPECT_TRUE(c.file_system.contents("/up") == expected);
  }
}

}  // namespace
}  // namespace bulkhead::sftp::test
