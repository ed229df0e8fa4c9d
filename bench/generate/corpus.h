// The labelled corpus: files in every format that is read, and the truth about each person in each
// of them. The truth is written by what writes the files, and knows nothing of the readers.
#pragma once

#include <functional>
#include <initializer_list>
#include <string_view>

#include "base/error.h"
#include "generate/cast.h"

namespace bulkhead::generate {

// Takes the bytes of one file in order.
using Sink = std::function<void(std::string_view)>;

// One line of truth.ndjson: who stands where in which file, with which elements. `spans`: bytes of
// that person's records. Spans lie inside one another (a doctor in a patient's claim): the
// innermost says whose the bytes are.
class Truth {
 public:
  using Span = std::pair<std::uint64_t, std::uint64_t>;
  explicit Truth(Sink out) : out_(std::move(out)) {}
  void add(std::string_view person, std::string_view role, std::string_view file,
           const std::vector<Span>& spans, const std::vector<std::string_view>& elements);

 private:
  Sink out_;
};

// A file of the corpus in the making: counts its bytes.
class CorpusFile {
 public:
  CorpusFile(std::string name, Sink out, Truth& truth)
      : name_(std::move(name)), out_(std::move(out)), truth_(truth) {}
  void put(std::string_view text) {
    out_(text);
    position_ += text.size();
  }
  std::uint64_t position() const { return position_; }
  // Everything since `start` is this person's.
  void holds(std::string_view person, std::string_view role, std::uint64_t start,
             const std::vector<std::string_view>& elements) {
    truth_.add(person, role, name_, {{start, position_}}, elements);
  }
  // The same with the end told: the bytes are still to be written.
  void holds(std::string_view person, std::string_view role, Truth::Span span,
             const std::vector<std::string_view>& elements) {
    truth_.add(person, role, name_, {span}, elements);
  }

 private:
  std::string name_;
  Sink out_;
  Truth& truth_;
  std::uint64_t position_ = 0;
};

// X12 with any delimiters. Elements are written with '*' and ':' and translated.
class X12Writer {
 public:
  struct Style {
    char element = '*', component = ':';
    std::string_view terminator = "~",
                     after = "";  // what ends a segment, and what follows it (line ends, indents)
  };
  X12Writer(CorpusFile& file, Style style) : file_(file), style_(style) {}
  void begin(std::string_view functional, std::string_view guide, std::string_view sender,
             unsigned interchange);
  void begin_set(std::string_view set, std::string_view guide);
  void segment(std::string_view text);
  void end_set();
  void end();
  std::uint64_t position() const { return file_.position(); }
  CorpusFile& file() { return file_; }
  void restyle(Style style) { style_ = style; }  // between two interchanges

 private:
  CorpusFile& file_;
  Style style_;
  std::string line_;
  std::string set_id_;
  unsigned interchange_ = 0, sets_ = 0;
  std::uint64_t segments_ = 0;
};

struct CorpusEntry {
  const char* name;  // "834/state.834"
  void (*write)(const CorpusOptions& options, CorpusFile& file);
};
const std::vector<CorpusEntry>& corpus_entries();

// All files and truth.ndjson into options.folder.
Status write_corpus(const CorpusOptions& options);

void write_state_834(const CorpusOptions& options, CorpusFile& file);
void write_plan_834(const CorpusOptions& options, CorpusFile& file);
void write_medicaid_837p(const CorpusOptions& options, CorpusFile& file);
void write_plan_837i(const CorpusOptions& options, CorpusFile& file);
void write_plan_837d(const CorpusOptions& options, CorpusFile& file);
void write_medicaid_835(const CorpusOptions& options, CorpusFile& file);
void write_plan_835(const CorpusOptions& options, CorpusFile& file);
void write_clients_csv(const CorpusOptions& options, CorpusFile& file);
void write_eligibility_psv(const CorpusOptions& options, CorpusFile& file);
void write_claims_tsv(const CorpusOptions& options, CorpusFile& file);
void write_roster_csv(const CorpusOptions& options, CorpusFile& file);
void write_clients_copybook(const CorpusOptions& options, CorpusFile& file);
void write_clients_fixed(const CorpusOptions& options, CorpusFile& file);
void write_history_copybook(const CorpusOptions& options, CorpusFile& file);
void write_history_ebcdic(const CorpusOptions& options, CorpusFile& file);
void write_admissions_hl7(const CorpusOptions& options, CorpusFile& file);
void write_results_hl7(const CorpusOptions& options, CorpusFile& file);
void write_staff_hl7(const CorpusOptions& options, CorpusFile& file);
void write_medicaid_ncpdp(const CorpusOptions& options, CorpusFile& file);
void write_plan_ncpdp(const CorpusOptions& options, CorpusFile& file);
void write_fhir_patients(const CorpusOptions& options, CorpusFile& file);
void write_fhir_coverages(const CorpusOptions& options, CorpusFile& file);
void write_fhir_claims(const CorpusOptions& options, CorpusFile& file);
void write_fhir_bundle(const CorpusOptions& options, CorpusFile& file);
void write_benefits_ach(const CorpusOptions& options, CorpusFile& file);
void write_enrolment_ach(const CorpusOptions& options, CorpusFile& file);
void write_directory_csv(const CorpusOptions& options, CorpusFile& file);
void write_codes_csv(const CorpusOptions& options, CorpusFile& file);
void write_log(const CorpusOptions& options, CorpusFile& file);
// With those of which no layout is beside them.
std::vector<CorpusEntry> with_guesses(std::vector<CorpusEntry> entries);

}  // namespace bulkhead::generate
