#include "sandbox/syscalls.h"

#include <linux/fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
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
    when(SCMP_SYS(setsockopt), "log-in without delayed acknowledgements", {1, kInt, IPPROTO_TCP},
         {2, kInt, TCP_QUICKACK}),
};

// --- the syslog server's socket, besides what a client's needs
// -----------------------------------------------------------------------------------------------

constexpr Allowed kForwarderSocket[] = {
    when(SCMP_SYS(getsockopt), "what the server's TCP acknowledged", {1, kInt, IPPROTO_TCP},
         {2, kInt, TCP_INFO}),
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
constexpr std::span<const Allowed> kForwarder[] = {kEverybody, kClientSocket, kForwarderSocket,
                                                   kForSanitizers};
constexpr std::span<const Allowed> kAnalyst[] = {kEverybody, kReadFiles, kWriteFiles,
                                                 kForSanitizers};

// Its one socket is in kEverybody.
constexpr std::span<const Allowed> kKeeper[] = {kEverybody, kForSanitizers};

// --- who asks a TPM
// ------------------------------------------------------------------------------------------------

constexpr Allowed kTpmDevice[] = {
    always(SCMP_SYS(read), "the TPM's answers"),
    always(SCMP_SYS(poll), "waiting for them"),
    always(SCMP_SYS(ppoll), "the same"),
};
constexpr std::span<const Allowed> kTpm[] = {kEverybody, kTpmDevice, kForSanitizers};

// --- the vault: its folder, its sockets, its threads; nothing that makes a program, a process or a
// connection
// --------------------------------------------------------------------------------------------------

constexpr Allowed kVaultFiles[] = {
    always(SCMP_SYS(openat), "its folder; Landlock says where"),
    always(SCMP_SYS(read), "small files; event descriptors"),
    always(SCMP_SYS(lseek), "SQLite"),
    always(SCMP_SYS(newfstatat), "is it there, how large"),
    always(SCMP_SYS(statx), "the same, in later releases of libc"),
    always(SCMP_SYS(access), "SQLite: is there a journal"),
    always(SCMP_SYS(faccessat), "the same"),
    always(SCMP_SYS(faccessat2), "the same"),
    always(SCMP_SYS(readlink), "SQLite resolves its file's name; duplicating descriptors"),
    always(SCMP_SYS(readlinkat), "the same"),
    always(SCMP_SYS(getcwd), "SQLite, before it does"),
    always(SCMP_SYS(getdents64), "which blobs and segments are there"),
    always(SCMP_SYS(fcntl), "locks, leases on committed blobs, duplicates for edges"),
    always(SCMP_SYS(dup), "duplicates for edges"),
    always(SCMP_SYS(flock), "one vault a deployment"),
    always(SCMP_SYS(fsync), "durable names"),
    always(SCMP_SYS(fallocate), "the journal's next segment"),
    always(SCMP_SYS(rename), "replacing small files whole"),
    always(SCMP_SYS(renameat), "the same"),
    always(SCMP_SYS(renameat2), "the same"),
    always(SCMP_SYS(link), "names that must not be taken"),
    always(SCMP_SYS(linkat), "the same"),
    always(SCMP_SYS(unlink), "blobs that nothing refers to; a socket that was left"),
    always(SCMP_SYS(unlinkat), "the same"),
    always(SCMP_SYS(mkdir), "folders of the deployment"),
    always(SCMP_SYS(mkdirat), "the same"),
    always(SCMP_SYS(rmdir), "the same"),
    always(SCMP_SYS(chmod), "what is committed is read-only"),
    always(SCMP_SYS(fchmod), "the same"),
    always(SCMP_SYS(fchmodat), "the same"),
    always(SCMP_SYS(fchown), "SQLite: its journal belongs to the file's owner"),
    always(SCMP_SYS(umask), "modes of what is made"),
    always(SCMP_SYS(statfs), "is there room"),
    always(SCMP_SYS(utimensat), "SQLite; dates of parts"),
    // Files are mapped by SQLite (its index of the write-ahead log), never executable.
    when(SCMP_SYS(mmap), "SQLite's shared index", {2, PROT_EXEC, 0}),
    always(SCMP_SYS(msync), "the same"),
};

constexpr Allowed kVaultSockets[] = {
    when(SCMP_SYS(socket), "the administration socket", {0, kWholeArgument, AF_UNIX}),
    when(SCMP_SYS(socketpair), "the same for a command", {0, kWholeArgument, AF_UNIX}),
    always(SCMP_SYS(bind), "admin.sock: there is no socket of another family to bind"),
    always(SCMP_SYS(listen), "the same"),
    always(SCMP_SYS(accept4), "commands"),
    always(SCMP_SYS(getsockopt), "whose command it is"),
    when(SCMP_SYS(setsockopt), "time-outs, buffers", {1, kInt, SOL_SOCKET}),
    always(SCMP_SYS(shutdown), "the end of a conversation"),
    always(SCMP_SYS(epoll_create1), "its loop"),
    always(SCMP_SYS(epoll_ctl), "the same"),
    always(SCMP_SYS(epoll_wait), "the same"),
    always(SCMP_SYS(epoll_pwait), "the same"),
    always(SCMP_SYS(poll), "waiting for one"),
    always(SCMP_SYS(ppoll), "the same"),
    always(SCMP_SYS(eventfd2), "threads tell that they are done"),
};

// clone3(2), whose flags a filter cannot see, is answered as by a kernel without it.
constexpr Allowed kVaultThreads[] = {
    when(SCMP_SYS(clone), "threads of its own, no processes", {0, CLONE_THREAD, CLONE_THREAD}),
    always(SCMP_SYS(set_robust_list), "the start of a thread"),
    always(SCMP_SYS(rseq), "the same"),
    always(SCMP_SYS(set_tid_address), "the same"),
    always(SCMP_SYS(sched_yield), "locks"),
    always(SCMP_SYS(sched_getaffinity), "how many processors"),
    always(SCMP_SYS(rt_sigaction), "the start of the first thread"),
    always(SCMP_SYS(sigaltstack), "the same"),
    always(SCMP_SYS(mlock), "libsodium locks what it hashes passwords in"),
    always(SCMP_SYS(munlock), "the same"),
    always(SCMP_SYS(prlimit64), "how large is a stack"),
    always(SCMP_SYS(sysinfo), "how much memory"),
    always(SCMP_SYS(uname), "which kernel"),
    always(SCMP_SYS(getuid), "who it is"),
    always(SCMP_SYS(geteuid), "the same"),
    always(SCMP_SYS(getgid), "the same"),
    always(SCMP_SYS(getegid), "the same"),
    always(SCMP_SYS(nanosleep), "waiting"),
};

constexpr std::span<const Allowed> kVault[] = {
    kEverybody, kReadFiles, kWriteFiles, kVaultFiles, kVaultSockets, kVaultThreads, kForSanitizers};

// Nobody whom the supervisor starts needs any of these, before its own sandbox or in it.
constexpr int kDeniedToAll[] = {
#ifndef BULKHEAD_SANITIZE  // whose leak check at the supervisor's exit traces it
    SCMP_SYS(ptrace),
#endif
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(kcmp),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(chroot),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(reboot),
    SCMP_SYS(swapon),
    SCMP_SYS(swapoff),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime),
    SCMP_SYS(acct),
    SCMP_SYS(quotactl),
    SCMP_SYS(pidfd_getfd),
};

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
    case Kind::kTpm:
      return kTpm;
    case Kind::kVault:
      return kVault;
    case Kind::kForwarder:
      return kForwarder;
  }
  BH_ASSERT(false);
}

