// HL7 v2 as a hospital's and a laboratory's systems write it.
#include <fmt/format.h>

#include <set>

#include "generate/corpus.h"

namespace bulkhead::generate {
namespace {

// Segments are written with |^~& and translated.
struct Hl7Style {
  char field = '|', component = '^', repetition = '~', escape = '\\', subcomponent = '&';
  std::string_view end = "\r";
};

class Hl7Writer {
 public:
  Hl7Writer(CorpusFile& file, Hl7Style style) : file_(file), style_(style) {}
  void header(std::string_view name, std::string_view rest) {
    line_ = fmt::format("{}{}{}{}{}{}", name, style_.field, style_.component, style_.repetition,
                        style_.escape, style_.subcomponent);
    put(rest);
  }
  void segment(std::string_view text) {
    line_.clear();
    put(text);
  }
  CorpusFile& file() { return file_; }
  std::uint64_t position() const { return file_.position(); }

 private:
  void put(std::string_view text) {
    for (const char c : text)
      line_ += c == '|'   ? style_.field
               : c == '^' ? style_.component
               : c == '~' ? style_.repetition
               : c == '&' ? style_.subcomponent
                          : c;
    line_ += style_.end;
    file_.put(line_);
  }
  CorpusFile& file_;
  Hl7Style style_;
  std::string line_;
};

bool is_patient(const Member& member) {
  return member.person.in_837;
}

std::string record_number(const Member& member) {
  return fmt::format("H{:07}", member.person.index + 1);
}

std::string name_of(const Member& member, std::string_view last) {
  const Person& person = member.person;
  const std::string_view suffix =
      member.quirk == Quirk::kSuffixInName ? "" : std::string_view(person.suffix);
  return fmt::format("{}^{}^{}^{}^^^L", last, member.claim_first(), person.middle, suffix);
}

void doctor(Hl7Writer& out, std::uint64_t which, std::string_view before,
            std::set<std::string>& seen) {
  const Doctor who = doctor_at(which);
  const std::uint64_t start = out.position();
  out.segment(fmt::format("{}{}^{}^{}^^^^MD^^NPI", before, who.npi, who.last, who.first));
  if (seen.insert(who.npi).second) out.file().holds("d" + who.npi, "provider", start, {"name"});
}

// Next of kin who are nobody else in the corpus: in each message of one patient again.
void next_of_kin(Hl7Writer& out, const Member& member) {
  const Doctor name = doctor_at(member.person.index * 13 + 5);
  const std::uint64_t start = out.position();
  out.segment(fmt::format("NK1|1|{}X^{}|MTH|{} ELM ST^^ROLLA^MO^65401|^PRN^PH^^^573^555{:04}",
                          name.last, name.first, 1 + member.person.index,
                          member.person.index % 10'000));
  out.file().holds(fmt::format("k{}", member.person.index), "related", start,
                   {"name", "address", "phone"});
}

void insurance(Hl7Writer& out, const Member& member, const CorpusOptions& options) {
  const Person& person = member.person;
  if (!in_plan(member)) {
    out.segment(
        fmt::format("IN1|1|MCD^MEDICAID|446000988|MO HEALTHNET||||||||20230101||||{}^{}|SEL|{}",
                    person.last, member.claim_first(), member.claim_birth("CCYYMMDD")));
    return;
  }
  if (person.place == 0) {
    out.segment(fmt::format(
        "IN1|1|PPO^GOLD|431999888|GATEWAY HEALTH PLAN|||||||||||||SEL|||||||||||||||||||{}",
        member.subscriber_number));
    return;
  }
  // The head of the family holds it: another person, with the number of all of them.
  const Member head = member_at(person.index - person.place, options.seed);
  out.segment("IN1|1|PPO^GOLD|431999888|GATEWAY HEALTH PLAN||GRP4711");
  const std::string plan = "IN1|2|PPO^GOLD|431999888|GATEWAY HEALTH PLAN||||||||||||";
  // The plan is the patient's cover; from the name on it is the head's.
  const std::uint64_t start = out.position() + plan.size();
  out.segment(plan + fmt::format("{}^{}^{}^{}|{}|{}||||||||||||||||||{}", head.person.last,
                                 head.person.first, head.person.middle, head.person.suffix,
                                 person.place == 1 ? "SPO" : "CHD", head.birth("CCYYMMDD"),
                                 head.subscriber_number));
  out.file().holds(head.key(), "member", start, {"name", "date_of_birth", "member_id"});
}

void admission(Hl7Writer& out, const Member& member, std::string_view event,
               const CorpusOptions& options, std::set<std::string>& doctors) {
  const Person& person = member.person;
  const std::uint64_t start = out.position();
  out.file().put("\x0B");
  out.header("MSH", fmt::format(
                        "|REG|RIVER HOSPITAL|IF|ENGINE|20230526101500||ADT^{0}^ADT_{0}|{1}|P|2.5.1",
                        event, person.index * 3 + event.back()));
  out.segment(fmt::format("EVN|{}|20230526101500", event));
  out.segment(
      fmt::format("PID|1||{}^^^RIVER^MR~{}^^^MO HEALTHNET^MA||{}||{}|{}||W|{}^APT "
                  "1^{}^{}^{}^USA^H||{}||ENG|M||A{}^^^RIVER^AN|{}",
                  record_number(member), member.numbers[0], name_of(member, member.claim_last(2)),
                  member.claim_birth("CCYYMMDD"), member.sex(), person.street, person.city,
                  person.state, person.zip,
                  person.phone.empty()
                      ? ""
                      : "^PRN^PH^^^" + person.phone.substr(0, 3) + "^" + person.phone.substr(3),
                  person.index, person.index % 3 == 0 ? member.ssn : ""));
  if (event == "A40")
    out.segment(fmt::format("MRG|OLD{}^^^RIVER^MR||||||{}^{}", person.index, person.former_last,
                            member.claim_first()));
  if (person.index % 2 == 0 && event != "A40") next_of_kin(out, member);
  if (event != "A40") {
    doctor(out, person.index * 5, "PV1|1|I|ICU^1||||", doctors);
    out.segment(
        fmt::format("DG1|1|I10|{}^DIAGNOSIS^I10|||A", person.index % 9 == 0 ? "F11.20" : "E11.9"));
    insurance(out, member, options);
    out.segment("ZPI|1|123456|LOCAL");
  }
  out.file().put("\x1C\r");
  std::vector<std::string_view> elements = {
      "name",           "date_of_birth", "medical_record_number", "member_id",
      "account_number", "address",       "demographics"};
  if (event != "A40")
    elements.insert(elements.end(), {"diagnosis", "treating_provider", "eligibility"});
  if (person.index % 3 == 0 && member.ssn_counts) elements.push_back("ssn");
  if (!person.phone.empty()) elements.push_back("phone");
  out.file().holds(member.key(), "member", start, elements);
}

}  // namespace

// A hospital's interface: network frames, segments that end with CR, several messages a patient, a
// merge of two record numbers for who changed their name.
void write_admissions_hl7(const CorpusOptions& options, CorpusFile& file) {
  Hl7Writer out(file, {});
  std::set<std::string> doctors;
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Member member = member_at(i, options.seed);
    if (!is_patient(member)) continue;
    admission(out, member, "A01", options, doctors);
    if (!member.person.former_last.empty()) admission(out, member, "A40", options, doctors);
    admission(out, member, "A03", options, doctors);
  }
}

// A laboratory's batch: other separators, line feeds, no client numbers; the record number or name
// and birth date say who it is.
void write_results_hl7(const CorpusOptions& options, CorpusFile& file) {
  Hl7Writer out(file, {.field = '^',
                       .component = '~',
                       .repetition = '|',
                       .escape = '\\',
                       .subcomponent = '&',
                       .end = "\n"});
  std::set<std::string> doctors;
  out.header("FHS", "|LAB|GATEWAY LAB|REG|RIVER HOSPITAL|20230526");
  out.header("BHS", "|LAB|GATEWAY LAB|REG|RIVER HOSPITAL|20230526");
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Member member = member_at(i, options.seed);
    if (!is_patient(member) || i % 4 == 1) continue;
    const std::uint64_t start = out.position();
    out.header(
        "MSH",
        fmt::format("|LAB|GATEWAY LAB|REG|RIVER HOSPITAL|20230526101500||ORU^R01|{}|P|2.3", i));
    out.segment(fmt::format("PID|1||{}^^^RIVER||{}||{}0000|{}", record_number(member),
                            name_of(member, member.claim_last(0)), member.claim_birth("CCYYMMDD"),
                            member.sex()));
    doctor(out, i * 7, fmt::format("OBR|1|O{0}|F{0}|2345-7^GLUCOSE^LN|||20230526|||||||||", i),
           doctors);
    for (unsigned n = 1; n <= 3; ++n)
      out.segment(
          fmt::format("OBX|{}|NM|2345-7^GLUCOSE^LN||{}|mg/dL|70-99|N|||F", n, 80 + (i + n) % 60));
    out.segment("NTE|1||FASTING \\T\\ AT REST");
    file.put("continued on a second line\n");
    out.file().holds(member.key(), "member", start,
                     {"name", "date_of_birth", "medical_record_number", "demographics", "clinical",
                      "treating_provider"});
  }
  out.segment("BTS|1");
  out.segment("FTS|1");
}

// A staff master file: nobody's data.
void write_staff_hl7(const CorpusOptions&, CorpusFile& file) {
  Hl7Writer out(file, {});
  for (std::uint64_t i = 0; i < 40; ++i) {
    const Doctor who = doctor_at(i);
    out.header("MSH",
               fmt::format("|HR|RIVER HOSPITAL|IF|ENGINE|20230526||MFN^M02^MFN_M02|{}|P|2.5", i));
    out.segment("MFI|STF^STAFF^HL70175||UPD|||AL");
    out.segment(fmt::format("MFE|MAD|{}|20230526|{}^^^NPI", i, who.npi));
    out.segment(
        fmt::format("STF|{0}|{0}^^^NPI|{1}^{2}|P|F|19700101", who.npi, who.last, who.first));
    out.segment(fmt::format("PRA|{}|CLINIC", who.npi));
  }
}

}  // namespace bulkhead::generate
