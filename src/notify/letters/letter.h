// One envelope: who it is for, about whom, with which elements.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/exposure.h"

namespace bulkhead::notify {

// For whom a text is written. kPublic is the web and media notice: the same contents, about nobody
// by name.
enum class Audience : std::uint8_t { kAdult, kGuardian, kRepresentative, kCustody, kPublic };
constexpr Audience kAudiences[] = {Audience::kAdult, Audience::kGuardian, Audience::kRepresentative,
                                   Audience::kCustody, Audience::kPublic};
std::string_view to_string(Audience audience);  // "adult", "guardian"…

struct LetterPerson {
  std::string id, name;
  exposure::ElementSet elements;
  bool sensitive = false;
  // For the case that the letter cannot be set.
  exposure::Role role = exposure::Role::kMember;
  std::string state;
  bool deceased = false;
  std::uint32_t rules = 0;
  std::vector<std::string> births;    // CCYY-MM-DD
  std::vector<std::string> called;    // what callers may say: each name whole, and first and last
  std::vector<std::string> formerly;  // ids before corrections
};

struct Letter {
  std::string number;  // "7K2P-93XD-QM4T"
  Audience audience = Audience::kAdult;
  // Not in the files, as far as anybody can tell: written to because it cannot be excluded.
  bool enrolled_only = false;
  std::vector<LetterPerson> about;   // one person, or minors who have the same guardian
  std::string addressee;             // the first line of the envelope
  std::vector<std::string> address;  // the lines below
  std::string state;                 // of residence of whom it is about
  std::uint32_t rules = 0;           // a bit each of Rules::rules that asks for it
};

// A person to whom no letter goes, and why.
struct NotWritten {
  std::string person, name, state;
  exposure::Role role = exposure::Role::kMember;
  exposure::ElementSet elements;
  std::string reason;
};

}  // namespace bulkhead::notify
