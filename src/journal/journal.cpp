// Appending and writing.
#include "journal/journal.h"

#include <fmt/format.h>

#include <utility>

#include "crypto/random.h"
#include "journal/journal_state.h"

namespace bulkhead::journal {

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
// What is left of the room after a crash is seen for what it is.
Journal::~Journal() {
  static_cast<void>(state_->give_room_back());
}

const Recovery& Journal::recovery() const {
  return state_->recovery;
}
std::uint64_t Journal::size() const {
  return state_->frontier.size();
}
std::uint64_t Journal::written_size() const {
  return state_->written_size;
}
bool Journal::has_pending() const {
  return !state_->pending.frames_.empty() || !state_->pending.checkpoints_.empty();
}
std::uint64_t Journal::durable_size() const {
  return state_->durable_head.size;
}
TreeHead Journal::head() const {
  return state_->frontier.head();
}
TreeHead Journal::durable_head() const {
  return state_->durable_head;
}
std::optional<TreeHead> Journal::newest_checkpoint() const {
  return state_->newest_checkpoint;
}
std::string Journal::checkpoints_path() const {
  return state_->folder + "/" + std::string(kCheckpointsName);
}

Result<Appended> Journal::append(ByteView entry, ByteView payload) {
  State& s = *state_;
  if (s.failed) return fail(*s.failed);
  if (entry.empty() || entry.size() > kMaxEntrySize || payload.size() > kMaxPayloadSize) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("a journal entry has 1 to {} bytes and its payload up to {}",
                            kMaxEntrySize, kMaxPayloadSize));
  }
  if (s.pending.frames_.size() + entry.size() + payload.size() > s.options.pending_limit_bytes) {
    return fail(ErrorCode::kLimitExceeded,
                "too much waits to be written to the journal: try again in a moment");
  }
  if (s.pending.frames_.empty()) s.start_batch();

  Bytes& frames = s.pending.frames_;
  const std::uint64_t mark = s.tail.salt + s.pending.offset_;
  Appended appended;
  appended.index = s.frontier.size();
  if (!payload.empty()) {
    appended.payload = PayloadPosition{s.tail.segment, s.pending.offset_ + frames.size()};
    append_frame(frames, FrameKind::kPayload, mark, payload, crypto::sha256(payload));
  }
  s.pending_last_frame = frames.size();
  const Hash leaf = leaf_hash(entry);
  append_frame(frames, FrameKind::kEntry, mark, entry, leaf);
  s.frontier.append(leaf);
  s.tail.offset = s.pending.offset_ + frames.size();
  return appended;
}

// Decides where the batch goes, so that positions are known while it is still being collected.
void Journal::State::start_batch() {
  if (tail.offset == 0 || tail.offset >= options.segment_limit_bytes) {
    const ByteArray<8> salt = crypto::system_random().array<8>();
    tail.salt = load_le<std::uint64_t>(salt.data());
    tail.segment = frontier.size();
    pending.new_segment_header_ = encode(SegmentHeader{frontier, tail.salt});
    tail.offset = pending.new_segment_header_.size();
  }
  pending.segment_ = tail.segment;
  pending.offset_ = tail.offset;
}

Status Journal::add_checkpoint(std::string note) {
  State& s = *state_;
  if (s.failed) return fail(*s.failed);
  BH_TRY(const Checkpoint checkpoint, parse_checkpoint(note));
  if (checkpoint.head != head()) {
    return fail(ErrorCode::kInvalidArgument, "the checkpoint is not of the journal's head");
  }
  // One that is still pending is superseded: a batch writes at most one, so that only the last one
  // can be torn.
  s.pending.checkpoints_ = std::move(note) + "\n";
  s.newest_checkpoint = checkpoint.head;
  return {};
}

std::optional<Batch> Journal::prepare_batch(Sync sync) {
  State& s = *state_;
  if (s.failed || s.tail_of_batch_out) return std::nullopt;
  const bool unsynced = s.written_size > s.durable_head.size;
  if (!has_pending() && !(unsynced && sync == Sync::kNow)) return std::nullopt;
  Batch batch = std::move(s.pending);
  s.pending = Batch();
  batch.sync_ =
      sync == Sync::kNow || !batch.checkpoints_.empty() || !batch.new_segment_header_.empty();
  if (!batch.frames_.empty()) {
    batch.frames_[s.pending_last_frame + kFrameFlagsOffset] |= kLastOfBatchFlag;
    // A new segment begins with a sync of the one before.
    if (unsynced && batch.new_segment_header_.empty())
      batch.frames_[kFrameFlagsOffset] |= kAfterUnsyncedFlag;
  }
  batch.end_index_ = s.frontier.size();
  if (!batch.checkpoints_.empty()) {
    if (s.checkpoint_end == 0) batch.checkpoints_.insert(0, kCheckpointsFirstLine);
    batch.checkpoint_offset_ = s.checkpoint_end;
    s.checkpoint_end += batch.checkpoints_.size();
  }
  s.tail_of_batch_out = s.tail;
  s.head_of_batch_out = s.frontier.head();
  return batch;
}

