// bulkhead-keeper: holds the root key and the organisations' keys, for the vault on descriptor 3.
//
//     bulkhead-keeper --root-key-file FILE [--credential] [--secret-file SEAL=FILE]…
//                     [--unwraps-per-minute N] [--log KIND]
//     bulkhead-keeper --create --root-key-file FILE --seal SEAL,… [settings]
//     bulkhead-keeper --reseal --root-key-file FILE --seal SEAL,… [--open-with SEAL] [settings]
//     bulkhead-keeper --add-seal --root-key-file FILE --seal SEAL [--open-with SEAL] [settings]
//     bulkhead-keeper --remove-seal --root-key-file FILE --seal SEAL
//     bulkhead-keeper --print-seals --root-key-file FILE
//     bulkhead-keeper --begin-change --root-key-file FILE --box-key HEX [--passphrase-fd N]
//     bulkhead-keeper --finish-change --root-key-file FILE --key-id HEX
//                     settings: [--seal-setting NAME=VALUE]… [--passphrase-fd N]
//
// The second makes a root key first. The others do without a vault: put the same one under other
// seals; say which there are; make the next one, under the seals of the present one and beside it,
// and print it in a box for the keeper that serves; take it, or throw it away. Exit status: 0 the
// vault is gone (or it is done), 1 failed, 2 wrong arguments.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/prepare.h"
#include "keeper/seal_hardware.h"
#include "keeper/server.h"
#include "processes/keeper/device_process.h"
#include "processes/keeper/seals.h"
#include "sandbox/sandbox.h"

#ifdef BULKHEAD_SANITIZE
// The leak check at exit needs threads and ptrace(2), which the sandbox has no place for.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}
#endif

namespace bulkhead::processes {
namespace {

constexpr int kVaultFd = 3;

constexpr std::string_view kNotLocked =
    "the keeper's memory is not locked, keys could reach the swap: set LimitMEMLOCK=infinity, or "
    "use no swap\n";

constexpr std::string_view kPlainFile =
    "the root key is a plain file: who copies it with the folder can read everything; bulkhead "
    "rekey --seal passphrase seals it\n";

// A PIN that a person gives after the sandbox is closed is for the chip or token.
bool wants_device(const keeper::RootKeyFile& file) {
  return std::ranges::any_of(file.slots(), [](const keeper::SealSlot& slot) {
    return slot.seal() != keeper::Seal::kPassphrase && slot.needs_secret();
  });
}

// The vault is the one to tell people; this stays until it has read it.
int tell_what_is_wrong(const Error& error) {
  keeper::Datagram datagram;
  encode(keeper::error_reply(0, error), datagram);
  if (keeper::send(kVaultFd, datagram)) static_cast<void>(keeper::receive(kVaultFd, datagram));
  return 1;
}

// The seals' process, where it is still needed, keeps its socket: its answers are what unseals.
int serve(const KeeperOptions& options) {
  crypto::prepare_for_sandbox();
  std::string warnings(sandbox::protect_memory() ? "" : kNotLocked);
  keeper::SealHardware hardware(crypto::system_random(), confine_to_tpm);
  DeviceProcess device(hardware);
  auto loaded = options.task == KeeperTask::kCreate
                    ? create_root_key(options, device, crypto::system_random())
                    : load_root_key(options, device);
  sandbox::Policy policy = sandbox::keeper_policy();
  policy.keep = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, kVaultFd};
  if (loaded && loaded->sealed && wants_device(*loaded->sealed)) {
    if (const Status started = device.start(); !started) return tell_what_is_wrong(started.error());
    policy.keep.push_back(device.fd());
  } else {
    device.end();
  }
  if (const auto missing = sandbox::enter(policy); !missing)
    return tell_what_is_wrong(missing.error().within("the keeper's sandbox"));
  if (!loaded) return tell_what_is_wrong(loaded.error());
  if (loaded->seals.front() == keeper::Seal::kFile) warnings += kPlainFile;
  warnings += loaded->warnings;
  keeper::LocalKeeper keys(crypto::system_random());
  if (loaded->key) {
    BH_ASSERT(keys.unseal(std::move(*loaded->key), std::move(loaded->next_key)).has_value());
    loaded->key.reset();
    loaded->next_key.reset();
  }
  keeper::Server server(keys, system_clock(),
                        {.unwraps_per_minute = options.unwraps_per_minute,
                         .warnings = std::move(warnings),
                         .seals = std::move(loaded->seals),
                         .sealed = std::move(loaded->sealed),
                         .sealed_next = std::move(loaded->sealed_next),
                         .device = &device});
  const Status served = server.run(kVaultFd);
  if (served) return 0;
  log_error("the vault's words make no sense", {{"why", served.error().message}});
  return 1;
}

// What it says on standard output.
Result<std::string> do_task(const KeeperOptions& options) {
  keeper::SealHardware hardware(crypto::system_random(), confine_to_tpm);
  DeviceProcess device(hardware);
  switch (options.task) {
    case KeeperTask::kPrintSeals:
      return describe_seals(options);
    case KeeperTask::kBeginChange:
      return begin_root_key_change(options, device, crypto::system_random());
    case KeeperTask::kFinishChange: {
      BH_TRY(const bool taken,
             keeper::finish_root_key_change(options.root_key_file, options.key_id));
      return std::string(taken ? "changed\n" : "unchanged\n");
    }
    default:
      BH_CHECK(change_seals(options, device, crypto::system_random()));
      return std::string();
  }
}

int run_once(const KeeperOptions& options) {
  crypto::prepare_for_sandbox();
  sandbox::protect_memory();
  const auto done = do_task(options);
  if (done) {
    std::fputs(done->c_str(), stdout);
    return 0;
  }
  std::fprintf(stderr, "bulkhead: %s\n", done.error().message.c_str());
  return 1;
}

int run_main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto options =
      parse_keeper_options(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!options) {
    std::fprintf(stderr, "bulkhead-keeper: %s\n", options.error().message.c_str());
    return 2;
  }
  configure_log("keeper", options->log, LogLevel::kInfo);
  const bool serves = options->task == KeeperTask::kServe || options->task == KeeperTask::kCreate;
  return serves ? serve(*options) : run_once(*options);
}

}  // namespace
}  // namespace bulkhead::processes

int main(int argc, char** argv) {
  return bulkhead::processes::run_main(argc, argv);
}
