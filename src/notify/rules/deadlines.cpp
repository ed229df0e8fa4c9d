#include "notify/rules/deadlines.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"

namespace bulkhead::notify {
namespace {

std::optional<Day> day_of(const Obligation& obligation, const IncidentFacts& incident) {
  const Day from = incident.counted_from();
  if (obligation.days) return plus_days(from, static_cast<int>(*obligation.days));
  if (!obligation.days_after_year) return std::nullopt;
  const Day end{from.year(), std::chrono::December, std::chrono::day(31)};
  return plus_days(end, static_cast<int>(*obligation.days_after_year));
}

std::string threshold_words(const Obligation& obligation) {
  if (obligation.at_most && obligation.at_least <= 1)
    return fmt::format("at most {}", *obligation.at_most);
  if (obligation.at_most) return fmt::format("{} to {}", obligation.at_least, *obligation.at_most);
  return fmt::format("at least {}", obligation.at_least);
}

Due due_of(const Rule& rule, const Obligation& obligation, const Facts& facts, std::string state,
           std::uint64_t count) {
  Due due{&rule, &obligation, std::move(state), count, false, "", std::nullopt, false};
  const auto& kinds = obligation.kinds;
  const OrganisationKind kind = facts.organisation.kind;
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end() ||
      std::find(rule.kinds.begin(), rule.kinds.end(), kind) == rule.kinds.end()) {
    due.why = fmt::format("not the duty of a {}", to_string(kind));
  } else if (facts.incident.encrypted && !rule.safe_harbour.empty()) {
    due.why = rule.safe_harbour;
  } else if (count < obligation.at_least || (obligation.at_most && count > *obligation.at_most)) {
    due.why = fmt::format("{} people; the rule is for {}", count, threshold_words(obligation));
  } else {
    due.applies = true;
    due.why = fmt::format("{} people; the rule is for {}", count, threshold_words(obligation));
    due.by = day_of(obligation, facts.incident);
    const auto& delay = facts.incident.law_enforcement_delay;
    if (delay && (!due.by || std::chrono::sys_days(*due.by) < std::chrono::sys_days(*delay))) {
      due.by = delay;
      due.delayed = true;
    }
  }
  return due;
}

void write_verified(JsonWriter& json, const Verified& verified) {
  json.key("verified_on");
  if (verified.on) {
    json.value(iso(*verified.on));
  } else {
    json.null();
    json.member("warning", kUnverified);
  }
}

void write_due(JsonWriter& json, const Due& due, const IncidentFacts& incident) {
  json.begin_object();
  json.member("id", due.obligation->id);
  json.member("rule", due.rule->id);
  if (!due.state.empty()) json.member("state", due.state);
  json.member("to", due.obligation->to);
  json.member("what", due.obligation->words);
  json.member("applies", due.applies);
  json.member("optional", due.obligation->optional);
  json.member("people", due.count);
  json.member("why", due.why);
  json.member("from", iso(incident.counted_from()));
  json.key("by");
  due.by ? json.value(iso(*due.by)) : json.null();
  json.member("without_unreasonable_delay", true);
  if (due.delayed) {
    json.member("delayed_by_law_enforcement", true);
    json.member("delay_citation", due.rule->delay_citation);
  }
  json.member("citation", due.obligation->citation);
  if (!due.obligation->document.empty()) json.member("document", due.obligation->document);
  write_verified(json, due.rule->verified);
  json.end_object();
}

void write_people(JsonWriter& json, const Totals& totals) {
  json.key("people");
  json.begin_object();
  json.member("in_the_files", totals.persons);
  json.member("written_to", totals.persons_written_to);
  json.member("not_written_to", totals.persons_not_written);
  json.member("letters", totals.letters);
  json.key("by_state");
  json.begin_object();
  for (const auto& [state, count] : totals.by_state)
    json.member(state.empty() ? "unknown" : state, count);
  json.end_object();
  json.end_object();
}

}  // namespace

std::vector<Due> due_list(const Facts& facts, const Rules& rules, const Totals& totals) {
  std::vector<Due> list;
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    const Rule& rule = rules.rules[i];
    const RuleCounts& counts = totals.by_rule[i];
    for (const Obligation& obligation : rule.obligations) {
      switch (obligation.counted) {
        case Counted::kPersons:
          list.push_back(due_of(rule, obligation, facts, "", counts.persons));
          break;
        case Counted::kWithoutAddress:
          list.push_back(due_of(rule, obligation, facts, "", counts.without_address));
          break;
        case Counted::kResidents:
          for (const auto& [state, count] : counts.residents) {
            if (!state.empty()) list.push_back(due_of(rule, obligation, facts, state, count));
          }
          break;
      }
    }
  }
  // "At most nine" is no duty where there is nobody at all.
  for (Due& due : list) {
    if (due.count == 0) due.applies = false;
  }
  return list;
}

std::string deadlines_json(const Facts& facts, const Rules& rules, const Totals& totals,
                           const std::vector<Due>& due) {
  JsonWriter json;
  json.begin_object();
  json.member("version", 1);
  json.member("incident", facts.incident.id);
  json.member("discovered", iso(facts.incident.discovered));
  json.member("counted_from", iso(facts.incident.counted_from()));
  json.member("time_zone", facts.incident.time_zone);
  write_people(json, totals);
  json.key("deadlines");
  json.begin_array();
  for (const Due& one : due)
    write_due(json, one, facts.incident);
  json.end_array();
  json.key("states_without_rule");
  json.begin_array();
  for (const auto& [state, count] : totals.by_state) {
    const bool known = std::any_of(rules.rules.begin(), rules.rules.end(),
                                   [&](const Rule& rule) { return rule.jurisdiction == state; });
    if (known || state.empty()) continue;
    json.begin_object();
    json.member("state", state);
    json.member("people", count);
    json.member("warning", kUnverified);
    json.end_object();
  }
  json.end_array();
  json.key("warnings");
  json.begin_array();
  for (const std::vector<std::string>* list : {&facts.warnings, &totals.warnings}) {
    for (const std::string& warning : *list)
      json.value(warning);
  }
  json.end_array();
  json.end_object();
  return std::string(json.text()) + "\n";
}

}  // namespace bulkhead::notify
