// Follows an X12SetTable through one transaction set after the other and turns its loops into
// persons.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "exposure/readers/draft.h"
#include "exposure/readers/x12_syntax.h"
#include "exposure/readers/x12_table.h"

namespace bulkhead::exposure {

class X12SetReader {
 public:
  X12SetReader(const X12SetTable& table, Collector& collector);

  void begin_set();
  void segment(const X12Segment& segment, const X12Delimiters& delimiters);
  void end_set();  // also for a set that just stops: what was read of it counts

  // What the header of a set says of all of its members.
  struct Header {
    std::string payer_name, payer_id, facility;
    bool operator==(const Header&) const = default;
  };
  Header header() const { return {payer_name_, payer_id_, facility_}; }
  // Goes on in a set that begins in an earlier part of the file, at a segment
  // X12SetTable::splits_at.
  void resume_set(const Header& header);

 private:
  // The qualifiers of a rule as numbers (they have at most four characters); empty: any.
  using Codes = std::vector<std::uint32_t>;
  // The rules of one segment in one loop.
  struct Rules {
    std::vector<std::uint16_t> loops, fields;
  };
  struct Entry {
    std::uint32_t id = 0;
    std::vector<Rules> in_loop;  // by loop
  };
  // A field rule as it is followed: what is asked first lies together.
  struct Field {
    std::uint8_t element = 0, component = 0;
    std::uint8_t qualifier_element = 0, qualifier_component = 0;
    std::uint8_t step = 0;
    bool plain = false;                          // one value, whole elements: as nearly all are
    std::uint16_t codes_from = 0, codes_to = 0;  // of all_codes_; none: any
  };
  // One segment that is looked into.
  struct Seen {
    const X12Segment& segment;
    X12Elements elements;
    char component;
  };
  static Codes codes_of(std::string_view list);
  static bool listed(const Codes& codes, std::string_view value);
  static std::uint32_t code_of(std::string_view value);
  void add_rules(const X12SetTable& table);
  void add_field(const X12FieldRule& rule);
  const Entry* find(std::uint32_t id) const;
  Entry& entry_for(std::uint32_t id);

  void enter(const X12LoopRule& rule, const X12Segment& segment, const X12Elements& elements);
  void enter_member(const X12Segment& segment, bool person);
  void enter_dependent(const X12Segment& segment, bool person);
  void enter_other_insured(const X12Segment& segment, const X12Elements& elements, bool person);
  void enter_side(Role role, const X12Segment& segment, bool person);
  void enter_payer(const X12Elements& elements);
  void mark_treating(const X12LoopRule& rule, const X12Segment& segment,
                     const X12Elements& elements);
  void apply_all(const std::vector<std::uint16_t>& rules, const Seen& seen);
  void apply(std::uint16_t rule, const Seen& seen);
  void apply_at(std::uint16_t rule, std::size_t shift, const Seen& seen);
  void take(std::uint16_t rule, std::size_t repeat, std::string_view value, const Seen& seen);
  bool listed(const Field& field, std::uint32_t code) const;
  void add_packed(const X12FieldRule& rule, RawField field, const FieldDetail& detail);

  void start_member(std::uint64_t offset);
  void start_dependent(std::uint64_t offset);
  void write_member();
  void finish_dependent();
  void finish_other();
  void finish_side();
  void finish_family();
  Draft& patient(std::uint64_t offset);
  std::uint16_t place(std::uint16_t rule, std::size_t repeat);

  const X12SetTable& table_;
  Collector& collector_;
  std::vector<Entry> entries_;
  std::vector<Codes> loop_codes_;  // by rule
  std::vector<Field> fields_;      // by rule
  Codes all_codes_;                // of fields_
  std::array<std::uint8_t, 256>
      buckets_{};  // of entries_, by a hash of the name; 0: none, else index + 1
  std::vector<std::uint16_t> places_;  // by rule and repeat

  std::uint8_t loop_ = 0;
  Draft* target_ = nullptr;  // whose data this loop holds
  bool other_self_ = false;  // the other insurance is the patient's own
  bool issuer_unknown_ = false;
  Draft member_, dependent_, other_, side_;
  std::uint32_t member_row_ = PersonTable::kNone;
  std::vector<std::uint32_t> member_kin_,
      dependent_kin_;                  // rows to relate to them once they are written
  std::string payer_name_, payer_id_;  // of the whole set (834)
  std::string member_payer_name_, member_payer_id_;
  std::string facility_;
};

}  // namespace bulkhead::exposure
