#include "exposure/readers/ncpdp_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/ascii.h"
#include "exposure/detect/values.h"
#include "exposure/readers/draft.h"
#include "exposure/readers/ncpdp_syntax.h"
#include "exposure/readers/ncpdp_table.h"
#include "exposure/readers/word_list.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxHeld = 32;
constexpr std::size_t kBatchReference = 12;  // "G1" and a reference of ten
// Batch 1.2. Header: "00", type, sender 24, batch 7, date 8, time 4, file type, version 2, receiver
// 24. Trailer: "99", batch 7, count 10, message 35.
constexpr std::size_t kBatchHeader = 73, kBatchTrailer = 54;

// Segments and fields have two characters each.
std::uint16_t pair_of(std::string_view two) {
  return static_cast<std::uint16_t>(static_cast<unsigned char>(two[0]) << 8 |
                                    static_cast<unsigned char>(two[1]));
}

// The rules in the order of segment and field.
struct Rule {
  std::uint32_t key = 0;
  std::uint16_t index = 0;
};
const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = [] {
    std::vector<Rule> list;
    for (std::uint16_t i = 0; i < ncpdp_field_rules().size(); ++i) {
      const NcpdpFieldRule& rule = ncpdp_field_rules()[i];
      list.push_back(
          {static_cast<std::uint32_t>(pair_of(rule.segment)) << 16 | pair_of(rule.field), i});
    }
    std::sort(list.begin(), list.end(), [](const Rule& a, const Rule& b) {
      return a.key != b.key ? a.key < b.key : a.index < b.index;
    });
    return list;
  }();
  return all;
}

class NcpdpFileReader {
 public:
  NcpdpFileReader(ByteSource& source, Collector& collector)
      : scanner_(source, collector), collector_(collector) {
    places_.assign(ncpdp_field_rules().size(), 0xFFFF);
  }

  Status read() {
    NcpdpPiece piece;
    bool first = true;
    while (true) {
      BH_TRY(const bool any, scanner_.next(piece));
      if (!any) break;
      if (piece.separator == kNcpdpStx || piece.separator == kNcpdpEtx || first) {
        end_transmission();
        begin(piece.text, piece.offset);
      } else if (!piece.text.empty()) {
        take(piece.text, piece.offset);
      }
      first = false;
    }
    end_transmission();
    return {};
  }

 private:
  struct Field {  // decoded, or as it lies in the file
    std::string_view value;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
  };
  struct Held {  // until the segment is whole
    std::uint16_t rule = 0;
    std::string value;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;
  };

  // --- transmissions

  void begin(std::string_view text, std::uint64_t offset) {
    damaged_ = true;  // until a header was read
    const std::size_t lead = std::min(text.find_first_not_of("\r\n \t\x1A"), text.size());
    text.remove_prefix(lead);
    offset += lead;
    if (text.empty()) return;
    const bool stroked = ncpdp_has_stroked_zero(text);
    const std::string decoded = stroked ? ncpdp_plain(text) : std::string();
    std::string_view plain = stroked ? std::string_view(decoded) : text;
    const std::size_t whole = plain.size();
    if (plain.starts_with("G1") && plain.size() > kBatchReference)
      plain.remove_prefix(kBatchReference);
    const bool frame = plain.starts_with("00") || plain.starts_with("99");
    auto header = ncpdp_header(plain);
    if (!header && frame) {
      name_format("batch", {});
      const std::size_t size = plain.starts_with("00") ? kBatchHeader : kBatchTrailer;
      return report_behind(plain, size, offset + text.size(), "bytes behind a batch's record");
    }
    if (!header) {
      collector_.not_understood(offset, text.size(), "transmission whose header cannot be read");
      return;
    }
    header_ = *header;
    damaged_ = false;
    offset_ = offset;
    const std::string_view version = header_.response ? plain.substr(0, 2) : plain.substr(6, 2);
    name_format(plain.size() < whole ? "batch" : "transmission", version);
    patient_.start(Role::kMember, offset);
    if (!stroked && header_.date_at != 0) {
      const std::size_t at = whole - plain.size() + header_.date_at;
      patient_.add(FieldKind::kClaim, {text.substr(at, 8), offset + at, place_of_date()},
                   collector_);
    }
    // The first segment may follow without a separator.
    const std::string_view rest = plain.substr(header_.size);
    const std::uint64_t end = offset + text.size();
    if (trimmed(rest).starts_with("AM"))
      begin_segment(rest.substr(rest.find('A') + 2), end);
    else
      report_behind(rest, 0, end, "bytes behind a header");
  }

