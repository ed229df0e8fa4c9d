#include "base/configuration.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <functional>
#include <limits>
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

using Target = std::variant<std::string*, std::uint32_t*, std::uint64_t*>;

struct Setting {
  std::string_view section;
  std::string_view name;
  std::string_view explanation;
  std::function<Target(Configuration&)> target;
};

// The whole of bulkhead.toml. The order is that of the file which `bulkhead init` writes.
const std::vector<Setting>& settings() {
  static const std::vector<Setting> table = {
      {"listen", "sftp", "Address and port for SFTP clients.",
       [](Configuration& c) { return &c.listen.sftp; }},
      {"keys", "root_key_file",
       "The root key. Keep it off this disk's backups: with both, the files are readable.",
       [](Configuration& c) { return &c.keys.root_key_file; }},
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
      {"analysis", "processes", "Analysts at a time, each reading one uploaded file.",
       [](Configuration& c) { return &c.analysis.processes; }},
      {"analysis", "memory_bytes", "Memory bound of each analyst.",
       [](Configuration& c) { return &c.analysis.memory_bytes; }},
      {"journal", "checkpoint_entries",
       "A signed checkpoint is made at least every so many entries.",
       [](Configuration& c) { return &c.journal.checkpoint_entries; }},
      {"budget", "bytes_per_day",
       "What one user may read in 24 hours. [budget.user.NAME] overrides it for one.",
       [](Configuration& c) { return &c.budget.bytes_per_day; }},
      {"budget", "files_per_day", "How many files one user may read in 24 hours.",
       [](Configuration& c) { return &c.budget.files_per_day; }},
      {"budget", "names_per_day", "How many names one user may list in 24 hours.",
       [](Configuration& c) { return &c.budget.names_per_day; }},
  };
  return table;
}

std::unexpected<Error> misfit(std::string_view path, std::string_view key, const toml::node& node,
                              std::string_view what) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}:{}: {} {}", path, node.source().begin.line, key, what));
}

Status assign(const toml::node& node, Target target, std::string_view path, std::string_view key) {
  if (auto** text = std::get_if<std::string*>(&target)) {
    const auto value = node.value_exact<std::string>();
    if (!value) return misfit(path, key, node, "must be a text in quotes");
    **text = *value;
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

Status read_user_budget(const toml::table& table, BudgetSettings& budget, std::string_view path,
                        const std::string& section) {
  const std::map<std::string_view, std::uint64_t*> known = {
      {"bytes_per_day", &budget.bytes_per_day},
      {"files_per_day", &budget.files_per_day},
      {"names_per_day", &budget.names_per_day}};
  for (const auto& [name, node] : table) {
    const auto found = known.find(name.str());
    const std::string key = fmt::format("{}.{}", section, name.str());
    if (found == known.end()) return misfit(path, key, node, "is not a setting");
    BH_CHECK(assign(node, found->second, path, key));
  }
  return {};
}

Status read_user_budgets(const toml::node& node, Configuration& configuration,
                         std::string_view path) {
  const toml::table* users = node.as_table();
  if (users == nullptr) return misfit(path, "budget.user", node, "must be a section for each user");
  for (const auto& [name, budget] : *users) {
    const std::string section = fmt::format("budget.user.{}", name.str());
    const toml::table* table = budget.as_table();
    if (table == nullptr) return misfit(path, section, budget, "must be a section");
    BudgetSettings& settings_of_user = configuration.user_budgets[std::string(name.str())];
    settings_of_user = configuration.budget;
    BH_CHECK(read_user_budget(*table, settings_of_user, path, section));
  }
  return {};
}

Status read_section(const toml::table& table, std::string_view section,
                    Configuration& configuration, std::string_view path) {
  for (const auto& [name, node] : table) {
    if (section == "budget" && name.str() == "user")
      continue;  // after the defaults that it starts from
    const std::string key = fmt::format("{}.{}", section, name.str());
    const Setting* found = nullptr;
    for (const Setting& setting : settings()) {
      if (setting.section == section && setting.name == name.str()) found = &setting;
    }
    if (found == nullptr) return misfit(path, key, node, "is not a setting");
    BH_CHECK(assign(node, found->target(configuration), path, key));
  }
  return {};
}

bool known_section(std::string_view name) {
  for (const Setting& setting : settings()) {
    if (setting.section == name) return true;
  }
  return false;
}

}  // namespace

const BudgetSettings& Configuration::budget_of(const std::string& user_name) const {
  const auto found = user_budgets.find(user_name);
  return found == user_budgets.end() ? budget : found->second;
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
  if (const toml::node* users = root.at_path("budget.user").node()) {
    BH_CHECK(read_user_budgets(*users, configuration, path));
  }
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
    text += fmt::format("# {}\n", setting.explanation);
    const Target target = setting.target(defaults);
    if (auto* const* quoted = std::get_if<std::string*>(&target)) {
      text +=
          fmt::format("{} = {}\n", setting.name, fmt::streamed(toml::value<std::string>(**quoted)));
    } else if (auto* const* wide = std::get_if<std::uint64_t*>(&target)) {
      text += fmt::format("{} = {}\n", setting.name, **wide);
    } else {
      text += fmt::format("{} = {}\n", setting.name, *std::get<std::uint32_t*>(target));
    }
  }
  return text;
}

}  // namespace bulkhead
