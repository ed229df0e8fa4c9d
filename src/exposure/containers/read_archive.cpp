#include "exposure/containers/read_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "exposure/containers/archive_stream.h"
#include "exposure/containers/member_source.h"
#include "exposure/containers/sheet_reader.h"
#include "exposure/containers/workbook.h"

namespace bulkhead::exposure {
namespace {

using Outcome = ArchiveStream::Outcome;

constexpr std::size_t kHeadBytes = 64 * 1024;  // by which sniff() tells
constexpr std::size_t kMaxLayoutBytes = 2 * 1024 * 1024;
constexpr std::size_t kMaxLayouts = 1'000;

constexpr std::string_view kSuffixes[] = {".gz", ".bz2", ".xz", ".zst", ".z", ".gzip"};

// What compressed data without a name of its own is called: the file's name, without what says that
// it is compressed.
std::string uncompressed_name(std::string_view hint) {
  std::string_view name = hint.substr(hint.rfind('/') + 1);
  for (const std::string_view suffix : kSuffixes) {
    if (name.size() > suffix.size() && name.ends_with(suffix)) {
      name.remove_suffix(suffix.size());
      break;
    }
  }
  return shown_member_name(name);
}

// Copybooks and layouts that lie in an archive: read once, and only if some member needs one.
class LayoutsInside {
 public:
  LayoutsInside(ByteSource& source, const ArchiveFormat& format, ContainerRun& run)
      : source_(source), format_(format), run_(run) {}

  std::vector<LayoutPtr> get() {
    const bool can = !read_ && source_.any_order() && !format_is_single(format_);
    read_ = true;
    if (can) (void)read();  // where the source fails it fails for the members' reader, too
    return layouts_;
  }

 private:
  Status read() {
    ArchiveStream archive(source_, format_);
    ArchiveEntry entry;
    while (layouts_.size() < kMaxLayouts) {
      BH_TRY(const Outcome outcome, archive.next(entry));
      if (outcome == Outcome::kMember) continue;
      if (outcome != Outcome::kOk || !run_.budget.take_bytes(1)) break;
      if (entry.encrypted) continue;
      const bool may_be =
          entry.what == ArchiveEntry::What::kFile && entry.bytes.value_or(0) <= kMaxLayoutBytes;
      if (!may_be) {
        if (archive.solid()) BH_CHECK(MemberStream(archive, {}, 0, run_.budget).drain());
        continue;
      }
      BH_TRY(const MemberFront front, read_front(archive, kMaxLayoutBytes, run_.budget));
      if (front.outcome != Outcome::kEnd || !looks_like_layout(as_text(front.bytes))) continue;
      auto layout = parse_layout(as_text(front.bytes), shown_member_name(entry.name), run_.rules);
      if (layout) layouts_.push_back(std::move(*layout));
    }
    return {};
  }

  ByteSource& source_;
  const ArchiveFormat& format_;
  ContainerRun& run_;
  bool read_ = false;
  std::vector<LayoutPtr> layouts_;
};

class ArchiveReader {
 public:
  ArchiveReader(ByteSource& source, const Sniffed& what, const Place& place, const Layouts& layouts,
                ContainerRun& run, Collector& collector, bool compressed = false)
      : source_(source),
        what_(what),
        place_(place),
        format_(*archive_format(what.format)),
        run_(run),
        collector_(collector),
        compressed_(compressed),
        archive_(source, format_),
        inside_(std::make_shared<LayoutsInside>(source, format_, run)),
        layouts_{layouts.given, [outer = layouts, inside = inside_] {
                   std::vector<LayoutPtr> all = inside->get();
                   const std::vector<LayoutPtr> beside = outer.all_beside();
                   all.insert(all.end(), beside.begin(), beside.end());
                   return all;
                 }} {}

