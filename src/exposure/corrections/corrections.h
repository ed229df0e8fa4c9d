// What people found wrong in a result, and decided: read from a file by src/notify/review, applied
// when persons are resolved. A correction says whom it means twice, by id and by places in files,
// so that it is not lost when another file changes the id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "exposure/detect/element.h"

namespace bulkhead::exposure {

// A record: its first byte, or that of a value in it. Without an offset: all of the file.
struct CorrectionPlace {
  std::string file;
  std::optional<std::uint64_t> offset;
  bool operator==(const CorrectionPlace&) const = default;
};
struct CorrectedPerson {
  std::string person;                   // the id when the correction was made
  std::vector<CorrectionPlace> places;  // where the person stood then, one a file
};
struct CorrectedAddress {
  std::vector<std::string> lines;
  std::string city, state, postal_code;
};

enum class CorrectionKind : std::uint8_t {
  kMerge,       // all of `persons` are one
  kSplit,       // the records at `others` are another person's
  kExclude,     // nobody whose data this is: a test record, a wrong reading
  kAddElement,  // of `file`, or of the only one
  kRemoveElement,
  kAddress,   // mail goes there; the files' addresses stay behind it
  kGuardian,  // the second of `persons`, or `addressee` at `address`
  kDeceased,
  kProtectedAddress,  // stands for every address of every file (45 CFR 164.522(b))
};
constexpr std::size_t kCorrectionKinds = 9;
std::string_view to_string(CorrectionKind kind);  // "merge", "add_element"…
std::optional<CorrectionKind> correction_kind_from(std::string_view word);

struct Correction {
  std::uint64_t number = 0;  // its entry in the file
  CorrectionKind kind = CorrectionKind::kMerge;
  std::vector<CorrectedPerson> persons;
  std::vector<CorrectionPlace> others;
  ElementSet elements;
  std::string file;
  bool deceased = true;
  std::string addressee;
  CorrectedAddress address;
};

struct Corrections {
  std::string path;
  Bytes sha256;                      // of the file
  std::vector<Correction> in_force;  // in the order in which they were made
  std::uint64_t waiting = 0;         // for a second person: not in force
  std::uint64_t withdrawn = 0;
};

// What became of them in a run.
struct CorrectionTotals {
  bool given = false;
  std::string sha256;
  std::uint64_t applied = 0, waiting = 0, withdrawn = 0, excluded_persons = 0;
  // Sentences: those that meet nobody or change nothing, without personal data. None of these must
  // go unseen: somebody meant something by each.
  std::vector<std::string> without_effect;
  // Applied, but the files changed since, or a merge brought back what had been removed.
  std::vector<std::string> look_again;
};

}  // namespace bulkhead::exposure
