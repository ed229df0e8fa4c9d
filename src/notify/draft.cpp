#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "base/csv.h"
#include "base/fd.h"
#include "base/json_writer.h"
#include "crypto/digest.h"
#include "notify/documents/documents.h"
#include "notify/documents/output_file.h"
#include "notify/input/yaml.h"
#include "notify/letters/letter_writer.h"
#include "notify/letters/recipients.h"
#include "notify/letters/typesetter.h"
#include "notify/notify.h"
#include "notify/rules/deadlines.h"
#include "notify/tracking/lookup.h"

namespace bulkhead::notify {
namespace {

constexpr std::size_t kRulesMost = 32;  // bits of Letter::rules
constexpr std::size_t kAddressColumns = 5;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kHashBlockBytes = 1024 * 1024;

struct Inputs {
  Facts facts;
  Rules rules;
  std::vector<LanguageTexts> languages;
  Bytes number_key;
};

Status make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return fail_errno("making " + path);
  return {};
}

Result<Bytes> hash_of_file(const std::string& path) {
  BH_TRY(const UniqueFd fd, open_file(path, O_RDONLY));
  crypto::Hasher hasher;
  Bytes block(kHashBlockBytes);
  for (std::uint64_t offset = 0;;) {
    BH_TRY(const std::size_t count, read_at(fd.get(), block, offset, path));
    if (count == 0) return hasher.finish();
    hasher.update(ByteView(block).first(count));
    offset += count;
  }
}

// The first draft's persons file is the secret that numbers are made from: only who has all of it
// could work one out, and such a one knows already who is in it. Later drafts keep it.
Result<Bytes> number_key(const DraftOptions& options) {
  const std::string path = options.out + "/numbers.key";
  auto kept = read_file(path, kKeyBytes);
  if (kept) {
    if (kept->size() == kKeyBytes) return kept;
    return fail(ErrorCode::kCorrupt, fmt::format("{}: is not a key of letter numbers", path));
  }
  if (kept.error().code != ErrorCode::kNotFound) return kept;
  BH_TRY(const Bytes key, hash_of_file(options.persons));
  BH_CHECK(replace_file(path, key));
  return key;
}

Result<Inputs> read_inputs(const DraftOptions& options) {
  Inputs inputs;
  BH_TRY(const Bytes facts, read_file(options.facts, kYamlBytesMost));
  BH_TRY(inputs.facts, parse_facts(as_text(facts), options.facts));
  if (options.large_print) inputs.facts.letter.large_print = true;
  BH_TRY(inputs.rules, load_rules(options.rules_folder));
  if (inputs.rules.rules.size() > kRulesMost)
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("{}: more than {} rules", options.rules_folder, kRulesMost));
  std::vector<const Rule*> of_this_kind;
  for (const Rule& rule : inputs.rules.rules) {
    if (std::find(rule.kinds.begin(), rule.kinds.end(), inputs.facts.organisation.kind) !=
        rule.kinds.end())
      of_this_kind.push_back(&rule);
  }
  for (const std::string& language : inputs.facts.letter.languages) {
    LanguageTexts texts;
    BH_TRY(texts.text, load_template(options.rules_folder, language));
    BH_CHECK(check_template(texts.text, of_this_kind, inputs.facts));
    texts.values = common_values(texts.text, inputs.facts);
    inputs.languages.push_back(std::move(texts));
  }
  return inputs;
}

// "ROLLA, MO 65401-1234" in three columns; the whole in the first where it is written otherwise.
std::array<std::string, 3> place_columns(const std::string& line) {
  const std::size_t comma = line.rfind(", ");
  if (comma == std::string::npos) return {line, "", ""};
  const std::string rest = line.substr(comma + 2);
  const std::size_t space = rest.find(' ');
  return {line.substr(0, comma), rest.substr(0, space),
          space == std::string::npos ? "" : rest.substr(space + 1)};
}

class DraftFiles {
 public:
  static Result<DraftFiles> create(const std::string& out, ByteView number_key) {
    BH_TRY(OutputFile pdf, OutputFile::create(out + "/letters.pdf"));
    BH_TRY(OutputFile mailing, OutputFile::create(out + "/mailing.csv"));
    BH_TRY(OutputFile without, OutputFile::create(out + "/not-written.csv"));
    BH_TRY(OutputFile letters, OutputFile::create(out + "/letters.ndjson"));
    BH_TRY(OutputFile index, OutputFile::create(out + "/lookup.index"));
    DraftFiles files(std::move(pdf), std::move(mailing), std::move(without), std::move(letters),
                     std::move(index), to_bytes(number_key));
    BH_CHECK(files.mailing_.put(
        "letter,first_page,pages,addressee,address_1,address_2,address_3,address_4,address_5,city,"
        "state,postal_code\n"));
    BH_CHECK(files.without_.put("person,name,role,state,reason,elements\n"));
    return files;
  }

  Status put_pdf(std::string_view bytes) { return pdf_.put(bytes); }

