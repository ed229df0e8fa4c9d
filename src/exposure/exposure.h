// Exposure analysis: whose data is in these files, and which elements of each.
//
// This is the one header that others need. The way of a file:
//
//     analyse(bytes)  -> FileFindings   in the analyst process, or in `bulkhead scan`
//     encode(findings) -> bytes         sealed to the organisation, kept; later opened by an
//     officer decode(bytes)   -> FileFindings Resolution(findings of many files)    who is one
//     person, across all of them write_outputs(resolution)             persons.ndjson,
//     summary.json, CSV
//
// `scan` does all of it on files without any server. Everything here is deterministic: the same
// input gives the same bytes, whatever the number of threads. Values (names, numbers) appear only
// in findings and outputs, never in error texts or logs.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"
#include "exposure/containers/limits.h"
#include "exposure/corrections/corrections.h"
#include "exposure/detect/element.h"
#include "exposure/detect/rules.h"
#include "exposure/detect/states.h"
#include "exposure/index/person_table.h"
#include "exposure/layouts/layout_shelf.h"
#include "exposure/readers/byte_source.h"

namespace bulkhead::exposure {

// ---- one file
// -------------------------------------------------------------------------------------------------

// Bytes that were not understood, added up by reason.
struct NotUnderstood {
  std::string reason;  // "transaction set 835: recognised, not read"
  std::uint64_t bytes = 0;
  std::uint64_t count = 0;  // how many places
  std::uint64_t first_offset = 0;
};

// What was read of one file, and how.
struct FileReport {
  std::string format;         // "x12-834", "x12-837p", "delimited", "pdf"…; "unknown"
  std::string recognised_by;  // "GS08 005010X220A1", "comma, 12 of 14 columns known"
  bool read = false;  // false: recognised (or not even that), but nobody reads this format yet
  std::uint64_t bytes = 0;
  std::uint64_t bytes_not_understood = 0;
  std::vector<NotUnderstood> not_understood;  // bounded; the last one may be "other reasons"
  std::vector<std::string>
      warnings;               // "1880: …": damage that cost no bytes; bounded, without values
  std::uint64_t records = 0;  // records about persons, before equal ones were put together
  std::uint64_t anonymous_records = 0;  // claims, rows… that name nobody: neither name nor number
  std::uint64_t fillers[kElementCount] = {};  // values that are no values, by element
  std::string rules_version;

  bool complete() const { return read && bytes_not_understood == 0; }
};

struct MemberFindings;

// What one file says about persons. Movable, not copied (it can be large).
struct FileFindings {
  FileReport report;
  PersonTable persons;
  // Of a container (an archive): all that lies in it, also what lies in containers within it, in
  // its order. Members have none themselves.
  std::vector<MemberFindings> members;

