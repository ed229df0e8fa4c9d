#include "cli/later_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/times.h"

namespace bulkhead::cli {

void LaterOptions::add(CLI::App& command, const std::string& name, bool takes_value) {
  Entry& entry = entries_.emplace_back(name);
  CLI::Option* option = takes_value ? command.add_option(name, entry.given)->allow_extra_args(false)
                                    : command.add_flag(name, entry.flagged);
  option->group("");
}

Status LaterOptions::refuse() const {
  for (const Entry& entry : entries_) {
    if (!entry.given.empty() || entry.flagged) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is not in this release: leave it out", entry.name));
    }
  }
  return {};
}

const CLI::Validator kDay(
    [](std::string& text) {
      return text.size() == 10 && read_time(text) ? std::string()
                                                  : text + " is not a day: write it as 2026-11-24";
    },
    "", "day");

}  // namespace bulkhead::cli
