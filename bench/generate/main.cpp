#include <CLI/CLI.hpp>

#include <iostream>

#include "generate/corpus.h"
#include "generate/generate.h"

int main(int argc, char** argv) {
  bulkhead::generate::Options options;
  bulkhead::generate::CorpusOptions corpus;
  bool labelled = false;
  CLI::App app("Writes made-up people into an 834, an 837, a CSV and a truth file");
  app.add_option("--out", options.folder, "folder for the files; created where it is missing")
      ->required();
  app.add_option("--people", options.people, "how many")->capture_default_str();
  app.add_option("--seed", options.seed, "another seed, other people")->capture_default_str();
  app.add_option("--claims", options.claims_per_person, "claims a person")->capture_default_str();
  app.add_flag(
      "--corpus", labelled,
      "the labelled corpus instead: files/ in every format that is read, and truth.ndjson");
  app.add_option("--only", corpus.only,
                 "one folder of the corpus: 834, 837, 835, delimited, fixed, ebcdic, guess, "
                 "guess-ebcdic, none");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  corpus.folder = options.folder;
  corpus.people = options.people;
  corpus.seed = options.seed;
  corpus.claims_per_person = options.claims_per_person;
  const bulkhead::Status done =
      labelled ? bulkhead::generate::write_corpus(corpus) : bulkhead::generate::generate(options);
  if (done) return 0;
  std::cerr << "bulkhead-generate: " << done.error().message << "\n";
  return 1;
}
