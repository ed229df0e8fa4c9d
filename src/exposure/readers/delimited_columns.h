// What each column of one file is used for, once all of them are known: a name beside a birth date
// is a person's, a name beside an address alone may be a company's.
#pragma once

#include <vector>

#include "exposure/detect/header_dictionary.h"
#include "exposure/readers/draft.h"

namespace bulkhead::exposure {

struct ColumnUse {
  std::size_t index = 0;
  FieldKind kind = FieldKind::kNone;
  FieldDetail detail;  // views into the meanings
  std::uint16_t place = 0;
  bool national = false;  // a national number: an SSN where it has the form of one
  bool treating = false;  // of a provider: marks the patient as treated
};

struct ColumnPlan {
  Role main_role = Role::kMember;
  // One draft each; empty: none.
  std::vector<ColumnUse> main, subscriber, related, provider, contact;
  std::size_t last_used = 0;  // columns behind it need not be split
  bool persons = false;       // some column says whose the rows are
};

ColumnPlan plan_columns(const std::vector<HeaderMeaning>& columns, FieldKind file_kind,
                        PersonTable& places);

}  // namespace bulkhead::exposure