  // What stands in `text`, which ends at `end`, behind its first `size` bytes.
  void report_behind(std::string_view text, std::size_t size, std::uint64_t end,
                     std::string_view reason) {
    const std::string_view rest = text.substr(std::min(size, text.size()));
    const std::string_view value = trimmed(rest);
    const auto from = static_cast<std::size_t>(value.data() - rest.data());
    collector_.not_understood(end - (rest.size() - from), value.size(), reason);
  }

  std::uint16_t place_of_date() { return collector_.persons().place("401-D1"); }

  void name_format(std::string_view what, std::string_view version) {
    FileReport& report = collector_.report();
    report.read = true;
    report.format = "ncpdp-telecom";
    if (!named_)
      report.recognised_by = version.empty() ? std::string("batch header")
                                             : fmt::format("{}, version {}", what, version);
    named_ = named_ || !version.empty();
  }

  void end_transmission() {
    end_segment();
    segment_.clear();
    for (Draft* const other : {&prescriber_, &primary_care_, &representative_})
      finish(*other);
    if (patient_.open()) patient_.write_with_kin(kin_, collector_);
  }

  void finish(Draft& other) {
    if (!other.open()) return;
    if (!other.named()) return other.stop();
    const std::uint32_t row = other.write(collector_);
    if (row != PersonTable::kNone && other.role() == Role::kRelated) kin_.push_back(row);
  }

  // --- segments and fields

  // `id`: what stands behind "AM", up to `end`.
  void begin_segment(std::string_view id, std::uint64_t end) {
    end_segment();
    id.remove_prefix(static_cast<std::size_t>(trimmed(id).data() - id.data()));
    segment_ = id.size() >= 2 ? std::string(id.substr(0, 2)) : std::string("??");
    if (is_listed(ncpdp_known_segments(), segment_))
      return report_behind(id, 2, end, "bytes behind a segment's name");
    report_behind(id, 0, end, "segment that the standard does not know");
    segment_ = "??";
  }

  void take(std::string_view text, std::uint64_t offset) {
    if (damaged_) {
      // Nobody can say whose these are, until a header.
      const std::size_t next = find_header(text);
      collector_.not_understood(offset, std::min(next, text.size()), "field without a header");
      if (next < text.size()) begin(text.substr(next), offset + next);
      return;
    }
    const std::size_t next = find_header(text);
    if (next < text.size()) {
      take(text.substr(0, next), offset);
      end_transmission();
      return begin(text.substr(next), offset + next);
    }
    Field field{text, offset, 0};
    if (ncpdp_has_stroked_zero(text)) {
      decoded_ = ncpdp_plain(text);
      field = {decoded_, offset, static_cast<std::uint32_t>(text.size())};
    }
    if (field.value.starts_with("AM"))
      return begin_segment(field.value.substr(2), offset + text.size());
    const bool named = field.value.size() >= 2 && is_alnum(field.value[0]) &&
                       is_alnum(field.value[1]) &&
                       !(is_digit(field.value[0]) && is_digit(field.value[1]));
    if (!named || segment_.empty()) {
      if (!trimmed(text).empty())
        collector_.not_understood(offset, text.size(), "field without an identifier");
      return;
    }
    take_field(field);
  }

