#include "exposure/layouts/record_stream.h"

#include <algorithm>

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kPrefix = 4;  // of a record's or block's length
constexpr std::size_t kMostVariable = 32'760 + kPrefix;
constexpr std::size_t kChain = 4;  // records in a row that make a place a start

std::size_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// The length behind a prefix, without the prefix itself; npos where it is none.
std::size_t prefixed_length(std::string_view rest, Framing framing) {
  const bool little = framing == Framing::kVariableLittle;
  const std::size_t first = byte_at(rest, 0), second = byte_at(rest, 1);
  const std::size_t third = byte_at(rest, 2), fourth = byte_at(rest, 3);
  if (little ? (first | second) != 0 : (third | fourth) != 0) return std::string_view::npos;
  std::size_t length = little ? third | fourth << 8 : first << 8 | second;
  if (framing == Framing::kVariable || framing == Framing::kVariableBlocked) {
    if (length < kPrefix) return std::string_view::npos;
    length -= kPrefix;
  }
  return length == 0 || length > kMostVariable ? std::string_view::npos : length;
}

bool is_variable(Framing framing) {
  return framing >= Framing::kVariable;
}

}  // namespace

Cut RecordCutter::cut(std::string_view rest, bool at_end) {
  switch (framing_) {
    case Framing::kLines:
    case Framing::kEbcdicLines:
      return cut_line(rest, at_end);
    case Framing::kFixed:
      return cut_fixed(rest, at_end);
    default:
      return cut_variable(rest, at_end);
  }
}

void RecordCutter::took(const Cut& cut) {
  if (framing_ != Framing::kVariableBlocked) return;
  if (cut.block > 0) block_left_ = cut.block;
  block_left_ -= std::min(block_left_, cut.length + (with_prefix_ ? 0 : kPrefix));
}

Cut RecordCutter::cut_line(std::string_view rest, bool at_end) const {
  const std::size_t end =
      framing_ == Framing::kLines ? rest.find('\n') : rest.find_first_of("\x15\x25");
  Cut cut;
  if (end == std::string_view::npos) {
    if (!at_end) return cut;
    cut = {Cut::kRecord, 0, rest.size(), rest.size()};
    // A DOS end-of-file mark is no record.
    if (rest == "\x1A") cut.length = 0;
  } else {
    cut = {Cut::kRecord, 0, end, end + 1};
  }
  if (framing_ == Framing::kLines && cut.length > 0 && rest[cut.length - 1] == '\r') --cut.length;
  return cut;
}

Cut RecordCutter::cut_fixed(std::string_view rest, bool at_end) const {
  if (rest.size() >= length_) return {Cut::kRecord, 0, length_, length_};
  return at_end ? Cut{.found = Cut::kBroken, .taken = rest.size()} : Cut{};
}

Cut RecordCutter::cut_variable(std::string_view rest, bool at_end) const {
  const auto short_of = [&](std::size_t needed) { return rest.size() < needed; };
  const Cut missing = at_end ? Cut{.found = Cut::kBroken, .taken = rest.size()} : Cut{};
  const Cut broken{.found = Cut::kBroken};
  std::size_t skip = 0, block = 0;
  std::size_t left = block_left_;
  if (framing_ == Framing::kVariableBlocked && left == 0) {
    if (short_of(kPrefix)) return missing;
    left = prefixed_length(rest, framing_);
    if (left == std::string_view::npos) return broken;
    block = left;
    skip = kPrefix;
  }
  if (short_of(skip + kPrefix)) return missing;
  const std::size_t length = prefixed_length(rest.substr(skip), framing_);
  if (length == std::string_view::npos) return broken;
  if (framing_ == Framing::kVariableBlocked && length + kPrefix > left) return broken;
  skip += kPrefix;
  if (short_of(skip + length)) return missing;
  const std::size_t taken = skip + length;
  if (with_prefix_) return {Cut::kRecord, skip - kPrefix, length + kPrefix, taken, block};
  return {Cut::kRecord, skip, length, taken, block};
}

