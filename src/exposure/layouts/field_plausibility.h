// How well the bytes of many records fit what a layout says of one field.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "exposure/layouts/field_value.h"

namespace bulkhead::exposure {

// Forms in which records write dates as digits.
enum class DateForm : std::uint8_t {
  kOther,
  kCcyymmdd,
  kMmddccyy,
  kYymmdd,
  kMmddyy,
  kCyymmdd,
  kCcyyddd,
  kYyddd
};
constexpr std::size_t kDateForms = 8;

// A date of birth as CCYYMMDD, as kOther (dates with separators) unchanged; "" where it is none in
// that form. Two-digit years are in the hundred years up to 2029, as no file knows better.
std::string date_in_form(std::string_view text, DateForm form);

// What a column of texts is made of.
enum class TextClass : std::uint8_t { kAny, kDigits, kLetters };

class FieldStatistics {
 public:
  void add(const LayoutField& field, const LayoutNode& node, std::string_view bytes, CodePage page,
           std::string& scratch);

  // 0 to 1; `weight`: how much it says.
  double fit(const LayoutField& field, double& weight) const;
  DateForm date_form() const;
  TextClass text_class() const;
  std::size_t filled() const { return filled_; }

 private:
  std::size_t seen_ = 0, filled_ = 0;
  double points_ = 0;
  std::size_t digits_ = 0, letters_ = 0;
  std::array<std::size_t, kDateForms> dates_{};
};

// Nothing but digits; nothing but letters, blanks and what names hold.
TextClass class_of(std::string_view text);

}  // namespace bulkhead::exposure
