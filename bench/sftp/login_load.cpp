// Logs in over and over, or keeps many sessions open: a client that costs less than the servers it
// is pointed at. Usage:
//   login_load PORT USER KEYFILE COUNT PARALLEL        prints log-ins per second
//   login_load PORT USER KEYFILE COUNT PARALLEL hold   opens SFTP in each, prints "open COUNT",
//                                                      and holds them until standard input ends
#include <fmt/format.h>
#include <libssh/libssh.h>
#include <libssh/sftp.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Target {
  int port;
  std::string user;
  ssh_key key;
};

[[noreturn]] void give_up(ssh_session session, const char* what) {
  fmt::print(stderr, "login_load: {}: {}\n", what, ssh_get_error(session));
  std::exit(1);
}

ssh_session log_in(const Target& target) {
  ssh_session session = ssh_new();
  const int no = 0;
  ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
  ssh_options_set(session, SSH_OPTIONS_HOST, "127.0.0.1");
  ssh_options_set(session, SSH_OPTIONS_PORT, &target.port);
  ssh_options_set(session, SSH_OPTIONS_USER, target.user.c_str());
  // The same work for both servers.
  ssh_options_set(session, SSH_OPTIONS_KEY_EXCHANGE, "curve25519-sha256");
  ssh_options_set(session, SSH_OPTIONS_HOSTKEYS, "ssh-ed25519");
  ssh_options_set(session, SSH_OPTIONS_CIPHERS_C_S, "aes256-gcm@openssh.com");
  ssh_options_set(session, SSH_OPTIONS_CIPHERS_S_C, "aes256-gcm@openssh.com");
  if (ssh_connect(session) != SSH_OK) give_up(session, "connecting");
  if (ssh_userauth_publickey(session, nullptr, target.key) != SSH_AUTH_SUCCESS)
    give_up(session, "logging in");
  return session;
}

void end(ssh_session session) {
  ssh_disconnect(session);
  ssh_free(session);
}

template <typename Work>
void in_parallel(int parallel, Work work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < parallel; ++i)
    threads.emplace_back(work);
  for (std::thread& thread : threads)
    thread.join();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) return 2;
  Target target{std::atoi(argv[1]), argv[2], nullptr};
  if (ssh_pki_import_privkey_file(argv[3], nullptr, nullptr, nullptr, &target.key) != SSH_OK)
    return 1;
  const int count = std::atoi(argv[4]);
  const bool hold = argc > 6 && std::strcmp(argv[6], "hold") == 0;
  std::atomic<int> next = 0;
  std::vector<ssh_session> held(static_cast<std::size_t>(count));
  const auto started = std::chrono::steady_clock::now();
  in_parallel(std::atoi(argv[5]), [&] {
    for (int i = next++; i < count; i = next++) {
      ssh_session session = log_in(target);
      if (!hold) {
        end(session);
        continue;
      }
      sftp_session sftp = sftp_new(session);
      if (sftp == nullptr || sftp_init(sftp) != SSH_OK) give_up(session, "opening SFTP");
      held[static_cast<std::size_t>(i)] = session;
    }
  });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  if (!hold) {
    fmt::print("{:.1f}\n", count / took.count());
    return 0;
  }
  fmt::print("open {}\n", count);
  std::fflush(stdout);
  char byte = 0;
  while (::read(STDIN_FILENO, &byte, 1) > 0) {
  }
  std::_Exit(0);  // the servers see 5,000 connections break at once: so be it
}
