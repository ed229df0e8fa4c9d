#include "exposure/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace bulkhead::exposure {

std::string progress_text(std::uint64_t bytes, std::uint64_t total, double seconds) {
  const double unit = total >= 1'000'000'000 ? 1e9 : 1e6;
  std::string text = fmt::format("{:.1f} of {:.1f} {}", static_cast<double>(bytes) / unit,
                                 static_cast<double>(total) / unit, unit > 1e6 ? "GB" : "MB");
  if (seconds < 0.5 || bytes == 0) return text;  // too early to tell
  const double rate = static_cast<double>(bytes) / seconds;
  const std::uint64_t left = total > bytes ? total - bytes : 0;
  return text +
         fmt::format(", {:.0f} MB/s, {:.0f} s left", rate / 1e6, static_cast<double>(left) / rate);
}

void Progress::show() {
  const double seconds = std::chrono::duration<double>(last_ - started_).count();
  out_ << fmt::format("\r{} of {} files, {}\x1b[K", done_, files_,
                      progress_text(bytes_, total_, seconds))
       << std::flush;
}

void Progress::read(std::uint64_t bytes) {
  if (!shown_) return;
  const std::lock_guard lock(mutex_);
  bytes_ += bytes;
  const auto now = Clock::now();
  if (now - last_ < std::chrono::milliseconds(200)) return;
  last_ = now;
  show();
}

void Progress::file_done() {
  if (!shown_) return;
  const std::lock_guard lock(mutex_);
  ++done_;
  last_ = Clock::now();
  show();
}

void Progress::finish() {
  if (shown_) out_ << "\r\x1b[K" << std::flush;
}

Result<std::size_t> WatchedSource::read_at(std::uint64_t offset, MutableByteView into) {
  if (stop_ != nullptr && stop_->load(std::memory_order_relaxed) &&
      offset + into.size() > reached_) {
    stopped_ = true;
    if (offset >= reached_) return std::size_t{0};
    into = into.first(static_cast<std::size_t>(reached_ - offset));
  }
  BH_TRY(const std::size_t count, inner_.read_at(offset, into));
  if (offset + count > reached_) {
    progress_.read(offset + count - reached_);
    reached_ = offset + count;
  }
  return count;
}

}  // namespace bulkhead::exposure
