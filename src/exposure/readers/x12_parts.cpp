// One X12 file by several threads. It is cut where a set begins, or a person inside of one (INS):
// by looking for envelopes only, which costs a hundredth of reading. What was assumed of the state
// there is compared with what the part before found; where it differs, the file is read from its
// front.
#include "exposure/in_parts.h"
#include "exposure/readers/scan_kernels.h"
#include "exposure/readers/x12_reader.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kHead = 16 * 1024;       // delimiters are told from it
constexpr std::size_t kIsaReach = 512;         // and from so much behind an ISA
constexpr std::size_t kMaxHeader = 64 * 1024;  // of a set, to its first person

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0' || c == '\x1A';
}

// What is known where a part begins.
struct Known {
  std::optional<X12Delimiters> delimiters;
  std::string functional, guide;
  std::string header;  // ST to the first person, where the part begins inside of such a set
};

class X12Cutter {
 public:
  const Known& known() const { return at_part_; }

  // See PartFeeder.
  std::size_t cut(std::string_view text) {
    Known now = at_part_;
    if (!now.delimiters && !(now.delimiters = delimiters_of(text))) return 0;
    std::size_t end = 0;
    const ScanKernels& kernels = scan_kernels();
    for (std::size_t at = 0; at != std::string_view::npos;) {
      at = kernels.find_x12_head(text, at, now.delimiters->element);
      if (at == std::string_view::npos) break;
      if (begins_segment(text, at, *now.delimiters)) {
        if (!take(text, at, now)) break;  // what has to be known of it is not there yet
        if (text[at] == 'S' && at > 0) {
          end = at;
          at_cut_ = now;
        }
      }
      ++at;
    }
    find_person(text, end, now);
    if (end > 0) at_part_ = at_cut_;
    return end;
  }

 private:
  static std::optional<X12Delimiters> delimiters_of(std::string_view text) {
    std::string_view head = text.substr(0, kHead);
    if (head.starts_with("\xEF\xBB\xBF")) head.remove_prefix(3);
    while (!head.empty() && is_space(head[0]))
      head.remove_prefix(1);
    const auto found = delimiters_from_isa(head);
    return found ? found : delimiters_without_isa(head);
  }

  static bool begins_segment(std::string_view text, std::size_t at,
                             const X12Delimiters& delimiters) {
    while (at > 0 && text[at - 1] != delimiters.terminator && is_space(text[at - 1]))
      --at;
    return at == 0 || text[at - 1] == delimiters.terminator;
  }

  // The envelope that begins at `at`. False where it does not end in `text`.
  static bool take(std::string_view text, std::size_t at, Known& now) {
    if (text[at] == 'I') {
      if (text.size() - at < kIsaReach) return false;
      if (const auto found = delimiters_from_isa(text.substr(at, kIsaReach)))
        now.delimiters = *found;
      return true;
    }
    if (text[at] == 'S') {
      now.header.clear();
      return true;
    }
    const std::size_t end = text.find(now.delimiters->terminator, at);
    if (end == std::string_view::npos) return false;
    X12Segment segment{.text = text.substr(at, end - at)};
    const X12Elements elements(segment, now.delimiters->element);
    now.functional = elements[1];
    now.guide = elements[8];
    return true;
  }

  // The last person of the set that is open at the end of `text`: further on than its beginning.
  void find_person(std::string_view text, std::size_t& end, Known& now) {
    const char element = now.delimiters->element;
    const std::string_view set = now.header.empty() ? text.substr(end) : now.header;
    const std::string_view name = set_name(set, element);
    const std::string_view person = x12_set_splits_at(name);
    if (person.empty()) return;
    if (now.header.empty()) {
      const std::size_t first = find_segment(text, person, end, *now.delimiters);
      if (first == std::string_view::npos || first - end > kMaxHeader) return;
      now.header = text.substr(end, first - end);
    }
    const std::string pattern = std::string(person) + element;
    for (std::size_t at = text.rfind(pattern); at != std::string_view::npos && at > end;
         at = text.rfind(pattern, at - 1)) {
      if (!begins_segment(text, at, *now.delimiters)) continue;
      end = at;
      at_cut_ = now;
      return;
    }
  }

  static std::string_view set_name(std::string_view set, char element) {
    const bool begins = set.size() > 6 && set.starts_with("ST") && set[2] == element;
    return begins ? set.substr(3, 3) : std::string_view();
  }

  static std::size_t find_segment(std::string_view text, std::string_view name, std::size_t from,
                                  const X12Delimiters& delimiters) {
    const std::string pattern = std::string(name) + delimiters.element;
    const std::string_view reach = text.substr(0, from + kMaxHeader + pattern.size());
    for (std::size_t at = reach.find(pattern, from); at != std::string_view::npos;
         at = reach.find(pattern, at + 1)) {
      if (begins_segment(text, at, delimiters)) return at;
    }
    return std::string_view::npos;
  }

  Known at_part_, at_cut_;
};

struct Piece {
  FilePart part;
  Known known;
};

struct PartResult {
  FileFindings findings;
  X12State begin;
  std::optional<X12State> end;  // nothing: what follows cannot be read on its own
  bool last = false;
};

X12State state_of(const Known& known, const Rules& rules) {
  X12State state{.delimiters = known.delimiters,
                 .functional = known.functional,
                 .guide = known.guide,
                 .set = {},
                 .header = {}};
  if (known.header.empty()) return state;
  // Reading the header by itself says what there is to know of it.
  FileFindings none;
  Collector nobody(none, rules);
  return read_x12_part(known.header, 0, state, nobody).value_or(state);
}

PartResult read_piece(const Piece& piece, const Rules& rules) {
  PartResult result{.findings = {}, .begin = state_of(piece.known, rules), .end = {}};
  result.last = piece.part.last;
  Collector collector(result.findings, rules);
  if (result.last) {
    const Status read =
        read_last_x12_part(piece.part.text(), piece.part.offset, result.begin, collector);
    BH_ASSERT(read.has_value());  // it lies in memory
  } else {
    result.end = read_x12_part(piece.part.text(), piece.part.offset, result.begin, collector);
  }
  return result;
}

}  // namespace

Result<bool> read_x12_in_parts(ByteSource& source, Collector& collector, unsigned threads,
                               std::size_t part_bytes) {
  PartFeeder feeder(source, part_bytes);
  X12Cutter cutter;
  std::optional<Error> error;
  const auto next = [&]() -> std::optional<Piece> {
    Known known = cutter.known();
    auto part = feeder.next([&](std::string_view text) { return cutter.cut(text); });
    if (!part) error = part.error();
    if (!part || !*part) return std::nullopt;
    return Piece{std::move(**part), std::move(known)};
  };
  FileFindings whole;
  whole.report = collector.report();
  Collector together(whole, collector.rules());
  std::optional<X12State> state = X12State{};
  bool last = false;
  in_parts<Piece, PartResult>(
      threads, next, [&](unsigned, Piece piece) { return read_piece(piece, collector.rules()); },
      [&](PartResult result) {
        const bool follows = state == result.begin && together.append(result.findings);
        state = std::move(result.end);
        last = follows && result.last;
        return follows && (last || state);
      });
  if (error) return std::unexpected(std::move(*error));
  if (!last) return false;
  collector.report() = std::move(whole.report);
  collector.persons() = std::move(whole.persons);
  return true;
}

}  // namespace bulkhead::exposure
