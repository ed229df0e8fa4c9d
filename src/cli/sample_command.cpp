// `bulkhead incident sample`: how good a result is, from what people looked at.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "base/fd.h"
#include "cli/command.h"
#include "cli/corrections_option.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "crypto/random.h"
#include "notify/review/sample/report.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kFileBytesMost = 1U << 30;
constexpr std::size_t kSeedBytes = 8;

struct SampleOptions {
  std::string persons, summary, out, marks_out, sample;
  std::vector<std::string> files, marks;
  review::DrawOptions draw;
  double bound = 0.02;
  bool json = false;
};

// Marks are hours of somebody's work, and those of one sample say nothing of another: neither the
// table nor the sample that it is about is written over.
Status check_no_marks(const std::string& path) {
  const auto there = read_file(path, 1);
  if (there || there.error().code != ErrorCode::kNotFound)
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("{} is there: name another file for the marks, and another for the "
                            "sample; nothing was written",
                            path));
  return {};
}

Outcome draw(SampleOptions& options) {
  if (!options.marks_out.empty()) BH_CHECK(check_no_marks(options.marks_out));
  if (options.draw.seed.empty()) {
    options.draw.seed = to_hex(crypto::system_random().array<kSeedBytes>());
  }
  BH_TRY(const std::vector<review::SampledFile> files, review::read_summary_files(options.summary));
  const review::PersonSource persons =
      [&](const std::function<Status(const review::ReviewedPerson&)>& take) {
        return review::for_each_reviewed(options.persons, take);
      };
  BH_TRY(review::Sample sample, review::draw(persons, files, options.draw));
  if (!options.files.empty()) BH_CHECK(review::add_excerpts(options.files, sample));
  BH_CHECK(replace_file(options.out, as_bytes(review::sample_text(sample))));
  fmt::print(stderr, "wrote {}\n", printable(options.out));
  if (!options.marks_out.empty()) {
    BH_CHECK(check_no_marks(options.marks_out));
    BH_CHECK(replace_file(options.marks_out, as_bytes(review::marks_template(sample))));
    fmt::print(stderr, "wrote {}\n", printable(options.marks_out));
  }
  std::uint64_t findings = 0;
  for (const review::SampleUnit& unit : sample.units)
    findings += unit.kind == review::UnitKind::kFinding ? 1 : 0;
  fmt::print("seed {}: {} of {} findings, {} of {} pieces without one, from {}\n",
             options.draw.seed, findings, sample.findings(), sample.units.size() - findings,
             sample.windows(), counted(sample.strata.size(), "file", "files"));
  return ExitCode::kDone;
}

Outcome report(const SampleOptions& options) {
  BH_TRY(const Bytes text, read_file(options.sample, kFileBytesMost));
  BH_TRY(const review::Sample sample, review::parse_sample(as_text(text), options.sample));
  review::Marks marks;
  for (const std::string& path : options.marks) {
    BH_TRY(const Bytes csv, read_file(path, kFileBytesMost));
    BH_CHECK(review::read_marks(as_text(csv), path, marks));
  }
  BH_TRY(const review::SampleReport result, review::report(sample, marks, options.bound));
  if (options.json) {
    fmt::print("{}", review::report_json(result, sample));
  } else {
    std::istringstream lines(review::report_text(result, sample));
    for (std::string line; std::getline(lines, line);)
      fmt::print("{}\n", printable(line));
  }
  return result.complete() ? ExitCode::kDone : ExitCode::kDoneInPart;
}

using Options = std::shared_ptr<SampleOptions>;

void add_draw(CLI::App& parent, const Options& options, Choice& choice) {
  CLI::App* command = parent.add_subcommand(
      "draw", "Draw findings, and pieces of files without one, by chance and from every file");
  command->add_option("--persons", options->persons, "The result's persons")
      ->required()
      ->type_name("FILE");
  command->add_option("--summary", options->summary, "The same result's summary")
      ->required()
      ->type_name("FILE");
  command->add_option("--out", options->out, "The sample goes there")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--marks", options->marks_out,
                   "A table for the reviewers to fill in; never written over")
      ->type_name("FILE");
  command
      ->add_option("--seed", options->draw.seed,
                   "Decides what is drawn; the same seed and a larger number add to a sample")
      ->type_name("TEXT");
  command->add_option("--findings", options->draw.findings, "About so many findings")
      ->type_name("NUMBER")
      ->capture_default_str();
  command->add_option("--windows", options->draw.windows, "About so many pieces of 512 bytes")
      ->type_name("NUMBER")
      ->capture_default_str();
  command
      ->add_option("--files", options->files,
                   "The files or folders that were scanned, as they were named then: shows what "
                   "stands at each place")
      ->type_name("PATH");
  on_chosen(*command, options, choice, draw);
}

void add_report(CLI::App& parent, const Options& options, Choice& choice) {
  CLI::App* command =
      parent.add_subcommand("report", "Error rates, how sure they are, and how many more to draw");
  command->add_option("--sample", options->sample, "What draw wrote")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--marks", options->marks,
                   "The table with marks; several where several people reviewed")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--bound", options->bound,
                   "How many more for an error rate that is at most this, such as 0.02")
      ->check(CLI::Range(1e-6, 1.0))
      ->type_name("RATE")
      ->capture_default_str();
  add_json_flag(*command, options->json);
  on_chosen(*command, options, choice, report);
}

}  // namespace

void add_sample(CLI::App& incident, Choice& choice) {
  auto options = std::make_shared<SampleOptions>();
  CLI::App* command =
      incident.add_subcommand("sample", "Look at some of a result to know how good all of it is");
  command->require_subcommand(1);
  add_draw(*command, options, choice);
  add_report(*command, options, choice);
}

}  // namespace bulkhead::cli
