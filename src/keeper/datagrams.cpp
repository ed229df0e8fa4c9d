#include "keeper/datagrams.h"

#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace bulkhead::keeper {

Status send_datagram(int socket, ByteView bytes, const OtherEnd& other_end) {
  iovec vector{const_cast<Byte*>(bytes.data()), bytes.size()};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  while (::sendmsg(socket, &header, MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    if (errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN)
      return fail(ErrorCode::kDisconnected, std::string(other_end.gone));
    return fail_errno("sending on a socket of the keeper's");
  }
  return {};
}

Result<std::size_t> receive_datagram(int socket, MutableByteView into, const OtherEnd& other_end) {
  iovec vector{into.data(), into.size()};
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  ssize_t got;
  do {
    got = ::recvmsg(socket, &header, 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return fail(ErrorCode::kTimeout, std::string(other_end.silent));
  if (got == 0 || (got < 0 && errno == ECONNRESET))
    return fail(ErrorCode::kDisconnected, std::string(other_end.gone));
  if (got < 0) return fail_errno("receiving on a socket of the keeper's");
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
    return fail(ErrorCode::kMalformed, std::string(other_end.makes_no_sense));
  return static_cast<std::size_t>(got);
}

}  // namespace bulkhead::keeper
