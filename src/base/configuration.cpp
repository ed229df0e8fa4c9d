#include "base/configuration.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/fd.h"

#define TOML_EXCEPTIONS 0
// Its assertions hold for some malformed files only ("[[["); behind them it checks again and says
// what is wrong.
#define TOML_ASSERT(expression) static_assert(true)
#include <toml++/toml.h>

namespace bulkhead {
namespace {

using Target = std::variant<std::string*, std::uint32_t*, std::uint64_t*, std::vector<std::string>*,
                            SshProfile*>;

constexpr SshProfile kMostOfAnyUser = SshProfile::kCompatible;

struct Setting {
  std::string_view section;
  std::string_view name;
  std::string_view explanation;
  std::function<Target(Configuration&)> target;
};

struct BudgetNumber {
  std::string_view name;
  std::string_view explanation;
  std::uint64_t BudgetSettings::* number;
  bool BudgetSettings::* fixed;
};
using B = BudgetSettings;
constexpr BudgetNumber kBudgetNumbers[] = {
    {"bytes_per_hour", "", &B::bytes_per_hour, &B::fixed_bytes},
    {"bytes_per_day", "Bytes that may be read in 24 hours.", &B::bytes_per_day, &B::fixed_bytes},
    {"files_per_hour", "", &B::files_per_hour, &B::fixed_files},
    {"files_per_day", "How many files may be read in 24 hours.", &B::files_per_day,
     &B::fixed_files},
    {"names_per_hour", "", &B::names_per_hour, &B::fixed_names},
    {"names_per_day", "How many names may be listed in 24 hours.", &B::names_per_day,
     &B::fixed_names},
    {"old_files_per_28_days", "Files older than a week, or read before.", &B::old_files_per_28_days,
     &B::fixed_old_files},
};

struct BudgetSection {
  std::string_view section;
  std::string_view explanation;
  BudgetSettings Configuration::* budget;
  // Sections for one of a kind: "budget.user" for [budget.user.NAME].
  std::string_view named;
  std::map<std::string, BudgetSettings> Configuration::* by_name;
};
using C = Configuration;
constexpr BudgetSection kBudgetSections[] = {
    {"budget", "The most that each user may do. [budget.user.NAME] sets numbers for one of them.",
     &C::budget, "budget.user", &C::user_budgets},
    {"budget.organisations", "All users of an organisation; [budget.organisation.NAME] for one.",
     &C::organisation_budget, "budget.organisation", &C::organisation_budgets},
    {"budget.listeners", "All that goes out through one listener; [budget.listener.NAME] for one.",
     &C::listener_budget, "budget.listener", &C::listener_budgets},
    {"budget.deployment", "All that goes out.", &C::deployment_budget, "", nullptr},
};

const std::vector<Setting>& single_settings() {
  static const std::vector<Setting> table = {
      {"listen", "sftp", "Address and port for SFTP clients.",
       [](Configuration& c) { return &c.listen.sftp; }},
      {"listen", "sftp_profile",
       "Algorithms that are offered: post-quantum, modern, compatible or legacy. "
       "[ssh.user.NAME] has the profile of one user; legacy needs that.",
       [](Configuration& c) { return &c.listen.sftp_profile; }},
      {"listen", "https", "Address and port for HTTPS clients; empty: there is no HTTPS.",
       [](Configuration& c) { return &c.listen.https; }},
      {"keys", "root_key_file",
       "The root key. Keep it off this disk's backups: with both, the files are readable.",
       [](Configuration& c) { return &c.keys.root_key_file; }},
      {"keys", "unwraps_per_minute",
       "File keys that the keeper gives to the vault in a minute, over all users; 0: no limit.",
       [](Configuration& c) { return &c.keys.unwraps_per_minute; }},
      {"storage", "reserve_bytes", "Uploads are refused when less than this is free on the disk.",
       [](Configuration& c) { return &c.storage.reserve_bytes; }},
      {"storage", "keep_parts_hours", "How long an interrupted upload waits to be resumed.",
       [](Configuration& c) { return &c.storage.keep_parts_hours; }},
      {"limits", "connections", "Clients at a time.",
       [](Configuration& c) { return &c.limits.connections; }},
      {"limits", "connections_per_address", "Clients at a time from one address.",
       [](Configuration& c) { return &c.limits.connections_per_address; }},
      {"limits", "login_grace_ms", "A client that has not logged in by then is disconnected.",
       [](Configuration& c) { return &c.limits.login_grace_ms; }},
      {"limits", "idle_timeout_ms", "A client that is silent this long is disconnected.",
       [](Configuration& c) { return &c.limits.idle_timeout_ms; }},
      {"limits", "login_attempts", "Failed attempts before a connection is closed.",
       [](Configuration& c) { return &c.limits.login_attempts; }},
      {"limits", "waiting_sessions", "Session processes started ahead of their clients.",
       [](Configuration& c) { return &c.limits.waiting_sessions; }},
      {"limits", "connections_per_user", "Clients at a time that are logged in as one user.",
       [](Configuration& c) { return &c.limits.connections_per_user; }},
      {"limits", "logins_per_minute", "Log-ins of one user in a minute.",
       [](Configuration& c) { return &c.limits.logins_per_minute; }},
      {"penalties", "failed_login_ms",
       "How long an address is refused after a connection that tried to log in and did not. These "
       "times add up.",
       [](Configuration& c) { return &c.penalties.failed_login_ms; }},
      {"penalties", "no_login_ms", "The same, after one that did not even try.",
       [](Configuration& c) { return &c.penalties.no_login_ms; }},
      {"penalties", "crash_ms", "The same, after one whose process crashed or broke the rules.",
       [](Configuration& c) { return &c.penalties.crash_ms; }},
      {"penalties", "enforced_from_ms", "Nobody is refused before so much has gathered.",
       [](Configuration& c) { return &c.penalties.enforced_from_ms; }},
      {"penalties", "most_ms", "Nobody is refused for longer; 0 switches penalties off.",
       [](Configuration& c) { return &c.penalties.most_ms; }},
      {"penalties", "addresses", "How many addresses are remembered at a time.",
       [](Configuration& c) { return &c.penalties.addresses; }},
      {"penalties", "ipv6_prefix_bits", "IPv6 addresses that share so many bits count as one.",
       [](Configuration& c) { return &c.penalties.ipv6_prefix_bits; }},
      {"penalties", "exempt",
       "Networks that are never refused. A proxy has the address of everybody behind it.",
       [](Configuration& c) { return &c.penalties.exempt; }},
      {"analysis", "processes", "Analysts at a time, each reading one uploaded file.",
       [](Configuration& c) { return &c.analysis.processes; }},
      {"analysis", "memory_bytes", "Memory bound of each analyst.",
       [](Configuration& c) { return &c.analysis.memory_bytes; }},
      {"journal", "checkpoint_entries",
       "A signed checkpoint is made at least every so many entries.",
       [](Configuration& c) { return &c.journal.checkpoint_entries; }},
      {"journal", "witnesses",
       "Keys of witnesses that cosign checkpoints, as texts in quotes: name+id+key.",
       [](Configuration& c) { return &c.journal.witnesses; }},
      {"journal", "remind_hours",
       "bulkhead status warns when no checkpoint left this machine for so long.",
       [](Configuration& c) { return &c.journal.remind_hours; }},
      {"backup", "remind_hours",
       "bulkhead status warns when the last backup is older; 0: other software makes them.",
       [](Configuration& c) { return &c.backup.remind_hours; }},
      {"syslog", "server",
       "Where bulkhead journal forward sends the journal, over TLS: ADDRESS:PORT.",
       [](Configuration& c) { return &c.syslog.server; }},
      {"syslog", "server_name", "The name in its certificate; empty: its address.",
       [](Configuration& c) { return &c.syslog.server_name; }},
      {"syslog", "ca_file", "Who may have signed that certificate (PEM).",
       [](Configuration& c) { return &c.syslog.ca_file; }},
      {"syslog", "certificate_file", "Our own certificate, where the server asks for one (PEM).",
       [](Configuration& c) { return &c.syslog.certificate_file; }},
      {"syslog", "key_file", "Its key (PEM).", [](Configuration& c) { return &c.syslog.key_file; }},
      {"syslog", "format", "What the messages hold: ndjson or cef.",
       [](Configuration& c) { return &c.syslog.format; }},
  };
  return table;
}

const std::vector<Setting>& policy_settings() {
  static const std::vector<Setting> table = {
      {"learned", "bytes_per_day",
       "Limits are learned from what an account did. It may always do this much, and at first no "
       "more.",
       [](Configuration& c) { return &c.learned.bytes_per_day; }},
      {"learned", "files_per_day", "", [](Configuration& c) { return &c.learned.files_per_day; }},
      {"learned", "names_per_day", "", [](Configuration& c) { return &c.learned.names_per_day; }},
      {"learned", "old_files_per_28_days", "",
       [](Configuration& c) { return &c.learned.old_files_per_28_days; }},
      {"breaker", "refusals_of_session",
       "So many requests over budget, and the session gets nothing more.",
       [](Configuration& c) { return &c.breaker.refusals_of_session; }},
      {"breaker", "refusals_of_user", "So many in 24 hours, and the account gets nothing more.",
       [](Configuration& c) { return &c.breaker.refusals_of_user; }},
      {"breaker", "refusals_of_others",
       "The same for the budgets of an organisation, a listener, the whole.",
       [](Configuration& c) { return &c.breaker.refusals_of_others; }},
      {"breaker", "users_of_organisation",
       "So many accounts stopped within 24 hours, and all of their organisation are.",
       [](Configuration& c) { return &c.breaker.users_of_organisation; }},
      {"breaker", "users_of_listener", "",
       [](Configuration& c) { return &c.breaker.users_of_listener; }},
      {"breaker", "users_of_deployment", "",
       [](Configuration& c) { return &c.breaker.users_of_deployment; }},
  };
  return table;
}

std::vector<Setting> all_settings() {
  std::vector<Setting> all = single_settings();
  for (const BudgetSection& section : kBudgetSections) {
    bool first = true;
    for (const BudgetNumber& number : kBudgetNumbers) {
      all.push_back({section.section, number.name,
                     std::exchange(first, false) ? section.explanation : number.explanation,
                     [budget = section.budget, number = number.number](Configuration& c) {
                       return &(c.*budget.*number);
                     }});
    }
  }
  all.insert(all.end(), policy_settings().begin(), policy_settings().end());
  return all;
}

// The whole of bulkhead.toml. The order is that of the file which `bulkhead init` writes.
const std::vector<Setting>& settings() {
  static const std::vector<Setting> table = all_settings();
  return table;
}

std::unexpected<Error> misfit(std::string_view path, std::string_view key, const toml::node& node,
                              std::string_view what) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}:{}: {} {}", path, node.source().begin.line, key, what));
}

