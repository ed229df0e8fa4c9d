#include "channel/message_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>

namespace bulkhead::channel {
namespace {

// Takes the descriptors out of the control data, so that whatever happens next they are closed.
std::vector<UniqueFd> collect(msghdr& header) {
  std::vector<UniqueFd> descriptors;
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(&header, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
      descriptors.emplace_back(fd);
    }
  }
  return descriptors;
}

}  // namespace

Result<std::pair<UniqueFd, UniqueFd>> MessageSocket::make_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno("making a channel");
  std::pair<UniqueFd, UniqueFd> pair(ends[0], ends[1]);
  // The kernel's default may be set lower than one message.
  const int bytes = 2 * static_cast<int>(kMaxMessageBytes);
  for (const int end : ends) {
    if (::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes) != 0) {
      return fail_errno("sizing a channel");
    }
  }
  return pair;
}

Status MessageSocket::send(ByteView message, std::span<const UniqueFd> descriptors) {
  BH_CHECK(send_with(message, descriptors, 0));
  return {};
}

Result<bool> MessageSocket::try_send(ByteView message, std::span<const UniqueFd> descriptors) {
  return send_with(message, descriptors, MSG_DONTWAIT);
}

Result<Message> MessageSocket::receive() {
  BH_TRY(std::optional<Message> message, receive_with(0));
  BH_ASSERT(message);
  return std::move(*message);
}

Result<std::optional<Message>> MessageSocket::try_receive() {
  return receive_with(MSG_DONTWAIT);
}

Result<bool> MessageSocket::send_with(ByteView message, std::span<const UniqueFd> descriptors,
                                      int flags) {
  BH_ASSERT(!message.empty() && message.size() <= kMaxMessageBytes);
  BH_ASSERT(descriptors.size() <= kMaxDescriptors);
  iovec vector{const_cast<Byte*>(message.data()), message.size()};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxDescriptors * sizeof(int))] = {};
  if (!descriptors.empty()) {
    header.msg_control = control;
    header.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    for (std::size_t i = 0; i < descriptors.size(); ++i) {
      const int fd = descriptors[i].get();
      std::memcpy(CMSG_DATA(rights) + i * sizeof(int), &fd, sizeof fd);
    }
  }
  while (true) {
    if (::sendmsg(fd_.get(), &header, flags | MSG_NOSIGNAL) >= 0) return true;
    switch (errno) {
      case EINTR:
        continue;
      case EAGAIN:
        return false;
      // Too many descriptors of ours are still on their way to somebody who does not take them
      // (unix(7)): as good as a full socket, except that waiting for writability would spin.
      case ETOOMANYREFS:
        return fail(ErrorCode::kLimitExceeded, "too many descriptors are on their way");
      case EPIPE:
      case ECONNRESET:
      case ENOTCONN:
        return fail(ErrorCode::kDisconnected, "the other end of the channel is closed");
      default:
        return fail_errno("sending on a channel");
    }
  }
}

Result<std::optional<Message>> MessageSocket::receive_with(int flags) {
  // Kept: so much memory, asked for anew each time, would be mapped and given back each time. What
  // came is wiped below.
  thread_local const auto buffer = std::make_unique_for_overwrite<Byte[]>(kMaxMessageBytes);
  iovec vector{buffer.get(), kMaxMessageBytes};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  alignas(cmsghdr) char control[CMSG_SPACE(kMaxDescriptors * sizeof(int))];
  if (descriptors_ == Descriptors::kAccept) {
    header.msg_control = control;
    header.msg_controllen = sizeof control;
  }
  ssize_t got;
  do {
    got = ::recvmsg(fd_.get(), &header, flags | MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN && (flags & MSG_DONTWAIT) != 0) return std::nullopt;
  if (got < 0 && errno == ECONNRESET) got = 0;  // closed with something of ours unread
  if (got < 0) return fail_errno("receiving on a channel");

  Message message;
  message.descriptors = collect(header);
  if ((header.msg_flags & MSG_TRUNC) != 0) {
    ::explicit_bzero(buffer.get(), kMaxMessageBytes);
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("a message of more than {} bytes", kMaxMessageBytes));
  }
  if ((header.msg_flags & MSG_CTRUNC) != 0) {
    ::explicit_bzero(buffer.get(), static_cast<std::size_t>(got));
    if (descriptors_ == Descriptors::kRefuse) {
      return fail(ErrorCode::kMalformed, "a file descriptor came from where none may come");
    }
    return fail(ErrorCode::kLimitExceeded, "more file descriptors came than fit");
  }
  // An empty datagram cannot be told from the end; nobody here sends one.
  if (got == 0) return fail(ErrorCode::kDisconnected, "the other end of the channel is closed");
  message.bytes.assign(buffer.get(), buffer.get() + got);
  ::explicit_bzero(buffer.get(), static_cast<std::size_t>(got));
  return message;
}

}  // namespace bulkhead::channel
