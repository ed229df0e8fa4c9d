// GoAnywhere MFT, January 2023 (CVE-2023-0669): code in the administration front made itself
// administrators. Here: a taken edge looks for the administration socket, to make an account and
// give it everything.
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/login.h"
#include "proto/admin.pb.h"

namespace bulkhead::drill {
namespace {

constexpr std::size_t kReplyBytes = 4096;

std::string address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return std::string(reinterpret_cast<const char*>(&address), sizeof address);
}

void tell(TakenEdge& edge, std::uint64_t socket, const admin::Request& request) {
  const std::string bytes = request.SerializeAsString();
  edge.system_call(SYS_write, {socket, bytes, std::uint64_t{bytes.size()}});
  edge.system_call(SYS_read, {socket, std::string(kReplyBytes, '\0'), std::uint64_t{kReplyBytes}});
}

void administer(TakenEdge& edge, const Stage& stage, const Person& thief) {
  const auto socket = edge.system_call(
      SYS_socket, {std::uint64_t{AF_UNIX}, std::uint64_t{SOCK_SEQPACKET}, std::uint64_t{0}});
  if (!socket || socket->value < 0) return;
  const auto fd = static_cast<std::uint64_t>(socket->value);
  const auto connected = edge.system_call(
      SYS_connect,
      {fd, address_of(stage.data() + "/admin.sock"), std::uint64_t{sizeof(sockaddr_un)}});
  if (!connected || connected->value != 0) return;
  admin::Request account;
  account.mutable_add_user()->set_name(thief.name);
  account.mutable_add_user()->set_role("user");
  account.mutable_add_user()->add_public_key(thief.key.ssh_blob());
  tell(edge, fd, account);
  admin::Request rights;
  rights.mutable_set_rights()->set_path("/home");
  rights.mutable_set_rights()->add_member()->set_user(thief.name);
  rights.mutable_set_rights()->mutable_member(0)->set_rights("read,list");
  tell(edge, fd, rights);
}

}  // namespace

void goanywhere_2023(Scene& scene, Report& report) {
  scene.set_up();
  Person thief;
  thief.name = "support";
  Attempts attempts(scene.stage);
  attempts.in_a_fresh_edge([&](TakenEdge& edge) { administer(edge, scene.stage, thief); });
  attempts.in_a_fresh_edge([&](TakenEdge& edge) {  // one that comes by itself, perhaps
    edge.system_call(SYS_accept4,
                     {std::uint64_t{4}, std::uint64_t{0}, std::uint64_t{0}, std::uint64_t{0}});
  });
  const std::uint64_t killed = attempts.killed_by_sandbox();
  TakenEdge edge(scene.stage);
  if (log_in(edge, thief)) walk(edge, "/home");
  report.seconds_to_breaker = scene.stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the sandbox: there is no administration on the network, and the socket on the machine is "
      "out "
      "of an edge's reach ({} of {} attempts fatal)",
      killed, attempts.made());
}

}  // namespace bulkhead::drill
