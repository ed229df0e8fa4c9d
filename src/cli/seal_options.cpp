#include "cli/seal_options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/password_input.h"

namespace bulkhead::cli {
namespace {

struct Setting {
  std::string_view seal;
  std::string_view name;  // of the keeper
  std::string value;      // empty: not given
};

std::vector<Setting> settings_of(const SealOptions& options) {
  return {{"tpm", "device", options.tpm_device},
          {"tpm", "pcrs", options.tpm_pcrs},
          {"tpm", "pin", options.tpm_pin ? "asked" : ""}};
}

}  // namespace

bool SealOptions::has(std::string_view seal) const {
  return std::ranges::find(seals, seal) != seals.end();
}

std::vector<std::string> seal_kinds() {
  return {"file", "passphrase", "tpm"};
}

void add_seal_settings(CLI::App& command, SealOptions& options) {
  command
      .add_option("--tpm-pcrs", options.tpm_pcrs,
                  "For tpm: the registers that must be as they are now, with commas between, or "
                  "none; 7 if not given")
      ->type_name("LIST");
  command.add_flag("--tpm-pin", options.tpm_pin, "For tpm: the chip also wants a PIN");
  command
      .add_option("--tpm-device", options.tpm_device,
                  "For tpm: its device or socket; /dev/tpmrm0 if not given")
      ->type_name("PATH");
  command.add_flag("--passphrase-stdin", options.secrets_from_stdin,
                   "Read passphrases and PINs from standard input, a line each: first the one that "
                   "opens what there is, where one does, then those of new seals in their order");
}

Status check_seals(const SealOptions& options) {
  for (const Setting& setting : settings_of(options)) {
    if (!setting.value.empty() && !options.has(setting.seal)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("--{}-{} is for the seal {}, which is not asked for", setting.seal,
                              setting.name, setting.seal));
    }
  }
  if (options.has("file") && options.seals.size() > 1) {
    return fail(ErrorCode::kInvalidArgument,
                "file is no seal: beside it another one protects nothing");
  }
  return {};
}

std::vector<std::string> seal_arguments(const SealOptions& options) {
  std::vector<std::string> arguments = {"--seal", fmt::format("{}", fmt::join(options.seals, ","))};
  for (const Setting& setting : settings_of(options)) {
    if (setting.value.empty()) continue;
    arguments.emplace_back("--seal-setting");
    arguments.push_back(fmt::format("{}-{}={}", setting.seal, setting.name, setting.value));
  }
  return arguments;
}

Status ask_new_secrets(const SealOptions& options, std::vector<crypto::SecretBytes>& secrets) {
  for (const std::string& seal : options.seals) {
    const bool pin = seal == "tpm" && options.tpm_pin;
    if (seal != "passphrase" && !pin) continue;
    BH_CHECK(check_can_ask(options));
    BH_TRY(crypto::SecretBytes secret,
           read_passphrase(STDIN_FILENO,
                           pin ? fmt::format("New PIN for the seal {}", seal)
                               : std::string("New passphrase for the root key"),
                           true));
    secrets.push_back(std::move(secret));
  }
  return {};
}

Result<crypto::SecretBytes> ask_secret(const std::string& seal) {
  return read_passphrase(STDIN_FILENO,
                         seal == "passphrase" ? std::string("Passphrase of the root key")
                                              : fmt::format("PIN of the seal {}", seal),
                         false);
}

Status check_can_ask(const SealOptions& options) {
  if (options.secrets_from_stdin || ::isatty(STDIN_FILENO) == 1) return {};
  return fail(ErrorCode::kInvalidArgument,
              "there is no terminal to ask on: give passphrases and PINs with --passphrase-stdin, "
              "the one that opens what there is first");
}

Result<UniqueFd> secrets_descriptor(const std::vector<crypto::SecretBytes>& secrets) {
  std::vector<const crypto::SecretBytes*> lines;
  for (const crypto::SecretBytes& secret : secrets)
    lines.push_back(&secret);
  return passphrase_descriptor(lines);
}

}  // namespace bulkhead::cli
