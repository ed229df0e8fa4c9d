#include "exposure/resolve/name_match.h"

#include <algorithm>
#include <array>

namespace bulkhead::exposure {
namespace {

// Common English short forms; both of a row may be the same person.
constexpr std::pair<std::string_view, std::string_view> kNicknames[] = {
    {"ROBERT", "BOB"},     {"ROBERT", "BOBBY"},    {"WILLIAM", "BILL"},    {"WILLIAM", "BILLY"},
    {"WILLIAM", "LIAM"},   {"RICHARD", "DICK"},    {"RICHARD", "RICK"},    {"JAMES", "JIM"},
    {"JAMES", "JIMMY"},    {"JOHN", "JACK"},       {"JOHN", "JOHNNY"},     {"MARGARET", "PEGGY"},
    {"MARGARET", "MEG"},   {"ELIZABETH", "BETTY"}, {"ELIZABETH", "BETH"},  {"ELIZABETH", "LIZ"},
    {"CATHERINE", "KATE"}, {"KATHERINE", "KATE"},  {"KATHERINE", "KATHY"}, {"CATHERINE", "CATHY"},
    {"CHARLES", "CHUCK"},  {"CHARLES", "CHARLIE"}, {"EDWARD", "TED"},      {"EDWARD", "NED"},
    {"HENRY", "HANK"},     {"MICHAEL", "MIKE"},    {"JOSEPH", "JOE"},      {"THOMAS", "TOMMY"},
    {"ANTHONY", "TONY"},   {"DOROTHY", "DOT"},     {"PATRICIA", "TRICIA"}, {"REBECCA", "BECKY"},
    {"SUSAN", "SUE"},      {"THEODORE", "TED"},    {"ANDREW", "DREW"},     {"LAWRENCE", "LARRY"},
    {"JENNIFER", "JENNY"}, {"DEBORAH", "DEBBIE"},  {"JESSICA", "JESSIE"},  {"STEVEN", "STEVE"},
};

// Newborns before they have a name.
bool says_baby(std::string_view name) {
  return name == "BABY" || name == "BABYBOY" || name == "BABYGIRL" || name == "NEWBORN" ||
         name == "INFANT" || name == "BOY" || name == "GIRL";
}

// One letter changed, missing or too many, or two neighbours exchanged. Not in short names: MARK
// and MARY are two.
bool one_slip_apart(std::string_view shorter, std::string_view longer) {
  if (longer.size() < 5 || longer.size() - shorter.size() > 1 || shorter[0] != longer[0])
    return false;
  std::size_t at = 0;
  while (at < shorter.size() && shorter[at] == longer[at])
    ++at;
  const std::string_view a = shorter.substr(at);
  const std::string_view b = longer.substr(at);
  if (a.size() < b.size()) return a == b.substr(1);
  const bool exchanged = a.size() >= 2 && a[0] == b[1] && a[1] == b[0];
  return a.substr(1) == b.substr(1) || (exchanged && a.substr(2) == b.substr(2));
}

}  // namespace

void append_normal_name(std::string_view name, std::string& out) {
  // U+00C0 to U+00FF, without accents; the two that are not letters are left out.
  static constexpr std::string_view kLatin =
      "AAAAAAACEEEEIIIIDNOOOOO OUUUUYTSAAAAAAACEEEEIIIIDNOOOOO OUUUUYTY";
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c >= 'a' && c <= 'z')
      out.push_back(static_cast<char>(c - 32));
    else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
      out.push_back(c);
    else if (byte == 0xC3 && i + 1 < name.size() &&
             (static_cast<unsigned char>(name[i + 1]) & 0xC0) == 0x80) {
      const char plain = kLatin[static_cast<unsigned char>(name[++i]) & 0x3F];
      if (plain != ' ') out.push_back(plain);
    } else if (byte >= 0x80)
      out.push_back(c);
  }
}

std::string normal_name(std::string_view name) {
  std::string out;
  out.reserve(name.size());
  append_normal_name(name, out);
  return out;
}

NameMatch match_first_names(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty() || says_baby(a) || says_baby(b)) return NameMatch::kUnknown;
  if (a == b) return NameMatch::kEqual;
  if (a.size() > b.size()) std::swap(a, b);
  if (b.starts_with(a) && (a.size() == 1 || a.size() >= 3)) return NameMatch::kWeak;
  for (const auto& [full, shorter] : kNicknames) {
    if ((a == full && b == shorter) || (b == full && a == shorter)) return NameMatch::kWeak;
  }
  return one_slip_apart(a, b) ? NameMatch::kMisspelt : NameMatch::kContradicts;
}

bool take_suffix(std::string_view& last, std::string_view& suffix) {
  const std::size_t space = last.find_last_of(" ,");
  if (space == std::string_view::npos || space == 0) return false;
  const std::string word = normal_suffix(last.substr(space + 1));
  if (word != "JR" && word != "SR" && word != "2" && word != "3" && word != "4") return false;
  suffix = last.substr(space + 1);
  last = last.substr(0, space);
  return true;
}

std::string normal_suffix(std::string_view suffix) {
  const std::string name = normal_name(suffix);
  static constexpr std::pair<std::string_view, std::string_view> kSame[] = {
      {"JUNIOR", "JR"}, {"SENIOR", "SR"}, {"II", "2"}, {"2ND", "2"},
      {"III", "3"},     {"3RD", "3"},     {"IV", "4"}, {"4TH", "4"}};
  for (const auto& [written, meant] : kSame) {
    if (name == written) return std::string(meant);
  }
  return name;
}

}  // namespace bulkhead::exposure
