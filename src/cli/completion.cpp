#include "cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>

namespace bulkhead::cli {
namespace {

std::vector<const CLI::App*> listed_subcommands(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
}

void collect(const CLI::App& command, const std::string& path,
             std::vector<CompletionPlace>& places) {
  CompletionPlace place{path, {}};
  for (const CLI::App* sub : listed_subcommands(command))
    place.words.push_back(sub->get_name());
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames())
      place.words.push_back("--" + name);
  }
  places.push_back(std::move(place));
  for (const CLI::App* sub : listed_subcommands(command))
    collect(*sub, path + " " + sub->get_name(), places);
}

// The function both bash and zsh (by its bashcompinit) run: the longest known command among the
// words so far says what may follow; where that offers nothing that fits, files.
std::string bash_function(const CLI::App& root) {
  std::string cases;
  for (const CompletionPlace& place : completion_places(root)) {
    cases += fmt::format("    '{}') words='{}' ;;\n", place.command, fmt::join(place.words, " "));
  }
  std::string known;
  for (const CompletionPlace& place : completion_places(root))
    known += fmt::format("|{}|", place.command);
  return fmt::format(R"(_bulkhead() {{
  local command=bulkhead word words i
  local known='{}'
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${{COMP_WORDS[i]}}
    case "$known" in *"|$command $word|"*) command="$command $word" ;; esac
  done
  case "$command" in
{}  esac
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _bulkhead bulkhead
)",
                     known, cases);
}

std::string fish_quoted(std::string text) {
  std::string quoted;
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return "'" + quoted + "'";
}

void fish_lines(const CLI::App& command, const std::vector<std::string>& above,
                std::string& script) {
  std::string condition = above.empty() ? "__fish_use_subcommand" : "";
  for (const std::string& name : above) {
    condition +=
        fmt::format("{}__fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ", name);
  }
  std::vector<std::string> below;
  for (const CLI::App* sub : listed_subcommands(command))
    below.push_back(sub->get_name());
  if (!above.empty() && !below.empty()) {
    condition += fmt::format("; and not __fish_seen_subcommand_from {}", fmt::join(below, " "));
  }
  for (const CLI::App* sub : listed_subcommands(command)) {
    script += fmt::format("complete -c bulkhead -n '{}' -f -a {} -d {}\n", condition,
                          sub->get_name(), fish_quoted(sub->get_description()));
  }
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames()) {
      script += fmt::format("complete -c bulkhead -n '{}' -l {}{} -d {}\n", condition, name,
                            option->get_items_expected_max() > 0 ? " -r" : "",
                            fish_quoted(option->get_description()));
    }
  }
  for (const CLI::App* sub : listed_subcommands(command)) {
    std::vector<std::string> path = above;
    path.push_back(sub->get_name());
    fish_lines(*sub, path, script);
  }
}

}  // namespace

std::vector<CompletionPlace> completion_places(const CLI::App& root) {
  std::vector<CompletionPlace> places;
  collect(root, root.get_name(), places);
  return places;
}

std::string bash_completion(const CLI::App& root) {
  return "# source <(bulkhead completion bash)\n" + bash_function(root);
}

std::string zsh_completion(const CLI::App& root) {
  return "# source <(bulkhead completion zsh)\nautoload -U +X bashcompinit && bashcompinit\n" +
         bash_function(root);
}

std::string fish_completion(const CLI::App& root) {
  std::string script = "# bulkhead completion fish | source\n";
  fish_lines(root, {}, script);
  return script;
}

}  // namespace bulkhead::cli
