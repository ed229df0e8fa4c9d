#include "exposure/readers/hl7_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "exposure/detect/hash.h"
#include "exposure/detect/values.h"
#include "exposure/readers/hl7_fields.h"
#include "exposure/readers/word_list.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint32_t kMsh = segment_id("MSH"), kFhs = segment_id("FHS"),
                        kBhs = segment_id("BHS"), kBts = segment_id("BTS"),
                        kFts = segment_id("FTS"), kObx = segment_id("OBX"),
                        kNte = segment_id("NTE"), kQpd = segment_id("QPD");
constexpr std::size_t kMaxProviders = 64;  // remembered of one message
constexpr std::size_t kSmallDocument = 256;
// Of a text's further lines: what follows is no result and no note any more.
constexpr std::size_t kMaxBrokenText = 8 * 1024;
constexpr std::string_view kDocument = "embedded document: recognised, not read";
constexpr std::size_t kMaxIssuer = 256;  // of names and numbers that many rows repeat

std::uint32_t bucket_of(std::uint32_t id) {
  return (id * 0x9E3779B1U) >> 22;
}

// The table's rules by segment.
class Hl7Rules {
 public:
  struct Entry {
    std::uint32_t id = 0;
    std::optional<Hl7Subject> subject;
    std::vector<std::uint16_t> fields;  // of hl7_field_rules()
  };

  Hl7Rules() {
    std::string_view known = hl7_known_segments();
    while (!known.empty()) {
      const std::size_t end = known.find(' ');
      entry_for(segment_id(known.substr(0, end)));
      known.remove_prefix(end == std::string_view::npos ? known.size() : end + 1);
    }
    for (const Hl7SegmentRule& rule : hl7_segment_rules())
      entry_for(segment_id(rule.segment)).subject = rule.subject;
    for (std::uint16_t i = 0; i < hl7_field_rules().size(); ++i) {
      Entry& entry = entry_for(segment_id(hl7_field_rules()[i].segment));
      entry.fields.push_back(i);
      if (!entry.subject) entry.subject = Hl7Subject::kPatient;
    }
    BH_ASSERT(entries_.size() < 256);
  }

  const Entry* find(std::uint32_t id) const {
    for (std::uint32_t at = bucket_of(id);; at = (at + 1) % buckets_.size()) {
      if (buckets_[at] == 0) return nullptr;
      const Entry& entry = entries_[buckets_[at] - 1U];
      if (entry.id == id) return &entry;
    }
  }

 private:
  Entry& entry_for(std::uint32_t id) {
    std::uint32_t at = bucket_of(id);
    for (; buckets_[at] != 0; at = (at + 1) % buckets_.size()) {
      if (entries_[buckets_[at] - 1U].id == id) return entries_[buckets_[at] - 1U];
    }
    entries_.push_back({.id = id, .subject = {}, .fields = {}});
    buckets_[at] = static_cast<std::uint16_t>(entries_.size());
    return entries_.back();
  }

  std::vector<Entry> entries_;
  std::array<std::uint16_t, 1024> buckets_{};  // 0: none, else index + 1
};

class Hl7FileReader {
 public:
  Hl7FileReader(ByteSource& source, Collector& collector)
      : scanner_(source, collector), collector_(collector), fields_(collector) {
    places_.assign(hl7_field_rules().size(), 0xFFFF);
  }

  Status read() {
    Hl7Segment segment;
    while (true) {
      BH_TRY(const Hl7Scanner::Next next, scanner_.next(segment));
      if (next == Hl7Scanner::Next::kEnd) break;
      if (next == Hl7Scanner::Next::kSegment)
        take(segment);
      else
        take_broken_line(segment);
    }
    finish_patient();
    return {};
  }

 private:
  // --- segments

