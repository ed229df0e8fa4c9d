#include "exposure/readers/x12_set_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "exposure/detect/dates.h"
#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kRepeats = 24;  // places are told apart up to here; HI has twelve
constexpr std::string_view kUnknownIssuer = "?";

std::uint8_t bucket_of(std::uint32_t id) {
  return static_cast<std::uint8_t>((id * 0x9E3779B1U) >> 24);
}

RawField raw(const X12Segment& segment, std::string_view value, std::uint16_t place) {
  return {value, segment.offset + static_cast<std::uint64_t>(value.data() - segment.text.data()),
          place};
}

}  // namespace

X12SetReader::Codes X12SetReader::codes_of(std::string_view list) {
  Codes codes;
  while (!list.empty()) {
    const std::size_t end = list.find(' ');
    codes.push_back(segment_id(list.substr(0, end)));
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return codes;
}

bool X12SetReader::listed(const Codes& codes, std::string_view value) {
  if (codes.empty()) return true;
  if (value.empty() || value.size() > 4) return false;
  return std::find(codes.begin(), codes.end(), segment_id(value)) != codes.end();
}

X12SetReader::X12SetReader(const X12SetTable& table, Collector& collector)
    : table_(table), collector_(collector) {
  std::string_view known = table.known_segments;
  while (!known.empty()) {
    const std::size_t end = known.find(' ');
    entry_for(segment_id(known.substr(0, end)));
    known.remove_prefix(end == std::string_view::npos ? known.size() : end + 1);
  }
  add_rules(table);
  for (const X12LoopRule& rule : table.loop_rules)
    loop_codes_.push_back(codes_of(rule.qualifiers));
  for (const X12FieldRule& rule : table.field_rules)
    add_field(rule);
  BH_ASSERT(entries_.size() < 128);  // a probe of buckets_ always ends
  places_.assign(table.field_rules.size() * kRepeats, 0xFFFF);
}

void X12SetReader::add_field(const X12FieldRule& rule) {
  const Codes codes = codes_of(rule.qualifiers);
  Field field{.element = rule.element,
              .component = rule.component,
              .qualifier_element = rule.qualifier_element,
              .qualifier_component = rule.qualifier_component,
              .step = rule.step};
  field.plain = rule.component == 0 && rule.qualifier_component == 0 && rule.step == 0;
  field.codes_from = static_cast<std::uint16_t>(all_codes_.size());
  all_codes_.insert(all_codes_.end(), codes.begin(), codes.end());
  field.codes_to = static_cast<std::uint16_t>(all_codes_.size());
  fields_.push_back(field);
}

// Each rule with every loop in which it counts: while reading, there is nothing to look for.
void X12SetReader::add_rules(const X12SetTable& table) {
  const auto each_loop = [&](std::string_view name, X12LoopSet inside, auto&& add) {
    Entry& entry = entry_for(segment_id(name));
    for (std::size_t loop = 0; loop < table.loops.size(); ++loop) {
      if ((inside >> loop & 1) != 0) add(entry.in_loop[loop]);
    }
  };
  for (std::uint16_t i = 0; i < table.loop_rules.size(); ++i) {
    const X12LoopRule& rule = table.loop_rules[i];
    BH_ASSERT(rule.loop < table.loops.size());
    each_loop(rule.segment, rule.inside, [&](Rules& rules) { rules.loops.push_back(i); });
  }
  for (std::uint16_t i = 0; i < table.field_rules.size(); ++i) {
    const X12FieldRule& rule = table.field_rules[i];
    each_loop(rule.segment, rule.inside, [&](Rules& rules) { rules.fields.push_back(i); });
  }
}

const X12SetReader::Entry* X12SetReader::find(std::uint32_t id) const {
  for (std::uint8_t at = bucket_of(id); buckets_[at] != 0; ++at) {
    const Entry& entry = entries_[buckets_[at] - 1U];
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

X12SetReader::Entry& X12SetReader::entry_for(std::uint32_t id) {
  std::uint8_t at = bucket_of(id);
  for (; buckets_[at] != 0; ++at) {
    if (entries_[buckets_[at] - 1U].id == id) return entries_[buckets_[at] - 1U];
  }
  entries_.push_back({.id = id, .in_loop = std::vector<Rules>(table_.loops.size())});
  buckets_[at] = static_cast<std::uint8_t>(entries_.size());
  return entries_.back();
}

void X12SetReader::begin_set() {
  end_set();
  payer_name_.clear();
  payer_id_.clear();
  facility_.clear();
}

void X12SetReader::resume_set(const Header& header) {
  end_set();
  payer_name_ = header.payer_name;
  payer_id_ = header.payer_id;
  facility_ = header.facility;
}

void X12SetReader::end_set() {
  finish_family();
  loop_ = 0;
  target_ = nullptr;
}

void X12SetReader::segment(const X12Segment& segment, const X12Delimiters& delimiters) {
  const Entry* entry = find(segment.id);
  if (entry == nullptr) {
    collector_.not_understood(segment.offset, segment.text.size() + 1,
                              "segment that the guide does not know");
    return;
  }
  const std::vector<std::uint16_t>& loops = entry->in_loop[loop_].loops;
  const auto fields = [&]() -> const std::vector<std::uint16_t>& {
    return entry->in_loop[loop_].fields;
  };
  const auto somebody = [&] { return target_ != nullptr && target_->open(); };
  if (loops.empty() && (fields().empty() || !somebody())) return;  // nothing of a person here
  const Seen seen{segment, X12Elements(segment, delimiters.element), delimiters.component};
  for (const std::uint16_t index : loops) {
    const X12LoopRule& rule = table_.loop_rules[index];
    if (!listed(loop_codes_[index], seen.elements[rule.qualifier_element])) continue;
    enter(rule, segment, seen.elements);
    break;
  }
  if (somebody()) apply_all(fields(), seen);
}

void X12SetReader::enter(const X12LoopRule& rule, const X12Segment& segment,
                         const X12Elements& elements) {
  finish_side();
  if (member_.open()) member_.end_other_name();
  issuer_unknown_ = false;
  loop_ = rule.loop;
  target_ = nullptr;
  const bool person = elements[2] == "1";  // NM102: 1 a person, 2 anything else
  switch (rule.subject) {
    case X12Subject::kNobody:
      break;
    case X12Subject::kFamilyEnds:
      finish_family();
      break;
    case X12Subject::kMemberStarts:
      finish_family();
      start_member(segment.offset);
      break;
    case X12Subject::kDependentStarts:
      start_dependent(segment.offset);
      break;
    case X12Subject::kMember:
      enter_member(segment, person);
      break;
    case X12Subject::kMemberOnly:
      if (!member_.open()) break;
      target_ = &member_;
      if (rule.segment == "NM1") member_.begin_address();
      break;
    case X12Subject::kMemberOtherName:
      if (!member_.open() || !person) break;
      target_ = &member_;
      member_.begin_other_name();
      break;
    case X12Subject::kDependent:
      enter_dependent(segment, person);
      break;
    case X12Subject::kPatient:
      target_ = &patient(segment.offset);
      break;
    case X12Subject::kOtherInsuredStarts:
      finish_other();
      other_self_ =
          elements[2] == "18";  // SBR02: the patient's relation to this insured; 18 is "self"
      other_.start(Role::kMember, segment.offset);
      target_ = &other_;
      break;
    case X12Subject::kOtherInsured:
      enter_other_insured(segment, elements, person);
      break;
    case X12Subject::kRelatedStarts:
      enter_side(Role::kRelated, segment, person);
      break;
    case X12Subject::kProviderStarts:
      if (!member_.open() && rule.segment == "NM1" && elements[1] == "85") {
        facility_.assign(elements[9].empty() ? elements[3] : elements[9]);
      }
      mark_treating(rule, segment, elements);
      enter_side(Role::kProvider, segment, person);
      break;
    case X12Subject::kPayer:
      enter_payer(elements);
      break;
  }
}

void X12SetReader::enter_member(const X12Segment& segment, bool person) {
  if (!person) return;  // an employer as subscriber (workers' compensation) is nobody
  if (!member_.open() || member_.named()) {
    finish_family();
    start_member(segment.offset);
  }
  target_ = &member_;
}

void X12SetReader::enter_dependent(const X12Segment& segment, bool person) {
  if (!person) return;
  if (!dependent_.open() || dependent_.named()) start_dependent(segment.offset);
  target_ = &dependent_;
}

void X12SetReader::enter_other_insured(const X12Segment& segment, const X12Elements& elements,
                                       bool person) {
  if (!person) {
    other_.stop();
    return;
  }
  Draft& whom = patient(segment.offset);
  if (other_self_ && whom.named() && whom.same_first_name(elements[4])) {
    // The patient again, as another insurer knows them.
    other_.stop();
    issuer_unknown_ = true;
    target_ = &whom;
    whom.begin_address();
    return;
  }
  if (!other_.open() || other_.named()) {
    finish_other();
    other_.start(Role::kMember, segment.offset);
  }
  target_ = &other_;
}

void X12SetReader::enter_side(Role role, const X12Segment& segment, bool person) {
  if (!person) return;
  side_.start(role, segment.offset);
  target_ = &side_;
}

void X12SetReader::enter_payer(const X12Elements& elements) {
  const bool n1 = elements[0] == "N1";
  const std::string_view name = elements[n1 ? 2 : 3];
  const std::string_view id = elements[n1 ? 4 : 9];
  if (other_.open()) {
    other_.set_issuer(name, id);
  } else if (member_.open()) {
    member_payer_name_.assign(name);
    member_payer_id_.assign(id);
    member_.set_issuer(name, id);
    if (dependent_.open()) dependent_.set_issuer(name, id);
  } else {
    payer_name_.assign(name);
    payer_id_.assign(id);
  }
}

void X12SetReader::mark_treating(const X12LoopRule& rule, const X12Segment& segment,
                                 const X12Elements& elements) {
  const bool open = dependent_.open() || member_.open();
  if (!rule.treats || !open) return;
  patient(segment.offset)
      .add(FieldKind::kTreatingProvider,
           raw(segment, elements[3], collector_.persons().place("NM103")), collector_);
}

// A code as a number; what is longer than codes are is none.
std::uint32_t X12SetReader::code_of(std::string_view value) {
  return value.size() > 4 ? 0 : segment_id(value);
}

bool X12SetReader::listed(const Field& field, std::uint32_t code) const {
  if (field.codes_from == field.codes_to) return true;
  if (code == 0) return false;
  for (std::uint16_t i = field.codes_from; i < field.codes_to; ++i) {
    if (all_codes_[i] == code) return true;
  }
  return false;
}

void X12SetReader::apply_all(const std::vector<std::uint16_t>& rules, const Seen& seen) {
  std::uint8_t asked = 0;  // the qualifier whose code is known: many rules ask for the same
  std::uint32_t code = 0;
  for (const std::uint16_t index : rules) {
    const Field& field = fields_[index];
    if (!field.plain) {
      apply(index, seen);
      continue;
    }
    const std::string_view value = seen.elements[field.element];
    if (value.empty()) continue;
    if (field.qualifier_element != 0) {
      if (field.qualifier_element != asked) {
        asked = field.qualifier_element;
        code = code_of(seen.elements[asked]);
      }
      if (!listed(field, code)) continue;
    }
    take(index, 0, value, seen);
  }
}

void X12SetReader::apply(std::uint16_t index, const Seen& seen) {
  const Field& field = fields_[index];
  for (std::size_t shift = 0; field.element + shift < seen.elements.size(); shift += field.step) {
    apply_at(index, shift, seen);
    if (field.step == 0) break;
  }
}

void X12SetReader::apply_at(std::uint16_t index, std::size_t shift, const Seen& seen) {
  const Field& field = fields_[index];
  if (field.qualifier_element != 0) {
    const std::string_view qualifier = x12_component(seen.elements[field.qualifier_element + shift],
                                                     seen.component, field.qualifier_component);
    if (!listed(field, code_of(qualifier))) return;
  }
  const std::string_view value =
      x12_component(seen.elements[field.element + shift], seen.component, field.component);
  if (!value.empty()) take(index, field.step == 0 ? 0 : shift / field.step, value, seen);
}

void X12SetReader::take(std::uint16_t index, std::size_t repeat, std::string_view value,
                        const Seen& seen) {
  const X12FieldRule& rule = table_.field_rules[index];
  const RawField field = raw(seen.segment, value, place(index, repeat));
  const FieldDetail detail{.label = rule.label,
                           .issuer = issuer_unknown_ ? kUnknownIssuer : std::string_view(),
                           .flags = rule.flags,
                           .codes = rule.codes};
  if (rule.packed && value.find(';') != std::string_view::npos)
    add_packed(rule, field, detail);
  else
    target_->add(rule.kind, field, collector_, detail);
}

// "343N7777777122;B ": the number is the longest piece. "9;20110811;20110815" holds no number, only
// dates of cards.
void X12SetReader::add_packed(const X12FieldRule& rule, RawField field, const FieldDetail& detail) {
  std::string_view rest = field.value;
  std::string_view longest = rest.substr(0, 0);
  while (true) {
    const std::string_view piece = trimmed(rest.substr(0, rest.find(';')));
    if (piece.size() > longest.size()) longest = piece;
    const std::size_t at = rest.find(';');
    if (at == std::string_view::npos) break;
    rest.remove_prefix(at + 1);
  }
  const bool number = longest.size() >= 5 && !parse_date(longest);
  field.offset += static_cast<std::uint64_t>(longest.data() - field.value.data());
  field.value = longest;
  target_->add(number ? rule.kind : FieldKind::kEligibility, field, collector_, detail);
}

void X12SetReader::start_member(std::uint64_t offset) {
  member_.start(Role::kMember, offset);
  member_.set_issuer(payer_name_, payer_id_);
  member_.set_facility(facility_);
  member_payer_name_ = payer_name_;
  member_payer_id_ = payer_id_;
  member_row_ = PersonTable::kNone;
  target_ = &member_;
}

void X12SetReader::start_dependent(std::uint64_t offset) {
  finish_dependent();
  finish_other();
  write_member();
  dependent_.start(Role::kMember, offset);
  dependent_.set_issuer(member_payer_name_, member_payer_id_);
  dependent_.set_facility(facility_);
  target_ = &dependent_;
}

void X12SetReader::write_member() {
  if (!member_.open()) return;
  member_row_ = member_.write(collector_);
  if (member_row_ == PersonTable::kNone) return;
  for (const std::uint32_t row : member_kin_)
    collector_.persons().add_relation(row, member_row_);
  member_kin_.clear();
}

void X12SetReader::finish_dependent() {
  if (!dependent_.open()) return;
  finish_other();
  const std::uint32_t row = dependent_.write(collector_);
  if (row != PersonTable::kNone) {
    if (member_row_ != PersonTable::kNone) collector_.persons().add_relation(row, member_row_);
    for (const std::uint32_t kin : dependent_kin_)
      collector_.persons().add_relation(kin, row);
  }
  dependent_kin_.clear();
}

void X12SetReader::finish_other() {
  if (!other_.open()) return;
  if (!other_.named() && !other_.has(Element::kMemberId)) {
    other_.stop();  // an SBR with nobody's name: a birth date alone (4010) says nothing more of the
                    // patient's family
    return;
  }
  const std::uint32_t row = other_.write(collector_);
  if (row != PersonTable::kNone) (dependent_.open() ? dependent_kin_ : member_kin_).push_back(row);
}

void X12SetReader::finish_side() {
  if (!side_.open()) return;
  const std::uint32_t row = side_.write(collector_);
  const bool related = row != PersonTable::kNone && side_.role() == Role::kRelated;
  if (related) (dependent_.open() ? dependent_kin_ : member_kin_).push_back(row);
}

void X12SetReader::finish_family() {
  finish_side();
  finish_dependent();
  finish_other();
  write_member();
  member_kin_.clear();
  dependent_kin_.clear();
  member_row_ = PersonTable::kNone;
}

// Whom a claim is about. A claim without any patient still is somebody's, of whom nothing is known.
Draft& X12SetReader::patient(std::uint64_t offset) {
  if (dependent_.open()) return dependent_;
  if (!member_.open()) start_member(offset);
  return member_;
}

std::uint16_t X12SetReader::place(std::uint16_t index, std::size_t repeat) {
  repeat = std::min(repeat, kRepeats - 1);
  std::uint16_t& cached = places_[index * kRepeats + repeat];
  if (cached != 0xFFFF) return cached;
  const X12FieldRule& rule = table_.field_rules[index];
  std::string where = fmt::format("{}{:02}", rule.segment, rule.element + repeat * rule.step);
  if (rule.component != 0) where += fmt::format("-{}", rule.component);
  return cached = collector_.persons().place(where);
}

}  // namespace bulkhead::exposure
