// bulkhead-keeper: holds the root key and the organisations' keys, for the vault on descriptor 3.
//
//     bulkhead-keeper --root-key-file FILE [--credential] [--unwraps-per-minute N] [--log KIND]
//     bulkhead-keeper --create --root-key-file FILE --seal KIND [--passphrase-fd N]
//     bulkhead-keeper --reseal --root-key-file FILE --seal KIND [--passphrase-fd N]
//     bulkhead-keeper --print-seal --root-key-file FILE
//     bulkhead-keeper --begin-change --root-key-file FILE --box-key HEX [--passphrase-fd N]
//     bulkhead-keeper --finish-change --root-key-file FILE --key-id HEX
//
// The second makes a root key first. The others do without a vault: put the same root key under
// another seal; make the next one, under the seal of the present one and beside it, and print it in
// a box for the keeper that serves; take it, or throw it away. Exit status: 0 the vault is gone (or
// it is done), 1 failed, 2 wrong arguments.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "crypto/prepare.h"
#include "keeper/server.h"
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
constexpr std::size_t kMostPassphraseBytes = 2 * 1024 + 2;

struct Options {
  std::string root_key_file;
  bool credential = false;  // it lies where systemd puts what it decrypted
  std::uint32_t unwraps_per_minute = 0;
  bool create = false;
  bool reseal = false;
  bool print_seal = false;
  bool begin_change = false;
  bool finish_change = false;
  Bytes box_key;
  Bytes key_id;
  keeper::Seal seal = keeper::Seal::kFile;  // for the two before
  int passphrase_fd = -1;
  LogFormat log = LogFormat::kText;
};

template <typename Number>
Status parse_number(std::string_view name, std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return {};
  return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs a number", name));
}

Status take(Options& options, std::string_view name, std::string_view value) {
  if (name == "--root-key-file") {
    options.root_key_file = value;
    return {};
  }
  if (name == "--log") {
    options.log = value == "json" ? LogFormat::kJson : LogFormat::kText;
    return {};
  }
  if (name == "--box-key" || name == "--key-id") {
    auto bytes = from_hex(value);
    if (!bytes) return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs hexadecimal", name));
    (name == "--box-key" ? options.box_key : options.key_id) = std::move(*bytes);
    return {};
  }
  if (name == "--unwraps-per-minute") return parse_number(name, value, options.unwraps_per_minute);
  if (name == "--passphrase-fd") return parse_number(name, value, options.passphrase_fd);
  const auto seal = keeper::seal_named(value);
  if (name != "--seal" || !seal)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} {} is not an option", name, value));
  options.seal = *seal;
  return {};
}

Result<Options> parse(std::span<char*> arguments) {
  Options options;
  const std::map<std::string_view, bool*> flags = {{"--create", &options.create},
                                                   {"--reseal", &options.reseal},
                                                   {"--print-seal", &options.print_seal},
                                                   {"--begin-change", &options.begin_change},
                                                   {"--finish-change", &options.finish_change},
                                                   {"--credential", &options.credential}};
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (const auto flag = flags.find(name); flag != flags.end()) {
      *flag->second = true;
      continue;
    }
    if (i + 1 == arguments.size())
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs a value", name));
    BH_CHECK(take(options, name, arguments[++i]));
  }
  return options;
}

constexpr std::string_view kNotLocked =
    "the keeper's memory is not locked, keys could reach the swap: set LimitMEMLOCK=infinity, or "
    "use no swap\n";

// The vault is the one to tell people; this stays until it has read it.
int tell_what_is_wrong(const Error& error) {
  keeper::Datagram datagram;
  encode(keeper::error_reply(0, error), datagram);
  if (keeper::send(kVaultFd, datagram)) static_cast<void>(keeper::receive(kVaultFd, datagram));
  return 1;
}

// The lines of the passphrase's descriptor: the one that there is, the one that is to be.
struct Passphrases {
  crypto::SecretBytes now;
  crypto::SecretBytes next;
};
Result<Passphrases> read_passphrases(int fd) {
  Passphrases passphrases;
  if (fd < 0) return passphrases;
  crypto::SecretBytes lines(kMostPassphraseBytes);
  BH_TRY(const std::size_t size, read_at(fd, lines.mutable_view(), 0, "the passphrase"));
  const std::string_view text = as_text(lines.view().first(size));
  const std::size_t end = std::min(text.find('\n'), text.size());
  passphrases.now = crypto::SecretBytes(as_bytes(text.substr(0, end)));
  const std::string_view rest = text.substr(std::min(end + 1, text.size()));
  passphrases.next = crypto::SecretBytes(as_bytes(rest.substr(0, rest.find('\n'))));
  return passphrases;
}

// What a start comes to before the sandbox: a root key, or one that waits for its passphrase.
struct Loaded {
  std::optional<crypto::AeadKey> key;
  std::optional<keeper::RootKeyFile> sealed;
  // Beside it, where a change was interrupted: which of the two it is the journal knows.
  std::optional<crypto::AeadKey> next_key;
  std::optional<keeper::RootKeyFile> sealed_next;
  keeper::Seal seal = keeper::Seal::kFile;
};

Result<Loaded> make(const Options& options) {
  crypto::Random& random = crypto::system_random();
  BH_TRY(const Passphrases passphrases, read_passphrases(options.passphrase_fd));
  Loaded loaded{.key = keeper::fresh_key(random), .seal = options.seal};
  BH_TRY(const crypto::SecretBytes text,
         keeper::RootKeyFile::write(*loaded.key, options.seal, passphrases.now.view(), random));
  BH_CHECK(keeper::create_root_key_file(options.root_key_file, text));
  return loaded;
}

