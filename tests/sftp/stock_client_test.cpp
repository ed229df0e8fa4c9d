// Stock clients against our server, over pipes: OpenSSH's (sftp -D) with everything people do with
// it, and lftp.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "child_process.h"

namespace bulkhead::sftp::test {
namespace {

class StockClient : public testing::Test {
 protected:
  void SetUp() override {
    client_ = first_existing({"/usr/bin/sftp", "/usr/local/bin/sftp"});
    if (client_.empty()) GTEST_SKIP() << "OpenSSH's sftp is not installed (package openssh-client)";
    folder_ = testing::TempDir() + "bulkhead-stock-client-" + std::to_string(::getpid());
    ASSERT_TRUE(std::filesystem::create_directory(folder_));
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  std::string local(std::string_view name) const { return folder_ + "/" + std::string(name); }
  std::string random_contents(std::size_t size) {
    std::string contents(size, '\0');
    for (char& byte : contents)
      byte = static_cast<char>(random_());
    return contents;
  }
  void write_local(std::string_view name, std::string_view contents) {
    std::ofstream file(local(name), std::ios::binary);
    ASSERT_TRUE(file.write(contents.data(), static_cast<std::streamsize>(contents.size())).flush());
  }
  std::string read_local(std::string_view name) const {
    const auto contents = read_file(local(name), 1u << 30);
    return contents ? to_string(*contents) : "(missing)";
  }
  // Runs the commands, one a line, until one fails; those that start with '-' may.
  std::string batch(const std::string& commands, bool expect_success = true,
                    std::vector<std::string> options = {}) {
    write_local("batch", commands);
    std::vector<std::string> arguments = {client_, "-D", BULKHEAD_BINARY_DIR "/bin/test-sftp-stdio",
                                          "-b", local("batch")};
    arguments.insert(arguments.begin() + 1, options.begin(), options.end());
    auto child = ChildProcess::start(arguments, true);
    EXPECT_TRUE(child);
    int status = -1;
    const auto output = child->finish(status);
    EXPECT_TRUE(output) << output.error().message;
    EXPECT_EQ(status == 0, expect_success) << *output;
    return output.value_or("");
  }

  std::string client_, folder_;
  std::mt19937 random_{20261124};
};

TEST_F(StockClient, PutsAndGets) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{32768},
                                 std::size_t{32769}, std::size_t{5'000'001}}) {
    const std::string contents = random_contents(size);
    write_local("up", contents);
    batch("put -f " + local("up") + " x\nget -f x " + local("down") + "\n");
    EXPECT_TRUE(read_local("down") == contents) << size;
  }
}

TEST_F(StockClient, PutsAndGetsWithEveryBufferSize) {
  const std::string contents = random_contents(1'500'000);
  write_local("up", contents);
  for (const char* size : {"1000", "32768", "65536", "261120"}) {
    batch("put " + local("up") + " x\nget x " + local("down") + "\n", true,
          {"-B", size, "-R", "16"});
    EXPECT_TRUE(read_local("down") == contents) << size;
  }
}