  void take(const Hl7Segment& segment) {
    const bool text = segment.id == kObx || segment.id == kNte || segment.text[0] == 'Z';
    text_left_ = text ? kMaxBrokenText : 0;
    in_document_ = false;
    unreported_ = 0;
    if (segment.id == kMsh) return begin_message(segment);
    if (segment.id == kFhs || segment.id == kBhs || segment.id == kBts || segment.id == kFts) {
      finish_patient();
      name_format({});
      return;
    }
    const Hl7Rules::Entry* const entry = rules().find(segment.id);
    if (entry == nullptr) return take_unknown(segment);
    if (!entry->subject) return;  // nothing of a person here
    const Hl7Fields split(segment, scanner_.delimiters().field);
    enter(*entry->subject, segment, split);
    for (const std::uint16_t rule : entry->fields)
      apply(rule, segment, split);
    if (segment.id == kObx) report_document(segment, split);
    if (segment.id == kQpd) take_query(segment, split);
  }

  static const Hl7Rules& rules() {
    static const Hl7Rules all;
    return all;
  }

  // The rest of a text that had a line end in it. In a text that is nothing new, in a document it
  // is as little read as what stands before it.
  void take_broken_line(const Hl7Segment& line) {
    const std::size_t size = line.text.size();
    if (in_document_) {
      collector_.not_understood(document_offset_, std::exchange(unreported_, 0), kDocument);
      return collector_.not_understood(line.offset, size, kDocument);
    }
    if (text_left_ == 0)
      return collector_.not_understood(line.offset, size, "line that is no segment");
    const std::size_t rest = size - std::min(size, text_left_);
    collector_.not_understood(line.offset + size - rest, rest, "rest of a text that is too long");
    if (rest == 0)
      text_left_ -= size;
    else
      text_left_ = 0;
  }

  void take_unknown(const Hl7Segment& segment) {
    if (segment.text[0] != 'Z') {
      collector_.not_understood(segment.offset, segment.text.size(),
                                "segment that HL7 does not know");
      return;
    }
    // A segment of somebody's own: no value says what it is, but some may look like something.
    if (!patient_.open()) return;
    const std::uint16_t place = collector_.persons().place(segment.text.substr(0, 3));
    const Hl7Fields split(segment, scanner_.delimiters().field);
    for (std::size_t i = 1; i < split.size(); ++i) {
      const Hl7Value field = value_at(segment, split[i], place);
      fields_.each_repetition(field, [&](const Hl7Value& one) {
        const Hl7Value first = fields_.component(one, 1);
        patient_.add(FieldKind::kUnlabelledNumber, {first.text, first.offset, place}, collector_);
      });
    }
  }

  void begin_message(const Hl7Segment& segment) {
    finish_patient();
    fields_.set_delimiters(scanner_.delimiters());
    const Hl7Fields split(segment, scanner_.delimiters().field);
    const auto first_of = [&](std::size_t element) {
      const Hl7Value field = value_at(segment, split[element], 0);
      const std::string_view name = fields_.component(field, 1).text;
      return name.empty() ? fields_.component(field, 2).text : name;
    };
    const std::string_view facility = first_of(3).empty() ? first_of(2) : first_of(3);
    facility_.assign(facility.substr(0, kMaxIssuer));  // MSH-4, MSH-3
    event_.assign(fields_.component(value_at(segment, split[8], 0), 2).text.substr(0, 8));
    providers_.clear();
    payer_ = {};
    name_format(fields_.component(value_at(segment, split[11], 0), 1).text);
  }

  void name_format(std::string_view version) {
    FileReport& report = collector_.report();
    report.read = true;
    if (!report.format.empty() && (version.empty() || versioned_)) return;
    report.format = "hl7v2";
    const bool plain = !version.empty() && version.size() <= 8 &&
                       version.find_first_not_of("0123456789.") == std::string_view::npos;
    versioned_ = plain;
    report.recognised_by = plain ? fmt::format("MSH, version {}", version) : "message header";
  }

  // --- whose

