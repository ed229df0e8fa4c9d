#include "notify/letters/pdf_joiner.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/ascii.h"

namespace bulkhead::notify {
namespace {

// The objects that all parts hang under (ISO 32000-1, 7.7.2, 7.7.3.2, 14.7.2, 14.7.4.4).
constexpr std::uint64_t kPages = 1, kStructure = 2, kParentTree = 3, kInfo = 4, kCatalog = 5;
constexpr std::uint64_t kFirstFree = 6;

std::unexpected<Error> not_cairos(std::string_view what) {
  return fail(ErrorCode::kInternal,
              fmt::format("joining letters: {}: is this another cairo than 1.16?", what));
}

// The number at the beginning of `text`, and what follows.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// Where a literal string "(…)" or a comment that begins at `at` ends.
std::size_t end_of_opaque(std::string_view text, std::size_t at) {
  if (text[at] == '%') return std::min(text.find('\n', at), text.size());
  int depth = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '(') {
      ++depth;
    } else if (text[at] == ')' && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

Status replace_once(std::string& text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  if (at == std::string::npos) return not_cairos(fmt::format("no \"{}\"", from));
  text.replace(at, from.size(), to);
  return {};
}

// Byte ranges of a part's objects, by the offsets of its cross-reference table.
struct Objects {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> by_offset;  // offset, number
  std::uint64_t end = 0;                                           // where the table begins
  std::uint64_t count = 0;
};

Result<Objects> read_cross_references(std::string_view part) {
  const std::size_t start = part.rfind("startxref\n");
  if (start == std::string_view::npos) return not_cairos("no startxref");
  std::string_view rest = part.substr(start + 10);
  const auto table = take_number(rest);
  if (!table || *table >= start) return not_cairos("startxref leads nowhere");
  rest = part.substr(*table);
  if (!rest.starts_with("xref\n0 ")) return not_cairos("no plain cross-reference table");
  rest.remove_prefix(7);
  const auto count = take_number(rest);
  if (!count || *count > part.size() || rest.size() < 1 + *count * 20)
    return not_cairos("the cross-reference table is cut");
  rest.remove_prefix(1);
  Objects objects;
  objects.end = *table;
  objects.count = *count;
  for (std::uint64_t number = 1; number < *count; ++number) {
    std::string_view entry = rest.substr(number * 20, 20);
    if (entry[17] != 'n') continue;
    const auto offset = take_number(entry);
    if (!offset || *offset >= *table) return not_cairos("an offset leads nowhere");
    objects.by_offset.emplace_back(*offset, number);
  }
  std::sort(objects.by_offset.begin(), objects.by_offset.end());
  return objects;
}

// A literal string (7.3.4.2) of plain ASCII.
std::string literal(std::string_view text) {
  std::string result = "(";
  for (const char c : text) {
    if (c == '(' || c == ')' || c == '\\') result += '\\';
    result += c >= ' ' && c <= '~' ? c : '?';
  }
  return result + ")";
}

std::string references(const std::vector<std::uint64_t>& numbers) {
  std::string result;
  for (const std::uint64_t number : numbers)
    result += fmt::format(" {} 0 R", number);
  return result;
}

}  // namespace

PdfJoiner::PdfJoiner(Sink sink, std::string title, std::string language)
    : sink_(std::move(sink)),
      title_(std::move(title)),
      language_(std::move(language)),
      next_number_(kFirstFree),
      offsets_(kFirstFree, 0) {}

Status PdfJoiner::put(std::string_view bytes) {
  written_ += bytes.size();
  return sink_(bytes);
}

Status PdfJoiner::put_object(std::uint64_t number, std::string_view body) {
  if (offsets_.size() <= number) offsets_.resize(number + 1, 0);
  offsets_[number] = written_;
  BH_CHECK(put(fmt::format("{} 0 obj\n", number)));
  BH_CHECK(put(body));
  return put("endobj\n");
}

// "12 0 R" becomes that of the joined file; strings and comments stay as they are.
Result<std::string> PdfJoiner::shifted(std::string_view text) const {
  std::string result;
  result.reserve(text.size() + 64);
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '(' || c == '%') {
      const std::size_t end = end_of_opaque(text, i);
      result += text.substr(i, end - i);
      i = end;
    } else if (is_digit(c) && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\n')) {
      std::size_t end = i;
      while (end < text.size() && is_digit(text[end]))
        ++end;
      std::string_view number = text.substr(i, end - i);
      const bool reference = text.substr(end).starts_with(" 0 R");
      if (reference) {
        const auto value = take_number(number);
        if (!value) return not_cairos("a reference has no number");
        result += std::to_string(*value + first_);
      } else {
        result += number;
      }
      i = end;
    } else {
      result += c;
      ++i;
    }
  }
  return result;
}

Status PdfJoiner::take_pages(std::string& body) {
  std::string_view count =
      std::string_view(body).substr(std::min(body.find("/Count "), body.size()));
  if (count.size() < 8) return not_cairos("a page tree without /Count");
  count.remove_prefix(7);
  const auto pages = take_number(count);
  if (!pages) return not_cairos("a page tree without /Count");
  pages_ += *pages;
  return replace_once(body, "<< /Type /Pages\n",
                      fmt::format("<< /Type /Pages\n   /Parent {} 0 R\n", kPages));
}

