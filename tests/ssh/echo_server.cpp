// test-ssh-echo-server: serves the test subsystems on 127.0.0.1, one connection at a time, with a
// host key made on the spot. Prints its port, then one line per connection: how it ended, key
// exchanges, bytes, CPU time. Ends with its standard input.
//
//   test-ssh-echo-server [--password P] [--key FILE.pub]... [--rekey-bytes N] [--once]   (user:
//   "tester")
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "base/fd.h"
#include "reference_authority.h"
#include "ssh/serve.h"
#include "sshwire/keys.h"
#include "test_services.h"

namespace bulkhead::ssh::testing {
namespace {
struct Arguments {
  ReferenceAuthority::User user;
  Options options;
  bool once = false;
};

[[noreturn]] void die(const std::string& why) {
  std::fprintf(stderr, "test-ssh-echo-server: %s\n", why.c_str());
  std::exit(2);
}

Arguments read_arguments(int argc, char** argv) {
  Arguments result;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--once") {
      result.once = true;
      continue;
    }
    if (i + 1 == argc) die("an option lacks its value");
    const std::string value = argv[++i];
    if (name == "--password") {
      result.user.password = value;
    } else if (name == "--key") {
      const auto contents = read_file(value, 64 * 1024);
      if (!contents) die(contents.error().message);
      const auto key = sshwire::parse_authorized_key_line(as_text(*contents));
      if (!key) die(key.error().message);
      result.user.key_blobs.push_back(key->blob);
    } else if (name == "--rekey-bytes") {
      result.options.rekey_after_bytes = std::stoull(value);
    } else {
      die("unknown option " + name);
    }
  }
  return result;
}

UniqueFd listen_on_loopback() {
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener.get(), 16) != 0 ||
      ::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    die("cannot listen on 127.0.0.1");
  }
  std::printf("port %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return listener;
}

double cpu_seconds() {
  rusage usage = {};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void serve_one(int socket, const Arguments& arguments) {
  const double before = cpu_seconds();
  ReferenceAuthority authority;
  authority.users["tester"] = arguments.user;
  authority.greeting.banner = "A server for tests.\r\n";
  TestServices services;
  Connection connection(authority, services, arguments.options, system_clock());
  const int on = 1;
  if (::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) die("TCP_NODELAY");
  const Ending ending = serve(socket, connection, system_clock());
  std::printf(
      "ended by=%d reason=%u kex=%d cpu=%.3f cipher=%s mac=%s: %s\n", static_cast<int>(ending.by),
      static_cast<unsigned>(ending.reason), authority.exchanges, cpu_seconds() - before,
      connection.transport().negotiated().client_to_server.cipher.c_str(),
      connection.transport().negotiated().client_to_server.mac.c_str(), ending.message.c_str());
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  const Arguments arguments = read_arguments(argc, argv);
  const UniqueFd listener = listen_on_loopback();
  for (;;) {
    pollfd poll_fds[2] = {{listener.get(), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    if (::poll(poll_fds, 2, -1) < 0) continue;
    if (poll_fds[1].revents != 0) return 0;
    const UniqueFd socket(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket) continue;
    serve_one(socket.get(), arguments);
    if (arguments.once) return 0;
  }
}
}  // namespace
}  // namespace bulkhead::ssh::testing

int main(int argc, char** argv) {
  return bulkhead::ssh::testing::run(argc, argv);
}