  // A new header in what should be one field: transmissions one behind the other, or one a line.
  static std::size_t find_header(std::string_view text) {
    if (text.size() < 24) return text.size();
    if (!ncpdp_has_stroked_zero(text)) return std::min(find_ncpdp_header(text), text.size());
    // Where it begins does not change if no stroked zero comes before it.
    const std::string plain = ncpdp_plain(text);
    const std::size_t at = find_ncpdp_header(plain);
    if (at == std::string_view::npos) return text.size();
    std::size_t raw = 0;
    for (std::size_t i = 0; i < at; ++i)
      raw += text.substr(raw).starts_with("\xC3\x98") ? 2 : 1;
    return raw;
  }

  void take_field(Field field) {
    const std::string id(field.value.substr(0, 2));
    if (field.length == 0) field.offset += 2;
    field.value.remove_prefix(2);
    const std::string_view value = trimmed(field.value);
    if (value.size() <= 2 && qualifiers_.size() < kMaxHeld)
      qualifiers_.emplace_back(id, std::string(value));
    if (segment_ == "04" && id == "C3") person_code_ = value.substr(0, 8);
    if (segment_ == "04" && id == "C6") relationship_ = value.substr(0, 2);
    const std::uint32_t key = static_cast<std::uint32_t>(pair_of(segment_)) << 16 | pair_of(id);
    auto at = std::lower_bound(rules().begin(), rules().end(), key,
                               [](const Rule& rule, std::uint32_t k) { return rule.key < k; });
    for (; at != rules().end() && at->key == key; ++at)
      apply(at->index, field);
    if (id == "D2" && (segment_ == "07" || segment_ == "22")) key_prescription(value);
  }

  std::string_view qualifier(std::string_view id) const {
    for (auto at = qualifiers_.rbegin(); at != qualifiers_.rend(); ++at) {
      if (at->first == id) return at->second;
    }
    return {};
  }

  void apply(std::uint16_t index, const Field& field) {
    const NcpdpFieldRule& rule = ncpdp_field_rules()[index];
    if (!rule.qualifier.empty() && !is_listed(rule.qualifiers, qualifier(rule.qualifier))) return;
    if (segment_ == "04") {
      // Whose the insurance is, is said behind it.
      if (held_.size() < kMaxHeld)
        held_.push_back(
            {index, std::string(field.value.substr(0, 512)), field.offset, field.length});
      return;
    }
    put(index, field, subject(rule.subject));
  }

  Draft& subject(NcpdpSubject whose) {
    switch (whose) {
      case NcpdpSubject::kPrescriber:
        return provider(prescriber_);
      case NcpdpSubject::kPrimaryCare:
        return provider(primary_care_);
      case NcpdpSubject::kRepresentative:
        if (!representative_.open()) representative_.start(Role::kRelated, offset_);
        return representative_;
      default:
        return patient_;
    }
  }

  Draft& provider(Draft& draft) {
    if (!draft.open()) draft.start(Role::kProvider, offset_);
    return draft;
  }

  void put(std::uint16_t index, const Field& field, Draft& to, std::uint8_t more_flags = 0,
           std::string_view person = {}) {
    const NcpdpFieldRule& rule = ncpdp_field_rules()[index];
    const RawField raw{field.value, field.offset, place(index), field.length};
    FieldDetail detail{.label = rule.label,
                       .flags = static_cast<std::uint8_t>(rule.flags | more_flags),
                       .codes = rule.codes};
    std::string issuer;
    if (rule.kind == FieldKind::kMemberId) {
      issuer = issuer_of(rule.label, person);
      detail.issuer = issuer;
    }
    to.add(rule.kind, raw, collector_, detail);
    const bool treats =
        rule.subject == NcpdpSubject::kPrescriber || rule.subject == NcpdpSubject::kPrimaryCare;
    if (treats) patient_.add(FieldKind::kTreatingProvider, raw, collector_);
  }

  // A cardholder's id with its person code is one person's: the code is part of the number.
  std::string issuer_of(std::string_view label, std::string_view person) const {
    if (header_.response) return "?";
    if (label == "Medicaid number") return "Medicaid";
    std::string issuer = header_.bin + "/" + header_.processor;
    if (!person.empty()) issuer += "/person " + std::string(person);
    return issuer;
  }

