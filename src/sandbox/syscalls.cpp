#include "sandbox/syscalls.h"

#include <linux/fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <iterator>

namespace bulkhead::sandbox {
namespace {

constexpr std::uint64_t kWholeArgument = ~std::uint64_t{0};
constexpr std::uint64_t kInt = 0xffffffff;

constexpr Allowed always(int number, std::string_view why) {
  return {number, why};
}
constexpr Allowed when(int number, std::string_view why, ArgumentIs first) {
  return {number, why, {first}, 1};
}
constexpr Allowed when(int number, std::string_view why, ArgumentIs first, ArgumentIs second) {
  return {number, why, {first, second}, 2};
}

// --- every kind: to live, to compute, to talk to the vault, to end
// ----------------------------------------------------

constexpr Allowed kEverybody[] = {
    // Memory: anonymous only, so that no file is ever mapped; never executable.
    when(SCMP_SYS(mmap), "malloc", {2, PROT_EXEC, 0}, {3, MAP_ANONYMOUS, MAP_ANONYMOUS}),
    when(SCMP_SYS(mprotect), "malloc grows its arenas", {2, PROT_EXEC, 0}),
    always(SCMP_SYS(munmap), "free"),
    always(SCMP_SYS(mremap), "realloc; keeps the protection that is there"),
    always(SCMP_SYS(madvise), "free gives pages back"),
    always(SCMP_SYS(brk), "malloc"),

    // Time and chance. Most of the first go through the vDSO and never get here.
    always(SCMP_SYS(clock_gettime), "log lines, time-outs"),
    always(SCMP_SYS(gettimeofday), "the same, from libraries"),
    always(SCMP_SYS(clock_nanosleep), "waiting"),
    always(SCMP_SYS(restart_syscall), "a wait that SIGSTOP and SIGCONT interrupted"),
    always(SCMP_SYS(getrandom), "OpenSSL and libsodium seed themselves; nonces"),
    always(SCMP_SYS(getpid), "OpenSSL asks before every random number whether it was forked"),
    always(SCMP_SYS(gettid), "abort()"),
    always(SCMP_SYS(futex), "std::call_once and locks in libraries"),

    // The channel to the vault and the log.
    always(SCMP_SYS(recvmsg), "channel: replies with descriptors"),
    always(SCMP_SYS(sendmsg), "channel: requests. A descriptor among them ends the channel"),
    always(SCMP_SYS(write), "stderr; the client's socket"),
    always(SCMP_SYS(close), "files that were read or written"),

    // The end. tgkill is further down: its first argument is only known at run time.
    always(SCMP_SYS(exit), "the end"),
    always(SCMP_SYS(exit_group), "the end"),
    always(SCMP_SYS(rt_sigprocmask), "abort() blocks signals first"),
    always(SCMP_SYS(rt_sigreturn),
           "return from a handler that a sanitizer installed, or a debugger"),
};

// --- ciphertext, on descriptors that the vault opened
// -----------------------------------------------------------------

constexpr Allowed kReadFiles[] = {
    always(SCMP_SYS(pread64), "segments and maps"),
    always(SCMP_SYS(preadv), "several segments at once"),
    // fstat(2) itself. newfstatat, which glibc 2.36 uses for it, takes a path and is not allowed.
    always(SCMP_SYS(fstat), "how long a file is"),
    always(SCMP_SYS(fadvise64), "reading ahead"),
};

constexpr Allowed kWriteFiles[] = {
    always(SCMP_SYS(pwrite64), "segments and maps"),
    always(SCMP_SYS(pwritev), "several segments at once"),
    always(SCMP_SYS(fdatasync), "fsync@openssh.com"),
    always(SCMP_SYS(sync_file_range), "starts writing early, so that CLOSE need not wait"),
    always(SCMP_SYS(ftruncate), "drops a torn record when an upload is resumed"),
    always(SCMP_SYS(fstatfs), "is there room: the journal's must not be used up"),
};

// --- the client's socket
// -----------------------------------------------------------------------------------------------

constexpr Allowed kClientSocket[] = {
    always(SCMP_SYS(read), "from the client"),
    always(SCMP_SYS(writev), "to the client"),
    when(SCMP_SYS(recvfrom), "recv(): no address is asked for", {4, kWholeArgument, 0}),
    when(SCMP_SYS(sendto), "send(): no address is named", {4, kWholeArgument, 0}),
    always(SCMP_SYS(poll), "time-outs"),
    always(SCMP_SYS(ppoll), "time-outs"),
    always(SCMP_SYS(shutdown), "the end of the conversation"),
    when(SCMP_SYS(setsockopt), "TCP_NODELAY", {1, kInt, IPPROTO_TCP}, {2, kInt, TCP_NODELAY}),
    when(SCMP_SYS(setsockopt), "SO_KEEPALIVE", {1, kInt, SOL_SOCKET}, {2, kInt, SO_KEEPALIVE}),
};

// --- what AddressSanitizer and UndefinedBehaviorSanitizer need; never in a release
// ------------------------------------

#ifdef BULKHEAD_SANITIZE
constexpr Allowed kSanitizers[] = {
    always(SCMP_SYS(mmap), "shadow memory"),
    always(SCMP_SYS(sigaltstack), "reports of stack overflows"),
    always(SCMP_SYS(rt_sigaction), "handlers that print reports"),
    always(SCMP_SYS(prlimit64), "how large is the stack"),
    always(SCMP_SYS(sched_yield), "its locks"),
    always(SCMP_SYS(pipe2), "UBSan asks whether memory is readable by writing it to a pipe"),
    always(SCMP_SYS(read), "and reads reports' maps"),
};
constexpr std::span<const Allowed> kForSanitizers{kSanitizers};
#else
constexpr std::span<const Allowed> kForSanitizers{};
#endif

constexpr std::span<const Allowed> kSftpSession[] = {kEverybody, kReadFiles, kWriteFiles,
                                                     kClientSocket, kForSanitizers};
constexpr std::span<const Allowed> kAnalyst[] = {kEverybody, kReadFiles, kWriteFiles,
                                                 kForSanitizers};

// Its one socket is in kEverybody.
constexpr std::span<const Allowed> kKeeper[] = {kEverybody, kForSanitizers};

// Libraries ask these in passing and live with a no; killing them for it would end honest
// processes.
constexpr int kRefusedGently[] = {
    SCMP_SYS(newfstatat),  // stdio, before it buffers
    SCMP_SYS(ioctl),       // stdio: is this a terminal
#ifdef BULKHEAD_SANITIZE
    SCMP_SYS(openat),  // reports want /proc/self/maps
    SCMP_SYS(readlink),   SCMP_SYS(readlinkat),
#endif
};

struct Filter {
  explicit Filter(scmp_filter_ctx made) : context(made) {}
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;
  ~Filter() { ::seccomp_release(context); }
  scmp_filter_ctx context;
};

// libseccomp returns -errno.
Status check(int result, const char* doing) {
  return result == 0 ? Status{} : Status(fail_errno(doing, -result));
}

Status add(const Filter& filter, const Allowed& row) {
  if (row.number < 0) return {};
  scmp_arg_cmp conditions[kMaxConditions];
  for (std::size_t i = 0; i < row.conditions; ++i) {
    conditions[i] = {row.when[i].index, SCMP_CMP_MASKED_EQ, row.when[i].mask, row.when[i].value};
  }
  return check(::seccomp_rule_add_array(filter.context, SCMP_ACT_ALLOW, row.number,
                                        static_cast<unsigned>(row.conditions), conditions),
               "adding a system call to the filter");
}

}  // namespace

std::span<const std::span<const Allowed>> allowed_for(Kind kind) {
  switch (kind) {
    case Kind::kSftpSession:
      return kSftpSession;
    case Kind::kAnalyst:
      return kAnalyst;
    case Kind::kKeeper:
      return kKeeper;
  }
  BH_ASSERT(false);
}

Status allow_only(Kind kind) {
  const Filter filter(::seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (filter.context == nullptr) return fail(ErrorCode::kInternal, "libseccomp gives no filter");
  // Another architecture's calls (32-bit, x32) have other numbers.
  BH_CHECK(check(::seccomp_attr_set(filter.context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
                 "refusing other architectures"));
  for (const auto table : allowed_for(kind)) {
    for (const Allowed& row : table)
      BH_CHECK(add(filter, row));
  }
  // abort(): to oneself only, and only that.
  const auto self = static_cast<std::uint64_t>(::getpid());
  const Allowed abort_row = when(SCMP_SYS(tgkill), "abort()", {0, kInt, self},
                                 {2, kInt, static_cast<std::uint64_t>(SIGABRT)});
  BH_CHECK(add(filter, abort_row));
  for (const int number : kRefusedGently) {
    BH_CHECK(check(::seccomp_rule_add(filter.context, SCMP_ACT_ERRNO(EPERM), number, 0),
                   "adding a refused system call to the filter"));
  }
  return check(::seccomp_load(filter.context), "entering the system call filter");
}

}  // namespace bulkhead::sandbox
