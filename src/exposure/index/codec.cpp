// The findings of one file as bytes: docs/formats/findings.md.
#include <fmt/format.h>

#include "exposure/exposure.h"
#include "exposure/index/varint.h"

namespace bulkhead::exposure {

namespace {

constexpr std::string_view kMagic = "BHFINDNG";
constexpr std::uint8_t kVersion = 2;  // 1: a file without members, written so where there are none
constexpr std::size_t kBlockBytes = 512 * 1024;  // a block is sent when it grows over this
constexpr std::size_t kMaxBlock = 16 * 1024 * 1024;
constexpr std::size_t kMaxTexts = 64;  // reasons and warnings in a report
constexpr std::size_t kMaxMembers = 1'000'000;
constexpr std::size_t kMaxMemberName = 64 * 1024;

enum Block : std::uint8_t {
  kReport = 1,
  kPlaces = 2,
  kRows = 3,
  kRelations = 4,
  kEnd = 5,
  kMember = 6
};

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

void put_text(std::string_view text, std::string& to) {
  put_varint(text.size(), to);
  to.append(text);
}

class Encoder {
 public:
  explicit Encoder(const ByteSink& sink) : sink_(sink) {}

  Status encode(const FileFindings& findings) {
    BH_ASSERT(findings.members.size() <= kMaxMembers);
    BH_CHECK(head(findings.members.empty() ? 1 : kVersion));
    BH_CHECK(put_file(findings));
    if (!findings.members.empty()) put_varint(findings.members.size(), block_);
    BH_CHECK(send(kEnd));
    for (const MemberFindings& member : findings.members) {
      put_text(member.name, block_);
      BH_CHECK(send(kMember));
      BH_CHECK(put_file(member.findings));
      BH_CHECK(send(kEnd));
    }
    return {};
  }

 private:
  // All blocks of a file; of the last one its number of rows, unsent.
  Status put_file(const FileFindings& findings) {
    put_report(findings.report);
    BH_CHECK(send(kReport));
    put_varint(findings.persons.places().size(), block_);
    for (const std::string& place : findings.persons.places())
      put_text(place, block_);
    BH_CHECK(send(kPlaces));
    for (std::uint32_t i = 0; i < findings.persons.size(); ++i) {
      put_row(findings.persons, i);
      if (block_.size() > kBlockBytes) BH_CHECK(send(kRows));
    }
    if (!block_.empty()) BH_CHECK(send(kRows));
    for (const auto& [row, to] : findings.persons.relations()) {
      put_varint(row, block_);
      put_varint(to, block_);
      if (block_.size() > kBlockBytes) BH_CHECK(send(kRelations));
    }
    if (!block_.empty()) BH_CHECK(send(kRelations));
    put_varint(findings.persons.size(), block_);
    return {};
  }

  Status head(std::uint8_t version) {
    std::string text(kMagic);
    text.push_back(static_cast<char>(version));
    return sink_(as_bytes(text));
  }

  Status send(Block type) {
    Byte header[5];
    header[0] = type;
    store_be(header + 1, static_cast<std::uint32_t>(block_.size()));
    BH_CHECK(sink_(ByteView(header)));
    BH_CHECK(sink_(as_bytes(block_)));
    block_.clear();
    return {};
  }

  void put_report(const FileReport& report) {
    put_text(report.format, block_);
    put_text(report.recognised_by, block_);
    put_text(report.rules_version, block_);
    block_.push_back(report.read ? 1 : 0);
    for (const std::uint64_t number :
         {report.bytes, report.bytes_not_understood, report.records, report.anonymous_records}) {
      put_varint(number, block_);
    }
    put_varint(report.not_understood.size(), block_);
    for (const NotUnderstood& part : report.not_understood) {
      put_text(part.reason, block_);
      put_varint(part.bytes, block_);
      put_varint(part.count, block_);
      put_varint(part.first_offset, block_);
    }
    put_varint(report.warnings.size(), block_);
    for (const std::string& warning : report.warnings)
      put_text(warning, block_);
    for (const std::uint64_t count : report.fillers)
      put_varint(count, block_);
  }

