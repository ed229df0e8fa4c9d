// Pharmacy claims: a batch for a state's Medicaid, and single transmissions for a plan.
#include <fmt/format.h>

#include <set>

#include "generate/corpus.h"

namespace bulkhead::generate {
namespace {

constexpr std::string_view kSegment = "\x1E\x1C", kField = "\x1C", kGroup = "\x1D";

std::string telecom_header(std::string_view bin, std::string_view code,
                           std::string_view processor) {
  return fmt::format("{}D0{}{:<10}101{:<15}20230526{:<10}", bin, code, processor, "1427051234",
                     "SW1");
}

std::string field(std::string_view id, std::string_view value) {
  return value.empty() ? std::string() : std::string(kField) + std::string(id) + std::string(value);
}

std::string last_of(const Member& member) {
  const Person& person = member.person;
  return member.claim_last(0) +
         (person.suffix.empty() || member.quirk == Quirk::kSuffixInName ? "" : " " + person.suffix);
}

std::string patient_segment(const Member& member, bool with_number) {
  const Person& person = member.person;
  std::string text = std::string(kSegment) + "AM01";
  if (with_number) text += field("CX", "06") + field("CY", member.numbers[0]);
  text += field("C4", member.birth("CCYYMMDD")) + field("C5", person.female ? "2" : "1");
  text += field("CA", person.first) + field("CB", last_of(member));
  text += field("CM", person.street) + field("CN", person.city) + field("CO", person.state) +
          field("CP", person.zip);
  return text + field("CQ", person.phone);
}

std::string claim_group(const Member& member, unsigned n, const Doctor& doctor) {
  const std::uint64_t number = member.person.index * 10 + n + 1;
  std::string text = std::string(kGroup) + std::string(kSegment) + "AM07" + field("EM", "1") +
                     field("D2", fmt::format("{:012}", number)) + field("E1", "03") +
                     field("D7", "00093505601") + field("E7", "30000") + field("D3", "00") +
                     field("D5", "030");
  text += std::string(kSegment) + "AM11" + field("D9", "123{") + field("DU", "150A");
  text += std::string(kSegment) + "AM03" + field("EZ", "01") + field("DB", doctor.npi) +
          field("DR", doctor.last) + field("2J", doctor.first);
  if (n == 0)
    text +=
        std::string(kSegment) + "AM13" + field("VE", "1") + field("WE", "02") + field("DO", "E119");
  return text;
}

void hold(const Member& member, std::uint64_t start, const Doctor& doctor,
          std::set<std::string>& doctors, CorpusFile& file) {
  std::vector<std::string_view> elements = {
      "name",         "date_of_birth", "member_id",         "address",   "demographics",
      "prescription", "claim",         "treating_provider", "diagnosis", "eligibility"};
  if (!member.person.phone.empty()) elements.push_back("phone");
  file.holds(member.key(), "member", start, elements);
  if (doctors.insert(doctor.npi).second) file.holds("d" + doctor.npi, "provider", start, {"name"});
}

}  // namespace

// Batch 1.2: STX and ETX around each record, a line each; a claim and sometimes its reversal, which
// tells only number and prescription.
void write_medicaid_ncpdp(const CorpusOptions& options, CorpusFile& file) {
  std::set<std::string> doctors;
  file.put(
      "\x02"
      "00T" +
      fmt::format("{:<24}{:07}2023052602001211{:<24}", "PHARMACY", 1, "MODSS") + "\x03\r\n");
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Member member = member_at(i, options.seed);
    if (!member.person.in_837) continue;
    const Doctor doctor = doctor_at(i * 3);
    const std::uint64_t start = file.position();
    const std::string insurance =
        std::string(kSegment) + "AM04" + field("C2", member.numbers[0]) + field("C1", "MCD");
    file.put(fmt::format("\x02"
                         "G1{:010}",
                         i) +
             telecom_header("610442", "B1", "MOMEDICAID") + patient_segment(member, true) +
             insurance + claim_group(member, 0, doctor) +
             (i % 3 == 0 ? claim_group(member, 1, doctor) : "") + "\x03\r\n");
    if (i % 5 == 0)
      file.put(fmt::format("\x02"
                           "G1{:010}",
                           i) +
               telecom_header("610442", "B2", "MOMEDICAID") + insurance + std::string(kGroup) +
               std::string(kSegment) + "AM07" + field("EM", "1") +
               field("D2", fmt::format("{}", i * 10 + 1)) + "\x03\r\n");
    hold(member, start, doctor, doctors, file);
  }
  file.put(
      "\x02"
      "99" +
      fmt::format("{:07}{:010}", 1, options.people) + "\x03\r\n");
}

// A switch's log: one transmission a line, zeros with a stroke, the family's number and a person
// code.
void write_plan_ncpdp(const CorpusOptions& options, CorpusFile& file) {
  std::set<std::string> doctors;
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Member member = member_at(i, options.seed);
    if (!in_plan(member)) continue;
    const Doctor doctor = doctor_at(i * 3 + 1);
    const Person& person = member.person;
    std::string text = telecom_header("004336", "B1", "ADV") + patient_segment(member, false) +
                       std::string(kSegment) + "AM04" + field("C2", member.subscriber_number) +
                       field("C1", "GRP4711") +
                       field("C3", fmt::format("{:02}", person.place + 1)) +
                       field("C6", person.place == 0   ? "1"
                                   : person.place == 1 ? "2"
                                                       : "3") +
                       claim_group(member, 0, doctor);
    if (i % 2 == 0) {
      std::string stroked;
      for (const char c : text)
        stroked += c == '0' ? "\xC3\x98" : std::string(1, c);
      text = stroked;
    }
    const std::uint64_t start = file.position();
    file.put(text + "\n");
    hold(member, start, doctor, doctors, file);
  }
}

}  // namespace bulkhead::generate
