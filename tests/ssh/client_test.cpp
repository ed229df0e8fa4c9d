// Real clients against test-ssh-echo-server on 127.0.0.1: stock OpenSSH with every algorithm and
// kind of key, and paramiko. Skipped by name where a client is not installed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/fd.h"
#include "crypto/random.h"
#include "ssh/packet_protection.h"
#include "sshwire/names.h"

namespace bulkhead::ssh::testing {
namespace {
namespace fs = std::filesystem;

bool installed(const std::string& command) {
  return std::system((command + " >/dev/null 2>&1").c_str()) == 0;
}

// A program with pipes at its input and output.
class Child {
 public:
  explicit Child(const std::vector<std::string>& arguments) {
    int in[2];
    int out[2];
    EXPECT_EQ(::pipe2(in, O_CLOEXEC), 0);
    EXPECT_EQ(::pipe2(out, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      std::vector<char*> argv;
      for (const auto& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
      argv.push_back(nullptr);
      ::execvp(argv[0], argv.data());
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    input_.reset(in[1]);
    output_.reset(out[0]);
  }
  ~Child() {
    input_.reset();
    if (pid_ > 0) {
      ::kill(pid_, SIGTERM);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  std::string read_line() {
    std::string line;
    char c = 0;
    while (readable() && ::read(output_.get(), &c, 1) == 1 && c != '\n')
      line.push_back(c);
    return line;
  }

 private:
  bool readable() {
    pollfd poll_fd = {output_.get(), POLLIN, 0};
    return ::poll(&poll_fd, 1, 20'000) == 1;
  }
  pid_t pid_ = -1;
  UniqueFd input_;
  UniqueFd output_;
};

class Clients : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "bulkhead-ssh-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    ASSERT_FALSE(folder_.empty());
  }
  void TearDown() override {
    server_.reset();
    fs::remove_all(folder_);
  }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  // Makes a key with ssh-keygen; `kind` as its -t and -b want it.
  void make_key(const std::string& name, const std::string& kind) {
    ASSERT_EQ(std::system(("ssh-keygen -q -N '' -C test -f " + file(name) + " -t " + kind).c_str()),
              0);
    keys_.push_back(file(name) + ".pub");
  }
  void start_server(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        std::string(BULKHEAD_BINARY_DIR) + "/bin/test-ssh-echo-server", "--password",
        "correct horse"};
    for (const auto& key : keys_)
      arguments.insert(arguments.end(), {"--key", key});
    arguments.insert(arguments.end(), more.begin(), more.end());
    server_ = std::make_unique<Child>(arguments);
    const std::string line = server_->read_line();
    ASSERT_TRUE(line.starts_with("port ")) << line;
    port_ = line.substr(5);
  }
  std::string ending() { return server_->read_line(); }

  // Echoes `data` through `ssh -s`; true if it came back the same.
  bool ssh_echoes(const std::string& key, const std::string& options, const Bytes& data) {
    EXPECT_TRUE(replace_file(file("sent"), data));
    const std::string command =
        "ssh -F none -p " + port_ + " -i " + file(key) +
        " -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no"
        " -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR " +
        options + " -s tester@127.0.0.1 echo < " + file("sent") + " > " + file("came") + " 2> " +
        file("errors");
    const int status = std::system(("timeout 60 " + command).c_str());
    const auto came = read_file(file("came"), 64 << 20);
    if (status == 0 && came && *came == data) return true;
    const auto errors = read_file(file("errors"), 1 << 20);
    ADD_FAILURE() << "status " << status << ", " << (came ? came->size() : 0)
                  << " bytes came back: " << (errors ? as_text(*errors) : "");
    return false;
  }
  static Bytes noise(std::size_t size) {
    Bytes data(size);
    crypto::system_random().fill(data);
    return data;
  }

  fs::path folder_;
  std::vector<std::string> keys_;
  std::unique_ptr<Child> server_;
  std::string port_;
};

class OpenSsh : public Clients {
 protected:
  void SetUp() override {
    if (!installed("ssh -V") || !installed("which ssh-keygen"))
      GTEST_SKIP() << "the OpenSSH client is not installed";
    Clients::SetUp();
  }
};

TEST_F(OpenSsh, EveryKindOfUserKey) {
  make_key("ed25519", "ed25519");
  make_key("rsa", "rsa -b 3072");
  make_key("p256", "ecdsa -b 256");
  make_key("p384", "ecdsa -b 384");
  make_key("p521", "ecdsa -b 521");
  start_server();
  for (const char* key : {"ed25519", "rsa", "p256", "p384", "p521"}) {
    EXPECT_TRUE(ssh_echoes(key, "", noise(1000))) << key;
    EXPECT_NE(ending().find("client disconnected"), std::string::npos);
  }
  for (const char* algorithm : {"rsa-sha2-256", "rsa-sha2-512"}) {
    EXPECT_TRUE(
        ssh_echoes("rsa", std::string("-o PubkeyAcceptedAlgorithms=") + algorithm, noise(10)))
        << algorithm;
    ending();
  }
}

TEST_F(OpenSsh, EveryKeyExchangeCipherAndMac) {
  make_key("key", "ed25519");
  start_server();
  for (const auto& kex : sshwire::kex_names()) {
    if (!installed("ssh -Q kex | grep -qxF " + std::string(kex.name)))
      continue;  // every_algorithm_test.cpp has them all
    EXPECT_TRUE(ssh_echoes("key", "-o KexAlgorithms=" + std::string(kex.name), noise(1000)))
        << kex.name;
    ending();
  }
  for (const auto& cipher : sshwire::cipher_names()) {
    for (const auto& mac : sshwire::mac_names()) {
      const bool alone = cipher_authenticates(cipher.name);
      if (alone && mac.name != sshwire::mac_names().front().name) continue;
      const std::string options = "-c " + std::string(cipher.name) + " -m " + std::string(mac.name);
      EXPECT_TRUE(ssh_echoes("key", options, noise(300'000))) << options;
      const std::string how = ending();
      EXPECT_NE(how.find("cipher=" + std::string(cipher.name) + " "), std::string::npos) << how;
      if (alone) continue;
      EXPECT_NE(how.find("mac=" + std::string(mac.name) + ":"), std::string::npos) << how;
    }
  }
}

int exchanges_in(const std::string& line) {
  const std::size_t at = line.find("kex=");
  return at == std::string::npos ? -1 : std::atoi(line.c_str() + at + 4);
}

TEST_F(OpenSsh, RekeysWheneverTheClientWants) {
  make_key("key", "ed25519");
  start_server();
  EXPECT_TRUE(ssh_echoes("key", "-o RekeyLimit=1M", noise(16'000'000)));
  EXPECT_GE(exchanges_in(ending()), 10);
}

TEST_F(OpenSsh, RekeysWheneverTheServerWants) {
  make_key("key", "ed25519");
  start_server({"--rekey-bytes", "1000000"});
  for (const char* cipher : {"aes256-gcm@openssh.com", "aes128-ctr"}) {
    EXPECT_TRUE(ssh_echoes("key", std::string("-c ") + cipher, noise(16'000'000)));
    EXPECT_GE(exchanges_in(ending()), 4);  // more may be under way than one key was for
  }
}

TEST_F(OpenSsh, AWrongKeyIsRefused) {
  make_key("enrolled", "ed25519");
  make_key("stranger", "ed25519");
  keys_.pop_back();
  start_server();
  EXPECT_NE(
      std::system(
          ("timeout 60 ssh -F none -p " + port_ + " -i " + file("stranger") +
           " -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no"
           " -o UserKnownHostsFile=/dev/null -s tester@127.0.0.1 echo </dev/null >/dev/null 2>&1")
              .c_str()),
      0);
}

TEST_F(OpenSsh, ACommandIsRefusedAndTheConnectionLives) {
  make_key("key", "ed25519");
  start_server();
  const std::string errors = file("errors");
  EXPECT_NE(std::system(
                ("timeout 60 ssh -F none -p " + port_ + " -i " + file("key") +
                 " -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no"
                 " -o UserKnownHostsFile=/dev/null tester@127.0.0.1 id </dev/null >/dev/null 2> " +
                 errors)
                    .c_str()),
            0);
  const auto text = read_file(errors, 1 << 16);
  ASSERT_TRUE(text);
  EXPECT_NE(as_text(*text).find("exec request failed on channel 0"), std::string_view::npos)
      << as_text(*text);
  EXPECT_FALSE(ending().starts_with("ended by=0")) << "it is the client that ends it";
}

TEST_F(Clients, ParamikoWithPasswordAndKey) {
  const char* python = "/usr/bin/python3";
  if (!installed(std::string(python) + " -c 'import paramiko'"))
    GTEST_SKIP() << "paramiko is not installed";
  if (installed("which ssh-keygen")) make_key("key", "ed25519");
  start_server();
  const std::string script = R"(
import os, sys, paramiko
port, key = int(sys.argv[1]), sys.argv[2]
ways = [dict(password='correct horse', look_for_keys=False, allow_agent=False)]
if os.path.exists(key): ways.append(dict(key_filename=key, look_for_keys=False, allow_agent=False))
for way in ways:
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
    client.connect('127.0.0.1', port, 'tester', **way)
    first = client.get_transport().open_session()
    second = client.get_transport().open_session()
    for channel in (first, second): channel.invoke_subsystem('echo')
    client.get_transport().renegotiate_keys()
    for channel in (first, second):
        data = os.urandom(500000)
        came = b''
        sent = 0
        while len(came) < len(data):
            if sent < len(data): sent += channel.send(data[sent:sent + 60000])
            came += channel.recv(200000)
        assert came == data
        channel.shutdown_write()
        assert channel.recv_exit_status() == 0
    client.close()
)";
  ASSERT_TRUE(replace_file(file("script.py"), as_bytes(script)));
  EXPECT_EQ(std::system((std::string("timeout 120 ") + python + " " + file("script.py") + " " +
                         port_ + " " + file("key") + " 2>&1")
                            .c_str()),
            0);
}

}  // namespace
}  // namespace bulkhead::ssh::testing
