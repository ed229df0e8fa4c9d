#include "drill/stage/administration.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "drill/wire/bytes.h"
#include "drill/wire/datagram.h"

namespace bulkhead::drill {
namespace {
constexpr int kReplyMs = 60'000;
}  // namespace

Administration::Administration(const std::string& data_folder)
    : socket_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = data_folder + "/admin.sock";
  if (path.size() >= sizeof address.sun_path)
    throw Interrupted("the temporary folder's name is too long for a socket in it: set TMPDIR");
  path.copy(address.sun_path, path.size());
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    throw Interrupted("the throw-away server's vault does not listen");
  }
}

Administration::~Administration() {
  ::close(socket_);
}

std::vector<admin::Reply> Administration::try_to_ask(const admin::Request& request) {
  if (!send_datagram(socket_, request.SerializeAsString()))
    throw Interrupted("the throw-away server's vault is gone");
  std::vector<admin::Reply> replies;
  do {
    const auto datagram = receive_datagram(socket_, kReplyMs);
    if (!datagram || !replies.emplace_back().ParseFromString(datagram->bytes))
      throw Interrupted("the throw-away server's vault gave no answer");
    for (const int fd : datagram->descriptors)
      ::close(fd);
  } while (replies.back().more());
  return replies;
}

std::vector<admin::Reply> Administration::ask(const admin::Request& request) {
  auto replies = try_to_ask(request);
  if (replies.back().code() != 0)
    throw Interrupted(fmt::format("the throw-away server refused: {}", replies.back().message()));
  return replies;
}

std::vector<Administration::Event> Administration::journal(const std::string& event) {
  std::vector<Event> found;
  admin::Request request;
  request.mutable_list_journal();
  while (true) {
    const auto replies = ask(request);
    const admin::JournalPage& page = replies.back().journal_page();
    for (const admin::JournalEntry& entry : page.entry()) {
      if (!event.empty() && entry.event() != event) continue;
      Event& kept = found.emplace_back();
      kept.index = entry.index();
      kept.at_us = entry.at_us();
      kept.channel = entry.channel();
      kept.event = entry.event();
      for (const admin::Detail& detail : entry.detail())
        kept.details += fmt::format("{}={} ", detail.key(), detail.value());
    }
    if (page.next() >= page.end()) return found;
    request.mutable_list_journal()->set_from(page.next());
  }
}

}  // namespace bulkhead::drill
