#include "software_tpm.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

namespace bulkhead::keeper {
namespace {

constexpr const char* kProgram = "/usr/bin/swtpm";
constexpr std::uint32_t kPcrExtend = 0x00000182;
constexpr std::uint32_t kPcrRead = 0x0000017E;
constexpr std::uint32_t kClear = 0x00000126;
constexpr std::uint32_t kLockoutHierarchy = 0x4000000A;

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  BH_ASSERT(path.size() < sizeof address.sun_path);
  std::ranges::copy(path, address.sun_path);
  return address;
}

UniqueFd connect_to(const std::string& path) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_of(path);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return UniqueFd();
  return fd;
}

template <typename T>
void add(Bytes& bytes, T value) {
  const std::size_t at = bytes.size();
  bytes.resize(at + sizeof value);
  store_be(&bytes[at], value);
}

// One message of either direction: its size stands at its third byte.
Bytes read_message(int fd) {
  Bytes message(10);
  std::size_t size = 0;
  while (size < message.size()) {
    const ssize_t got = ::read(fd, &message[size], message.size() - size);
    if (got <= 0) return {};
    size += static_cast<std::size_t>(got);
    if (size == 10)
      message.resize(std::clamp<std::size_t>(load_be<std::uint32_t>(&message[2]), 10, 4096));
  }
  return message;
}

}  // namespace

bool SoftwareTpm::is_there() {
  return ::access(kProgram, X_OK) == 0;
}

SoftwareTpm::SoftwareTpm() {
  std::string pattern = (std::filesystem::temp_directory_path() / "bulkhead-tpm-XXXXXX").string();
  BH_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  path_ = folder_ + "/socket";
  const std::string arguments[] = {"swtpm",
                                   "socket",
                                   "--tpm2",
                                   "--tpmstate",
                                   "dir=" + folder_,
                                   "--server",
                                   "type=unixio,path=" + path_,
                                   "--ctrl",
                                   "type=unixio,path=" + folder_ + "/control",
                                   "--flags",
                                   "not-need-init,startup-clear"};
  std::vector<char*> argv;
  for (const std::string& argument : arguments)
    argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  pid_ = ::fork();
  BH_ASSERT(pid_ >= 0);
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);  // a line for each client that goes
    ::execv(kProgram, argv.data());
    ::_exit(127);
  }
  for (int i = 0; i < 1000 && !connect_to(path_); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

SoftwareTpm::~SoftwareTpm() {
  kill();
  std::filesystem::remove_all(folder_);
}

void SoftwareTpm::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::uint32_t SoftwareTpm::run(std::uint32_t command, std::uint32_t handle, ByteView parameters) {
  Bytes bytes;
  add<std::uint16_t>(bytes, 0x8002);  // with sessions
  add<std::uint32_t>(bytes, static_cast<std::uint32_t>(10 + 4 + 4 + 9 + parameters.size()));
  add<std::uint32_t>(bytes, command);
  add<std::uint32_t>(bytes, handle);
  add<std::uint32_t>(bytes, 9);
  add<std::uint32_t>(bytes, 0x40000009);  // TPM_RS_PW
  add<std::uint16_t>(bytes, 0);
  bytes.push_back(0);
  add<std::uint16_t>(bytes, 0);
  bytes.insert(bytes.end(), parameters.begin(), parameters.end());
  const UniqueFd fd = connect_to(path_);
  BH_ASSERT(fd && write_all(fd.get(), bytes, "swtpm"));
  const Bytes response = read_message(fd.get());
  BH_ASSERT(response.size() >= 10);
  return load_be<std::uint32_t>(&response[6]);
}

std::uint32_t SoftwareTpm::extend_pcr(std::uint32_t pcr) {
  Bytes parameters;
  add<std::uint32_t>(parameters, 1);
  add<std::uint16_t>(parameters, 0x000B);  // SHA-256
  parameters.resize(parameters.size() + 32, Byte{0x5a});
  return run(kPcrExtend, pcr, parameters);
}

std::uint32_t SoftwareTpm::clear() {
  return run(kClear, kLockoutHierarchy, {});
}

BusTap::BusTap(const SoftwareTpm& tpm, bool changes_pcrs)
    : tpm_path_(tpm.path()), path_(tpm.path() + ".tap"), changes_pcrs_(changes_pcrs) {
  listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_of(path_);
  BH_ASSERT(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                0 &&
            ::listen(listener_.get(), 8) == 0);
  thread_ = std::thread([this] { serve(); });
}

BusTap::~BusTap() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
  std::filesystem::remove(path_);
}

void BusTap::serve() {
  while (true) {
    const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!client) return;
    const UniqueFd tpm = connect_to(tpm_path_);
    pass(client.get(), tpm.get());
  }
}

void BusTap::pass(int client, int tpm) {
  while (true) {
    const Bytes command = read_message(client);
    if (command.empty() || !write_all(tpm, command, "swtpm")) return;
    Bytes response = read_message(tpm);
    if (response.empty()) return;
    const std::lock_guard lock(mutex_);
    seen_.insert(seen_.end(), command.begin(), command.end());
    seen_.insert(seen_.end(), response.begin(), response.end());
    // The digest is the last parameter, before the session's nonce and HMAC.
    if (changes_pcrs_ && load_be<std::uint32_t>(&command[6]) == kPcrRead && response.size() > 110)
      response[40] ^= 1;
    if (!write_all(client, response, "client")) return;
  }
}

bool BusTap::saw(ByteView bytes) {
  const std::lock_guard lock(mutex_);
  return !std::ranges::search(seen_, bytes).empty();
}

std::size_t BusTap::seen_bytes() {
  const std::lock_guard lock(mutex_);
  return seen_.size();
}

}  // namespace bulkhead::keeper
