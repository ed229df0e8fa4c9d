#include "notify/documents/documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/fd.h"

namespace bulkhead::notify {
namespace {

constexpr std::size_t kTemplateBytesMost = 256 * 1024;

std::string html(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\n':
        result += "<br>\n";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string html_of(const std::vector<Piece>& pieces) {
  std::string result;
  bool in_list = false;
  for (const Piece& piece : pieces) {
    const bool item = piece.kind == Piece::Kind::kItem;
    if (item != in_list) result += item ? "<ul>\n" : "</ul>\n";
    in_list = item;
    const char* tag = item ? "li" : piece.kind == Piece::Kind::kHeading ? "h2" : "p";
    result += fmt::format("<{0}>{1}</{0}>\n", tag, html(piece.text));
  }
  return in_list ? result + "</ul>\n" : result;
}

std::string plain_of(const std::vector<Piece>& pieces) {
  std::string result;
  for (const Piece& piece : pieces) {
    switch (piece.kind) {
      case Piece::Kind::kHeading:
        result += "\n" + piece.text + "\n\n";
        break;
      case Piece::Kind::kItem:
        result += "  - " + piece.text + "\n";
        break;
      case Piece::Kind::kAddress:
      case Piece::Kind::kParagraph:
        result += piece.text + "\n";
        break;
    }
  }
  return result;
}

bool applied_unverified(const std::vector<Due>& due, const Rules& rules) {
  return !rules.bureaus_verified() || std::any_of(due.begin(), due.end(), [](const Due& one) {
    return one.applies && !one.rule->verified.on;
  });
}

Result<std::string> web(const std::vector<LanguageTexts>& languages, const Facts& facts,
                        const Rules& rules, const Totals& totals, const std::vector<Due>& due) {
  std::string body;
  for (const LanguageTexts& language : languages) {
    BH_TRY(const std::vector<Piece> pieces,
           compose_public(language, totals.elements, totals.sensitive, rules));
    body += fmt::format("<section lang=\"{}\">\n{}</section>\n", language.text.language,
                        html_of(pieces));
  }
  const std::string notice = applied_unverified(due, rules)
                                 ? fmt::format("<p><strong>{}</strong></p>\n", kUnverified)
                                 : "";
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
      "name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n</head>\n<body>\n"
      "<main>\n<h1>{}</h1>\n{}{}</main>\n</body>\n</html>\n",
      languages.front().text.language, html(facts.incident.title), html(facts.incident.title),
      notice, body);
}

std::string media_states(const std::vector<Due>& due) {
  std::string states;
  for (const Due& one : due) {
    if (!one.applies || !one.obligation->media) continue;
    states += fmt::format("Required in {}: {} residents, by {} ({})\n", one.state, one.count,
                          one.by ? iso(*one.by) : "now", one.obligation->citation);
  }
  return states.empty() ? "No rule that is installed requires it for these numbers.\n" : states;
}

Result<std::string> media(const std::vector<LanguageTexts>& languages, const Facts& facts,
                          const Rules& rules, const Totals& totals, const std::vector<Due>& due) {
  std::string text =
      fmt::format("Media notice (draft): {}\n{}", facts.incident.title, media_states(due));
  if (applied_unverified(due, rules)) text += fmt::format("{}\n", kUnverified);
  for (const LanguageTexts& language : languages) {
    BH_TRY(const std::vector<Piece> pieces,
           compose_public(language, totals.elements, totals.sensitive, rules));
    text += "\n" + plain_of(pieces);
  }
  return text;
}

std::string counted_by_state(const std::map<std::string, std::uint64_t>& states) {
  std::string result;
  for (const auto& [state, count] : states)
    result += fmt::format("  {}: {}\n", state.empty() ? "unknown" : state, count);
  return result.empty() ? "  none\n" : result;
}

// What the reports may name, beside the placeholders of the letters.
Values report_values(const LanguageTexts& language, const Facts& facts, const Rules& rules,
                     const Totals& totals) {
  Values values = language.values;
  const IncidentFacts& incident = facts.incident;
  values["incident"] = incident.id;
  values["title"] = incident.title;
  values["kind"] = to_string(facts.organisation.kind);
  values["breach_from"] = iso(incident.breach_from);
  values["breach_until"] = incident.breach_until ? iso(*incident.breach_until) : "not known";
  values["discovered_on"] = iso(incident.discovered);
  values["persons"] = std::to_string(totals.persons);
  values["letters"] = std::to_string(totals.letters);
  values["written_to"] = std::to_string(totals.persons_written_to);
  values["not_written_to"] = std::to_string(totals.persons_not_written);
  values["by_state"] = counted_by_state(totals.by_state);
  values["encrypted"] = incident.encrypted ? "yes, with the key elsewhere" : "no";
  values["delay"] =
      incident.law_enforcement_delay ? "until " + iso(*incident.law_enforcement_delay) : "none";
  for (const char* key : {"vendor", "toll_free", "toll_free_hours", "email", "website",
                          "monitoring", "signatory_title"}) {
    if (values[key].empty()) values[key] = "none";
  }
  std::string elements;
  for (const std::string& words : language.text.words_of(totals.elements, totals.sensitive))
    elements += fmt::format("  - {}\n", words);
  values["elements"] = elements.empty() ? "  none\n" : elements;
  std::string bureaus;
  for (const Bureau& bureau : rules.bureaus)
    bureaus +=
        fmt::format("  {}, {}, {}{}\n", bureau.name, fmt::join(bureau.address, ", "), bureau.phone,
                    bureau.verified.on ? "" : fmt::format(" ({})", kUnverified));
  values["bureaus"] = bureaus;
  return values;
}

Result<std::string> report(const std::string& folder, const std::string& name, Values values,
                           const std::string& head) {
  const std::string path = fmt::format("{}/documents/{}", folder, name);
  BH_TRY(const Bytes bytes, read_file(path, kTemplateBytesMost));
  BH_TRY(std::string text, filled(as_text(bytes), values, path));
  return head + text;
}

// One report for all duties that name it, each with its own numbers at the head.
Status add_reports(const std::string& folder, const Values& values, const std::vector<Due>& due,
                   std::vector<DocumentText>& list) {
  std::map<std::string, std::pair<std::string, std::string>> heads;  // path -> template, head
  for (const Due& one : due) {
    if (!one.applies || one.obligation->document_template.empty()) continue;
    auto& [name, head] = heads[one.obligation->document];
    name = one.obligation->document_template;
    if (!one.rule->verified.on) head += fmt::format("{}\n", kUnverified);
    head += fmt::format("For: {}\nUnder: {}\n{} people. {}\n\n", one.obligation->to,
                        one.obligation->citation, one.count,
                        one.by ? "At the latest by " + iso(*one.by) + "."
                               : "Without unreasonable delay; the rule names no day.");
  }
  for (const auto& [path, entry] : heads) {
    BH_TRY(std::string text, report(folder, entry.first, values, entry.second));
    list.push_back({path, std::move(text)});
  }
  return {};
}

}  // namespace

Result<std::vector<DocumentText>> documents(const std::string& folder,
                                            const std::vector<LanguageTexts>& languages,
                                            const Facts& facts, const Rules& rules,
                                            const Totals& totals, const std::vector<Due>& due) {
  std::vector<DocumentText> list;
  const Values values = report_values(languages.front(), facts, rules, totals);
  BH_CHECK(add_reports(folder, values, due, list));
  BH_TRY(std::string assessment, report(folder, "risk-assessment.txt", values, ""));
  list.push_back({"risk-assessment.txt", std::move(assessment)});
  BH_TRY(std::string media_text, media(languages, facts, rules, totals, due));
  list.push_back({"media.txt", std::move(media_text)});
  BH_TRY(std::string web_text, web(languages, facts, rules, totals, due));
  list.push_back({"web.html", std::move(web_text)});
  list.push_back({"deadlines.json", deadlines_json(facts, rules, totals, due)});
  return list;
}

}  // namespace bulkhead::notify
