#include "exposure/containers/read_mail.h"

#include <fmt/format.h>

#include <algorithm>

#include "exposure/containers/mime.h"
#include "exposure/detect/common_words.h"
#include "exposure/detect/values.h"
#include "exposure/readers/block_window.h"
#include "exposure/readers/draft.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint64_t kMaxMail = 256ULL << 20;  // it lies in memory
constexpr unsigned kMaxNesting = 32;              // of multiparts in one mail

std::string_view suffix_of(std::string_view type) {
  if (type == "text/html") return ".html";
  if (type == "text/csv") return ".csv";
  if (type == "message/rfc822") return ".eml";
  return type.starts_with("text/") ? ".txt" : "";
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\xA0\xC2") == std::string_view::npos;
}

class MailReader {
 public:
  MailReader(std::string_view mail, std::uint64_t offset, const Place& place,
             const Layouts& layouts, ContainerRun& run, Collector& collector)
      : mail_(mail),
        offset_(offset),
        place_(place),
        layouts_(layouts),
        run_(run),
        collector_(collector) {}

  Status read() {
    const MimeHeader header = read_header(mail_);
    take_sender(header.value("From"));
    BH_CHECK(take_entity(header, 0));
    collector_.report().recognised_by =
        fmt::format("mail of {} part{}", parts_, parts_ == 1 ? "" : "s");
    return {};
  }

 private:
  std::uint64_t offset_of(std::string_view part) const {
    return offset_ + static_cast<std::uint64_t>(part.data() - mail_.data());
  }

  // "Jane Doe <jane@example.org>": nobody, where the name may as well be an office's.
  void take_sender(std::string_view value) {
    const std::size_t open = value.rfind('<');
    if (open == std::string_view::npos) return;
    const std::string_view email = value.substr(open + 1, value.find('>', open) - open - 1);
    std::string_view written = trimmed(value.substr(0, open));
    if (written.size() >= 2 && written.front() == '"' && written.back() == '"')
      written = written.substr(1, written.size() - 2);
    const std::string name = decoded_words(written);
    const bool a_person =
        name.find(' ') != std::string::npos && !is_company_name(name) &&
        std::none_of(name.begin(), name.end(), [](char c) {
          return (c >= 0 && c < 0x20) || c == '@' || c == '<' || c == ':' || (c >= '0' && c <= '9');
        });
    if (!a_person) return;
    Draft draft;
    const std::uint16_t from = collector_.persons().place("From");
    draft.start(Role::kOther, offset_of(written));
    draft.add(FieldKind::kFullName,
              {name, offset_of(written), from, static_cast<std::uint32_t>(written.size())},
              collector_);
    draft.add(FieldKind::kEmail, {trimmed(email), offset_of(trimmed(email)), from}, collector_);
    draft.write(collector_);
  }

  Status take_entity(const MimeHeader& header, unsigned depth) {
    const std::string type = header.type();
    if (run_.budget.exhausted()) return give_up(header.body);
    if (type.starts_with("multipart/") && depth < kMaxNesting) {
      const MimeParts split =
          split_parts(header.body, header.parameter("boundary"), run_.limits.members + 1);
      if (!split.parts.empty()) {
        for (const std::string_view part : split.parts)
          BH_CHECK(take_entity(read_header(part), depth + 1));
        if (!split.closed)
          collector_.not_understood(offset_of(split.parts.back()), 1,
                                    "the mail is cut off: a part has no end");
        return {};
      }
    }
    return take_part(header, type);
  }

  Status give_up(std::string_view body) {
    collector_.not_understood(offset_of(body), std::max<std::size_t>(body.size(), 1),
                              run_.budget.why());
    return {};
  }

  Status take_part(const MimeHeader& header, const std::string& type) {
    const auto decoded = decoded_body(header.body, header.encoding());
    const std::string_view contents = decoded ? std::string_view(*decoded) : header.body;
    if (is_blank(contents)) return {};
    ++parts_;
    if (!run_.budget.take_member() || !run_.budget.take_bytes(contents.size()))
      return give_up(header.body);
    std::string name = header.file_name();
    if (name.empty()) name = fmt::format("part{}{}", parts_, suffix_of(type));
    const Place place = place_.inside(names_.unique(shown_member_name(name)));
    if (place.depth > run_.limits.depth) {
      run_.add_unread(place, contents.size(),
                      fmt::format("lies more than {} containers deep", run_.limits.depth));
      return {};
    }
    MemorySource source(as_bytes(contents));
    return run_.add(source, place, layouts_);
  }

