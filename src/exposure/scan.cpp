// `bulkhead scan`: files in, persons out, without any server.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "crypto/digest.h"
#include "exposure/containers/reading_process.h"
#include "exposure/exposure.h"
#include "exposure/output/manifest.h"
#include "exposure/progress.h"
#include "exposure/scan_inputs.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxConfigBytes = 1024 * 1024;

// Hashes what is read, for the manifest. Readers ask for ascending offsets; what they read twice
// counts once.
class HashingSource final : public ByteSource {
 public:
  explicit HashingSource(ByteSource& inner) : inner_(inner) {}
  std::uint64_t size() const override { return inner_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableByteView into) override {
    BH_TRY(const std::size_t count, inner_.read_at(offset, into));
    if (offset <= hashed_ && offset + count > hashed_) {
      const auto fresh = static_cast<std::size_t>(hashed_ - offset);
      hasher_.update(ByteView(into).subspan(fresh, count - fresh));
      hashed_ = offset + count;
    }
    return count;
  }
  // Reads what no reader has read, then the digest of all.
  Result<Bytes> finish() {
    Bytes buffer(256 * 1024);
    while (hashed_ < inner_.size()) {
      BH_TRY(const std::size_t count, read_at(hashed_, buffer));
      if (count == 0) break;
    }
    const crypto::Sha256 digest = hasher_.finish_sha256();
    return Bytes(digest.begin(), digest.end());
  }

 private:
  ByteSource& inner_;
  crypto::Hasher hasher_;
  std::uint64_t hashed_ = 0;
};

struct FileResult {
  std::optional<FileFindings> findings;
  std::string error;
  std::uint64_t bytes = 0;
  Bytes sha256;
};

// What lies behind the place where somebody stopped the scan was not read.
void note_stop(const WatchedSource& source, FileReport& report) {
  const std::uint64_t left = source.size() - std::min(source.size(), source.reached());
  if (!source.stopped() || left == 0) return;
  report.not_understood.push_back({"not read: the scan was stopped", left, 1, source.reached()});
  report.bytes_not_understood = std::min(report.bytes, report.bytes_not_understood + left);
}

// What all files are read with.
struct Reading {
  const Rules& rules;
  LayoutShelf& shelf;
  const ScanOptions& options;
  Progress& progress;
  std::optional<ReadingProcess> containers;  // null: this process reads them itself
};

Result<FileFindings> analyse_container(FileSource& file, const ScanInput& input, Reading& with,
                                       FileResult& result) {
  if (!with.options.manifest.empty()) {
    BH_TRY(result.sha256, HashingSource(file).finish());
  }
  auto findings = with.containers->analyse(file.fd(), input.path, input.name, with.options.stop);
  with.progress.read(file.size());
  return findings;
}

Result<FileFindings> analyse_file(const ScanInput& input, Reading& with, unsigned threads,
                                  FileResult& result) {
  const ScanOptions& options = with.options;
  BH_TRY(FileSource file, FileSource::open(input.path));
  result.bytes = file.size();
  if (with.containers) {
    BH_TRY(const bool container, is_container(file));
    if (container) return analyse_container(file, input, with, result);
  }
  const Layouts layouts = with.shelf.for_file(input.path);
  WatchedSource watched(file, with.progress, options.stop);
  if (options.manifest.empty()) {
    auto findings = analyse(watched, input.name, with.rules, layouts, threads);
    if (findings) note_stop(watched, findings->report);
    return findings;
  }
  HashingSource source(watched);
  auto findings = analyse(source, input.name, with.rules, layouts, threads);
  if (!findings) return findings;
  note_stop(watched, findings->report);
  if (!watched.stopped()) {
    BH_TRY(result.sha256, source.finish());
  }
  return findings;
}

// Files are independent; results keep the inputs' order, so the number of threads changes nothing.
class AllFiles {
 public:
  AllFiles(const ScanInputs& inputs, Reading& with) : inputs_(inputs), with_(with) {}

  std::vector<FileResult> analyse() {
    results_.resize(inputs_.files.size());
    const unsigned jobs = std::clamp(with_.options.jobs, 1U, kMaxJobs);
    std::vector<std::size_t> small;
    // Large files have all threads, one after the other; then the others have one each.
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (jobs > 1 && shares(inputs_.files[i]))
        analyse_one(i, jobs);
      else
        small.push_back(i);
    }
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
      for (std::size_t i = next++; i < small.size(); i = next++)
        analyse_one(small[i], 1);
    };
    std::vector<std::thread> threads;
    for (std::size_t i = 1; i < std::min<std::size_t>(jobs, small.size()); ++i)
      threads.emplace_back(work);
    work();
    for (std::thread& thread : threads)
      thread.join();
    return std::move(results_);
  }

 private:
  bool shares(const ScanInput& input) const {
    auto file = FileSource::open(input.path);
    if (!file) return false;  // it is said when it is read
    return shares_threads(*file, input.name, with_.rules).value_or(false);
  }

  void analyse_one(std::size_t i, unsigned threads) {
    FileResult& result = results_[i];
    if (with_.options.stop != nullptr && *with_.options.stop) {
      result.error = "not read: the scan was stopped";
      return;
    }
    auto findings = analyse_file(inputs_.files[i], with_, threads, result);
    if (findings)
      result.findings = std::move(*findings);
    else
      result.error = findings.error().message;
    with_.progress.file_done();
  }

  static constexpr unsigned kMaxJobs = 256;
  const ScanInputs& inputs_;
  Reading& with_;
  std::vector<FileResult> results_;
};