  bool complete() const;                       // every byte of it and of its members was understood
  std::uint64_t bytes_not_understood() const;  // of all of them
};

// `name`: as behind the container's own and a '!': "inner/name.csv", "inner.zip!name.csv".
struct MemberFindings {
  std::string name;
  FileFindings findings;
};

// Reads the file to its end. Hostile contents never are an error: what cannot be read is in the
// report. Errors: the source's own (kIo…). `name_hint` (the file's name or "") only helps to name a
// format that is not read. Memory: a few blocks, plus what is found (about 300 bytes for each
// different person); time is linear in size. Any thread; one source by one thread.
// `layouts`: for files that do not say themselves how their records are laid out.
// `threads`: more than one share a large file of some formats, and ask the source from any of them,
// one at a time; it may be read from its front a second time. The findings are the same.
// Containers are read by libraries of others: analyse them in a sandbox (is_container()), after
// prepare_for_sandbox(). What is beyond `limits` counts as not understood.
Result<FileFindings> analyse(ByteSource& source, std::string_view name_hint, const Rules& rules,
                             const Layouts& layouts = {}, unsigned threads = 1,
                             const ContainerLimits& limits = {});
// By a file's first bytes: 64 KiB at most are looked at.
Result<bool> is_container(ByteSource& source);
// What libraries load when they first need it: a process calls this before it takes from itself
// what that needs.
void prepare_for_sandbox();
// Whether they would, as far as the file's size and first 64 KiB tell.
Result<bool> shares_threads(ByteSource& source, std::string_view name_hint, const Rules& rules);

// The layout of a file that says nothing of how its records are laid out, as text for people to
// correct and to give to `scan` (docs/formats/layout.md). It shows the first records: values of
// persons. kNotFound where the file says itself what it is, or shows no records: a clause for the
// user. Memory: 64 KiB of the file, and what is told of them.
struct LayoutDescription {
  std::string yaml;
  bool sure = false;  // a scan would read the file with it
  std::string doubt;  // why it would not: one clause without values
};
Result<LayoutDescription> describe_layout(ByteSource& source, const Rules& rules);

// ---- findings as bytes
// ------------------------------------------------------------------------------------------

using ByteSink = std::function<Status(ByteView)>;

// Self-contained, versioned (docs/formats/findings.md). The sink gets blocks of at most about 1
// MiB, in order.
Status encode(const FileFindings& findings, const ByteSink& sink);
Bytes encode(const FileFindings& findings);

// Hostile input: the bytes come from an untrusted analyst. kMalformed with the offset for anything
// that does not fit, kNewerFormat for a later version, never more memory than a small multiple of
// the input.
Result<FileFindings> decode(ByteView bytes);

// ---- many files
// -------------------------------------------------------------------------------------------------

// The findings of one file under the name by which the outputs call it; its members follow as
// `file!member`.
struct NamedFindings {
  std::string file;
  FileFindings findings;
};

// A file of which nothing is known: never analysed, unreadable. It is listed with its reason, all
// bytes not understood.
struct UnreadFile {
  std::string file;
  std::uint64_t bytes = 0;
  std::string reason;
};

struct PersonName {
  std::string first, middle, last, suffix;
  auto operator<=>(const PersonName&) const = default;
};
struct PersonIdentifier {
  IdentifierType type = IdentifierType::kMemberId;
  std::string value;
  std::string label;
  std::vector<std::string> flags;
};
struct PersonAddress {
  std::vector<std::string> lines;
  std::string city, state, postal_code;
  auto operator<=>(const PersonAddress&) const = default;
};
struct PersonEvidence {
  Element element = Element::kName;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string where;
};
struct FileExposure {
  std::uint32_t file = 0;  // index into Exposure::files
  ElementSet elements;
  std::uint64_t records = 0;
  std::uint64_t first_offset = 0;
  double confidence = 0;
  std::vector<PersonEvidence> evidence;  // at most three an element, by offset
};
enum class Identifiable : std::uint8_t { kNamed, kNumberOnly, kPseudonymous };
std::string_view to_string(Identifiable identifiable);

// One distinct person: a line of persons.ndjson.
struct Person {
  std::string id;  // "p-" and 32 hexadecimal digits
  Role role = Role::kMember;
  Identifiable identifiable = Identifiable::kNamed;
  std::vector<PersonName> names;
  std::vector<std::string> dates_of_birth;  // CCYY-MM-DD, or as written
  std::vector<PersonIdentifier> identifiers;
  std::vector<PersonAddress> addresses;
  std::string address_status;  // "good", "incomplete", "missing"
  std::vector<std::string> phones, emails;
  std::string
      minor_on;  // the day of ResolveOptions::as_of where the person was under 18 then; else ""
  bool deceased = false;
  std::vector<std::string> related_to;
  SensitivitySet sensitive = 0;
  ElementSet elements, possible, masked;
  std::vector<FileExposure> exposures;
  std::vector<std::string> formerly;  // ids that letters may refer to; only after corrections
  std::uint8_t from_roster = 0;       // what is not in the files but in the roster: RosterGave
};

// The owner's list beside the result: why there are more or fewer to tell than there are on it.
struct RosterTotals {
  bool given = false;
  std::string file;
  std::uint64_t enrolled = 0;           // distinct persons on the roster
  std::uint64_t enrolled_in_files = 0;  // of them
  // Members in the files; the next three are all of them.
  std::uint64_t on_roster = 0, named_not_on_roster = 0, unnamed_not_on_roster = 0;
  std::uint64_t named_by_roster = 0;  // had a number only
  std::uint64_t contradicted = 0;     // their number is on the roster with somebody else's name
  std::uint64_t merged = 0;           // numbers that turned out to be of somebody counted already
  // Members who can be named: a letter reaches them, no address is known, dead.
  std::uint64_t by_letter = 0, without_address = 0, deceased = 0;
  std::uint64_t to_be_notified() const { return by_letter + without_address + deceased; }
};

struct RoleTotals {
  std::uint64_t count = 0, lower = 0, upper = 0;
};
// Where the persons of one role live, and who of them needs another way than a letter of their own.
struct Circumstances {
  // By the first address that names a state (the owner's own list comes first); place_of_state().
  std::uint64_t by_place[kPlaceCount] = {};
  std::uint64_t minors = 0;       // under 18 on Exposure::as_of
  std::uint64_t age_unknown = 0;  // no birth date, or only placeholders
  std::uint64_t deceased = 0;
  std::uint64_t without_address =
      0;  // named, not known to be dead, and no address a letter reaches
};
struct FileSummary {
  std::string file;
  std::string outermost;  // the file as it was given: of a member, that which holds it
  FileReport report;
  std::uint64_t persons[kRoleCount] = {};
  ElementSet elements;
};
struct Exposure {
  std::vector<Person> persons;     // by id
  std::vector<FileSummary> files;  // in the order given, then the unread ones
  RoleTotals roles[kRoleCount];
  std::uint64_t identifiable[3] = {};  // members by Identifiable
  std::string as_of;                   // of ResolveOptions: the day on which minors are counted
  Circumstances circumstances[kRoleCount];
  std::uint64_t ambiguous_pairs = 0;
  std::uint64_t found_persons[kElementCount] = {};
  std::uint64_t found_by_role[kRoleCount][kElementCount] = {};  // they add up to found_persons
  std::uint64_t possible[kElementCount] = {};
  std::uint64_t masked[kElementCount] = {};
  std::uint64_t fillers[kElementCount] = {};
  CorrectionTotals corrections;
  RosterTotals roster;

