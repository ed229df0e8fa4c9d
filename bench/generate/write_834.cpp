#include <fmt/format.h>

#include "generate/generate.h"

namespace bulkhead::generate {
namespace {

// One INS loop; returns how many segments it has.
unsigned write_member(const Person& person, const Writer& out) {
  unsigned segments = 0;
  const auto segment = [&](const std::string& text) {
    out(text + "~\n");
    ++segments;
  };
  segment(fmt::format("INS*Y*18*030*XN*A*E**AC"));
  segment("REF*0F*" + person.dcn);
  segment("REF*3H*" + person.case_number);
  segment("DTP*356*D8*20230101");
  const bool renamed = !person.former_last.empty();
  segment(fmt::format("NM1*{}*1*{}*{}*{}**{}*34*{}", renamed ? "74" : "IL", person.last,
                      person.first, person.middle, person.suffix, person.ssn));
  if (!person.phone.empty()) segment("PER*IP**HP*" + person.phone);
  segment("N3*" + person.street);
  segment(fmt::format("N4*{}*{}*{}", person.city, person.state, person.zip));
  segment(fmt::format("DMG*D8*{}*{}", person.birth("CCYYMMDD"), person.female ? 'F' : 'M'));
  if (renamed) {
    segment(fmt::format("NM1*70*1*{}*{}*{}", person.former_last, person.first, person.middle));
    segment(fmt::format("DMG*D8*{}*{}", person.birth("CCYYMMDD"), person.female ? 'F' : 'M'));
  }
  if (person.has_guardian) {
    const Person guardian = guardian_of(person);
    segment(fmt::format("NM1*S3*1*{}*{}", guardian.last, guardian.first));
    segment("PER*PQ**HP*" + guardian.phone);
    segment("N3*" + guardian.street);
    segment(fmt::format("N4*{}*{}*{}", guardian.city, guardian.state, guardian.zip));
  }
  segment("HD*030**HMO*MC PLUS*IND");
  segment("DTP*348*D8*20230101");
  return segments;
}

}  // namespace

void write_834(const Options& options, const Writer& out) {
  out("ISA*00*          *00*          *ZZ*MODSS          *ZZ*HEALTHPLAN     "
      "*230526*0200*^*00501*000000001*0*T*:~\n"
      "GS*BE*MODSS*HEALTHPLAN*20230526*0200*1*X*005010X220A1~\n"
      "ST*834*0001*005010X220A1~\n"
      "BGN*00*1*20230526*0200****4~\n"
      "N1*P5*STATE OF MISSOURI*FI*446000987~\n"
      "N1*IN*MO HEALTHNET*FI*446000988~\n");
  std::uint64_t segments = 4;
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Person person = person_at(i, options.seed);
    if (person.in_834) segments += write_member(person, out);
  }
  out(fmt::format("SE*{}*0001~\nGE*1*1~\nIEA*1*000000001~\n", segments + 1));
}

}  // namespace bulkhead::generate
