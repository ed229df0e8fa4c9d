#include "exposure/containers/reading_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxMessage = 64 * 1024;  // two names
constexpr std::size_t kDescriptors = 2;         // the file, and where what was found goes
constexpr int kLookAtStopMs = 200;
// Beyond what the reader allows itself between two of its own looks at the clock.
constexpr std::uint64_t kGraceSeconds = 60;
constexpr Byte kFound = 0, kFailed = 1;  // what the rest of an answer is

struct Task {
  std::string name_hint, path;
  UniqueFd file, answer;
};

Status send_task(int socket, const std::string& text, std::array<int, kDescriptors> descriptors) {
  iovec part{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptors);
  std::memcpy(CMSG_DATA(header), descriptors.data(), sizeof descriptors);
  while (::sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
    if (errno != EINTR) return fail_errno("handing a file to the process that reads it");
  }
  return {};
}

// Nothing: the other side is gone.
std::optional<Task> next_task(int socket) {
  std::string text(kMaxMessage, '\0');
  iovec part{text.data(), text.size()};
  std::array<int, kDescriptors> descriptors{};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t length = 0;
  do {
    length = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (length < 0 && errno == EINTR);
  const cmsghdr* header = CMSG_FIRSTHDR(&message);
  if (length <= 0 || header == nullptr || header->cmsg_len != CMSG_LEN(sizeof descriptors))
    return std::nullopt;
  std::memcpy(descriptors.data(), CMSG_DATA(header), sizeof descriptors);
  text.resize(static_cast<std::size_t>(length));
  const std::size_t end = text.find('\0');
  return Task{text.substr(0, end), text.substr(std::min(end, text.size() - 1) + 1),
              UniqueFd(descriptors[0]), UniqueFd(descriptors[1])};
}

void limit_cpu(std::uint64_t file_bytes) {
  const ContainerLimits limits;
  const std::uint64_t seconds =
      limits.cpu_seconds + file_bytes / limits.bytes_per_cpu_second + kGraceSeconds;
  const rlimit most{seconds, seconds};
  ::setrlimit(RLIMIT_CPU, &most);
}

Status answer(int to, Byte kind, const std::function<Status(const ByteSink&)>& write) {
  const ByteSink sink = [to](ByteView bytes) { return write_all(to, bytes, "what was found"); };
  BH_CHECK(sink(ByteView(&kind, 1)));
  return write(sink);
}

Status read_task(Task& task, const Rules& rules, const Layouts& layouts,
                 const ReadingProcess::Confine& confine) {
  BH_TRY(FileSource source, FileSource::of(std::move(task.file)));
  limit_cpu(source.size());
  BH_CHECK(confine({STDERR_FILENO, source.fd(), task.answer.get()}));
  BH_TRY(const FileFindings findings, analyse(source, task.name_hint, rules, layouts));
  return answer(task.answer.get(), kFound,
                [&](const ByteSink& sink) { return encode(findings, sink); });
}

// The child's whole life.
[[noreturn]] void read_and_end(Task task, const Rules& rules, const Layouts& layouts,
                               const ReadingProcess::Confine& confine) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  std::string why;
  try {
    const Status done = read_task(task, rules, layouts, confine);
    if (done) ::_exit(0);
    why = done.error().message;
  } catch (const std::bad_alloc&) {
    why = "to read it takes more memory than it may have";
  }
  (void)answer(task.answer.get(), kFailed,
               [&](const ByteSink& sink) { return sink(as_bytes(why)); });
  ::_exit(1);
}

// The life of the process that forks them: it looks at no file.
[[noreturn]] void serve(int socket, const Rules& rules, LayoutShelf& shelf,
                        const ReadingProcess::Confine& confine) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  ::signal(SIGINT, SIG_IGN);  // whoever asks for an end decides what becomes of these
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGCHLD, SIG_IGN);  // nobody waits for them: what they answer tells
  prepare_for_sandbox();
  while (std::optional<Task> task = next_task(socket)) {
    const Layouts found = shelf.for_file(task->path);
    const std::vector<LayoutPtr> beside = found.all_beside();
    const pid_t pid = ::fork();
    if (pid == 0)
      read_and_end(std::move(*task), rules, {found.given, [&] { return beside; }}, confine);
  }
  ::_exit(0);
}

Result<Bytes> whole_answer(int from, const std::atomic<bool>* stop) {
  Bytes bytes;
  std::size_t filled = 0;
  while (true) {
    pollfd wait{from, POLLIN, 0};
    const int ready = ::poll(&wait, 1, kLookAtStopMs);
    if (stop != nullptr && *stop)
      return fail(ErrorCode::kRefused, "not read: the scan was stopped");
    if (ready <= 0) continue;
    bytes.resize(std::max<std::size_t>(bytes.size(), filled + 1024 * 1024));
    const ssize_t count = ::read(from, bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail_errno("reading what was found");
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
    if (filled == bytes.size()) bytes.resize(2 * filled);
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace

Result<ReadingProcess> ReadingProcess::start(const Rules& rules, LayoutShelf& shelf,
                                             const Confine& confine) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return fail_errno("making a socket");
  UniqueFd ours(ends[0]), theirs(ends[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno("starting a process to read archives");
  if (pid == 0) {
    ours.reset();
    serve(theirs.get(), rules, shelf, confine);
  }
  return ReadingProcess(std::move(ours), pid);
}

ReadingProcess::~ReadingProcess() {
  if (!socket_) return;
  socket_.reset();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR)
    continue;
}

Result<FileFindings> ReadingProcess::analyse(int file, const std::string& path,
                                             const std::string& name_hint,
                                             const std::atomic<bool>* stop) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_errno("making a pipe");
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  const std::string text = name_hint + '\0' + path;
  if (text.size() > kMaxMessage) return fail(ErrorCode::kLimitExceeded, "its name is too long");
  BH_CHECK(send_task(socket_.get(), text, {file, to.get()}));
  to.reset();
  BH_TRY(const Bytes bytes, whole_answer(from.get(), stop));
  const ByteView rest = ByteView(bytes).subspan(std::min<std::size_t>(1, bytes.size()));
  if (!bytes.empty() && bytes[0] == kFailed)
    return fail(ErrorCode::kIo, "not read: " + std::string(as_text(rest)));
  auto findings = bytes.empty() ? Result<FileFindings>(fail(ErrorCode::kIo, "")) : decode(rest);
  if (findings) return findings;
  return fail(ErrorCode::kIo,
              "not read: the process that was to read it ended before it was done; the file may "
              "be made to do harm: look at it on a machine of its own");
}

}  // namespace bulkhead::exposure
