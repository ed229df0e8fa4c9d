#include "exposure/readers/table_rows.h"

namespace bulkhead::exposure {
namespace {

bool is_uuid(std::string_view text) {
  return text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' &&
         text[23] == '-';
}

bool has_ssn_form(std::string_view text) {
  return fits_pattern("999-99-9999", text);
}

}  // namespace

void TableRows::take(const TableRow& row) {
  row_ = &row;
  main_.start(plan_.main_role, row.offset);
  fill(main_, plan_.main);
  mark_treating();
  const std::uint32_t written = main_.write(collector_);
  take_other(plan_.subscriber, Role::kMember, written);
  take_other(plan_.related, Role::kRelated, written);
  take_other(plan_.provider, Role::kProvider, PersonTable::kNone);
  take_other(plan_.contact, Role::kOther, PersonTable::kNone);
}

void TableRows::take_other(const std::vector<ColumnUse>& columns, Role role,
                           std::uint32_t main_row) {
  if (columns.empty()) return;
  other_.start(role, row_->offset);
  fill(other_, columns);
  if (!other_.named()) {
    other_.stop();
    return;
  }
  const std::uint32_t row = other_.write(collector_);
  if (row == PersonTable::kNone || main_row == PersonTable::kNone) return;
  collector_.persons().add_relation(row, main_row);
}

void TableRows::mark_treating() {
  for (const ColumnUse& use : plan_.provider) {
    if (!use.treating) continue;
    const RawField field = raw(use);
    if (!field.value.empty()) main_.add(FieldKind::kTreatingProvider, field, collector_);
  }
}

void TableRows::fill(Draft& draft, const std::vector<ColumnUse>& columns) {
  for (const ColumnUse& use : columns) {
    RawField field = raw(use);
    if (field.value.empty()) continue;
    FieldKind kind = use.kind;
    FieldDetail detail = use.detail;
    if (use.national && has_ssn_form(field.value)) kind = FieldKind::kSsn;
    if (kind == FieldKind::kPseudonym && is_uuid(field.value)) detail.issuer = "uuid";
    if (row_->doubled_quotes && field.value.find('"') != std::string_view::npos) unescape(field);
    draft.add(kind, field, collector_, detail);
  }
}

RawField TableRows::raw(const ColumnUse& use) const {
  if (use.index >= row_->cells->size()) return {};
  const std::string_view value = (*row_->cells)[use.index];
  if (row_->places != nullptr) {
    const TableRow::Place& place = (*row_->places)[use.index];
    return {value, place.offset, use.place, place.length};
  }
  return {value, row_->offset + static_cast<std::uint64_t>(value.data() - row_->text.data()),
          use.place};
}

// "" inside quotes is one quote. The evidence then holds what stands in the file, up to the first
// of them.
void TableRows::unescape(RawField& field) {
  unescaped_.clear();
  for (std::size_t i = 0; i < field.value.size(); ++i) {
    unescaped_.push_back(field.value[i]);
    if (field.value.substr(i, 2) == "\"\"") ++i;
  }
  field.value = unescaped_;
}

}  // namespace bulkhead::exposure
