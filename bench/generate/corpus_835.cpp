// Remittances: no birth dates, no addresses. With a number a patient, and with a number a family.
#include <fmt/format.h>

#include "generate/corpus.h"

namespace bulkhead::generate {
namespace {

constexpr std::string_view kGuide = "005010X221A1";

void begin(X12Writer& out, std::string_view payer, std::string_view payer_id,
           unsigned interchange) {
  out.begin("HP", kGuide, "PAYER", interchange);
  out.begin_set("835", kGuide);
  out.segment(
      "BPR*I*1222*C*ACH*CCP*01*081000032*DA*24681012*1935665544**01*081000210*DA*144444*20230601");
  out.segment("TRN*1*71700666555*1935665544");
  out.segment("DTM*405*20230601");
  out.segment(fmt::format("N1*PR*{}*XV*{}", payer, payer_id));
  out.segment("N3*1 STATE ST");
  out.segment("N4*JEFFERSON CITY*MO*65101");
  out.segment("PER*CX**TE*5735550111");
  out.segment("N1*PE*RIVER CLINIC*XX*1234567893");
  out.segment("LX*1");
}

void end(X12Writer& out) {
  out.segment("PLB*1234567893*20231231*L6:12345*-3.05");
  out.end_set();
  out.end();
}

void payment(X12Writer& out, std::uint64_t which, unsigned n) {
  out.segment(fmt::format("SVC*HC:{}*{}*{}**1", which % 2 == 0 ? "99213" : "90834",
                          80 + which % 300, 40 + which % 200));
  out.segment(fmt::format("DTM*472*202304{:02}", 1 + (which + n) % 28));
  out.segment("CAS*CO*45*40");
  out.segment("AMT*B6*40");
}

void medicaid_claim(const Member& member, unsigned n, X12Writer& out) {
  const Person& person = member.person;
  out.segment(fmt::format("CLP*{}A{}*1*200*120**MC*8877{:09}*11*1", person.index + 1, n,
                          person.index * 3 + n));
  out.segment("CAS*CO*45*80");
  const std::string last = person.former_last.empty() ? member.claim_last(0) : person.former_last;
  out.segment(fmt::format(
      "NM1*QC*1*{}*{}*{}**{}*MR*{}", last, member.claim_first(), person.middle,
      member.quirk == Quirk::kSuffixInName ? "" : person.suffix,
      member.number(person.in_834 ? n + 1 : 1)));  // enrolment says which numbers are one person's
  // The payer knows better.
  if (member.quirk == Quirk::kMisspelt || !person.former_last.empty())
    out.segment(fmt::format("NM1*74*1*{}*{}*{}**{}*C*{}", person.last, person.first, person.middle,
                            person.suffix, member.numbers[0]));
  out.segment("DTM*232*20230401");
  payment(out, person.index, n);
}

// Two of one name under one number and without a birth date: nobody could tell them apart.
bool has_namesakes(std::uint64_t first, std::uint64_t seed) {
  for (unsigned a = 0; a < kFamilySize; ++a) {
    for (unsigned b = 0; b < a; ++b) {
      if (person_at(first + a, seed).first == person_at(first + b, seed).first) return true;
    }
  }
  return false;
}

// One insured number for all; who else is insured stands beside.
void plan_claim(const Member& member, const Member& subscriber, X12Writer& out) {
  const Person& person = member.person;
  const std::uint64_t start = out.position();
  out.segment(fmt::format("CLP*H{}*1*900*700**12*9911{:09}*11*1", person.index, person.index));
  out.segment("CAS*CO*45*200");
  out.segment(fmt::format("NM1*QC*1*{}*{}*{}**{}*MI*{}", person.last, person.first, person.middle,
                          person.suffix, member.subscriber_number));
  if (person.place != 0) {
    const std::uint64_t insured = out.position();
    const Person& parent = subscriber.person;
    out.segment(fmt::format("NM1*IL*1*{}*{}*{}**{}*MI*{}", parent.last, parent.first, parent.middle,
                            parent.suffix, subscriber.subscriber_number));
    out.file().holds(subscriber.key(), "member", insured, {"name", "member_id"});
  }
  out.segment(fmt::format("REF*EA*MR{}", person.index));
  out.segment("DTM*232*20230401");
  payment(out, person.index, 0);
  out.file().holds(
      member.key(), "member", start,
      {"name", "member_id", "claim", "account_number", "medical_record_number", "procedure"});
}

}  // namespace

void write_medicaid_835(const CorpusOptions& options, CorpusFile& file) {
  X12Writer out(file, {.terminator = "~"});
  begin(out, "MO HEALTHNET", "446000988", 3);
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Member member = member_at(i, options.seed);
    if (!member.person.in_837 || options.claims_per_person == 0) continue;
    const std::uint64_t start = out.position();
    for (unsigned n = 0; n < options.claims_per_person; ++n)
      medicaid_claim(member, n, out);
    file.holds(member.key(), "member", start,
               {"name", "member_id", "claim", "account_number", "procedure"});
  }
  end(out);
}

void write_plan_835(const CorpusOptions& options, CorpusFile& file) {
  X12Writer out(file, {.element = '*', .component = ':', .terminator = "~", .after = "\r\n"});
  begin(out, "GATEWAY HEALTH PLAN", "431999888", 4);
  for (std::uint64_t first = 0; first < options.people; first += kFamilySize) {
    const Member subscriber = member_at(first, options.seed);
    if (!in_plan(subscriber) || has_namesakes(first, options.seed)) continue;
    for (const unsigned place : {0U, 2U}) {
      plan_claim(member_at(first + place, options.seed), subscriber, out);
    }
  }
  end(out);
}

}  // namespace bulkhead::generate
