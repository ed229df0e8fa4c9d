// What the fields of each kind of record mean to whom: made when the first record of a kind comes.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "exposure/layouts/layout_fit.h"
#include "exposure/readers/delimited_columns.h"

namespace bulkhead::exposure {

// A field that is looked at.
struct FieldUse {
  std::uint32_t field = 0;  // of layout.fields
  DateForm date = DateForm::kOther;
  TextClass text = TextClass::kAny;
};

// The persons that one record tells of: its own, or those of one entry of a table.
struct PersonGroup {
  ColumnPlan plan;  // indices into RecordKind::uses
};

struct RecordKind {
  std::vector<FieldUse> uses;
  std::vector<PersonGroup> groups;
  std::size_t known = 0;       // fields that say something of persons
  std::size_t text_bytes = 0;  // that all values take at most
};

class RecordKinds {
 public:
  RecordKinds(const LayoutFit& fit, PersonTable& places) : fit_(fit), places_(places) {}

  // The kind of `record`; null where the layout names kinds and this is none of them. `ahead`:
  // gives records that follow, from which a new kind is learnt.
  template <typename Ahead>
  const RecordKind* kind_of(std::string_view record, Ahead&& ahead) {
    const std::string_view mark = mark_of(record);
    if (last_ != nullptr && mark == last_mark_) return last_;
    const auto known = kinds_.find(mark);
    // A mark that is another one in each record is none: then nothing new is learnt any more.
    if (known == kinds_.end() && kinds_.size() >= kMostKinds) return first_;
    const RecordKind* kind =
        known != kinds_.end() ? known->second.get() : learn(mark, record, ahead());
    last_ = kind;
    last_mark_ = std::string(mark);
    return kind;
  }

 private:
  static constexpr std::size_t kMostKinds = 1'000;

  std::string_view mark_of(std::string_view record);
  const RecordKind* learn(std::string_view mark, std::string_view record,
                          std::vector<std::string_view> ahead);
  RecordKind build(const KindOfRecord& judged);

  const LayoutFit& fit_;
  PersonTable& places_;
  std::map<std::string, std::unique_ptr<RecordKind>, std::less<>> kinds_;
  const RecordKind* first_ = nullptr;
  const RecordKind* last_ = nullptr;
  std::string ruled_;
  std::deque<std::string> issuers_;
  std::string last_mark_;
};

}  // namespace bulkhead::exposure
