// `bulkhead notify list`, `mark`, `lookup`: what became of the letters, and the call centre.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/clock.h"
#include "base/lines.h"
#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/notify_tracking.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "notify/tracking/lookup.h"
#include "notify/tracking/tracking.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kListLineBytesMost = 64U * 1024;

struct TrackingOptions {
  std::string letters;
  std::string state, batch, from;
  std::vector<std::string> numbers;
  bool all = false, requested = false, json = false;
  notify::MarkRequest mark;
  notify::LookupRequest lookup;
};

bool is_wanted(const notify::TrackedLetter& letter, const TrackingOptions& options,
               const std::vector<std::string>& requested) {
  if (!options.state.empty() && notify::to_string(letter.state) != options.state) return false;
  if (!options.batch.empty() && letter.batch != options.batch) return false;
  return !options.requested ||
         std::find(requested.begin(), requested.end(), letter.number) != requested.end();
}

void write_letter(JsonWriter& json, const notify::TrackedLetter& letter) {
  json.begin_object();
  json.member("letter", letter.number);
  json.member("state", notify::to_string(letter.state));
  json.member("at", letter.at);
  json.member("by", letter.by);
  json.member("batch", letter.batch);
  json.member("persons", letter.persons.size());
  json.member("told_as", letter.told_as);
  json.member("in_draft", letter.in_draft);
  json.end_object();
}

std::string note_on(const notify::TrackedLetter& letter) {
  if (!letter.in_draft) return "not in this draft any more";
  if (letter.told == notify::ToldBefore::kYes) return "told by " + letter.told_as;
  if (letter.told == notify::ToldBefore::kPerhaps) return "perhaps told by " + letter.told_as;
  const bool went = letter.state == notify::LetterState::kDrafted && !letter.at.empty();
  return went ? "went before, names somebody more now" : "";
}

Outcome list(const TrackingOptions& options) {
  if (!options.state.empty()) BH_CHECK(notify::letter_state_from(options.state));
  BH_TRY(const auto letters, notify::tracked_letters(options.letters));
  BH_TRY(const auto requested, notify::requested_letters(options.letters));
  JsonLines lines;
  Table table({"LETTER", "STATE", "WHEN", "BY", "BATCH", "NOTE"});
  std::uint64_t counts[5] = {};
  for (const notify::TrackedLetter& letter : letters) {
    if (!is_wanted(letter, options, requested)) continue;
    ++counts[static_cast<std::size_t>(letter.state)];
    if (options.json) {
      lines.add([&](JsonWriter& json) { write_letter(json, letter); });
      continue;
    }
    table.add({letter.number, std::string(notify::to_string(letter.state)), letter.at, letter.by,
               letter.batch, note_on(letter)});
  }
  if (options.json) {
    lines.finish();
    return ExitCode::kDone;
  }
  table.print();
  for (std::size_t i = 0; i < std::size(counts); ++i) {
    if (counts[i] > 0)
      fmt::print("{} {}\n", counts[i], notify::to_string(static_cast<notify::LetterState>(i)));
  }
  return ExitCode::kDone;
}

// One number a line; what stands behind a comma is not looked at, so that a mail house's list will
// do.
Status read_numbers(const std::string& path, std::vector<std::string>& numbers) {
  BH_TRY(LineFile file, LineFile::open(path, kListLineBytesMost));
  Line line;
  while (true) {
    BH_TRY(const bool there, file.next(line));
    if (!there) return {};
    if (line.too_long)
      return fail(ErrorCode::kLimitExceeded, path + ": a line is too long for a list of letters");
    std::string number(line.text.substr(0, line.text.find(',')));
    while (!number.empty() && (number.back() == '\r' || number.back() == ' '))
      number.pop_back();
    if (!number.empty() && number != "letter") numbers.push_back(std::move(number));
  }
}

