// Delimited text in the dialects that programs write, and files in which nobody is to be found.
#include <fmt/format.h>

#include <set>

#include "generate/corpus.h"

namespace bulkhead::generate {
namespace {

std::string dashed(const std::string& ssn) {
  return fmt::format("{}-{}-{}", ssn.substr(0, 3), ssn.substr(3, 2), ssn.substr(5));
}

template <typename Fields>
void each(const CorpusOptions& options, Fields&& write) {
  for (std::uint64_t i = 0; i < options.people; ++i)
    write(member_at(i, options.seed));
}

}  // namespace

// A spreadsheet's CSV: byte order mark, CR LF, quotes where needed.
void write_clients_csv(const CorpusOptions& options, CorpusFile& file) {
  file.put(
      "\xEF\xBB\xBF"
      "DCN,Last Name,First Name,MI,Suffix,Date of Birth,SSN,Street Address,City,State,Zip,Home "
      "Phone,Program,"
      "Eligibility Start Date,Comments\r\n");
  each(options, [&](const Member& member) {
    const Person& person = member.person;
    if (!person.in_csv) return;
    const bool ssn = person.index % 3 != 0;
    const std::uint64_t start = file.position();
    file.put(
        fmt::format("{},{},{},{},{},{},{},\"{}, {}\",{},{},{},{},MC,01/01/2023,\"said \"\"call "
                    "back\"\"{}\"\r\n",
                    member.numbers[0], person.last, person.first, person.middle, person.suffix,
                    member.birth("MM/DD/CCYY"), ssn ? dashed(member.ssn) : "", person.street,
                    "APT 1", person.city, person.state, person.zip, person.phone,
                    person.index % 11 == 0 ? "\nand wrote, too" : ""));
    std::vector<std::string_view> elements = {"name", "date_of_birth", "member_id", "address",
                                              "eligibility"};
    if (ssn && member.ssn_counts) elements.push_back("ssn");
    if (!person.phone.empty()) elements.push_back("phone");
    file.holds(member.key(), "member", start, elements);
  });
}

// A mainframe's unload: pipes, abbreviated headers, dates without separators, blanks as padding.
void write_eligibility_psv(const CorpusOptions& options, CorpusFile& file) {
  file.put(
      "CLNT_DCN|CASE_NBR|CLNT_LAST_NAME|CLNT_FIRST_NAME|CLNT_MID_INIT|CLNT_DOB|CLNT_SSN|SEX_CD|"
      "RACE_CD|ME_CD|"
      "ELIG_BEG_DT|ELIG_END_DT|ADDR_LINE_1|CITY|ST_CD|ZIP_CD\n");
  each(options, [&](const Member& member) {
    const Person& person = member.person;
    if (!person.in_csv && !person.in_834) return;
    const std::uint64_t start = file.position();
    file.put(fmt::format(
        "{}|{}|{:<20}|{:<12}|{:<1}|{}|{}|{}|{}|05|20230101|99991231|{:<24}|{:<12}|{}|{}0000\n",
        member.number(2), person.case_number, member.claim_last(1), person.first, person.middle,
        member.birth("CCYYMMDD"), member.ssn, member.sex(), 1 + person.index % 5, person.street,
        person.city, person.state, person.zip));
    std::vector<std::string_view> elements = {"name",    "date_of_birth", "member_id",
                                              "address", "demographics",  "eligibility"};
    if (member.ssn_counts) elements.push_back("ssn");
    file.holds(member.key(), "member", start, elements);
  });
}

// A report of claims: tabs, whole names in one column, a title above.
void write_claims_tsv(const CorpusOptions& options, CorpusFile& file) {
  file.put(
      "Paid claims, first quarter\n\n"
      "Claim Number\tPatient Name\tPatient DOB\tRecipient ID\tFrom DOS\tTo "
      "DOS\tDx1\tDx2\tCPT\tBilled Amount\t"
      "Rendering Provider Name\tRendering NPI\n");
  std::set<std::string> doctors;
  each(options, [&](const Member& member) {
    const Person& person = member.person;
    if (!person.in_837) return;
    const std::string last = person.former_last.empty() ? member.claim_last(0) : person.former_last;
    const std::uint64_t start = file.position();
    for (unsigned n = 0; n < options.claims_per_person; ++n) {
      const std::uint64_t which = person.index * 7 + n * 3;
      file.put(fmt::format(
          "T{}\t{}, {}{}{}\t{}\t{}\t01/{:02}/2023\t01/{:02}/2023\tE11.9\tI10\t99213\t{}.50\t",
          which, last, member.claim_first(), person.middle.empty() ? "" : " ", person.middle,
          member.claim_birth("MM/DD/CCYY"), member.number(1), 1 + which % 28, 1 + which % 28,
          50 + which % 100));
      const Doctor doctor = doctor_at(which);
      const std::uint64_t doctor_at_byte = file.position();
      file.put(fmt::format("{}, {}\t{}\n", doctor.last, doctor.first, doctor.npi));
      if (doctors.insert(doctor.npi).second)
        file.holds("d" + doctor.npi, "provider", doctor_at_byte, {"name"});
    }
    if (options.claims_per_person == 0) return;
    file.holds(member.key(), "member", start,
               {"name", "date_of_birth", "member_id", "claim", "diagnosis", "procedure",
                "treating_provider"});
  });
}

// People without a client number: by name and birth date only.
void write_roster_csv(const CorpusOptions& options, CorpusFile& file) {
  file.put("Last Name;First Name;Birth Date;Social Security Number;Cell Phone;E-mail;Gender\n");
  each(options, [&](const Member& member) {
    const Person& person = member.person;
    // Who has another name or date in claims is known here only where a third file holds both.
    const bool plain = member.quirk == Quirk::kNone || member.quirk == Quirk::kHyphenated;
    const bool linked = (plain && person.former_last.empty()) || person.in_834 || person.in_csv;
    const bool told_apart = member.quirk != Quirk::kNoBirthDate && person.suffix.empty();
    if (!linked || !told_apart || person.index % 4 == 0) return;
    const std::uint64_t start = file.position();
    file.put(fmt::format("{};{};{};{};{};{};{}\n", person.last, person.first,
                         member.birth("CCYY-MM-DD"), dashed(member.ssn), person.phone, member.email,
                         person.female ? "Female" : "Male"));
    std::vector<std::string_view> elements = {"name", "date_of_birth", "demographics"};
    if (member.ssn_counts) elements.push_back("ssn");
    if (!person.phone.empty()) elements.push_back("phone");
    if (!member.email.empty()) elements.push_back("email");
    file.holds(member.key(), "member", start, elements);
  });
}

void write_directory_csv(const CorpusOptions&, CorpusFile& file) {
  file.put("NPI,Organization Name,Taxonomy Code,Practice Address,City,State,Zip,Office Phone\n");
  for (std::uint64_t i = 0; i < 50; ++i)
    file.put(fmt::format("{},RIVER CLINIC {},207Q00000X,{} MAIN ST,ROLLA,MO,65401,573555{:04}\n",
                         doctor_at(i).npi, i, i + 1, i));
}

void write_codes_csv(const CorpusOptions&, CorpusFile& file) {
  file.put("Code,Description,Effective Date,End Date\n");
  for (unsigned i = 0; i < 400; ++i)
    file.put(
        fmt::format("{:05},\"Office visit, level {}\",2020-01-01,2099-12-31\n", 99000 + i, i % 5));
}

void write_log(const CorpusOptions&, CorpusFile& file) {
  for (unsigned i = 0; i < 500; ++i)
    file.put(fmt::format(
        "2023-05-27T03:{:02}:{:02}Z INFO transfer id={} bytes={} status=226 host=203.0.113.{}\n",
        i / 60, i % 60, 900'000'000 + i * 7919, 1000 + i * 31, i % 250));
}

}  // namespace bulkhead::generate
