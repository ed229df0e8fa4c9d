// `bulkhead scan`: files in, persons out, without any server.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "crypto/digest.h"
#include "exposure/exposure.h"
#include "exposure/output/manifest.h"
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

Result<FileFindings> analyse_file(const ScanInput& input, const Rules& rules, bool hash,
                                  FileResult& result) {
  BH_TRY(FileSource file, FileSource::open(input.path));
  result.bytes = file.size();
  if (!hash) return analyse(file, input.name, rules);
  HashingSource source(file);
  auto findings = analyse(source, input.name, rules);
  if (!findings) return findings;
  BH_TRY(result.sha256, source.finish());
  return findings;
}

class Progress {
 public:
  Progress(bool shown, std::size_t files, std::ostream& out)
      : shown_(shown), files_(files), out_(out) {}
  void done(std::uint64_t bytes) {
    if (!shown_) return;
    const std::lock_guard lock(mutex_);
    bytes_ += bytes;
    out_ << fmt::format("\r{} of {} files, {:.1f} MB", ++count_, files_,
                        static_cast<double>(bytes_) / 1e6)
         << std::flush;
  }
  void finish() {
    if (shown_) out_ << "\r\x1b[K" << std::flush;
  }

 private:
  bool shown_;
  std::size_t files_;
  std::ostream& out_;
  std::mutex mutex_;
  std::size_t count_ = 0;
  std::uint64_t bytes_ = 0;
};

// Files are independent; results keep the inputs' order, so the number of threads changes nothing.
std::vector<FileResult> analyse_all(const ScanInputs& inputs, const Rules& rules, unsigned jobs,
                                    bool hash, Progress& progress) {
  std::vector<FileResult> results(inputs.files.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < results.size(); i = next++) {
      FileResult& result = results[i];
      auto findings = analyse_file(inputs.files[i], rules, hash, result);
      if (findings)
        result.findings = std::move(*findings);
      else
        result.error = findings.error().message;
      progress.done(result.bytes);
    }
  };
  std::vector<std::thread> threads;
  const std::size_t count =
      std::min<std::size_t>(std::clamp(jobs, 1U, 256U), std::max<std::size_t>(1, results.size()));
  for (std::size_t i = 1; i < count; ++i)
    threads.emplace_back(work);
  work();
  for (std::thread& thread : threads)
    thread.join();
  return results;
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

}  // namespace

Result<ScanOutcome> scan(const ScanOptions& options, std::ostream& table, std::ostream& messages) {
  RunRecord run;
  run.started = system_clock().now();
  run.as_of = options.as_of.empty() ? today() : options.as_of;
  BH_TRY(const Rules rules, rules_of(options.config, run));
  run.rules_version = rules.version();
  BH_TRY(ScanInputs inputs, find_inputs(options.paths));
  Progress progress(options.progress, inputs.files.size(), messages);
  std::vector<FileResult> results =
      analyse_all(inputs, rules, options.jobs, !options.manifest.empty(), progress);
  progress.finish();
  std::vector<NamedFindings> files;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const ScanInput& input = inputs.files[i];
    run.inputs.push_back({input.path, input.name, results[i].bytes, results[i].sha256});
    if (results[i].findings)
      files.push_back({input.name, std::move(*results[i].findings)});
    else
      inputs.unread.push_back({input.name, results[i].bytes, results[i].error});
  }
  ScanOutcome outcome;
  outcome.exposure = resolve(std::move(files), std::move(inputs.unread), {.as_of = run.as_of});
  BH_TRY(outcome.outputs, write_outputs(outcome.exposure, options.outputs));
  run.outputs = outcome.outputs;
  run.ended = system_clock().now();
  if (!options.manifest.empty()) {
    BH_CHECK(replace_file(options.manifest, as_bytes(manifest_json(options, run)), 0600));
  }
  print_table(outcome.exposure, table);
  return outcome;
}

}  // namespace bulkhead::exposure
