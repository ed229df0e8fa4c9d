// Claims: professional with a number a patient, institutional with dependents under their parent's
// number, dental in the older version with other insurance.
#include <fmt/format.h>

#include <set>

#include "generate/corpus.h"

namespace bulkhead::generate {
namespace {

constexpr std::string_view kDiagnoses[] = {"J069",  "E119",  "I10", "M545", "F329",
                                           "F1120", "Z3400", "B20", "K219", "N390"};
constexpr std::string_view kProcedures[] = {"99213", "99214", "80053", "36415",
                                            "90834", "71046", "85025", "93000"};
constexpr std::uint64_t kClaimsInASet = 4900;  // the guides recommend 5000 at most

// Who stands there without a number that the other files have is told by name and birth date alone.
void written_rightly(Member& member) {
  if (member.quirk != Quirk::kHyphenated) member.quirk = Quirk::kNone;
}

class ClaimWriter {
 public:
  ClaimWriter(const CorpusOptions& options, CorpusFile& file, X12Writer::Style style,
              std::string_view guide)
      : options_(options), out_(file, style), guide_(guide) {
    out_.begin("HC", guide, "SUBMITTER", 2);
  }
  void finish() {
    end_set();
    out_.end();
  }

 protected:
  void open_set() {
    if (open_) return;
    open_ = true;
    levels_ = claims_ = 0;
    out_.begin_set("837", guide_);
    out_.segment("BHT*0019*00*244579*20230526*1023*CH");
    out_.segment("NM1*41*2*CLEARING HOUSE*****46*TGJ23");
    out_.segment("PER*IC*JERRY DESK*TE*5735550100");
    out_.segment("NM1*40*2*PAYER*****46*66783JJT");
    out_.segment(fmt::format("HL*{}**20*1", ++levels_));
    out_.segment("NM1*85*2*RIVER CLINIC*****XX*1234567893");
    out_.segment("N3*234 SEAWAY ST");
    out_.segment("N4*ROLLA*MO*65401");
    out_.segment("REF*EI*587654321");
  }
  void end_set() {
    if (open_) out_.end_set();
    open_ = false;
  }
  void may_end_set() {
    if (claims_ >= kClaimsInASet) end_set();
  }

  void name(const Member& member, std::string_view entity, std::string_view id, unsigned variant) {
    // Clinics know people by the name that they once gave.
    const Person& person = member.person;
    const std::string last =
        person.former_last.empty() ? member.claim_last(variant) : person.former_last;
    const std::string suffix = member.quirk == Quirk::kSuffixInName ? "" : person.suffix;
    out_.segment(fmt::format("NM1*{}*1*{}*{}*{}**{}{}", entity, last, member.claim_first(),
                             person.middle, suffix, id));
  }
  void address(const Person& person) {
    out_.segment("N3*" + person.street);
    out_.segment(fmt::format("N4*{}*{}*{}", person.city, person.state, person.zip));
  }
  void demographics(const Member& member) {
    out_.segment(fmt::format("DMG*D8*{}*{}", member.claim_birth("CCYYMMDD"), member.sex()));
  }
  void doctor(std::string_view entity, std::uint64_t which) {
    const Doctor found = doctor_at(which);
    const std::uint64_t start = out_.position();
    out_.segment(
        fmt::format("NM1*{}*1*{}*{}****XX*{}", entity, found.last, found.first, found.npi));
    // Each is told of once: their later places add nothing.
    if (doctors_.insert(found.npi).second)
      out_.file().holds("d" + found.npi, "provider", start, {"name"});
  }

  const CorpusOptions& options_;
  X12Writer out_;
  std::string guide_;
  bool open_ = false;
  std::uint64_t levels_ = 0, claims_ = 0;
  std::set<std::string> doctors_;
};

class Professional : ClaimWriter {
 public:
  Professional(const CorpusOptions& options, CorpusFile& file)
      : ClaimWriter(options, file, {.terminator = "~"}, "005010X222A1") {}
  using ClaimWriter::finish;

