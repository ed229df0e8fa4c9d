#include "exposure/infer/column_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/ascii.h"
#include "exposure/detect/common_words.h"
#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

constexpr double kNearlyAll = 0.97;
constexpr std::size_t kFewValues = 3;

std::string percent(double share) {
  return fmt::format("{:.0f}%", share * 100);
}

// The first checks that a whole column passes say what it is.
void settle_by_check(ColumnFacts& column) {
  const Values& values = column.values;
  const auto nearly_all = [&](auto&& test) { return share_of(values, test) >= kNearlyAll; };
  const auto compact_is = [&](auto&& test) {
    return nearly_all([&](std::string_view value) { return test(Compact(value).view()); });
  };
  if (compact_is([](std::string_view v) { return check_mbi(v) != MbiCheck::kNotOne; }))
    return column.is(FieldKind::kMedicareId, 0.99, "form of a Medicare number", "MBI");
  if (column.ssn.sure >= 0.9)
    return column.is(FieldKind::kSsn, column.ssn.sure,
                     fmt::format("{} numbers, {} of them such as are given out",
                                 column.ssn.distinct, percent(column.ssn.share)),
                     "SSN");
  if (nearly_all(is_email))
    return column.is(FieldKind::kEmail, 0.99, "addresses of e-mail", "EMAIL");
  const bool tens = column.shortest == 10 && column.longest == 10 && column.digits >= kNearlyAll;
  if (tens && nearly_all(is_npi))
    return column.is(FieldKind::kNpi, 0.99, "check digit of NPIs", "NPI");
  const bool nines = column.shortest == 9 && column.longest == 9 && column.digits >= kNearlyAll;
  if (nines && nearly_all(is_aba_routing) && column.distinct >= 2)
    return column.is(FieldKind::kBankRouting, 0.9, "check digit of routing numbers", "ROUTING");
  if (column.shortest >= 13 && column.distinct > 3 && nearly_all(is_payment_card))
    return column.is(FieldKind::kPaymentCard, 0.95, "check digit of payment cards", "CARD-NUMBER");
}

void settle_by_form(ColumnFacts& column) {
  Values values = column.values;
  std::erase_if(values, [](std::string_view value) { return is_filler_number(value); });
  const auto share = [&](auto&& test) { return share_of(values, test); };
  const double phones = values.size() >= kFewValues ? share(is_phone) : 0;
  if (phones >= kNearlyAll && few_areas(values))
    return column.is(FieldKind::kPhone, 0.95, "telephone numbers of few areas", "PHONE");
  if (column.letters < kNearlyAll && column.street >= 0.5 && column.company < 0.5)
    return column.is(FieldKind::kAddressLine1, 0.97,
                     percent(column.street) + " are house numbers and streets", "ADDRESS");
  if (share([](std::string_view v) { return has_word(v, is_unit_word); }) >= 0.6)
    return column.is(FieldKind::kAddressLine2, 0.9, "flats and boxes", "ADDRESS-2");
  if (column.letters < kNearlyAll) return;
  if (column.longest == 2 && share(is_state_code) >= 0.98)
    return column.is(FieldKind::kState, 0.97, "codes of states", "STATE");
  if (share([](std::string_view v) { return is_name_suffix(v); }) >= 0.95)
    return column.is(FieldKind::kNameSuffix, 0.9, "JR, SR, II…", "SUFFIX");
  const bool sexes =
      share([](std::string_view v) { return v == "M" || v == "F" || v == "U"; }) >= 0.98;
  if (sexes && column.distinct >= 2 && column.fill > 0.8)
    return column.is(FieldKind::kDemographics, 0.95, "M and F only", "SEX");
}

}  // namespace

ColumnFacts::ColumnFacts(const Grid& grid, const Segment& of)
    : segment(of), texts(grid, of), values(texts.values()), rows(grid.rows()) {
  verdict.segment = of;
  fill = rows == 0 ? 0 : static_cast<double>(values.size()) / static_cast<double>(rows);
  distinct = count_distinct(values);
  if (values.empty()) return;
  std::size_t length = 0, words = 0;
  shortest = values[0].size();
  for (const std::string_view value : values) {
    length += value.size();
    longest = std::max(longest, value.size());
    shortest = std::min(shortest, value.size());
    words += words_of(value).size();
  }
  const auto count = static_cast<double>(values.size());
  mean_length = static_cast<double>(length) / count;
  mean_words = static_cast<double>(words) / count;
  letters = share_of(values, [](std::string_view v) { return class_of(v) == TextClass::kLetters; });
  digits = share_of(values, all_digits);
  date = test_dates(values);
  ssn = test_ssns(values);
  if (digits > 0.5) return;
  const auto first_word = [](bool (*test)(std::string_view)) {
    return [test](std::string_view value) {
      const std::vector<std::string> all = words_of(value);
      return !all.empty() && test(all[0]);
    };
  };
  given = share_of(values, first_word(is_common_given_name));
  surname = share_of(values, first_word(is_common_surname));
  company = share_of(values, is_company);
  street = share_of(values, is_street);
}