  void enter(Hl7Subject subject, const Hl7Segment& segment, const Hl7Fields& split) {
    if (subject == Hl7Subject::kInsured) {
      target_ = insured_open_ && side_.open() ? &side_ : &patient(segment.offset);
      return;
    }
    finish_side();
    switch (subject) {
      case Hl7Subject::kPatientStarts:
        enter_patient(segment, split);
        break;
      case Hl7Subject::kKinStarts:
        enter_other(Role::kRelated, segment, split[3], split[2], split[16]);
        break;
      case Hl7Subject::kGuarantorStarts:
        enter_other(Role::kRelated, segment, split[11], split[3], split[8]);
        break;
      case Hl7Subject::kInsuredStarts:
        payer_.id.assign(first_component(segment, split[3]).substr(0, kMaxIssuer));
        payer_.name.assign(first_component(segment, split[4]).substr(0, kMaxIssuer));
        enter_other(Role::kMember, segment, split[17], split[16], split[18]);
        insured_open_ = true;
        break;
      case Hl7Subject::kMerged:
        enter_merged(segment);
        break;
      case Hl7Subject::kQuery:
        side_.start(Role::kMember, segment.offset);
        side_.set_facility(facility_);
        target_ = &side_;
        break;
      default:
        target_ = &patient(segment.offset);
    }
  }

  void enter_patient(const Hl7Segment& segment, const Hl7Fields& split) {
    // ADT^A24 links two identities of one person; everywhere else a second PID is another patient.
    const bool linked = event_ == "A24" && patient_.open();
    if (!linked) {
      finish_patient();
      patient_.start(Role::kMember, segment.offset);
      patient_.set_facility(facility_);
      const Hl7Value name = first_name_of(segment, split[5]);
      patient_last_ = fields_.component(name, 1).text;
      patient_first_ = fields_.component(name, 2).text;
      patient_birth_ = first_component(segment, split[7]).substr(0, 8);
      patient_key_.clear();
      for (const std::size_t field : {3U, 2U, 4U}) {
        const std::string_view number = first_component(segment, split[field]);
        const bool usable = !is_masked(number) && !is_filler_number(number);
        if (patient_key_.empty() && usable) patient_key_ = number.substr(0, kMaxIssuer);
      }
      if (!patient_key_.empty()) patient_key_ = facility_ + "/" + patient_key_;
    }
    target_ = &patient_;
  }

  // Next of kin, guarantor, insured: the patient again, or somebody else.
  void enter_other(Role role, const Hl7Segment& segment, std::string_view relation,
                   std::string_view names, std::string_view birth) {
    insured_open_ = false;
    Draft& who = patient(segment.offset);
    std::string code(first_component(segment, relation).substr(0, 16));
    for (char& c : code)
      c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    const Hl7Value name = first_name_of(segment, names);
    const std::string_view last = fields_.component(name, 1).text;
    const std::string_view first = fields_.component(name, 2).text;
    const std::string_view born = first_component(segment, birth).substr(0, 8);
    const bool unnamed = first.empty() && last.empty();
    const bool same = equal(first, patient_first_) && equal(last, patient_last_) &&
                      (born.empty() || patient_birth_.empty() || born == patient_birth_);
    const bool said = is_listed(hl7_self_codes(), code);
    if (unnamed ? said || code.empty() : same || (said && equal(first, patient_first_))) {
      target_ = &who;
      self_ = true;
      return;
    }
    unnamed_holder_ = unnamed && role == Role::kMember;
    side_.start(role, name.text.empty() ? segment.offset : name.offset);
    side_.set_facility(facility_);
    target_ = &side_;
    side_of_patient_ = true;
    side_last_.assign(Compact(last).view());
  }

  // Who is called so and belongs to this patient is one person, in however many messages.
  void key_relative() {
    if (!std::exchange(side_of_patient_, false) || patient_key_.empty() || !side_.named()) return;
    const std::string issuer = "relative " + side_last_ + " of " + patient_key_;
    side_.add(FieldKind::kPseudonym, {patient_key_, 0, 0}, collector_,
              {.label = "relative of patient", .issuer = issuer});
  }

  void enter_merged(const Hl7Segment& segment) {
    // These move a number, an account or a visit from another patient: two persons.
    const bool moved = event_ == "A43" || event_ == "A44" || event_ == "A45";
    if (!moved) {
      target_ = &patient(segment.offset);
      return;
    }
    side_.start(Role::kMember, segment.offset);
    side_.set_facility(facility_);
    unrelated_ = true;
    target_ = &side_;
  }

