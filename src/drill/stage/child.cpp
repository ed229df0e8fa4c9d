#include "drill/stage/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (const std::string& text : texts)
    list.push_back(const_cast<char*>(text.c_str()));
  list.push_back(nullptr);
  return list;
}

[[noreturn]] void become(char* const* command, char* const* environment, int in, int out,
                         const char* log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int errors = ::open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (errors >= 0 && ::dup2(in, STDIN_FILENO) >= 0 && ::dup2(out, STDOUT_FILENO) >= 0 &&
      ::dup2(errors, STDERR_FILENO) >= 0) {
    environment[0] == nullptr ? ::execvp(command[0], command)
                              : ::execvpe(command[0], command, environment);
  }
  ::_exit(126);
}

}  // namespace

Child::Child(const std::vector<std::string>& command, const std::string& log,
             const std::vector<std::string>& environment) {
  int in[2];
  int out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
    throw Interrupted("no pipes to be had");
  const auto words = pointers(command);
  const auto settings = pointers(environment);
  pid_ = ::fork();
  if (pid_ == 0) become(words.data(), settings.data(), in[0], out[1], log.c_str());
  ::close(in[0]);
  ::close(out[1]);
  input_ = in[1];
  output_ = out[0];
  if (pid_ < 0) throw Interrupted(fmt::format("{} could not be started", command[0]));
}

Child::~Child() {
  close_input();
  ::close(output_);
  if (ended_ || pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  wait();
}

void Child::close_input() {
  if (input_ >= 0) ::close(input_);
  input_ = -1;
}

std::string Child::line() {
  std::string text;
  char c = 0;
  while (c != '\n') {
    const ssize_t got = ::read(output_, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.push_back(c);
  }
  return text;
}

std::string Child::rest() {
  std::string text;
  for (std::string more = line(); !more.empty(); more = line())
    text += more;
  return text;
}

void Child::stop() {
  if (!ended_ && pid_ > 0) ::kill(pid_, SIGTERM);
}

int Child::wait() {
  while (!ended_ && ::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
  }
  ended_ = true;
  return WIFSIGNALED(status_) ? 128 + WTERMSIG(status_) : WEXITSTATUS(status_);
}

std::string run_to_end(const std::vector<std::string>& command, const std::string& log, int code) {
  Child child(command, log);
  child.close_input();
  std::string said = child.rest();
  if (const int status = child.wait(); status != code) {
    std::stringstream errors;
    errors << std::ifstream(log).rdbuf();
    throw Interrupted(
        fmt::format("{} ended with {}: {}{}", fmt::join(command, " "), status, said, errors.str()));
  }
  return said;
}

}  // namespace bulkhead::drill
