#include "drill/stage/honest_client.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drill/wire/bytes.h"

namespace bulkhead::drill {
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
