// How fast store and journal are on this machine, against what cannot be beaten: AES-256-GCM alone,
// one fdatasync a batch. Usage: store_bench FOLDER [MiB]; FOLDER on the disk or on tmpfs to be
// measured.
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "../measure.h"
#include "journal/committer.h"
#include "store/blob_directory.h"
#include "store/blob_reader.h"
#include "store/blob_writer.h"

namespace bulkhead {
namespace {

using bench::must;
using bench::seconds;

using store::BlobDirectory;
using store::BlobReader;
using store::BlobWriter;

// MB of 10^6 bytes, per second of wall clock and of CPU time.
void measure(std::string_view what, double megabytes, const std::function<void()>& work) {
  const double wall = seconds(CLOCK_MONOTONIC);
  const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
  work();
  const double wall_s = seconds(CLOCK_MONOTONIC) - wall;
  const double cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
  fmt::print("{:<44} {:8.0f} MB/s {:8.0f} MB per CPU second\n", what, megabytes / wall_s,
             megabytes / cpu_s);
}

void bench_contents(const std::string& folder, std::size_t mebibytes) {
  const std::size_t size = mebibytes << 20;
  const double megabytes = static_cast<double>(size) / 1e6;
  ByteArray<32> key_bytes{};
  const store::Lineage lineage{};
  store::FileKeySource keys(crypto::AeadKey(key_bytes), lineage);
  Bytes piece(256 * 1024, 7);

  measure("AES-256-GCM alone, 64 KiB", megabytes, [&] {
    crypto::Aes256Gcm cipher{crypto::AeadKey(key_bytes)};
    crypto::AeadTag tag;
    Bytes out(store::kSegmentSize);
    for (std::size_t done = 0; done < size; done += out.size()) {
      cipher.seal({}, store::segment_associated_data(lineage, done, store::kSegmentSize),
                  ByteView(piece).first(out.size()), out, tag);
    }
  });
  measure("SHA-256 alone", megabytes / 4, [&] {
    crypto::Hasher hasher;
    for (std::size_t done = 0; done < size / 4; done += piece.size())
      hasher.update(piece);
    static_cast<void>(hasher.finish_sha256());
  });

  auto blobs = must(BlobDirectory::open(real_disk(), folder + "/blobs", crypto::system_random()));
  store::FinishedVersion finished;
  store::BlobId blob{};
  const auto write = [&](std::size_t step, store::WriterOptions options, bool sync) {
    auto staged = must(blobs->take());
    blob = staged.blob;
    auto writer = must(BlobWriter::create(lineage, {blob, staged.file, 0}, keys,
                                          crypto::system_random(), options));
    for (std::size_t at = 0; at < size; at += step)
      must(writer.write(at, ByteView(piece).first(step)));
    finished = must(writer.finish());
    if (sync) must(staged.file->sync_data());
  };
  measure("raw write(2), 512 KiB", megabytes, [&] {
    auto staged = must(blobs->take());
    const Bytes raw(512 * 1024, 1);
    for (std::size_t at = 0; at < size; at += raw.size())
      must(staged.file->write_at(raw, at));
    staged.file.reset();
    must(blobs->remove(staged.blob));
  });
  measure("write, pieces of 256 KiB", megabytes, [&] { write(piece.size(), {}, false); });
  must(blobs->remove(blob));
  measure("write, pieces of 32 KiB", megabytes, [&] { write(32768, {}, false); });
  must(blobs->remove(blob));
  measure("write, 32 KiB, with SHA-256 of the contents", megabytes,
          [&] { write(32768, {.hash_plaintext = true}, false); });
  must(blobs->remove(blob));
  measure("write, 32 KiB, and sync", megabytes, [&] { write(32768, {}, true); });
  const auto read = [&](std::size_t step) {
    store::StoredVersion version{
        lineage, finished.description, {}, {must(blobs->open_for_reading(blob))}};
    auto reader = must(BlobReader::open(std::move(version), keys));
    Bytes out(step);
    for (std::size_t at = 0; at < size; at += step)
      must(reader.read(at, out));
  };
  measure("read, pieces of 256 KiB (cached)", megabytes, [&] { read(256 * 1024); });
  measure("read, pieces of 32 KiB (cached)", megabytes, [&] { read(32 * 1024); });
  must(blobs->remove(blob));
}

void bench_journal(const std::string& folder) {
  auto journal = must(journal::Journal::open(real_disk(), folder + "/journal"));
  const Bytes entry(250, 3);
  for (const int batch : {1, 10, 100, 1000}) {
    const double start = seconds(CLOCK_MONOTONIC);
    int commits = 0;
    while (seconds(CLOCK_MONOTONIC) - start < 1.0) {
      for (int i = 0; i < batch; ++i)
        must(journal->append(entry));
      must(journal->commit());
      ++commits;
    }
    const double wall = seconds(CLOCK_MONOTONIC) - start;
    fmt::print("journal, batches of {:>4}: {:8.0f} commits/s {:9.0f} entries/s\n", batch,
               commits / wall, commits * batch / wall);
  }
  auto committer = must(journal::Committer::start(*journal));
  const double start = seconds(CLOCK_MONOTONIC);
  std::size_t done = 0;
  while (seconds(CLOCK_MONOTONIC) - start < 1.0) {
    while (committer->under_way() < 200) {
      committer->submit({{},
                         [&]() -> Status {
                           BH_CHECK(journal->append(entry));
                           return {};
                         },
                         [&](const Status& s) {
                           must(s);
                           ++done;
                         }});
    }
    committer->drain();
  }
  must(committer->flush());
  fmt::print("committer, 200 clients at once: {:8.0f} durable entries/s\n",
             static_cast<double>(done) / (seconds(CLOCK_MONOTONIC) - start));
}

}  // namespace
}  // namespace bulkhead

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string folder = std::string(argv[1]) + "/store-bench-" + std::to_string(::getpid());
  std::filesystem::create_directories(folder);
  bulkhead::bench_contents(folder, argc > 2 ? static_cast<std::size_t>(std::atoi(argv[2])) : 512);
  bulkhead::bench_journal(folder);
  std::filesystem::remove_all(folder);
}
