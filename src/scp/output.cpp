#include "scp/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "scp/limits.h"
#include "sftp/status.h"

namespace bulkhead::scp {

void send_bytes(sftp::ReplySink& out, std::string_view bytes) {
  const MutableByteView space = out.reserve(bytes.size());
  std::memcpy(space.data(), bytes.data(), bytes.size());
  out.commit(bytes.size());
}

void send_ok(sftp::ReplySink& out) {
  send_bytes(out, std::string_view("\0", 1));
}

void send_message(sftp::ReplySink& out, Severity severity, std::string_view name,
                  const Error& error) {
  std::string line = fmt::format("{}scp: ", static_cast<char>(severity));
  if (!name.empty()) line += fmt::format("{}: ", name.substr(0, 255));
  line += sftp::status_of(error).text.substr(0, kMaxMessageBytes);
  std::replace_if(
      line.begin() + 1, line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  line.push_back('\n');
  send_bytes(out, line);
}

}  // namespace bulkhead::scp
