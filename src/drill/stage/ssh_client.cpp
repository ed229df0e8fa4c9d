#include "drill/stage/ssh_client.h"

#include <unistd.h>

#include "drill/stage/taken_edge.h"
#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

using namespace ssh_number;
constexpr std::string_view kVersion = "SSH-2.0-client";
constexpr std::string_view kService = "ssh-connection";
constexpr std::uint32_t kWindow = 1 << 24;
constexpr std::uint32_t kPacket = 1 << 15;
constexpr std::uint32_t kReadBytes = 1 << 15;
constexpr std::uint8_t kFxpInit = 1, kFxpVersion = 2, kFxpOpen = 3, kFxpRead = 5, kFxpOpendir = 11,
                       kFxpReaddir = 12, kFxpHandle = 102, kFxpData = 103, kFxpName = 104;
constexpr std::size_t kMostNames = 10'000;

std::string with_number(std::uint8_t number) {
  return std::string(1, static_cast<char>(number));
}

void skip_attributes(Reader& reader) {
  const std::uint32_t flags = reader.u32();
  if ((flags & 1) != 0) reader.raw(8);
  if ((flags & 2) != 0) reader.raw(8);
  if ((flags & 4) != 0) reader.raw(4);
  if ((flags & 8) != 0) reader.raw(8);
}

}  // namespace

SshClient::SshClient(Stage& stage)
    : stage_(stage),
      socket_(connect_to(stage)),
      stream_(stage.next_stream()),
      ssh_(socket_, SshTransport::Side::kClient) {
  const std::string kexinit = ssh_client_kexinit();
  const PrivateKey key = PrivateKey::x25519();
  std::string init = with_number(kKexEcdhInit);
  put_string(init, key.public_key());
  ssh_.send_version(kVersion);
  const auto version = ssh_.receive_version();
  const auto server_kexinit = version ? ssh_.receive() : std::nullopt;
  const bool sent = server_kexinit && ssh_.send(kexinit) && ssh_.send(init);
  const auto answer = sent ? ssh_.receive() : std::nullopt;
  if (!answer || static_cast<std::uint8_t>(answer->front()) != kKexEcdhReply)
    throw Interrupted("the shipped edge does not exchange keys (is curve25519-sha256 offered?)");
  Reader reply(std::string_view(*answer).substr(1));
  const std::string_view host_key = reply.string();
  const std::string_view server_public = reply.string();
  const std::string secret = key.agree(server_public);
  std::string hashed;
  for (const std::string_view part :
       {kVersion, std::string_view(*version), std::string_view(kexinit),
        std::string_view(*server_kexinit), host_key})
    put_string(hashed, part);
  put_string(hashed, key.public_key());
  put_string(hashed, server_public);
  put_mpint(hashed, secret);
  session_id_ = sha256(hashed);
  ssh_.send(with_number(kNewkeys));
  ssh_.receive();
  ssh_.use_keys(secret, session_id_, session_id_);
  std::string service = with_number(kServiceRequest);
  put_string(service, "ssh-userauth");
  ssh_.send(service);
  if (!receive()) throw Interrupted("the shipped edge gives no log-in");
}

SshClient::~SshClient() {
  ::close(socket_);
}

std::optional<std::string> SshClient::receive() {
  while (true) {
    auto payload = ssh_.receive();
    if (!payload) return std::nullopt;
    stage_.observer().saw(stream_, *payload);
    switch (static_cast<std::uint8_t>(payload->front())) {
      case kIgnore:
      case kDebug:
      case kExtInfo:
      case kUserauthBanner:
      case kGlobalRequest:
      case kChannelWindowAdjust:
        continue;
      default:
        return payload;
    }
  }
}

bool SshClient::authenticate(const std::string& request) {
  if (!ssh_.send(request)) return false;
  const auto answer = receive();
  return answer && static_cast<std::uint8_t>(answer->front()) == kUserauthSuccess;
}

bool SshClient::offer_key(std::string_view user, std::string_view blob,
                          std::string_view signature) {
  std::string request = with_number(kUserauthRequest);
  put_string(request, user);
  put_string(request, kService);
  put_string(request, "publickey");
  put_u8(request, signature.empty() ? 0 : 1);
  put_string(request, "ssh-ed25519");
  put_string(request, blob);
  if (!signature.empty()) put_string(request, signature);
  return authenticate(request);
}

