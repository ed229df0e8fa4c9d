// `bulkhead incident correct`: what people decide about a result.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/corrections_option.h"
#include "cli/json_lines.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "notify/review/corrections_file.h"
#include "notify/review/persons_file.h"

namespace bulkhead::cli {
namespace {

using exposure::Correction;
using exposure::CorrectionKind;

struct CorrectOptions {
  std::string corrections, persons, by, why;
  std::vector<std::string> ids, places, elements, lines;
  std::string file, name, city, state, postal_code, guardian;
  std::uint64_t number = 0;
  bool alive = false, json = false;
};

// "MOHN834.D230526:1180", or a file alone.
Result<exposure::CorrectionPlace> read_place(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const std::string digits = colon == std::string::npos ? "" : text.substr(colon + 1);
  const bool numbered =
      !digits.empty() && digits.size() < 19 &&
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (text.empty()) return fail(ErrorCode::kInvalidArgument, "--place needs FILE or FILE:OFFSET");
  if (!numbered) return exposure::CorrectionPlace{text, std::nullopt};
  return exposure::CorrectionPlace{text.substr(0, colon), std::stoull(digits)};
}

Status take_elements(const CorrectOptions& options, Correction& correction) {
  for (const std::string& word : options.elements) {
    const auto element = exposure::element_from(word);
    if (!element)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is no element: they are named as in persons.ndjson", word));
    correction.elements.add(*element);
  }
  return {};
}

Result<Correction> correction_of(CorrectionKind kind, const CorrectOptions& options,
                                 const std::vector<review::ReviewedPerson>& persons) {
  Correction correction{.kind = kind};
  for (const review::ReviewedPerson& person : persons)
    correction.persons.push_back(review::as_corrected(person));
  for (const std::string& text : options.places) {
    BH_TRY(exposure::CorrectionPlace place, read_place(text));
    correction.others.push_back(std::move(place));
  }
  BH_CHECK(take_elements(options, correction));
  correction.file = options.file;
  correction.deceased = !options.alive;
  correction.addressee = options.name;
  correction.address = {options.lines, options.city, options.state, options.postal_code};
  const auto& exposures = persons.front().exposures;
  if (kind == CorrectionKind::kAddElement && correction.file.empty() && exposures.size() != 1)
    return fail(ErrorCode::kInvalidArgument,
                "the person is in several files: name the one that holds the element with --file");
  return correction;
}

// Names a last line without an end, and says what becomes of it.
void tell_unfinished(const CorrectOptions& options, const review::CorrectionsFile& file,
                     std::string_view becomes) {
  if (!file.unfinished) return;
  fmt::print(stderr, "bulkhead: {}:{}: the last line has no end: it is no correction, and {}\n",
             printable(options.corrections), file.entries + 1, becomes);
}

// What is appended goes in its place.
void tell_what_is_cut_off(const CorrectOptions& options) {
  // What else is wrong with the file is told by who appends to it.
  if (const auto file = review::read_corrections(options.corrections); file)
    tell_unfinished(options, *file, "is cut off: decide again what it said");
}

Outcome correct(CorrectionKind kind, const CorrectOptions& options) {
  std::vector<std::string> ids = options.ids;
  if (!options.guardian.empty()) ids.push_back(options.guardian);
  BH_TRY(const auto persons, review::find_reviewed(options.persons, ids));
  BH_TRY(const Correction correction, correction_of(kind, options, persons));
  tell_what_is_cut_off(options);
  BH_TRY(const std::uint64_t number,
         review::append_correction(
             options.corrections, correction,
             {.by = options.by, .why = options.why, .at = system_clock().now()}));
  const bool waits = review::has_high_stakes(kind);
  fmt::print("correction {}: {} of {}{}\n", number, exposure::to_string(kind),
             counted(persons.size(), "person", "persons"),
             waits ? ": waits for a second person, who confirms it" : ": in force");
  return ExitCode::kDone;
}

Outcome confirm(const CorrectOptions& options) {
  tell_what_is_cut_off(options);
  BH_CHECK(review::confirm_correction(
      options.corrections, options.number,
      {.by = options.by, .why = options.why, .at = system_clock().now()}));
  fmt::print("confirmed {}\n", options.number);
  return ExitCode::kDone;
}

Outcome withdraw(const CorrectOptions& options) {
  tell_what_is_cut_off(options);
  BH_CHECK(review::withdraw_correction(
      options.corrections, options.number,
      {.by = options.by, .why = options.why, .at = system_clock().now()}));
  BH_TRY(const review::CorrectionsFile file, review::read_corrections(options.corrections));
  for (const review::CorrectionRecord& record : file.records) {
    if (record.correction.number == options.number)
      fmt::print("correction {}: {}\n", options.number,
                 record.state == review::CorrectionState::kWithdrawn
                     ? "withdrawn"
                     : "stays in force until a second person confirms the withdrawal");
  }
  return ExitCode::kDone;
}

void write_record(JsonWriter& json, const review::CorrectionRecord& record) {
  json.begin_object();
  json.member("number", record.correction.number);
  json.member("do", exposure::to_string(record.correction.kind));
  json.member("state", review::to_string(record.state));
  json.member("at", record.at);
  json.member("by", record.by);
  json.member("why", record.why);
  json.member("confirmed_by", record.confirmed_by);
  json.member("withdrawn_by", record.withdrawn_by);
  json.key("persons");
  json.begin_array();
  for (const exposure::CorrectedPerson& person : record.correction.persons)
    json.value(person.person);
  json.end_array();
  json.end_object();
}

Outcome list(const CorrectOptions& options) {
  BH_TRY(const review::CorrectionsFile file, review::read_corrections(options.corrections));
  tell_unfinished(options, file, "no run goes on before it has one or is gone");
  if (options.json) {
    JsonLines lines;
    for (const review::CorrectionRecord& record : file.records)
      lines.add([&](JsonWriter& json) { write_record(json, record); });
    lines.finish();
    return ExitCode::kDone;
  }
  Table table({"NUMBER", "WHAT", "STATE", "BY", "AND", "WHEN", "PERSON", "WHY"});
  for (const review::CorrectionRecord& record : file.records)
    table.add({std::to_string(record.correction.number),
               std::string(exposure::to_string(record.correction.kind)),
               std::string(review::to_string(record.state)), record.by, record.confirmed_by,
               record.at, record.correction.persons.front().person, record.why});
  table.print();
  return ExitCode::kDone;
}

using Options = std::shared_ptr<CorrectOptions>;

CLI::App* add_part(CLI::App& parent, const std::string& name, const std::string& help,
                   const Options& options, Choice& choice,
                   std::function<Outcome(const CorrectOptions&)> run) {
  CLI::App* command = parent.add_subcommand(name, help);
  command
      ->add_option("--corrections", options->corrections,
                   "The incident's corrections; made where it is not there")
      ->required()
      ->type_name("FILE");
  on_chosen(*command, options, choice, run);
  return command;
}

void add_who_and_why(CLI::App& command, const Options& options) {
  command.add_option("--by", options->by, "Who decides this")->required()->type_name("NAME");
  command.add_option("--why", options->why, "Why")->required()->type_name("TEXT");
}

CLI::App* add_kind(CLI::App& parent, CorrectionKind kind, const std::string& help,
                   const Options& options, Choice& choice) {
  std::string name(exposure::to_string(kind));
  std::replace(name.begin(), name.end(), '_', '-');
  CLI::App* command =
      add_part(parent, name, help, options, choice,
               [kind](const CorrectOptions& given) { return correct(kind, given); });
  command->add_option("--persons", options->persons, "The result that is corrected")
      ->required()
      ->type_name("FILE");
  command->add_option("--person", options->ids, "Whom: an id of that result, or its beginning")
      ->required()
      ->allow_extra_args(false)
      ->type_name("ID");
  add_who_and_why(*command, options);
  return command;
}

void add_address(CLI::App& command, const Options& options) {
  command.add_option("--line", options->lines, "A line of the street; twice for two")
      ->allow_extra_args(false)
      ->type_name("TEXT");
  command.add_option("--city", options->city)->type_name("TEXT");
  command.add_option("--state", options->state)->type_name("TEXT");
  command.add_option("--postal-code", options->postal_code)->type_name("TEXT");
}

void add_kinds(CLI::App& command, const Options& options, Choice& choice) {
  add_kind(command, CorrectionKind::kMerge, "Several persons are one (needs a second person)",
           options, choice);
  add_kind(command, CorrectionKind::kSplit, "Some of the records are another person's", options,
           choice)
      ->add_option("--place", options->places,
                   "A record of the other person: FILE:OFFSET of it or of a value in it, or FILE "
                   "for all in that file; repeat for more")
      ->required()
      ->allow_extra_args(false)
      ->type_name("PLACE");
  add_kind(command, CorrectionKind::kExclude,
           "Nobody whose data this is: a test record, a wrong reading (needs a second person)",
           options, choice);
  for (const CorrectionKind kind : {CorrectionKind::kAddElement, CorrectionKind::kRemoveElement}) {
    CLI::App* one = add_kind(command, kind,
                             kind == CorrectionKind::kAddElement
                                 ? "An element that was not found is there"
                                 : "An element is not there (needs a second person)",
                             options, choice);
    one->add_option("--element", options->elements, "Such as ssn; repeat for more")
        ->required()
        ->allow_extra_args(false)
        ->type_name("ELEMENT");
    if (kind == CorrectionKind::kAddElement)
      one->add_option("--file", options->file, "Which file of the result holds it")
          ->type_name("FILE");
  }
  add_address(*add_kind(command, CorrectionKind::kAddress, "Where mail goes", options, choice),
              options);
  add_address(*add_kind(command, CorrectionKind::kProtectedAddress,
                        "The only address that may be used, whatever files say", options, choice),
              options);
  CLI::App* guardian =
      add_kind(command, CorrectionKind::kGuardian,
               "Who gets a minor's letter (needs a second person)", options, choice);
  guardian->add_option("--guardian", options->guardian, "A person of the result")->type_name("ID");
  guardian->add_option("--name", options->name, "Or somebody else, with an address")
      ->type_name("NAME");
  add_address(*guardian, options);
  add_kind(command, CorrectionKind::kDeceased, "Somebody has died (needs a second person)", options,
           choice)
      ->add_flag("--alive", options->alive, "They have not, although files say so");
}

}  // namespace

void add_corrections_option(CLI::App& command, std::string& path) {
  command
      .add_option("--corrections", path,
                  "What people decided about earlier results (incident correct)")
      ->type_name("FILE");
}

void add_roster_options(CLI::App& command, std::string& roster, std::string& roster_out) {
  command
      .add_option("--roster", roster,
                  "Your own list of people, of any format that is read: says who a number is and "
                  "where they live now, and is never counted")
      ->type_name("FILE");
  command
      .add_option("--roster-out", roster_out,
                  "Write those on the roster who are in none of the files, for letters out of "
                  "caution (notify draft --roster-persons)")
      ->type_name("FILE");
}

Result<std::shared_ptr<const exposure::Corrections>> load_given_corrections(
    const std::string& path) {
  if (path.empty()) return std::shared_ptr<const exposure::Corrections>();
  BH_TRY(exposure::Corrections corrections, review::load_corrections(path));
  return std::make_shared<const exposure::Corrections>(std::move(corrections));
}

void add_correct(CLI::App& incident, Choice& choice) {
  auto options = std::make_shared<CorrectOptions>();
  CLI::App* command = incident.add_subcommand(
      "correct", "Decide about a result: an append-only file that every later run applies");
  command->require_subcommand(1);
  add_kinds(*command, options, choice);
  for (const bool confirms : {true, false}) {
    CLI::App* one = add_part(*command, confirms ? "confirm" : "withdraw",
                             confirms ? "Be the second person" : "Undo a correction", options,
                             choice, confirms ? confirm : withdraw);
    one->add_option("NUMBER", options->number, "Of the correction")->required()->type_name("");
    add_who_and_why(*one, options);
  }
  add_json_flag(*add_part(*command, "list", "All of them and their state", options, choice, list),
                options->json);
}

}  // namespace bulkhead::cli