Status assign_texts(const toml::node& node, std::vector<std::string>& texts, std::string_view path,
                    std::string_view key) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return misfit(path, key, node, "must be a list of texts in quotes");
  texts.clear();
  for (const toml::node& item : *list) {
    const auto text = item.value_exact<std::string>();
    if (!text) return misfit(path, key, item, "must be a list of texts in quotes");
    texts.push_back(*text);
  }
  return {};
}

Status assign(const toml::node& node, Target target, std::string_view path, std::string_view key) {
  if (auto** text = std::get_if<std::string*>(&target)) {
    const auto value = node.value_exact<std::string>();
    if (!value) return misfit(path, key, node, "must be a text in quotes");
    **text = *value;
    return {};
  }
  if (auto** texts = std::get_if<std::vector<std::string>*>(&target))
    return assign_texts(node, **texts, path, key);
  if (auto** profile = std::get_if<SshProfile*>(&target)) {
    const auto named = ssh_profile_named(node.value_exact<std::string>().value_or(""));
    if (!named)
      return misfit(path, key, node,
                    "must be \"post-quantum\", \"modern\", \"compatible\" or \"legacy\"");
    **profile = *named;
    return {};
  }
  const auto value = node.value_exact<std::int64_t>();
  if (!value || *value < 0) return misfit(path, key, node, "must be a whole number, 0 or more");
  if (auto** wide = std::get_if<std::uint64_t*>(&target)) {
    **wide = static_cast<std::uint64_t>(*value);
    return {};
  }
  if (*value > std::numeric_limits<std::uint32_t>::max())
    return misfit(path, key, node, "is too large");
  *std::get<std::uint32_t*>(target) = static_cast<std::uint32_t>(*value);
  return {};
}

