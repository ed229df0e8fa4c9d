// Enrolment: a state's Medicaid file with a number a person, a commercial plan's with a number a
// family.
#include <fmt/format.h>

#include "generate/corpus.h"

namespace bulkhead::generate {
namespace {

std::string name_segment(std::string_view entity, const Person& person, std::string_view last,
                         std::string_view id) {
  return fmt::format("NM1*{}*1*{}*{}*{}**{}{}", entity, last, person.first, person.middle,
                     person.suffix, id);
}

void other_name(const Member& member, X12Writer& out) {
  const Person& person = member.person;
  out.segment(fmt::format("NM1*70*1*{}*{}*{}", person.former_last, person.first, person.middle));
  out.segment(fmt::format("DMG*D8*{}*{}", member.birth("CCYYMMDD"), member.sex()));
}

void guardian(const Member& member, X12Writer& out) {
  const Person person = guardian_of(member.person);
  const std::uint64_t start = out.position();
  out.segment(fmt::format("NM1*S3*1*{}*{}", person.last, person.first));
  out.segment("PER*PQ**HP*" + person.phone);
  out.segment("N3*" + person.street);
  out.segment(fmt::format("N4*{}*{}*{}", person.city, person.state, person.zip));
  out.file().holds("g" + std::to_string(person.index), "related", start,
                   {"name", "address", "phone"});
}

void state_member(const Member& member, X12Writer& out) {
  const Person& person = member.person;
  const std::uint64_t start = out.position();
  out.segment("INS*Y*18*030*XN*A*E**AC");
  out.segment("REF*0F*" + member.numbers[0]);
  out.segment("REF*3H*" + person.case_number);
  for (std::size_t i = 1; i < member.numbers.size(); ++i)
    out.segment("REF*Q4*" + member.numbers[i]);
  out.segment("DTP*356*D8*20230101");
  const bool renamed = !person.former_last.empty();
  out.segment(name_segment(renamed ? "74" : "IL", person, person.last, "*34*" + member.ssn));
  if (!person.phone.empty()) out.segment("PER*IP**HP*" + person.phone);
  out.segment("N3*" + person.street);
  out.segment(fmt::format("N4*{}*{}*{}", person.city, person.state, person.zip));
  out.segment(fmt::format("DMG*D8*{}*{}", member.birth("CCYYMMDD"), member.sex()));
  if (renamed) other_name(member, out);
  if (person.has_guardian) guardian(member, out);
  out.segment("HD*030**HMO*MC PLUS*IND");
  out.segment("DTP*348*D8*20230101");
  std::vector<std::string_view> elements = {"name",    "date_of_birth", "member_id",
                                            "address", "demographics",  "eligibility"};
  if (member.ssn_counts) elements.push_back("ssn");
  if (!person.phone.empty()) elements.push_back("phone");
  out.file().holds(member.key(), "member", start, elements);
}

void plan_member(const Member& member, X12Writer& out) {
  const Person& person = member.person;
  const bool subscriber = person.place == 0;
  const std::uint64_t start = out.position();
  out.segment(fmt::format("INS*{}*{}*030**A***FT", subscriber ? 'Y' : 'N',
                          subscriber          ? "18"
                          : person.place == 1 ? "01"
                                              : "19"));
  out.segment("REF*0F*" + member.subscriber_number);
  out.segment("REF*1L*GRP4711");
  const bool numbered = person.index % 2 == 1;
  out.segment(
      name_segment("IL", person, member.claim_last(1), numbered ? "*34*" + member.ssn : ""));
  const bool mail = subscriber && !member.email.empty();
  if (mail) out.segment("PER*IP**EM*" + member.email);
  if (subscriber) {
    out.segment("N3*" + person.street + "*APT 2");
    out.segment(fmt::format("N4*{}*{}*{}", person.city, person.state, person.zip));
  }
  out.segment(fmt::format("DMG*D8*{}*{}", member.birth("CCYYMMDD"), member.sex()));
  out.segment("HD*030**HLT*GOLD PPO*FAM");
  out.segment("DTP*348*D8*20230101");
  std::vector<std::string_view> elements = {"name", "date_of_birth", "member_id", "demographics",
                                            "eligibility"};
  if (subscriber) elements.push_back("address");
  if (numbered && member.ssn_counts) elements.push_back("ssn");
  if (mail) elements.push_back("email");
  out.file().holds(member.key(), "member", start, elements);
}

}  // namespace

void write_state_834(const CorpusOptions& options, CorpusFile& file) {
  X12Writer out(file, {.terminator = "~", .after = "\n"});
  out.begin("BE", "005010X220A1", "MODSS", 1);
  out.begin_set("834", "005010X220A1");
  out.segment("BGN*00*1*20230526*0200****4");
  out.segment("N1*P5*STATE OF MISSOURI*FI*446000987");
  out.segment("N1*IN*MO HEALTHNET*FI*446000988");
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Member member = member_at(i, options.seed);
    if (member.person.in_834) state_member(member, out);
  }
  out.end_set();
  out.end();
}

// Two interchanges with other delimiters in one file, one transaction set for many families each.
void write_plan_834(const CorpusOptions& options, CorpusFile& file) {
  X12Writer out(file, {.element = '|', .component = '>', .terminator = "\r\n"});
  const std::uint64_t half = options.people / 2 / kFamilySize * kFamilySize;
  for (unsigned part = 0; part < 2; ++part) {
    const std::string_view guide = part == 0 ? "004010X095A1" : "005010X220A1";
    if (part == 1)
      out.restyle({.element = '*', .component = '>', .terminator = "!", .after = "\n   "});
    out.begin("BE", guide, "GATEWAY", part + 1);
    out.begin_set("834", guide);
    out.segment("BGN*00*77*20230526*0200****4");
    out.segment("N1*P5*SHOWME STEEL INC*FI*431234567");
    out.segment("N1*IN*GATEWAY HEALTH PLAN*FI*431999888");
    for (std::uint64_t i = part == 0 ? 0 : half; i < (part == 0 ? half : options.people); ++i) {
      const Member member = member_at(i, options.seed);
      if (in_plan(member)) plan_member(member, out);
    }
    out.end_set();
    out.end();
  }
}

}  // namespace bulkhead::generate
