// How an X12 transaction set is described: which segment begins which loop, whose data that loop
// holds, and what each element in it is. The tables (x12_834_table.cpp and its
// neighbours) are meant to be checked against the guides by somebody who knows claims, not
// C++.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "exposure/detect/sensitive.h"
#include "exposure/readers/field_kind.h"

namespace bulkhead::exposure {

// A set's loops are numbered by its table; a set of loops is a bit each.
using X12LoopSet = std::uint64_t;

// Whose data follows when a loop begins.
enum class X12Subject : std::uint8_t {
  kNobody,
  kFamilyEnds,          // HL 20: another provider or payer; what was open is finished
  kMemberStarts,        // INS, HL 22: a new member (subscriber); what was open is finished
  kDependentStarts,     // HL 23: a patient who is not the subscriber
  kMember,              // the open member: names follow (NM1*IL)
  kMemberOnly,          // the open member: no name of theirs follows (a mailing address, a policy)
  kMemberOtherName,     // another name of the open member (NM1*70)
  kDependent,           // the open dependant; one starts if none is open (NM1*QC)
  kPatient,             // whom the claim is about: the open dependant, else the member
  kOtherInsuredStarts,  // SBR inside a claim
  kOtherInsured,        // their name (NM1*IL in 2330A)
  kRelatedStarts,       // guardian, custodial parent, responsible person
  kProviderStarts,
  kPayer,  // an organisation whose name says whose member numbers these are
};

struct X12LoopRule {
  std::string_view segment;
  std::string_view qualifiers;  // values of `qualifier_element`, separated by spaces; empty: any
  std::uint8_t qualifier_element;
  X12LoopSet inside;  // in which loops this begins
  std::uint8_t loop;  // which loop begins
  X12Subject subject;
  bool treats = false;  // provider: somebody who treated the patient
};

struct X12FieldRule {
  std::string_view segment;
  std::uint8_t element, component;  // where the value is; component 0: the whole element
  std::uint8_t qualifier_element, qualifier_component;  // element 0: there is none
  std::string_view qualifiers;                          // the values that make it this; empty: any
  X12LoopSet inside;
  FieldKind kind;
  std::string_view label = {};
  std::uint8_t flags = 0;  // FactFlag
  std::uint8_t step = 0;   // the same again this many elements later, to the segment's end
  std::optional<CodeSystem> codes = {};
  bool packed = false;  // state dialects put several values into one, with semicolons
};

struct X12SetTable {
  std::string_view set;                       // ST01
  std::span<const std::string_view> loops;    // names, by number; 0 is the header
  std::span<const X12LoopRule> loop_rules;    // the first that fits counts
  std::span<const X12FieldRule> field_rules;  // every one that fits counts
  std::string_view known_segments;  // of the guides; others are reported as not understood
  // A segment with which another person begins, in whatever loop: what came before it matters no
  // more, the header aside. Empty: there is none.
  std::string_view splits_at = {};
};

const X12SetTable& x12_270_table();
const X12SetTable& x12_271_table();
const X12SetTable& x12_276_table();
const X12SetTable& x12_277_table();
const X12SetTable& x12_278_table();
const X12SetTable& x12_820_table();
const X12SetTable& x12_834_table();
const X12SetTable& x12_835_table();
const X12SetTable& x12_837_table();
const X12SetTable& x12_997_table();
const X12SetTable& x12_999_table();

}  // namespace bulkhead::exposure
