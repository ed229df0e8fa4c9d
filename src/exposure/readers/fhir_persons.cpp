#include "exposure/readers/fhir_persons.h"

#include <algorithm>

#include "exposure/detect/values.h"
#include "exposure/readers/hl7_table.h"
#include "exposure/readers/word_list.h"

namespace bulkhead::exposure {
namespace {

constexpr auto kNone = ResourceTree::kNone;
constexpr std::size_t kMaxShown = 100'000;  // of one file

bool is_uuid(std::string_view text) {
  return text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' &&
         text[23] == '-';
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "Patient/1", "urn:uuid:…", "http://server/fhir/Patient/1/_history/2". Of a conditional one,
// "Patient?identifier=…", the type only.
struct Reference {
  std::string_view type, id;
};
Reference parse_reference(std::string_view text) {
  if (text.starts_with("urn:uuid:")) return {{}, text.substr(9)};
  if (text.starts_with("urn:oid:")) return {{}, text.substr(8)};
  if (const std::size_t query = text.find('?'); query != std::string_view::npos) {
    const std::string_view path = text.substr(0, query);
    return {path.substr(path.rfind('/') + 1), {}};
  }
  text = text.substr(0, text.find("/_history/"));
  const std::size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return {{}, text};
  const std::string_view before = text.substr(0, slash);
  return {before.substr(before.rfind('/') + 1), text.substr(slash + 1)};
}

// The system of an OID goes on with digits where it is another one: 4.1 is not 4.10.
bool is_system(std::string_view system, std::string_view part) {
  const std::size_t at = system.find(part);
  if (at == std::string_view::npos) return false;
  const std::string_view after = system.substr(at + part.size());
  const bool oid = part.starts_with("2.16.") && !part.ends_with('.');
  return !oid || after.empty() || after[0] < '0' || after[0] > '9';
}

const FhirIdentifierSystem* known_system(std::string_view system) {
  for (const FhirIdentifierSystem& known : fhir_identifier_systems()) {
    if (is_system(system, known.part)) return &known;
  }
  return nullptr;
}

const Hl7NumberType* number_type(std::string_view code) {
  for (const Hl7NumberType& type : hl7_number_types()) {
    if (!code.empty() && is_listed(type.codes, code)) return &type;
  }
  return nullptr;
}

bool has_sensitive_codes(std::string_view system) {
  return system.empty() || contains(system, "icd") || contains(system, "cpt") ||
         contains(system, "hcpcs") || contains(system, "HCPCS") || contains(system, "ICD");
}

// Elements that name patients, practitioners and devices alike.
bool is_anyone(std::string_view path) {
  return path == "participant.actor" || path == "actor" || path == "member.entity";
}

std::string_view without_title(std::string_view name) {
  static constexpr std::string_view kTitles[] = {"Mr. ", "Mrs. ", "Ms. ", "Dr. ",  "Prof. ",
                                                 "Mr ",  "Mrs ",  "Ms ",  "Miss ", "Dr "};
  for (const std::string_view title : kTitles) {
    if (name.starts_with(title)) return trimmed(name.substr(title.size()));
  }
  return name;
}

}  // namespace

bool FhirPersons::take(const ResourceTree& tree, Node node) {
  tree_ = &tree;
  resource_ = node;
  type_.assign(tree.child_value(node, "resourceType").substr(0, 64));
  const FhirResourceRule* const rule = fhir_resource_rule(type_);
  if (rule == nullptr) return false;
  switch (rule->subject) {
    case FhirSubject::kNobody:
      break;
    case FhirSubject::kAbout:
      take_about(*rule, node);
      break;
    default:
      take_person(*rule, node);
  }
  return true;
}

// --- persons

void FhirPersons::take_person(const FhirResourceRule& rule, Node node) {
  if (tree_->child(node, "animal") != kNone) return;  // R2, R3: a veterinary's patient
  const Role role = rule.subject == FhirSubject::kPractitioner ? Role::kProvider
                    : rule.subject == FhirSubject::kRelated    ? Role::kRelated
                                                               : Role::kMember;
  draft_.start(role, tree_->offset(tree_->child(node, "resourceType")));
  const std::string id = id_of(node);
  add_key(type_, id, draft_);
  if (rule.subject == FhirSubject::kPatient && patients_.size() < kMaxShown) patients_.insert(id);
  fill_person(node, type_, draft_);
  // Other records of the same person: Patient.link, Person.link.
  const auto same = [&](Node link) {
    const Reference other = parse_reference(tree_->value(link));
    if (other.type.empty() || other.type == "Patient" || other.type == "Person")
      add_key("Patient", other.id, draft_);
  };
  tree_->each(node, "link.other.reference", same);
  tree_->each(node, "link.target.reference", same);
  const std::uint32_t row = draft_.write(collector_);
  if (rule.subject == FhirSubject::kPatient) take_contacts(node, row);
}

void FhirPersons::fill_person(Node node, std::string_view type, Draft& to) {
  const auto each_child = [&](std::string_view name, auto&& take) {
    tree_->each(node, name, take);
  };
  // The name in use before former and other ones.
  for (const bool current : {true, false}) {
    each_child("name", [&](Node name) {
      const std::string_view use = tree_->child_value(name, "use");
      const bool old = is_listed("old maiden nickname anonymous temp", use);
      if (old == current) return;
      const bool other = to.named();
      if (other) to.begin_other_name();
      add_name(name, to);
      if (other) to.end_other_name();
    });
  }
  each_child("identifier", [&](Node one) { add_identifier(one, type, to); });
  each_child("address", [&](Node one) { add_address(one, to); });
  each_child("telecom", [&](Node one) { add_telecom(one, to); });
  add_fields(node, type, to);
}

// Of the first value in it.
std::uint64_t FhirPersons::first_offset(Node node) const {
  while (tree_->first_child(node) != kNone)
    node = tree_->first_child(node);
  return tree_->offset(node);
}

void FhirPersons::take_contacts(Node node, std::uint32_t patient) {
  const std::string id = id_of(node);
  tree_->each(node, "contact", [&](Node contact) {
    const Node name = tree_->child(contact, "name");
    if (name == kNone) return;
    side_.start(Role::kRelated, first_offset(name));
    add_name(name, side_);
    tree_->each(contact, "address", [&](Node one) { add_address(one, side_); });
    tree_->each(contact, "telecom", [&](Node one) { add_telecom(one, side_); });
    const Node gender = tree_->child(contact, "gender");
    if (gender != kNone) put(FieldKind::kDemographics, gender, side_);
    if (!side_.named()) return side_.stop();
    if (!id.empty()) {
      const std::string issuer = "relative of " + scope_ + id;
      side_.add(FieldKind::kPseudonym, {id, 0, 0}, collector_,
                {.label = "relative of patient", .issuer = issuer});
    }
    const std::uint32_t row = side_.write(collector_);
    if (row != PersonTable::kNone && patient != PersonTable::kNone)
      collector_.persons().add_relation(row, patient);
  });
}

// --- what is about a patient

void FhirPersons::take_about(const FhirResourceRule& rule, Node node) {
  if (type_ == "Group") return take_members(node);
  std::string_view paths = rule.references;
  bool named = false;
  draft_.start(Role::kMember, tree_->offset(tree_->child(node, "resourceType")));
  while (!paths.empty() && !named) {
    const std::size_t end = paths.find(' ');
    const std::string_view path = paths.substr(0, end);
    tree_->each(node, path, [&](Node reference) {
      if (!named) named = add_reference(node, reference, is_anyone(path), draft_);
    });
    paths.remove_prefix(end == std::string_view::npos ? paths.size() : end + 1);
  }
  // About a group, a device, a place: nobody's.
  if (!named && tree_->child(node, "subject") != kNone) return draft_.stop();
  if (type_ == "Coverage") add_subscriber_number(node, draft_);
  add_fields(node, type_, draft_);
  draft_.write(collector_);
}

// A list of patients: who is in it is all that it says.
void FhirPersons::take_members(Node node) {
  tree_->each(node, "member.entity", [&](Node entity) {
    draft_.start(Role::kMember, first_offset(entity));
    if (add_reference(node, entity, true, draft_))
      draft_.write(collector_);
    else
      draft_.stop();
  });
}

bool FhirPersons::add_reference(Node resource, Node reference, bool anyone, Draft& to) {
  const std::string_view text = tree_->child_value(reference, "reference");
  if (text.starts_with('#')) {
    bool found = false;
    tree_->each(resource, "contained", [&](Node contained) {
      const bool it = tree_->child_value(contained, "id") == text.substr(1);
      const std::string_view type = tree_->child_value(contained, "resourceType");
      if (!it || (type != "Patient" && type != "RelatedPerson")) return;
      fill_person(contained, type, to);
      found = true;
    });
    return found;
  }
  Reference who = parse_reference(text);
  if (who.type.empty()) who.type = tree_->child_value(reference, "type");
  // (R5 allows the type as the URI of its definition.)
  who.type.remove_prefix(std::min(who.type.rfind('/') + 1, who.type.size()));
  if (who.type.empty() ? anyone : who.type != "Patient") return false;
  const Node identifier = tree_->child(reference, "identifier");
  const bool conditional = contains(text, "?");
  if (who.id.empty() && !conditional && identifier == kNone &&
      tree_->child(reference, "display") == kNone)
    return false;
  add_key("Patient", who.id, to);
  if (conditional) add_condition(reference, to);
  if (identifier != kNone) add_identifier(identifier, "Patient", to);
  const Node display = tree_->child(reference, "display");
  if (display != kNone) note_display(display, who.id, identifier != kNone, to);
  return true;
}

// "Patient?identifier=http://system|12345678": what a transaction's references look like.
void FhirPersons::add_condition(Node reference, Draft& to) {
  const Node node = tree_->child(reference, "reference");
  const std::string_view text = tree_->value(node);
  static constexpr std::string_view kIdentifier = "identifier=";
  const std::size_t at = text.find(kIdentifier, text.find('?'));
  if (at == std::string_view::npos) return;
  std::string_view value = text.substr(at + kIdentifier.size());
  value = value.substr(0, value.find('&'));
  const std::size_t bar = value.find('|');
  const std::string_view system = bar == std::string_view::npos ? "" : value.substr(0, bar);
  if (bar != std::string_view::npos) value.remove_prefix(bar + 1);
  const FhirIdentifierSystem* const known = known_system(system);
  const FieldKind kind = known == nullptr ? FieldKind::kMedicalRecordNumber : known->kind;
  RawField field{value, tree_->offset(node), place(node)};
  if (tree_->decoded(node))
    field.length = tree_->length(node);
  else
    field.offset += static_cast<std::uint64_t>(value.data() - text.data());
  const std::string_view label = known == nullptr ? "identifier" : known->label;
  to.add(kind, field, collector_, {.label = label, .issuer = system});
}

void FhirPersons::add_key(std::string_view type, std::string_view id, Draft& to) {
  if (id.empty() || id.size() > 128) return;
  const std::string issuer = is_uuid(id) ? "uuid" : scope_ + "fhir " + std::string(type);
  to.add(FieldKind::kPseudonym, {id, 0, 0}, collector_, {.label = "resource id", .issuer = issuer});
}

// "Mrs. Jane Doe" beside a reference: the name as somebody shows it, in whatever order. The
// patient's own resource says it better, in this file or another: where something else says who it
// is, this name is used only for who has no other.
void FhirPersons::note_display(Node display, std::string_view id, bool numbered, Draft& to) {
  const std::string_view whole = tree_->value(display);
  const std::string_view name = without_title(trimmed(whole));
  if (!contains(name, " ") || contains(name, "/") || name.size() > 80) return;
  Shown shown{std::string(name), tree_->offset(display), place(display), 0};
  if (tree_->decoded(display))
    shown.length = tree_->length(display);
  else
    shown.offset += static_cast<std::uint64_t>(name.data() - whole.data());
  if (id.empty())
    to.add(FieldKind::kFullName, {name, shown.offset, shown.place, shown.length}, collector_,
           {.flags = static_cast<std::uint8_t>(numbered ? kFactNotAKey : 0)});
  else if (shown_.size() < kMaxShown)
    shown_.emplace(std::string(id), std::move(shown));
}

void FhirPersons::finish() {
  for (const auto& [id, shown] : shown_) {
    if (patients_.contains(id)) continue;
    draft_.start(Role::kMember, shown.offset);
    add_key("Patient", id, draft_);
    draft_.add(FieldKind::kFullName, {shown.name, shown.offset, shown.place, shown.length},
               collector_, {.flags = kFactNotAKey});
    draft_.write(collector_);
  }
  shown_.clear();
}

// --- types

void FhirPersons::add_name(Node name, Draft& to) {
  const Node family = tree_->child(name, "family");
  const Node given = tree_->child(name, "given");
  if (family == kNone && given == kNone) {
    const Node text = tree_->child(name, "text");
    if (text != kNone) put(FieldKind::kFullName, text, to);
    return;
  }
  if (family != kNone) put(FieldKind::kLastName, family, to);
  unsigned count = 0;
  tree_->each(name, "given", [&](Node one) {
    if (count++ < 2) put(count == 1 ? FieldKind::kFirstName : FieldKind::kMiddleName, one, to);
  });
  const Node suffix = tree_->child(name, "suffix");
  if (suffix != kNone) put(FieldKind::kNameSuffix, suffix, to);
}

void FhirPersons::add_address(Node address, Draft& to) {
  to.begin_address();
  unsigned count = 0;
  tree_->each(address, "line", [&](Node line) {
    if (count++ < 2)
      put(count == 1 ? FieldKind::kAddressLine1 : FieldKind::kAddressLine2, line, to);
  });
  const Node text = tree_->child(address, "text");
  if (count == 0 && text != kNone) put(FieldKind::kAddressLine1, text, to);
  for (const auto& [part, kind] : {std::pair<std::string_view, FieldKind>{"city", FieldKind::kCity},
                                   {"state", FieldKind::kState},
                                   {"postalCode", FieldKind::kPostalCode}}) {
    const Node one = tree_->child(address, part);
    if (one != kNone) put(kind, one, to);
  }
}

void FhirPersons::add_telecom(Node telecom, Draft& to) {
  const Node value = tree_->child(telecom, "value");
  if (value == kNone) return;
  const std::string_view system = tree_->child_value(telecom, "system");
  const bool mail = system == "email" || contains(tree_->value(value), "@");
  if (!mail && system == "url") return;
  put(mail ? FieldKind::kEmail : FieldKind::kPhone, value, to);
}

void FhirPersons::add_identifier(Node identifier, std::string_view owner, Draft& to) {
  const Node value = tree_->child(identifier, "value");
  if (value == kNone) return;
  const std::string_view system = tree_->child_value(identifier, "system");
  std::string_view code;
  tree_->each(identifier, "type.coding.code", [&](Node one) {
    if (code.empty()) code = tree_->value(one);
  });
  const FhirIdentifierSystem* const known = known_system(system);
  const Hl7NumberType* const type = number_type(code);
  const bool provider = owner == "Practitioner";
  FieldKind kind = provider ? FieldKind::kNone : FieldKind::kMedicalRecordNumber;
  std::string_view label = "identifier";
  // A system that is one kind's alone says more than a type: SB with the SSN's system is an SSN.
  const bool certain = known != nullptr && known->kind != FieldKind::kPseudonym;
  if (certain || (known != nullptr && code.empty())) {
    kind = known->kind;
    label = known->label;
  } else if (type != nullptr) {
    kind = type->kind;
    label = type->label;
  } else if (is_uuid(tree_->value(value)) && code.empty()) {
    kind = FieldKind::kPseudonym;
  }
  if (provider && code == "NPI") kind = FieldKind::kNpi;
  if (kind == FieldKind::kNone) return;
  FieldDetail detail{.label = label, .issuer = system};
  if (kind == FieldKind::kPseudonym)
    detail.issuer = is_uuid(tree_->value(value)) ? std::string_view("uuid") : label;
  if (kind == FieldKind::kMemberId) {
    std::string_view assigner;
    tree_->each(identifier, "assigner.display", [&](Node one) { assigner = tree_->value(one); });
    const std::string_view issuer = assigner.empty() ? system : assigner;
    const std::string_view programme =
        collector_.programme_label(issuer, Compact(tree_->value(value)).view());
    detail.issuer = programme.empty() ? issuer : programme;
    if (!programme.empty()) detail.label = programme;
  }
  put(kind, value, to, detail);
}

void FhirPersons::add_subscriber_number(Node coverage, Draft& to) {
  std::string issuer = "?";
  for (const std::string_view path : {"payor.identifier.value", "payor.display", "insurer.display",
                                      "issuer.display", "payor.reference"}) {
    tree_->each(coverage, path, [&](Node one) {
      if (issuer == "?" && !tree_->value(one).starts_with('#')) issuer = tree_->value(one);
    });
  }
  std::string_view relation;
  tree_->each(coverage, "relationship.coding.code",
              [&](Node one) { relation = tree_->value(one); });
  const bool others = !relation.empty() && relation != "self";
  const auto add = [&](Node number) {
    FieldDetail detail{.label = "subscriber number",
                       .issuer = issuer,
                       .flags = static_cast<std::uint8_t>(others ? kFactNotAKey : 0)};
    const std::string_view programme =
        collector_.programme_label(issuer, Compact(tree_->value(number)).view());
    if (!programme.empty()) detail.issuer = detail.label = programme;
    put(FieldKind::kMemberId, number, to, detail);
  };
  tree_->each(coverage, "subscriberId", [&](Node one) {
    add(tree_->child(one, "value") == kNone ? one
                                            : tree_->child(one, "value"));  // R5: an Identifier
  });
}

void FhirPersons::add_fields(Node node, std::string_view type, Draft& to) {
  for (const FhirFieldRule& rule : fhir_field_rules()) {
    if (!is_listed(rule.types, type)) continue;
    tree_->each(node, rule.path, [&](Node found) {
      if (rule.kind == FieldKind::kTreatingProvider)
        add_provider(found, to);
      else
        add_concept(rule, found, to);
    });
  }
}

// A value, a Coding, a CodeableConcept or something with a display.
void FhirPersons::add_concept(const FhirFieldRule& rule, Node node, Draft& to) {
  if (tree_->first_child(node) == kNone) return put(rule.kind, node, to);
  bool coded = false;
  const auto add_coding = [&](Node coding) {
    const Node code = tree_->child(coding, "code");
    const Node display = tree_->child(coding, "display");
    const Node shown = code != kNone ? code : display;
    if (shown == kNone) return;
    const std::string_view system = tree_->child_value(coding, "system");
    FieldKind kind = rule.kind;
    if (kind == FieldKind::kProcedure && (contains(system, "ndc") || contains(system, "rxnorm")))
      kind = FieldKind::kPrescription;
    FieldDetail detail;
    if (rule.codes && code != kNone && has_sensitive_codes(system)) detail.codes = rule.codes;
    put(kind, shown, to, detail);
    coded = true;
  };
  tree_->each(node, "coding", add_coding);
  tree_->each(node, "concept.coding", add_coding);  // R5: CodeableReference
  if (!coded) add_coding(node);
  if (coded) return;
  for (const std::string_view name :
       {"text", "display", "reference", "value", "linkId", "concept"}) {
    const Node found = tree_->child(node, name);
    if (found == kNone || tree_->value(found).empty()) continue;
    return put(rule.kind, found, to);
  }
}

// A Reference to who treats. Not where it is the patient, a relative or an organisation.
void FhirPersons::add_provider(Node node, Draft& to) {
  const std::string_view type = parse_reference(tree_->child_value(node, "reference")).type;
  if (is_listed("Patient RelatedPerson Organization Device Group Location", type)) return;
  for (const std::string_view name : {"display", "reference"}) {
    const Node found = tree_->child(node, name);
    if (found != kNone && !tree_->value(found).empty())
      return put(FieldKind::kTreatingProvider, found, to);
  }
  tree_->each(node, "identifier.value",
              [&](Node found) { put(FieldKind::kTreatingProvider, found, to); });
}

void FhirPersons::put(FieldKind kind, Node node, Draft& to, const FieldDetail& detail) {
  RawField field{tree_->value(node), tree_->offset(node), place(node)};
  if (tree_->decoded(node)) field.length = tree_->length(node);
  to.add(kind, field, collector_, detail);
}

// Resource.id, or what the Bundle calls it.
std::string FhirPersons::id_of(Node resource) const {
  const std::string_view id = tree_->child_value(resource, "id");
  if (!id.empty()) return std::string(id);
  const Node entry = tree_->parent(resource);
  if (entry == kNone) return {};
  return std::string(parse_reference(tree_->child_value(entry, "fullUrl")).id);
}

// "Patient.name.family", "Claim.contained.name.family"
std::uint16_t FhirPersons::place(Node node) {
  std::string path;
  for (Node at = node; at != resource_ && path.size() < 100; at = tree_->parent(at))
    path.insert(0, "." + std::string(tree_->name(at)));
  return collector_.persons().place(type_ + path);
}

}  // namespace bulkhead::exposure