  bool complete() const;  // every byte of every file was understood
};

struct ResolveOptions {
  std::string as_of;  // "CCYY-MM-DD": whom to call a minor, and which birth dates lie in the future
  unsigned jobs = 1;  // threads; what comes out does not depend on it
  // What people decided about earlier results; null: nothing. Those that no longer meet anybody
  // are named in Exposure::corrections.
  std::shared_ptr<const Corrections> corrections = nullptr;
  // The owner's own list; null: none.
  std::shared_ptr<const class Roster> roster = nullptr;
};

// Puts the records of all files together into distinct persons (spec: "Who is one person"), and
// keeps them as flat arrays beside the findings: a person is put together when somebody asks. Takes
// the findings by value: they are large. About 250 bytes a row beyond the findings. Safe to read
// from several threads.
class ResolvedPersons;
class Resolution {
 public:
  Resolution(std::vector<NamedFindings> files, std::vector<UnreadFile> unread,
             const ResolveOptions& options);
  Resolution(Resolution&&) noexcept;
  Resolution& operator=(Resolution&&) noexcept;
  ~Resolution();

  const Exposure& totals() const { return *totals_; }  // all but its `persons`, which is empty
  std::size_t size() const;                            // persons
  Person person(std::size_t index) const;              // they are in the order of their ids
  const ResolvedPersons& resolved() const { return *resolved_; }  // for the writers
  // Those on the roster who are in none of the files, as lines of persons.ndjson without elements:
  // for letters out of caution, never to be counted. Only with a roster.
  Status write_enrolled_only(const std::string& path) const;

