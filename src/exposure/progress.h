// What a person at a terminal sees of a scan, and how they end it early.
#pragma once

#include <atomic>
#include <chrono>
#include <iosfwd>
#include <mutex>

#include "exposure/readers/byte_source.h"

namespace bulkhead::exposure {

// One line that is written over: files, bytes, rate, time left. Any thread.
class Progress {
 public:
  Progress(bool shown, std::size_t files, std::uint64_t bytes, std::ostream& out)
      : shown_(shown), files_(files), total_(bytes), out_(out) {}
  void read(std::uint64_t bytes);
  void file_done();
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  void show();

  bool shown_;
  std::size_t files_;
  std::uint64_t total_;
  std::ostream& out_;
  std::mutex mutex_;
  std::size_t done_ = 0;
  std::uint64_t bytes_ = 0;
  Clock::time_point started_ = Clock::now(), last_ = started_;
};

// "1.2 of 3.4 GB, 512 MB/s, 4 s left". Exposed for tests.
std::string progress_text(std::uint64_t bytes, std::uint64_t total, double seconds);

// Tells a Progress what is read of a file; once `stop` is set, the file ends where its reader
// stands.
class WatchedSource final : public ByteSource {
 public:
  WatchedSource(ByteSource& inner, Progress& progress, const std::atomic<bool>* stop)
      : inner_(inner), progress_(progress), stop_(stop) {}
  std::uint64_t size() const override { return inner_.size(); }
  Result<std::size_t> read_at(std::uint64_t offset, MutableByteView into) override;
  bool stopped() const { return stopped_; }
  std::uint64_t reached() const { return reached_; }  // bytes that the reader has had

 private:
  ByteSource& inner_;
  Progress& progress_;
  const std::atomic<bool>* stop_;
  std::uint64_t reached_ = 0;
  bool stopped_ = false;
};

}  // namespace bulkhead::exposure
