// Scripts that make a shell complete `bulkhead` commands, written from the tree of commands itself.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace bulkhead::cli {

// What may follow one command: its subcommands and options. Commands that are not listed in --help
// are left out.
struct CompletionPlace {
  std::string command;             // "bulkhead user add"
  std::vector<std::string> words;  // subcommands, then options
};
std::vector<CompletionPlace> completion_places(const CLI::App& root);

std::string bash_completion(const CLI::App& root);
std::string zsh_completion(const CLI::App& root);
std::string fish_completion(const CLI::App& root);

}  // namespace bulkhead::cli
