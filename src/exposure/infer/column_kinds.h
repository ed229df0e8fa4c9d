// What the columns of one kind of record are: by their values, by one another.
#pragma once

#include <string>
#include <vector>

#include "exposure/detect/header_dictionary.h"
#include "exposure/detect/rules.h"
#include "exposure/infer/column_borders.h"
#include "exposure/infer/known_values.h"

namespace bulkhead::exposure {

// A column and what it is taken for.
struct InferredColumn {
  Segment segment;
  FieldKind kind = FieldKind::kNone;
  HeaderSubject subject = HeaderSubject::kMain;
  double sure = 0;   // that it is of that kind; 0 where nothing is known
  std::string name;  // for the layout: LAST-NAME, DCN
  std::string why;   // without values: "48 of 50 are common given names"
};

// One column under the tests; the steps that look at columns share these.
struct ColumnFacts {
  Segment segment;
  SegmentTexts texts;
  Values values;
  std::size_t rows = 0, distinct = 0, longest = 0, shortest = 0;
  double fill = 0, mean_length = 0, mean_words = 0;
  double letters = 0, digits = 0;  // shares of the values
  double given = 0, surname = 0, company = 0, street = 0;
  DateTest date;
  SsnTest ssn;
  InferredColumn verdict;

  ColumnFacts(const Grid& grid, const Segment& of);
  bool open() const { return verdict.kind == FieldKind::kNone && verdict.sure == 0; }
  double distinct_share() const {
    return values.empty() ? 0 : static_cast<double>(distinct) / static_cast<double>(values.size());
  }
  void is(FieldKind kind, double sure, std::string why, std::string name = {});
};

struct InferredKind {
  std::vector<InferredColumn> columns;
  bool persons = false;  // its records are about persons
  double sure = 0;       // of that, and that they are read right
  std::string why_not;   // where they are not: one clause
};

InferredKind infer_columns(const Grid& grid, const Rules& rules, const KnownValues& known);

// The steps, in this order; each leaves columns alone that are settled.
void settle_plain_values(std::vector<ColumnFacts>& columns);  // checks, forms, lists
void settle_birth_date(std::vector<ColumnFacts>& columns);
void settle_places(std::vector<ColumnFacts>& columns);  // city, postal code
void settle_names(std::vector<ColumnFacts>& columns);
void settle_numbers(std::vector<ColumnFacts>& columns, const Rules& rules);
void settle_rest(std::vector<ColumnFacts>& columns);

}  // namespace bulkhead::exposure