// The leaf of the number tree: its keys are the pages of this part.
Status PdfJoiner::take_parent_tree(std::string& body, std::uint64_t number) {
  std::string_view rest = std::string_view(body).substr(body.find('[') + 1);
  std::string nums;
  std::optional<std::uint64_t> least, most;
  for (;;) {
    while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\n'))
      rest.remove_prefix(1);
    if (rest.empty() || rest[0] == ']') break;
    const auto key = take_number(rest);
    const std::size_t end = rest.find('\n');
    if (!key || end == std::string_view::npos) return not_cairos("a parent tree of another form");
    const std::uint64_t moved = *key + pages_before_;
    if (!least) least = moved;
    most = moved;
    nums += fmt::format("   {}{}\n", moved, rest.substr(0, end));
    rest.remove_prefix(end);
  }
  if (!least) return not_cairos("a parent tree without pages");
  body = fmt::format("<< /Limits [ {} {} ] /Nums [\n{}  ]\n>>\n", *least, *most, nums);
  parent_trees_.push_back(number);
  return {};
}

// The root of a part's structure becomes an element of the whole: a Part (14.8.4.2).
Status PdfJoiner::take_structure(std::string& body, std::uint64_t number) {
  const std::size_t key = body.find("   /ParentTree ");
  const std::size_t end = body.find('\n', key);
  if (key == std::string::npos || end == std::string::npos)
    return not_cairos("a structure without parent tree");
  body.erase(key, end + 1 - key);
  structures_.push_back(number);
  return replace_once(body, "<< /Type /StructTreeRoot\n",
                      fmt::format("<< /Type /StructElem\n   /S /Part\n   /P {} 0 R\n", kStructure));
}

Status PdfJoiner::add_object(std::string_view object, std::uint64_t number) {
  const std::size_t head = object.find(" 0 obj\n");
  const std::size_t tail = object.rfind("endobj");
  if (head == std::string_view::npos || tail == std::string_view::npos || tail < head)
    return not_cairos("an object of another form");
  const std::string_view body = object.substr(head + 7, tail - head - 7);
  const std::size_t stream = body.find("stream\n");
  BH_TRY(std::string text, shifted(body.substr(0, stream)));
  const std::uint64_t moved = number + first_;
  if (stream != std::string_view::npos) {
    text += body.substr(stream);
    return put_object(moved, text);
  }
  if (text.starts_with("<< /Type /Catalog") || text.starts_with("<< /Producer ")) return {};
  if (text.starts_with("<< /Type /Pages")) {
    BH_CHECK(take_pages(text));
    page_trees_.push_back(moved);
  } else if (text.starts_with("<< /Type /StructTreeRoot")) {
    BH_CHECK(take_structure(text, moved));
  } else if (text.starts_with("<< /Nums [")) {
    BH_CHECK(take_parent_tree(text, moved));
  } else if (const std::size_t at = text.find("/StructParents ");
             at != std::string::npos && text.starts_with("<< /Type /Page ")) {
    std::string_view rest = std::string_view(text).substr(at + 15);
    const auto key = take_number(rest);
    if (!key) return not_cairos("a page without key");
    text = fmt::format("{}{}{}", text.substr(0, at + 15), *key + pages_before_, rest);
  }
  return put_object(moved, text);
}

Status PdfJoiner::add(std::string_view part) {
  if (written_ == 0) BH_CHECK(put("%PDF-1.5\n%\xC2\xB5\xC2\xB6\n"));
  BH_TRY(const Objects objects, read_cross_references(part));
  first_ = next_number_ - 1;  // its first object has the number 1
  pages_before_ = pages_;
  const std::size_t parts = page_trees_.size();
  for (std::size_t i = 0; i < objects.by_offset.size(); ++i) {
    const auto [offset, number] = objects.by_offset[i];
    const std::uint64_t end =
        i + 1 < objects.by_offset.size() ? objects.by_offset[i + 1].first : objects.end;
    BH_CHECK(add_object(part.substr(offset, end - offset), number));
  }
  next_number_ += objects.count;
  if (page_trees_.size() != parts + 1 || structures_.size() != parts + 1 ||
      parent_trees_.size() != parts + 1)
    return not_cairos("a part without pages or structure");
  return {};
}

Status PdfJoiner::put_cross_references() {
  const std::uint64_t table = written_;
  BH_CHECK(put(fmt::format("xref\n0 {}\n0000000000 65535 f \n", offsets_.size())));
  std::string block;
  for (std::size_t number = 1; number < offsets_.size(); ++number) {
    block += offsets_[number] == 0 ? "0000000000 65535 f \n"
                                   : fmt::format("{:010} 00000 n \n", offsets_[number]);
    if (block.size() < 64 * 1024) continue;
    BH_CHECK(put(block));
    block.clear();
  }
  BH_CHECK(put(block));
  return put(
      fmt::format("trailer\n<< /Size {} /Root {} 0 R /Info {} 0 R >>\nstartxref\n{}\n%%EOF\n",
                  offsets_.size(), kCatalog, kInfo, table));
}

Status PdfJoiner::finish() {
  BH_CHECK(put_object(kPages, fmt::format("<< /Type /Pages /Kids [{} ] /Count {} >>\n",
                                          references(page_trees_), pages_)));
  BH_CHECK(put_object(kStructure, fmt::format("<< /Type /StructTreeRoot /ParentTree {} 0 R "
                                              "/ParentTreeNextKey {} /K [{} ] >>\n",
                                              kParentTree, pages_, references(structures_))));
  BH_CHECK(put_object(kParentTree, fmt::format("<< /Kids [{} ] >>\n", references(parent_trees_))));
  BH_CHECK(
      put_object(kInfo, fmt::format("<< /Producer (Bulkhead) /Title {} >>\n", literal(title_))));
  BH_CHECK(put_object(
      kCatalog, fmt::format("<< /Type /Catalog /Pages {} 0 R /StructTreeRoot {} 0 R /MarkInfo << "
                            "/Marked true >> /Lang {} /ViewerPreferences << /DisplayDocTitle true "
                            ">> >>\n",
                            kPages, kStructure, literal(language_))));
  return put_cross_references();
}

}  // namespace bulkhead::notify