Status read_named_budget(const toml::table& table, BudgetSettings& budget, std::string_view path,
                         const std::string& section) {
  for (const auto& [name, node] : table) {
    const auto* found = std::ranges::find(kBudgetNumbers, name.str(), &BudgetNumber::name);
    const std::string key = fmt::format("{}.{}", section, name.str());
    if (found == std::end(kBudgetNumbers)) return misfit(path, key, node, "is not a setting");
    BH_CHECK(assign(node, &(budget.*found->number), path, key));
    budget.*found->fixed = true;
  }
  return {};
}

// A day's number without the hour's: the hour may have all of the day.
void follow_the_day(const toml::table& table, BudgetSettings& budget) {
  struct Pair {
    std::string_view hour;
    std::string_view day;
    std::uint64_t B::* hour_number;
    std::uint64_t B::* day_number;
  };
  for (const Pair& each :
       {Pair{"bytes_per_hour", "bytes_per_day", &B::bytes_per_hour, &B::bytes_per_day},
        Pair{"files_per_hour", "files_per_day", &B::files_per_hour, &B::files_per_day},
        Pair{"names_per_hour", "names_per_day", &B::names_per_hour, &B::names_per_day}}) {
    if (table.contains(each.day) && !table.contains(each.hour))
      budget.*each.hour_number = budget.*each.day_number;
  }
}

