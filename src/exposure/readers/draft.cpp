#include "exposure/readers/draft.h"

#include <algorithm>
#include <cstring>

#include "exposure/detect/dates.h"
#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

// Longer values, labels and issuers are cut: no standard has longer ones, and a hostile file may
// not make records large.
constexpr std::size_t kMaxValue = 512;
constexpr std::size_t kMaxNumbers = 64;
constexpr std::size_t kMaxPlains = 64;
constexpr std::size_t kMaxOthers = 16;

bool is_key(IdentifierType type) {
  switch (type) {
    case IdentifierType::kAccountNumber:
    case IdentifierType::kBankAccount:
    case IdentifierType::kPaymentCard:
      return false;
    default:
      return true;
  }
}

// A provider counts its patients from 1 on: 22222 is one of them, 0 and 99999 are not.
bool is_short_local_number(IdentifierType type, std::string_view number) {
  return type == IdentifierType::kMedicalRecordNumber && number.size() >= 2 && number.size() <= 6 &&
         number[0] >= '1' && number[0] <= '8';
}

// Codes of marks: only zeros say nothing.
bool is_filler_mark(std::string_view text) {
  if (text[0] >= '1' && text[0] <= '9') return false;  // and so for most of them
  const Compact compact(text);
  const std::string_view value = compact.view();
  return is_filler_text(text) ||
         std::all_of(value.begin(), value.end(), [](char c) { return c == '0'; });
}

// Nothing stands in the pieces of this any more; their room stays.
template <typename Pieces>
void empty_pieces(Pieces& pieces) {
  for (auto& piece : pieces)
    piece.length = 0;
}

}  // namespace

void Draft::start(Role role, std::uint64_t offset) {
  open_ = true;
  role_ = role;
  other_name_ = false;
  offset_ = offset;
  text_size_ = 0;
  names_ = {};
  name_flags_ = 0;
  other_names_.clear();
  address_ = {};
  addresses_.clear();
  numbers_.clear();
  plains_.clear();
  issuer_name_.clear();
  issuer_id_.clear();
  facility_.clear();
  elements_ = possible_ = masked_ = {};
  sensitive_ = 0;
  evidence_.clear();
  evidence_count_ = {};
}

Draft::Piece Draft::keep(std::string_view value) {
  value = value.substr(0, kMaxValue);
  const std::size_t end = text_size_ + value.size();
  if (end > text_.size()) text_.resize(2 * end);
  if (!value.empty()) std::memcpy(text_.data() + text_size_, value.data(), value.size());
  const auto length = static_cast<std::uint16_t>(value.size());
  const Piece piece{static_cast<std::uint32_t>(text_size_), length, length};
  text_size_ = end;
  return piece;
}

void Draft::replace(Piece& piece, std::string_view value) {
  value = value.substr(0, kMaxValue);
  if (piece.room == 0) {
    piece = keep(value);
    return;
  }
  if (value.size() > piece.room) {
    // Whatever comes after this has its place.
    if (text_size_ + kMaxValue > text_.size()) text_.resize(2 * (text_size_ + kMaxValue));
    piece.at = static_cast<std::uint32_t>(text_size_);
    piece.room = kMaxValue;
    text_size_ += kMaxValue;
  }
  if (!value.empty()) std::memcpy(text_.data() + piece.at, value.data(), value.size());
  piece.length = static_cast<std::uint16_t>(value.size());
}

void Draft::found(Element element, const RawField& field) {
  elements_.add(element);
  std::uint8_t& count = evidence_count_[static_cast<std::size_t>(element)];
  if (count >= PersonTable::kEvidencePerElement) return;
  ++count;
  const std::uint32_t length =
      field.length != 0 ? field.length : static_cast<std::uint32_t>(field.value.size());
  evidence_.push_back({field.offset, length, field.place, element});
}