Outcome mark(TrackingOptions& options) {
  BH_TRY(options.mark.to, notify::letter_state_from(options.state));
  if (options.mark.to == notify::LetterState::kDrafted)
    return fail(ErrorCode::kInvalidArgument, "--state: sent, returned, re-sent or answered");
  options.mark.numbers = options.numbers;
  if (!options.from.empty()) BH_CHECK(read_numbers(options.from, options.mark.numbers));
  options.mark.all_drafted = options.all;
  if (options.all == !options.mark.numbers.empty())
    return fail(ErrorCode::kInvalidArgument, "name letters, or a list with --from, or --all");
  if (options.all && options.mark.to != notify::LetterState::kSent)
    return fail(ErrorCode::kInvalidArgument, "--all goes with --state sent only");
  options.mark.batch = options.batch;
  options.mark.at = system_clock().now();
  BH_TRY(const notify::MarkOutcome outcome, notify::mark_letters(options.letters, options.mark));
  fmt::print("{} marked {}", counted(outcome.marked, "letter", "letters"), options.state);
  if (outcome.already > 0) fmt::print(", {} were already", outcome.already);
  fmt::print("\n");
  for (const std::string& reason : outcome.refused)
    fmt::print(stderr, "bulkhead: {}\n", printable(reason));
  return outcome.refused.empty() ? ExitCode::kDone : ExitCode::kDoneInPart;
}

Outcome lookup(TrackingOptions& options) {
  options.lookup.at = system_clock().now();
  BH_TRY(const notify::LookupAnswer answer, notify::look_up(options.letters, options.lookup));
  fmt::print("{}\n", printable(answer.text));
  return ExitCode::kDone;
}

using Options = std::shared_ptr<TrackingOptions>;

template <typename Run>
CLI::App* add_part(CLI::App& parent, const char* name, const char* help, const Options& options,
                   Choice& choice, Run run) {
  CLI::App* command = parent.add_subcommand(name, help);
  command
      ->add_option("--letters", options->letters, "The drafts: what notify draft made with --out")
      ->required()
      ->type_name("DIR");
  on_chosen(*command, options, choice, run);
  return command;
}

void add_mark(CLI::App& notify, const Options& options, Choice& choice) {
  CLI::App* command = add_part(
      notify, "mark", "Say what became of letters; nothing is marked, or to be sent, twice",
      options, choice, mark);
  command->add_option("LETTER", options->numbers, "Numbers of letters")->type_name("");
  command->add_option("--state", options->state, "sent, returned, re-sent or answered")
      ->required()
      ->type_name("STATE");
  command->add_option("--from", options->from, "A list, one number a line")->type_name("FILE");
  command->add_flag("--all", options->all, "Every letter that was not sent yet");
  command->add_option("--batch", options->batch, "What to call these: list --batch names them")
      ->type_name("NAME");
  command->add_option("--by", options->mark.by, "Who says so")->required()->type_name("NAME");
  command->add_option("--note", options->mark.note, "Such as why it came back")->type_name("TEXT");
}

void add_lookup(CLI::App& notify, const Options& options, Choice& choice) {
  CLI::App* command =
      add_part(notify, "lookup", "The call centre's question, by the number of the letter", options,
               choice, lookup);
  command->add_option("--agent", options->lookup.agent, "Who asks")->required()->type_name("NAME");
  command->add_option("--letter", options->lookup.letter, "As the caller reads it out")
      ->type_name("NUMBER");
  command
      ->add_option("--name", options->lookup.name,
                   "Without a letter: nothing is told, a letter goes to the known address")
      ->type_name("NAME");
  command->add_option("--born", options->lookup.born, "With --name")->type_name("DATE");
}

}  // namespace

void add_tracking(CLI::App& notify, Choice& choice) {
  auto options = std::make_shared<TrackingOptions>();
  CLI::App* listing =
      add_part(notify, "list", "Letters and what became of them", options, choice, list);
  listing->add_option("--state", options->state, "Only these")->type_name("STATE");
  listing->add_option("--batch", options->batch, "Only those last marked in it")->type_name("NAME");
  listing->add_flag("--requested", options->requested,
                    "Only those that somebody asked for by name");
  add_json_flag(*listing, options->json);
  add_mark(notify, options, choice);
  add_lookup(notify, options, choice);
}

}  // namespace bulkhead::cli
