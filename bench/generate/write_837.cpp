#include <fmt/format.h>

#include "generate/generate.h"

namespace bulkhead::generate {
namespace {

constexpr std::string_view kDiagnoses[] = {"J069",  "E119",  "I10", "M545", "F329",
                                           "F1120", "Z3400", "B20", "K219", "N390"};
constexpr std::string_view kProcedures[] = {"99213", "99214", "80053", "36415",
                                            "90834", "71046", "85025", "93000"};

class Claims {
 public:
  Claims(const Options& options, const Writer& out) : options_(options), out_(out) {}

  void write() {
    out_(
        "ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*MOHEALTHNET    "
        "*230526*0300*^*00501*000000002*0*T*:~"
        "GS*HC*SUBMITTER*MOHEALTHNET*20230526*0300*2*X*005010X222A1~");
    // A transaction set holds at most 5000 claims (the guide's recommendation).
    for (std::uint64_t i = 0; i < options_.people; i += kFamilySize) {
      if (segments_ == 0) begin_set();
      for (std::uint64_t j = i; j < i + kFamilySize; ++j)
        family_member(person_at(j, options_.seed));
      if (claims_ >= 4900) end_set();
    }
    if (segments_ != 0) end_set();
    out_(fmt::format("GE*{}*2~IEA*1*000000002~", sets_));
  }

 private:
  void segment(const std::string& text) {
    out_(text);
    out_("~");
    ++segments_;
  }

  void begin_set() {
    levels_ = 1;
    claims_ = 0;
    segment(fmt::format("ST*837*{:04}*005010X222A1", ++sets_));
    segment("BHT*0019*00*0001*20230526*0300*CH");
    segment("NM1*41*2*OZARK BILLING*****46*123450001");
    segment("PER*IC*BILLING DESK*TE*5735550100");
    segment("NM1*40*2*MO HEALTHNET*****46*446000988");
    segment("HL*1**20*1");
    segment("NM1*85*2*OZARK FAMILY CLINIC*****XX*1234567893");
    segment("N3*1 CLINIC WAY");
    segment("N4*ROLLA*MO*654010000");
    segment("REF*EI*431234567");
  }

  void end_set() {
    segment(fmt::format("SE*{}*{:04}", segments_ + 1, sets_));
    segments_ = 0;
  }

  void family_member(const Person& person) {
    if (is_subscriber_of_claims(person, options_))
      parent(person);
    else if (person.in_837 && !person.claims_under_parent)
      subscriber(person);
  }

  void names(const Person& person, std::string_view entity, bool with_number) {
    // Clinics know people by the name that they once gave.
    const std::string& last = person.former_last.empty() ? person.last : person.former_last;
    segment(fmt::format("NM1*{}*1*{}*{}*{}**{}{}", entity, last, person.first, person.middle,
                        person.suffix, with_number ? "*MI*" + person.dcn : std::string()));
    segment("N3*" + person.street);
    segment(fmt::format("N4*{}*{}*{}", person.city, person.state, person.zip));
    segment(fmt::format("DMG*D8*{}*{}", person.birth("CCYYMMDD"), person.female ? 'F' : 'M'));
  }

  std::uint64_t open_subscriber(const Person& person, bool has_dependents) {
    const std::uint64_t level = ++levels_;
    segment(fmt::format("HL*{}*1*22*{}", level, has_dependents ? 1 : 0));
    segment(fmt::format("SBR*P*{}*******MC", has_dependents ? "" : "18"));
    names(person, "IL", true);
    segment("NM1*PR*2*MO HEALTHNET*****PI*446000988");
    return level;
  }

  void subscriber(const Person& person) {
    open_subscriber(person, false);
    claims(person);
  }

  void parent(const Person& person) {
    const std::uint64_t level = open_subscriber(person, true);
    for (unsigned place = 2; place < kFamilySize; ++place) {
      const Person child = person_at(person.index + place, options_.seed);
      if (!child.in_837 || !child.claims_under_parent) continue;
      segment(fmt::format("HL*{}*{}*23*0", ++levels_, level));
      segment("PAT*19");
      names(child, "QC", false);
      claims(child);
    }
    if (person.in_837) subscriber(person);
  }

  void claims(const Person& person) {
    for (unsigned n = 0; n < options_.claims_per_person; ++n, ++claims_) {
      const std::uint64_t which = person.index * 7 + n * 3;
      const Doctor doctor = doctor_at(which);
      segment(
          fmt::format("CLM*{}A{}*{}.00***11:B:1*Y*A*Y*Y", person.index + 1, n, 50 + which % 400));
      segment(
          fmt::format("HI*ABK:{}*ABF:{}", kDiagnoses[which % 10], kDiagnoses[(which + 3) % 10]));
      segment(fmt::format("NM1*82*1*{}*{}****XX*{}", doctor.last, doctor.first, doctor.npi));
      segment("PRV*PE*PXC*207Q00000X");
      segment("LX*1");
      segment(fmt::format("SV1*HC:{}*{}.00*UN*1***1", kProcedures[which % 8], 50 + which % 400));
      segment(fmt::format("DTP*472*D8*2023{:02}{:02}", 1 + which % 5, 1 + which % 28));
    }
  }

  const Options& options_;
  const Writer& out_;
  std::uint64_t segments_ = 0, sets_ = 0, levels_ = 0, claims_ = 0;
};

}  // namespace

bool is_subscriber_of_claims(const Person& person, const Options& options) {
  if (person.place != 0) return false;
  for (unsigned place = 2; place < kFamilySize; ++place) {
    const Person child = person_at(person.index + place, options.seed);
    if (child.in_837 && child.claims_under_parent) return true;
  }
  return false;
}

void write_837(const Options& options, const Writer& out) {
  Claims(options, out).write();
}

}  // namespace bulkhead::generate
