#include "drill/drills/print.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/json_writer.h"

namespace bulkhead::drill {
namespace {

std::string stopped_by(const Outcome& outcome) {
  if (outcome.report) return outcome.report->stopped_by;
  if (outcome.drill->script == nullptr)
    return fmt::format("not built: {}", outcome.drill->not_built);
  return "not shown";
}

}  // namespace

void print_for_people(const Outcome& outcome) {
  const Drill& drill = *outcome.drill;
  fmt::print("{}  ({})\n  attacker has    {}\n", drill.name, drill.breach, drill.attacker);
  if (outcome.report) {
    const Report& report = *outcome.report;
    fmt::print(
        "  attacker got    {} files, {} bytes of plaintext, {} names; {} bytes beyond what "
        "those logged in could read\n",
        report.files, report.plaintext_bytes, report.names, report.plaintext_bytes_beyond_grants);
    if (report.budget_bytes)
      fmt::print("  budget          {} bytes, {} files a day\n", *report.budget_bytes,
                 report.budget_files.value_or(0));
    if (report.seconds_to_breaker)
      fmt::print("  breaker         tripped after {:.2f} s\n", *report.seconds_to_breaker);
    else
      fmt::print("  breaker         did not trip\n");
  }
  fmt::print("  stopped by      {}\n  {}\n\n", stopped_by(outcome),
             outcome.wrong             ? "DID NOT HOLD: " + *outcome.wrong
             : drill.script == nullptr ? "NOT BUILT"
             : drill.shows_remainder   ? "this is the remainder"
                                       : "held");
  std::fflush(stdout);
}

void print_json(const std::vector<Outcome>& outcomes) {
  JsonWriter json;
  json.begin_array();
  for (const Outcome& outcome : outcomes) {
    json.begin_object();
    json.member("name", outcome.drill->name);
    json.member("stopped_by", stopped_by(outcome));
    const std::optional<Report>& report = outcome.report;
    const auto number = [&](std::string_view name, std::uint64_t Report::* which) {
      json.key(name);
      report ? json.value((*report).*which) : json.null();
    };
    number("files", &Report::files);
    number("plaintext_bytes", &Report::plaintext_bytes);
    number("plaintext_bytes_beyond_grants", &Report::plaintext_bytes_beyond_grants);
    json.key("seconds_to_breaker");
    report && report->seconds_to_breaker ? json.value(*report->seconds_to_breaker) : json.null();
    json.end_object();
  }
  json.end_array();
  fmt::print("{}\n", json.text());
  std::fflush(stdout);
}

}  // namespace bulkhead::drill
