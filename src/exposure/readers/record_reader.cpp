#include "exposure/readers/record_reader.h"

#include <algorithm>

#include "exposure/detect/dates.h"
#include "exposure/detect/values.h"
#include "exposure/layouts/record_kinds.h"
#include "exposure/layouts/record_stream.h"
#include "exposure/readers/draft.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kAhead = 200;  // records from which a kind is learnt
constexpr std::string_view kCardIssuer = "card";

// The value of one use of a field in one record.
struct Value {
  RawField field;
  bool filled = false;
  bool fits = true;
};

class RecordFileReader {
 public:
  RecordFileReader(ByteSource& source, const LayoutFit& fit, Collector& collector)
      : fit_(fit),
        layout_(*fit.layout),
        collector_(collector),
        stream_(source, RecordCutter(fit.framing, fit.record_length, fit.with_prefix),
                std::max(fit.record_length, layout_.length)),
        kinds_(fit, collector.persons()),
        inferred_(fit.layout->origin == "inferred") {
    if (layout_.varying) placer_.emplace(layout_, fit.page, fit.shifting);
  }

  Status read() {
    while (true) {
      BH_TRY(const RecordStream::Next next, stream_.next());
      if (next == RecordStream::Next::kEnd) return finish();
      if (next == RecordStream::Next::kDamage) {
        collector_.not_understood(stream_.offset(), stream_.size(),
                                  "bytes that are no whole record");
        continue;
      }
      ++number_;
      if (stream_.record().empty() || number_ <= layout_.header_records) continue;
      if (layout_.trailer_records > 0)
        hold_back();
      else
        take(stream_.record(), stream_.offset(), stream_.is_last());
    }
  }

 private:
  // Trailer records are known only at the end: so many are always held back.
  void hold_back() {
    held_.push_back({std::string(stream_.record()), stream_.offset()});
    if (held_.size() <= layout_.trailer_records) return;
    take(held_.front().text, held_.front().offset, false);
    held_.erase(held_.begin());
  }

  Status finish() {
    if (persons_ == 0 && unknown_kinds_ == 0 && known_ == 0)
      collector_.warn(0, "no field says whose the records are");
    return {};
  }

  void take(std::string_view record, std::uint64_t offset, bool last) {
    const RecordKind* kind = kinds_.kind_of(record, [&] { return stream_.ahead(kAhead); });
    if (kind == nullptr) {
      ++unknown_kinds_;
      collector_.not_understood(offset, record.size(), "record of no kind that the layout names");
      return;
    }
    known_ += kind->known;
    offset_ = offset;
    decode(*kind, record);
    const bool edge = number_ == layout_.header_records + 1 || last;
    const Misfits misfits = count_misfits(*kind);
    // Files that were put together have headers in their middle.
    const std::size_t different = misfits.wrong + misfits.other;
    const bool strange = edge ? different > 0 : different * 2 > misfits.filled;
    if (strange && is_header(record)) {
      collector_.warn(offset, "header or trailer record");
      return;
    }
    if (is_other_line(record)) {
      collector_.not_understood(offset, record.size(), "line of another length than its layout's");
      return;
    }
    // Nobody vouches for an inferred layout: a record must be such as those that it was inferred
    // of.
    const bool unlike = inferred_ && different * 5 > misfits.filled;
    if (misfits.wrong * 2 > misfits.filled || (edge && different * 2 > misfits.filled) || unlike) {
      collector_.not_understood(offset, record.size(), "record that does not fit its layout");
      return;
    }
    if (record.size() > layout_.length && has_text(record.substr(layout_.length)))
      collector_.not_understood(offset + layout_.length, record.size() - layout_.length,
                                "bytes behind the layout's last field");
    for (const PersonGroup& group : kind->groups) {
      if (group.plan.persons) take_group(group, *kind);
    }
  }

  void decode(const RecordKind& kind, std::string_view record) {
    const std::vector<std::uint32_t>* places = placer_ ? &placer_->place(record) : nullptr;
    scratch_.clear();
    // Texts stay where they are while the next ones are written behind them.
    scratch_.reserve(kind.text_bytes);
    values_.assign(kind.uses.size(), {});
    for (std::size_t i = 0; i < kind.uses.size(); ++i) {
      const LayoutField& field = layout_.fields[kind.uses[i].field];
      const std::uint32_t at = places != nullptr ? (*places)[kind.uses[i].field] : field.at;
      if (at >= record.size()) continue;
      const std::string_view bytes = record.substr(at, field.length);
      if (bytes.size() < field.length && field.usage != FieldUsage::kText) continue;
      values_[i] = value_of(field, kind.uses[i], bytes, offset_ + at);
    }
  }

  Value value_of(const LayoutField& field, const FieldUse& use, std::string_view bytes,
                 std::uint64_t offset) {
    const DecodedField decoded =
        decode_field(layout_.nodes[field.node], field.usage, bytes, fit_.page, scratch_);
    Value value{.field = {}, .filled = !decoded.blank, .fits = decoded.fits};
    if (decoded.blank) return value;
    value.field = {.value = decoded.text, .offset = offset + decoded.at};
    value.field.length = decoded.length;
    if (use.date != DateForm::kOther && use.date != DateForm::kCcyymmdd) {
      const std::string date = date_in_form(decoded.text, use.date);
      if (date.empty()) return value;
      const std::size_t start = scratch_.size();
      scratch_ += date;
      value.field.value = std::string_view(scratch_).substr(start);
    }
    return value;
  }

