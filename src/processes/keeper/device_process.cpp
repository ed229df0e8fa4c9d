#include "processes/keeper/device_process.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "keeper/datagrams.h"
#include "sandbox/sandbox.h"

namespace bulkhead::processes {
namespace {

using keeper::Seal;
using keeper::SealDevice;
using keeper::SealFields;

// request   what 1 | seal 1 | size of the secret 2 | secret | fields, as lines
// reply     0 | key 32 | fields, as lines        or        1 + ErrorCode | sentence
constexpr std::uint8_t kMake = 1;
constexpr std::uint8_t kOpen = 2;
constexpr std::size_t kMostBytes = 32 * 1024;
constexpr std::size_t kRequestHeaderBytes = 4;
constexpr std::size_t kReplyHeaderBytes = 1 + 32;
constexpr int kAnswerTimeoutSeconds = 50;
constexpr int kChildFd = 3;

constexpr keeper::OtherEnd kOtherEnd = {
    .gone = "the seals' process has ended: start Bulkhead again",
    .silent = "the seal's device does not answer: look at it, or use another seal",
    .makes_no_sense = "the seals' process makes no sense",
};

// Wiped when it goes: most of what comes through is a PIN or a key.
class Message {
 public:
  ~Message() { crypto::wipe(bytes_); }
  ByteView view() const { return ByteView(bytes_).first(size_); }
  void clear() { size_ = 0; }
  bool add(ByteView bytes) {
    if (bytes.size() > bytes_.size() - size_) return false;
    std::ranges::copy(bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += bytes.size();
    return true;
  }
  Status send(int socket) { return keeper::send_datagram(socket, view(), kOtherEnd); }
  Status receive(int socket) {
    BH_TRY(size_, keeper::receive_datagram(socket, bytes_, kOtherEnd));
    return {};
  }

 private:
  std::array<Byte, kMostBytes> bytes_;
  std::size_t size_ = 0;
};

bool add_fields(Message& message, const SealFields& fields) {
  return message.add(as_bytes(keeper::to_lines(fields)));
}

// --- in the child
// ---------------------------------------------------------------------------------------------------------

Result<SealDevice::Made> work(SealDevice& hardware, ByteView request) {
  const auto malformed = [] { return fail(ErrorCode::kMalformed, "the request makes no sense"); };
  if (request.size() < kRequestHeaderBytes) return malformed();
  const auto secret_size = load_be<std::uint16_t>(&request[2]);
  if (secret_size > request.size() - kRequestHeaderBytes) return malformed();
  const auto seal = static_cast<Seal>(request[1]);
  const ByteView secret = request.subspan(kRequestHeaderBytes, secret_size);
  BH_TRY(const SealFields fields,
         keeper::from_lines(as_text(request.subspan(kRequestHeaderBytes + secret_size))));
  if (request[0] == kMake) return hardware.make(seal, fields, secret);
  BH_TRY(crypto::Secret<32> key, hardware.open(seal, fields, secret));
  return SealDevice::Made{{}, std::move(key)};
}

void encode_reply(const Result<SealDevice::Made>& made, Message& reply) {
  reply.clear();
  if (made) {
    const Byte done = 0;
    if (reply.add(ByteView(&done, 1)) && reply.add(made->key.view()) &&
        add_fields(reply, made->fields))
      return;
    reply.clear();
  }
  const Error error = made ? Error(ErrorCode::kInternal, "the seal is too large") : made.error();
  const auto code = static_cast<Byte>(1 + static_cast<int>(error.code));
  reply.add(ByteView(&code, 1));
  reply.add(as_bytes(std::string_view(error.message).substr(0, 4096)));
}

// Each ask in a process of its own: what one leaves behind, or does to itself, is not the next
// one's.
[[noreturn]] void answer(SealDevice& hardware, Message& message) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  sandbox::protect_memory();  // locks are not inherited
  const auto made = work(hardware, message.view());
  encode_reply(made, message);
  ::_exit(message.send(kChildFd) ? 0 : 1);
}

bool ended_well(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

[[noreturn]] void serve(SealDevice& hardware, int socket, pid_t keeper) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != keeper) ::_exit(1);
  if (::dup2(socket, kChildFd) < 0 || ::syscall(SYS_close_range, kChildFd + 1, ~0U, 0) != 0)
    ::_exit(1);
  ::clearenv();
  ::signal(SIGCHLD, SIG_DFL);  // a module may have children of its own
  sandbox::protect_memory();
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  Message message;
  while (message.receive(kChildFd)) {
    const pid_t worker = ::fork();
    if (worker == 0) answer(hardware, message);
    if (worker > 0 && ended_well(worker)) continue;
    encode_reply(fail(ErrorCode::kInternal,
                      "the process that asks the seal's device came to an end: look at the device, "
                      "or use another seal"),
                 message);
    if (!message.send(kChildFd)) break;
  }
  ::_exit(0);
}

}  // namespace

