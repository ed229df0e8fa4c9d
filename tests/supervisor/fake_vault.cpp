// Stands in for the vault: tells the test what the supervisor says, tells the supervisor what the
// test says.
//
// In the data folder: `fake.socket`, which the test listens on. Words from the test: "kill all",
// "kill N N…", "accept 0|1", "analyst", "exit N", "crash". Lines to the test: "opened CHANNEL KIND
// PID", "assigned CHANNEL ADDRESS LISTENER", "ended CHANNEL HOW", "killed PROCESSES", "stop",
// "request CHANNEL known|unknown". Files in the data folder change it: `fail` (ends before it is
// ready), `deaf` (does not stop when told).
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "channel/codec.h"
#include "channel/endpoint.h"
#include "channel/message_socket.h"
#include "proto/supervisor.pb.h"

namespace bulkhead {
namespace {

class FakeVault {
 public:
  FakeVault(std::string folder, UniqueFd control)
      : folder_(std::move(folder)), control_(std::move(control), channel::Descriptors::kAccept) {}

  int run() {
    connect_to_test();
    supervisor::ToSupervisor ready;
    ready.mutable_ready();
    tell_supervisor(ready);
    while (!stopping_)
      step();
    return 0;
  }

 private:
  void connect_to_test() {
    test_.reset(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder_ + "/fake.socket";
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(test_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      std::exit(7);
  }

  void tell_test(const std::string& line) {
    if (::send(test_.get(), line.data(), line.size(), MSG_NOSIGNAL) < 0) std::exit(8);
  }

  void tell_supervisor(const supervisor::ToSupervisor& message) {
    if (!control_.send(*channel::encode(message))) std::exit(9);
  }

  void step() {
    std::vector<pollfd> wanted = {{control_.fd(), POLLIN, 0}, {test_.get(), POLLIN, 0}};
    std::vector<std::uint64_t> channels;
    for (const auto& [id, endpoint] : endpoints_) {
      wanted.push_back({endpoint->fd(), POLLIN, 0});
      channels.push_back(id);
    }
    ::poll(wanted.data(), wanted.size(), -1);
    if (wanted[1].revents != 0) on_test();
    for (std::size_t i = 2; i < wanted.size(); ++i) {
      if (wanted[i].revents == 0) continue;
      drain_control();  // as the contract says: before a channel is read
      on_channel(channels[i - 2]);
    }
    drain_control();
  }

  void drain_control() {
    while (true) {
      auto message = control_.try_receive();
      if (!message) std::exit(0);  // the supervisor is gone
      if (!*message) return;
      supervisor::ToVault told;
      if (!channel::decode((*message)->bytes, told)) std::exit(10);
      on_control(told, std::move((*message)->descriptors));
    }
  }

  void on_control(const supervisor::ToVault& told, std::vector<UniqueFd> descriptors) {
    using supervisor::ToVault;
    switch (told.body_case()) {
      case ToVault::kChannelOpened: {
        const auto& opened = told.channel_opened();
        endpoints_[opened.channel()] =
            std::make_unique<channel::Endpoint>(std::move(descriptors.at(0)));
        tell_test(fmt::format("opened {} {} {}", opened.channel(), static_cast<int>(opened.kind()),
                              opened.pid()));
        break;
      }
      case ToVault::kChannelAssigned:
        known_.insert(told.channel_assigned().channel());
        tell_test(fmt::format("assigned {} {} {}", told.channel_assigned().channel(),
                              told.channel_assigned().peer_address(),
                              told.channel_assigned().listener()));
        break;
      case ToVault::kChannelEnded:
        endpoints_.erase(told.channel_ended().channel());
        tell_test(
            fmt::format("ended {} {}", told.channel_ended().channel(), told.channel_ended().how()));
        break;
      case ToVault::kKilled:
        tell_test(fmt::format("killed {}", told.killed().processes()));
        break;
      case ToVault::kAddressRefused:
        tell_test(fmt::format("refused {} {}", told.address_refused().network(),
                              told.address_refused().for_ms()));
        break;
      case ToVault::kStop:
        tell_test("stop");
        stopping_ = ::access((folder_ + "/deaf").c_str(), F_OK) != 0;
        break;
      case ToVault::BODY_NOT_SET:
        std::exit(11);
    }
  }

  void on_channel(std::uint64_t id) {
    const auto found = endpoints_.find(id);
    if (found == endpoints_.end()) return;
    channel::Endpoint& endpoint = *found->second;
    const Status read = endpoint.on_readable([&](ByteView datagram) {
      auto request = channel::decode_request(datagram);
      if (!request || !channel::validate(*request)) std::exit(12);
      tell_test(fmt::format("request {} {}", id, known_.contains(id) ? "known" : "unknown"));
      channel::Reply reply;
      reply.set_id(request->id());
      reply.mutable_free_space()->set_total_bytes(id);
      if (!endpoint.reply(reply)) std::exit(13);
    });
    if (!read) endpoints_.erase(id);
  }

  void on_test() {
    char buffer[4096];
    const ssize_t got = ::recv(test_.get(), buffer, sizeof buffer, 0);
    if (got <= 0) std::exit(0);
    std::istringstream words(std::string(buffer, static_cast<std::size_t>(got)));
    std::string word;
    words >> word;
    supervisor::ToSupervisor message;
    if (word == "kill") {
      message.mutable_kill_channels()->set_request(++kill_request_);
      while (words >> word) {
        if (word == "all")
          message.mutable_kill_channels()->set_all(true);
        else
          message.mutable_kill_channels()->add_channel(std::stoull(word));
      }
    } else if (word == "accept") {
      words >> word;
      message.mutable_accept_clients()->set_accept(word == "1");
    } else if (word == "analyst") {
      message.mutable_start_analyst();
    } else if (word == "exit") {
      words >> word;
      std::_Exit(std::stoi(word));
    } else {
      std::abort();
    }
    tell_supervisor(message);
  }

  std::string folder_;
  channel::MessageSocket control_;
  UniqueFd test_;
  std::map<std::uint64_t, std::unique_ptr<channel::Endpoint>> endpoints_;
  std::set<std::uint64_t> known_;
  std::uint64_t kill_request_ = 0;
  bool stopping_ = false;
};

}  // namespace
}  // namespace bulkhead

int main(int argc, char** argv) {
  const std::string folder = argc > 4 ? argv[2] : "";
  if (std::string(argv[1]) != "--data" || std::string(argv[3]) != "--control-fd") return 2;
  if (::access((folder + "/fail").c_str(), F_OK) == 0) {
    std::fputs("bulkhead: the fake vault was told to fail\n", stderr);
    return 1;
  }
  return bulkhead::FakeVault(folder, bulkhead::UniqueFd(std::stoi(argv[4]))).run();
}
