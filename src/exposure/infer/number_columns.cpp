// Which columns are numbers of persons, and what the rest is.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "exposure/detect/rules.h"
#include "exposure/detect/values.h"
#include "exposure/infer/column_kinds.h"

namespace bulkhead::exposure {
namespace {

// Who a row is about, as far as the settled columns say.
std::vector<std::string> persons_of(const std::vector<ColumnFacts>& columns) {
  std::vector<std::string> persons(columns.empty() ? 0 : columns[0].rows);
  for (const ColumnFacts& column : columns) {
    if (column.verdict.subject != HeaderSubject::kMain) continue;
    switch (column.verdict.kind) {
      case FieldKind::kFirstName:
      case FieldKind::kFullName:
      case FieldKind::kLastName:
      case FieldKind::kBirthDate:
        for (std::size_t row = 0; row < persons.size(); ++row) {
          if (!column.texts.row(row).empty())
            persons[row] += fmt::format("{}\n", column.texts.row(row));
        }
        break;
      default:
        break;
    }
  }
  return persons;
}

// A number for a person: each person has one of their own.
bool is_one_each(const ColumnFacts& column, const std::vector<std::string>& persons) {
  std::set<std::string_view> numbers, people;
  std::set<std::pair<std::string_view, std::string_view>> both;
  for (std::size_t row = 0; row < persons.size(); ++row) {
    const std::string_view number = column.texts.row(row);
    if (number.empty() || persons[row].empty() || is_filler_number(number)) continue;
    numbers.insert(number);
    people.insert(persons[row]);
    both.emplace(number, persons[row]);
  }
  if (people.size() < 3) return false;
  return numbers.size() * 10 >= people.size() * 9 && people.size() * 10 >= numbers.size() * 7 &&
         both.size() * 10 <= std::max(numbers.size(), people.size()) * 11;
}

const ProgrammeIdentifier* programme_of(const ColumnFacts& column, const Rules& rules) {
  for (const ProgrammeIdentifier& programme : rules.programmes) {
    if (programme.pattern.empty() || programme.headers.empty()) continue;
    const double fits = share_of(column.values, [&](std::string_view value) {
      return is_filler_number(value) || fits_pattern(programme.pattern, value);
    });
    if (fits >= 0.98) return &programme;
  }
  return nullptr;
}

FieldKind kind_of(const ProgrammeIdentifier& programme) {
  return programme.element == Element::kStateId               ? FieldKind::kStateId
         : programme.element == Element::kMedicalRecordNumber ? FieldKind::kMedicalRecordNumber
                                                              : FieldKind::kMemberId;
}

bool may_be_number(const ColumnFacts& column) {
  return column.open() && column.values.size() >= 3 && column.mean_words < 1.05 &&
         column.shortest >= 5 && column.longest <= 20 && column.letters < 0.2 &&
         !column.date.is_date() && column.fill > 0.3;
}

}  // namespace

void settle_numbers(std::vector<ColumnFacts>& columns, const Rules& rules) {
  const std::vector<std::string> persons = persons_of(columns);
  bool programme_found = std::any_of(columns.begin(), columns.end(), [](const ColumnFacts& c) {
    return c.verdict.kind == FieldKind::kMemberId;
  });
  for (ColumnFacts& column : columns) {
    if (!may_be_number(column) || !is_one_each(column, persons)) continue;
    // Nine digits of which each person has one of their own are hardly anything else.
    const double ssn = column.ssn.sure_with(0.2);
    if (ssn >= 0.9) {
      column.is(FieldKind::kSsn, ssn, "nine digits as they are given out, one for each person",
                "SSN");
      continue;
    }
    const ProgrammeIdentifier* programme = programme_of(column, rules);
    if (programme == nullptr || programme_found) continue;
    column.is(kind_of(*programme), 0.9,
              fmt::format("form of {}, one for each person", programme->name), programme->name);
    programme_found = true;
  }
  std::size_t keys = 0;
  for (ColumnFacts& column : columns) {
    if (!may_be_number(column) || !is_one_each(column, persons)) continue;
    column.is(FieldKind::kPseudonym, 0.8, "one for each person", fmt::format("KEY-{}", ++keys));
  }
}

void settle_rest(std::vector<ColumnFacts>& columns) {
  bool persons = false, codes = false;
  for (ColumnFacts& column : columns) {
    const FieldShape shape = info(column.verdict.kind).shape;
    persons = persons || shape == FieldShape::kNamePart || shape == FieldShape::kIdentifier;
    const bool repeats = column.distinct * 10 <= column.values.size() * 8 || column.rows < 20;
    if (!column.open() || column.values.size() < 5 || column.letters > 0.1 || !repeats) continue;
    if (share_of(column.values, is_icd) < 0.97) continue;
    column.is(FieldKind::kDiagnosis, 0.9, "form of diagnoses", "DIAGNOSIS");
    codes = true;
  }
  std::size_t number = 0;
  for (ColumnFacts& column : columns) {
    if (!column.open()) continue;
    const bool date =
        column.date.is_date() && column.values.size() >= 3 &&
        (column.date.form == DateForm::kOther || column.longest == 8 || column.date.distinct > 3);
    if (date && persons && column.date.late >= 1980) {
      column.is(codes ? FieldKind::kClaim : FieldKind::kEligibility, 0.6,
                codes ? "dates beside diagnoses" : "dates beside a person",
                codes ? "SERVICE-DATE" : "DATE");
      continue;
    }
    const bool text = column.segment.usage == FieldUsage::kText;
    column.verdict.kind =
        text && column.digits > 0.5 ? FieldKind::kUnlabelledNumber : FieldKind::kNone;
    column.verdict.name = fmt::format("FIELD-{}", ++number);
  }
}

}  // namespace bulkhead::exposure