Status confine_to_tpm(int fd) {
  sandbox::Policy policy = sandbox::tpm_policy();
  policy.keep = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, kChildFd, fd};
  BH_CHECK(sandbox::enter(policy));
  ::setenv("TSS2_LOG", "all+NONE", 1);  // our sentences say it
  return {};
}

Status DeviceProcess::start() {
  if (socket_) return {};
  if (ended_) {
    return fail(ErrorCode::kRefused,
                "chip and token are asked at a start only: use another seal, or start Bulkhead "
                "again");
  }
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno("making a socket for the seals' process");
  UniqueFd ours(ends[0]);
  const UniqueFd theirs(ends[1]);
  const timeval timeout{.tv_sec = kAnswerTimeoutSeconds, .tv_usec = 0};
  if (::setsockopt(ours.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0)
    return fail_errno("setting up the seals' process");
  ::signal(SIGCHLD, SIG_IGN);  // nobody waits for it; the sandbox has no call for that
  const pid_t self = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return fail_errno("starting the seals' process");
  if (child == 0) serve(hardware_, theirs.get(), self);
  socket_ = std::move(ours);
  return {};
}

Result<SealDevice::Made> DeviceProcess::ask(std::uint8_t what, Seal seal, const SealFields& fields,
                                            ByteView secret) {
  BH_CHECK(start());
  Message message;
  Byte header[kRequestHeaderBytes] = {what, static_cast<Byte>(seal)};
  store_be(&header[2], static_cast<std::uint16_t>(secret.size()));
  if (secret.size() > 0xffff || !message.add(header) || !message.add(secret) ||
      !add_fields(message, fields))
    return fail(ErrorCode::kInvalidArgument, "the settings of the seal are too long");
  Status answered = message.send(socket_.get());
  if (answered) answered = message.receive(socket_.get());
  if (!answered) {
    end();  // an answer that comes late must not be taken for the next one's
    return fail(answered.error());
  }
  const ByteView reply = message.view();
  if (reply.empty()) return fail(ErrorCode::kMalformed, std::string(kOtherEnd.makes_no_sense));
  if (reply[0] != 0) {
    const int code = reply[0] - 1;
    const bool known = code <= static_cast<int>(ErrorCode::kInternal);
    return fail(known ? static_cast<ErrorCode>(code) : ErrorCode::kInternal,
                to_string(reply.subspan(1)));
  }
  if (reply.size() < kReplyHeaderBytes)
    return fail(ErrorCode::kMalformed, std::string(kOtherEnd.makes_no_sense));
  SealDevice::Made made;
  std::ranges::copy(reply.subspan(1, made.key.size()), made.key.mutable_view().begin());
  BH_TRY(made.fields, keeper::from_lines(as_text(reply.subspan(kReplyHeaderBytes))));
  return made;
}

Result<SealDevice::Made> DeviceProcess::make(Seal seal, const SealFields& wishes, ByteView secret) {
  return ask(kMake, seal, wishes, secret);
}

Result<crypto::Secret<32>> DeviceProcess::open(Seal seal, const SealFields& fields,
                                               ByteView secret) {
  BH_TRY(Made made, ask(kOpen, seal, fields, secret));
  return std::move(made.key);
}

}  // namespace bulkhead::processes
