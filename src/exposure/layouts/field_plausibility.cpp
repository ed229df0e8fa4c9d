#include "exposure/layouts/field_plausibility.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "exposure/detect/dates.h"
#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

constexpr double kPadded = 0.6;    // a text that begins with blanks though it need not
constexpr double kTwoTexts = 0.5;  // a wide gap inside: a border is missing
constexpr double kBlank = 0.9;

int number(std::string_view digits) {
  int value = 0;
  for (const char c : digits)
    value = value * 10 + (c - '0');
  return value;
}

int century_of(int two_digit_year) {
  return two_digit_year < 30 ? 2000 : 1900;
}

std::string checked(int year, std::string_view month_day) {
  const std::string text = fmt::format("{:04}{}", year, month_day);
  return parse_date(text) ? text : std::string();
}

std::string from_day_of_year(int year, int day) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  for (int month = 0; month < 12; ++month) {
    const int days = kDays[month] + (leap && month == 1 ? 1 : 0);
    if (day <= days && day > 0) return fmt::format("{:04}{:02}{:02}", year, month + 1, day);
    day -= days;
  }
  return {};
}

// Does it look like a value of what its name says?
bool fits_kind(FieldKind kind, std::string_view text) {
  const auto any_digit = [&] { return std::any_of(text.begin(), text.end(), is_digit); };
  switch (kind) {
    case FieldKind::kLastName:
    case FieldKind::kFirstName:
    case FieldKind::kFullName:
      return !any_digit();
    case FieldKind::kSsn: {
      const Compact compact(text);
      return compact.view().size() == 9 && (compact.all_digits() || is_masked(text));
    }
    case FieldKind::kState:
      return text.size() <= 2 ? !any_digit() : true;
    case FieldKind::kPostalCode:
    case FieldKind::kPhone:
      return any_digit();
    case FieldKind::kEmail:
      return text.find('@') != std::string_view::npos;
    default:
      return true;
  }
}

bool is_checked(FieldKind kind) {
  switch (kind) {
    case FieldKind::kLastName:
    case FieldKind::kFirstName:
    case FieldKind::kFullName:
    case FieldKind::kSsn:
    case FieldKind::kState:
    case FieldKind::kPostalCode:
    case FieldKind::kPhone:
    case FieldKind::kEmail:
    case FieldKind::kBirthDate:
      return true;
    default:
      return false;
  }
}

double points_of_text(const LayoutNode& node, const DecodedField& value) {
  if (!value.fits) return 0;
  if (value.text.find("    ") != std::string_view::npos) return kTwoTexts;
  const bool padded = value.at > 0 && !node.right_justified && !all_digits(value.text);
  return padded ? kPadded : 1;
}

}  // namespace

std::string date_in_form(std::string_view text, DateForm form) {
  if (form == DateForm::kOther)
    return !all_digits(text) && parse_date(text) ? std::string(text) : std::string();
  if (!all_digits(text)) return {};
  const auto padded = [&](std::size_t length) {
    // Numbers lose their zeros in front.
    return text.size() < length ? std::string(length - text.size(), '0') + std::string(text)
                                : std::string(text);
  };
  switch (form) {
    case DateForm::kCcyymmdd:
      return text.size() == 8 && parse_date(text) ? std::string(text) : std::string();
    case DateForm::kMmddccyy:
      if (text.size() != 8) return {};
      return checked(number(text.substr(4)), text.substr(0, 4));
    case DateForm::kYymmdd:
      if (text.size() != 6) return {};
      return checked(century_of(number(text.substr(0, 2))) + number(text.substr(0, 2)),
                     text.substr(2));
    case DateForm::kMmddyy:
      if (text.size() != 6) return {};
      return checked(century_of(number(text.substr(4))) + number(text.substr(4)),
                     text.substr(0, 4));
    case DateForm::kCyymmdd: {  // a century digit: 0 for 1900, 1 for 2000
      if (text.size() > 7) return {};
      const std::string whole = padded(7);
      if (whole[0] > '1') return {};
      return checked(1900 + number(whole.substr(0, 3)), std::string_view(whole).substr(3));
    }
    case DateForm::kCcyyddd:
      return text.size() == 7 ? from_day_of_year(number(text.substr(0, 4)), number(text.substr(4)))
                              : std::string();
    case DateForm::kYyddd: {
      if (text.size() > 5) return {};
      const std::string whole = padded(5);
      const int year = number(std::string_view(whole).substr(0, 2));
      return from_day_of_year(century_of(year) + year, number(std::string_view(whole).substr(2)));
    }
    case DateForm::kOther:
      break;
  }
  return {};
}

TextClass class_of(std::string_view text) {
  if (all_digits(text)) return TextClass::kDigits;
  const bool letters = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const char upper = static_cast<char>(c & ~0x20);
    return (upper >= 'A' && upper <= 'Z') || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view(" -'.,").find(c) != std::string_view::npos;
  });
  return letters ? TextClass::kLetters : TextClass::kAny;
}

void FieldStatistics::add(const LayoutField& field, const LayoutNode& node, std::string_view bytes,
                          CodePage page, std::string& scratch) {
  scratch.clear();
  ++seen_;
  const DecodedField value = decode_field(node, field.usage, bytes, page, scratch);
  if (value.blank || field.usage == FieldUsage::kFloat) return;
  ++filled_;
  switch (class_of(value.text)) {
    case TextClass::kDigits:
      ++digits_;
      break;
    case TextClass::kLetters:
      ++letters_;
      break;
    case TextClass::kAny:
      break;
  }
  double points = field.usage == FieldUsage::kText ? points_of_text(node, value) : value.fits;
  const FieldKind kind = field.meaning.known ? field.meaning.kind : FieldKind::kNone;
  if (info(kind).shape == FieldShape::kDate && kind != FieldKind::kDeathFlag) {
    if (is_filler_number(value.text)) {
      --filled_;
      return;
    }
    for (std::size_t form = 0; form < kDateForms; ++form)
      dates_[form] += date_in_form(value.text, static_cast<DateForm>(form)).empty() ? 0 : 1;
  } else if (!is_filler_text(value.text) && !fits_kind(kind, value.text)) {
    points *= 0.2;
  }
  points_ += points;
}

double FieldStatistics::fit(const LayoutField& field, double& weight) const {
  const double length = std::min<double>(field.length, 20);
  weight = length * 0.1;
  if (filled_ == 0) return kBlank;
  const FieldKind kind = field.meaning.known ? field.meaning.kind : FieldKind::kNone;
  const double share = static_cast<double>(filled_) / static_cast<double>(seen_);
  weight += length * share * (is_checked(kind) ? 3 : 1);
  double fit = points_ / static_cast<double>(filled_);
  if (kind == FieldKind::kBirthDate) {
    const std::size_t best = *std::max_element(dates_.begin(), dates_.end());
    fit *= static_cast<double>(best) / static_cast<double>(filled_);
  }
  return fit;
}

DateForm FieldStatistics::date_form() const {
  const auto best = std::max_element(dates_.begin(), dates_.end());
  return *best == 0 ? DateForm::kOther : static_cast<DateForm>(best - dates_.begin());
}

TextClass FieldStatistics::text_class() const {
  const auto nearly_all = [&](std::size_t count) {
    return filled_ >= 3 && count * 5 >= filled_ * 4;
  };
  return nearly_all(digits_)    ? TextClass::kDigits
         : nearly_all(letters_) ? TextClass::kLetters
                                : TextClass::kAny;
}

}  // namespace bulkhead::exposure