  void patient(const Member& member) {
    open_set();
    const std::uint64_t start = out_.position();
    out_.segment(fmt::format("HL*{}*1*22*0", ++levels_));
    out_.segment("SBR*P*18*******MC");
    name(member, "IL", "*MI*" + member.number(1), 0);
    address(member.person);
    demographics(member);
    out_.segment("NM1*PR*2*MO HEALTHNET*****PI*446000988");
    for (unsigned n = 0; n < options_.claims_per_person; ++n)
      claim(member.person, n);
    std::vector<std::string_view> elements = {"name", "date_of_birth", "member_id", "address",
                                              "demographics"};
    if (options_.claims_per_person > 0)
      elements.insert(elements.end(),
                      {"claim", "account_number", "diagnosis", "procedure", "treating_provider"});
    out_.file().holds(member.key(), "member", start, elements);
    may_end_set();
  }

 private:
  void claim(const Person& person, unsigned n) {
    const std::uint64_t which = person.index * 7 + n * 3;
    ++claims_;
    out_.segment(
        fmt::format("CLM*{}A{}*{}.00***11:B:1*Y*A*Y*Y", person.index + 1, n, 50 + which % 400));
    out_.segment(
        fmt::format("HI*ABK:{}*ABF:{}", kDiagnoses[which % 10], kDiagnoses[(which + 3) % 10]));
    doctor("82", which);
    out_.segment("PRV*PE*PXC*207Q00000X");
    for (unsigned line = 1; line <= 1 + which % 3; ++line) {
      out_.segment(fmt::format("LX*{}", line));
      out_.segment(fmt::format("SV1*HC:{}:25*{}.00*UN*1***1", kProcedures[(which + line) % 8],
                               50 + which % 400));
      out_.segment(fmt::format("DTP*472*D8*2023{:02}{:02}", 1 + which % 5, 1 + which % 28));
      out_.segment(fmt::format("REF*6R*{}L{}", which, line));
    }
  }
};

// Hospital claims: the subscriber gives the number, the patient is a child of theirs.
class Institutional : ClaimWriter {
 public:
  Institutional(const CorpusOptions& options, CorpusFile& file)
      : ClaimWriter(options, file, {.component = '>', .terminator = "\n"}, "005010X223A2") {}
  using ClaimWriter::finish;

  void family(std::uint64_t first) {
    const Member parent = member_at(first, options_.seed);
    Member child = member_at(first + 2, options_.seed);
    written_rightly(child);
    if (!in_plan(parent)) return;
    open_set();
    std::uint64_t start = out_.position();
    const std::uint64_t level = ++levels_;
    out_.segment(fmt::format("HL*{}*1*22*1", level));
    out_.segment("SBR*P********CI");
    name(parent, "IL", "*MI*" + parent.subscriber_number, 0);
    address(parent.person);
    demographics(parent);
    out_.segment("NM1*PR*2*GATEWAY HEALTH PLAN*****PI*431999888");
    out_.file().holds(parent.key(), "member", start,
                      {"name", "date_of_birth", "member_id", "address", "demographics"});
    start = out_.position();
    out_.segment(fmt::format("HL*{}*{}*23*0", ++levels_, level));
    out_.segment("PAT*19");
    name(child, "QC", "", 0);
    address(child.person);
    demographics(child);
    const std::uint64_t which = child.person.index;
    ++claims_;
    out_.segment(fmt::format("CLM*H{}*{}***11:A:1**A*Y*Y", which, 900 + which % 5000));
    out_.segment("DTP*434*RD8*20230201-20230204");
    out_.segment("CL1*1*7*01");
    out_.segment(fmt::format("REF*EA*MR{}", which));
    out_.segment(fmt::format("HI*ABK:{}::::::Y", kDiagnoses[which % 10]));
    out_.segment("HI*BBR:0DTJ4ZZ:D8:20230202");
    doctor("71", which);
    out_.segment("LX*1");
    out_.segment(fmt::format("SV2*0120**{}.00*DA*3", 900 + which % 5000));
    out_.file().holds(
        child.key(), "member", start,
        {"name", "date_of_birth", "address", "demographics", "claim", "account_number",
         "medical_record_number", "diagnosis", "procedure", "treating_provider"});
    may_end_set();
  }
};

// Dental claims, 004010X097A1: the other parent's insurance stands in 2320, with its DMG before the
// name.
class Dental : ClaimWriter {
 public:
  Dental(const CorpusOptions& options, CorpusFile& file)
      : ClaimWriter(options, file, {.element = '^', .component = '|', .terminator = "\x1D"},
                    "004010X097A1") {}
  using ClaimWriter::finish;