  std::string_view mail_;
  std::uint64_t offset_;  // of the mail in its file
  const Place& place_;
  const Layouts& layouts_;
  ContainerRun& run_;
  Collector& collector_;
  MemberNames names_;
  std::uint64_t parts_ = 0;
};

// Mails of a mailbox one by one: "From " lines behind an empty one begin them (RFC 4155).
class Mailbox {
 public:
  explicit Mailbox(ByteSource& source) : window_(source) {}

  std::uint64_t offset() const { return offset_; }
  const std::string& mail() const { return mail_; }
  std::uint64_t size() const { return size_; }  // more than mail() where it is too large

  // The next mail without its "From " line. False: there is none.
  Result<bool> next() {
    mail_.clear();
    size_ = 0;
    while (true) {
      BH_TRY(const bool any, fill());
      if (!any) return size_ > 0;
      const std::string_view rest = window_.rest();
      const std::size_t begins = empty_before_ ? mailbox_line(rest) : std::string_view::npos;
      if (begins != std::string_view::npos) {
        if (size_ > 0) return true;
        window_.skip(begins);
        empty_before_ = false;
        offset_ = window_.offset();
        continue;
      }
      const std::size_t end = rest.find('\n');
      const std::size_t taken = end == std::string_view::npos ? rest.size() : end + 1;
      empty_before_ = taken <= 2 && is_blank(rest.substr(0, taken));
      size_ += taken;
      if (size_ <= kMaxMail) mail_ += rest.substr(0, taken);
      window_.skip(taken);
    }
  }

 private:
  // Two lines, or as much as there is.
  Result<bool> fill() {
    while (window_.rest().size() < kTwoLines && !window_.at_end()) {
      BH_TRY(const bool more, window_.more());
      if (!more) break;
    }
    return !window_.rest().empty();
  }

  static constexpr std::size_t kTwoLines = 4096;
  BlockWindow window_;
  std::string mail_;
  std::uint64_t offset_ = 0, size_ = 0;
  bool empty_before_ = true;
};

}  // namespace

Status read_mail(ByteSource& source, const Place& place, const Layouts& layouts, ContainerRun& run,
                 Collector& collector) {
  FileReport& report = collector.report();
  report.format = "email";
  report.read = true;
  if (source.size() > kMaxMail) {
    collector.not_understood(0, report.bytes, "a mail that is larger than this reads");
    return {};
  }
  Bytes bytes(source.size());
  BH_TRY(const std::size_t count, source.read_at(0, bytes));
  const std::string_view mail = as_text(ByteView(bytes).first(count));
  return MailReader(mail, 0, place, layouts, run, collector).read();
}

Status read_mailbox(ByteSource& source, const Place& place, const Layouts& layouts,
                    ContainerRun& run, Collector& collector) {
  FileReport& report = collector.report();
  Mailbox box(source);
  BH_TRY(bool any, box.next());
  std::string first = box.mail();
  const std::uint64_t first_offset = box.offset(), first_size = box.size();
  BH_TRY(const bool several, any ? box.next() : Result<bool>(false));
  report.read = true;
  if (!several && first_size <= kMaxMail) {  // one mail as some program kept it
    report.format = "email";
    return MailReader(first, first_offset, place, layouts, run, collector).read();
  }
  report.format = "mbox";
  std::uint64_t number = 0;
  const auto take = [&](const std::string& mail, std::uint64_t offset,
                        std::uint64_t size) -> Status {
    const Place at = place.inside(fmt::format("{}.eml", ++number));
    if (!run.budget.take_member() || !run.budget.take_bytes(size)) {
      collector.not_understood(offset, size, run.budget.why());
      return {};
    }
    if (size > kMaxMail || at.depth > run.limits.depth) {
      run.add_unread(at, size,
                     size > kMaxMail ? "a mail that is larger than this reads"
                                     : "lies too many containers deep");
      return {};
    }
    return run.add_read(at, size, [&](Collector& within) -> Status {
      within.report().format = "email";
      within.report().read = true;
      return MailReader(mail, 0, at, layouts, run, within).read();
    });
  };
  BH_CHECK(take(first, first_offset, first_size));
  for (any = several; any;) {
    BH_CHECK(take(box.mail(), box.offset(), box.size()));
    BH_TRY(any, box.next());
  }
  report.recognised_by = fmt::format("mailbox of {} mails", number);
  return {};
}

}  // namespace bulkhead::exposure