Status read_named_budgets(const toml::node& node, const BudgetSection& kind,
                          Configuration& configuration, std::string_view path) {
  const toml::table* all = node.as_table();
  if (all == nullptr) return misfit(path, kind.named, node, "must have a section for each name");
  for (const auto& [name, budget] : *all) {
    const std::string section = fmt::format("{}.{}", kind.named, name.str());
    const toml::table* table = budget.as_table();
    if (table == nullptr) return misfit(path, section, budget, "must be a section");
    BudgetSettings& of_one = (configuration.*kind.by_name)[std::string(name.str())];
    of_one = configuration.*kind.budget;
    BH_CHECK(read_named_budget(*table, of_one, path, section));
    follow_the_day(*table, of_one);
  }
  return {};
}

bool known_section(std::string_view name) {
  if (name == "ssh") return true;  // has sections of users only
  for (const Setting& setting : settings()) {
    if (setting.section == name) return true;
  }
  return false;
}

bool is_named_budget(std::string_view section) {
  return std::ranges::any_of(kBudgetSections, [&](const BudgetSection& each) {
    return !each.named.empty() && each.named == section;
  });
}

// [ssh.user.NAME]
Status read_ssh_users(const toml::table& root, Configuration& configuration,
                      std::string_view path) {
  const toml::node* users = root.at_path("ssh.user").node();
  if (users == nullptr) return {};
  if (!users->is_table())
    return misfit(path, "ssh.user", *users, "must have a section for each name");
  for (const auto& [user, node] : *users->as_table()) {
    const std::string section = fmt::format("ssh.user.{}", user.str());
    const toml::table* table = node.as_table();
    if (table == nullptr) return misfit(path, section, node, "must be a section");
    SshProfile& profile = configuration.user_ssh_profiles[std::string(user.str())];
    profile = kMostOfAnyUser;
    for (const auto& [name, value] : *table) {
      const std::string key = fmt::format("{}.{}", section, name.str());
      if (name.str() != "profile") return misfit(path, key, value, "is not a setting");
      BH_CHECK(assign(value, &profile, path, key));
    }
  }
  return {};
}

