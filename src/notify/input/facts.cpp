#include "notify/input/facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "notify/input/yaml_section.h"

namespace bulkhead::notify {
namespace {

constexpr std::size_t kAddressLinesMost = 6;
constexpr std::size_t kAddressLineBytesMost = 200;
constexpr std::size_t kTextBytesMost = 8000;

Result<LocalText> local_text(YamlSection& section, std::string_view key, bool required) {
  LocalText text;
  const YamlNode* at = section.node(key);
  if (at != nullptr && at->kind == YamlNode::Kind::kMap) {
    BH_TRY(YamlSection languages, section.section(key));
    for (const auto& [language, node] : at->members) {
      BH_TRY(std::string words, languages.text(language));
      if (words.size() > kTextBytesMost) return languages.wrong(language, "is too long");
      text.by_language.emplace(language, std::move(words));
    }
    return text;
  }
  if (required) {
    BH_TRY(text.common, section.text(key));
  } else {
    BH_TRY(text.common, section.text_or(key, ""));
  }
  if (text.common.size() > kTextBytesMost) return section.wrong(key, "is too long");
  return text;
}

Result<std::vector<std::string>> address(YamlSection& section, std::string_view key) {
  BH_TRY(std::vector<std::string> lines, section.texts(key));
  if (lines.size() > kAddressLinesMost)
    return section.wrong(key, "has more lines than an envelope");
  for (const std::string& line : lines) {
    if (line.empty() || line.size() > kAddressLineBytesMost || line.find('\n') != std::string::npos)
      return section.wrong(key, "a line of it is empty or too long");
  }
  return envelope_lines(std::move(lines));
}

void take_unknown(const YamlSection& section, Facts& facts) {
  for (std::string& warning : section.unknown())
    facts.warnings.push_back(std::move(warning));
}

Status check_order(YamlSection& section, const IncidentFacts& incident) {
  using std::chrono::sys_days;
  const auto after = [](Day a, Day b) { return sys_days(a) > sys_days(b); };
  if (incident.breach_until && after(incident.breach_from, *incident.breach_until))
    return section.wrong("breach_until", "is before breach_from");
  if (after(incident.breach_from, incident.discovered))
    return section.wrong("discovered", "is before breach_from");
  if (incident.vendor_discovered && after(incident.breach_from, *incident.vendor_discovered))
    return section.wrong("vendor_discovered", "is before breach_from");
  return {};
}

Status read_incident(YamlSection& root, Facts& facts) {
  BH_TRY(YamlSection section, root.section("incident"));
  IncidentFacts& incident = facts.incident;
  BH_TRY(incident.id, section.text("id"));
  if (incident.id.size() > 100) return section.wrong("id", "is longer than 100 bytes");
  BH_TRY(incident.title, section.text_or("title", incident.id));
  BH_TRY(incident.what_happened, local_text(section, "what_happened", true));
  BH_TRY(incident.doing, local_text(section, "doing", true));
  BH_TRY(incident.breach_from, section.day("breach_from"));
  BH_TRY(incident.breach_until, section.day_if_any("breach_until"));
  BH_TRY(incident.discovered, section.day("discovered"));
  BH_TRY(incident.vendor_discovered, section.day_if_any("vendor_discovered"));
  BH_TRY(incident.time_zone, section.text_or("time_zone", "UTC"));
  BH_TRY(incident.vendor, section.text_or("vendor", ""));
  BH_TRY(const std::string role,
         section.one_of("vendor_role", {"agent", "contractor"}, "contractor"));
  incident.vendor_is_agent = role == "agent";
  BH_TRY(incident.law_enforcement_delay, section.day_if_any("law_enforcement_delay"));
  BH_TRY(incident.encrypted, section.truth_or("encrypted", false));
  BH_CHECK(check_order(section, incident));
  if (incident.vendor_is_agent && !incident.vendor_discovered)
    facts.warnings.push_back(
        "the vendor is an agent, so that the day on which it knew counts: state "
        "incident.vendor_discovered");
  take_unknown(section, facts);
  return {};
}

Status read_organisation(YamlSection& root, Facts& facts) {
  BH_TRY(YamlSection section, root.section("organisation"));
  OrganisationFacts& organisation = facts.organisation;
  BH_TRY(organisation.name, section.text("name"));
  BH_TRY(
      const std::string kind,
      section.one_of("kind", {"covered_entity", "business_associate", "other"}, "covered_entity"));
  organisation.kind = kind == "covered_entity"       ? OrganisationKind::kCoveredEntity
                      : kind == "business_associate" ? OrganisationKind::kBusinessAssociate
                                                     : OrganisationKind::kOther;
  BH_TRY(organisation.state, section.text_or("state", ""));
  BH_TRY(organisation.return_address, address(section, "return_address"));
  if (organisation.return_address.empty()) return section.wrong("return_address", "is missing");
  BH_TRY(organisation.toll_free, section.text_or("toll_free", ""));
  BH_TRY(organisation.toll_free_hours, section.text_or("toll_free_hours", ""));
  BH_TRY(organisation.email, section.text_or("email", ""));
  BH_TRY(organisation.website, section.text_or("website", ""));
  BH_TRY(organisation.custody_agency_address, address(section, "custody_agency_address"));
  take_unknown(section, facts);
  return {};
}

Result<PersonSelector> selector(YamlSection& section) {
  PersonSelector who;
  BH_TRY(who.person, section.text_or("person", ""));
  BH_TRY(who.name, section.text_or("name", ""));
  BH_TRY(const std::optional<Day> born, section.day_if_any("date_of_birth"));
  if (born) who.date_of_birth = iso(*born);
  if (who.person.empty() && (who.name.empty() || who.date_of_birth.empty()))
    return section.wrong("", "needs person (an id of persons.ndjson), or name and date_of_birth");
  return who;
}

Status read_persons(YamlSection& root, Facts& facts) {
  BH_TRY(std::vector<YamlSection> entries, root.sections("protected_addresses"));
  for (YamlSection& entry : entries) {
    ProtectedAddress one;
    BH_TRY(one.who, selector(entry));
    BH_TRY(one.lines, address(entry, "address"));
    if (one.lines.size() < 2) return entry.wrong("address", "is missing, or only one line");
    BH_TRY(const std::string reason, entry.text_or("reason", ""));  // for people; not used
    facts.protected_addresses.push_back(std::move(one));
    take_unknown(entry, facts);
  }
  BH_TRY(std::vector<YamlSection> custody, root.sections("in_state_custody"));
  for (YamlSection& entry : custody) {
    BH_TRY(PersonSelector who, selector(entry));
    facts.in_state_custody.push_back(std::move(who));
    take_unknown(entry, facts);
  }
  return {};
}

Status read_letter(YamlSection& root, Facts& facts) {
  BH_TRY(YamlSection section, root.section("letter", false));
  LetterFacts& letter = facts.letter;
  BH_TRY(std::vector<std::string> languages, section.texts("languages"));
  if (!languages.empty()) letter.languages = std::move(languages);
  for (std::size_t i = 0; i < letter.languages.size(); ++i) {
    const std::string& language = letter.languages[i];
    const bool word =
        language.size() >= 2 && language.size() <= 8 &&
        std::all_of(language.begin(), language.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (!word || std::count(letter.languages.begin(), letter.languages.end(), language) > 1)
      return section.wrong("languages", "words such as en, es, fr are expected, each once");
  }
  BH_TRY(letter.date, section.day_if_any("date"));
  BH_TRY(letter.large_print, section.truth_or("large_print", false));
  BH_TRY(YamlSection signatory, section.section("signatory", false));
  BH_TRY(letter.signatory_name, signatory.text_or("name", facts.organisation.name));
  BH_TRY(letter.signatory_title, signatory.text_or("title", ""));
  BH_TRY(YamlSection monitoring, section.section("credit_monitoring", false));
  BH_TRY(letter.monitoring_offered, monitoring.truth_or("offered", false));
  BH_TRY(letter.monitoring, local_text(monitoring, "how", letter.monitoring_offered));
  take_unknown(signatory, facts);
  take_unknown(monitoring, facts);
  take_unknown(section, facts);
  return {};
}

void warn_of_foreign_texts(Facts& facts) {
  for (const std::string& language : facts.letter.languages) {
    const auto check = [&](const LocalText& text, std::string_view key) {
      if (language == "en" || text.is_own_text_of(language)) return;
      facts.warnings.push_back(
          fmt::format("{} has no text of its own in {}: letters in that language carry it as it is",
                      key, language));
    };
    check(facts.incident.what_happened, "incident.what_happened");
    check(facts.incident.doing, "incident.doing");
  }
}

bool starts_with_state_and_code(std::string_view line) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return line.size() >= 8 && upper(line[0]) && upper(line[1]) && line[2] == ' ' &&
         std::all_of(line.begin() + 3, line.begin() + 8, digit);
}

}  // namespace

const std::string& LocalText::in(std::string_view language) const {
  const auto own = by_language.find(language);
  if (own != by_language.end()) return own->second;
  if (!common.empty() || by_language.empty()) return common;
  const auto english = by_language.find("en");
  return english != by_language.end() ? english->second : by_language.begin()->second;
}

bool LocalText::is_own_text_of(std::string_view language) const {
  return by_language.contains(language);
}

std::string_view to_string(OrganisationKind kind) {
  switch (kind) {
    case OrganisationKind::kCoveredEntity:
      return "covered_entity";
    case OrganisationKind::kBusinessAssociate:
      return "business_associate";
    case OrganisationKind::kOther:
      return "other";
  }
  return "other";
}

Day IncidentFacts::counted_from() const {
  if (!vendor_is_agent || !vendor_discovered) return discovered;
  return std::min(discovered, *vendor_discovered);
}

std::vector<std::string> envelope_lines(std::vector<std::string> lines) {
  if (lines.size() >= 3 && starts_with_state_and_code(lines.back())) {
    lines[lines.size() - 2] += ", " + lines.back();
    lines.pop_back();
  }
  return lines;
}

Result<Facts> parse_facts(std::string_view yaml, std::string_view name) {
  if (!is_utf8(yaml)) return fail(ErrorCode::kMalformed, fmt::format("{}: is not UTF-8", name));
  BH_TRY(const YamlNode node, parse_yaml(yaml, name));
  BH_TRY(YamlSection root, YamlSection::of(node, std::string(name)));
  Facts facts;
  BH_CHECK(read_incident(root, facts));
  BH_CHECK(read_organisation(root, facts));
  BH_CHECK(read_persons(root, facts));
  BH_CHECK(read_letter(root, facts));
  take_unknown(root, facts);
  warn_of_foreign_texts(facts);
  return facts;
}

}  // namespace bulkhead::notify
