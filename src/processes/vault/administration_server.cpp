#include "processes/vault/administration_server.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "base/log.h"
#include "channel/codec.h"

namespace bulkhead::processes {
namespace {

constexpr int kBacklog = 16;
constexpr std::size_t kMostConnections = 64;
constexpr int kSendTimeoutSeconds = 10;

// sun_path is short: the folder is reached through a descriptor, whatever its path.
Result<sockaddr_un> address_of(const std::string& path, UniqueFd& folder) {
  const std::filesystem::path at(path);
  BH_TRY(folder, open_file(at.parent_path().string(), O_PATH | O_DIRECTORY));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string shortened =
      fmt::format("/proc/self/fd/{}/{}", folder.get(), at.filename().string());
  if (shortened.size() >= sizeof address.sun_path)
    return fail(ErrorCode::kInternal, "the socket's path is too long");
  std::memcpy(address.sun_path, shortened.c_str(), shortened.size() + 1);
  return address;
}

}  // namespace

AdministrationServer::~AdministrationServer() {
  for (auto& [fd, connection] : connections_)
    loop_.remove(fd);
  if (listener_) {
    loop_.remove(listener_.get());
    ::unlink(path_.c_str());
  }
}

Status AdministrationServer::listen(const std::string& path) {
  path_ = path;
  listener_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!listener_) return fail_errno("making the administration socket");
  UniqueFd folder;
  BH_TRY(const sockaddr_un address, address_of(path, folder));
  ::unlink(path.c_str());  // we hold the journal's lock: nobody else listens there
  const mode_t before = ::umask(0177);
  const int bound =
      ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  ::umask(before);
  if (bound != 0 || ::listen(listener_.get(), kBacklog) != 0)
    return fail_errno(fmt::format("listening on {}", path));
  return loop_.add(listener_.get(), EPOLLIN, [this](std::uint32_t) { on_listener(); });
}

bool AdministrationServer::same_user(int fd) const {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return false;
  return credentials.uid == ::geteuid() || credentials.uid == 0;
}

void AdministrationServer::on_listener() {
  UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!connection) return;
  if (!same_user(connection.get()) || connections_.size() >= kMostConnections) return;
  if (const Status adopted = adopt(std::move(connection)); !adopted) {
    log_warning("a command could not be served", {{"error", adopted.error().message}});
  }
}

Status AdministrationServer::adopt(UniqueFd connection) {
  const int fd = connection.get();
  // A command that stops reading is given up on; it cannot hold the vault for longer.
  const timeval timeout{.tv_sec = kSendTimeoutSeconds, .tv_usec = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  auto opened = std::make_shared<Connection>();
  opened->socket = std::make_unique<channel::MessageSocket>(std::move(connection),
                                                            channel::Descriptors::kRefuse);
  connections_[fd] = std::move(opened);
  return loop_.add(fd, EPOLLIN, [this, fd](std::uint32_t) { on_connection(fd); });
}

void AdministrationServer::close(int fd) {
  const auto found = connections_.find(fd);
  if (found == connections_.end()) return;
  loop_.remove(fd);
  found->second->gone = true;
  connections_.erase(found);
}

void AdministrationServer::on_connection(int fd) {
  const std::shared_ptr<Connection> connection = connections_.at(fd);
  const auto message = connection->socket->try_receive();
  if (!message) return close(fd);
  if (!*message) return;
  admin::Request request;
  if (!channel::decode((*message)->bytes, request)) return close(fd);
  handler_(request, [this, connection, fd](admin::Reply reply, std::vector<UniqueFd> descriptors) {
    if (connection->gone) return;
    if (reply.ByteSizeLong() == 0)
      reply.set_message("done");  // no bytes would read as the connection's end
    const auto bytes = channel::encode(reply);
    if (!bytes || !connection->socket->send(*bytes, descriptors)) close(fd);
  });
}

}  // namespace bulkhead::processes
