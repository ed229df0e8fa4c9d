#include "processes/supervisor/run.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address_list.h"
#include "base/configuration.h"
#include "base/log.h"

namespace bulkhead::processes {
namespace {

struct Options {
  std::string data;
  std::optional<std::string> sftp;
  std::optional<std::string> https;
  std::optional<std::uint32_t> pool;
  std::optional<std::uint32_t> connections;
  std::optional<std::uint32_t> connections_per_address;
  std::map<std::string, std::string> more;  // of those that only other builds have
  LogFormat log = LogFormat::kText;
};

Result<std::uint32_t> number(std::string_view name, std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value == 0) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs a number above 0", name));
  }
  return value;
}

Status take(Options& options, const std::string& name, const std::string& value,
            const MoreOptions& more) {
  if (name == "--data")
    options.data = value;
  else if (name == "--sftp")
    options.sftp = value;
  else if (name == "--https")
    options.https = value;
  else if (name == "--log" && (value == "json" || value == "text")) {
    options.log = value == "json" ? LogFormat::kJson : LogFormat::kText;
  } else if (name == "--pool") {
    BH_TRY(options.pool, number(name, value));
  } else if (name == "--connections") {
    BH_TRY(options.connections, number(name, value));
  } else if (name == "--connections-per-address") {
    BH_TRY(options.connections_per_address, number(name, value));
  } else if (more.contains(name)) {
    options.more[name] = value;
  } else {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} {} is not an option", name, value));
  }
  return {};
}

Result<Options> parse(int argc, char** argv, const MoreOptions& more) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 == argc)
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs a value", argv[i]));
    BH_CHECK(take(options, argv[i], argv[i + 1], more));
  }
  if (options.data.empty()) return fail(ErrorCode::kInvalidArgument, "--data DIR is missing");
  return options;
}

// The folder has to be there; what is wrong in it is for the vault to say.
Result<Configuration> configuration_of(const std::string& folder) {
  auto configuration = read_configuration(folder + "/bulkhead.toml");
  if (!configuration && configuration.error().code == ErrorCode::kNotFound) return Configuration();
  return configuration;
}

supervisor::PenaltySettings penalties_of(const Configuration& configuration) {
  const auto& penalties = configuration.penalties;
  return {.no_login_ms = penalties.no_login_ms,
          .failed_login_ms = penalties.failed_login_ms,
          .crash_ms = penalties.crash_ms,
          .enforced_from_ms = penalties.enforced_from_ms,
          .most_ms = penalties.most_ms,
          .addresses = penalties.addresses};
}

// What the two settings of networks may say.
Status check_networks(const Configuration& configuration) {
  if (configuration.penalties.ipv6_prefix_bits > 128)
    return fail(ErrorCode::kInvalidArgument, "penalties.ipv6_prefix_bits must be 128 at most");
  const std::string& exempt = configuration.penalties.exempt;
  if (exempt.empty()) return {};
  const auto checked = address_in_list("", exempt);
  return checked ? Status() : Status(fail(checked.error().within("penalties.exempt")));
}

supervisor::Limits limits_of(const Configuration& configuration, const Options& options) {
  return {.connections = options.connections.value_or(configuration.limits.connections),
          .connections_per_address = options.connections_per_address.value_or(
              configuration.limits.connections_per_address),
          .waiting_sessions = options.pool.value_or(configuration.limits.waiting_sessions),
          .penalties = penalties_of(configuration),
          .ipv6_prefix_bits = configuration.penalties.ipv6_prefix_bits,
          .never_refused = configuration.penalties.exempt};
}

