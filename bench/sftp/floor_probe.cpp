// What moving one file through a server that encrypts at rest cannot cost less than, on this
// machine: the socket, two passes of AES-256-GCM, the file. No protocol, no map, no promise.
// Usage: floor_probe FILE MiB; prints CPU seconds per GiB of the serving side, up and down.
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "base/fd.h"
#include "crypto/aead.h"

namespace bulkhead {
namespace {

constexpr std::size_t kPacketBytes = 32 * 1024;   // what SFTP clients send and ask for
constexpr std::size_t kSegmentBytes = 64 * 1024;  // as src/store encrypts
constexpr std::size_t kBatchBytes = 512 * 1024;   // bytes a system call

double thread_cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

void must(bool ok, const char* what) {
  if (ok) return;
  std::perror(what);
  std::exit(1);
}

struct Pair {
  UniqueFd server;
  UniqueFd client;
};

Pair loopback_pair() {
  UniqueFd listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  socklen_t size = sizeof address;
  must(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  must(::listen(listener.get(), 1) == 0, "listen");
  must(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0,
       "getsockname");
  UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  must(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) == 0, "connect");
  return {UniqueFd(::accept(listener.get(), nullptr, nullptr)), std::move(client)};
}

bool receive_all(int socket, MutableByteView into) {
  return ::recv(socket, into.data(), into.size(), MSG_WAITALL) == static_cast<ssize_t>(into.size());
}

// Two passes over `batch` in place: packets on the wire, segments on the disk.
class Ciphers {
 public:
  void both(MutableByteView batch) {
    pass(wire_, batch, kPacketBytes);
    pass(disk_, batch, kSegmentBytes);
  }

 private:
  static void pass(crypto::Aes256Gcm& cipher, MutableByteView batch, std::size_t step) {
    for (std::size_t at = 0; at < batch.size(); at += step) {
      crypto::AeadTag tag;
      cipher.seal({}, {}, batch.subspan(at, step), batch.subspan(at, step), tag);
    }
  }
  crypto::Aes256Gcm wire_{crypto::AeadKey(ByteArray<32>{})};
  crypto::Aes256Gcm disk_{crypto::AeadKey(ByteArray<32>{})};
};

double upload(const char* path, std::size_t batches) {
  Pair pair = loopback_pair();
  std::thread client([&] {
    const Bytes data(kBatchBytes, 1);
    for (std::size_t i = 0; i < batches; ++i)
      must(::send(pair.client.get(), data.data(), data.size(), 0) ==
               static_cast<ssize_t>(data.size()),
           "send");
  });
  const UniqueFd file(::open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  must(static_cast<bool>(file), "open");
  Ciphers ciphers;
  Bytes batch(kBatchBytes);
  const double before = thread_cpu_s();
  for (std::size_t i = 0; i < batches; ++i) {
    must(receive_all(pair.server.get(), batch), "recv");
    ciphers.both(batch);
    must(::write(file.get(), batch.data(), batch.size()) == static_cast<ssize_t>(batch.size()),
         "write");
  }
  const double cpu_s = thread_cpu_s() - before;
  client.join();
  return cpu_s;
}

double download(const char* path, std::size_t batches) {
  Pair pair = loopback_pair();
  std::thread client([&] {
    Bytes data(kBatchBytes);
    for (std::size_t i = 0; i < batches; ++i)
      must(receive_all(pair.client.get(), data), "recv");
  });
  const UniqueFd file(::open(path, O_RDONLY | O_CLOEXEC));
  must(static_cast<bool>(file), "open");
  Ciphers ciphers;
  Bytes batch(kBatchBytes);
  const double before = thread_cpu_s();
  for (std::size_t i = 0; i < batches; ++i) {
    must(::read(file.get(), batch.data(), batch.size()) == static_cast<ssize_t>(batch.size()),
         "read");
    ciphers.both(batch);
    must(::send(pair.server.get(), batch.data(), batch.size(), 0) ==
             static_cast<ssize_t>(batch.size()),
         "send");
  }
  const double cpu_s = thread_cpu_s() - before;
  client.join();
  return cpu_s;
}

}  // namespace
}  // namespace bulkhead

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::size_t mebibytes = std::strtoul(argv[2], nullptr, 10);
  const std::size_t batches = mebibytes * 1024 * 1024 / bulkhead::kBatchBytes;
  const double gib = static_cast<double>(mebibytes) / 1024;
  bulkhead::upload(argv[1], batches);  // the first touch of memory is not the floor
  ::unlink(argv[1]);
  const double up = bulkhead::upload(argv[1], batches) / gib;
  const double down = bulkhead::download(argv[1], batches) / gib;
  ::unlink(argv[1]);
  fmt::print("{:.3f} {:.3f}\n", up, down);
}
