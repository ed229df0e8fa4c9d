#include "cli/findings.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fd.h"

namespace bulkhead::cli {
namespace {

class File {
 public:
  explicit File(ByteView contents) {
    const int fd = ::mkstemp(path_.data());
    fd_.reset(fd);
    EXPECT_TRUE(write_all(fd, contents, "a temporary file"));
  }
  ~File() { ::unlink(path_.c_str()); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  const std::string& path() const { return path_; }
  const UniqueFd& fd() const { return fd_; }

 private:
  std::string path_ = "/tmp/bulkhead-findings-XXXXXX";
  UniqueFd fd_;
};

Bytes sealed_to(const crypto::AgeIdentity& identity, ByteView plaintext) {
  Bytes file;
  auto encryptor = crypto::AgeEncryptor::start({identity.recipient()}, crypto::system_random(),
                                               [&](ByteView part) -> Status {
                                                 file.insert(file.end(), part.begin(), part.end());
                                                 return {};
                                               });
  EXPECT_TRUE(encryptor);
  EXPECT_TRUE(encryptor->write(plaintext));
  EXPECT_TRUE(encryptor->finish());
  return file;
}

class Findings : public testing::Test {
 protected:
  static std::vector<crypto::AgeIdentity> only(crypto::AgeIdentity identity) {
    std::vector<crypto::AgeIdentity> identities;
    identities.push_back(std::move(identity));
    return identities;
  }
  static ErrorCode refusal(const Bytes& contents,
                           const std::vector<crypto::AgeIdentity>& identities) {
    const File file(contents);
    const auto opened = open_findings(file.fd(), identities);
    EXPECT_FALSE(opened);
    return opened ? ErrorCode::kInternal : opened.error().code;
  }
};

TEST_F(Findings, OpenWithTheIncidentKeyAndNoOther) {
  const auto identities = only(crypto::AgeIdentity::generate(crypto::system_random()));
  exposure::FileFindings findings;
  findings.report.format = "x12-834";
  findings.report.bytes = 1234;
  const Bytes sealed = sealed_to(identities.front(), exposure::encode(findings));
  const File file(sealed);
  const auto opened = open_findings(file.fd(), identities);
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->report.format, "x12-834");
  EXPECT_EQ(opened->report.bytes, 1234U);

  const auto others = only(crypto::AgeIdentity::generate(crypto::system_random()));
  EXPECT_EQ(refusal(sealed, others), ErrorCode::kNotAuthenticated);
}

TEST_F(Findings, HostileFilesAreErrors) {
  const auto identities = only(crypto::AgeIdentity::generate(crypto::system_random()));
  EXPECT_EQ(refusal({}, identities), ErrorCode::kMalformed);
  EXPECT_EQ(refusal(to_bytes(as_bytes("not an age file at all")), identities),
            ErrorCode::kMalformed);
  EXPECT_EQ(refusal(sealed_to(identities.front(), as_bytes("not findings")), identities),
            ErrorCode::kMalformed);
  Bytes damaged = sealed_to(identities.front(), exposure::encode(exposure::FileFindings()));
  damaged.back() ^= 1;
  EXPECT_EQ(refusal(damaged, identities), ErrorCode::kCorrupt);
}

TEST(IncidentKeyFile, SaysWhatIsWrong) {
  const auto why = [](std::string_view contents) {
    const File file(as_bytes(contents));
    const auto identities = read_incident_key_file(file.path());
    EXPECT_FALSE(identities);
    return identities ? std::string() : identities.error().message;
  };
  const auto identity = crypto::AgeIdentity::generate(crypto::system_random());
  EXPECT_NE(why(identity.recipient().to_string() + "\n").find("only the public half"),
            std::string::npos);
  EXPECT_NE(why("age-encryption.org/v1\n-> scrypt\n").find("itself encrypted"), std::string::npos);
  EXPECT_NE(why("").find("is not an incident key"), std::string::npos);
  EXPECT_NE(why("-----BEGIN OPENSSH PRIVATE KEY-----\n").find("is not an incident key"),
            std::string::npos);
  const File good(as_bytes("# made for a test\n" + identity.to_string() + "\n"));
  const auto identities = read_incident_key_file(good.path());
  ASSERT_TRUE(identities) << identities.error().message;
  EXPECT_EQ(identities->front().recipient().to_string(), identity.recipient().to_string());
}

}  // namespace
}  // namespace bulkhead::cli