class Stopwatch {
 public:
  // Seconds since it was asked before.
  double lap() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

std::uint64_t size_of(const ScanInputs& inputs) {
  std::uint64_t bytes = 0;
  for (const ScanInput& input : inputs.files) {
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(input.path, error);
    bytes += error ? 0 : size;
  }
  return bytes;
}

void keep_only(const ScanOptions& options, ScanInputs& inputs) {
  const auto is_other = [&](const std::string& name) { return !options.only->contains(name); };
  if (options.only) {
    std::erase_if(inputs.files, [&](const ScanInput& each) { return is_other(each.name); });
    std::erase_if(inputs.unread, [&](const UnreadFile& each) { return is_other(each.file); });
  }
  inputs.unread.insert(inputs.unread.end(), options.missing.begin(), options.missing.end());
}

std::string today() {
  return to_rfc3339(system_clock().now()).substr(0, 10);
}

Result<Rules> rules_of(const std::string& config, RunRecord& run) {
  if (config.empty()) return default_rules();
  BH_TRY(const Bytes text, read_file(config, kMaxConfigBytes));
  const crypto::Sha256 digest = crypto::sha256(text);
  run.config_sha256.assign(digest.begin(), digest.end());
  return parse_rules(as_text(text), config);
}

Result<Bytes> hash_of(const std::string& path) {
  BH_TRY(FileSource file, FileSource::open(path));
  HashingSource source(file);
  return source.finish();
}

Result<std::optional<ReadingProcess>> start_reading(const Rules& rules, LayoutShelf& shelf,
                                                    const ScanOptions& options) {
  std::optional<ReadingProcess> process;
  if (!options.confine) return process;
  BH_TRY(ReadingProcess started, ReadingProcess::start(rules, shelf, options.confine));
  process.emplace(std::move(started));
  return process;
}

// Of those that were read; the others join the unread ones.
std::vector<NamedFindings> take_findings(std::vector<FileResult> results, ScanInputs& inputs,
                                         RunRecord& run) {
  std::vector<NamedFindings> files;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const ScanInput& input = inputs.files[i];
    run.inputs.push_back({input.path, input.name, results[i].bytes, results[i].sha256});
    if (results[i].findings)
      files.push_back({input.name, std::move(*results[i].findings)});
    else
      inputs.unread.push_back({input.name, results[i].bytes, results[i].error});
  }
  return files;
}

}  // namespace

Result<ScanOutcome> scan(const ScanOptions& options, std::ostream& table, std::ostream& messages) {
  RunRecord run;
  run.started = system_clock().now();
  run.as_of = options.as_of.empty() ? today() : options.as_of;
  BH_TRY(const Rules rules, rules_of(options.config, run));
  run.rules_version = rules.version();
  LayoutShelf shelf(rules);
  for (const std::string& layout : options.layouts) {
    BH_CHECK(shelf.give(layout));
  }
  run.layouts = shelf.given();
  BH_TRY(auto containers, start_reading(rules, shelf, options));
  ResolveOptions resolving{
      .as_of = run.as_of, .jobs = options.jobs, .corrections = options.corrections};
  if (!options.roster.empty()) {
    BH_TRY(resolving.roster, load_roster(options.roster, rules, shelf, resolving));
    BH_TRY(run.roster_sha256, hash_of(options.roster));
  }
  BH_TRY(ScanInputs inputs, find_inputs(options.paths));
  keep_only(options, inputs);
  Progress progress(options.progress, inputs.files.size(), options.progress ? size_of(inputs) : 0,
                    messages);
  Stopwatch watch;
  ScanSeconds seconds;
  Reading with{rules, shelf, options, progress, std::move(containers)};
  std::vector<FileResult> results = AllFiles(inputs, with).analyse();
  with.containers.reset();
  progress.finish();
  seconds.read = watch.lap();
  std::vector<NamedFindings> files = take_findings(std::move(results), inputs, run);
  ScanOutcome outcome{.resolution =
                          Resolution(std::move(files), std::move(inputs.unread), resolving)};
  for (const FileSummary& file : outcome.resolution.totals().files)
    outcome.bytes += file.file == file.outermost ? file.report.bytes : 0;
  seconds.resolve = watch.lap();
  BH_TRY(outcome.outputs, write_outputs(outcome.resolution, options.outputs));
  if (!options.roster_out.empty())
    BH_CHECK(outcome.resolution.write_enrolled_only(options.roster_out));
  seconds.write = watch.lap();
  outcome.seconds = seconds;
  run.outputs = outcome.outputs;
  run.ended = system_clock().now();
  if (!options.manifest.empty()) {
    BH_CHECK(replace_file(options.manifest, as_bytes(manifest_json(options, run)), 0600));
  }
  print_table(outcome.resolution.totals(), table);
  if (!options.explain.empty()) {
    BH_TRY(const std::string places, explain(outcome.resolution, options.explain));
    table << places;
  }
  return outcome;
}

}  // namespace bulkhead::exposure