Result<std::optional<keeper::RootKeyFile>> read_next(const Options& options) {
  if (options.credential) return std::nullopt;
  auto next = keeper::RootKeyFile::read(keeper::next_root_key_path(options.root_key_file));
  if (next) return std::optional(std::move(*next));
  if (next.error().code == ErrorCode::kNotFound) return std::nullopt;
  return fail(next.error());
}

Result<Loaded> load(const Options& options) {
  if (options.create) return make(options);
  BH_TRY(keeper::RootKeyFile file,
         keeper::RootKeyFile::read(options.root_key_file, options.credential));
  BH_TRY(std::optional<keeper::RootKeyFile> next, read_next(options));
  Loaded loaded{.seal = file.seal()};
  if (file.seal() == keeper::Seal::kPassphrase) {
    loaded.sealed = std::move(file);
    loaded.sealed_next = std::move(next);
    return loaded;
  }
  BH_TRY(loaded.key, file.open({}));
  if (next) {
    BH_TRY(loaded.next_key, next->open({}));
  }
  return loaded;
}

int serve(const Options& options) {
  crypto::prepare_for_sandbox();
  std::string warnings(sandbox::protect_memory() ? "" : kNotLocked);
  auto loaded = load(options);
  sandbox::Policy policy = sandbox::keeper_policy();
  policy.keep = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, kVaultFd};
  if (const auto missing = sandbox::enter(policy); !missing)
    return tell_what_is_wrong(missing.error().within("the keeper's sandbox"));
  if (!loaded) return tell_what_is_wrong(loaded.error());
  if (loaded->seal == keeper::Seal::kFile) {
    warnings +=
        "the root key is a plain file: who copies it with the folder can read everything; bulkhead "
        "rekey --seal passphrase seals it\n";
  }
  keeper::LocalKeeper keys(crypto::system_random());
  if (loaded->key) {
    BH_ASSERT(keys.unseal(std::move(*loaded->key), std::move(loaded->next_key)).has_value());
    loaded->key.reset();
    loaded->next_key.reset();
  }
  keeper::Server server(keys, system_clock(),
                        {.unwraps_per_minute = options.unwraps_per_minute,
                         .warnings = std::move(warnings),
                         .seal = loaded->seal,
                         .sealed = std::move(loaded->sealed),
                         .sealed_next = std::move(loaded->sealed_next)});
  const Status served = server.run(kVaultFd);
  if (served) return 0;
  log_error("the vault's words make no sense", {{"why", served.error().message}});
  return 1;
}

// The same root key under another seal. Whoever runs with it goes on.
Status reseal(const Options& options) {
  BH_TRY(const auto next, read_next(options));
  if (next)
    return fail(ErrorCode::kConflict,
                "a change of the root key was interrupted: bulkhead rekey --root ends it");
  BH_TRY(const Passphrases passphrases, read_passphrases(options.passphrase_fd));
  BH_TRY(const keeper::RootKeyFile file, keeper::RootKeyFile::read(options.root_key_file));
  BH_TRY(const crypto::AeadKey key, file.open(passphrases.now.view()));
  BH_TRY(const crypto::SecretBytes text,
         keeper::RootKeyFile::write(key, options.seal, passphrases.next.view(),
                                    crypto::system_random()));
  return keeper::replace_root_key_file(options.root_key_file, text);
}

// The next root key, under the seal of the present one: whoever opens that opens this.
Status begin_change(const Options& options) {
  crypto::SealedBoxPublicKey box_key{};
  if (options.box_key.size() != box_key.size())
    return fail(ErrorCode::kInvalidArgument, "--box-key has the wrong size");
  std::ranges::copy(options.box_key, box_key.begin());
  BH_TRY(const Passphrases passphrases, read_passphrases(options.passphrase_fd));
  BH_TRY(const keeper::RootKeyFile file, keeper::RootKeyFile::read(options.root_key_file));
  BH_CHECK(file.open(passphrases.now.view()));
  crypto::Random& random = crypto::system_random();
  const crypto::AeadKey next = keeper::fresh_key(random);
  BH_TRY(const crypto::SecretBytes text,
         keeper::RootKeyFile::write(next, file.seal(), passphrases.now.view(), random));
  BH_CHECK(keeper::create_root_key_file(keeper::next_root_key_path(options.root_key_file), text));
  std::puts(to_hex(crypto::seal_to(box_key, next.view())).c_str());
  return {};
}

// Prints whether the root key is another one now.
Status finish_change(const Options& options) {
  BH_TRY(const bool taken, keeper::finish_root_key_change(options.root_key_file, options.key_id));
  std::puts(taken ? "changed" : "unchanged");
  return {};
}

Status print_seal(const Options& options) {
  BH_TRY(const keeper::RootKeyFile file, keeper::RootKeyFile::read(options.root_key_file));
  std::puts(std::string(keeper::seal_name(file.seal())).c_str());
  return {};
}

int run_once(const Options& options, Status (*what)(const Options&)) {
  crypto::prepare_for_sandbox();
  sandbox::protect_memory();
  const Status done = what(options);
  if (done) return 0;
  std::fprintf(stderr, "bulkhead: %s\n", done.error().message.c_str());
  return 1;
}

int run_main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto options = parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!options) {
    std::fprintf(stderr, "bulkhead-keeper: %s\n", options.error().message.c_str());
    return 2;
  }
  configure_log("keeper", options->log, LogLevel::kInfo);
  if (options->reseal) return run_once(*options, reseal);
  if (options->print_seal) return run_once(*options, print_seal);
  if (options->begin_change) return run_once(*options, begin_change);
  if (options->finish_change) return run_once(*options, finish_change);
  return serve(*options);
}

}  // namespace
}  // namespace bulkhead::processes

int main(int argc, char** argv) {
  return bulkhead::processes::run_main(argc, argv);
}