bool SshClient::offer_password(std::string_view user, std::string_view password) {
  std::string request = with_number(kUserauthRequest);
  put_string(request, user);
  put_string(request, kService);
  put_string(request, "password");
  put_u8(request, 0);
  put_string(request, password);
  return authenticate(request);
}

bool SshClient::offer_nothing(std::string_view user) {
  std::string request = with_number(kUserauthRequest);
  put_string(request, user);
  put_string(request, kService);
  put_string(request, "none");
  return authenticate(request);
}

bool SshClient::start_sftp() {
  if (sftp_runs_) return true;
  std::string open = with_number(kChannelOpen);
  put_string(open, "session");
  for (const std::uint32_t field : {std::uint32_t{0}, kWindow, kPacket})
    put_u32(open, field);
  if (!ssh_.send(open)) return false;
  auto answer = receive();
  if (!answer || static_cast<std::uint8_t>(answer->front()) != kChannelOpenConfirmation)
    return false;
  Reader confirmation(std::string_view(*answer).substr(5));
  server_channel_ = confirmation.u32();
  std::string subsystem = with_number(kChannelRequest);
  put_u32(subsystem, server_channel_);
  put_string(subsystem, "subsystem");
  put_u8(subsystem, 1);
  put_string(subsystem, "sftp");
  if (!ssh_.send(subsystem)) return false;
  answer = receive();
  if (!answer || static_cast<std::uint8_t>(answer->front()) != kChannelSuccess) return false;
  sftp_runs_ = true;
  std::string version;
  put_u32(version, 3);
  sftp_runs_ = sftp(kFxpInit, version, kFxpVersion).has_value();
  return sftp_runs_;
}

std::optional<std::string> SshClient::sftp(std::uint8_t type, const std::string& operands,
                                           std::uint8_t wanted) {
  std::string packet = with_number(type);
  if (type != kFxpInit) put_u32(packet, next_id_++);
  packet += operands;
  std::string data = with_number(kChannelData);
  put_u32(data, server_channel_);
  std::string framed;
  put_string(framed, packet);
  put_string(data, framed);
  if (!ssh_.send(data)) return std::nullopt;
  while (pending_.size() < 4 || pending_.size() < 4 + std::size_t{Reader(pending_).u32()}) {
    const auto answer = receive();
    if (!answer || static_cast<std::uint8_t>(answer->front()) != kChannelData) return std::nullopt;
    pending_ += Reader(std::string_view(*answer).substr(5)).string();
  }
  const std::uint32_t length = Reader(pending_).u32();
  std::string reply = pending_.substr(4, length);
  pending_.erase(0, 4 + std::size_t{length});
  if (static_cast<std::uint8_t>(reply.front()) != wanted) return std::nullopt;
  return reply.substr(wanted == kFxpVersion ? 1 : 5);
}

std::vector<std::string> SshClient::list(const std::string& folder) {
  std::vector<std::string> names;
  std::string path;
  put_string(path, folder);
  const auto handle = sftp(kFxpOpendir, path, kFxpHandle);
  while (handle && names.size() < kMostNames) {
    const auto answer = sftp(kFxpReaddir, *handle, kFxpName);
    if (!answer) break;
    Reader reader(*answer);
    for (std::uint32_t count = reader.u32(); count > 0; --count) {
      const std::string name(reader.string());
      reader.string();
      skip_attributes(reader);
      if (name != "." && name != "..") names.push_back(name);
    }
  }
  return names;
}

bool SshClient::fetch(const std::string& path) {
  std::string operands;
  put_string(operands, path);
  put_u32(operands, 1);  // SSH_FXF_READ
  put_u32(operands, 0);
  const auto handle = sftp(kFxpOpen, operands, kFxpHandle);
  for (std::uint64_t offset = 0; handle;) {
    std::string read = *handle;
    put_u64(read, offset);
    put_u32(read, kReadBytes);
    const auto data = sftp(kFxpRead, read, kFxpData);
    if (!data) break;
    offset += Reader(*data).string().size();
  }
  return handle.has_value();
}

void SshClient::walk(const std::string& folder) {
  if (!start_sftp()) return;
  for (const std::string& name : list(folder)) {
    const std::string path = folder + "/" + name;
    if (!fetch(path)) walk(path);
  }
}

}  // namespace bulkhead::drill
