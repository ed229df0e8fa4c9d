#include "journal/checkpoint_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulkhead::journal {
namespace {

constexpr std::size_t kTailSize = 64 * 1024;  // holds several of the longest notes
constexpr std::size_t kMaxNoteSize = 16 * 1024;
constexpr std::string_view kFirstLineStart = "bulkhead checkpoints, format ";

// Where the note that starts at `at` ends, its closing empty line included; npos when it does not.
std::size_t note_end(std::string_view text, std::size_t at) {
  const auto signatures = text.find("\n\n", at);
  if (signatures == std::string_view::npos) return signatures;
  const auto end = text.find("\n\n", signatures + 2);
  return end == std::string_view::npos ? end : end + 2;
}

std::optional<Checkpoint> parse_at(std::string_view text, std::size_t at, std::size_t& end) {
  end = note_end(text, at);
  if (end == std::string_view::npos || end - at > kMaxNoteSize) return std::nullopt;
  auto parsed = parse_checkpoint(text.substr(at, end - 1 - at));
  if (!parsed) return std::nullopt;
  return std::move(*parsed);
}

// The next position from `from` on, behind an empty line, where a whole note stands; npos when
// there is none.
std::size_t find_note(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find("\n\n", from); at != std::string_view::npos;
       at = text.find("\n\n", at + 1)) {
    std::size_t end = 0;
    if (parse_at(text, at + 2, end)) return at + 2;
  }
  return std::string_view::npos;
}

Status check_first_line(std::string_view start, const std::string& path) {
  if (start.starts_with(kCheckpointsFirstLine)) return {};
  const auto is_digit = [&](std::size_t at) {
    return at < start.size() && start[at] >= '0' && start[at] <= '9';
  };
  if (start.starts_with(kFirstLineStart) && is_digit(kFirstLineStart.size())) {
    return fail(
        ErrorCode::kNewerFormat,
        fmt::format("{} was written by a newer release: use that one, or a newer one", path));
  }
  return fail(ErrorCode::kCorrupt, fmt::format("{} does not start as a file of checkpoints", path));
}

Result<std::string> read_text(const DiskFile& file, std::uint64_t offset, std::size_t count,
                              const std::string& path) {
  std::string text(count, '\0');
  BH_CHECK(read_exactly_at(file, {reinterpret_cast<Byte*>(text.data()), count}, offset, path));
  return text;
}

}  // namespace

Result<CheckpointFileEnd> read_checkpoint_file_end(Disk& disk, const std::string& path) {
  CheckpointFileEnd result;
  auto file = disk.open(path, OpenMode::kRead);
  if (!file && file.error().code == ErrorCode::kNotFound) return result;
  if (!file) return fail(file.error());
  BH_TRY(const std::uint64_t size, (*file)->size());
  const std::size_t head_size = std::min<std::uint64_t>(size, kCheckpointsFirstLine.size());
  BH_TRY(const std::string head, read_text(**file, 0, head_size, path));
  // The first line and the first note are one write: a torn one has nothing whole behind it.
  const std::uint64_t from = size > kTailSize ? size - kTailSize : 0;
  BH_TRY(const std::string tail,
         read_text(**file, from, static_cast<std::size_t>(size - from), path));
  std::size_t at = from == 0 ? kCheckpointsFirstLine.size() : find_note(tail, 0);
  if (head != kCheckpointsFirstLine) {
    result.torn = size;
    const bool whole_line = head.size() == kCheckpointsFirstLine.size() && head.back() == '\n';
    if (whole_line || find_note(tail, 0) != std::string::npos)
      BH_CHECK(check_first_line(head, path));
    return result;
  }
  if (at == std::string::npos)
    return fail(ErrorCode::kCorrupt, fmt::format("{} ends with no whole note", path));
  while (at < tail.size()) {
    std::size_t end = 0;
    const auto checkpoint = parse_at(tail, at, end);
    if (!checkpoint) break;
    result.newest = checkpoint->head;
    at = end;
  }
  if (at < tail.size() && find_note(tail, at) != std::string::npos) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{}: the checkpoint at byte {} is damaged", path, from + at));
  }
  result.end = std::min<std::uint64_t>(from + at, size);
  result.torn = size - result.end;
  return result;
}

Status for_each_checkpoint(Disk& disk, const std::string& path, const CheckpointVisitor& visit) {
  auto file = disk.open(path, OpenMode::kRead);
  if (!file && file.error().code == ErrorCode::kNotFound) return {};
  if (!file) return fail(file.error());
  BH_TRY(const std::uint64_t size, (*file)->size());
  std::uint64_t from = 0;
  std::uint64_t number = 0;
  while (from < size) {
    BH_TRY(const std::string window,
           read_text(**file, from, std::min<std::uint64_t>(size - from, kTailSize), path));
    std::size_t at = 0;
    if (from == 0) {
      if (window.size() < kCheckpointsFirstLine.size())
        return {};  // torn before anything was in it
      BH_CHECK(check_first_line(window, path));
      at = kCheckpointsFirstLine.size();
    }
    const std::size_t start = at;
    while (at < window.size()) {
      std::size_t end = 0;
      const auto checkpoint = parse_at(window, at, end);
      if (!checkpoint) break;
      BH_CHECK(visit(++number, *checkpoint));
      at = end;
    }
    if (at == start &&
        (from != 0 || at < window.size())) {  // no progress: damaged, or torn at the very end
      const bool torn = from + window.size() == size && find_note(window, at) == std::string::npos;
      if (torn) return {};
      return fail(ErrorCode::kCorrupt, fmt::format("checkpoint {} ({}, byte {}) is damaged",
                                                   number + 1, path, from + at));
    }
    if (at == window.size() && from + at == size) return {};
    from += at;
  }
  return {};
}

}  // namespace bulkhead::journal