std::optional<std::size_t> RecordCutter::resync(std::string_view rest) const {
  if (!is_variable(framing_)) return std::nullopt;
  for (std::size_t at = 1; at + kPrefix < rest.size(); ++at) {
    RecordCutter trial(framing_, length_);
    std::size_t position = at;
    std::size_t chained = 0;
    while (chained < kChain) {
      const Cut cut = trial.cut(rest.substr(position), false);
      if (cut.found != Cut::kRecord) break;
      trial.took(cut);
      position += cut.taken;
      ++chained;
    }
    if (chained == kChain) return at;
  }
  return std::nullopt;
}

std::vector<std::string_view> sample_records(std::string_view head, bool whole_file,
                                             RecordCutter cutter, std::size_t most, bool& broken) {
  std::vector<std::string_view> records;
  broken = false;
  while (!head.empty() && records.size() < most) {
    const Cut cut = cutter.cut(head, whole_file);
    broken = cut.found == Cut::kBroken;
    if (cut.found != Cut::kRecord) break;
    cutter.took(cut);
    if (cut.length > 0) records.push_back(head.substr(cut.skip, cut.length));
    head.remove_prefix(cut.taken);
  }
  return records;
}

std::vector<Framing> possible_framings(std::string_view head, bool whole_file) {
  std::vector<Framing> framings;
  for (const Framing framing : {Framing::kLines, Framing::kEbcdicLines}) {
    bool broken = false;
    const auto lines = sample_records(head, whole_file, RecordCutter(framing, 0), 100'000, broken);
    if (lines.size() >= 2 || (whole_file && lines.size() == 1 && lines[0].size() < head.size()))
      framings.push_back(framing);
  }
  for (const Framing framing : {Framing::kVariable, Framing::kVariableOther,
                                Framing::kVariableLittle, Framing::kVariableBlocked}) {
    bool broken = false;
    const auto records =
        sample_records(head, whole_file, RecordCutter(framing, 0), 100'000, broken);
    if (records.size() >= (broken ? kBelievable : 2)) framings.push_back(framing);
  }
  return framings;
}

RecordStream::RecordStream(ByteSource& source, const RecordCutter& cutter, std::uint32_t longest)
    : window_(source, std::max<std::size_t>(BlockWindow::kBytes, std::size_t{4} * longest)),
      cutter_(cutter) {}

Result<RecordStream::Next> RecordStream::next() {
  window_.skip(pending_);
  pending_ = 0;
  while (true) {
    const std::string_view rest = window_.rest();
    if (rest.empty() && window_.at_end()) return Next::kEnd;
    const Cut cut = rest.empty() ? Cut{} : cutter_.cut(rest, window_.at_end());
    if (cut.found == Cut::kRecord) {
      cutter_.took(cut);
      record_ = rest.substr(cut.skip, cut.length);
      record_offset_ = window_.offset() + cut.skip;
      pending_ = cut.taken;
      // Whether it is the last one is known only when the window has looked behind it.
      if (pending_ < rest.size() || window_.at_end()) return Next::kRecord;
      BH_CHECK(window_.more());
      record_ = window_.rest().substr(cut.skip, cut.length);
      return Next::kRecord;
    }
    if (cut.found == Cut::kBroken) return damage(cut.taken);
    BH_TRY(const bool more, window_.more());
    // A record longer than the window is none.
    if (!more && !window_.at_end()) return damage(window_.rest().size());
  }
}

Result<RecordStream::Next> RecordStream::damage(std::size_t bytes) {
  if (bytes == 0) {
    const auto start = cutter_.resync(window_.rest());
    bytes = start ? *start : window_.rest().size();
  }
  cutter_.reset();
  record_offset_ = window_.offset();
  size_ = pending_ = bytes;
  return Next::kDamage;
}

std::vector<std::string_view> RecordStream::ahead(std::size_t most) const {
  std::vector<std::string_view> records;
  RecordCutter cutter = cutter_;
  std::string_view rest = window_.rest().substr(pending_);
  while (!rest.empty() && records.size() < most) {
    const Cut cut = cutter.cut(rest, window_.at_end());
    if (cut.found != Cut::kRecord) break;
    cutter.took(cut);
    records.push_back(rest.substr(cut.skip, cut.length));
    rest.remove_prefix(cut.taken);
  }
  return records;
}

}  // namespace bulkhead::exposure
