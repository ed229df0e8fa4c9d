#include "notify/letters/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/fd.h"
#include "notify/input/yaml_section.h"

namespace bulkhead::notify {
namespace {

// What a template may name. The first group differs from letter to letter.
constexpr std::string_view kOfLetter[] = {"name", "names", "letter_number"};
constexpr std::string_view kOfIncident[] = {
    "organisation", "vendor",         "what_happened",  "doing",           "breach_dates",
    "discovered",   "website",        "toll_free",      "toll_free_hours", "email",
    "monitoring",   "return_address", "signatory_name", "signatory_title"};

bool known_placeholder(std::string_view name) {
  const auto among = [&](const auto& list) {
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
  };
  return among(kOfLetter) || among(kOfIncident);
}

Status check_placeholders(const YamlSection& section, std::string_view key, std::string_view text) {
  for (const std::string& name : placeholders_of(text)) {
    if (!known_placeholder(name))
      return section.wrong(key, fmt::format("there is no placeholder {{{}}}", name));
  }
  return {};
}

Result<std::vector<Audience>> read_audiences(YamlSection& section) {
  std::vector<Audience> audiences;
  BH_TRY(const std::vector<std::string> words, section.texts("for"));
  for (const std::string& word : words) {
    const auto at = std::find_if(std::begin(kAudiences), std::end(kAudiences),
                                 [&](Audience one) { return to_string(one) == word; });
    if (at == std::end(kAudiences)) return section.wrong("for", "there is no reader " + word);
    audiences.push_back(*at);
  }
  return audiences;
}

Result<TemplateBlock> read_block(YamlSection& section) {
  TemplateBlock block;
  BH_TRY(const std::string list, section.text_or("list", ""));
  if (list == "elements") {
    block.kind = TemplateBlock::Kind::kElements;
  } else if (list == "bureaus") {
    block.kind = TemplateBlock::Kind::kBureaus;
  } else if (!list.empty()) {
    return section.wrong("list", "elements or bureaus is expected");
  } else {
    BH_TRY(block.text, section.text("p"));
    BH_CHECK(check_placeholders(section, "p", block.text));
  }
  BH_TRY(block.audiences, read_audiences(section));
  BH_TRY(block.when, section.texts("when"));
  BH_TRY(const std::string basis, section.one_of("basis", {"any", "files", "enrolled"}, "any"));
  if (basis == "files") block.basis = TemplateBlock::Basis::kFiles;
  if (basis == "enrolled") block.basis = TemplateBlock::Basis::kEnrolled;
  for (const std::string& name : block.when) {
    if (!known_placeholder(name)) return section.wrong("when", "there is no fact " + name);
  }
  for (const std::string& key : section.unknown())
    return fail(ErrorCode::kMalformed, key);
  return block;
}

Status read_sections(YamlSection& root, Template& text) {
  BH_TRY(std::vector<YamlSection> sections, root.sections("sections"));
  for (YamlSection& at : sections) {
    TemplateSection section;
    BH_TRY(section.heading, at.text_or("heading", ""));
    BH_TRY(section.items, at.texts("items"));
    BH_TRY(std::vector<YamlSection> blocks, at.sections("blocks"));
    for (YamlSection& one : blocks) {
      BH_TRY(TemplateBlock block, read_block(one));
      section.blocks.push_back(std::move(block));
    }
    if (section.blocks.empty()) return at.wrong("blocks", "is missing");
    text.sections.push_back(std::move(section));
  }
  return {};
}

Status read_elements(YamlSection& root, Template& text) {
  BH_TRY(YamlSection words, root.section("elements"));
  for (std::size_t i = 0; i < exposure::kElementCount; ++i) {
    BH_TRY(text.elements[i], words.text(exposure::to_string(static_cast<exposure::Element>(i))));
  }
  BH_TRY(YamlSection neutral, root.section("neutral"));
  BH_TRY(text.neutral_words, neutral.text("words"));
  BH_TRY(const std::vector<std::string> names, neutral.texts("elements"));
  for (const std::string& name : names) {
    const auto element = exposure::element_from(name);
    if (!element) return neutral.wrong("elements", "there is no element " + name);
    text.neutral.add(*element);
  }
  return {};
}

Status read_by_audience(YamlSection& root, std::string_view key,
                        std::map<Audience, std::string>& into) {
  BH_TRY(YamlSection section, root.section(key));
  for (const Audience audience : kAudiences) {
    if (audience == Audience::kPublic) continue;
    BH_TRY(std::string words, section.text(to_string(audience)));
    BH_CHECK(check_placeholders(section, to_string(audience), words));
    into.emplace(audience, std::move(words));
  }
  return {};
}

Status read_words(YamlSection& root, Template& text) {
  BH_TRY(text.months, root.texts("months"));
  if (text.months.size() != 12) return root.wrong("months", "twelve are expected");
  BH_TRY(text.day_format, root.text("day"));
  BH_TRY(text.breach_span, root.text("breach_span"));
  BH_TRY(text.breach_day, root.text("breach_day"));
  BH_TRY(text.breach_since, root.text("breach_since"));
  BH_TRY(text.reference, root.text("reference"));
  BH_TRY(text.page, root.text("page"));
  BH_TRY(text.unverified, root.text("unverified"));
  return {};
}

bool fact_is_there(std::string_view name, const Values& values) {
  const auto at = values.find(name);
  return at == values.end() || !at->second.empty();  // those of the letter are always there
}

bool applies(const TemplateBlock& block, Audience audience, const Values& values) {
  // What rules ask for is owed to those whose data was in the files.
  return block.is_for(audience) && block.basis != TemplateBlock::Basis::kEnrolled &&
         std::all_of(block.when.begin(), block.when.end(),
                     [&](const std::string& name) { return fact_is_there(name, values); });
}

// What the blocks of an item say to an audience: the placeholders that have a value, and whether
// there is any text at all.
struct Said {
  bool anything = false;
  std::set<std::string, std::less<>> uses;
};

Said said_about(const Template& text, std::string_view item, Audience audience,
                const Values& values) {
  Said said;
  for (const TemplateSection& section : text.sections) {
    if (std::find(section.items.begin(), section.items.end(), item) == section.items.end())
      continue;
    for (const TemplateBlock& block : section.blocks) {
      if (!applies(block, audience, values)) continue;
      said.anything = true;
      if (block.kind == TemplateBlock::Kind::kElements) said.uses.insert("elements");
      if (block.kind == TemplateBlock::Kind::kBureaus) said.uses.insert("bureaus");
      for (std::string& name : placeholders_of(block.text)) {
        if (fact_is_there(name, values)) said.uses.insert(std::move(name));
      }
    }
  }
  return said;
}

Status check_item(const Template& text, const ContentItem& item, Audience audience,
                  const Values& values) {
  const Said said = said_about(text, item.item, audience, values);
  const auto lacks = [&](std::string_view what) {
    return fail(ErrorCode::kRefused,
                fmt::format("{}: the text for {} lacks {} ({}): add it, or state it in the facts",
                            text.file, to_string(audience), what, item.citation));
  };
  if (!said.anything) return lacks(item.item);
  for (const std::string& need : item.needs) {
    if (!said.uses.contains(need)) return lacks(fmt::format("{{{}}} in {}", need, item.item));
  }
  if (!item.needs_any.empty() &&
      std::none_of(item.needs_any.begin(), item.needs_any.end(),
                   [&](const std::string& one) { return said.uses.contains(one); }))
    return lacks(fmt::format("any of {} in {}", fmt::join(item.needs_any, ", "), item.item));
  return {};
}

// A letter out of caution must not read as if somebody's data had been found.
Status check_enrolled(const Template& text, Audience audience) {
  bool says_so = false;
  for (const TemplateSection& section : text.sections) {
    for (const TemplateBlock& block : section.blocks) {
      if (!block.is_for(audience)) continue;
      says_so = says_so || block.basis == TemplateBlock::Basis::kEnrolled;
      if (block.kind == TemplateBlock::Kind::kElements &&
          block.basis != TemplateBlock::Basis::kFiles)
        return fail(ErrorCode::kRefused,
                    fmt::format("{}: the list of elements needs `basis: files`", text.file));
    }
  }
  if (says_so) return {};
  return fail(ErrorCode::kRefused,
              fmt::format("{}: the text for {} lacks a paragraph with `basis: enrolled`, for those "
                          "whose data was not found",
                          text.file, to_string(audience)));
}

}  // namespace

std::string_view to_string(Audience audience) {
  constexpr std::string_view kWords[] = {"adult", "guardian", "representative", "custody",
                                         "public"};
  return kWords[static_cast<std::size_t>(audience)];
}

bool TemplateBlock::is_for(Audience audience) const {
  return audiences.empty() ||
         std::find(audiences.begin(), audiences.end(), audience) != audiences.end();
}

std::string Template::written(Day day) const {
  const Values values{{"month", months[static_cast<unsigned>(day.month()) - 1]},
                      {"day", std::to_string(static_cast<unsigned>(day.day()))},
                      {"year", std::to_string(static_cast<int>(day.year()))}};
  return filled(day_format, values, file).value_or(iso(day));
}

std::vector<std::string> Template::words_of(exposure::ElementSet set, bool sensitive) const {
  std::vector<std::string> words;
  const auto add = [&](const std::string& word) {
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  };
  for (std::size_t i = 0; i < exposure::kElementCount; ++i) {
    const auto element = static_cast<exposure::Element>(i);
    if (!set.has(element)) continue;
    add(sensitive && neutral.has(element) ? neutral_words : elements[i]);
  }
  return words;
}

Result<Template> load_template(const std::string& folder, const std::string& language) {
  Template text;
  text.language = language;
  text.file = fmt::format("{}/letters/{}.yaml", folder, language);
  const auto bytes = read_file(text.file, kYamlBytesMost);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound)
    return fail(ErrorCode::kNotFound,
                fmt::format("{}: there are no letters in this language", text.file));
  if (!bytes) return std::unexpected(bytes.error());
  BH_TRY(const YamlNode node, parse_yaml(as_text(*bytes), text.file));
  BH_TRY(YamlSection root, YamlSection::of(node, text.file));
  BH_TRY(const std::string own, root.text("language"));
  if (own != language) return root.wrong("language", "is not that of the file's name");
  BH_CHECK(read_words(root, text));
  BH_CHECK(read_elements(root, text));
  BH_CHECK(read_by_audience(root, "salutation", text.salutation));
  BH_CHECK(read_by_audience(root, "addressee", text.addressee));
  BH_CHECK(read_sections(root, text));
  for (const std::string& key : root.unknown())
    return fail(ErrorCode::kMalformed, key);
  return text;
}