void Draft::add(FieldKind kind, RawField field, Collector& collector, const FieldDetail& detail) {
  const std::string_view value = trimmed(field.value);
  if (field.length == 0)
    field.offset += static_cast<std::uint64_t>(value.data() - field.value.data());
  field.value = value.substr(0, kMaxValue);
  if (value.empty()) return;
  const FieldInfo& what = info(kind);
  if (what.shape == FieldShape::kNothing) {
    if (kind != FieldKind::kUnlabelledNumber) return;
    const Compact compact(value);
    if (check_ssn(compact.view()) == SsnCheck::kValid) possible_.add(Element::kSsn);
    if (check_mbi(compact.view()) == MbiCheck::kValid) possible_.add(Element::kMedicareId);
    if (is_payment_card(compact.view())) possible_.add(Element::kPaymentCard);
    return;
  }
  if (what.element && what.shape != FieldShape::kDate && is_masked(field.value)) {
    masked_.add(*what.element);
    return;
  }
  switch (what.shape) {
    case FieldShape::kNamePart:
      if (is_filler_text(field.value)) {
        collector.filler(Element::kName);
        break;
      }
      if (!other_name_) name_flags_ = detail.flags;
      if (kind == FieldKind::kFullName)
        add_full_name(field);
      else
        add_name_part(kind, field);
      break;
    case FieldShape::kDate:
      add_date(kind, field, collector, detail.day_first);
      break;
    case FieldShape::kIdentifier:
      add_number(*what.identifier, field, collector, detail);
      break;
    case FieldShape::kAddressPart: {
      const bool filler = kind == FieldKind::kPostalCode ? is_filler_number(field.value)
                                                         : is_filler_text(field.value);
      if (filler) {
        collector.filler(Element::kAddress);
        break;
      }
      replace(address_[static_cast<std::size_t>(kind) -
                       static_cast<std::size_t>(FieldKind::kAddressLine1)],
              field.value);
      // A state alone is no address.
      if (kind != FieldKind::kState) found(Element::kAddress, field);
      break;
    }
    case FieldShape::kContact:
      add_contact(kind, field, collector);
      break;
    case FieldShape::kMark:
      if (is_filler_mark(field.value)) {
        collector.filler(*what.element);
        break;
      }
      found(*what.element, field);
      if (detail.codes) sensitive_ |= sensitivity_of(*detail.codes, field.value);
      break;
    case FieldShape::kNothing:
      break;
  }
}

void Draft::add_name_part(FieldKind kind, const RawField& field) {
  const auto part = static_cast<std::size_t>(kind) - static_cast<std::size_t>(FieldKind::kLastName);
  replace(names_[other_name_ ? 1 : 0][part], field.value);
  if (part < 2) found(Element::kName, field);
}

// "DOE, JANE M" or "Jane M Doe". One evidence: the whole field.
void Draft::add_full_name(const RawField& field) {
  NamePieces& name = names_[other_name_ ? 1 : 0];
  std::string_view rest = field.value;
  const auto take_word = [&rest] {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest = trimmed(rest.substr(word.size()));
    return word;
  };
  if (const std::size_t comma = rest.find(','); comma != std::string_view::npos) {
    replace(name[0], trimmed(rest.substr(0, comma)));
    rest = trimmed(rest.substr(comma + 1));
    replace(name[1], take_word());
    replace(name[2], rest);
  } else if (const std::size_t space = rest.rfind(' '); space != std::string_view::npos) {
    replace(name[0], rest.substr(space + 1));
    rest = trimmed(rest.substr(0, space));
    replace(name[1], take_word());
    replace(name[2], rest);
  } else {
    replace(name[0], rest);
  }
  found(Element::kName, field);
}

void Draft::add_date(FieldKind kind, const RawField& field, Collector& collector, bool day_first) {
  const bool death = kind != FieldKind::kBirthDate;
  if (is_filler_number(field.value)) {
    if (!death) collector.filler(Element::kDateOfBirth);
    return;
  }
  if (is_masked(field.value)) {
    if (!death) masked_.add(Element::kDateOfBirth);
    return;
  }
  if (plains_.size() >= kMaxPlains) return;
  std::uint8_t flags = 0;
  Piece value;
  if (kind == FieldKind::kDeathFlag) {
    const char c = static_cast<char>(field.value[0] & ~0x20);
    if (c != 'Y' && c != 'T' && field.value != "1") return;
  } else if (const auto date = parse_date(field.value, day_first)) {
    if (death && date->year >= 9999) return;  // "never"
    value = keep(date->compact());
    if (is_placeholder(*date)) flags |= kFactPlaceholder;
  } else {
    flags |= kFactInvalid;
    value = keep(field.value);
  }
  if (death) {
    plains_.push_back({FactKind::kDeathDate, flags, value});
    return;
  }
  plains_.push_back({other_name_ ? FactKind::kOtherBirthDate : FactKind::kBirthDate, flags, value});
  found(Element::kDateOfBirth, field);
}

void Draft::push_number(IdentifierType type, std::string_view value, const FieldDetail& detail,
                        std::uint8_t flags) {
  if (numbers_.size() >= kMaxNumbers) return;
  if (other_name_) flags |= kFactAlias;
  const std::string_view issuer = detail.issuer.substr(0, kMaxValue);
  // The label "DCN" may come twice, as REF and as NM109; the number counts once.
  for (const Number& known : numbers_) {
    // (A file's own key may be two systems' at once.)
    const bool same = known.type == type && text(known.value) == value;
    if (same && (type != IdentifierType::kPseudonym || text(known.issuer) == issuer)) return;
  }
  numbers_.push_back({type, static_cast<std::uint8_t>(flags | detail.flags), keep(value),
                      keep(detail.label), keep(issuer)});
}

