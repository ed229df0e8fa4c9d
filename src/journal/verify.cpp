#include "journal/verify.h"

#include <fmt/format.h>

#include <algorithm>

#include "journal/checkpoint_copies.h"
#include "journal/checkpoint_file.h"
#include "journal/journal_state.h"

namespace bulkhead::journal {
namespace {

// A head that the journal must have had when it had so many entries.
struct Expected {
  TreeHead head;
  std::string name;  // "checkpoint 3"
  bool kept_elsewhere = false;
};

class Verifier {
 public:
  Verifier(Disk& disk, const std::string& folder, const EntrySeen& seen)
      : disk_(disk), folder_(folder), seen_(seen) {}

  Status collect(const CheckpointKey& key, const std::vector<KnownHead>& last_seen,
                 const std::vector<WitnessKey>& witnesses);
  Status collect_cosigned(const CheckpointKey& key, const std::vector<WitnessKey>& witnesses);
  Status read_all();
  Status finish();
  Verification take() { return std::move(result_); }

 private:
  Status read_segment(std::uint64_t segment, bool last);
  Status judge_tail(const SegmentReader& reader, const Frontier& at_batch, std::uint64_t good_end,
                    DiskFile& file);
  // Kept in the order of the sizes; those of one size as they come.
  void expect(Expected head) {
    const auto size_of = [](const Expected& e) { return e.head.size; };
    const auto at = std::ranges::upper_bound(expected_, head.head.size, {}, size_of);
    expected_.insert(at, std::move(head));
  }
  Status check_heads();
  Status check_segment_start(const SegmentReader& reader);

  Disk& disk_;
  std::string folder_;
  const EntrySeen& seen_;
  Verification result_;
  std::vector<Expected> expected_;  // ascending by size
  std::size_t next_expected_ = 0;
  std::uint64_t agreed_ = 0;  // the largest size whose head fitted
  Frontier frontier_;
};

Status Verifier::collect_cosigned(const CheckpointKey& key,
                                  const std::vector<WitnessKey>& witnesses) {
  BH_TRY(const std::vector<Checkpoint> all, read_cosigned(disk_, folder_));
  for (const Checkpoint& checkpoint : all) {
    const std::string name =
        fmt::format("the cosigned checkpoint of {} entries", checkpoint.head.size);
    if (!verify_checkpoint(checkpoint, key))
      return fail(ErrorCode::kCorrupt, name + " is not signed by the deployment's key");
    expect({checkpoint.head, name, true});
    for (const WitnessKey& witness : witnesses) {
      if (cosigned_at(checkpoint, witness)) result_.cosigned = checkpoint.head.size;
    }
  }
  return {};
}

Status Verifier::collect(const CheckpointKey& key, const std::vector<KnownHead>& last_seen,
                         const std::vector<WitnessKey>& witnesses) {
  std::uint64_t largest = 0;
  const auto visit = [&](std::uint64_t number, const Checkpoint& checkpoint) -> Status {
    if (!verify_checkpoint(checkpoint, key)) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("checkpoint {} (of {} entries) is not signed by the deployment's key",
                              number, checkpoint.head.size));
    }
    if (checkpoint.head.size < largest) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("checkpoint {} covers {} entries, an earlier one covers {}", number,
                              checkpoint.head.size, largest));
    }
    largest = checkpoint.head.size;
    expect({checkpoint.head, fmt::format("checkpoint {}", number)});
    ++result_.checkpoints;
    return {};
  };
  BH_CHECK(for_each_checkpoint(disk_, folder_ + "/" + std::string(kCheckpointsName), visit));
  result_.covered = largest;
  BH_CHECK(collect_cosigned(key, witnesses));
  for (const KnownHead& known : last_seen)
    expect({known.head, known.from, true});
  return check_heads();
}

// Compares every expected head of the size that has been reached.
Status Verifier::check_heads() {
  for (; next_expected_ < expected_.size(); ++next_expected_) {
    const Expected& expected = expected_[next_expected_];
    if (expected.head.size != frontier_.size()) return {};
    if (expected.head.root == frontier_.root()) {
      agreed_ = expected.head.size;
      continue;
    }
    if (expected.head.size == 0 || agreed_ == expected.head.size) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("{} (of {} entries) contradicts the one before it", expected.name,
                              expected.head.size));
    }
    return fail(
        ErrorCode::kCorrupt,
        fmt::format(
            "entries {} to {} are not those that {} was made of: at least one of them was "
            "rewritten together with its leaf hash{}; entries before {} fit",
            agreed_, expected.head.size - 1, expected.name,
            expected.kept_elsewhere ? ", or this journal is a fork of the one it is of" : "",
            agreed_));
  }
  return {};
}

