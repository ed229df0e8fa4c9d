// Reading entries and payloads back.
#include <fmt/format.h>

#include <algorithm>

#include "journal/journal_state.h"

namespace bulkhead::journal {
namespace {

constexpr std::uint64_t kIndexEvery = 64;  // entries
constexpr std::size_t kIndexesKept = 4;    // segments

std::unexpected<Error> no_such_entry(std::uint64_t index, std::uint64_t size) {
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no entry {}: the journal has {}", index, size));
}

}  // namespace

std::uint64_t Journal::State::segment_of(std::uint64_t index) const {
  const auto above = std::upper_bound(segments.begin(), segments.end(), index);
  BH_ASSERT(above != segments.begin());
  return *(above - 1);
}

Result<SegmentReader> Journal::State::open_segment(std::uint64_t segment) const {
  BH_TRY(SegmentReader reader, SegmentReader::open(disk, folder, segment));
  if (segment == durable_tail.segment) reader.limit(durable_tail.offset);
  return reader;
}

SegmentIndex& Journal::State::index_of(std::uint64_t segment) {
  const auto found = std::ranges::find(indexes, segment, &SegmentIndex::segment);
  if (found != indexes.end()) {
    indexes.splice(indexes.begin(), indexes, found);
  } else {
    if (indexes.size() == kIndexesKept) indexes.pop_back();
    const std::uint64_t start = segment_header_size(segment);
    indexes.push_front({segment, {{segment, start, start, false}}});
  }
  return indexes.front();
}

// Puts the reader at the last known place that is not behind `index`; returns the entry there.
std::uint64_t Journal::State::seek_near(SegmentReader& reader, std::uint64_t segment,
                                        std::uint64_t index) {
  const SegmentIndex& known = index_of(segment);
  const std::size_t nearest = std::min((index - segment) / kIndexEvery, known.places.size() - 1);
  const SegmentIndex::Place& place = known.places[nearest];
  reader.seek(place.offset, place.batch_offset, place.batch_open);
  return place.index;
}

// The reader stands before entry `index` (and its payload).
void Journal::State::note_place(const SegmentReader& reader, std::uint64_t segment,
                                std::uint64_t index) {
  if ((index - segment) % kIndexEvery != 0) return;
  SegmentIndex& known = index_of(segment);
  if ((index - segment) / kIndexEvery != known.places.size()) return;
  known.places.push_back({index, reader.offset(), reader.batch_offset(), reader.batch_open()});
}

Result<Bytes> Journal::State::read_in_segment(std::uint64_t segment, std::uint64_t index) {
  BH_TRY(SegmentReader reader, open_segment(segment));
  std::uint64_t at = seek_near(reader, segment, index);
  while (true) {
    BH_TRY(const auto step, reader.next());
    if (step == SegmentReader::Step::kBad) return fail(entry_error(at, reader));
    if (step == SegmentReader::Step::kEnd) {
      return fail(ErrorCode::kCorrupt,
                  fmt::format("entry {} is missing from {}", index, reader.name()));
    }
    if (reader.frame().header.kind != FrameKind::kEntry) continue;
    if (at == index) return to_bytes(reader.frame().data);
    note_place(reader, segment, ++at);
  }
}

Result<Bytes> Journal::read(std::uint64_t index) {
  if (index >= durable_size()) return no_such_entry(index, durable_size());
  return state_->read_in_segment(state_->segment_of(index), index);
}

Status Journal::for_each(std::uint64_t from, const EntryVisitor& visit) {
  if (from >= durable_size()) return {};
  const auto& segments = state_->segments;
  auto at = std::ranges::find(segments, state_->segment_of(from));
  for (; at != segments.end(); ++at)
    BH_CHECK(state_->visit_segment(*at, from, visit));
  return {};
}

Status Journal::State::visit_segment(std::uint64_t segment, std::uint64_t from,
                                     const EntryVisitor& visit) {
  BH_TRY(SegmentReader reader, open_segment(segment));
  EntryView view;
  view.index = from > segment ? seek_near(reader, segment, from) : segment;
  while (true) {
    BH_TRY(const auto step, reader.next());
    if (step == SegmentReader::Step::kBad) return fail(entry_error(view.index, reader));
    if (step == SegmentReader::Step::kEnd) break;
    const Frame& frame = reader.frame();
    if (frame.header.kind != FrameKind::kEntry) {
      view.payload = PayloadPosition{segment, frame.offset};
      view.payload_size = frame.header.length;
      view.payload_sha256 = frame.hash;
      continue;
    }
    view.entry = frame.data;
    if (view.index >= from) BH_CHECK(visit(view));
    const std::uint64_t next = view.index + 1;
    note_place(reader, segment, next);
    view = EntryView();
    view.index = next;
  }
  const auto after = std::upper_bound(segments.begin(), segments.end(), segment);
  const std::uint64_t expected = after == segments.end() ? durable_head.size : *after;
  if (view.index == expected) return {};
  return fail(ErrorCode::kCorrupt,
              fmt::format("{} ends behind entry {}, entries up to {} were expected",
                          segment_name(segment), view.index, expected));
}

namespace {

struct FoundPayload {
  FrameHeader header;
  Bytes data;
  Hash hash{};
};

Result<FoundPayload> find_payload(const DiskFile& file, const PayloadPosition& position) {
  Byte head[kFrameHeaderSize];
  BH_CHECK(read_exactly_at(file, head, position.offset, "a journal segment"));
  const auto header = decode_frame_header(head);
  if (!header || header->kind == FrameKind::kEntry) {
    return fail(ErrorCode::kCorrupt, fmt::format("there is no payload at byte {} of {}",
                                                 position.offset, segment_name(position.segment)));
  }
  FoundPayload found{*header, Bytes(header->length)};
  const std::uint64_t at = position.offset + kFrameHeaderSize;
  BH_CHECK(read_exactly_at(file, found.data, at, "a journal segment"));
  BH_CHECK(read_exactly_at(file, found.hash, at + header->length, "a journal segment"));
  return found;
}

}  // namespace

Result<Bytes> Journal::read_payload(const PayloadPosition& position) {
  BH_TRY(const auto file, state_->disk.open(state_->path_of(position.segment), OpenMode::kRead));
  BH_TRY(FoundPayload found, find_payload(*file, position));
  if (found.header.kind == FrameKind::kDroppedPayload) {
    return fail(ErrorCode::kNotFound, "these contents were dropped from the journal");
  }
  if (!hash_fits(found.header.kind, found.data, found.hash)) {
    return fail(ErrorCode::kCorrupt,
                fmt::format("the payload at byte {} of {} does not match its hash", position.offset,
                            segment_name(position.segment)));
  }
  return std::move(found.data);
}

Status Journal::drop_payload(const PayloadPosition& position) {
  if (position.segment > state_->durable_tail.segment ||
      (position.segment == state_->durable_tail.segment &&
       position.offset >= state_->durable_tail.offset)) {
    return fail(ErrorCode::kInvalidArgument, "a payload can be dropped once it is durable");
  }
  BH_TRY(const auto file,
         state_->disk.open(state_->path_of(position.segment), OpenMode::kReadWrite));
  BH_TRY(const FoundPayload found, find_payload(*file, position));
  // First the kind, durably: in between, a payload whose bytes are gone would look like damage.
  const Byte kind[] = {static_cast<Byte>(FrameKind::kDroppedPayload)};
  BH_CHECK(file->write_at(kind, position.offset + kFrameKindOffset));
  BH_CHECK(file->sync_data());
  BH_CHECK(file->discard(position.offset + kFrameHeaderSize, found.header.length));
  return file->sync_data();
}

}  // namespace bulkhead::journal