void Draft::add_number(IdentifierType type, const RawField& field, Collector& collector,
                       const FieldDetail& detail) {
  const Compact compact(field.value);
  if (is_filler_number(field.value) && !is_short_local_number(type, compact.view())) {
    if (const auto element = element_of(type)) collector.filler(*element);
    return;
  }
  switch (type) {
    case IdentifierType::kSsn: {
      const SsnCheck check = check_ssn(compact.view());
      const std::uint8_t flags = check == SsnCheck::kValid      ? 0
                                 : check == SsnCheck::kSpecimen ? kFactSpecimen
                                                                : kFactInvalid;
      push_number(type, compact.view(), detail, flags);
      break;
    }
    case IdentifierType::kMedicareId:
      add_medicare(field, compact.view(), detail);
      return;
    case IdentifierType::kMemberId:
      // The position says "member number", its form that it is Medicare's: it is both.
      if ((detail.flags & kFactNotAKey) != 0 &&
          compact.view().find_first_of("0123456789") == std::string_view::npos) {
        found(Element::kEligibility,
              field);  // a word in a number's place (REF*ABB*QMBPLUS) tells of a benefit
        return;
      }
      if (check_mbi(compact.view()) != MbiCheck::kNotOne)
        add_medicare(field, compact.view(), detail);
      else
        push_number(type, compact.view(), detail, 0);
      break;
    case IdentifierType::kNpi:
      push_number(type, compact.view(), detail, is_npi(compact.view()) ? 0 : kFactInvalid);
      break;
    case IdentifierType::kPseudonym:
      push_number(type, field.value.substr(0, 128), detail, 0);
      break;
    case IdentifierType::kPaymentCard:
      push_number(type, compact.view(), detail, is_payment_card(compact.view()) ? 0 : kFactInvalid);
      break;
    default:
      push_number(type, compact.view(), detail, 0);
  }
  if (const auto element = element_of(type)) found(*element, field);
}

void Draft::add_medicare(const RawField& field, std::string_view compact,
                         const FieldDetail& detail) {
  found(Element::kMedicareId, field);
  const MbiCheck mbi = check_mbi(compact);
  if (mbi != MbiCheck::kNotOne) {
    push_number(IdentifierType::kMedicareId, compact, detail,
                mbi == MbiCheck::kSynthetic ? kFactSynthetic : 0);
    return;
  }
  const Hicn hicn = check_hicn(compact);
  push_number(IdentifierType::kMedicareId, compact, detail, hicn.is ? 0 : kFactInvalid);
  if (hicn.ssn.empty() || is_filler_number(hicn.ssn)) return;
  // A HICN is the wage earner's SSN and a letter: whoever reads it has the SSN too. It may be a
  // spouse's.
  const std::size_t at = field.value.find(hicn.ssn);
  RawField inner = field;
  if (at != std::string_view::npos) {
    // In an encoding of a byte a character, as all that hold a HICN as text are.
    inner.offset += at;
    inner.value = field.value.substr(at, hicn.ssn.size());
    if (field.length != 0) inner.length = static_cast<std::uint32_t>(hicn.ssn.size());
  }
  const std::uint8_t invalid = check_ssn(hicn.ssn) == SsnCheck::kInvalid ? kFactInvalid : 0;
  push_number(IdentifierType::kSsn, hicn.ssn, {.flags = kFactNotAKey}, kFactFromHicn | invalid);
  found(Element::kSsn, inner);
}

void Draft::add_contact(FieldKind kind, const RawField& field, Collector& collector) {
  const Element element = kind == FieldKind::kPhone ? Element::kPhone : Element::kEmail;
  const bool phone = kind == FieldKind::kPhone;
  if (phone ? is_filler_number(field.value) : is_filler_text(field.value)) {
    collector.filler(element);
    return;
  }
  if (plains_.size() >= kMaxPlains) return;
  const Piece value = phone ? keep(Compact(field.value).view()) : keep(field.value);
  plains_.push_back({phone ? FactKind::kPhone : FactKind::kEmail, 0, value});
  found(element, field);
}

void Draft::begin_other_name() {
  end_other_name();
  other_name_ = true;
}

void Draft::end_other_name() {
  if (other_name_ && has_name(names_[1]) && other_names_.size() < kMaxOthers) {
    other_names_.push_back(names_[1]);
    names_[1] = {};
  } else {
    empty_pieces(names_[1]);
  }
  other_name_ = false;
}

void Draft::begin_address() {
  if (has_address(address_) && addresses_.size() < kMaxOthers) {
    addresses_.push_back(address_);
    address_ = {};
  } else {
    empty_pieces(address_);
  }
}