  // `wrong`: bytes that such a field cannot have; `other`: a text that is made of something else
  // than the column is. The first and the last record of a file may be something else that can be
  // read just as well.
  struct Misfits {
    std::size_t filled = 0, wrong = 0, other = 0;
  };
  Misfits count_misfits(const RecordKind& kind) const {
    Misfits misfits;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (!values_[i].filled) continue;
      ++misfits.filled;
      const TextClass expected = kind.uses[i].text;
      if (!values_[i].fits)
        ++misfits.wrong;
      else if (inferred_ && is_unlike(kind.uses[i], values_[i]))
        ++misfits.other;
      else if (expected != TextClass::kAny && class_of(values_[i].field.value) != expected)
        ++misfits.other;
    }
    return misfits;
  }

  bool is_other_line(std::string_view record) const {
    const bool lines = fit_.framing == Framing::kLines || fit_.framing == Framing::kEbcdicLines;
    return lines && layout_.record_length > 0 && record.size() != layout_.record_length;
  }

  // A birth date that is none, a name or an address that begins with a blank.
  bool is_unlike(const FieldUse& use, const Value& value) const {
    const LayoutField& field = layout_.fields[use.field];
    switch (info(field.meaning.kind).shape) {
      case FieldShape::kDate: {
        const std::string_view date = value.field.value;
        return !is_filler_number(date) && !parse_date(date);
      }
      case FieldShape::kNamePart:
      case FieldShape::kAddressPart:
        return value.field.offset > offset_ + field.at;
      default:
        return false;
    }
  }

  bool is_header(std::string_view record) const {
    std::string scratch;  // the record's values still lie in the other one
    static const LayoutNode kText;
    return starts_like_header(
        decode_field(kText, FieldUsage::kText, record.substr(0, 16), fit_.page, scratch).text);
  }

  static bool starts_like_header(std::string_view text) {
    static constexpr std::string_view kWords[] = {"HDR",   "HEAD",  "UHL", "BOF",  "TRL",
                                                  "TRAIL", "TLR",   "EOF", "UTL",  "FTR",
                                                  "FOOT",  "BEGIN", "END", "TOTAL"};
    std::string upper(text.substr(0, 8));
    for (char& c : upper)
      c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    return std::any_of(std::begin(kWords), std::end(kWords),
                       [&](std::string_view word) { return upper.starts_with(word); });
  }

  bool has_text(std::string_view bytes) const {
    std::string scratch;
    static const LayoutNode kText;
    return !decode_field(kText, FieldUsage::kText, bytes, fit_.page, scratch).blank;
  }

  void take_group(const PersonGroup& group, const RecordKind& kind) {
    main_.start(group.plan.main_role, offset_);
    fill(main_, group.plan.main, kind);
    for (const ColumnUse& use : group.plan.provider) {
      if (use.treating && values_[use.index].filled)
        main_.add(FieldKind::kTreatingProvider, placed(use), collector_);
    }
    const std::uint32_t row = main_.write(collector_);
    persons_ += row != PersonTable::kNone ? 1 : 0;
    take_other(group.plan.subscriber, Role::kMember, row, kind);
    take_other(group.plan.related, Role::kRelated, row, kind);
    take_other(group.plan.provider, Role::kProvider, PersonTable::kNone, kind);
    take_other(group.plan.contact, Role::kOther, PersonTable::kNone, kind);
  }

  void take_other(const std::vector<ColumnUse>& columns, Role role, std::uint32_t main_row,
                  const RecordKind& kind) {
    if (columns.empty()) return;
    other_.start(role, offset_);
    fill(other_, columns, kind);
    if (!other_.named()) {
      other_.stop();
      return;
    }
    const std::uint32_t row = other_.write(collector_);
    if (row == PersonTable::kNone || main_row == PersonTable::kNone) return;
    collector_.persons().add_relation(row, main_row);
  }

  RawField placed(const ColumnUse& use) const {
    RawField field = values_[use.index].field;
    field.place = use.place;
    return field;
  }

  void fill(Draft& draft, const std::vector<ColumnUse>& columns, const RecordKind&) {
    for (const ColumnUse& use : columns) {
      const Value& value = values_[use.index];
      if (!value.filled || !value.fits) continue;
      FieldKind kind = use.kind;
      if (use.national && fits_pattern("999-99-9999", value.field.value)) kind = FieldKind::kSsn;
      draft.add(kind, placed(use), collector_, use.detail);
      // A card joins the records of one file that are about it; several holders have names.
      if (kind == FieldKind::kPaymentCard && !is_filler_number(value.field.value))
        draft.add(FieldKind::kPseudonym, placed(use), collector_,
                  {.label = use.detail.label, .issuer = kCardIssuer});
    }
  }

  struct Held {
    std::string text;
    std::uint64_t offset;
  };

  const LayoutFit& fit_;
  const RecordLayout& layout_;
  Collector& collector_;
  RecordStream stream_;
  RecordKinds kinds_;
  const bool inferred_;
  std::optional<FieldPlacer> placer_;
  std::vector<Held> held_;
  std::vector<Value> values_;
  std::string scratch_;
  std::uint64_t offset_ = 0, number_ = 0;
  std::uint64_t persons_ = 0, unknown_kinds_ = 0, known_ = 0;
  Draft main_, other_;
};

}  // namespace

Status read_records(ByteSource& source, const LayoutFit& fit, Collector& collector) {
  return RecordFileReader(source, fit, collector).read();
}

}  // namespace bulkhead::exposure