  // What belongs to a patient of whom nothing is known is still somebody's.
  Draft& patient(std::uint64_t offset) {
    if (!patient_.open()) {
      patient_.start(Role::kMember, offset);
      patient_.set_facility(facility_);
      patient_first_.clear();
      patient_last_.clear();
      patient_birth_.clear();
      patient_key_.clear();
    }
    return patient_;
  }

  // --- fields

  static Hl7Value value_at(const Hl7Segment& segment, std::string_view field, std::uint16_t place) {
    if (field.empty()) return {};
    return {field, segment.offset + static_cast<std::uint64_t>(field.data() - segment.text.data()),
            place};
  }

  std::string_view first_component(const Hl7Segment& segment, std::string_view field) const {
    return trimmed(fields_.component(value_at(segment, field, 0), 1).text);
  }

  Hl7Value first_name_of(const Hl7Segment& segment, std::string_view field) const {
    Hl7Value found;
    fields_.each_repetition(value_at(segment, field, 0), [&](const Hl7Value& one) {
      if (found.text.empty() && !fields_.component(one, 1).text.empty()) found = one;
    });
    return found;
  }

  static bool equal(std::string_view a, std::string_view b) {
    return Compact(a).view() == Compact(b).view() && !b.empty();
  }

  void apply(std::uint16_t index, const Hl7Segment& segment, const Hl7Fields& split) {
    const Hl7FieldRule& rule = hl7_field_rules()[index];
    if (split[rule.field].empty()) return;
    // The patient again: the name is known.
    if (self_ && (rule.type == Hl7Type::kName || rule.kind == FieldKind::kBirthDate)) return;
    const Hl7Value value = value_at(segment, split[rule.field], place(index));
    Draft& to = rule.whose ? patient(segment.offset) : *target_;
    const bool provider = rule.type == Hl7Type::kProvider || rule.type == Hl7Type::kNamedProvider;
    if (!provider) return add_field(rule, value, segment, to);
    fields_.each_repetition(value, [&](const Hl7Value& one) {
      if (rule.kind == FieldKind::kTreatingProvider)
        add_provider(rule, one, to, segment.offset);
      else
        fields_.add_provider(rule.type, one, to);
    });
  }

  // The policy of somebody who is not named is the patient's insurance all the same.
  void add_field(const Hl7FieldRule& rule, const Hl7Value& value, const Hl7Segment& segment,
                 Draft& to) {
    if (!unnamed_holder_ || rule.whose || rule.type != Hl7Type::kPolicyNumber)
      return fields_.add(rule, value, payer_, to);
    Hl7FieldRule shared = rule;
    shared.flags |= kFactNotAKey;
    fields_.add(shared, value, payer_, patient(segment.offset));
  }

  void add_provider(const Hl7FieldRule& rule, const Hl7Value& value, Draft& patient,
                    std::uint64_t offset) {
    const Hl7Value mark = fields_.provider_mark(rule.type, value);
    patient.add(FieldKind::kTreatingProvider, {mark.text, mark.offset, mark.place}, collector_);
    // The same doctor stands in many segments of one message.
    const std::uint64_t hash = hash_bytes(value.text, table_seed());
    if (std::find(providers_.begin(), providers_.end(), hash) != providers_.end()) return;
    if (providers_.size() < kMaxProviders) providers_.push_back(hash);
    provider_.start(Role::kProvider, offset);
    if (fields_.add_provider(rule.type, value, provider_))
      provider_.write(collector_);
    else
      provider_.stop();
  }

  // OBX-2 ED: a document in OBX-5. It is not opened yet.
  void report_document(const Hl7Segment& segment, const Hl7Fields& split) {
    if (split[2] != "ED") return;
    const Hl7Value field = value_at(segment, split[5], 0);
    const Hl7Value part = fields_.component(field, 5);
    const Hl7Value& data = part.text.empty() ? field : part;
    in_document_ = true;
    document_offset_ = data.offset;
    unreported_ = data.text.size();
    if (split[5].size() >= kSmallDocument)
      collector_.not_understood(document_offset_, std::exchange(unreported_, 0), kDocument);
  }