  Status put_letter(const Letter& letter, std::uint64_t first_page, unsigned pages) {
    numbers_.push_back(load_be<std::uint64_t>(crypto::sha256(as_bytes(letter.number)).data()));
    std::string row =
        fmt::format("{},{},{},{}", letter.number, first_page, pages, csv_field(letter.addressee));
    for (std::size_t i = 0; i < kAddressColumns; ++i)
      row += "," + (i < letter.address.size() ? csv_field(letter.address[i]) : "");
    for (const std::string& column : place_columns(letter.address.back()))
      row += "," + csv_field(column);
    BH_CHECK(mailing_.put(row + "\n"));
    JsonWriter json;
    json.begin_object();
    json.member("letter", letter.number);
    json.member("audience", to_string(letter.audience));
    json.member("enrolled", letter.enrolled_only);
    json.key("persons");
    json.begin_array();
    for (const LetterPerson& person : letter.about)
      json.value(person.id);
    json.end_array();
    json.key("formerly");  // "ID FORMER-ID"
    json.begin_array();
    for (const LetterPerson& person : letter.about) {
      for (const std::string& former : person.formerly)
        json.value(person.id + " " + former);
    }
    json.end_array();
    json.member("first_page", first_page);
    json.member("pages", pages);
    json.end_object();
    for (const LetterPerson& person : letter.about) {
      for (const std::string& born : person.births) {
        for (const std::string& name : person.called)
          index_lines_.push_back(lookup_line(number_key_, name, born, letter.number));
      }
    }
    return letters_.put(std::string(json.text()) + "\n");
  }

  Status put_not_written(const NotWritten& row) {
    std::string elements;
    for (std::size_t i = 0; i < exposure::kElementCount; ++i) {
      const auto element = static_cast<exposure::Element>(i);
      if (!row.elements.has(element)) continue;
      if (!elements.empty()) elements += ' ';
      elements += exposure::to_string(element);
    }
    return without_.put(fmt::format("{},{},{},{},{},{}\n", row.person, csv_field(row.name),
                                    exposure::to_string(row.role), csv_field(row.state),
                                    csv_field(row.reason), elements));
  }

  // Puts all of them in place.
  Status finish(const std::string& out, bool any_letter, std::vector<std::string>& written) {
    std::sort(numbers_.begin(), numbers_.end());
    if (std::adjacent_find(numbers_.begin(), numbers_.end()) != numbers_.end())
      return fail(ErrorCode::kMalformed,
                  "two letters have the same number: is a person twice in the persons file?");
    if (any_letter) {
      BH_CHECK(pdf_.finish());
      written.push_back(pdf_.path());
    } else {
      std::filesystem::remove(out + "/letters.pdf");
    }
    std::sort(index_lines_.begin(), index_lines_.end());  // in an order that says nothing
    for (const std::string& line : index_lines_)
      BH_CHECK(index_.put(line));
    for (OutputFile* file : {&mailing_, &without_, &letters_, &index_}) {
      BH_CHECK(file->finish());
      written.push_back(file->path());
    }
    return {};
  }

 private:
  DraftFiles(OutputFile pdf, OutputFile mailing, OutputFile without, OutputFile letters,
             OutputFile index, Bytes number_key)
      : pdf_(std::move(pdf)),
        mailing_(std::move(mailing)),
        without_(std::move(without)),
        letters_(std::move(letters)),
        index_(std::move(index)),
        number_key_(std::move(number_key)) {}

  OutputFile pdf_, mailing_, without_, letters_, index_;
  Bytes number_key_;
  std::vector<std::string> index_lines_;
  std::vector<std::uint64_t> numbers_;
};

// A letter that could not be typeset: its people join those without one.
Status take_refused(const Letter& letter, const std::string& reason, DraftFiles& files,
                    Totals& totals) {
  --totals.letters;
  for (const LetterPerson& person : letter.about) {
    --totals.persons_written_to;
    ++totals.persons_not_written;
    for (std::size_t i = 0; i < totals.by_rule.size(); ++i) {
      // As where there is no address: a notice in their stead is for the living.
      if ((person.rules >> i & 1U) != 0 && !person.deceased) ++totals.by_rule[i].without_address;
    }
    BH_CHECK(files.put_not_written(
        {person.id, person.name, person.state, person.role, person.elements, reason}));
  }
  return {};
}

Status write_documents(const DraftOptions& options, const Inputs& inputs, const Totals& totals,
                       DraftOutcome& outcome) {
  const std::vector<Due> due = due_list(inputs.facts, inputs.rules, totals);
  BH_TRY(const std::vector<DocumentText> list, documents(options.rules_folder, inputs.languages,
                                                         inputs.facts, inputs.rules, totals, due));
  const std::string regulators = options.out + "/regulators";
  BH_CHECK(make_folder(regulators));
  std::set<std::string> current;
  for (const DocumentText& document : list)
    current.insert(options.out + "/" + document.path);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(regulators, error)) {
    // Of an earlier draft, with other numbers: it must not be sent.
    if (!current.contains(entry.path().string())) std::filesystem::remove(entry.path(), error);
  }
  for (const DocumentText& document : list) {
    const std::string path = options.out + "/" + document.path;
    BH_CHECK(replace_file(path, as_bytes(document.text)));
    outcome.written.push_back(path);
  }
  for (const Due& one : due) {
    if (!one.applies || one.obligation->optional) continue;
    outcome.due.push_back(fmt::format(
        "{}{}: {} ({}){}", one.by ? "by " + iso(*one.by) : "without unreasonable delay",
        one.state.empty() ? "" : " in " + one.state, one.obligation->to, one.obligation->citation,
        one.rule->verified.on ? "" : fmt::format(": {}", kUnverified)));
  }
  return {};
}

