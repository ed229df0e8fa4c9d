#include "drill/wire/stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "drill/wire/bytes.h"

namespace bulkhead::drill {

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::optional<std::string> read_exactly(int fd, std::size_t bytes) {
  std::string read(bytes, '\0');
  for (std::size_t have = 0; have < bytes;) {
    const ssize_t got = ::read(fd, read.data() + have, bytes - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return read;
}

bool write_frame(int fd, std::string_view contents) {
  std::string frame;
  put_string(frame, contents);
  return write_all(fd, frame);
}

std::optional<std::string> read_frame(int fd) {
  const auto length = read_exactly(fd, 4);
  if (!length) return std::nullopt;
  const std::uint32_t bytes = Reader(*length).u32();
  if (bytes > kMaxFrameBytes) return std::nullopt;
  return read_exactly(fd, bytes);
}

}  // namespace bulkhead::drill
