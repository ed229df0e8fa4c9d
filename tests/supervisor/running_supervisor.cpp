#include "running_supervisor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/clock.h"

namespace bulkhead::supervisor {
namespace {

bool readable(int fd, int most_ms) {
  pollfd waiting{fd, POLLIN, 0};
  return ::poll(&waiting, 1, most_ms) > 0;
}

UniqueFd listen_at(const std::string& path) {
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::listen(socket.get(), 1), 0);
  return socket;
}

}  // namespace

RunningSupervisor::RunningSupervisor(const Setup& setup) {
  std::string pattern = testing::TempDir() + "bulkhead-supervisor-XXXXXX";
  folder_ = ::mkdtemp(pattern.data());
  for (const std::string& file : setup.files)
    std::ofstream(folder_ + "/" + file) << "x";
  listening_ = listen_at(folder_ + "/fake.socket");

  std::vector<std::string> words = {SUPERVISOR,    "--data",    folder_,      "--sftp",
                                    setup.address, "--libexec", setup.libexec};
  words.insert(words.end(), setup.options.begin(), setup.options.end());
  std::vector<char*> arguments;
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);

  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd output(ends[0]);
  UniqueFd input(ends[1]);
  const std::string log = folder_ + "/stderr";
  pid_ = ::fork();
  if (pid_ == 0) {
    const int errors = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(errors, STDERR_FILENO);
    ::dup2(input.get(), STDOUT_FILENO);
    ::execv(SUPERVISOR, arguments.data());
    ::_exit(126);
  }
  input.reset();
  char byte;
  while (readable(output.get(), 10'000) && ::read(output.get(), &byte, 1) == 1 && byte != '\n')
    ready_line_ += byte;
  if (const auto colon = ready_line_.rfind(':'); colon != std::string::npos) {
    port_ = static_cast<std::uint16_t>(std::stoi(ready_line_.substr(colon + 1)));
  }
  if (!ready_line_.empty())
    vault_.reset(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
}

RunningSupervisor::~RunningSupervisor() {
  if (!status_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (testing::Test::HasFailure()) std::fputs(stderr_text().c_str(), stderr);
  std::filesystem::remove_all(folder_);
}

pid_t RunningSupervisor::child(const std::string& name) const {
  const std::string id = std::to_string(pid_);
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  for (pid_t pid; children >> pid;) {
    std::string comm;
    std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), comm);
    if (comm == name.substr(0, 15)) return pid;
  }
  return -1;
}

void RunningSupervisor::signal(int number) {
  ::kill(pid_, number);
}

std::string RunningSupervisor::wait() {
  for (int i = 0; i < 2000 && !status_; ++i) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_)
      status_ = status;
    else
      ::usleep(10'000);
  }
  if (!status_) return "still running";
  if (WIFSIGNALED(*status_)) return "signal " + std::to_string(WTERMSIG(*status_));
  return "exit " + std::to_string(WEXITSTATUS(*status_));
}

std::string RunningSupervisor::stderr_text() const {
  std::stringstream text;
  text << std::ifstream(folder_ + "/stderr").rdbuf();
  return text.str();
}

void RunningSupervisor::tell_vault(const std::string& words) {
  ASSERT_GT(::send(vault_.get(), words.data(), words.size(), MSG_NOSIGNAL), 0);
}

bool RunningSupervisor::read_vault(int most_ms) {
  if (!readable(vault_.get(), most_ms)) return false;
  char buffer[4096];
  const ssize_t got = ::recv(vault_.get(), buffer, sizeof buffer, 0);
  if (got <= 0) return false;
  lines_.emplace_back(buffer, static_cast<std::size_t>(got));
  return true;
}

std::string RunningSupervisor::wait_for(const std::string& start, int most_ms) {
  const std::int64_t deadline = system_clock().monotonic_ms() + most_ms;
  while (true) {
    for (auto line = lines_.begin(); line != lines_.end(); ++line) {
      if (!line->starts_with(start)) continue;
      std::string found = *line;
      lines_.erase(line);
      return found;
    }
    const std::int64_t left = deadline - system_clock().monotonic_ms();
    if (left <= 0 || !read_vault(static_cast<int>(left))) return "";
  }
}

std::size_t RunningSupervisor::count(const std::string& start) {
  while (read_vault(0))
    continue;
  std::size_t found = 0;
  for (const std::string& line : lines_)
    found += line.starts_with(start) ? 1 : 0;
  return found;
}

EchoClient::EchoClient(std::uint16_t port, const char* from)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  ::inet_pton(AF_INET, from, &address.sin_addr);
  EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
            0);
}

bool EchoClient::greeted() {
  std::istringstream words(receive());
  return static_cast<bool>(words >> edge_pid_ >> channel_);
}

void EchoClient::send(const std::string& text) {
  ASSERT_EQ(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}

std::string EchoClient::receive() {
  if (!readable(socket_.get(), 10'000)) return "";
  char buffer[4096];
  const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
  return got <= 0 ? "" : std::string(buffer, static_cast<std::size_t>(got));
}

}  // namespace bulkhead::supervisor