  // QPD-3 and behind: "@PID.5.1^DOE" (HL7 v2.9, 5.9.6). The values are those that are asked for.
  void take_query(const Hl7Segment& segment, const Hl7Fields& split) {
    static constexpr std::pair<std::string_view, FieldKind> kParameters[] = {
        {"@PID.3", FieldKind::kMedicalRecordNumber},
        {"@PID.5.1", FieldKind::kLastName},
        {"@PID.5.2", FieldKind::kFirstName},
        {"@PID.7", FieldKind::kBirthDate},
        {"@PID.8", FieldKind::kDemographics},
        {"@PID.11.3", FieldKind::kCity},
        {"@PID.11.5", FieldKind::kPostalCode},
        {"@PID.13", FieldKind::kPhone},
        {"@PID.19", FieldKind::kSsn}};
    const std::uint16_t place = collector_.persons().place("QPD-3");
    for (std::size_t i = 3; i < split.size(); ++i) {
      fields_.each_repetition(value_at(segment, split[i], place), [&](const Hl7Value& one) {
        const std::string_view name = fields_.component(one, 1).text;
        const Hl7Value value = fields_.component(one, 2);
        for (const auto& [parameter, kind] : kParameters) {
          const bool fits = name == parameter || (name.starts_with(parameter) &&
                                                  name.substr(parameter.size()).starts_with(".1"));
          if (!fits) continue;
          side_.add(kind, {value.text, value.offset, place}, collector_);
          break;
        }
      });
    }
  }

  std::uint16_t place(std::uint16_t index) {
    std::uint16_t& cached = places_[index];
    if (cached != 0xFFFF) return cached;
    const Hl7FieldRule& rule = hl7_field_rules()[index];
    return cached = collector_.persons().place(fmt::format("{}-{}", rule.segment, rule.field));
  }

  // --- ends

  void finish_side() {
    insured_open_ = false;
    unnamed_holder_ = false;
    self_ = false;
    const bool unrelated = std::exchange(unrelated_, false);
    if (!side_.open()) return;
    key_relative();
    const std::uint32_t row = side_.write(collector_);
    if (row != PersonTable::kNone && patient_.open() && !unrelated) kin_.push_back(row);
  }

  void finish_patient() {
    finish_side();
    target_ = nullptr;
    if (patient_.open()) patient_.write_with_kin(kin_, collector_);
  }

  Hl7Scanner scanner_;
  Collector& collector_;
  Hl7FieldReader fields_;
  std::vector<std::uint16_t> places_;  // by rule
  bool versioned_ = false;
  // Of the last segment: text may have line ends, and so may a document.
  std::size_t text_left_ = 0;
  bool in_document_ = false;
  std::uint64_t document_offset_ = 0;
  std::size_t unreported_ = 0;  // bytes of it that are too few to be a document, were they alone

  // Of the message.
  std::string facility_, event_;
  std::vector<std::uint64_t> providers_;  // hashes of those that were added
  // Of the patient.
  Draft patient_;
  std::string patient_first_, patient_last_, patient_birth_;
  std::string patient_key_;         // facility and number
  std::vector<std::uint32_t> kin_;  // rows to relate to the patient once that is written
  // Somebody beside the patient.
  Draft side_, provider_;
  Draft* target_ = nullptr;  // whose data the segment holds
  Hl7Payer payer_;
  std::string side_last_;
  bool insured_open_ = false;     // side_ is IN1's
  bool side_of_patient_ = false;  // somebody that belongs to the patient
  bool self_ = false;             // the patient again
  bool unnamed_holder_ = false;   // of a policy: side_ is somebody of whom no name is told
  bool unrelated_ = false;        // side_ has nothing to do with the patient
};

}  // namespace

Status read_hl7(ByteSource& source, Collector& collector) {
  return Hl7FileReader(source, collector).read();
}

}  // namespace bulkhead::exposure
