#include "exposure/readers/hl7_fields.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "exposure/detect/code_page.h"
#include "exposure/detect/values.h"
#include "exposure/readers/word_list.h"

namespace bulkhead::exposure {
namespace {

const Hl7NumberType* number_type(std::string_view code) {
  if (code.empty()) return nullptr;
  for (const Hl7NumberType& type : hl7_number_types()) {
    if (is_listed(type.codes, code)) return &type;
  }
  return nullptr;
}

// Systems whose codes the tables of sensitive codes know; without one, the field says enough.
bool is_known_system(std::string_view system) {
  const Compact compact(system);
  const std::string_view name = compact.view();
  if (name.empty()) return true;
  for (const std::string_view known : {"I9", "I10", "ICD", "10D", "C4", "CPT", "HCPC", "HCPT"}) {
    if (name.starts_with(known)) return true;
  }
  return false;
}

}  // namespace

Hl7Value Hl7FieldReader::component(const Hl7Value& value, unsigned n) const {
  return at(value, hl7_part(value.text, delimiters_.component, n));
}

Hl7Value Hl7FieldReader::subcomponent(const Hl7Value& value, unsigned n) const {
  if (delimiters_.subcomponent == '\0') return n == 1 ? value : Hl7Value{};
  return at(value, hl7_part(value.text, delimiters_.subcomponent, n));
}

RawField Hl7FieldReader::raw(const Hl7Value& value) {
  const std::string_view text = value.text;
  const bool escaped =
      delimiters_.escape != '\0' && text.find(delimiters_.escape) != std::string_view::npos;
  const bool high = std::any_of(text.begin(), text.end(),
                                [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  if (!escaped && !high) return {text, value.offset, value.place};
  decoded_.clear();
  if (escaped)
    hl7_unescape(text, delimiters_, decoded_);
  else
    decoded_.assign(text);
  if (!is_utf8(decoded_)) {
    // MSH-18 is rarely right; what is no UTF-8 is Latin-1.
    std::string converted;
    append_utf8(decoded_, converted);
    decoded_ = std::move(converted);
  }
  return {decoded_, value.offset, value.place, static_cast<std::uint32_t>(text.size())};
}

void Hl7FieldReader::put(FieldKind kind, const Hl7Value& value, Draft& to,
                         const FieldDetail& detail) {
  if (!value.text.empty()) to.add(kind, raw(value), collector_, detail);
}

void Hl7FieldReader::add(const Hl7FieldRule& rule, const Hl7Value& value, const Hl7Payer& payer,
                         Draft& to) {
  switch (rule.type) {
    case Hl7Type::kName:
      add_names(rule, value, to);
      break;
    case Hl7Type::kAddress:
      each_repetition(value, [&](const Hl7Value& one) { add_address(one, to); });
      break;
    case Hl7Type::kContact:
      each_repetition(value, [&](const Hl7Value& one) { add_contact(one, to); });
      break;
    case Hl7Type::kNumber:
      each_repetition(value, [&](const Hl7Value& one) { add_number(rule, one, to); });
      break;
    case Hl7Type::kPolicyNumber:
      each_repetition(value, [&](const Hl7Value& one) { add_policy_number(rule, one, payer, to); });
      break;
    case Hl7Type::kCode:
      each_repetition(value, [&](const Hl7Value& one) { add_code(rule, one, to); });
      break;
    case Hl7Type::kLicence:
      put_number(rule.kind, component(value, 1), component(value, 2).text, {}, "driver's licence",
                 0, to);
      break;
    case Hl7Type::kText:
    case Hl7Type::kDate:
      each_repetition(value, [&](const Hl7Value& one) { add_text(rule, one, to); });
      break;
    case Hl7Type::kProvider:
    case Hl7Type::kNamedProvider:
      break;
  }
}

void Hl7FieldReader::add_text(const Hl7FieldRule& rule, const Hl7Value& value, Draft& to) {
  Hl7Value first = component(value, 1);
  // CCYYMMDDHHMMSS.ffff+zzzz: the day is what counts.
  const bool timed = rule.type == Hl7Type::kDate && first.text.size() > 8 &&
                     std::all_of(first.text.begin(), first.text.begin() + 8, is_digit);
  if (timed) first.text = first.text.substr(0, 8);
  put(rule.kind, first, to, {.label = rule.label, .flags = rule.flags});
}

void Hl7FieldReader::add_code(const Hl7FieldRule& rule, const Hl7Value& value, Draft& to) {
  FieldDetail detail{.flags = rule.flags};
  const Hl7Value code = component(value, 1);
  if (!code.text.empty()) {
    if (rule.codes && is_known_system(component(value, 3).text)) detail.codes = rule.codes;
    return put(rule.kind, code, to, detail);
  }
  for (const unsigned n : {2U, 4U, 5U, 9U}) {  // text, other code, other text, original text
    const Hl7Value text = component(value, n);
    if (text.text.empty()) continue;
    return put(rule.kind, text, to, detail);
  }
}

// The first repetition that names somebody is the name, the others are other names.
void Hl7FieldReader::add_names(const Hl7FieldRule& rule, const Hl7Value& value, Draft& to) {
  const bool always_other = rule.label == "alias" || rule.label == "prior name";
  each_repetition(value, [&](const Hl7Value& one) {
    const bool nobody = component(one, 1).text.empty() && component(one, 2).text.empty();
    if (nobody) return;
    const bool other = always_other || to.named();
    if (other) to.begin_other_name();
    add_name(one, to);
    if (other) to.end_other_name();
  });
}

void Hl7FieldReader::add_name(const Hl7Value& value, Draft& to) {
  const Hl7Value family = subcomponent(component(value, 1), 1);
  const bool in_one = value.text.find(delimiters_.component) == std::string_view::npos &&
                      family.text.find(',') != std::string_view::npos;
  if (in_one) return put(FieldKind::kFullName, family, to);  // "DOE, JANE" as v2.1 systems write it
  put(FieldKind::kLastName, family, to);
  put(FieldKind::kFirstName, subcomponent(component(value, 2), 1), to);
  put(FieldKind::kMiddleName, subcomponent(component(value, 3), 1), to);
  put(FieldKind::kNameSuffix, subcomponent(component(value, 4), 1), to);
}

void Hl7FieldReader::add_address(const Hl7Value& value, Draft& to) {
  to.begin_address();
  put(FieldKind::kAddressLine1, subcomponent(component(value, 1), 1), to);
  put(FieldKind::kAddressLine2, component(value, 2), to);
  put(FieldKind::kCity, component(value, 3), to);
  put(FieldKind::kState, component(value, 4), to);
  put(FieldKind::kPostalCode, component(value, 5), to);
}

void Hl7FieldReader::add_contact(const Hl7Value& value, Draft& to) {
  const Hl7Value text = component(value, 1);
  const Hl7Value mail = component(value, 4);
  const bool mail_in_text = text.text.find('@') != std::string_view::npos;
  if (mail_in_text) put(FieldKind::kEmail, text, to);
  if (mail.text.find('@') != std::string_view::npos) put(FieldKind::kEmail, mail, to);
  if (mail_in_text) return;
  if (std::any_of(text.text.begin(), text.text.end(), is_digit))
    return put(FieldKind::kPhone, text, to);
  const Hl7Value area = component(value, 6);
  const Hl7Value local = component(value, 7);
  if (!local.text.empty()) {
    // The number stands in two components: both are its place.
    const Hl7Value from = area.text.empty() ? local : area;
    scratch_.assign(area.text);
    scratch_ += local.text;
    RawField field{scratch_, from.offset, value.place};
    field.length = static_cast<std::uint32_t>(local.offset + local.text.size() - from.offset);
    return to.add(FieldKind::kPhone, field, collector_);
  }
  put(FieldKind::kPhone, component(value, 12), to);
}

void Hl7FieldReader::put_number(FieldKind kind, const Hl7Value& value, std::string_view issuer_name,
                                std::string_view issuer_id, std::string_view label,
                                std::uint8_t flags, Draft& to) {
  if (value.text.empty()) return;
  FieldDetail detail{
      .label = label, .issuer = issuer_id.empty() ? issuer_name : issuer_id, .flags = flags};
  if (kind == FieldKind::kMemberId) {
    const std::string_view programme =
        collector_.programme_label(issuer_name, Compact(value.text).view());
    if (!programme.empty()) detail.issuer = detail.label = programme;
  }
  put(kind, value, to, detail);
}

void Hl7FieldReader::add_number(const Hl7FieldRule& rule, const Hl7Value& value, Draft& to) {
  const Hl7Value number = subcomponent(component(value, 1), 1);
  const Hl7Value authority = component(value, 4);
  std::string_view issuer = subcomponent(authority, 1).text;
  if (issuer.empty()) issuer = subcomponent(authority, 2).text;
  FieldKind kind = rule.kind;
  std::string_view label = rule.label;
  const std::string_view code = subcomponent(component(value, 5), 1).text;
  if (rule.kind == FieldKind::kMedicalRecordNumber) {
    if (const Hl7NumberType* const type = number_type(code)) {
      kind = type->kind;
      if (!type->label.empty()) label = type->label;
    }
    // Nine digits under a local word for the same. (Italy's SSN is its health service.)
    const Compact compact(number.text);
    if (code == "SSN" && compact.all_digits() && compact.view().size() == 9) kind = FieldKind::kSsn;
  }
  put_number(kind, number, issuer, {}, label, rule.flags, to);
}

void Hl7FieldReader::add_policy_number(const Hl7FieldRule& rule, const Hl7Value& value,
                                       const Hl7Payer& payer, Draft& to) {
  put_number(rule.kind, subcomponent(component(value, 1), 1), payer.name, payer.id, rule.label,
             rule.flags, to);
}

Hl7Value Hl7FieldReader::provider_mark(Hl7Type type, const Hl7Value& value) const {
  const Hl7Value whole = type == Hl7Type::kNamedProvider ? component(value, 1) : value;
  const auto part = [&](unsigned n) {
    return type == Hl7Type::kNamedProvider ? subcomponent(whole, n) : component(whole, n);
  };
  const Hl7Value family = part(2);
  return family.text.empty() ? part(1) : family;
}

bool Hl7FieldReader::add_provider(Hl7Type type, const Hl7Value& value, Draft& to) {
  const bool inner = type == Hl7Type::kNamedProvider;
  const Hl7Value whole = inner ? component(value, 1) : value;
  const auto part = [&](unsigned n) {
    return inner ? subcomponent(whole, n) : subcomponent(component(whole, n), 1);
  };
  // A word alone is a laboratory, a department or "SEE BELOW" as often as a doctor.
  if (trimmed(part(2).text).empty() || trimmed(part(3).text).empty()) return false;
  put(FieldKind::kLastName, part(2), to);
  put(FieldKind::kFirstName, part(3), to);
  put(FieldKind::kMiddleName, part(4), to);
  put(FieldKind::kNameSuffix, part(5), to);
  const std::string_view id_type = inner ? std::string_view() : component(whole, 13).text;
  const std::string_view authority =
      inner ? std::string_view() : subcomponent(component(whole, 9), 1).text;
  const bool said = id_type == "NPI" || authority == "NPI";
  if (said || is_npi(part(1).text)) put(FieldKind::kNpi, part(1), to);
  return true;
}

}  // namespace bulkhead::exposure