void Draft::set_issuer(std::string_view name, std::string_view id) {
  issuer_name_.assign(trimmed(name).substr(0, kMaxValue));
  issuer_id_.assign(trimmed(id).substr(0, kMaxValue));
}

void Draft::set_facility(std::string_view id) {
  facility_.assign(trimmed(id).substr(0, kMaxValue));
}

bool Draft::same_first_name(std::string_view first) const {
  const Compact a(text(names_[0][1]));
  const Compact b(first);
  return a.view() == b.view();
}

// Whether somebody is named or numbered here at all. A birth date with claims, where the name is
// masked, is still a person, if one that nobody can write to.
bool Draft::has_identity() const {
  if (has_name(names_[0]) || !other_names_.empty()) return true;
  for (const Number& number : numbers_) {
    // A patient control number alone is as good as none: each claim has its own.
    if (number.type != IdentifierType::kAccountNumber) return true;
  }
  return elements_.has(Element::kDateOfBirth);
}

// Whether an equal description in the same file is the same person.
bool Draft::joinable() const {
  if (role_ == Role::kProvider) return true;
  for (const Number& number : numbers_) {
    if (is_key(number.type) && (number.flags & kFactNotAKey) == 0) return true;
  }
  const bool birth = std::any_of(plains_.begin(), plains_.end(), [](const Plain& plain) {
    return plain.kind == FactKind::kBirthDate &&
           (plain.flags & (kFactPlaceholder | kFactInvalid)) == 0;
  });
  return birth && (!has_name(names_[0]) || names_[0][1].length != 0);
}

void Draft::pack_name(FactKind kind, std::uint8_t flags, const NamePieces& name) {
  Fact fact{.kind = kind, .flags = flags, .part_count = 4};
  for (std::size_t i = 0; i < 4; ++i)
    fact.parts[i] = text(name[i]);
  packed_.add(fact);
}

void Draft::pack_number(const Number& number, Collector& collector) {
  Fact fact{.kind = FactKind::kIdentifier,
            .sub = static_cast<std::uint8_t>(number.type),
            .flags = number.flags,
            .part_count = 3};
  fact.parts[0] = text(number.value);
  fact.parts[1] = text(number.issuer);
  fact.parts[2] = text(number.label);
  if (number.type == IdentifierType::kMemberId && number.issuer.length == 0) {
    fact.parts[1] =
        issuer_id_.empty() ? std::string_view(issuer_name_) : std::string_view(issuer_id_);
    const std::string_view programme = collector.programme_label(issuer_name_, fact.parts[0]);
    if (!programme.empty()) fact.parts[1] = fact.parts[2] = programme;
  }
  const bool facility = number.type == IdentifierType::kMedicalRecordNumber ||
                        number.type == IdentifierType::kAccountNumber;
  if (facility && number.issuer.length == 0) fact.parts[1] = facility_;
  packed_.add(fact);
}

void Draft::pack(Collector& collector) {
  packed_.clear();
  end_other_name();
  begin_address();
  if (has_name(names_[0])) pack_name(FactKind::kName, name_flags_, names_[0]);
  for (const NamePieces& name : other_names_)
    pack_name(FactKind::kOtherName, 0, name);
  for (const Plain& plain : plains_) {
    Fact fact{.kind = plain.kind, .flags = plain.flags, .part_count = 1};
    fact.parts[0] = text(plain.value);
    packed_.add(fact);
  }
  for (const Number& number : numbers_)
    pack_number(number, collector);
  for (const AddressPieces& address : addresses_) {
    Fact fact{.kind = FactKind::kAddress, .part_count = 5};
    for (std::size_t i = 0; i < 5; ++i)
      fact.parts[i] = text(address[i]);
    packed_.add(fact);
  }
}

std::uint32_t Draft::write(Collector& collector) {
  open_ = false;
  if (other_name_) end_other_name();
  if (!has_identity()) {
    // No table row: but a record that holds something of somebody is counted.
    if (!elements_.empty() || !masked_.empty()) ++collector.report().anonymous_records;
    return PersonTable::kNone;
  }
  ++collector.report().records;
  pack(collector);
  const std::uint32_t row = collector.persons().add(role_, packed_.packed(), joinable(), offset_);
  write_more(row, collector);
  return row;
}

void Draft::write_with_kin(std::vector<std::uint32_t>& kin, Collector& collector) {
  const std::uint32_t row = write(collector);
  if (row != PersonTable::kNone) {
    for (const std::uint32_t other : kin)
      collector.persons().add_relation(other, row);
  }
  kin.clear();
}

void Draft::write_more(std::uint32_t row, Collector& collector) {
  masked_.remove(elements_);
  possible_.remove(elements_);
  collector.persons().add_elements(row, elements_, possible_, masked_, sensitive_);
  collector.persons().add_evidence(row, evidence_);
}

}  // namespace bulkhead::exposure