  void put_row(const PersonTable& table, std::uint32_t index) {
    const PersonTable::Row& row = table.row(index);
    block_.push_back(static_cast<char>(row.role));
    block_.push_back(static_cast<char>(row.sensitive));
    put_varint(row.elements.bits(), block_);
    put_varint(row.possible.bits(), block_);
    put_varint(row.masked.bits(), block_);
    put_varint(row.records, block_);
    put_varint(row.first_offset, block_);
    put_text(table.facts(index), block_);
    std::uint64_t evidence = 0;
    table.each_evidence(index, [&](const Evidence&) { ++evidence; });
    put_varint(evidence, block_);
    table.each_evidence(index, [&](const Evidence& place) {
      block_.push_back(static_cast<char>(place.element));
      put_varint(zigzag(static_cast<std::int64_t>(place.offset - row.first_offset)), block_);
      put_varint(place.length, block_);
      put_varint(place.where, block_);
    });
  }

  const ByteSink& sink_;
  std::string block_;
};

// Reads numbers and texts of one block; remembers the first misfit.
class BlockReader {
 public:
  explicit BlockReader(std::string_view block) : rest_(block) {}
  bool good() const { return good_; }
  bool at_end() const { return rest_.empty() || !good_; }
  std::size_t left() const { return rest_.size(); }

  std::uint64_t number(std::uint64_t limit = ~std::uint64_t{0}) {
    std::uint64_t value = 0;
    if (!good_ || !take_varint(rest_, value) || value > limit) return fail_zero();
    return value;
  }
  std::uint8_t byte(std::uint8_t limit) {
    if (!good_ || rest_.empty() || static_cast<std::uint8_t>(rest_[0]) > limit) {
      return static_cast<std::uint8_t>(fail_zero());
    }
    const auto value = static_cast<std::uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return value;
  }
  std::string_view text() {
    const std::uint64_t length = number(rest_.size());
    if (!good_ || length > rest_.size()) {
      fail_zero();
      return {};
    }
    const std::string_view value = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return value;
  }
  std::uint64_t fail_zero() {
    good_ = false;
    return 0;
  }

 private:
  std::string_view rest_;
  bool good_ = true;
};

void read_report(BlockReader& in, FileReport& report) {
  report.format = std::string(in.text());
  report.recognised_by = std::string(in.text());
  report.rules_version = std::string(in.text());
  report.read = in.byte(1) == 1;
  report.bytes = in.number();
  report.bytes_not_understood = in.number(report.bytes);
  report.records = in.number();
  report.anonymous_records = in.number();
  for (std::uint64_t left = in.number(kMaxTexts); left > 0 && in.good(); --left) {
    NotUnderstood part;
    part.reason = std::string(in.text());
    part.bytes = in.number();
    part.count = in.number();
    part.first_offset = in.number();
    report.not_understood.push_back(std::move(part));
  }
  for (std::uint64_t left = in.number(kMaxTexts); left > 0 && in.good(); --left) {
    report.warnings.emplace_back(in.text());
  }
  for (std::uint64_t& count : report.fillers)
    count = in.number();
}

bool facts_are_sound(std::string_view packed) {
  FactReader reader(packed);
  Fact fact;
  while (reader.next(fact)) {
  }
  return !reader.damaged();
}

}  // namespace

// A friend of the table: rows come in as they were, without being looked up.
class FindingsDecoder {
 public:
  Result<FileFindings> decode(ByteView bytes) {
    std::string_view rest = as_text(bytes);
    if (!rest.starts_with(kMagic) || rest.size() <= kMagic.size()) return misfit(0, "no findings");
    const auto version = static_cast<std::uint8_t>(rest[kMagic.size()]);
    if (version > kVersion) {
      return fail(ErrorCode::kNewerFormat,
                  fmt::format("findings of version {} were written by a newer release: "
                              "this one reads up to {}",
                              version, kVersion));
    }
    if (version == 0) return misfit(kMagic.size(), "no version");
    has_members_ = version >= 2;
    rest.remove_prefix(kMagic.size() + 1);
    while (!ended_) {
      const std::size_t at = bytes.size() - rest.size();
      if (rest.size() < 5) return misfit(at, "the findings are cut off");
      const std::uint32_t length = load_be<std::uint32_t>(bytes.data() + at + 1);
      if (length > kMaxBlock || length > rest.size() - 5)
        return misfit(at, "a block is longer than what there is");
      if (!block(static_cast<std::uint8_t>(rest[0]), rest.substr(5, length)))
        return misfit(at, "a block does not fit");
      rest.remove_prefix(5 + length);
    }
    if (!rest.empty()) return misfit(bytes.size() - rest.size(), "bytes behind the end");
    return std::move(findings_);
  }

 private:
  static std::unexpected<Error> misfit(std::size_t at, std::string_view what) {
    return fail(ErrorCode::kMalformed,
                fmt::format("findings, byte {}: {}: analyse the file again", at, what));
  }

