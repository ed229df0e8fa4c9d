#include "cli/forward_cursor.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <charconv>

#include "base/clock.h"

namespace bulkhead::cli {
namespace {

constexpr std::string_view kStart = "bulkhead journal forwarded, format 1: ";
constexpr std::int64_t kRememberEveryMs = 1000;

Result<std::uint64_t> parse(std::string_view text, const std::string& path) {
  std::uint64_t next = 0;
  if (text.starts_with(kStart) && text.ends_with('\n')) {
    text = text.substr(kStart.size(), text.size() - kStart.size() - 1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), next);
    if (error == std::errc() && end == text.data() + text.size()) return next;
  }
  return fail(ErrorCode::kCorrupt,
              fmt::format("{} does not say how far the journal was forwarded: remove it to forward "
                          "from the start",
                          path));
}

}  // namespace

Result<ForwardCursor> ForwardCursor::open(const std::string& data) {
  const std::string path = data + "/journal-forwarded";
  BH_TRY(UniqueFd lock, open_file(path + ".lock", O_RDWR | O_CREAT));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return fail(ErrorCode::kConflict,
                fmt::format("another process forwards the journal of {}: stop it first", data));
  }
  ForwardCursor cursor(path, std::move(lock));
  const auto there = read_file(path, 256);
  if (!there && there.error().code != ErrorCode::kNotFound) return fail(there.error());
  if (there) {
    BH_TRY(cursor.next_, parse(as_text(*there), path));
  }
  cursor.remembered_ = cursor.next_;
  return cursor;
}

Status ForwardCursor::remember() {
  if (next_ == remembered_) return {};
  BH_CHECK(replace_file(path_, as_bytes(fmt::format("{}{}\n", kStart, next_))));
  remembered_ = next_;
  remembered_ms_ = system_clock().monotonic_ms();
  return {};
}

Status ForwardCursor::remember_sometimes() {
  return system_clock().monotonic_ms() < remembered_ms_ + kRememberEveryMs ? Status() : remember();
}

}  // namespace bulkhead::cli
