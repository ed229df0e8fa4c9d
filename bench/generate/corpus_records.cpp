// Records without delimiters: text in columns and mainframe data, each beside its copybook.
#include <fmt/format.h>

#include "generate/corpus.h"
#include "generate/mainframe.h"

namespace bulkhead::generate {
namespace {

constexpr std::string_view kClientsCopybook = R"(      * CLIENT EXTRACT, 180 BYTES A RECORD
       01  CLIENT-EXTRACT-RECORD.
           05  CLT-DCN                      PIC X(08).
           05  CLT-CASE-NBR                 PIC X(10).
           05  CLT-LAST-NAME                PIC X(25).
           05  CLT-FIRST-NAME               PIC X(15).
           05  CLT-MID-INIT                 PIC X(01).
           05  CLT-BIRTH-DATE.
               10  CLT-BIRTH-CCYY           PIC 9(04).
               10  CLT-BIRTH-MM             PIC 9(02).
               10  CLT-BIRTH-DD             PIC 9(02).
           05  CLT-SSN                      PIC 9(09).
           05  CLT-SEX-CD                   PIC X(01).
           05  CLT-STREET-ADDR              PIC X(30).
           05  CLT-CITY                     PIC X(20).
           05  CLT-STATE-CD                 PIC X(02).
           05  CLT-ZIP-CODE                 PIC X(09).
           05  CLT-ME-CODE                  PIC X(02).
           05  CLT-ELIG-BEG-DT              PIC 9(08).
           05  FILLER                       PIC X(32).
)";

constexpr std::string_view kHistoryCopybook =
    R"(000100 01  MH-RECORD.                                                   MH010101
000200     05  MH-REC-TYPE                PIC X(01).                    MH010101
000300         88  MH-IS-MEMBER           VALUE 'M'.                    MH010101
000400         88  MH-IS-CLAIM            VALUE 'C'.                    MH010101
000500     05  MH-RECIPIENT-ID            PIC 9(08)     COMP-3.         MH010101
000600     05  MH-DATA                    PIC X(120).                   MH010101
000700     05  MH-MEMBER REDEFINES MH-DATA.                             MH010101
000800         10  MH-LAST-NAME           PIC X(25).                    MH010101
000900         10  MH-FIRST-NAME          PIC X(15).                    MH010101
001000         10  MH-DOB                 PIC S9(08)    COMP-3.         MH010101
001100         10  MH-SSN                 PIC 9(09)     COMP.           MH010101
001200         10  MH-SEX                 PIC X.                        MH010101
001300         10  MH-PHONE               PIC 9(10).                    MH010101
001400         10  FILLER                 PIC X(60).                    MH010101
001500     05  MH-CLAIM REDEFINES MH-DATA.                              MH010101
001600         10  MH-CLAIM-NBR           PIC X(13).                    MH010101
001700         10  MH-PAID-AMOUNT         PIC S9(07)V99 COMP-3.         MH010101
001800         10  MH-SERVICE-DATE        PIC 9(08)     COMP-3.         MH010101
001900         10  MH-DIAG-COUNT          PIC 9(02).                    MH010101
002000         10  MH-DIAGNOSIS OCCURS 1 TO 8 TIMES                     MH010101
002100                          DEPENDING ON MH-DIAG-COUNT.             MH010101
002200             15  MH-DIAG-CODE       PIC X(07).                    MH010101
)";

std::string ssn_or_blank(const Member& member) {
  return member.ssn_counts ? member.ssn : std::string("000000000");
}

}  // namespace

void write_clients_copybook(const CorpusOptions&, CorpusFile& file) {
  file.put(kClientsCopybook);
}

// Lines of 180 columns between a header and a trailer record.
void write_clients_fixed(const CorpusOptions& options, CorpusFile& file) {
  file.put(fmt::format("{:<180}\r\n", "HDR CLIENT EXTRACT 20230526"));
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Member member = member_at(i, options.seed);
    const Person& person = member.person;
    if (!person.in_csv && !person.in_834) continue;
    ++count;
    const std::uint64_t start = file.position();
    file.put(fmt::format("{:<8}{:<10}{:<25}{:<15}{:<1}{}{}{}{:<30}{:<20}{:<2}{:<9}{}{}{:32}\r\n",
                         member.number(1), person.case_number, member.claim_last(2), person.first,
                         person.middle, member.birth("CCYYMMDD"), ssn_or_blank(member),
                         member.sex(), person.street, person.city, person.state,
                         person.zip + "0000", "05", "20230101", ""));
    std::vector<std::string_view> elements = {"name",    "date_of_birth", "member_id",
                                              "address", "demographics",  "eligibility"};
    if (member.ssn_counts) elements.push_back("ssn");
    file.holds(member.key(), "member", start, elements);
  }
  file.put(fmt::format("{:<180}\r\n", fmt::format("TRL {:09}", count)));
}

void write_history_copybook(const CorpusOptions&, CorpusFile& file) {
  file.put(kHistoryCopybook);
}

// RECFM VB in EBCDIC: a member record each, and their claims behind it, of different lengths.
void write_history_ebcdic(const CorpusOptions& options, CorpusFile& file) {
  VariableBlocks blocks(file);
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Member member = member_at(i, options.seed);
    const Person& person = member.person;
    if (!person.in_834) continue;
    const std::string id = packed(member.numbers[0], 8);
    const std::string record =
        ebcdic("M") + id + ebcdic(fmt::format("{:<25}{:<15}", member.claim_last(0), person.first)) +
        packed(member.birth("CCYYMMDD"), 8) +
        binary(member.ssn_counts ? std::stoull(member.ssn) : 0, 4) +
        ebcdic(fmt::format("{}{:0>10}{:60}", member.sex(), person.phone, ""));
    std::vector<std::string_view> elements = {"name", "date_of_birth", "member_id", "demographics"};
    if (member.ssn_counts) elements.push_back("ssn");
    if (!person.phone.empty()) elements.push_back("phone");
    const unsigned claims = person.in_837 ? options.claims_per_person : 0;
    if (claims > 0) elements.insert(elements.end(), {"claim", "diagnosis"});
    const std::uint64_t start = blocks.put(record);
    std::uint64_t end = start + record.size();
    for (unsigned n = 0; n < claims; ++n) {
      std::string claim = ebcdic("C") + id + ebcdic(fmt::format("{:013}", i * 10 + n)) +
                          packed(fmt::format("{:09}", 1250 + n * 100 + i % 997), 9) +
                          packed(fmt::format("202301{:02}", 1 + (i + n) % 28), 8);
      const std::uint64_t codes = 1 + (i + n) % 3;
      claim += ebcdic(fmt::format("{:02}", codes));
      for (std::uint64_t c = 0; c < codes; ++c)
        claim += ebcdic(fmt::format("{:<7}", c == 0 ? "E119" : c == 1 ? "I10" : "J45909"));
      end = blocks.put(claim) + claim.size();
    }
    file.holds(member.key(), "member", Truth::Span{start, end}, elements);
  }
  blocks.finish();
}

}  // namespace bulkhead::generate
