// One person's record in the making. Readers say "this is a birth date, it stands here"; the draft
// decides whether it is a value, a filler or masked, normalises it, and at the end writes one row
// of the person table.
//
// Values are copied at once (readers' blocks move on); the memory is used again for the next
// record.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/detect/sensitive.h"
#include "exposure/readers/collector.h"
#include "exposure/readers/field_kind.h"

namespace bulkhead::exposure {

// A value and where it stands.
struct RawField {
  std::string_view value;
  std::uint64_t offset = 0;  // of value's first byte
  std::uint16_t place = 0;
  std::uint32_t length = 0;  // in the file, where it is not value's (packed numbers, code pages)
};

struct FieldDetail {
  std::string_view label = {};           // of identifiers: what the file calls it
  std::string_view issuer = {};          // of identifiers that have their own; else the draft's
  std::uint8_t flags = 0;                // FactFlag, of identifiers and names
  std::optional<CodeSystem> codes = {};  // of diagnoses and procedures
  bool day_first = false;                // of dates
};

class Draft {
 public:
  // Starts anew: a record about a person in `role` that begins at `offset`.
  void start(Role role, std::uint64_t offset);
  void stop() { open_ = false; }
  bool open() const { return open_; }
  Role role() const { return role_; }

  void add(FieldKind kind, RawField field, Collector& collector, const FieldDetail& detail = {});

  // From here on names, birth dates and numbers are those of another name of the same person
  // (NM1*70).
  void begin_other_name();
  void end_other_name();
  // From here on address parts belong to a further address.
  void begin_address();
  // Who issues the member numbers: the payer's or plan's name (which names the programme) and
  // number.
  void set_issuer(std::string_view name, std::string_view id);
  // Whose numbers the medical record and account numbers are.
  void set_facility(std::string_view id);

  bool named() const { return has_name(names_[0]); }
  bool same_first_name(std::string_view first) const;
  bool has(Element element) const { return elements_.has(element); }
  // Of values, for all that was ever added: bounded, whatever a file repeats.
  std::size_t kept_bytes() const { return text_.size(); }

  // Writes the row and stops. kNone where the record names nobody (then it is counted as
  // anonymous).
  std::uint32_t write(Collector& collector);
  // Likewise; the rows of `kin`, which are written already, are related to it, and the list is
  // empty after that.
  void write_with_kin(std::vector<std::uint32_t>& kin, Collector& collector);
  // What came after write(): elements for a row that stands already.
  void write_more(std::uint32_t row, Collector& collector);

 private:
  struct Piece {
    std::uint32_t at = 0;
    std::uint16_t length = 0;
    std::uint16_t room = 0;  // bytes at `at`: another value may take the place of this one
  };
  using NamePieces = std::array<Piece, 4>;     // last, first, middle, suffix
  using AddressPieces = std::array<Piece, 5>;  // line 1, line 2, city, state, postal code
  struct Number {
    IdentifierType type;
    std::uint8_t flags;
    Piece value, label, issuer;
  };
  struct Plain {  // a fact of one part
    FactKind kind;
    std::uint8_t flags;
    Piece value;
  };

  // Cut to the longest that is kept.
  Piece keep(std::string_view value);
  // In its place where there is room, so that a part that comes a million times is kept once.
  void replace(Piece& piece, std::string_view value);
  std::string_view text(Piece piece) const { return {text_.data() + piece.at, piece.length}; }
  static bool has_name(const NamePieces& name) {
    return name[0].length != 0 || name[1].length != 0;
  }
  static bool has_address(const AddressPieces& a) {
    return a[0].length || a[1].length || a[2].length || a[4].length;
  }

  void found(Element element, const RawField& field);
  void add_name_part(FieldKind kind, const RawField& field);
  void add_full_name(const RawField& field);
  void add_date(FieldKind kind, const RawField& field, Collector& collector, bool day_first);
  void add_number(IdentifierType type, const RawField& field, Collector& collector,
                  const FieldDetail& detail);
  void add_medicare(const RawField& field, std::string_view compact, const FieldDetail& detail);
  void push_number(IdentifierType type, std::string_view value, const FieldDetail& detail,
                   std::uint8_t flags);
  void add_contact(FieldKind kind, const RawField& field, Collector& collector);
  bool joinable() const;
  bool has_identity() const;
  void pack(Collector& collector);
  void pack_name(FactKind kind, std::uint8_t flags, const NamePieces& name);
  void pack_number(const Number& number, Collector& collector);

  bool open_ = false;
  Role role_ = Role::kMember;
  bool other_name_ = false;
  std::uint64_t offset_ = 0;
  std::string text_;  // its size is what there is room for
  std::size_t text_size_ = 0;
  std::array<NamePieces, 2> names_{};  // own, the other one in the making
  std::uint8_t name_flags_ = 0;        // of the own one: FactFlag
  std::vector<NamePieces> other_names_;
  AddressPieces address_{};
  std::vector<AddressPieces> addresses_;
  std::vector<Number> numbers_;
  std::vector<Plain> plains_;
  std::string issuer_name_, issuer_id_, facility_;
  ElementSet elements_, possible_, masked_;
  SensitivitySet sensitive_ = 0;
  std::vector<Evidence> evidence_;
  std::array<std::uint8_t, kElementCount> evidence_count_{};
  FactPacker packed_;
};

}  // namespace bulkhead::exposure
