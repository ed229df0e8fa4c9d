// The arguments of bulkhead-keeper, as main.cpp lists them.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/log.h"
#include "keeper/seal_slot.h"

namespace bulkhead::processes {

enum class KeeperTask {
  kServe,
  kCreate,
  kReseal,
  kAddSeal,
  kRemoveSeal,
  kPrintSeals,
  kBeginChange,
  kFinishChange,
};

struct KeeperOptions {
  KeeperTask task = KeeperTask::kServe;
  std::string root_key_file;
  bool credential = false;  // it lies where systemd puts what it decrypted
  std::uint32_t unwraps_per_minute = 0;
  std::vector<keeper::Seal> seals;        // to be made, or the one to be removed
  keeper::SealFields settings;            // of those that are made: "tpm-pcrs"
  std::optional<keeper::Seal> open_with;  // which of those that there are is given a secret
  std::map<keeper::Seal, std::string> secret_files;  // passphrases and PINs that systemd decrypted
  Bytes box_key;  // of the keeper that serves, for the next root key
  Bytes key_id;   // of the root key that the vault has
  int passphrase_fd = -1;
  LogFormat log = LogFormat::kText;
};

// kInvalidArgument.
Result<KeeperOptions> parse_keeper_options(std::span<char*> arguments);

}  // namespace bulkhead::processes