  Status read() {
    BH_CHECK(find_workbook());
    add_format(book_ ? "xlsx" : what_.format, collector_.report().format);
    collector_.report().read = true;
    while (true) {
      ArchiveEntry entry;
      BH_TRY(const Outcome outcome, archive_.next(entry));
      if (outcome == Outcome::kEnd) break;
      if (outcome == Outcome::kArchive) {
        give_up(members_ == 0 ? "nothing of it can be unpacked: " + archive_.why()
                              : "from here on it cannot be unpacked: " + archive_.why());
        break;
      }
      if (!run_.budget.take_member()) {
        give_up(run_.budget.why());
        break;
      }
      ++members_;
      if (outcome == Outcome::kMember)
        run_.add_unread(next_place(entry), 0, "cannot be unpacked: " + archive_.why());
      else
        BH_CHECK(take(entry));
      if (run_.budget.exhausted()) {
        give_up(run_.budget.why());
        break;
      }
      if (broken_) break;
    }
    collector_.report().recognised_by =
        fmt::format("{}, {} member{}", what_.recognised_by, members_, members_ == 1 ? "" : "s");
    return {};
  }

 private:
  // A workbook is an archive whose members refer to each other: it is looked through before.
  Status find_workbook() {
    if (what_.format != "zip" || !source_.any_order()) return {};
    ArchiveEntry first;
    BH_TRY(const Outcome outcome, ArchiveStream(source_, format_).next(first));
    if (outcome != Outcome::kOk || !may_be_workbook(first.name)) return {};
    BH_TRY(Workbook book, Workbook::read(source_, format_, run_.budget));
    if (book.empty()) return {};
    if (!book.why().empty())
      collector_.not_understood(0, std::min<std::uint64_t>(collector_.report().bytes, 1),
                                book.why());
    book_.emplace(std::move(book));
    return {};
  }

  // What is behind the place where reading stopped, as far as that can be said.
  void give_up(std::string_view reason) {
    const std::uint64_t size = collector_.report().bytes;
    const std::uint64_t reached =
        members_ == 0 || compressed_ ? 0 : std::min(archive_.position(), size);
    const std::uint64_t lost = std::max<std::uint64_t>(size - reached, size > 0 ? 1 : 0);
    collector_.not_understood(size - lost, lost, reason);
    if (size == 0) collector_.warn(0, reason);
    broken_ = true;
  }

  Place next_place(const ArchiveEntry& entry) {
    return place_.inside(names_.unique(archive_.single() ? uncompressed_name(place_.hint)
                                                         : shown_member_name(entry.name)));
  }

  Status take(const ArchiveEntry& entry) {
    if (entry.what == ArchiveEntry::What::kFolder) return {};
    if (archive_.single()) return take_file(entry, {});
    if (book_ && is_known_part(entry.name)) return {};
    const Place place = next_place(entry);
    const Workbook::Sheet* sheet = book_ ? book_->sheet(entry.name) : nullptr;
    if (sheet != nullptr) {
      BH_TRY(FileFindings findings, read_sheet(archive_, *book_, *sheet, run_));
      run_.add_found(place, std::move(findings));
      return {};
    }
    if (entry.what != ArchiveEntry::What::kFile) {
      run_.add_unread(
          place, 0,
          entry.what == ArchiveEntry::What::kLink ? "a link: not followed" : "no regular file");
    } else if (entry.encrypted) {
      run_.add_unread(place, entry.bytes.value_or(0),
                      "encrypted: unpack it with its password and scan the folder");
    } else {
      return take_file(entry, place);
    }
    return {};
  }

  Status take_file(const ArchiveEntry& entry, const Place& known) {
    if (known.depth > run_.limits.depth) return too_deep(known, entry.bytes.value_or(0));
    BH_TRY(MemberFront front, read_front(archive_, in_memory(), run_.budget));
    // Of a tar that went through a compressor, people know one file.
    if (archive_.single()) {
      const Sniffed inner =
          sniff(as_text(ByteView(front.bytes).first(std::min(kHeadBytes, front.bytes.size()))));
      if (inner.format == "tar") return take_tar(std::move(front), inner);
    }
    const Place place = archive_.single() ? next_place(entry) : known;
    if (place.depth > run_.limits.depth) return too_deep(place, front.bytes.size());
    return front.outcome == Outcome::kOk ? take_stream(entry, place, std::move(front.bytes))
                                         : take_memory(entry, place, front);
  }

  // The head may be read twice, of a stream too.
  std::size_t in_memory() const { return std::max(kHeadBytes, run_.limits.in_memory_bytes); }

  Status too_deep(const Place& place, std::uint64_t bytes) {
    run_.add_unread(place, bytes,
                    fmt::format("lies more than {} containers deep", run_.limits.depth));
    return MemberStream(archive_, {}, 0, run_.budget).drain();
  }

