// DIR/bulkhead.toml: every setting of a deployment, with its default. A setting that is not known,
// or of the wrong type, is an error that names it: a misspelt limit must not silently be no limit.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ssh_profile.h"

namespace bulkhead {

// What may leave to one principal (an account, an organisation's accounts, a listener, all) before
// somebody must look.
struct BudgetSettings {
  std::uint64_t bytes_per_hour = 10ULL << 30;
  std::uint64_t bytes_per_day = 20ULL << 30;
  std::uint64_t files_per_hour = 10'000;
  std::uint64_t files_per_day = 20'000;
  std::uint64_t names_per_hour = 250'000;
  std::uint64_t names_per_day = 500'000;
  // Files that had been there for more than a week, or were read before.
  std::uint64_t old_files_per_28_days = 5'000;
  // Said for this principal by name: then nothing that was learned lowers it.
  bool fixed_bytes = false;
  bool fixed_files = false;
  bool fixed_names = false;
  bool fixed_old_files = false;
};

constexpr BudgetSettings wider_budget(std::uint64_t times) {
  BudgetSettings wider;
  for (std::uint64_t* number :
       {&wider.bytes_per_hour, &wider.bytes_per_day, &wider.files_per_hour, &wider.files_per_day,
        &wider.names_per_hour, &wider.names_per_day, &wider.old_files_per_28_days})
    *number *= times;
  return wider;
}

struct Configuration {
  struct {
    std::string sftp = "0.0.0.0:2022";
    std::string https;  // empty: not served
    SshProfile sftp_profile = SshProfile::kModern;
  } listen;
  struct {
    std::string root_key_file;             // set by `bulkhead init`
    std::uint32_t unwraps_per_minute = 0;  // of file keys; 0: no limit
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
    std::uint32_t connections_per_user = 64;
    std::uint32_t logins_per_minute = 300;  // of one user
  } limits;
  struct {
    std::uint32_t failed_login_ms = 5'000;
    std::uint32_t no_login_ms = 1'000;
    std::uint32_t crash_ms = 90'000;
    std::uint32_t enforced_from_ms = 15'000;  // what has gathered below that is not felt
    std::uint32_t most_ms = 600'000;
    std::uint32_t addresses = 65'536;  // remembered at a time
    std::uint32_t ipv6_prefix_bits = 64;
    std::string exempt = "127.0.0.0/8,::1";  // networks that are never refused
  } penalties;
  struct {
    std::uint32_t processes = 1;              // analysts at a time
    std::uint64_t memory_bytes = 1ULL << 30;  // of each
  } analysis;
  struct {
    std::uint64_t checkpoint_entries = 10'000;  // a checkpoint at least every so many entries
    std::vector<std::string> witnesses;         // verifier keys (C2SP tlog-cosignature)
    std::uint32_t remind_hours = 24;  // `status` warns when no checkpoint left for so long
  } journal;
  struct {
    std::uint32_t remind_hours = 48;  // `status` warns when the last backup is older; 0: never
  } backup;
  struct {
    std::string server;  // "203.0.113.5:6514"; empty: the journal is not forwarded
    std::string server_name;
    std::string ca_file;
    std::string certificate_file;
    std::string key_file;
    std::string format = "ndjson";  // or "cef"
  } syslog;
  BudgetSettings budget;  // of each user
  BudgetSettings organisation_budget = wider_budget(5);
  BudgetSettings listener_budget = wider_budget(25);
  BudgetSettings deployment_budget = wider_budget(25);
  std::map<std::string, BudgetSettings> user_budgets;  // by name
  std::map<std::string, BudgetSettings> organisation_budgets;
  std::map<std::string, BudgetSettings> listener_budgets;
  std::map<std::string, SshProfile> user_ssh_profiles;  // by name
  // What one account may always do, whatever was learned from its past; and all that it may do
  // before anything was.
  struct {
    std::uint64_t bytes_per_day = 2ULL << 30;
    std::uint64_t files_per_day = 200;
    std::uint64_t names_per_day = 20'000;
    std::uint64_t old_files_per_28_days = 50;
  } learned;
  struct {
    std::uint32_t refusals_of_session = 5;    // over budget: then the session gets nothing more
    std::uint32_t refusals_of_user = 15;      // in 24 hours
    std::uint32_t refusals_of_others = 300;   // in 24 hours; of an organisation, a listener, all
    std::uint32_t users_of_organisation = 3;  // stopped within 24 hours: then all of it
    std::uint32_t users_of_listener = 6;
    std::uint32_t users_of_deployment = 10;
  } breaker;

  const BudgetSettings& budget_of(const std::string& user_name) const;
  const BudgetSettings& budget_of_organisation(const std::string& name) const;
  const BudgetSettings& budget_of_listener(const std::string& name) const;
  // What a user may use at most. What the listener offers bounds it further; legacy is only for
  // users whom the configuration names.
  SshProfile ssh_profile_of(const std::string& user_name) const;
};

Result<Configuration> parse_configuration(std::string_view toml, std::string_view path);
Result<Configuration> read_configuration(const std::string& path);
// What `bulkhead init` writes: every setting with its default and a line that explains it.
std::string documented_configuration(const std::string& root_key_file);

}  // namespace bulkhead
