#include "drill/edge/sftp.h"

#include "drill/edge/stored_file.h"
#include "drill/edge/vault_client.h"

namespace bulkhead::drill {
namespace {

constexpr std::uint8_t kInit = 1, kVersion = 2, kOpen = 3, kClose = 4, kRead = 5, kLstat = 7,
                       kFstat = 8, kRealpath = 16, kStat = 17, kStatus = 101, kHandle = 102,
                       kData = 103, kName = 104, kAttrs = 105;
constexpr std::uint32_t kOk = 0, kEof = 1, kFailure = 4, kUnsupported = 8;
constexpr std::uint32_t kAttrSize = 1, kAttrPermissions = 4;

std::string reply(std::uint8_t type, std::uint32_t id) {
  std::string packet;
  put_u8(packet, type);
  put_u32(packet, id);
  return packet;
}

std::string status(std::uint32_t id, std::uint32_t code) {
  std::string packet = reply(kStatus, id);
  put_u32(packet, code);
  put_string(packet, "");
  put_string(packet, "");
  return packet;
}

}  // namespace

void SftpHost::set_home(const channel::Path& home) {
  home_.clear();
  for (const std::string& component : home.component())
    home_ += "/" + component;
  if (home_.empty()) home_.assign(1, '/');
}

std::vector<std::string> SftpHost::take(std::string_view bytes) {
  pending_.append(bytes);
  std::vector<std::string> replies;
  while (pending_.size() >= 4) {
    const std::uint32_t length = Reader(pending_).u32();
    if (pending_.size() < 4 + std::size_t{length}) break;
    put_string(replies.emplace_back(), answer(std::string_view(pending_).substr(4, length)));
    pending_.erase(0, 4 + std::size_t{length});
  }
  return replies;
}

std::string SftpHost::answer(std::string_view packet) {
  Reader request(packet);
  const std::uint8_t type = request.u8();
  if (type == kInit) return reply(kVersion, 3);
  const std::uint32_t id = request.u32();
  switch (type) {
    case kRealpath: {
      const std::string_view path = request.string();
      std::string answered = reply(kName, id);
      put_u32(answered, 1);
      put_string(answered, path == "." ? std::string_view(home_) : path);
      put_string(answered, "");
      put_u32(answered, 0);
      return answered;
    }
    case kStat:
    case kLstat:
      return attributes(id, request.string());
    case kOpen:
      return open(id, request.string());
    case kFstat: {
      std::string answered = reply(kAttrs, id);
      put_u32(answered, kAttrSize);
      put_u64(answered, plaintext_.size());
      return answered;
    }
    case kRead:
      return read(id, request);
    case kClose:
      return status(id, kOk);
    default:
      return status(id, kUnsupported);
  }
}

std::string SftpHost::attributes(std::uint32_t id, std::string_view path) {
  channel::Request request;
  *request.mutable_stat()->mutable_path() = path_to(path);
  const auto found = ask_vault(request);
  if (!found || found->code() != 0) return status(id, kFailure);
  const bool is_folder = found->attributes().kind() == channel::Attributes::DIRECTORY;
  std::string answered = reply(kAttrs, id);
  put_u32(answered, kAttrSize | kAttrPermissions);
  put_u64(answered, found->attributes().size());
  put_u32(answered, is_folder ? 0040755 : 0100644);
  return answered;
}

// Small files only: their contents come with the answer.
std::string SftpHost::open(std::uint32_t id, std::string_view path) {
  const auto plaintext = fetch_small_file(path);
  if (!plaintext) return status(id, kFailure);
  plaintext_ = *plaintext;
  std::string answered = reply(kHandle, id);
  put_string(answered, "h");
  return answered;
}

std::string SftpHost::read(std::uint32_t id, Reader& request) {
  request.string();
  const std::uint64_t offset = request.u64();
  const std::uint32_t length = request.u32();
  if (offset >= plaintext_.size()) return status(id, kEof);
  std::string answered = reply(kData, id);
  put_string(answered, std::string_view(plaintext_).substr(offset, length));
  return answered;
}

}  // namespace bulkhead::drill