  void family(std::uint64_t first) {
    const Member parent = member_at(first, options_.seed);
    Member other = member_at(first + 1, options_.seed);
    written_rightly(other);
    if (!in_plan(parent) || parent.person.family % 2 == 0) return;
    open_set();
    const std::uint64_t start = out_.position();
    out_.segment(fmt::format("HL*{}*1*22*0", ++levels_));
    out_.segment("SBR*P*18*GRP4711******CI");
    name(parent, "IL", "*MI*" + parent.subscriber_number, 2);
    address(parent.person);
    demographics(parent);
    if (parent.ssn_counts) out_.segment("REF*SY*" + parent.ssn);
    out_.segment("NM1*PR*2*GATEWAY HEALTH PLAN*****PI*431999888");
    ++claims_;
    out_.segment(fmt::format("CLM*D{}*150***11::1*Y*A*Y*Y", parent.person.index));
    out_.segment("DTP*472*D8*20230310");
    doctor("82", parent.person.index);
    other_insured(other);
    out_.segment("LX*1");
    out_.segment("SV3*AD:D2150*150****1");
    std::vector<std::string_view> elements = {
        "name",  "date_of_birth",  "member_id", "address",          "demographics",
        "claim", "account_number", "procedure", "treating_provider"};
    if (parent.ssn_counts) elements.push_back("ssn");
    out_.file().holds(parent.key(), "member", start, elements);
    may_end_set();
  }

 private:
  void other_insured(const Member& other) {
    const std::uint64_t start = out_.position();
    out_.segment("SBR*S*01*******CI");
    demographics(other);
    out_.segment("OI***Y***Y");
    name(other, "IL", "*MI*" + other.other_insurer_number, 2);
    out_.file().holds(other.key(), "member", start,
                      {"name", "date_of_birth", "member_id", "demographics"});
    out_.segment("NM1*PR*2*SHOWME MUTUAL*****PI*55511");
  }
};

}  // namespace

void write_medicaid_837p(const CorpusOptions& options, CorpusFile& file) {
  Professional claims(options, file);
  for (std::uint64_t i = 0; i < options.people; ++i) {
    Member member = member_at(i, options.seed);
    // The plan's claims give spouses and children no number that these have: where no other file is
    // there to say that both names are one person's, nobody could.
    const bool unlinked = options.only == "837" && in_plan(member) && member.person.place > 0;
    if (unlinked) written_rightly(member);
    if (member.person.in_837) claims.patient(member);
  }
  claims.finish();
}

void write_plan_837i(const CorpusOptions& options, CorpusFile& file) {
  Institutional claims(options, file);
  for (std::uint64_t i = 0; i < options.people; i += kFamilySize)
    claims.family(i);
  claims.finish();
}

void write_plan_837d(const CorpusOptions& options, CorpusFile& file) {
  Dental claims(options, file);
  for (std::uint64_t i = 0; i < options.people; i += kFamilySize)
    claims.family(i);
  claims.finish();
}

}  // namespace bulkhead::generate
