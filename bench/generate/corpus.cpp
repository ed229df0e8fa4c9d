#include "generate/corpus.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>

#include "base/fd.h"
#include "base/json_writer.h"
#include "generate/file_writer.h"

namespace bulkhead::generate {
namespace {

Result<FileWriter> create(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error)
    return fail(ErrorCode::kIo,
                fmt::format("creating the folder for the files: {}", error.message()));
  BH_TRY(UniqueFd fd, open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  return FileWriter(std::move(fd));
}

}  // namespace

void Truth::add(std::string_view person, std::string_view role, std::string_view file,
                const std::vector<Span>& spans, const std::vector<std::string_view>& elements) {
  std::string line =
      fmt::format(R"({{"person":"{}","role":"{}","file":"{}","spans":[)", person, role, file);
  for (std::size_t i = 0; i < spans.size(); ++i)
    line += fmt::format("{}[{},{}]", i == 0 ? "" : ",", spans[i].first, spans[i].second);
  line += R"(],"elements":[)";
  for (std::size_t i = 0; i < elements.size(); ++i)
    line += fmt::format(R"({}"{}")", i == 0 ? "" : ",", elements[i]);
  out_(line + "]}\n");
}

void X12Writer::begin(std::string_view functional, std::string_view guide, std::string_view sender,
                      unsigned interchange) {
  interchange_ = interchange;
  const bool old = guide.starts_with("004010");
  // The last element of ISA is the component separator itself.
  segment(fmt::format(
      "ISA*00*          *00*          *ZZ*{:<15}*ZZ*RECEIVER       *230526*0200*{}*{}*{:09}*0*T*:",
      sender, old ? "U" : "^", old ? "00401" : "00501", interchange));
  segment(fmt::format("GS*{}*{}*RECEIVER*20230526*0200*{}*X*{}", functional, sender, interchange,
                      guide));
  sets_ = 0;
}

void X12Writer::begin_set(std::string_view set, std::string_view guide) {
  segments_ = 0;
  set_id_ = fmt::format("{:04}", ++sets_);
  const bool old = guide.starts_with("004010");
  segment(old ? fmt::format("ST*{}*{}", set, set_id_)
              : fmt::format("ST*{}*{}*{}", set, set_id_, guide));
}

void X12Writer::segment(std::string_view text) {
  while (text.ends_with('*'))
    text.remove_suffix(1);  // elements that are not used at the end are not written
  line_.assign(text);
  for (char& c : line_)
    c = c == '*' ? style_.element : c == ':' ? style_.component : c;
  line_ += style_.terminator;
  line_ += style_.after;
  file_.put(line_);
  ++segments_;
}

void X12Writer::end_set() {
  segment(fmt::format("SE*{}*{}", segments_ + 1, set_id_));
}

void X12Writer::end() {
  segment(fmt::format("GE*{}*{}", sets_, interchange_));
  segment(fmt::format("IEA*1*{:09}", interchange_));
}

const std::vector<CorpusEntry>& corpus_entries() {
  static const std::vector<CorpusEntry> entries = with_guesses({
      {"834/state.834", write_state_834},
      {"834/plan.txt", write_plan_834},
      {"837/medicaid.837", write_medicaid_837p},
      {"837/hospital.x12", write_plan_837i},
      {"837/dental.dat", write_plan_837d},
      {"835/medicaid.835", write_medicaid_835},
      {"835/plan.835", write_plan_835},
      {"delimited/clients.csv", write_clients_csv},
      {"delimited/eligibility.txt", write_eligibility_psv},
      {"delimited/claims.tsv", write_claims_tsv},
      {"delimited/roster.csv", write_roster_csv},
      {"fixed/clients.cpy", write_clients_copybook},
      {"fixed/clients.txt", write_clients_fixed},
      {"ebcdic/history.cpy", write_history_copybook},
      {"ebcdic/history.dat", write_history_ebcdic},
      {"hl7/admissions.hl7", write_admissions_hl7},
      {"hl7/results.txt", write_results_hl7},
      {"ncpdp/medicaid.bat", write_medicaid_ncpdp},
      {"ncpdp/plan.txt", write_plan_ncpdp},
      {"fhir/Patient.ndjson", write_fhir_patients},
      {"fhir/Coverage.ndjson", write_fhir_coverages},
      {"fhir/ExplanationOfBenefit.ndjson", write_fhir_claims},
      {"fhir/bundle.json", write_fhir_bundle},
      {"nacha/benefits.ach", write_benefits_ach},
      {"nacha/enrolment.txt", write_enrolment_ach},
      {"none/staff.hl7", write_staff_hl7},
      {"none/directory.csv", write_directory_csv},
      {"none/codes.csv", write_codes_csv},
      {"none/transfer.log", write_log},
  });
  return entries;
}

Status write_corpus(const CorpusOptions& asked) {
  CorpusOptions options = asked;
  options.people = (options.people + kFamilySize - 1) / kFamilySize * kFamilySize;
  BH_TRY(FileWriter truth_file, create(options.folder + "/truth.ndjson"));
  Truth truth([&](std::string_view text) { truth_file.put(text); });
  for (const CorpusEntry& entry : corpus_entries()) {
    const std::string name = entry.name;
    if (!options.only.empty() && !name.starts_with(options.only + "/")) continue;
    BH_TRY(FileWriter out, create(options.folder + "/files/" + name));
    CorpusFile file(name, [&](std::string_view text) { out.put(text); }, truth);
    entry.write(options, file);
    BH_CHECK(out.finish());
  }
  return truth_file.finish();
}

}  // namespace bulkhead::generate
