// How the records of a file without delimiters are laid out: what a copybook, a layout in YAML or
// an inference says. Immutable once built; shared between threads.
//
// A layout is a tree of items (COBOL's data description), flattened into fields with places. What
// lies over the same bytes (REDEFINES, several record types) are the alternatives of a Choice.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "exposure/detect/code_page.h"
#include "exposure/detect/header_dictionary.h"

namespace bulkhead::exposure {

enum class FieldUsage : std::uint8_t {
  kText,
  kZoned,         // a digit a byte; the sign over the last or first one, or beside it
  kPacked,        // COMP-3: a digit a half-byte, the sign in the last one
  kPackedNoSign,  // COMP-6
  kBinary,        // most significant byte first
  kBinaryLittle,  // least significant byte first
  kFloat,         // COMP-1, COMP-2: never of a person
};

// How records follow one another.
enum class Framing : std::uint8_t {
  kLines,            // line feed, carriage return before it or not
  kEbcdicLines,      // NEL (0x15) or LF (0x25)
  kFixed,            // no ends: all of one length
  kVariable,         // RDW: two bytes of length, itself included, two zero bytes (RECFM V)
  kVariableOther,    // RDW whose length leaves itself out
  kVariableLittle,   // two zero bytes, then the length, low byte first, itself left out
  kVariableBlocked,  // the first within blocks that start with a BDW of the same form (RECFM VB)
};
std::string_view to_string(Framing framing);  // "lines", "fixed", "v"…
std::optional<Framing> framing_from(std::string_view word);

// An item of the description: elementary, or a group.
struct LayoutNode {
  std::string name;
  FieldUsage usage = FieldUsage::kText;
  std::uint32_t length = 0;  // elementary: bytes of one occurrence
  std::uint16_t digits = 0;  // of numbers
  bool is_signed = false, sign_leading = false, sign_separate = false;
  bool right_justified = false;
  bool aligned = false;  // SYNCHRONIZED
  std::uint32_t occurs_min = 1, occurs_max = 1;
  std::string depending_on;
  std::string redefines;
  std::vector<std::uint32_t> children;
  // What a layout of ours says itself; where it does not, the name tells.
  std::optional<FieldKind> kind;
  std::optional<HeaderSubject> subject;
  std::string label;
};

// Alternative `alternative` of choice `choice` is the one that holds.
struct Need {
  std::uint16_t choice = 0, alternative = 0;
};

struct LayoutField {
  std::uint32_t node = 0;
  std::uint32_t at = 0;      // with every table at its most
  std::uint32_t length = 0;  // of the node, or of a group taken as one field
  FieldUsage usage = FieldUsage::kText;
  std::string name;  // "DIAG-CODE(2)"
  HeaderMeaning meaning;
  std::vector<Need> needs;  // outermost first
  std::uint32_t table = 0;  // the outermost OCCURS it stands in, from 1; 0: none
  std::uint32_t occurrence = 0;
};

struct Choice {
  std::vector<Need> needs;
  std::vector<std::string> names;  // of the alternatives
};

// Which record type a record is, where the layout says it itself.
struct TypeRule {
  std::uint32_t at = 0;
  std::string equals;             // in the layout's own characters
  std::uint16_t alternative = 0;  // of choice 0
};

struct RecordLayout {
  std::string name;    // of the file that it came from
  std::string origin;  // "copybook", "layout", "inferred"
  std::optional<CodePage> code_page;
  std::optional<Framing> framing;
  std::uint32_t record_length = 0;  // 0: as long as the fields
  std::uint32_t header_records = 0, trailer_records = 0;
  std::vector<LayoutNode> nodes;  // nodes[0] is the root
  std::vector<TypeRule> types;

  // Made by finish_layout():
  std::vector<LayoutField> fields;
  std::vector<Choice> choices;
  std::uint32_t length = 0;  // of the longest record
  std::uint32_t shortest = 0;
  bool varying = false;  // some table depends on a count
};
using LayoutPtr = std::shared_ptr<const RecordLayout>;

// Flattens the tree and gives every field its meaning. kMalformed where it is no layout (no fields,
// tables without end), kLimitExceeded where it is larger than any record.
Status finish_layout(RecordLayout& layout, const Rules& rules);

// Names of fields as a record has them share prefixes (EXP-, CLM-) and end in date forms
// (-CCYYMMDD): what each means without them. `groups`: which group each stands in.
std::vector<HeaderMeaning> meanings_of(const std::vector<std::string>& names,
                                       const std::vector<std::uint32_t>& groups,
                                       const Rules& rules);

// Where the fields of one record stand, for layouts with tables that depend on a count.
class FieldPlacer {
 public:
  static constexpr std::uint32_t kAbsent = 0xFFFFFFFF;
  // `shifting`: what follows a short table moves up.
  FieldPlacer(const RecordLayout& layout, CodePage page, bool shifting);
  // For layout.fields, in order.
  const std::vector<std::uint32_t>& place(std::string_view record);

 private:
  std::uint32_t walk(std::uint32_t node, std::uint32_t at);
  std::uint32_t walk_once(std::uint32_t node, std::uint32_t at);
  void skip_fields(std::uint32_t node);
  std::uint32_t count_of(const LayoutNode& node) const;

  const RecordLayout& layout_;
  CodePage page_;
  bool shifting_;
  std::vector<std::uint32_t> places_;
  std::vector<std::uint32_t> last_place_;     // of elementary nodes, by node
  std::vector<std::uint32_t> fields_inside_;  // how many fields one occurrence of a node makes
  std::vector<std::uint32_t> lengths_;  // of one occurrence of a node, with every table at its most
  std::vector<std::uint32_t> counters_;  // node that a table depends on, by node
  std::size_t next_ = 0;
  std::string_view record_;
};

}  // namespace bulkhead::exposure
