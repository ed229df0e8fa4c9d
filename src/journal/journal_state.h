// What a Journal is made of; private to journal.cpp, journal_open.cpp and journal_read.cpp.
#pragma once

#include <list>
#include <vector>

#include "journal/checkpoint_file.h"
#include "journal/journal.h"
#include "journal/segment.h"

namespace bulkhead::journal {

// Where the next frame goes.
struct Tail {
  std::uint64_t segment = 0;  // first index of the segment
  std::uint64_t offset = 0;   // 0: there is no segment yet
  std::uint64_t salt = 0;
};

// Every n-th entry of one segment, so that a read need not scan from the start of it. Grows as far
// as was read.
struct SegmentIndex {
  struct Place {
    std::uint64_t index = 0;
    std::uint64_t offset = 0;  // of the entry's first frame (its payload, if it has one)
    std::uint64_t batch_offset = 0;
    bool batch_open = false;
  };
  std::uint64_t segment = 0;
  std::vector<Place> places;
};

struct Journal::State {
  State(Disk& its_disk, std::string its_folder, JournalOptions its_options)
      : disk(its_disk), folder(std::move(its_folder)), options(its_options) {}

  Disk& disk;
  std::string folder;
  JournalOptions options;
  std::unique_ptr<DiskLock> lock;
  Recovery recovery;

  // The owner's thread.
  std::vector<std::uint64_t> segments;  // first indexes, ascending; durable ones
  Frontier frontier;                    // with what is pending
  std::uint64_t written_size = 0;  // entries; those from durable_head.size on are not synced yet
  TreeHead durable_head;
  Tail tail;  // behind what is pending
  Tail durable_tail;
  std::optional<TreeHead> newest_checkpoint;
  std::uint64_t checkpoint_end = 0;  // behind what is pending
  Batch pending;
  std::size_t pending_last_frame = 0;     // offset in pending.frames_
  std::optional<Tail> tail_of_batch_out;  // set while a batch is out
  TreeHead head_of_batch_out;
  std::optional<Error> failed;
  std::list<SegmentIndex> indexes;  // a few, most recently used first

  // The writer's thread (open() hands them over).
  std::shared_ptr<DiskFile> active;
  std::uint64_t active_segment = 0;
  std::uint64_t active_end = 0;  // behind the last frame
  std::uint64_t room_end = 0;    // zeros up to here, as far as there was space for them
  std::shared_ptr<DiskFile> checkpoints;

  // journal_open.cpp
  Status recover();
  Result<std::vector<std::uint64_t>> find_segments();
  Result<bool> drop_if_stillborn(std::uint64_t segment);
  Status recover_last_segment(const std::optional<TreeHead>& newest);
  Status recover_checkpoints(const CheckpointFileEnd& end);

  // journal.cpp
  void start_batch();
  Status write_frames(Batch& batch);
  Status write_checkpoints(Batch& batch);
  void make_room(std::uint64_t end);
  Status give_room_back();
  void take_back(const Batch& batch);

  // journal_read.cpp
  std::uint64_t segment_of(std::uint64_t index) const;
  Result<SegmentReader> open_segment(std::uint64_t segment) const;
  SegmentIndex& index_of(std::uint64_t segment);
  std::uint64_t seek_near(SegmentReader& reader, std::uint64_t segment, std::uint64_t index);
  void note_place(const SegmentReader& reader, std::uint64_t segment, std::uint64_t index);
  Result<Bytes> read_in_segment(std::uint64_t segment, std::uint64_t index);
  Status visit_segment(std::uint64_t segment, std::uint64_t from, const EntryVisitor& visit);

  std::string path_of(std::uint64_t segment) const { return folder + "/" + segment_name(segment); }
};

// "entry 17 (entries-0000000000000000, byte 812): its bytes do not match its leaf hash".
Error entry_error(std::uint64_t index, const SegmentReader& reader);

}  // namespace bulkhead::journal