// Passphrases and PINs that systemd has decrypted for this service.
std::vector<std::string> secret_arguments() {
  constexpr std::pair<std::string_view, std::string_view> kCredentials[] = {
      {"passphrase", "bulkhead-passphrase"},
      {"tpm", "bulkhead-tpm-pin"},
      {"pkcs11", "bulkhead-pkcs11-pin"}};
  std::vector<std::string> arguments;
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) return arguments;
  for (const auto& [seal, credential] : kCredentials) {
    const std::string path = fmt::format("{}/{}", folder, credential);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) continue;
    arguments.emplace_back("--secret-file");
    arguments.push_back(fmt::format("{}={}", seal, path));
  }
  return arguments;
}

// "credential:NAME" is what systemd has decrypted for this service.
Result<std::vector<std::string>> root_key_arguments(const std::string& root_key_file) {
  constexpr std::string_view kCredential = "credential:";
  if (!root_key_file.starts_with(kCredential))
    return std::vector<std::string>{"--root-key-file", root_key_file};
  const std::string name = root_key_file.substr(kCredential.size());
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || name.empty() || name.find('/') != std::string::npos) {
    return fail(ErrorCode::kNotFound,
                fmt::format("the root key is systemd's credential '{}': start the service with "
                            "LoadCredentialEncrypted={}:FILE",
                            name, name));
  }
  return std::vector<std::string>{"--credential", "--root-key-file",
                                  fmt::format("{}/{}", folder, name)};
}

Result<supervisor::Settings> settings_of(const Options& options, const MoreOptions& more) {
  namespace fs = std::filesystem;
  std::error_code error;
  const std::string folder = fs::absolute(options.data, error);  // the vault is started in "/"
  if (error || !fs::is_directory(folder, error)) {
    return fail(
        ErrorCode::kNotFound,
        fmt::format("there is no folder {}: make a deployment with `bulkhead init`", options.data));
  }
  BH_TRY(const Configuration configuration, configuration_of(folder));
  BH_CHECK(check_networks(configuration));
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  supervisor::Settings settings;
  settings.data_folder = folder;
  settings.libexec_folder = self.parent_path();
  BH_TRY(settings.keeper_arguments, root_key_arguments(configuration.keys.root_key_file));
  const std::vector<std::string> secrets = secret_arguments();
  settings.keeper_arguments.insert(settings.keeper_arguments.end(), secrets.begin(), secrets.end());
  settings.unwraps_per_minute = configuration.keys.unwraps_per_minute;
  settings.listeners = {{"sftp", options.sftp.value_or(configuration.listen.sftp)}};
  if (const std::string https = options.https.value_or(configuration.listen.https); !https.empty())
    settings.listeners.push_back({"https", https, supervisor::Protocol::kHttps});
  settings.limits = limits_of(configuration, options);
  settings.log_format = options.log;
  settings.analyst_memory_bytes = configuration.analysis.memory_bytes;
  for (const auto& [name, value] : options.more)
    settings.*more.at(name) = value;
  settings.reload = [folder, options]() -> Result<supervisor::Limits> {
    BH_TRY(const Configuration again, configuration_of(folder));
    BH_CHECK(check_networks(again));
    return limits_of(again, options);
  };
  return settings;
}

void print_ready(const std::vector<supervisor::Listener>& listeners) {
  std::string line = "ready";
  for (const supervisor::Listener& listener : listeners) {
    line += fmt::format(" {}={}", listener.name(), listener.address());
  }
  std::puts(line.c_str());
  std::fflush(stdout);
}

}  // namespace

int run_supervisor(int argc, char** argv, const MoreOptions& more) {
  const auto options = parse(argc, argv, more);
  if (!options) {
    fmt::print(stderr, "bulkhead: {}\n", options.error().message);
    return 2;
  }
  configure_log("supervisor", options->log, LogLevel::kInfo);
  auto settings = settings_of(*options, more);
  const Status done = settings ? supervisor::Supervisor(std::move(*settings), print_ready).run()
                               : Status(fail(settings.error()));
  if (done) return 0;
  if (!done.error().message.empty()) fmt::print(stderr, "bulkhead: {}\n", done.error().message);
  return 1;
}

}  // namespace bulkhead::processes