DraftOutcome outcome_of(const Totals& totals, const Facts& facts) {
  DraftOutcome outcome;
  outcome.persons = totals.persons;
  outcome.persons_written_to = totals.persons_written_to;
  outcome.persons_not_written = totals.persons_not_written;
  outcome.letters = totals.letters;
  outcome.warnings = facts.warnings;
  outcome.warnings.insert(outcome.warnings.end(), totals.warnings.begin(), totals.warnings.end());
  return outcome;
}

// The letters to everybody of one file of persons, and the lists beside them.
class Mailing {
 public:
  // `inputs` must outlive it.
  Mailing(const DraftOptions& options, const Inputs& inputs, bool enrolled_only)
      : inputs_(inputs),
        persons_(enrolled_only ? options.roster_persons : options.persons),
        threads_(options.threads),
        recipients_(inputs.facts, inputs.rules, inputs.languages.front().text, inputs.number_key,
                    options.corrections.get(), enrolled_only) {}

  // Reads all of the file, and refuses it where it is not what it should be.
  Status prepare();
  // Into `out`; puts nothing in place before all of it is whole.
  Result<Totals> write(const std::string& out, DraftOutcome& outcome);

 private:
  const Inputs& inputs_;
  std::string persons_;
  unsigned threads_;
  Recipients recipients_;
};

Status Mailing::prepare() {
  BH_TRY(const auto typesetter, Typesetter::create(inputs_.facts.letter.large_print));
  recipients_.ask_what_can_be_set(
      [&](const std::string& name, const std::vector<std::string>& address) {
        return typesetter->why_not(name, address);
      });
  const Status prepared = recipients_.prepare(persons_);
  recipients_.ask_what_can_be_set(nullptr);
  return prepared;
}

Result<Totals> Mailing::write(const std::string& out, DraftOutcome& outcome) {
  BH_TRY(DraftFiles files, DraftFiles::create(out, inputs_.number_key));
  std::vector<std::pair<Letter, std::string>> refused;
  LetterOutputs outputs;
  outputs.pdf = [&](std::string_view bytes) { return files.put_pdf(bytes); };
  outputs.set = [&](const Letter& letter, std::uint64_t first, unsigned pages,
                    const std::string& why) -> Status {
    if (pages > 0) return files.put_letter(letter, first, pages);
    refused.emplace_back(letter, why);
    return {};
  };
  BH_TRY(const auto writer,
         LetterWriter::create(inputs_.languages, inputs_.facts, inputs_.rules, threads_, outputs));
  BH_TRY(Totals totals, recipients_.write(
                            persons_, [&](Letter letter) { return writer->add(std::move(letter)); },
                            [&](const NotWritten& row) { return files.put_not_written(row); }));
  BH_TRY(const std::uint64_t pages, writer->finish());
  for (const auto& [letter, why] : refused)
    BH_CHECK(take_refused(letter, why, files, totals));
  outcome.pages += pages;
  BH_CHECK(files.finish(out, pages > 0, outcome.written));
  return totals;
}

// Of an earlier draft, which had a roster: it must not be sent.
void remove_enrolled(const std::string& out) {
  for (const char* name :
       {"letters.pdf", "mailing.csv", "not-written.csv", "letters.ndjson", "lookup.index"}) {
    std::error_code error;
    std::filesystem::remove(out + "/enrolled/" + name, error);
  }
}

}  // namespace

Result<DraftOutcome> draft(const DraftOptions& options) {
  BH_CHECK(make_folder(options.out));
  BH_TRY(Inputs inputs, read_inputs(options));
  BH_TRY(inputs.number_key, number_key(options));
  DraftOutcome written;
  Mailing mailing(options, inputs, false);
  Mailing to_enrolled(options, inputs, true);
  BH_CHECK(mailing.prepare());
  // Before anything of an earlier draft is replaced.
  if (!options.roster_persons.empty()) BH_CHECK(to_enrolled.prepare());
  BH_TRY(const Totals totals, mailing.write(options.out, written));
  DraftOutcome outcome = outcome_of(totals, inputs.facts);
  outcome.written = std::move(written.written);
  outcome.pages = written.pages;
  if (options.roster_persons.empty()) {
    remove_enrolled(options.out);
  } else {
    BH_CHECK(make_folder(options.out + "/enrolled"));
    BH_TRY(const Totals enrolled, to_enrolled.write(options.out + "/enrolled", outcome));
    outcome.enrolled = enrolled.persons;
    outcome.enrolled_written_to = enrolled.persons_written_to;
    outcome.letters += enrolled.letters;
  }
  BH_CHECK(write_documents(options, inputs, totals, outcome));
  return outcome;
}

}  // namespace bulkhead::notify
