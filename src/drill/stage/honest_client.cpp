#include "drill/stage/honest_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include "drill/wire/bytes.h"
#include "drill/wire/stream.h"

namespace bulkhead::drill {

Relay::Relay(Stage& stage) : listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listening_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::listen(listening_, 1) != 0 ||
      ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      ::pipe2(wake_, O_CLOEXEC) != 0)
    throw Interrupted("no relay can be made on loopback");
  port_ = ntohs(address.sin_port);
  server_ = connect_to(stage);
  thread_ = std::thread([this] { pass_on(); });
}

Relay::~Relay() {
  const int server = take_over();
  for (const int fd : {server, client_, listening_, wake_[0], wake_[1]}) {
    if (fd >= 0) ::close(fd);
  }
}

void Relay::pass_on() {
  std::array<pollfd, 3> watched{
      {{listening_, POLLIN, 0}, {server_, POLLIN, 0}, {wake_[0], POLLIN, 0}}};
  std::string buffer(1 << 16, '\0');
  while (::poll(watched.data(), watched.size(), -1) > 0 && watched[2].revents == 0) {
    if (client_ < 0) {
      if (watched[0].revents == 0) {  // the server speaks first: the client hears it when it comes
        watched[1].events = 0;
        continue;
      }
      client_ = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
      watched[0].fd = client_;
      watched[1].events = POLLIN;
      continue;
    }
    for (const auto& [from, to] : {std::pair{0, server_}, std::pair{1, client_}}) {
      if (watched[static_cast<std::size_t>(from)].revents == 0) continue;
      const ssize_t got =
          ::read(watched[static_cast<std::size_t>(from)].fd, buffer.data(), buffer.size());
      if (got <= 0 ||
          !write_all(to, std::string_view(buffer).substr(0, static_cast<std::size_t>(got))))
        return static_cast<void>(::shutdown(to, SHUT_WR));
    }
  }
}

int Relay::take_over() {
  if (thread_.joinable()) {
    [[maybe_unused]] const auto woken = ::write(wake_[1], "x", 1);
    thread_.join();
  }
  return std::exchange(server_, -1);
}

namespace {

constexpr std::string_view kArrived = "Remote working directory: ";

// Answers what the client asks of its user.
std::string write_askpass(Stage& stage, const Person& person) {
  const std::string path = stage.path("askpass");
  write_whole_file(
      path,
      fmt::format(
          "#!/bin/sh\ncase \"$1\" in\n*assword*) echo '{}' ;;\n*) echo '{}' "
          ";;\nesac\n",
          person.password,
          person.totp_secret.empty() ? "" : totp_code(person.totp_secret, now_us() / 1'000'000)));
  ::chmod(path.c_str(), 0700);
  return path;
}

std::vector<std::string> sftp_command(Stage& stage, const Person& person, std::uint16_t port) {
  const std::string key = stage.path(person.name + ".key");
  write_whole_file(key, person.key.openssh_file());
  ::chmod(key.c_str(), 0600);
  const bool by_key = person.password.empty();
  std::vector<std::string> command = {"sftp", "-F", "/dev/null", "-P", std::to_string(port)};
  for (const std::string& option :
       {std::string("BatchMode=") + (by_key ? "yes" : "no"),
        std::string("StrictHostKeyChecking=no"), std::string("UserKnownHostsFile=/dev/null"),
        std::string("LogLevel=ERROR"), std::string("IdentitiesOnly=yes"),
        std::string("KexAlgorithms=curve25519-sha256"),
        std::string("Ciphers=aes256-gcm@openssh.com"), std::string("HostKeyAlgorithms=ssh-ed25519"),
        std::string("PreferredAuthentications=") + (by_key ? "publickey" : "keyboard-interactive"),
        "IdentityFile=" + key})
    command.push_back("-o" + option);
  command.insert(command.end(), {"-b", "-", person.name + "@127.0.0.1"});
  return command;
}

}  // namespace

HonestClient::HonestClient(Stage& stage, const Person& person, const std::string& path)
    : stage_(stage), relay_(stage), downloaded_(stage.path("fetched-by-" + person.name)) {
  std::vector<std::string> environment = {"PATH=/usr/bin:/bin", "DISPLAY=none",
                                          "SSH_ASKPASS_REQUIRE=force",
                                          "SSH_ASKPASS=" + write_askpass(stage, person)};
  sftp_ = std::make_unique<Child>(sftp_command(stage, person, relay_.port()),
                                  stage.path("sftp-log"), environment);
  std::string batch;
  if (!path.empty()) batch += fmt::format("get {} {}\n", path, downloaded_);
  batch += "pwd\n";
  if (::write(sftp_->input(), batch.data(), batch.size()) < 0)
    throw Interrupted("OpenSSH's sftp takes no commands");
  while (true) {
    const std::string line = sftp_->line();
    if (line.empty())
      throw Interrupted(
          fmt::format("OpenSSH's sftp did not log in (is openssh-client installed?): {}",
                      read_whole_file(stage.path("sftp-log"))));
    if (line.find(kArrived) != std::string::npos) return;
  }
}

std::string HonestClient::fetched() const {
  return read_whole_file(downloaded_);
}

void HonestClient::leave() {
  sftp_->close_input();
  sftp_->wait();
}

}  // namespace bulkhead::drill
