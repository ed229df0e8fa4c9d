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
          {"tpm", "pin", options.tpm_pin ? "asked" : ""},
          {"pkcs11", "module", options.pkcs11_module},
          {"pkcs11", "key", options.pkcs11_key},
          {"pkcs11", "environment", options.pkcs11_environment}};
}

// A token's PIN is there already; the others are made here.
struct Question {
  std::string_view seal;
  std::string_view prompt;
  bool twice;
};
constexpr Question kQuestions[] = {{"passphrase", "New passphrase for the root key", true},
                                   {"tpm", "New PIN for the seal tpm", true},
                                   {"pkcs11", "PIN of the token", false}};

}  // namespace

bool SealOptions::has(std::string_view seal) const {
  return std::ranges::find(seals, seal) != seals.end();
}

std::vector<std::string> seal_kinds() {
  return {"file", "passphrase", "tpm", "pkcs11"};
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
  command
      .add_option("--pkcs11-module", options.pkcs11_module,
                  "For pkcs11: the library of the token's maker, which only root may change")
      ->type_name("PATH");
  command
      .add_option("--pkcs11-key", options.pkcs11_key,
                  "For pkcs11: an RSA private key in the token, as pkcs11:token=LABEL;object=LABEL")
      ->type_name("URI");
  command
      .add_option("--pkcs11-environment", options.pkcs11_environment,
                  "For pkcs11: what its library is told by its environment")
      ->type_name("NAME=VALUE");
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
  for (const Setting& setting : settings_of(options)) {
    if (setting.seal == "pkcs11" && setting.name != "environment" && setting.value.empty() &&
        options.has("pkcs11")) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the seal pkcs11 needs --pkcs11-{}", setting.name));
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
    const auto* const question = std::ranges::find(kQuestions, seal, &Question::seal);
    if (question == std::end(kQuestions) || (seal == "tpm" && !options.tpm_pin)) continue;
    BH_CHECK(check_can_ask(options));
    BH_TRY(crypto::SecretBytes secret,
           read_passphrase(STDIN_FILENO, question->prompt, question->twice));
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
