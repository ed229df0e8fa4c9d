#include "drill/wire/datagram.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace bulkhead::drill {
namespace {
constexpr std::size_t kMostBytes = 1 << 20;
constexpr std::size_t kMostDescriptors = 128;
}  // namespace

bool send_datagram(int fd, std::string_view bytes, int descriptor) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  return ::sendmsg(fd, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

std::optional<Datagram> receive_datagram(int fd, int most_ms) {
  pollfd waiting{fd, POLLIN, 0};
  if (::poll(&waiting, 1, most_ms) <= 0) return std::nullopt;
  Datagram datagram;
  datagram.bytes.resize(kMostBytes);
  iovec part{datagram.bytes.data(), datagram.bytes.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * kMostDescriptors)];
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t got = ::recvmsg(fd, &message, 0);
  if (got <= 0) return std::nullopt;
  datagram.bytes.resize(static_cast<std::size_t>(got));
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    const std::size_t before = datagram.descriptors.size();
    datagram.descriptors.resize(before + count);
    std::memcpy(&datagram.descriptors[before], CMSG_DATA(header), count * sizeof(int));
  }
  return datagram;
}

}  // namespace bulkhead::drill
