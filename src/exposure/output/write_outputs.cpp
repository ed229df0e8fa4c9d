#include <fcntl.h>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "base/fd.h"
#include "crypto/digest.h"
#include "exposure/exposure.h"
#include "exposure/output/writers.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kBufferBytes = 1024 * 1024;

// Takes one output, hashes it on the way, and puts it in place when it is whole: a crash leaves the
// old or the new one.
class OutputWriter {
 public:
  static Result<OutputWriter> open(const std::string& path) {
    BH_TRY(UniqueFd fd, open_file(path + ".new", O_WRONLY | O_CREAT | O_TRUNC, 0600));
    return OutputWriter(path, std::move(fd));
  }

  Status put(ByteView piece) {
    if (buffer_.empty() && piece.size() >= kBufferBytes) return write(piece);
    buffer_.insert(buffer_.end(), piece.begin(), piece.end());
    return buffer_.size() < kBufferBytes ? Status() : flush();
  }

  Result<OutputFile> finish() {
    BH_CHECK(flush());
    BH_CHECK(sync_data(fd_.get(), "an output"));
    fd_.reset();
    if (std::rename((path_ + ".new").c_str(), path_.c_str()) != 0)
      return fail_errno("putting an output in place");
    const std::string folder = std::filesystem::path(path_).parent_path().string();
    BH_CHECK(sync_directory(folder.empty() ? "." : folder));
    const crypto::Sha256 digest = hasher_.finish_sha256();
    return OutputFile{path_, bytes_, Bytes(digest.begin(), digest.end())};
  }

 private:
  OutputWriter(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Status write(ByteView piece) {
    hasher_.update(piece);
    bytes_ += piece.size();
    return write_all(fd_.get(), piece, "an output");
  }
  Status flush() {
    BH_CHECK(write(buffer_));
    buffer_.clear();
    return {};
  }

  std::string path_;
  UniqueFd fd_;
  Bytes buffer_;
  std::uint64_t bytes_ = 0;
  crypto::Hasher hasher_;
};

}  // namespace

Status write_output(const std::string& path,
                    const std::function<Status(const ByteSink&)>& produce) {
  BH_TRY(OutputWriter writer, OutputWriter::open(path));
  BH_CHECK(produce([&writer](ByteView piece) { return writer.put(piece); }));
  BH_CHECK(writer.finish());
  return {};
}

Result<std::vector<OutputFile>> write_outputs(const Resolution& resolution,
                                              const OutputPaths& paths) {
  std::vector<OutputFile> written;
  const auto write = [&](const std::string& path, const auto& produce) -> Status {
    if (path.empty()) return {};
    BH_TRY(OutputWriter writer, OutputWriter::open(path));
    BH_CHECK(produce([&writer](ByteView piece) { return writer.put(piece); }));
    BH_TRY(OutputFile file, writer.finish());
    written.push_back(std::move(file));
    return {};
  };
  BH_CHECK(
      write(paths.persons, [&](const ByteSink& sink) { return write_persons(resolution, sink); }));
  BH_CHECK(write(paths.summary, [&](const ByteSink& sink) {
    return sink(as_bytes(summary_json(resolution.totals())));
  }));
  BH_CHECK(write(paths.csv, [&](const ByteSink& sink) { return write_csv(resolution, sink); }));
  BH_CHECK(write(paths.html, [&](const ByteSink& sink) {
    return write_html(resolution, paths.html_values, sink);
  }));
  return written;
}

}  // namespace bulkhead::exposure
