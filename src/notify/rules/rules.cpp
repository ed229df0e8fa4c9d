#include "notify/rules/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/fd.h"
#include "notify/input/yaml_section.h"

namespace bulkhead::notify {
namespace {

// Rule files are ours: an unknown key is a mistake, not a warning.
Status none_unknown(const YamlSection& section) {
  const std::vector<std::string> unknown = section.unknown();
  if (!unknown.empty()) return fail(ErrorCode::kMalformed, unknown.front());
  return {};
}

Result<Verified> read_verified(YamlSection& section) {
  Verified verified;
  BH_TRY(YamlSection at, section.section("verified", false));
  BH_TRY(verified.on, at.day_if_any("on"));
  BH_TRY(verified.against, at.text_or("against", ""));
  if (verified.on && verified.against.empty()) return at.wrong("against", "is missing");
  BH_CHECK(none_unknown(at));
  return verified;
}

Result<std::vector<OrganisationKind>> read_kinds(YamlSection& section) {
  std::vector<OrganisationKind> kinds;
  BH_TRY(const std::vector<std::string> words, section.texts("kinds"));
  constexpr OrganisationKind kAll[] = {OrganisationKind::kCoveredEntity,
                                       OrganisationKind::kBusinessAssociate,
                                       OrganisationKind::kOther};
  for (const std::string& word : words) {
    const auto at = std::find_if(std::begin(kAll), std::end(kAll),
                                 [&](OrganisationKind kind) { return to_string(kind) == word; });
    if (at == std::end(kAll)) return section.wrong("kinds", "there is no such kind: " + word);
    kinds.push_back(*at);
  }
  if (kinds.empty()) kinds.assign(std::begin(kAll), std::end(kAll));
  return kinds;
}

Result<Counted> read_counted(YamlSection& section) {
  BH_TRY(const std::string word,
         section.one_of("counted", {"persons", "without_address", "residents"}, "persons"));
  return word == "persons"           ? Counted::kPersons
         : word == "without_address" ? Counted::kWithoutAddress
                                     : Counted::kResidents;
}

// "more_than: 500" is at least 501.
Status read_threshold(YamlSection& section, Obligation& obligation) {
  BH_TRY(const std::optional<unsigned> at_least, section.number_if_any("at_least"));
  BH_TRY(const std::optional<unsigned> more_than, section.number_if_any("more_than"));
  BH_TRY(const std::optional<unsigned> fewer_than, section.number_if_any("fewer_than"));
  if (at_least && more_than) return section.wrong("more_than", "stands beside at_least");
  if (at_least) obligation.at_least = *at_least;
  if (more_than) obligation.at_least = std::uint64_t{*more_than} + 1;
  if (fewer_than) {
    if (*fewer_than == 0) return section.wrong("fewer_than", "nobody is fewer than that");
    obligation.at_most = *fewer_than - 1;
  }
  return {};
}

Result<Obligation> read_obligation(YamlSection& section) {
  Obligation obligation;
  BH_TRY(obligation.id, section.text("id"));
  BH_TRY(obligation.to, section.text("to"));
  BH_TRY(obligation.words, section.text("words"));
  BH_TRY(obligation.citation, section.text("citation"));
  BH_TRY(obligation.document, section.text_or("document", ""));
  BH_TRY(obligation.document_template, section.text_or("template", ""));
  BH_TRY(obligation.kinds, read_kinds(section));
  BH_TRY(obligation.counted, read_counted(section));
  BH_CHECK(read_threshold(section, obligation));
  BH_TRY(obligation.days, section.number_if_any("days"));
  BH_TRY(obligation.days_after_year, section.number_if_any("days_after_year"));
  BH_TRY(const std::string form,
         section.one_of("form", {"letters", "media", "substitute", "document"}, "document"));
  obligation.individuals = form == "letters";
  obligation.media = form == "media";
  obligation.substitute = form == "substitute";
  BH_TRY(obligation.optional, section.truth_or("optional", false));
  BH_CHECK(none_unknown(section));
  return obligation;
}

Status read_persons(YamlSection& section, Rule& rule) {
  BH_TRY(YamlSection persons, section.section("persons"));
  BH_TRY(const std::vector<std::string> roles, persons.texts("roles"));
  for (const std::string& word : roles) {
    bool found = false;
    for (std::size_t i = 0; i < exposure::kRoleCount; ++i) {
      const auto role = static_cast<exposure::Role>(i);
      if (exposure::to_string(role) != word) continue;
      rule.roles.push_back(role);
      found = true;
    }
    if (!found) return persons.wrong("roles", "there is no such role: " + word);
  }
  if (rule.roles.empty()) return persons.wrong("roles", "is missing");
  BH_TRY(const std::vector<std::string> elements, persons.texts("elements_any"));
  for (const std::string& word : elements) {
    const auto element = exposure::element_from(word);
    if (!element) return persons.wrong("elements_any", "there is no such element: " + word);
    rule.elements_any.add(*element);
  }
  BH_TRY(rule.needs_name, persons.truth_or("needs_name", false));
  return none_unknown(persons);
}

Status read_content(YamlSection& section, Rule& rule) {
  BH_TRY(std::vector<YamlSection> items, section.sections("content"));
  for (YamlSection& at : items) {
    ContentItem item;
    BH_TRY(item.item, at.text("item"));
    BH_TRY(item.citation, at.text("citation"));
    BH_TRY(item.needs, at.texts("needs"));
    BH_TRY(item.needs_any, at.texts("needs_any"));
    BH_CHECK(none_unknown(at));
    rule.content.push_back(std::move(item));
  }
  return {};
}

Result<YamlNode> read_yaml(const std::string& path) {
  BH_TRY(const Bytes bytes, read_file(path, kYamlBytesMost));
  return parse_yaml(as_text(bytes), path);
}

Result<Rule> read_rule(const std::string& path) {
  BH_TRY(const YamlNode node, read_yaml(path));
  BH_TRY(YamlSection section, YamlSection::of(node, path));
  Rule rule;
  BH_TRY(rule.id, section.text("rule"));
  BH_TRY(rule.title, section.text("title"));
  BH_TRY(rule.citation, section.text("citation"));
  BH_TRY(rule.jurisdiction, section.text("jurisdiction"));
  BH_TRY(rule.verified, read_verified(section));
  BH_TRY(rule.kinds, read_kinds(section));
  BH_CHECK(read_persons(section, rule));
  BH_TRY(rule.safe_harbour, section.text_or("safe_harbour", ""));
  BH_TRY(rule.delay_citation, section.text_or("delay_citation", rule.citation));
  BH_CHECK(read_content(section, rule));
  BH_TRY(std::vector<YamlSection> obligations, section.sections("obligations"));
  for (YamlSection& at : obligations) {
    BH_TRY(Obligation obligation, read_obligation(at));
    rule.obligations.push_back(std::move(obligation));
  }
  if (rule.obligations.empty()) return section.wrong("obligations", "is missing");
  BH_CHECK(none_unknown(section));
  return rule;
}

Result<std::vector<Bureau>> read_bureaus(const std::string& path) {
  BH_TRY(const YamlNode node, read_yaml(path));
  BH_TRY(YamlSection section, YamlSection::of(node, path));
  BH_TRY(std::vector<YamlSection> entries, section.sections("bureaus"));
  std::vector<Bureau> bureaus;
  for (YamlSection& at : entries) {
    Bureau bureau;
    BH_TRY(bureau.name, at.text("name"));
    BH_TRY(bureau.phone, at.text("phone"));
    BH_TRY(bureau.website, at.text("website"));
    BH_TRY(bureau.address, at.texts("address"));
    BH_TRY(bureau.verified, read_verified(at));
    BH_CHECK(none_unknown(at));
    bureaus.push_back(std::move(bureau));
  }
  if (bureaus.empty()) return section.wrong("bureaus", "is missing");
  BH_CHECK(none_unknown(section));
  return bureaus;
}

template <typename T>
bool contains(const std::vector<T>& list, const T& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

}  // namespace

bool Rule::covers(exposure::Role role, exposure::ElementSet elements, std::string_view state,
                  OrganisationKind kind) const {
  if (!contains(kinds, kind) || !contains(roles, role)) return false;
  if (jurisdiction != "US" && jurisdiction != state) return false;
  if (needs_name && !elements.has(exposure::Element::kName)) return false;
  return elements_any.empty() || (elements.bits() & elements_any.bits()) != 0;
}

bool Rules::bureaus_verified() const {
  return std::all_of(bureaus.begin(), bureaus.end(),
                     [](const Bureau& bureau) { return bureau.verified.on.has_value(); });
}

Result<Rules> load_rules(const std::string& folder) {
  Rules rules;
  std::error_code error;
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/rules", error)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path().string());
  }
  if (error || paths.empty())
    return fail(ErrorCode::kNotFound, fmt::format("{}/rules: has no rules: install or build "
                                                  "Bulkhead completely, or say --rules",
                                                  folder));
  std::sort(paths.begin(), paths.end());
  for (const std::string& path : paths) {
    BH_TRY(Rule rule, read_rule(path));
    rules.rules.push_back(std::move(rule));
  }
  BH_TRY(rules.bureaus, read_bureaus(folder + "/bureaus.yaml"));
  return rules;
}

}  // namespace bulkhead::notify
