#include "cli/administration_client.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "channel/codec.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

constexpr const char* kSocketName = "admin.sock";

// A socket's name has 108 bytes and a folder's may be longer: the way leads through the opened
// folder. An empty result means that nobody listens.
Result<std::optional<UniqueFd>> connect_to_server(const std::string& data_folder) {
  auto folder = open_file(data_folder, O_PATH | O_DIRECTORY);
  if (!folder) {
    if (folder.error().code != ErrorCode::kNotFound) return fail(folder.error());
    return fail(
        ErrorCode::kNotFound,
        fmt::format("there is no deployment in {}: check --data, or make one with `bulkhead init`",
                    data_folder));
  }
  UniqueFd socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("making a socket");
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = fmt::format("/proc/self/fd/{}/{}", folder->get(), kSocketName);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  while (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
         0) {
    if (errno == EINTR) continue;
    if (errno == ENOENT || errno == ECONNREFUSED) return std::optional<UniqueFd>();
    const int error = errno;
    const auto failed =
        fail_errno(fmt::format("connecting to the server of {}", data_folder), error);
    if (error != EACCES) return failed;
    return fail(
        ErrorCode::kPermissionDenied,
        fmt::format("the server of {} runs as another user: run this as that user", data_folder));
  }
  return std::optional<UniqueFd>(std::move(socket));
}

}  // namespace

Result<AdministrationClient> AdministrationClient::connect(const std::string& data_folder,
                                                           const std::string& vault_program) {
  BH_TRY(std::optional<UniqueFd> server, connect_to_server(data_folder));
  if (server) return AdministrationClient(std::move(*server), std::nullopt);

  std::string program = vault_program;
  if (program.empty()) {
    BH_TRY(program, find_program("bulkhead-vault"));
  }
  BH_TRY(auto ends, channel::MessageSocket::make_pair());
  BH_TRY(ChildProcess vault,
         ChildProcess::start(program, {"--data", data_folder, "--administration-fd", "3"},
                             ends.second.get()));
  return AdministrationClient(std::move(ends.first), std::optional<ChildProcess>(std::move(vault)));
}

Result<std::optional<AdministrationClient>> AdministrationClient::connect_to_running(
    const std::string& data_folder) {
  BH_TRY(std::optional<UniqueFd> server, connect_to_server(data_folder));
  if (!server) return std::optional<AdministrationClient>();
  return std::optional<AdministrationClient>(
      AdministrationClient(std::move(*server), std::nullopt));
}

Status AdministrationClient::send(const admin::Request& request) {
  if (request.ByteSizeLong() > channel::kMaxMessageBytes) {
    return fail(ErrorCode::kInvalidArgument, "the command is too long: give it in parts");
  }
  BH_TRY(const Bytes bytes, channel::encode(request));
  const Status sent = socket_->send(bytes);
  if (!sent && sent.error().code == ErrorCode::kDisconnected) return vault_is_gone();
  return sent;
}

Result<admin::Reply> AdministrationClient::receive(std::vector<UniqueFd>& descriptors) {
  auto message = socket_->receive();
  if (!message && message.error().code == ErrorCode::kDisconnected) return vault_is_gone();
  admin::Reply reply;
  const bool understood = message && channel::decode(message->bytes, reply) &&
                          reply.descriptors() == message->descriptors.size();
  if (!understood) {
    return fail(ErrorCode::kMalformed,
                "the vault's answer is not understood: do the server and this command come from "
                "the same release?");
  }
  descriptors = std::move(message->descriptors);
  return reply;
}

std::unexpected<Error> AdministrationClient::vault_is_gone() {
  if (!vault_) {
    return fail(ErrorCode::kDisconnected,
                "the server ended before it answered: look at its log, then try again");
  }
  socket_.reset();
  vault_->wait();
  return vault_->failure("the vault ended without an answer");
}

Status AdministrationClient::ask(const admin::Request& request, const ReplyHandler& handle) {
  BH_CHECK(send(request));
  while (true) {
    std::vector<UniqueFd> descriptors;
    BH_TRY(const admin::Reply reply, receive(descriptors));
    if (reply.code() != 0) {
      const std::string message = reply.message().empty()
                                      ? "the vault refused without a reason: look at its log"
                                      : reply.message();
      return fail(channel::error_code_from_wire(reply.code()), message);
    }
    if (reply.body_case() != admin::Reply::BODY_NOT_SET)
      BH_CHECK(handle(reply, std::move(descriptors)));
    if (!reply.more()) return {};
  }
}

Status AdministrationClient::ask(const admin::Request& request) {
  return ask(request, [](const admin::Reply&, std::vector<UniqueFd>) { return Status(); });
}

Result<admin::Reply> AdministrationClient::ask_for_one(const admin::Request& request) {
  std::optional<admin::Reply> found;
  std::size_t replies = 0;
  BH_CHECK(ask(request, [&](const admin::Reply& reply, std::vector<UniqueFd>) -> Status {
    found = reply;
    ++replies;
    return {};
  }));
  if (replies != 1)
    return fail(ErrorCode::kInternal,
                fmt::format("the vault gave {} answers where one was due", replies));
  return std::move(*found);
}

}  // namespace bulkhead::cli