void ColumnFacts::is(FieldKind kind, double sure, std::string why, std::string name) {
  verdict.kind = kind;
  verdict.sure = sure;
  verdict.why = std::move(why);
  verdict.name = std::move(name);
}

void settle_plain_values(std::vector<ColumnFacts>& columns) {
  for (ColumnFacts& column : columns) {
    if (!column.open() || column.values.size() < kFewValues) continue;
    if (column.texts.misfits() * 20 > column.values.size()) continue;
    settle_by_check(column);
    if (column.open()) settle_by_form(column);
  }
}

// The earliest of the columns of dates whose years lie as far apart as those of births do; no other
// date of a record comes before it.
void settle_birth_date(std::vector<ColumnFacts>& columns) {
  const auto is_known_date = [](const ColumnFacts& c) {
    return c.open() && c.values.size() >= kFewValues && c.date.is_date();
  };
  ColumnFacts* birth = nullptr;
  for (ColumnFacts& column : columns) {
    if (!is_known_date(column) || column.fill < 0.5) continue;
    const DateTest& date = column.date;
    const bool varied = date.distinct * 2 >= std::min<std::size_t>(date.count, 10);
    if (!date.spreads() || !varied || date.late > 2030 || date.early < 1890) continue;
    if (birth == nullptr || date.middle < birth->date.middle) birth = &column;
  }
  if (birth == nullptr) return;
  std::size_t compared = 0, before = 0;
  for (const ColumnFacts& other : columns) {
    if (&other == birth || !is_known_date(other)) continue;
    for (std::size_t row = 0; row < birth->rows; ++row) {
      const std::string own = plausible_date(birth->texts.row(row), birth->date.form);
      const std::string its = plausible_date(other.texts.row(row), other.date.form);
      if (own.empty() || its.empty()) continue;
      ++compared;
      before += its < own ? 1 : 0;
    }
  }
  const bool first = before * 50 <= compared;
  birth->is(FieldKind::kBirthDate, first ? 0.98 : 0.7,
            fmt::format("dates of {} to {}{}", birth->date.early, birth->date.late,
                        compared > 0 && first ? ", before all others of the record" : ""),
            "BIRTH-DATE");
}

void settle_places(std::vector<ColumnFacts>& columns) {
  const auto state = std::find_if(columns.begin(), columns.end(), [](const ColumnFacts& c) {
    return c.verdict.kind == FieldKind::kState;
  });
  ColumnFacts* postal = nullptr;
  for (ColumnFacts& column : columns) {
    const bool form = column.open() && column.values.size() >= kFewValues &&
                      share_of(column.values, [](std::string_view v) {
                        const Compact compact(v);
                        const std::string_view code = compact.view();
                        return all_digits(code) && (code.size() == 5 || code.size() == 9);
                      }) >= kNearlyAll;
    if (!form || state == columns.end()) continue;
    std::size_t tried = 0, fits = 0;
    for (std::size_t row = 0; row < column.rows; ++row) {
      const std::string_view code = column.texts.row(row), its = state->texts.row(row);
      if (code.empty() || its.empty() || is_filler_number(code)) continue;
      ++tried;
      fits += region_fits(its, code[0]) ? 1 : 0;
    }
    if (tried < kFewValues || fits * 100 < tried * 95) continue;
    column.is(FieldKind::kPostalCode, 0.95, "in the states that stand beside them", "ZIP");
    postal = &column;
    break;
  }
  // A city goes with its postal code: whoever has the one has the other.
  for (std::size_t i = 0; i < columns.size(); ++i) {
    ColumnFacts& column = columns[i];
    const bool text = column.open() && column.letters >= 0.95 && column.longest > 2 &&
                      column.mean_words < 3 && column.company < 0.2;
    if (!text) continue;
    std::size_t repeated = 0, same = 0;
    std::map<std::string, std::string_view> places;
    for (std::size_t row = 0; postal != nullptr && row < column.rows; ++row) {
      const std::string_view code = postal->texts.row(row), city = column.texts.row(row);
      if (code.empty() || city.empty()) continue;
      const auto [at, fresh] = places.try_emplace(std::string(code.substr(0, 5)), city);
      if (fresh) continue;
      ++repeated;
      same += at->second == city ? 1 : 0;
    }
    const auto next_is = [&](FieldKind kind) {
      return i + 1 < columns.size() && columns[i + 1].verdict.kind == kind;
    };
    const bool beside = next_is(FieldKind::kState) || next_is(FieldKind::kPostalCode);
    const bool goes = repeated >= 6 && same * 10 >= repeated * 8;
    const bool against = repeated >= 6 && same * 10 < repeated * 4;
    if (goes || (beside && !against && column.given < 0.2))
      column.is(FieldKind::kCity, goes ? 0.97 : 0.85,
                goes ? "goes with the postal code" : "in front of the state", "CITY");
  }
}

}  // namespace bulkhead::exposure