TEST_F(StockClient, KeepsTimesAndPermissions) {
  write_local("up", "times");
  ASSERT_EQ(::chmod(local("up").c_str(), 0640), 0);
  timespec times[2] = {{1'600'000'000, 0}, {1'600'000'001, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, local("up").c_str(), times, 0), 0);
  const std::string listing =
      batch("put -p " + local("up") + " x\nls -l x\nget -p x " + local("down") + "\n");
  EXPECT_NE(listing.find("-rw-r-----"), std::string::npos) << listing;
  EXPECT_NE(listing.find("Sep 13  2020"), std::string::npos) << listing;
  struct stat down{};
  ASSERT_EQ(::stat(local("down").c_str(), &down), 0);
  EXPECT_EQ(down.st_mtime, 1'600'000'001);
  EXPECT_EQ(down.st_mode & 07777, 0640u);
}

TEST_F(StockClient, ResumesUploadsAndDownloads) {
  const std::string contents = random_contents(3'000'000);
  write_local("half", std::string_view(contents).substr(0, 1'234'567));
  write_local("up", contents);
  write_local("down", std::string_view(contents).substr(0, 765'432));
  batch("put " + local("half") + " x\nreput " + local("up") + " x\nreget x " + local("down") +
        "\n");
  EXPECT_TRUE(read_local("down") == contents);
}

TEST_F(StockClient, WalksFolders) {
  const std::string output = batch(
      "pwd\nmkdir in\n-mkdir in\ncd in\npwd\nmkdir deeper\ncd deeper\ncd ..\npwd\nrmdir "
      "deeper\n-cd missing\n"
      "cd /\nls\nls -la home\n");
  EXPECT_NE(output.find("Remote working directory: /home/anna\n"), std::string::npos) << output;
  EXPECT_NE(output.find("Remote working directory: /home/anna/in\n"), std::string::npos) << output;
  EXPECT_NE(output.find("drwxr-xr-x"), std::string::npos) << output;
}

TEST_F(StockClient, RenamesCopiesAndRemoves) {
  write_local("up", "contents");
  const std::string output =
      batch("put " + local("up") + " a\nrename a b\n-get a " + local("none") + "\ncp b c\nget c " +
            local("down") + "\nput " + local("up") + " a\nrename a b\nls\nrm b\nrm c\nls\n" +
            "-rm missing\n-rmdir missing\n-ln b d\n-ln -s b d\ndf -h\nchmod 600 .\n");
  EXPECT_EQ(read_local("down"), "contents");
  EXPECT_FALSE(std::filesystem::exists(local("none")));
  EXPECT_NE(output.find("sftp> ls\nb"), std::string::npos) << output;
  EXPECT_NE(output.find("Server does not support hardlink@openssh.com extension"),
            std::string::npos)
      << output;
  EXPECT_NE(output.find("Operation unsupported"), std::string::npos) << output;
}

TEST_F(StockClient, TransfersTreesGlobsAndStrangeNames) {
  std::filesystem::create_directories(local("tree/deep/er"));
  const std::vector<std::string> names = {"plain",         "with blank", "\xc3\xbc\xe2\x82\xac.txt",
                                          "quo'te",        "star*",      std::string(255, 'l'),
                                          "deep/er/bottom"};
  for (const std::string& name : names)
    write_local("tree/" + name, "contents of " + name);
  for (int i = 0; i < 450; ++i)
    write_local("tree/deep/" + std::to_string(i), std::to_string(i));
  const std::string listing = batch("put -r " + local("tree") + " copy\nget -r copy " +
                                    local("back") + "\nls copy/p*\nls -1 copy/deep\n");
  for (const std::string& name : names)
    EXPECT_EQ(read_local("back/" + name), "contents of " + name);
  for (int i = 0; i < 450; ++i)
    EXPECT_EQ(read_local("back/deep/" + std::to_string(i)), std::to_string(i));
  EXPECT_NE(listing.find("copy/plain"), std::string::npos);
}

TEST_F(StockClient, TellsFailuresByTheRightWords) {
  const std::string output = batch("get missing\n", false);
  EXPECT_NE(output.find("not found"), std::string::npos) << output;
  const std::string upload = batch("put " + local("batch") + " no/such/folder/x\n", false);
  EXPECT_NE(upload.find("No such file or directory"), std::string::npos) << upload;
  const std::string removal = batch("mkdir d\nput " + local("batch") + " d/x\nrmdir d\n", false);
  EXPECT_NE(removal.find("rmdir \"/home/anna/d\": Failure"), std::string::npos) << removal;
}

// lftp keeps many requests under way and asks in its own ways: MKDIR of what exists, resuming,
// SETSTAT after CLOSE.
TEST_F(StockClient, LftpMirrorsAndResumes) {
  const std::string lftp = first_existing({"/usr/bin/lftp", "/usr/local/bin/lftp"});
  if (lftp.empty()) GTEST_SKIP() << "lftp is not installed (package lftp)";
  const std::string contents = random_contents(2'000'000);
  std::filesystem::create_directories(local("tree/deep"));
  for (int i = 0; i < 100; ++i)
    write_local("tree/deep/" + std::to_string(i), std::to_string(i));
  write_local("tree/large", contents);
  write_local("half", std::string_view(contents).substr(0, 1'000'001));
  const std::string commands =
      "set sftp:connect-program " BULKHEAD_BINARY_DIR
      "/bin/test-sftp-stdio;"
      "set cmd:fail-exit yes; set net:max-retries 1; set net:timeout 20; open -u anna,none "
      "sftp://localhost;"
      "mirror -R " +
      local("tree") + " remote; mirror remote " + local("back") +
      ";"
      "put " +
      local("half") + " -o x; put -c " + local("tree/large") + " -o x; get x -o " + local("down") +
      ";"
      "mv x remote/y; chmod 600 remote/y; cls -l remote/y; rm -r remote; ls";
  auto child = ChildProcess::start({lftp, "--norc", "-c", commands}, true);
  ASSERT_TRUE(child);
  int status = -1;
  const auto output = child->finish(status);
  ASSERT_TRUE(output) << output.error().message;
  EXPECT_EQ(status, 0) << *output;
  EXPECT_NE(output->find("-rw-------"), std::string::npos) << *output;
  EXPECT_TRUE(read_local("back/large") == contents);
  EXPECT_TRUE(read_local("down") == contents);
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(read_local("back/deep/" + std::to_string(i)), std::to_string(i));
}

}  // namespace
}  // namespace bulkhead::sftp::test