Status check_template(const Template& text, const std::vector<const Rule*>& rules,
                      const Facts& facts) {
  const Values values = common_values(text, facts);
  for (const Audience audience : kAudiences) {
    if (audience != Audience::kPublic) BH_CHECK(check_enrolled(text, audience));
  }
  for (const Rule* rule : rules) {
    for (const ContentItem& item : rule->content) {
      for (const Audience audience : kAudiences)
        BH_CHECK(check_item(text, item, audience, values));
    }
  }
  return {};
}

Values common_values(const Template& text, const Facts& facts) {
  const IncidentFacts& incident = facts.incident;
  const OrganisationFacts& organisation = facts.organisation;
  Values values;
  values["organisation"] = organisation.name;
  values["vendor"] = incident.vendor;
  values["what_happened"] = incident.what_happened.in(text.language);
  values["doing"] = incident.doing.in(text.language);
  const Values days{{"from", text.written(incident.breach_from)},
                    {"until", incident.breach_until ? text.written(*incident.breach_until) : ""}};
  const std::string& breach = !incident.breach_until                           ? text.breach_since
                              : *incident.breach_until == incident.breach_from ? text.breach_day
                                                                               : text.breach_span;
  values["breach_dates"] = filled(breach, days, text.file).value_or("");
  values["discovered"] = text.written(incident.discovered);
  values["website"] = organisation.website;
  values["toll_free"] = organisation.toll_free;
  values["toll_free_hours"] = organisation.toll_free_hours;
  values["email"] = organisation.email;
  values["monitoring"] =
      facts.letter.monitoring_offered ? facts.letter.monitoring.in(text.language) : "";
  values["return_address"] =
      fmt::format("{}, {}", organisation.name, fmt::join(organisation.return_address, ", "));
  values["signatory_name"] = facts.letter.signatory_name;
  values["signatory_title"] = facts.letter.signatory_title;
  return values;
}

std::vector<std::string> placeholders_of(std::string_view text) {
  std::vector<std::string> names;
  for (std::size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    names.emplace_back(text.substr(open + 1, close - open - 1));
  }
  return names;
}

Result<std::string> filled(std::string_view text, const Values& values, std::string_view where) {
  std::string result;
  std::size_t done = 0;
  for (std::size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', done)) {
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    const std::string_view name = text.substr(open + 1, close - open - 1);
    const auto at = values.find(name);
    if (at == values.end())
      return fail(ErrorCode::kMalformed,
                  fmt::format("{}: there is no placeholder {{{}}}", where, name));
    result += text.substr(done, open - done);
    result += at->second;
    done = close + 1;
  }
  result += text.substr(done);
  return result;
}

}  // namespace bulkhead::notify
