#include "processes/vault/wait_until_unsealed.h"

#include <sys/epoll.h>

#include "base/log.h"

namespace bulkhead::processes {
namespace {

constexpr int kTickMs = 1000;

using Send = vault::Administration::Send;

void refuse(const Send& send, const Error& error) {
  admin::Reply reply;
  reply.set_code(1 + static_cast<std::uint32_t>(error.code));
  reply.set_message(error.message);
  send(std::move(reply), {});
}

class SealedVault {
 public:
  SealedVault(keeper::RemoteKeeper& keeper, const WhileSealed& around)
      : keeper_(keeper), around_(around) {}

  Status run() {
    AdministrationServer server(
        around_.loop, [this](const admin::Request& asked, Send send) { answer(asked, send); });
    const bool serving = !around_.administration_socket.empty();
    if (serving) {
      for (const std::string& warning : keeper_.warnings())
        log_warning(warning);
      log_warning("the deployment is sealed and serves nobody: bulkhead unseal");
      BH_CHECK(server.listen(around_.administration_socket));
    }
    if (around_.administration_fd >= 0) BH_CHECK(server.adopt(UniqueFd(around_.administration_fd)));
    BH_CHECK(around_.loop.add(keeper_.fd(), EPOLLIN, [this](std::uint32_t) { on_keeper(); }));
    while (keeper_.is_sealed() && !broken_ && !around_.channels.stop_asked() &&
           !around_.channels.supervisor_gone() && (serving || !server.idle())) {
      BH_CHECK(around_.loop.wait(kTickMs));
    }
    around_.loop.remove(watched_);
    if (broken_) return fail(*broken_);
    if (keeper_.is_sealed()) return fail(ErrorCode::kDisconnected, "");
    log_info("unsealed");
    return {};
  }

 private:
  void answer(const admin::Request& asked, const Send& send) {
    if (asked.has_get_status()) return tell_status(send);
    if (asked.has_unseal() && !around_.administration_socket.empty())
      return begin_unseal(asked.unseal(), send);
    refuse(send, {ErrorCode::kRefused,
                  "the deployment is sealed: start the server and run bulkhead unseal, then try "
                  "again"});
  }

  void tell_status(const Send& send) const {
    admin::Reply reply;
    auto* status = reply.mutable_status();
    status->set_release(BULKHEAD_RELEASE);
    status->set_serving(!around_.administration_socket.empty());
    status->set_sealed(true);
    status->set_seal(std::string(keeper_.seal()));
    status->set_unseal_key(to_string(ByteView(keeper_.unseal_key())));
    for (const std::string& warning : keeper_.warnings())
      status->add_warning(warning);
    status->add_failure("the deployment is sealed and serves nobody: bulkhead unseal");
    send(std::move(reply), {});
  }

  void begin_unseal(const admin::Unseal& asked, const Send& send) {
    if (waiting_) return refuse(send, {ErrorCode::kConflict, "another passphrase is being tried"});
    if (const Status begun = keeper_.begin_unseal(as_bytes(asked.passphrase_box())); !begun)
      return refuse(send, begun.error());
    waiting_ = send;
  }

  void on_keeper() {
    const Status finished = keeper_.finish_unseal();
    const auto send = std::exchange(waiting_, nullptr);
    if (keeper_.fd() < 0) broken_ = finished.error();
    if (!send) return;
    if (!finished) {
      log_warning("a passphrase was refused", {{"why", finished.error().message}});
      return refuse(send, finished.error());
    }
    admin::Reply reply;
    reply.set_message("unsealed");
    send(std::move(reply), {});
  }

  keeper::RemoteKeeper& keeper_;
  const WhileSealed& around_;
  int watched_ = keeper_.fd();
  Send waiting_;
  std::optional<Error> broken_;
};

}  // namespace

Status wait_until_unsealed(keeper::RemoteKeeper& keeper, const WhileSealed& around) {
  return SealedVault(keeper, around).run();
}

}  // namespace bulkhead::processes
