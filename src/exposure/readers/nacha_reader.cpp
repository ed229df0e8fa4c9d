#include "exposure/readers/nacha_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "base/utf8.h"
#include "exposure/detect/code_page.h"
#include "exposure/detect/common_words.h"
#include "exposure/detect/dates.h"
#include "exposure/detect/values.h"
#include "exposure/readers/block_window.h"
#include "exposure/readers/draft.h"
#include "exposure/readers/nacha_table.h"
#include "exposure/readers/word_list.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kRecord = 94;
constexpr std::size_t kMaxLine = 128 * 1024;
constexpr std::size_t kMaxPaymentSegment = 512;
constexpr std::size_t kLeastEntry = 55;  // up to the name; writers cut blanks at the end

bool is_break(char c) {
  return c == '\n' || c == '\r';
}
bool has_letter(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return is_letter(c) || static_cast<unsigned char>(c) >= 0x80; });
}

bool is_file_header(std::string_view record) {
  return record.size() >= 40 && record.starts_with("101") && record.substr(34, 6) == "094101";
}
bool is_batch_header(std::string_view record) {
  const std::string_view service = record.size() >= 53 ? record.substr(1, 3) : std::string_view();
  const bool known = service == "200" || service == "220" || service == "225" || service == "280";
  return record.starts_with('5') && known && nacha_class(record.substr(50, 3)) != nullptr;
}
bool is_entry(std::string_view record) {
  return record.size() >= kLeastEntry && record.starts_with('6') &&
         all_digits(record.substr(1, 2)) && is_aba_routing(record.substr(3, 9));
}

// Receivers of entries, by the records that lie around them.
class NachaFileReader {
 public:
  NachaFileReader(ByteSource& source, Collector& collector)
      : window_(source), collector_(collector) {}

  Status read() {
    while (true) {
      BH_TRY(const bool any, next_line());
      if (!any) break;
      // Some writers end no line at all.
      if (line_.size() < kRecord + kRecord / 2) {
        take(line_, line_offset_);
        continue;
      }
      for (std::size_t at = 0; at < line_.size(); at += kRecord)
        take(std::string_view(line_).substr(at, kRecord), line_offset_ + at);
    }
    finish();
    return {};
  }

 private:
  // --- records

  // A line, or as much of it as is whole records.
  Result<bool> next_line() {
    std::size_t searched = 0;
    while (true) {
      std::string_view rest = window_.rest();
      if (searched == 0) {
        std::size_t skip = window_.offset() == 0 && rest.starts_with("\xEF\xBB\xBF") ? 3 : 0;
        while (skip < rest.size() &&
               (is_break(rest[skip]) || rest[skip] == '\x1A' || rest[skip] == '\0'))
          ++skip;
        window_.skip(skip);
        rest = window_.rest();
      }
      const std::size_t end = std::min(rest.find_first_of("\r\n", searched), rest.size());
      const bool whole = end < rest.size() || window_.at_end();
      if (whole || end >= kMaxLine) {
        const std::size_t size = whole ? end : kMaxLine / kRecord * kRecord;
        if (size == 0) return false;
        line_.assign(rest.substr(0, size));
        line_offset_ = window_.offset();
        window_.skip(size);
        return true;
      }
      searched = rest.size();
      BH_TRY(const bool more, window_.more());
      if (!more && window_.rest().empty()) return false;
    }
  }

  void take(std::string_view record, std::uint64_t offset) {
    offset_ = offset;
    wide_ = is_wide(record);
    switch (record[0]) {
      case '1':
        return is_file_header(record) ? name_format()
                                      : refuse(record, "record that is no file header");
      case '5':
        finish();
        return take_batch(record);
      case '6':
        return take_entry(record);
      case '7':
        return take_addenda(record);
      case '8':
        finish();
        class_ = nullptr;
        company_.clear();
        return;
      case '9':
        finish();
        return;
      default:
        if (!trimmed(record).empty()) refuse(record, "line that is no record");
    }
  }

