#include "cli/password_input.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace bulkhead::cli {
namespace {

constexpr std::size_t kPasswordMostBytes = 1024;

class EchoOff {
 public:
  explicit EchoOff(int fd) : fd_(fd) {
    ::tcgetattr(fd_, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd_, TCSAFLUSH, &quiet);
  }
  ~EchoOff() {
    ::tcsetattr(fd_, TCSAFLUSH, &before_);
    fmt::print(stderr, "\n");
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  int fd_;
  termios before_{};
};

Result<crypto::SecretBytes> read_line(int fd) {
  crypto::SecretBytes buffer(kPasswordMostBytes + 1);
  std::size_t size = 0;
  while (true) {
    Byte byte = 0;
    const ssize_t got = ::read(fd, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail_errno("reading the password");
    if (got == 0 || byte == '\n') break;
    if (size == buffer.size()) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the password is longer than {} bytes: choose a shorter one",
                              kPasswordMostBytes));
    }
    buffer.mutable_view()[size++] = byte;
  }
  if (size > 0 && buffer.view()[size - 1] == '\r') --size;
  if (size == 0)
    return fail(ErrorCode::kInvalidArgument,
                "the password is empty: give it on standard input, one line");
  return crypto::SecretBytes(buffer.view().first(size));
}

}  // namespace

Result<crypto::SecretBytes> read_password(int fd) {
  return read_passphrase(fd, "Password", true);
}

Result<crypto::SecretBytes> read_passphrase(int fd, std::string_view prompt, bool twice) {
  if (::isatty(fd) != 1) return read_line(fd);
  const EchoOff quiet(fd);
  fmt::print(stderr, "{}: ", prompt);
  BH_TRY(crypto::SecretBytes password, read_line(fd));
  if (!twice) return password;
  fmt::print(stderr, "\nOnce more: ");
  BH_TRY(const crypto::SecretBytes again, read_line(fd));
  if (!crypto::equal_constant_time(password.view(), again.view())) {
    return fail(ErrorCode::kInvalidArgument, "the two passwords differ: try again");
  }
  return password;
}

Result<UniqueFd> passphrase_descriptor(const std::vector<const crypto::SecretBytes*>& lines) {
  UniqueFd file(::memfd_create("passphrase", MFD_CLOEXEC));
  if (!file) return fail_errno("making a place for the passphrase");
  for (const crypto::SecretBytes* line : lines) {
    BH_CHECK(write_all(file.get(), line->view(), "the passphrase"));
    BH_CHECK(write_all(file.get(), as_bytes("\n"), "the passphrase"));
  }
  return file;
}

}  // namespace bulkhead::cli
