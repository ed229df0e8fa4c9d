// check-file: hashes of what is stored (draft-ietf-secsh-filexfer-extensions-00, section 3).
#include "connection.h"
#include "crypto/digest.h"
#include "sftp/limits.h"

namespace bulkhead::sftp::test {
namespace {

using enum PacketType;

std::string hash(crypto::HashAlgorithm algorithm, std::string_view contents) {
  return to_string(ByteView(crypto::digest(algorithm, as_bytes(contents))));
}
std::string sha256(std::string_view contents) {
  return hash(crypto::HashAlgorithm::kSha256, contents);
}

class SftpCheckFile : public testing::Test {
 protected:
  SftpCheckFile() {
    c.init();
    for (std::size_t i = 0; i < kSize; ++i)
      contents.push_back(static_cast<char>(i * i / 251));
    c.file_system.put("/home/f", contents);
  }
  Reply check(std::string_view extension, std::string_view file, std::string_view hashes,
              std::uint64_t offset, std::uint64_t size, std::uint32_t block) {
    return c.extended(
        extension, [&](Request& r) { r.text(file).text(hashes).u64(offset).u64(size).u32(block); });
  }
  // The hashes behind the one name that the reply has to begin with.
  static std::string hashes(const Reply& reply, std::string_view name) {
    EXPECT_EQ(reply.type, kExtendedReply) << reply.status_text();
    if (reply.type != kExtendedReply) return "";
    EXPECT_EQ(reply.text_at(0), name);
    return std::string(as_text(ByteView(reply.body).subspan(4 + name.size())));
  }

  static constexpr std::size_t kSize = 10'000'000;
  Connection c{{.home = *Path::from_components({"home"})}};
  std::string contents;
};

TEST_F(SftpCheckFile, HashesAWholeFileByNameAndByHandle) {
  const std::string handle = c.open("f", kOpenRead);
  EXPECT_EQ(hashes(check("check-file-name", "f", "sha256", 0, 0, 0), "sha256"), sha256(contents));
  EXPECT_EQ(hashes(check("check-file-handle", handle, "sha256", 0, 0, 0), "sha256"),
            sha256(contents));
  EXPECT_EQ(c.file_system.counts().closed, 1u);  // the one that was opened for it
  EXPECT_EQ(c.file_system.counts().abandoned, 0u);
}

TEST_F(SftpCheckFile, AnswersTheOldFormAsItsClientsReadIt) {
  const Reply reply = check("check-file", c.open("f", kOpenRead), "sha1", 0, 1000, 0);
  ASSERT_EQ(reply.type, kExtendedReply);
  EXPECT_EQ(reply.text_at(0), "check-file");
  EXPECT_EQ(reply.text_at(14), "sha1");
  EXPECT_EQ(as_text(ByteView(reply.body).subspan(14 + 8)),
            hash(crypto::HashAlgorithm::kSha1, contents.substr(0, 1000)));
}

TEST_F(SftpCheckFile, TakesTheFirstHashThatItHas) {
  using enum crypto::HashAlgorithm;
  EXPECT_EQ(hashes(check("check-file-name", "f", "md5,crc32,sha512,sha1", 5, 300, 0), "sha512"),
            hash(kSha512, contents.substr(5, 300)));
  EXPECT_EQ(hashes(check("check-file-name", "f", ",,sha384,", 5, 300, 0), "sha384"),
            hash(kSha384, contents.substr(5, 300)));
  for (const char* none : {"", ",", "md5", "SHA256", "sha256 ", "sha"})
    EXPECT_EQ(check("check-file-name", "f", none, 0, 0, 0).status(), StatusCode::kOpUnsupported)
        << none;
}

TEST_F(SftpCheckFile, HashesEachBlockOfARange) {
  for (const std::uint32_t block : {256u, 1000u, 65536u, 299'999u, 300'000u, 1u << 31}) {
    std::string expected;
    for (std::size_t at = 0; at < 300'000; at += block)
      expected += sha256(
          std::string_view(contents).substr(77 + at, std::min<std::size_t>(block, 300'000 - at)));
    EXPECT_EQ(hashes(check("check-file-name", "f", "sha256", 77, 300'000, block), "sha256"),
              expected)
        << block;
  }
}

TEST_F(SftpCheckFile, EndsWhereTheFileEnds) {
  c.file_system.put("/home/empty", "");
  EXPECT_EQ(hashes(check("check-file-name", "f", "sha256", kSize - 10, 1000, 0), "sha256"),
            sha256(std::string_view(contents).substr(kSize - 10)));
  EXPECT_EQ(hashes(check("check-file-name", "f", "sha256", kSize, 0, 0), "sha256"), sha256(""));
  EXPECT_EQ(hashes(check("check-file-name", "empty", "sha256", 0, 0, 0), "sha256"), sha256(""));
  EXPECT_EQ(hashes(check("check-file-name", "empty", "sha256", 0, 0, 256), "sha256"), "");
  EXPECT_EQ(check("check-file-name", "f", "sha256", kSize + 1, 0, 0).status(),
            StatusCode::kBadMessage);
  EXPECT_EQ(check("check-file-name", "f", "sha256", ~0ULL, ~0ULL, 0).status(),
            StatusCode::kBadMessage);
}

TEST_F(SftpCheckFile, RefusesWhatCannotBeAnsweredOrRead) {
  EXPECT_EQ(check("check-file-name", "f", "sha256", 0, 0, 255).status(), StatusCode::kBadMessage);
  EXPECT_EQ(check("check-file-name", "f", "sha256", 0, 0, 256).status(), StatusCode::kFailure);
  EXPECT_EQ(check("check-file-name", "f", "sha256", 0, kMaxFileHashesBytes / 32 * 256, 256).type,
            kExtendedReply);
  EXPECT_EQ(check("check-file-name", "none", "sha256", 0, 0, 0).status(), StatusCode::kNoSuchFile);
  EXPECT_EQ(check("check-file-name", "/home", "sha256", 0, 0, 0).status(), StatusCode::kFailure);
  EXPECT_EQ(check("check-file-handle", "f", "sha256", 0, 0, 0).status(), StatusCode::kFailure);
  const std::string unreadable = c.open("f", kOpenWrite);
  EXPECT_EQ(check("check-file-handle", unreadable, "sha256", 0, 0, 0).status(),
            StatusCode::kPermissionDenied);
}

TEST_F(SftpCheckFile, LetsTheConnectionLiveMeanwhile) {
  Bytes both = Request(kExtended, 1)
                   .text("check-file-name")
                   .text("f")
                   .text("sha256")
                   .u64(0)
                   .u64(0)
                   .u32(0)
                   .packet();
  const std::size_t check_size = both.size();
  const Bytes stat = Request(kStat, 2).text("f").packet();
  both.insert(both.end(), stat.begin(), stat.end());
  EXPECT_EQ(c.server.on_data(both), check_size);
  int steps = 0;
  for (; c.server.busy(); ++steps) {
    EXPECT_TRUE(c.sink.bytes.empty());
    ASSERT_TRUE(c.server.resume());
  }
  EXPECT_GT(steps, 2);
  EXPECT_EQ(c.server.on_data(stat), stat.size());
  const auto replies = take_replies(c.sink.bytes);
  ASSERT_EQ(replies.size(), 2u);
  EXPECT_EQ(replies[0].id, 1u);
  EXPECT_EQ(replies[1].id, 2u);
}

}  // namespace
}  // namespace bulkhead::sftp::test