  Status take_memory(const ArchiveEntry& entry, const Place& place, const MemberFront& front) {
    MemorySource source(front.bytes);
    return run_.add(source, place, layouts_, [&](FileReport& report) -> Status {
      if (front.outcome != Outcome::kEnd)
        note_cut(report, entry.bytes.value_or(0), front.bytes.size(), front.outcome);
      return {};
    });
  }

  // The size is what the archive says or, where it does not, counted by unpacking it once before.
  Status take_stream(const ArchiveEntry& entry, const Place& place, Bytes front) {
    std::optional<std::uint64_t> bytes = entry.bytes;
    if (!bytes && source_.any_order()) {
      BH_TRY(bytes, counted());
    }
    if (!bytes) {
      MemberStream rest(archive_, std::move(front), 0, run_.budget);
      BH_CHECK(rest.drain());
      run_.add_unread(place, rest.reached(),
                      fmt::format("larger than {} bytes and without a word on its size, inside of "
                                  "another container: unpack it and scan the folder",
                                  in_memory()));
      return {};
    }
    MemberStream source(archive_, std::move(front), *bytes, run_.budget);
    return run_.add(source, place, layouts_, [&](FileReport& report) -> Status {
      BH_CHECK(source.drain());
      if (source.outcome() != Outcome::kEnd || source.reached() != *bytes)
        note_cut(report, *bytes, source.reached(), source.outcome());
      return {};
    });
  }

  // Unpacks the present member once more. Nothing where that ends in an error or is too much.
  Result<std::optional<std::uint64_t>> counted() {
    ArchiveStream again(source_, format_);
    ArchiveEntry entry;
    for (std::uint64_t i = 0; i < members_; ++i) {
      BH_TRY(const Outcome outcome, again.next(entry));
      if (outcome == Outcome::kEnd || outcome == Outcome::kArchive) return std::nullopt;
    }
    MemberStream source(again, {}, 0, run_.budget);
    BH_CHECK(source.drain());
    return source.reached();
  }

  Status take_tar(MemberFront front, const Sniffed& inner) {
    if (front.outcome != Outcome::kOk) {
      MemorySource source(front.bytes);
      BH_CHECK(ArchiveReader(source, inner, place_, layouts_, run_, collector_, true).read());
      if (front.outcome != Outcome::kEnd) give_up("it is damaged: " + why());
      return {};
    }
    MemberStream source(archive_, std::move(front.bytes), 0, run_.budget);
    BH_CHECK(ArchiveReader(source, inner, place_, layouts_, run_, collector_, true).read());
    BH_CHECK(source.drain());
    if (source.outcome() != Outcome::kEnd) give_up("it is damaged: " + why());
    return {};
  }

  const std::string& why() const {
    return run_.budget.exhausted() ? run_.budget.why() : archive_.why();
  }

  // A member that did not come whole, or is not what the archive says. What came was read.
  void note_cut(FileReport& report, std::uint64_t declared, std::uint64_t reached,
                Outcome outcome) const {
    const std::uint64_t most = std::max(declared, reached);
    const std::uint64_t least = declared == 0 ? reached : std::min(declared, reached);
    const std::uint64_t lost = std::max<std::uint64_t>(most - least, 1);
    report.bytes = std::max(most, lost);
    report.bytes_not_understood = std::min(report.bytes, report.bytes_not_understood + lost);
    report.not_understood.push_back({outcome == Outcome::kEnd
                                         ? "its size is not what the archive says"
                                         : "the rest of it cannot be unpacked: " + why(),
                                     lost, 1, least});
  }

  ByteSource& source_;
  const Sniffed& what_;
  const Place& place_;
  const ArchiveFormat& format_;
  ContainerRun& run_;
  Collector& collector_;
  bool compressed_;  // its positions are not the file's
  ArchiveStream archive_;
  std::shared_ptr<LayoutsInside> inside_;
  Layouts layouts_;
  MemberNames names_;
  std::optional<Workbook> book_;
  std::uint64_t members_ = 0;
  bool broken_ = false;
};

}  // namespace

Status read_archive(ByteSource& source, const Sniffed& what, const Place& place,
                    const Layouts& layouts, ContainerRun& run, Collector& collector) {
  return ArchiveReader(source, what, place, layouts, run, collector).read();
}

}  // namespace bulkhead::exposure