Status allow_only(Kind kind) {
  const bool trusted = kind == Kind::kVault;
  const std::uint32_t otherwise = trusted ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_KILL_PROCESS;
  const Filter filter(::seccomp_init(otherwise));
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
  if (trusted) {
    BH_CHECK(check(::seccomp_rule_add(filter.context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0),
                   "adding a refused system call to the filter"));
    return check(::seccomp_load(filter.context), "entering the system call filter");
  }
  for (const int number : kRefusedGently) {
    BH_CHECK(check(::seccomp_rule_add(filter.context, SCMP_ACT_ERRNO(EPERM), number, 0),
                   "adding a refused system call to the filter"));
  }
  return check(::seccomp_load(filter.context), "entering the system call filter");
}

Status deny_to_supervisor() {
  const Filter filter(::seccomp_init(SCMP_ACT_ALLOW));
  if (filter.context == nullptr) return fail(ErrorCode::kInternal, "libseccomp gives no filter");
  BH_CHECK(check(::seccomp_attr_set(filter.context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
                 "refusing other architectures"));
  for (const int number : kDeniedToAll) {
    if (number < 0) continue;
    BH_CHECK(check(::seccomp_rule_add(filter.context, SCMP_ACT_ERRNO(EPERM), number, 0),
                   "adding a refused system call to the filter"));
  }
  const scmp_arg_cmp another_family{0, SCMP_CMP_NE, AF_UNIX, 0};
  BH_CHECK(check(::seccomp_rule_add(filter.context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
                                    another_family),
                 "adding a refused system call to the filter"));
  return check(::seccomp_load(filter.context), "entering the system call filter");
}

}  // namespace bulkhead::sandbox
