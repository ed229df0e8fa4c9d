#include "ssh/subsystem.h"

#include <cstring>

namespace bulkhead::ssh {

bool ChannelWriter::write(ByteView bytes) {
  if (bytes.empty()) return true;
  const MutableByteView space = reserve(bytes.size());
  if (space.empty()) return false;
  std::memcpy(space.data(), bytes.data(), bytes.size());
  commit(bytes.size());
  return true;
}

std::unique_ptr<ChannelHandler> Services::open_exec(std::string_view, ChannelWriter&) {
  return nullptr;
}

}  // namespace bulkhead::ssh