 private:
  std::unique_ptr<Exposure> totals_;
  std::unique_ptr<ResolvedPersons> resolved_;
};

// The same with all persons in memory, about 2 KiB each: for few of them.
Exposure resolve(std::vector<NamedFindings> files, std::vector<UnreadFile> unread,
                 const ResolveOptions& options);

// ---- outputs
// ----------------------------------------------------------------------------------------------------

struct OutputPaths {
  std::string persons;       // NDJSON, docs/schemas/persons.schema.json; empty: not written
  std::string summary;       // JSON, docs/schemas/summary.schema.json
  std::string csv;           // a row a person
  std::string html;          // a page to read and hand on, with values masked…
  bool html_values = false;  // …unless this is set
};
struct OutputFile {
  std::string path;
  std::uint64_t bytes = 0;
  Bytes sha256;
};

// Writes what is asked for (mode 0600: this is personal data; beside, then renamed over) and says
// what was written.
Result<std::vector<OutputFile>> write_outputs(const Resolution& resolution,
                                              const OutputPaths& paths);

// The same totals for a person to read.
void print_table(const Exposure& totals, std::ostream& out);

// Every place that says something of one person, and what made it so: file, offset, segment or
// column, rule. `person` is an id of persons.ndjson or its beginning; kNotFound, or
// kInvalidArgument where several begin so. No values.
Result<std::string> explain(const Resolution& resolution, std::string_view person);

// Reads a roster. kMalformed where nobody in it can be told from others.
Result<std::shared_ptr<const Roster>> load_roster(const std::string& path, const Rules& rules,
                                                  LayoutShelf& shelf,
                                                  const ResolveOptions& options);

std::string persons_ndjson(const Exposure& exposure);
std::string summary_json(const Exposure& totals);

// ---- bulkhead scan
// ----------------------------------------------------------------------------------------------

struct ScanOptions {
  std::vector<std::string>
      paths;  // files or directories (recursed into, sorted; links are not followed)
  std::optional<std::set<std::string>> only;  // of the files found, by their names in the outputs
  std::vector<UnreadFile> missing;  // belong to them and are not at hand: listed, not read
  OutputPaths outputs;
  std::string manifest;              // path of manifest.json; empty: not written
  std::string config;                // TOML with [[identifier]] tables; empty: built-in rules only
  std::vector<std::string> layouts;  // copybooks and layouts of ours (docs/formats/layout.md)
  unsigned jobs = 1;  // threads to read, resolve and write; the result does not depend on it
  std::string as_of;  // "CCYY-MM-DD"; empty: today in UTC
  std::shared_ptr<const Corrections> corrections;  // null: none
  std::string roster;      // the owner's own list, of any format that is read; empty: none
  std::string roster_out;  // those of it who are in none of the files; empty: not written
  std::string explain;     // a person whose places are printed behind the table; empty: nobody's
  // Takes from a process all that reading containers does not need, but these descriptors: they are
  // then read in processes of their own that called it. Empty: in this one.
  std::function<Status(const std::vector<int>& keep)> confine;
  // Set by somebody who wants an end (another thread, a signal): what was not read by then is
  // reported so, and all outputs are written. Null: nobody does.
  const std::atomic<bool>* stop = nullptr;
  bool progress = false;  // a line on `messages` that is written over; only on a terminal
  std::string program_version;
};
struct ScanSeconds {
  double read = 0, resolve = 0, write = 0;
};
struct ScanOutcome {
  Resolution resolution;
  std::uint64_t bytes = 0;  // of the files that were read
  ScanSeconds seconds;
  std::vector<OutputFile> outputs;
  // 0: everything was read; 3: parts could not be, or a correction met nobody. (1, an error, is
  // the Result's.)
  int exit_code() const {
    const Exposure& totals = resolution.totals();
    return totals.complete() && totals.corrections.without_effect.empty() ? 0 : 3;
  }
};

// Reads every file, prints the table to `table`, progress to `messages`, writes the outputs. One
// bad file never stops it. Errors: a path that does not exist, an output that cannot be written, a
// configuration that does not parse.
Result<ScanOutcome> scan(const ScanOptions& options, std::ostream& table, std::ostream& messages);

}  // namespace bulkhead::exposure
