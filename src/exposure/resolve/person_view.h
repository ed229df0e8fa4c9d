// One person put together from rows, without a copy of any value: texts lie in the rows' tables.
// Filled again for the next person, so that millions of them need no memory of their own.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "exposure/exposure.h"

namespace bulkhead::exposure {

// As CCYY-MM-DD, or as it is written where it is no date.
class DateView {
 public:
  explicit DateView(std::string_view written);
  std::string_view written() const { return written_; }
  std::string_view text() const { return is_date_ ? std::string_view(iso_, 10) : written_; }
  bool counts() const { return counts_; }  // a date, and no placeholder

 private:
  std::string_view written_;
  bool is_date_ = false, counts_ = false;
  char iso_[10];
};

struct NameView {
  std::string_view first, middle, last, suffix;
  auto operator<=>(const NameView&) const = default;
};
struct IdentifierView {
  IdentifierType type = IdentifierType::kMemberId;
  std::string_view value, label;
  std::uint8_t flags = 0;  // FactFlag
};
struct AddressView {
  std::array<std::string_view, 2> lines;  // the empty ones last
  std::string_view city, state, postal_code;
  auto operator<=>(const AddressView&) const = default;
};
struct EvidenceView {
  Evidence place;
  std::string_view where;
};
struct ExposureView {
  std::uint32_t file = 0;
  ElementSet elements;
  std::uint64_t records = 0, first_offset = 0;
  std::size_t evidence_from = 0, evidence_to = 0;  // in PersonView::evidence
};

struct PersonView {
  std::string_view id;
  Role role = Role::kMember;
  Identifiable identifiable = Identifiable::kNamed;
  std::vector<NameView> names;
  std::vector<DateView> dates_of_birth;
  std::vector<IdentifierView> identifiers;
  std::vector<AddressView> addresses;
  std::string_view address_status;
  std::vector<std::string_view> phones, emails;
  std::string_view minor_on;
  bool deceased = false;
  std::vector<std::string_view> related_to;
  SensitivitySet sensitive = 0;
  ElementSet elements, possible, masked;
  double confidence = 0;
  std::vector<ExposureView> exposures;
  std::vector<EvidenceView> evidence;
  std::vector<std::string_view> formerly;
  std::uint8_t from_roster = 0;  // RosterGave
  bool enrolled_only = false;    // of the roster, in none of the files

  void clear();  // keeps the memory
};

// The word of each flag in the outputs, in their order.
struct FlagWord {
  std::uint8_t flag;
  std::string_view word;
};
inline constexpr FlagWord kFlagWords[] = {
    {kFactInvalid, "invalid"},  {kFactSpecimen, "specimen"},   {kFactFromHicn, "from_hicn"},
    {kFactAlias, "other_name"}, {kFactSynthetic, "synthetic"}, {kFactPrior, "prior"},
    {kFactNotAKey, "shared"}};

// A person that owns what it says, and the other way round (valid as long as `person`).
Person owned(const PersonView& view);
void view_of(const Person& person, PersonView& view);

}  // namespace bulkhead::exposure
