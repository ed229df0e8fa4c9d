#include "exposure/containers/workbook.h"

#include <algorithm>
#include <charconv>
#include <functional>

#include "exposure/containers/xml_stream.h"

namespace bulkhead::exposure {
namespace {

using Outcome = ArchiveStream::Outcome;

constexpr std::size_t kBlock = 256 * 1024;
constexpr std::size_t kMaxStrings = 512ULL << 20;  // bytes of shared strings
constexpr std::size_t kMaxItems = 1'000'000;       // styles, sheets, relations

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Built-in formats of dates (18.8.30): those of all languages, and of East Asia.
bool is_date_format(std::uint64_t id) {
  return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
         (id >= 50 && id <= 58);
}

// xl/sharedStrings.xml: phonetic readings are no part of a string.
class SharedStrings final : public XmlEvents {
 public:
  SharedStrings(std::string& text, std::vector<std::uint64_t>& ends) : text_(text), ends_(ends) {}
  bool full() const { return text_.size() > kMaxStrings; }

  void start(std::string_view name, const XmlAttributes&, std::uint64_t) override {
    if (name == "rPh") ++phonetic_;
    in_text_ = name == "t" && phonetic_ == 0;
  }
  void end(std::string_view name, std::uint64_t, std::uint64_t) override {
    if (name == "rPh" && phonetic_ > 0) --phonetic_;
    if (name == "si") ends_.push_back(text_.size());
    in_text_ = false;
  }
  void text(std::string_view text, std::uint64_t) override {
    if (in_text_ && !full()) text_ += text;
  }

 private:
  std::string& text_;
  std::vector<std::uint64_t>& ends_;
  bool in_text_ = false;
  unsigned phonetic_ = 0;
};

// Parts of which only elements and their attributes matter.
class Elements final : public XmlEvents {
 public:
  using Seen = std::function<void(std::string_view, const XmlAttributes&)>;
  Elements(Seen seen, Seen left) : seen_(std::move(seen)), left_(std::move(left)) {}
  void start(std::string_view name, const XmlAttributes& attributes, std::uint64_t) override {
    seen_(name, attributes);
  }
  void end(std::string_view name, std::uint64_t, std::uint64_t) override {
    const char* none = nullptr;
    if (left_) left_(name, XmlAttributes(&none));
  }
  void text(std::string_view, std::uint64_t) override {}

 private:
  Seen seen_, left_;
};

}  // namespace

// One pass over the archive; what refers to what is put together at its end.
class WorkbookReader {
 public:
  WorkbookReader(ArchiveStream& archive, ContainerBudget& budget, Workbook& book)
      : archive_(archive), budget_(budget), book_(book) {}

  Status read() {
    ArchiveEntry entry;
    while (true) {
      BH_TRY(const Outcome outcome, archive_.next(entry));
      if (outcome == Outcome::kMember) continue;
      if (outcome != Outcome::kOk || !budget_.take_bytes(1)) break;
      BH_CHECK(read_part(entry.name));
    }
    for (const auto& [id, sheet] : named_) {
      const auto target = targets_.find(id);
      if (target != targets_.end()) book_.sheets_[target->second] = sheet;
    }
    for (const std::uint64_t format : formats_of_styles_) {
      const auto own = formats_.find(format);
      book_.shapes_.push_back(own != formats_.end() ? shape_of(own->second)
                                                    : NumberShape{.date = is_date_format(format)});
    }
    return {};
  }

 private:
  Status read_part(const std::string& name) {
    if (name == "xl/sharedStrings.xml") {
      SharedStrings strings(book_.text_, book_.ends_);
      BH_CHECK(parse(strings, name));
      if (strings.full()) book_.why_ = "its texts are larger than this can hold in memory";
      return {};
    }
    if (name == "xl/workbook.xml") return parse_with(name, &WorkbookReader::take_workbook);
    if (name == "xl/_rels/workbook.xml.rels")
      return parse_with(name, &WorkbookReader::take_relation);
    if (name == "xl/styles.xml") return parse_with(name, &WorkbookReader::take_style);
    return {};
  }

  Status parse_with(const std::string& name,
                    void (WorkbookReader::*take)(std::string_view, const XmlAttributes&)) {
    Elements elements([&](std::string_view element,
                          const XmlAttributes& attributes) { (this->*take)(element, attributes); },
                      [&](std::string_view element, const XmlAttributes&) {
                        if (element == "cellXfs") in_styles_ = false;
                      });
    return parse(elements, name);
  }

  Status parse(XmlEvents& events, const std::string& name) {
    XmlStream xml(events);
    Bytes block(kBlock);
    Outcome outcome = Outcome::kOk;
    while (outcome == Outcome::kOk) {
      std::size_t count = 0;
      BH_TRY(outcome, archive_.read(block, count));
      const bool good = budget_.take_bytes(count) &&
                        xml.feed(ByteView(block).first(count), outcome == Outcome::kEnd);
      if (!good) break;
    }
    if (outcome == Outcome::kEnd && xml.why().empty()) return {};
    book_.why_ = name + " cannot be read: " + (xml.why().empty() ? "damaged" : xml.why());
    return {};
  }

