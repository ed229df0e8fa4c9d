// Writes a set of files and the truth about them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/error.h"
#include "generate/people.h"

namespace bulkhead::generate {

struct Options {
  std::string folder;           // created where it is missing
  std::uint64_t people = 1000;  // rounded up to whole families
  std::uint64_t seed = 1;
  unsigned claims_per_person = 2;
};

// enrollment.834, claims.837, clients.csv and truth.ndjson in options.folder.
Status generate(const Options& options);

// Takes the bytes of one file in order.
using Writer = std::function<void(std::string_view)>;

void write_834(const Options& options, const Writer& out);
void write_837(const Options& options, const Writer& out);
void write_csv(const Options& options, const Writer& out);
void write_truth(const Options& options, const Writer& out);

// Whether somebody appears in the 837 only as the subscriber of dependents.
bool is_subscriber_of_claims(const Person& person, const Options& options);

}  // namespace bulkhead::generate