  void refuse(std::string_view record, std::string_view reason) {
    finish();
    collector_.not_understood(offset_, record.size(), reason);
  }

  void name_format() {
    FileReport& report = collector_.report();
    report.recognised_by = "file header, 94 bytes a record";
  }

  void take_batch(std::string_view record) {
    class_ = nullptr;
    company_.clear();
    if (!is_batch_header(record)) return refuse(record, "record that is no batch header");
    // (A correction of an international entry is laid out as the entry.)
    class_ = nacha_class(record.substr(4, 6) == "IATCOR" ? "IAT" : record.substr(50, 3));
    company_.assign(trimmed(record.substr(4, 16)));
    company_id_.assign(trimmed(record.substr(40, 10)));
  }

  // Non-ASCII letters: the columns of UTF-8 are its characters, where these are 94.
  static bool is_wide(std::string_view record) {
    const bool high = std::any_of(record.begin(), record.end(),
                                  [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    return high && is_utf8(record) && record.size() > kRecord;
  }

  struct Field {
    std::string_view text;
    std::uint64_t offset = 0;
    std::uint32_t length = 0;  // in the file, where it is not the text's
  };
  Field field(std::string_view record, NachaColumns columns) const {
    if (columns.first == 0) return {};
    std::size_t from = columns.first - 1U;
    std::size_t to = columns.last;
    if (wide_) {
      from = byte_of(record, from);
      to = byte_of(record, to);
    }
    if (from >= record.size()) return {};
    const std::string_view text = record.substr(from, to - from);
    return {text, offset_ + from, 0};
  }
  static std::size_t byte_of(std::string_view record, std::size_t column) {
    std::size_t at = 0;
    for (; column > 0 && at < record.size(); --column)
      at += std::max<std::size_t>(1, utf8_sequence_length(record.substr(at)));
    return std::min(at, record.size());
  }

  // --- entries

  void take_entry(std::string_view record) {
    finish();
    const NachaClass& entry_class = class_ == nullptr ? nacha_unknown_class() : *class_;
    const std::string_view routing = record.size() >= 12 ? record.substr(3, 9) : std::string_view();
    const bool checked = is_aba_routing(routing);
    if (record.size() < kLeastEntry || !all_digits(record.substr(1, 2)) ||
        (!checked && record.size() != kRecord))
      return refuse(record, "entry that is damaged");
    if (!checked && !wide_) collector_.warn(offset_, "a routing number fails its check");
    if (entry_class.receiver == NachaReceiver::kCompany) return;
    routing_.assign(routing);
    draft_.start(Role::kMember, offset_);
    const bool international = entry_class.code == "IAT";
    // (Where either may be meant, a person unless the name says that it is none; the addenda have
    // the name of an international entry.)
    keep_ = entry_class.receiver != NachaReceiver::kInAddenda && !international;
    const NachaColumns account_at = international ? NachaColumns{40, 74} : kNachaAccount;
    account_.assign(trimmed(field(record, account_at).text));
    put(FieldKind::kBankAccount, field(record, account_at), international ? "6:40-74" : "6:13-29",
        routing_);
    NachaColumns name = entry_class.name;
    NachaColumns number = entry_class.number;
    // Some write MTE like all others: then letters stand only where these have the name.
    const bool as_others = name.first == 40 && !has_letter(field(record, {40, 54}).text) &&
                           has_letter(field(record, {55, 76}).text);
    if (as_others) {
      name = {55, 76};
      number = {40, 54};
    }
    take_name(field(record, name), name);
    take_number(field(record, number), number);
    if (entry_class.card.first != 0)
      put(FieldKind::kPaymentCard, field(record, entry_class.card), "6:55-76");
  }

  void take_name(const Field& name, NachaColumns columns) {
    const std::string_view text = trimmed(name.text);
    if (text.empty() || !draft_.open()) return;
    const NachaReceiver receiver = class_ == nullptr ? NachaReceiver::kEither : class_->receiver;
    if (receiver == NachaReceiver::kEither) keep_ = !is_company_name(text);
    if (!keep_) return;
    name_.assign(Compact(text).view());
    put(FieldKind::kFullName, name, fmt::format("6:{}-{}", columns.first, columns.last));
  }

  // The originator's number for the receiver: a programme's where the originator is one.
  void take_number(const Field& number, NachaColumns columns) {
    const std::string_view text = trimmed(number.text);
    if (text.empty()) return;
    const std::string where = fmt::format("6:{}-{}", columns.first, columns.last);
    const Compact compact(text);
    const std::string_view programme = collector_.programme_label(company_, compact.view());
    if (!programme.empty())
      put(FieldKind::kMemberId, number, where, programme, programme);
    else
      put(FieldKind::kUnlabelledNumber, number, where);
  }

  // --- addenda

  void take_addenda(std::string_view record) {
    if (record.size() < 3 || !all_digits(record.substr(0, 3)))
      return refuse(record, "addenda record that is damaged");
    const std::string_view type = record.substr(1, 2);
    const bool payment = class_ != nullptr && class_->receiver == NachaReceiver::kCompany;
    if (payment && type == "05") return take_payment(record);
    if (!draft_.open()) return;
    const std::string_view code = class_ == nullptr ? std::string_view() : class_->code;
    if (type == "05" && code == "ENR") return take_enrolment(record);
    if (type == "05" && code == "DNE") return take_death(record);
    if (type == "98") return take_change(record);
    if (code != "IAT") return;
    if (type == "10") take_name(field(record, {47, 81}), {47, 81});
    if (type == "15") put(FieldKind::kAddressLine1, field(record, {19, 53}), "715:19-53");
    if (type == "16") {
      take_pair(field(record, {4, 38}), FieldKind::kCity, FieldKind::kState, "716:4-38");
      take_pair(field(record, {39, 73}), FieldKind::kNone, FieldKind::kPostalCode, "716:39-73");
    }
  }

  // A company's payment tells what it is for, in segments as X12's; they may go on in the next
  // record.
  void take_payment(std::string_view record) {
    const Field whole = field(record, {4, 83});
    for (std::size_t at = 0; at < whole.text.size();) {
      const std::size_t end = std::min(whole.text.find_first_of("\\~", at), whole.text.size());
      const std::string_view text = whole.text.substr(at, end - at);
      if (payment_.size() + text.size() > kMaxPaymentSegment) end_payment(false);
      if (!payment_.empty() || !trimmed(text).empty()) {
        payment_parts_.push_back({payment_.size(), whole.offset + at});
        payment_ += text;
      }
      if (end < whole.text.size()) end_payment();
      at = end + 1;
    }
  }

  // Its segment is over, and whole unless it was too long to be one.
  void end_payment(bool whole = true) {
    const std::string_view segment = trimmed(payment_);
    const std::string_view name = segment.substr(0, segment.find('*'));
    const bool read =
        whole && (name == "DED" ? take_deduction() : is_listed(nacha_payment_segments(), name));
    for (std::size_t i = 0; i < payment_parts_.size() && !read; ++i) {
      const bool last = i + 1 == payment_parts_.size();
      const std::size_t from = payment_parts_[i].at;
      const std::size_t to = last ? payment_.size() : payment_parts_[i + 1].at;
      collector_.not_understood(payment_parts_[i].offset,
                                trimmed(std::string_view(payment_).substr(from, to - from)).size(),
                                "text of a company's payment: not read");
    }
    payment_.clear();
    payment_parts_.clear();
  }

  // "DED*CS*case*date*amount*212341234*Y*DOE,JOHN*29017*N\": what an employer withheld, from whom.
  // (NACHA, child support application banking convention.) False where it names nobody.
  bool take_deduction() {
    static constexpr FieldKind kParts[] = {
        FieldKind::kNone, FieldKind::kNone,    FieldKind::kUnlabelledNumber,
        FieldKind::kNone, FieldKind::kNone,    FieldKind::kSsn,
        FieldKind::kNone, FieldKind::kFullName};
    draft_.start(Role::kMember, payment_parts_[0].offset);
    std::size_t at = 0;
    for (const FieldKind kind : kParts) {
      const std::size_t end = std::min(payment_.find('*', at), payment_.size());
      if (kind != FieldKind::kNone) put(kind, payment_field(at, end), "705:4-83");
      if (end == payment_.size()) break;
      at = end + 1;
    }
    return draft_.write(collector_) != PersonTable::kNone;
  }

  // Bytes `from` to `to` of the segment, and where they lie.
  Field payment_field(std::size_t from, std::size_t to) const {
    const std::string_view text(payment_.data() + from, to - from);
    const std::string_view value = trimmed(text);
    if (value.empty()) return {};
    from += static_cast<std::size_t>(value.data() - text.data());
    const std::uint64_t offset = payment_offset(from);
    const std::uint64_t length = payment_offset(from + value.size() - 1) + 1 - offset;
    return {value, offset, length == value.size() ? 0 : static_cast<std::uint32_t>(length)};
  }
  std::uint64_t payment_offset(std::size_t at) const {
    std::uint64_t offset = 0;
    for (const PaymentPart& part : payment_parts_) {
      if (part.at <= at) offset = part.offset + (at - part.at);
    }
    return offset;
  }

  // "22*12200004*3*987654321*212341234*DOE*JOHN*0\": code, bank, check digit, account, SSN, names.
  void take_enrolment(std::string_view record) {
    static constexpr FieldKind kParts[] = {
        FieldKind::kNone, FieldKind::kNone,     FieldKind::kNone,     FieldKind::kBankAccount,
        FieldKind::kSsn,  FieldKind::kLastName, FieldKind::kFirstName};
    draft_.start(Role::kMember, offset_);  // each addenda record is another enrollee
    keep_ = true;
    const Field whole = field(record, {4, 83});
    std::size_t at = 0;
    for (const FieldKind kind : kParts) {
      const std::size_t end = std::min(whole.text.find_first_of("*\\", at), whole.text.size());
      if (kind != FieldKind::kNone)
        put(kind, {whole.text.substr(at, end - at), whole.offset + at, 0}, "705:4-83");
      if (end == whole.text.size()) break;
      at = end + 1;
    }
    finish();
    draft_.start(Role::kMember, offset_);
    keep_ = false;
  }

  // "DATE OF DEATH*MMDDYY*CUSTOMERSSN*212341234*AMOUNT*…\"
  void take_death(std::string_view record) {
    const Field whole = field(record, {4, 83});
    const auto after = [&](std::string_view word) -> Field {
      const std::size_t at = whole.text.find(word);
      if (at == std::string_view::npos) return {};
      const std::size_t from = at + word.size();
      const std::size_t end = std::min(whole.text.find_first_of("*\\", from), whole.text.size());
      return {whole.text.substr(from, end - from), whole.offset + from, 0};
    };
    keep_ = true;
    put(FieldKind::kSsn, after("CUSTOMERSSN*"), "705:4-83");
    const Field died = after("DATE OF DEATH*");
    if (died.text.size() != 6 || !all_digits(died.text)) return;
    // MMDDYY: nobody whose death is notified died before 1980.
    const std::string_view year = died.text.substr(4);
    const std::string date = std::string(year < "80" ? "20" : "19") + std::string(year) +
                             std::string(died.text.substr(0, 4));
    RawField raw{date, died.offset, 0};
    raw.length = static_cast<std::uint32_t>(died.text.size());
    draft_.add(FieldKind::kDeathDate, raw, collector_);
  }

  // A corrected account number (C01, C06) or name (C04) of a notification of change.
  void take_change(std::string_view record) {
    const std::string_view code = record.substr(3, 3);
    if (code == "C01" || code == "C06")
      put(FieldKind::kBankAccount, field(record, {36, 52}), "798:36-64", routing_);
  }

  // "LETTERTOWN*AB\"
  void take_pair(const Field& both, FieldKind first, FieldKind second, std::string_view where) {
    const std::size_t star = both.text.find('*');
    if (first != FieldKind::kNone)
      put(first, {both.text.substr(0, std::min(star, both.text.find('\\'))), both.offset, 0},
          where);
    if (star == std::string_view::npos) return;
    const std::string_view rest = both.text.substr(star + 1);
    put(second, {rest.substr(0, rest.find('\\')), both.offset + star + 1, 0}, where);
  }

  // --- persons

  void put(FieldKind kind, const Field& value, std::string_view where, std::string_view issuer = {},
           std::string_view label = {}) {
    if (trimmed(value.text).empty() || !draft_.open()) return;
    RawField raw{value.text, value.offset, collector_.persons().place(where), value.length};
    if (!is_utf8(value.text)) {
      latin1_.clear();
      append_utf8(value.text, latin1_);
      raw.value = latin1_;
      if (raw.length == 0) raw.length = static_cast<std::uint32_t>(value.text.size());
    }
    draft_.add(kind, raw, collector_, {.label = label, .issuer = issuer});
  }

  void finish() {
    if (!payment_.empty()) end_payment();
    if (!draft_.open()) return;
    if (!keep_) {
      draft_.stop();
    } else {
      // Several people may use one account. Who is called so and uses it is one person, unless a
      // programme's number tells father and son apart.
      if (!name_.empty() && !account_.empty() && !draft_.has(Element::kMemberId)) {
        const std::string issuer = "account holder " + routing_ + " " + name_;
        draft_.add(FieldKind::kPseudonym, {account_, offset_, 0}, collector_,
                   {.label = "account holder", .issuer = issuer});
      }
      draft_.write(collector_);
    }
    name_.clear();
  }

  BlockWindow window_;
  Collector& collector_;
  std::string line_;
  std::uint64_t line_offset_ = 0;
  std::uint64_t offset_ = 0;  // of the record
  bool wide_ = false;         // its columns are characters

  const NachaClass* class_ = nullptr;  // of the batch; null: unknown
  std::string company_, company_id_;
  Draft draft_;
  bool keep_ = false;  // the receiver is a person
  std::string name_, account_, routing_, latin1_;

  struct PaymentPart {
    std::size_t at = 0;  // in payment_
    std::uint64_t offset = 0;
  };
  std::string payment_;  // a segment of a company's payment, as far as it was read
  std::vector<PaymentPart> payment_parts_;
};

}  // namespace

bool looks_like_nacha(std::string_view head) {
  if (is_file_header(head)) return true;
  const std::string_view first = head.substr(0, head.find_first_of("\r\n"));
  if (first.size() < kRecord) return false;
  if (is_batch_header(first)) return first.size() % kRecord == 0;
  // Entries alone: every one of the first ones must be one.
  std::size_t entries = 0;
  for (std::size_t n = 0; n < 20 && !head.empty(); ++n) {
    const std::size_t end = head.find_first_of("\r\n");
    if (end == std::string_view::npos) break;
    const std::string_view record = head.substr(0, end);
    head.remove_prefix(std::min(head.find_first_not_of("\r\n", end), head.size()));
    if (record.size() != kRecord ||
        std::string_view("56789").find(record[0]) == std::string_view::npos)
      return false;
    if (record[0] == '6' && !is_entry(record)) return false;
    entries += record[0] == '6' ? 1 : 0;
  }
  return entries > 0;
}

Status read_nacha(ByteSource& source, Collector& collector) {
  FileReport& report = collector.report();
  report.format = "nacha";
  report.recognised_by = "batch and entry records of 94 bytes";
  report.read = true;
  return NachaFileReader(source, collector).read();
}

}  // namespace bulkhead::exposure
