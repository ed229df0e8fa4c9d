// Opening: what a crash may have left, and what must be there.
#include <fmt/format.h>

#include <algorithm>

#include "journal/journal_state.h"

namespace bulkhead::journal {
namespace {

std::string parent_of(const std::string& folder) {
  const auto slash = folder.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : folder.substr(0, slash);
}

std::unexpected<Error> missing_entries(std::uint64_t size, const TreeHead& checkpoint) {
  return fail(ErrorCode::kCorrupt, fmt::format("the journal ends behind {} entries, its newest "
                                               "checkpoint covers {}: entries {} to {} are "
                                               "missing; restore the journal from a copy",
                                               size, checkpoint.size, size, checkpoint.size - 1));
}

}  // namespace

Error entry_error(std::uint64_t index, const SegmentReader& reader) {
  return {ErrorCode::kCorrupt, fmt::format("entry {} ({}, byte {}): {}", index, reader.name(),
                                           reader.offset(), reader.problem())};
}

Result<std::unique_ptr<Journal>> Journal::open(Disk& disk, std::string folder,
                                               JournalOptions options) {
  auto state = std::make_unique<State>(disk, std::move(folder), options);
  BH_CHECK(disk.make_directory(state->folder));
  auto lock = disk.lock(state->folder + "/lock");
  if (!lock && lock.error().code == ErrorCode::kConflict) {
    return fail(
        ErrorCode::kConflict,
        fmt::format("another process has the journal in {} open: stop it first", state->folder));
  }
  if (!lock) return fail(lock.error());
  state->lock = std::move(*lock);
  if (Status recovered = state->recover(); !recovered)
    return fail(recovered.error().within("opening the journal"));
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

Status Journal::State::recover() {
  BH_TRY(const CheckpointFileEnd end,
         read_checkpoint_file_end(disk, folder + "/" + std::string(kCheckpointsName)));
  BH_TRY(segments, find_segments());
  if (!segments.empty()) {
    BH_TRY(const bool stillborn, drop_if_stillborn(segments.back()));
    if (stillborn) segments.pop_back();
  }
  if (!segments.empty()) {
    if (segments.front() != 0) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("entries 0 to {} are missing: there is no segment before {}",
                              segments.front() - 1, segment_name(segments.front())));
    }
    BH_CHECK(recover_last_segment(end.newest));
  } else {
    BH_CHECK(disk.sync_directory(parent_of(folder)));
  }
  if (end.newest && end.newest->size > frontier.size())
    return missing_entries(frontier.size(), *end.newest);
  BH_CHECK(recover_checkpoints(end));
  // A name that a crash left in between (a segment without frames) must not come back after we have
  // gone on.
  BH_CHECK(disk.sync_directory(folder));
  written_size = frontier.size();
  durable_head = frontier.head();
  durable_tail = tail;
  return {};
}

Result<std::vector<std::uint64_t>> Journal::State::find_segments() {
  BH_TRY(const std::vector<std::string> names, disk.list(folder));
  std::vector<std::uint64_t> found;
  for (const std::string& name : names) {
    if (const auto first = parse_segment_name(name)) found.push_back(*first);
  }
  std::sort(found.begin(), found.end());
  return found;
}

// A segment whose header was never synced holds no frame (write_frames), and no acknowledged entry.
Result<bool> Journal::State::drop_if_stillborn(std::uint64_t segment) {
  auto reader = SegmentReader::open(disk, folder, segment);
  if (reader) return false;
  if (reader.error().code != ErrorCode::kMalformed) return fail(reader.error());
  BH_TRY(const auto file, disk.open(path_of(segment), OpenMode::kRead));
  BH_TRY(const std::uint64_t size, file->size());
  if (size > segment_header_size(segment)) return fail(ErrorCode::kCorrupt, reader.error().message);
  recovery.torn_bytes += size;
  BH_CHECK(disk.remove(path_of(segment)));
  return true;
}

Status Journal::State::recover_last_segment(const std::optional<TreeHead>& newest) {
  BH_TRY(SegmentReader reader, SegmentReader::open(disk, folder, segments.back()));
  BH_CHECK(reader.find_room());
  frontier = reader.header().before;
  Frontier at_batch = frontier;  // the tree at the end of the last whole batch
  std::uint64_t good_end = reader.offset();
  const auto matches = [&] {
    return !newest || newest->size != frontier.size() || newest->root == frontier.root();
  };
  bool root_fits = matches();
  auto step = SegmentReader::Step::kEnd;
  while (true) {
    BH_TRY(step, reader.next());
    if (step != SegmentReader::Step::kFrame) break;
    if (reader.frame().header.kind == FrameKind::kEntry) {
      frontier.append(reader.frame().hash);
      root_fits = root_fits && matches();
    }
    if (!reader.batch_open()) {
      at_batch = frontier;
      good_end = reader.offset();
    }
  }
  if (!root_fits) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("the {} entries under the newest checkpoint are not those that it was "
                            "made of: run `bulkhead journal verify`",
                            newest->size));
  }
  if (step == SegmentReader::Step::kBad) {
    BH_TRY(const bool damage,
           has_later_batch(reader.file(), reader.header(), reader.offset(), reader.batch_offset()));
    if (damage || (newest && newest->size > frontier.size()))
      return fail(entry_error(frontier.size(), reader));
    frontier = at_batch;
    if (newest && newest->size > frontier.size())
      return fail(entry_error(newest->size - 1, reader));
  }

  active_segment = segments.back();
  BH_TRY(active, disk.open(path_of(active_segment), OpenMode::kReadWrite));
  if (reader.file_size() > good_end) {
    recovery.torn_bytes += std::max(reader.data_end(), good_end) - good_end;  // room is no loss
    BH_CHECK(active->truncate(good_end));
  }
  active_end = good_end;
  // What was read may so far only be in the page cache of a process that died before its sync.
  BH_CHECK(active->sync_data());
  tail = {active_segment, good_end, reader.header().salt};
  return {};
}

Status Journal::State::recover_checkpoints(const CheckpointFileEnd& end) {
  newest_checkpoint = end.newest;
  checkpoint_end = end.end;
  recovery.torn_checkpoint_bytes = end.torn;
  if (end.end == 0 && end.torn == 0) return {};
  BH_TRY(checkpoints,
         disk.open(folder + "/" + std::string(kCheckpointsName), OpenMode::kReadWrite));
  if (end.torn > 0) BH_CHECK(checkpoints->truncate(end.end));
  return checkpoints->sync_data();
}

}  // namespace bulkhead::journal