  void take_workbook(std::string_view element, const XmlAttributes& attributes) {
    if (element == "workbookPr") {
      const std::string_view from = attributes.get("date1904");
      book_.since_1904_ = from == "1" || from == "true" || from == "on";
    }
    if (element != "sheet" || named_.size() > kMaxItems) return;
    const std::string_view state = attributes.get("state");
    named_[std::string(attributes.get("id"))] = {std::string(attributes.get("name")),
                                                 state == "hidden" || state == "veryHidden"};
  }

  void take_relation(std::string_view element, const XmlAttributes& attributes) {
    const std::string_view type = attributes.get("Type");
    if (element != "Relationship" || !type.ends_with("/worksheet") || targets_.size() > kMaxItems)
      return;
    std::string_view target = attributes.get("Target");
    const bool absolute = target.starts_with('/');
    if (absolute) target.remove_prefix(1);
    targets_[std::string(attributes.get("Id"))] =
        absolute ? std::string(target) : "xl/" + std::string(target);
  }

  void take_style(std::string_view element, const XmlAttributes& attributes) {
    if (element == "numFmt" && formats_.size() < kMaxItems)
      formats_[number(attributes.get("numFmtId"))] = std::string(attributes.get("formatCode"));
    if (element == "cellXfs") in_styles_ = true;
    if (element == "xf" && in_styles_ && formats_of_styles_.size() < kMaxItems)
      formats_of_styles_.push_back(number(attributes.get("numFmtId")));
  }

  ArchiveStream& archive_;
  ContainerBudget& budget_;
  Workbook& book_;
  std::map<std::string, Workbook::Sheet> named_;  // by relation
  std::map<std::string, std::string> targets_;
  std::map<std::uint64_t, std::string> formats_;
  std::vector<std::uint64_t> formats_of_styles_;
  bool in_styles_ = false;
};

NumberShape shape_of(std::string_view format) {
  NumberShape shape;
  bool only_digits = true;
  for (std::size_t i = 0; i < format.size() && format[i] != ';'; ++i) {
    const char c = format[i];
    if (c == '"') {  // a text
      i = std::min(format.find('"', i + 1), format.size());
    } else if (c == '[') {  // a colour, a language; [h] is hours
      i = std::min(format.find(']', i + 1), format.size());
    } else if (c == '\\' || c == '_' || c == '*') {
      ++i;
    } else if (c == 'y' || c == 'Y' || c == 'd' || c == 'D') {
      shape.date = true;
    } else if (c == '0') {
      ++shape.digits;
    } else if (c != '-' && c != ' ' && c != '(' && c != ')' && c != '#') {
      only_digits = false;
    }
  }
  if (shape.date || !only_digits) shape.digits = 0;
  return shape;
}

Result<Workbook> Workbook::read(ByteSource& source, const ArchiveFormat& zip,
                                ContainerBudget& budget) {
  Workbook book;
  ArchiveStream archive(source, zip);
  BH_CHECK(WorkbookReader(archive, budget, book).read());
  return book;
}

const Workbook::Sheet* Workbook::sheet(const std::string& part) const {
  const auto at = sheets_.find(part);
  return at == sheets_.end() ? nullptr : &at->second;
}

bool Workbook::string(std::uint64_t index, std::string_view& text) const {
  if (index >= ends_.size()) return false;
  const std::uint64_t begin = index == 0 ? 0 : ends_[index - 1];
  text = std::string_view(text_).substr(begin, ends_[index] - begin);
  return true;
}

NumberShape Workbook::shape(std::uint64_t style) const {
  return style < shapes_.size() ? shapes_[style] : NumberShape{};
}

bool is_known_part(std::string_view name) {
  constexpr std::string_view kParts[] = {
      "[Content_Types].xml", "xl/workbook.xml", "xl/styles.xml",    "xl/sharedStrings.xml",
      "xl/calcChain.xml",    "xl/metadata.xml", "docProps/app.xml", "docProps/core.xml"};
  constexpr std::string_view kFolders[] = {"xl/theme/", "xl/printerSettings/"};
  return std::find(std::begin(kParts), std::end(kParts), name) != std::end(kParts) ||
         std::any_of(std::begin(kFolders), std::end(kFolders),
                     [&](std::string_view folder) { return name.starts_with(folder); }) ||
         name.ends_with(".rels");
}

bool may_be_workbook(std::string_view first_member) {
  constexpr std::string_view kStarts[] = {"[Content_Types].xml", "_rels/", "xl/", "docProps/"};
  return std::any_of(std::begin(kStarts), std::end(kStarts),
                     [&](std::string_view start) { return first_member.starts_with(start); });
}

}  // namespace bulkhead::exposure
