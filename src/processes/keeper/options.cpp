#include "processes/keeper/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace bulkhead::processes {
namespace {

const std::map<std::string_view, KeeperTask> kTasks = {
    {"--create", KeeperTask::kCreate},
    {"--reseal", KeeperTask::kReseal},
    {"--add-seal", KeeperTask::kAddSeal},
    {"--remove-seal", KeeperTask::kRemoveSeal},
    {"--print-seals", KeeperTask::kPrintSeals},
    {"--begin-change", KeeperTask::kBeginChange},
    {"--finish-change", KeeperTask::kFinishChange},
};

template <typename Number>
Status parse_number(std::string_view name, std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return {};
  return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs a number", name));
}

Status parse_hex(std::string_view name, std::string_view text, Bytes& bytes) {
  auto parsed = from_hex(text);
  if (!parsed) return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs hexadecimal", name));
  bytes = std::move(*parsed);
  return {};
}

Result<keeper::Seal> parse_seal(std::string_view text) {
  if (const auto seal = keeper::seal_named(text)) return *seal;
  return fail(ErrorCode::kInvalidArgument, fmt::format("there is no seal {}", text));
}

// "tpm,passphrase"
Status take_seals(KeeperOptions& options, std::string_view text) {
  while (true) {
    const std::size_t end = std::min(text.find(','), text.size());
    BH_TRY(const keeper::Seal seal, parse_seal(text.substr(0, end)));
    options.seals.push_back(seal);
    if (end == text.size()) return {};
    text.remove_prefix(end + 1);
  }
}

// "NAME=VALUE"
struct Pair {
  std::string name;
  std::string value;
};
Result<Pair> parse_pair(std::string_view text) {
  const std::size_t end = text.find('=');
  if (end == 0 || end == std::string_view::npos || text.find('\n') != std::string_view::npos ||
      text.substr(0, end).find(' ') != std::string_view::npos)
    return fail(ErrorCode::kInvalidArgument, "a setting is written NAME=VALUE");
  return Pair{std::string(text.substr(0, end)), std::string(text.substr(end + 1))};
}

Status take(KeeperOptions& options, std::string_view name, std::string_view value) {
  if (name == "--root-key-file")
    options.root_key_file = value;
  else if (name == "--log")
    options.log = value == "json" ? LogFormat::kJson : LogFormat::kText;
  else if (name == "--unwraps-per-minute")
    return parse_number(name, value, options.unwraps_per_minute);
  else if (name == "--passphrase-fd")
    return parse_number(name, value, options.passphrase_fd);
  else if (name == "--box-key")
    return parse_hex(name, value, options.box_key);
  else if (name == "--key-id")
    return parse_hex(name, value, options.key_id);
  else if (name == "--seal")
    return take_seals(options, value);
  else if (name == "--open-with") {
    BH_TRY(options.open_with, parse_seal(value));
  } else if (name == "--seal-setting") {
    BH_TRY(Pair pair, parse_pair(value));
    options.settings.insert_or_assign(std::move(pair.name), std::move(pair.value));
  } else if (name == "--secret-file") {
    BH_TRY(Pair pair, parse_pair(value));
    BH_TRY(const keeper::Seal seal, parse_seal(pair.name));
    options.secret_files.insert_or_assign(seal, std::move(pair.value));
  } else {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} {} is not an option", name, value));
  }
  return {};
}

}  // namespace

Result<KeeperOptions> parse_keeper_options(std::span<char*> arguments) {
  KeeperOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view name = arguments[i];
    if (const auto task = kTasks.find(name); task != kTasks.end()) {
      options.task = task->second;
      continue;
    }
    if (name == "--credential") {
      options.credential = true;
      continue;
    }
    if (i + 1 == arguments.size())
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} needs a value", name));
    BH_CHECK(take(options, name, arguments[++i]));
  }
  return options;
}

}  // namespace bulkhead::processes