  // Blocks come in the order of their types; report, places and end once; then, for each member,
  // its name and the same again.
  bool block(std::uint8_t type, std::string_view payload) {
    if (last_ == kEnd) return begin_member(type, payload);
    const bool again = type == last_ && (type == kRows || type == kRelations);
    if (type <= last_ && !again) return false;
    if (last_ == 0 && type != kReport) return false;
    if (type > kReport && last_ < kPlaces && type != kPlaces) return false;
    last_ = type;
    BlockReader in(payload);
    switch (type) {
      case kReport:
        read_report(in, file_->report);
        break;
      case kPlaces:
        read_places(in);
        break;
      case kRows:
        while (!in.at_end())
          read_row(in);
        break;
      case kRelations:
        read_relations(in);
        break;
      case kEnd:
        if (in.number() != file_->persons.size()) return false;
        if (has_members_ && file_ == &findings_) members_left_ = in.number(kMaxMembers);
        ended_ = members_left_ == 0;
        break;
      default:
        return false;
    }
    return in.good() && in.left() == 0;
  }

  bool begin_member(std::uint8_t type, std::string_view payload) {
    BlockReader in(payload);
    const std::string_view name = in.text();
    if (type != kMember || !in.good() || in.left() > 0 || name.size() > kMaxMemberName)
      return false;
    findings_.members.push_back({std::string(name), {}});
    file_ = &findings_.members.back().findings;
    --members_left_;
    last_ = 0;
    return true;
  }

  void read_places(BlockReader& in) {
    PersonTable& table = file_->persons;
    for (std::uint64_t left = in.number(65'536); left > 0 && in.good(); --left)
      table.places_.emplace_back(in.text());
  }

  void read_row(BlockReader& in) {
    PersonTable& table = file_->persons;
    PersonTable::Row row;
    row.role = static_cast<Role>(in.byte(kRoleCount - 1));
    row.sensitive = in.byte(15);
    row.elements = ElementSet(static_cast<std::uint32_t>(in.number(~0U)));
    row.possible = ElementSet(static_cast<std::uint32_t>(in.number(~0U)));
    row.masked = ElementSet(static_cast<std::uint32_t>(in.number(~0U)));
    row.records = static_cast<std::uint32_t>(in.number(~0U));
    row.first_offset = in.number();
    const std::string_view facts = in.text();
    if (!facts_are_sound(facts)) in.fail_zero();
    row.facts_at = table.arena_.size();
    row.facts_length = static_cast<std::uint32_t>(facts.size());
    const std::uint64_t evidence = in.number(kElementCount * PersonTable::kEvidencePerElement);
    if (!in.good()) return;
    table.arena_.append(facts);
    table.rows_.push_back(row);
    const auto index = static_cast<std::uint32_t>(table.rows_.size() - 1);
    for (std::uint64_t left = evidence; left > 0 && in.good(); --left) {
      Evidence place;
      place.element = static_cast<Element>(in.byte(kElementCount - 1));
      place.offset = row.first_offset + static_cast<std::uint64_t>(unzigzag(in.number()));
      place.length = static_cast<std::uint32_t>(in.number(~0U));
      place.where = static_cast<std::uint16_t>(in.number(0xFFFF));
      if (place.where >= table.places_.size()) in.fail_zero();
      if (in.good()) table.add_evidence(index, place);
    }
  }

  void read_relations(BlockReader& in) {
    PersonTable& table = file_->persons;
    while (!in.at_end()) {
      const std::uint64_t row = in.number(0xFFFFFFFF);
      const std::uint64_t to = in.number(0xFFFFFFFF);
      if (row >= table.size() || to >= table.size()) in.fail_zero();
      if (in.good())
        table.relations_.emplace_back(static_cast<std::uint32_t>(row),
                                      static_cast<std::uint32_t>(to));
    }
  }

  FileFindings findings_;
  FileFindings* file_ = &findings_;  // it, or the member that is being read
  bool has_members_ = false;
  std::uint64_t members_left_ = 0;
  std::uint8_t last_ = 0;
  bool ended_ = false;
};

Status encode(const FileFindings& findings, const ByteSink& sink) {
  return Encoder(sink).encode(findings);
}

Bytes encode(const FileFindings& findings) {
  Bytes bytes;
  const Status done = encode(findings, [&bytes](ByteView part) -> Status {
    bytes.insert(bytes.end(), part.begin(), part.end());
    return {};
  });
  BH_ASSERT(done.has_value());
  return bytes;
}

Result<FileFindings> decode(ByteView bytes) {
  return FindingsDecoder().decode(bytes);
}

}  // namespace bulkhead::exposure