Status Journal::write_batch(Batch& batch) {
  if (Status written = state_->write_frames(batch); !written) {
    state_->take_back(batch);
    return fail(written.error().within("writing the journal"));
  }
  if (!batch.checkpoints_.empty()) {
    if (Status written = state_->write_checkpoints(batch); !written) {
      return fail(written.error().within("writing the journal's checkpoints"));
    }
  }
  return {};
}

Status Journal::State::write_frames(Batch& batch) {
  if (!batch.new_segment_header_.empty()) {
    // Only the last segment may be torn: what it follows is durable.
    BH_CHECK(give_room_back());
    if (active) BH_CHECK(active->sync_data());
    // The header is durable, and the name, before the first frame: a segment with a frame has a
    // good header.
    BH_TRY(active, disk.open(path_of(batch.segment_), OpenMode::kCreate));
    active_segment = batch.segment_;
    active_end = batch.new_segment_header_.size();
    BH_CHECK(active->write_at(batch.new_segment_header_, 0));
    BH_CHECK(active->sync_data());
    BH_CHECK(disk.sync_directory(folder));
  }
  if (!batch.frames_.empty()) {
    BH_ASSERT(active && active_segment == batch.segment_);
    const std::uint64_t end = batch.offset_ + batch.frames_.size();
    if (batch.sync_ && end > room_end) make_room(end);
    BH_CHECK(active->write_at(batch.frames_, batch.offset_));
    active_end = end;
  }
  // Without frames of its own it may still have to make those of earlier batches durable.
  return batch.sync_ && active ? active->sync_data() : Status();
}

// Written, not only allocated: blocks that were never written to are noted in the file system's log
// when they are. A disk without space for it has none to spare: then the file grows as before.
void Journal::State::make_room(std::uint64_t end) {
  if (options.room_bytes == 0) return;
  room_end = end + options.room_bytes;
  static_cast<void>(active->write_at(Bytes(options.room_bytes), end));
}

Status Journal::State::give_room_back() {
  if (!active || std::exchange(room_end, 0) <= active_end) return {};
  return active->truncate(active_end);
}

Status Journal::State::write_checkpoints(Batch& batch) {
  const std::string path = folder + "/" + std::string(kCheckpointsName);
  bool made = false;
  if (!checkpoints) {
    auto file = disk.open(path, OpenMode::kReadWrite);
    made = !file && file.error().code == ErrorCode::kNotFound;
    if (made) file = disk.open(path, OpenMode::kCreate);
    if (!file) return fail(file.error());
    checkpoints = std::move(*file);
  }
  BH_CHECK(checkpoints->write_at(as_bytes(batch.checkpoints_), batch.checkpoint_offset_));
  BH_CHECK(checkpoints->sync_data());
  return made ? disk.sync_directory(folder) : Status();
}

// Tries to leave the file as it was, so that the next open() finds nothing that was reported as
// failed. If this fails too, the batch may turn out to be there: nothing was acknowledged, so
// either is right.
void Journal::State::take_back(const Batch& batch) {
  if (batch.frames_.empty() || !active || active_segment != batch.segment_) return;
  room_end = 0;
  if (active->truncate(batch.offset_)) static_cast<void>(active->sync_data());
}

void Journal::batch_done(Batch batch, const Status& written) {
  State& s = *state_;
  BH_ASSERT(s.tail_of_batch_out.has_value());
  const Tail tail = *std::exchange(s.tail_of_batch_out, std::nullopt);
  if (!written) {
    s.failed = written.error();
    s.pending = Batch();
    return;
  }
  if (!batch.new_segment_header_.empty()) s.segments.push_back(batch.segment_);
  s.written_size = s.head_of_batch_out.size;
  if (!batch.sync_) return;
  s.durable_tail = tail;
  s.durable_head = s.head_of_batch_out;
}

Status Journal::commit() {
  if (state_->failed) return fail(*state_->failed);
  BH_ASSERT(!state_->tail_of_batch_out);
  std::optional<Batch> batch = prepare_batch();
  if (!batch) return {};
  const Status written = write_batch(*batch);
  batch_done(std::move(*batch), written);
  return written;
}

}  // namespace bulkhead::journal
