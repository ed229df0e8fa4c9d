// Blocking reads and writes of a socket, and frames on it: four bytes of length, then so many
// bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bulkhead::drill {

constexpr std::size_t kMaxFrameBytes = 16 << 20;

// False: the other side is gone.
bool write_all(int fd, std::string_view bytes);
std::optional<std::string> read_exactly(int fd, std::size_t bytes);
bool write_frame(int fd, std::string_view contents);
std::optional<std::string> read_frame(int fd);

}  // namespace bulkhead::drill
