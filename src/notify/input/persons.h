// Reads persons.ndjson line by line, and keeps of a line what a letter needs: whom to write to, and
// which elements. Values of identifiers are not even taken over.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/fd.h"
#include "exposure/exposure.h"

namespace bulkhead::notify {

struct AffectedPerson {
  std::string id;  // "p-" and 32 hexadecimal digits
  exposure::Role role = exposure::Role::kMember;
  bool named = false;
  std::vector<exposure::PersonName> names;
  std::vector<std::string> dates_of_birth;
  std::vector<exposure::PersonAddress> addresses;
  bool minor = false;
  bool deceased = false;
  bool sensitive = false;
  std::vector<std::string> related_to;
  std::vector<std::string> formerly;  // ids that earlier letters and corrections may name
  exposure::ElementSet elements;
  bool enrolled_only = false;  // of the owner's roster, in none of the files

  // The name to print: the first that has both parts, else the first. Empty where there is none.
  std::string display_name() const;
  // Each name as a whole, and as first and last name: so people are called.
  std::vector<std::string> spoken_names() const;
  // The first address that mail can be sent to; null where there is none.
  const exposure::PersonAddress* mail_address() const;
  std::string state() const;  // of residence, upper case; "" where unknown
};

constexpr std::size_t kPersonLineBytesMost = 16 * 1024 * 1024;

// One line, already cut. Hostile input: kMalformed "where:number: what" without values. Not
// thread-safe; keeps its buffers.
class PersonLineParser {
 public:
  PersonLineParser();
  ~PersonLineParser();
  Result<AffectedPerson> parse(std::string_view line, std::string_view file, std::uint64_t number);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Every person of the file, in its order, in memory of the longest line. Stops at the first error,
// the callback's included.
Status for_each_person(const std::string& path,
                       const std::function<Status(const AffectedPerson&)>& take);

}  // namespace bulkhead::notify
