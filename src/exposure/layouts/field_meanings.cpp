// What the names of a record's fields say.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {
namespace {

constexpr unsigned kRounds = 5;
constexpr double kShared = 0.5;  // of the names must start so

std::string first_part(const std::string& name) {
  const std::size_t end = name.find_first_of("-_");
  return end == std::string::npos || end == 0 ? std::string() : name.substr(0, end + 1);
}

// Where a form of date or "R" for "redefined" ends a name, the name without it.
std::string without_form(const std::string& name) {
  static constexpr std::string_view kForms[] = {
      "-YYYY-MM-DD", "-CCYY-MM-DD", "-CCYYMMDD", "-YYYYMMDD", "-MMDDYYYY", "-MMDDCCYY", "-YYMMDD",
      "-MMDDYY",     "-CYYMMDD",    "-YYYYDDD",  "-CCYYDDD",  "-YYDDD",    "-YMD",      "-CYMD",
      "-MDY",        "-MDCY",       "-JUL",      "-N",        "-X",        "-R",        "-A",
      "-NUM",        "-STR",        "-TXT",      "-DISP",     "-ALPHA"};
  std::string upper = name;
  for (char& c : upper)
    c = c == '_' ? '-' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  for (const std::string_view form : kForms) {
    if (upper.size() > form.size() + 1 && upper.ends_with(form))
      return name.substr(0, name.size() - form.size());
  }
  return name;
}

// The one prefix that most names start with; "" where there is none.
std::string shared_prefix(const std::vector<std::string>& names) {
  std::map<std::string, std::size_t> counts;
  std::size_t named = 0;
  for (const std::string& name : names) {
    if (name.empty()) continue;
    ++named;
    const std::string part = first_part(name);
    if (!part.empty()) ++counts[part];
  }
  for (const auto& [part, count] : counts) {
    if (named >= 3 && static_cast<double>(count) >= kShared * static_cast<double>(named))
      return part;
  }
  return {};
}

HeaderMeaning meaning_without(const std::string& name, const Rules& rules) {
  HeaderMeaning meaning = meaning_of(name, rules);
  if (!meaning.known && without_form(name) != name) meaning = meaning_of(without_form(name), rules);
  // The key of one system has one name in all of its files.
  if (meaning.known && meaning.kind == FieldKind::kPseudonym && meaning.issuer.empty())
    meaning.issuer = fmt::format("{}", fmt::join(header_words(name), " "));
  return meaning;
}

}  // namespace

std::vector<HeaderMeaning> meanings_of(const std::vector<std::string>& names,
                                       const std::vector<std::uint32_t>& groups,
                                       const Rules& rules) {
  std::vector<HeaderMeaning> meanings(names.size());
  std::vector<std::string> rest = names;
  for (unsigned round = 0; round < kRounds; ++round) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (rest[i].empty() || meanings[i].known) continue;
      meanings[i] = meaning_without(rest[i], rules);
    }
    const std::string everywhere = shared_prefix(rest);
    std::map<std::uint32_t, std::vector<std::string>> by_group;
    for (std::size_t i = 0; i < names.size(); ++i)
      by_group[groups[i]].push_back(rest[i]);
    std::map<std::uint32_t, std::string> of_group;
    for (const auto& [group, members] : by_group)
      of_group[group] = shared_prefix(members);
    bool shorter = false;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string& prefix = everywhere.empty() ? of_group[groups[i]] : everywhere;
      if (prefix.empty() || !rest[i].starts_with(prefix)) continue;
      rest[i].erase(0, prefix.size());
      shorter = true;
    }
    if (!shorter) break;
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    meanings[i].header = names[i].substr(0, 128);
    if (meanings[i].issuer.empty() || meanings[i].kind == FieldKind::kPseudonym)
      meanings[i].label = meanings[i].header;
  }
  return meanings;
}

}  // namespace bulkhead::exposure