  // A pharmacy's prescription number is one patient's: it joins a claim, its reversal and its
  // answer.
  void key_prescription(std::string_view number) {
    if (header_.provider.empty() || number.empty() || is_filler_number(number)) return;
    const Compact compact(number);
    const std::string_view digits = compact.view().substr(
        std::min(compact.view().find_first_not_of('0'), compact.view().size()));
    if (digits.empty()) return;
    patient_.add(FieldKind::kPseudonym, {digits, offset_, 0}, collector_,
                 {.label = "prescription number", .issuer = "pharmacy " + header_.provider});
  }

  void end_segment() {
    if (segment_ == "04") take_insurance();
    held_.clear();
    qualifiers_.clear();
    person_code_.clear();
    relationship_.clear();
  }

  const Held* held(FieldKind kind) const {
    for (const Held& one : held_) {
      const NcpdpFieldRule& rule = ncpdp_field_rules()[one.rule];
      if (rule.subject == NcpdpSubject::kCardholder && rule.kind == kind &&
          !trimmed(one.value).empty())
        return &one;
    }
    return nullptr;
  }

  void take_insurance() {
    const Held* const first = held(FieldKind::kFirstName);
    const Held* const last = held(FieldKind::kLastName);
    const bool named = first != nullptr || last != nullptr;
    const bool other_said = relationship_ == "2" || relationship_ == "3" || relationship_ == "4";
    const bool same_first = first != nullptr && patient_.same_first_name(trimmed(first->value));
    // 306-C6: 1 is the cardholder, 2 the spouse, 3 a child, 4 somebody else.
    const bool other = named && patient_.named() && !same_first && (first != nullptr || other_said);
    const bool unnamed = !patient_.named();
    if (other) holder_.start(Role::kMember, first != nullptr ? first->offset : last->offset);
    for (const Held& one : held_) {
      const NcpdpFieldRule& rule = ncpdp_field_rules()[one.rule];
      const Field field{one.value, one.offset, one.length};
      const bool holders = rule.subject == NcpdpSubject::kCardholder;
      const bool number = rule.kind == FieldKind::kMemberId;
      if (!holders) {
        put(one.rule, field, patient_);
        continue;
      }
      if (other) put(one.rule, field, holder_);
      // The number is the patient's as well; the name only where the patient has none.
      const bool shared = other_said && person_code_.empty();
      if (number)
        put(one.rule, field, patient_, shared ? kFactNotAKey : 0, person_code_);
      else if (!other && unnamed && !other_said)
        put(one.rule, field, patient_);
    }
    if (!other) return;
    const std::uint32_t row = holder_.write(collector_);
    if (row != PersonTable::kNone) kin_.push_back(row);
  }

  std::uint16_t place(std::uint16_t index) {
    std::uint16_t& cached = places_[index];
    if (cached == 0xFFFF) cached = collector_.persons().place(ncpdp_field_rules()[index].number);
    return cached;
  }

  NcpdpScanner scanner_;
  Collector& collector_;
  std::vector<std::uint16_t> places_;  // by rule
  std::string decoded_;
  bool named_ = false;

  NcpdpHeader header_;
  std::uint64_t offset_ = 0;  // of the transmission
  bool damaged_ = false;      // no header was understood since
  Draft patient_, holder_, prescriber_, primary_care_, representative_;
  std::vector<std::uint32_t> kin_;  // rows to relate to the patient once that is written

  std::string segment_;  // two characters; "??" for one that is not known; empty: none yet
  std::vector<std::pair<std::string, std::string>> qualifiers_;  // short fields of the segment
  std::vector<Held> held_;
  std::string person_code_, relationship_;
};

}  // namespace

Status read_ncpdp(ByteSource& source, Collector& collector) {
  return NcpdpFileReader(source, collector).read();
}

}  // namespace bulkhead::exposure