Status Verifier::check_segment_start(const SegmentReader& reader) {
  const Frontier& before = reader.header().before;
  if (before.size() != frontier_.size()) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("entry {}: entries {} to {} are missing ({} follows)", frontier_.size(),
                            frontier_.size(), before.size() - 1, reader.name()));
  }
  if (before.hashes() != frontier_.hashes()) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("{}: its header names other hashes for the {} entries before it than "
                            "they have: one of them was rewritten together with its leaf hash",
                            reader.name(), frontier_.size()));
  }
  return {};
}

Status Verifier::read_segment(std::uint64_t segment, bool last) {
  auto opened = SegmentReader::open(disk_, folder_, segment);
  if (!opened) {
    if (opened.error().code != ErrorCode::kMalformed) return fail(opened.error());
    BH_TRY(const auto file, disk_.open(folder_ + "/" + segment_name(segment), OpenMode::kRead));
    BH_TRY(const std::uint64_t size, file->size());
    if (last && size <= segment_header_size(segment)) {
      result_.torn_bytes += size;
      return {};
    }
    return fail(ErrorCode::kCorrupt,
                fmt::format("entry {}: {}", frontier_.size(), opened.error().message));
  }
  SegmentReader reader = std::move(*opened);
  if (last) BH_CHECK(reader.find_room());
  BH_CHECK(check_segment_start(reader));
  Frontier at_batch = frontier_;
  std::uint64_t good_end = reader.offset();
  while (true) {
    BH_TRY(const auto step, reader.next());
    if (step == SegmentReader::Step::kEnd) return {};
    if (step == SegmentReader::Step::kBad) {
      if (!last) return fail(entry_error(frontier_.size(), reader));
      return judge_tail(reader, at_batch, good_end, reader.file());
    }
    const Frame& frame = reader.frame();
    if (frame.header.kind == FrameKind::kEntry) {
      frontier_.append(frame.hash);
      BH_CHECK(check_heads());
      if (seen_) BH_CHECK(seen_(frontier_.size() - 1, frame.data, frame.hash));
    } else {
      ++(frame.header.kind == FrameKind::kPayload ? result_.payloads : result_.payloads_dropped);
    }
    if (!reader.batch_open()) {
      at_batch = frontier_;
      good_end = reader.offset();
    }
  }
}

// The last segment ends with something that does not fit: damage, or the tail of a write that never
// finished.
Status Verifier::judge_tail(const SegmentReader& reader, const Frontier& at_batch,
                            std::uint64_t good_end, DiskFile& file) {
  BH_TRY(const bool damage,
         has_later_batch(file, reader.header(), reader.offset(), reader.batch_offset()));
  const std::uint64_t needed = expected_.empty() ? 0 : expected_.back().head.size;
  const bool cut_short =
      reader.offset() >= reader.file_size() && needed > frontier_.size();  // see finish()
  if (damage || (needed > at_batch.size() && !cut_short)) {
    // What a checkpoint covers and stands in a batch that is not whole does not count either.
    const std::uint64_t named = damage ? frontier_.size() : std::min(frontier_.size(), needed - 1);
    return fail(entry_error(named, reader));
  }
  frontier_ = at_batch;
  result_.torn_bytes += std::max(reader.data_end(), good_end) - good_end;
  return {};
}

Status Verifier::read_all() {
  BH_TRY(const std::vector<std::string> names, disk_.list(folder_));
  std::vector<std::uint64_t> segments;
  for (const std::string& name : names) {
    if (const auto first = parse_segment_name(name)) segments.push_back(*first);
  }
  std::ranges::sort(segments);
  for (std::size_t i = 0; i < segments.size(); ++i) {
    BH_CHECK(read_segment(segments[i], i + 1 == segments.size()));
  }
  return {};
}

Status Verifier::finish() {
  if (next_expected_ < expected_.size()) {
    const Expected& last = expected_.back();
    return fail(ErrorCode::kCorrupt,
                fmt::format("the journal was shortened or rolled back: it ends behind {} entries, "
                            "{} covers {}; entries {} to {} are missing",
                            frontier_.size(), last.name, last.head.size, frontier_.size(),
                            last.head.size - 1));
  }
  result_.head = frontier_.head();
  return {};
}

}  // namespace

Result<Verification> verify(Disk& disk, const std::string& folder, const CheckpointKey& key,
                            const std::vector<KnownHead>& last_seen, const EntrySeen& seen,
                            const std::vector<WitnessKey>& witnesses) {
  Verifier verifier(disk, folder, seen);
  BH_CHECK(verifier.collect(key, last_seen, witnesses));
  BH_CHECK(verifier.read_all());
  BH_CHECK(verifier.finish());
  return verifier.take();
}

}  // namespace bulkhead::journal