Status read_section(const toml::table& table, std::string_view section,
                    Configuration& configuration, std::string_view path) {
  for (const auto& [name, node] : table) {
    const std::string key = fmt::format("{}.{}", section, name.str());
    if (is_named_budget(key)) continue;  // after the defaults that it starts from
    if (key == "ssh.user") continue;     // read by read_ssh_users()
    if (const toml::table* inner = node.as_table(); inner != nullptr && known_section(key)) {
      BH_CHECK(read_section(*inner, key, configuration, path));
      continue;
    }
    const Setting* found = nullptr;
    for (const Setting& setting : settings()) {
      if (setting.section == section && setting.name == name.str()) found = &setting;
    }
    if (found == nullptr) return misfit(path, key, node, "is not a setting");
    BH_CHECK(assign(node, found->target(configuration), path, key));
  }
  return {};
}

}  // namespace

namespace {

const BudgetSettings& budget_named(const std::map<std::string, BudgetSettings>& by_name,
                                   const std::string& name, const BudgetSettings& otherwise) {
  const auto found = by_name.find(name);
  return found == by_name.end() ? otherwise : found->second;
}

}  // namespace

const BudgetSettings& Configuration::budget_of(const std::string& user_name) const {
  return budget_named(user_budgets, user_name, budget);
}

const BudgetSettings& Configuration::budget_of_organisation(const std::string& name) const {
  return budget_named(organisation_budgets, name, organisation_budget);
}

const BudgetSettings& Configuration::budget_of_listener(const std::string& name) const {
  return budget_named(listener_budgets, name, listener_budget);
}

SshProfile Configuration::ssh_profile_of(const std::string& user_name) const {
  const auto found = user_ssh_profiles.find(user_name);
  return found == user_ssh_profiles.end() ? kMostOfAnyUser : found->second;
}

Result<Configuration> parse_configuration(std::string_view text, std::string_view path) {
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    return fail(ErrorCode::kMalformed,
                fmt::format("{}:{}: {}", path, parsed.error().source().begin.line,
                            parsed.error().description()));
  }
  Configuration configuration;
  const toml::table& root = parsed.table();
  for (const auto& [name, node] : root) {
    const toml::table* table = node.as_table();
    if (table == nullptr || !known_section(name.str()))
      return misfit(path, name.str(), node, "is not a section");
    BH_CHECK(read_section(*table, name.str(), configuration, path));
  }
  for (const BudgetSection& kind : kBudgetSections) {
    const toml::node* named = kind.named.empty() ? nullptr : root.at_path(kind.named).node();
    if (named != nullptr) BH_CHECK(read_named_budgets(*named, kind, configuration, path));
  }
  BH_CHECK(read_ssh_users(root, configuration, path));
  return configuration;
}

Result<Configuration> read_configuration(const std::string& path) {
  BH_TRY(const Bytes contents, read_file(path, 1 << 20));
  return parse_configuration(as_text(contents), path);
}

std::string documented_configuration(const std::string& root_key_file) {
  Configuration defaults;
  defaults.keys.root_key_file = root_key_file;
  std::string text = "# Settings of this deployment. What is left out has the value shown here.\n";
  std::string_view section;
  for (const Setting& setting : settings()) {
    if (setting.section != section) {
      section = setting.section;
      text += fmt::format("\n[{}]\n", section);
    }
    if (!setting.explanation.empty()) text += fmt::format("# {}\n", setting.explanation);
    const Target target = setting.target(defaults);
    if (auto* const* quoted = std::get_if<std::string*>(&target)) {
      text +=
          fmt::format("{} = {}\n", setting.name, fmt::streamed(toml::value<std::string>(**quoted)));
    } else if (std::holds_alternative<std::vector<std::string>*>(target)) {
      text += fmt::format("{} = []\n", setting.name);  // no list has anything in it by default
    } else if (auto* const* profile = std::get_if<SshProfile*>(&target)) {
      text += fmt::format("{} = \"{}\"\n", setting.name, name_of(**profile));
    } else if (auto* const* wide = std::get_if<std::uint64_t*>(&target)) {
      text += fmt::format("{} = {}\n", setting.name, **wide);
    } else {
      text += fmt::format("{} = {}\n", setting.name, *std::get<std::uint32_t*>(target));
    }
  }
  return text;
}

}  // namespace bulkhead
