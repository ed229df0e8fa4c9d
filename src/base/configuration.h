// DIR/bulkhead.toml: every setting of a deployment, with its default. A setting that is not known,
// or of the wrong type, is an error that names it: a misspelt limit must not silently be no limit.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/error.h"

namespace bulkhead {

struct BudgetSettings {
  std::uint64_t bytes_per_day = 20ULL << 30;
  std::uint64_t files_per_day = 20'000;
  std::uint64_t names_per_day = 500'000;
};

struct Configuration {
  struct {
    std::string sftp = "0.0.0.0:2022";
  } listen;
  struct {
    std::string root_key_file;  // set by `bulkhead init`
  } keys;
  struct {
    std::uint64_t reserve_bytes = 256ULL << 20;  // uploads are refused below this much free disk
    std::uint64_t keep_parts_hours = 72;         // interrupted uploads
  } storage;
  struct {
    std::uint32_t connections = 4096;
    std::uint32_t connections_per_address = 256;
    std::uint32_t login_grace_ms = 60'000;
    std::uint32_t idle_timeout_ms = 15 * 60'000;
    std::uint32_t login_attempts = 6;
    std::uint32_t waiting_sessions = 4;  // started ahead of the clients
  } limits;
  struct {
    std::uint32_t processes = 1;              // analysts at a time
    std::uint64_t memory_bytes = 1ULL << 30;  // of each
  } analysis;
  struct {
    std::uint64_t checkpoint_entries = 10'000;  // a checkpoint at least every so many entries
  } journal;
  BudgetSettings budget;
  std::map<std::string, BudgetSettings> user_budgets;  // by user name

  const BudgetSettings& budget_of(const std::string& user_name) const;
};

Result<Configuration> parse_configuration(std::string_view toml, std::string_view path);
Result<Configuration> read_configuration(const std::string& path);
// What `bulkhead init` writes: every setting with its default and a line that explains it.
std::string documented_configuration(const std::string& root_key_file);

}  // namespace bulkhead
