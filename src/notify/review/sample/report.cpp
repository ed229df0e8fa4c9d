#include "notify/review/sample/report.h"

#include <fmt/format.h>

#include <map>

#include "base/json_writer.h"

namespace bulkhead::review {
namespace {

bool fits(Mark mark, UnitKind kind) {
  switch (mark) {
    case Mark::kRight:
    case Mark::kWrong:
      return kind == UnitKind::kFinding;
    case Mark::kNothing:
    case Mark::kListed:
    case Mark::kMissed:
      return kind == UnitKind::kWindow;
    case Mark::kUnclear:
      return true;
  }
  return false;
}

bool is_error(Mark mark) {
  return mark == Mark::kWrong || mark == Mark::kMissed || mark == Mark::kUnclear;
}

void settle(Rate& rate) {
  rate.interval = clopper_pearson(rate.errors, rate.marked);
}

// Counts one kind of units.
class Counter {
 public:
  Counter(const Sample& sample, UnitKind kind) {
    report_.kind = kind;
    for (const Stratum& stratum : sample.strata) {
      const std::uint64_t population =
          kind == UnitKind::kFinding ? stratum.findings : stratum.windows;
      for (Rate* rate : rates_of(stratum.format, stratum.file))
        rate->population += population;
    }
  }

  void drawn(const SampleUnit& unit) {
    for (Rate* rate : rates_of(unit.format, unit.file))
      ++rate->drawn;
  }
  void marked(const SampleUnit& unit, Mark mark) {
    for (Rate* rate : rates_of(unit.format, unit.file)) {
      ++rate->marked;
      rate->errors += is_error(mark) ? 1 : 0;
    }
    report_.unclear += mark == Mark::kUnclear ? 1 : 0;
  }
  KindReport finish(double bound) {
    settle(report_.all);
    for (auto* map : {&by_format_, &by_file_}) {
      for (auto& [name, rate] : *map) {
        settle(rate);
        (map == &by_format_ ? report_.by_format : report_.by_file).push_back(rate);
      }
    }
    report_.enough = sample_for_bound(report_.all.errors, report_.all.marked, bound);
    return std::move(report_);
  }

 private:
  std::array<Rate*, 3> rates_of(const std::string& format, const std::string& file) {
    Rate& of_format = by_format_[format];
    Rate& of_file = by_file_[file];
    of_format.name = format;
    of_file.name = file;
    return {&report_.all, &of_format, &of_file};
  }

  KindReport report_;
  std::map<std::string, Rate> by_format_, by_file_;
};

void write_rate(JsonWriter& json, const Rate& rate) {
  json.begin_object();
  if (!rate.name.empty()) json.member("name", rate.name);
  json.member("population", rate.population);
  json.member("drawn", rate.drawn);
  json.member("marked", rate.marked);
  json.member("errors", rate.errors);
  json.member("lower", rate.interval.lower);
  json.member("upper", rate.interval.upper);
  json.end_object();
}

void write_kind(JsonWriter& json, std::string_view key, const KindReport& kind) {
  json.key(key);
  json.begin_object();
  json.key("all");
  write_rate(json, kind.all);
  json.member("unclear", kind.unclear);
  json.key("enough_for_bound");
  if (kind.enough && *kind.enough <= kind.all.population)
    json.value(*kind.enough);
  else
    json.null();
  for (const auto& [name, list] :
       {std::pair("by_format", &kind.by_format), {"by_file", &kind.by_file}}) {
    json.key(name);
    json.begin_array();
    for (const Rate& rate : *list)
      write_rate(json, rate);
    json.end_array();
  }
  json.end_object();
}

std::string percent(double part) {
  return fmt::format("{:.2f}%", 100 * part);
}

std::string rate_line(const Rate& rate) {
  if (rate.marked == 0) return fmt::format("none of {} looked at", rate.population);
  return fmt::format("{} of {} ({}), 95% sure between {} and {}; of {} in all", rate.errors,
                     rate.marked,
                     percent(static_cast<double>(rate.errors) / static_cast<double>(rate.marked)),
                     percent(rate.interval.lower), percent(rate.interval.upper), rate.population);
}

// What a larger sample would tell: a line, or none where there is nothing to draw from.
std::string outlook(const KindReport& kind, const Sample& sample, double bound) {
  const Rate& all = kind.all;
  if (all.population == 0) return "";
  if (kind.enough && *kind.enough <= all.marked)
    return fmt::format("  The upper end is at most {}, as asked.\n", percent(bound));
  if (all.marked >= all.population)
    return fmt::format("  All {} were looked at: {} is the rate itself.\n", all.population,
                       percent(static_cast<double>(all.errors) / static_cast<double>(all.marked)));
  if (!kind.enough)
    return fmt::format("  No sample brings the upper end to {}: errors are about as frequent.\n",
                       percent(bound));
  const bool in_reach = *kind.enough <= all.population;
  const std::uint64_t wanted = in_reach ? *kind.enough : all.population;
  const std::string draw =
      fmt::format("draw with --seed {} --{} {}.\n", sample.seed,
                  kind.kind == UnitKind::kFinding ? "findings" : "windows", wanted);
  if (in_reach)
    return fmt::format("  For an upper end of {}: {} more, if they come out alike: {}",
                       percent(bound), wanted - all.marked, draw);
  return fmt::format(
      "  No sample brings the upper end to {}: there are only {}. The other {} tell all: {}",
      percent(bound), all.population, wanted - all.marked, draw);
}

void add_kind(std::string& text, const KindReport& kind, const Sample& sample, double bound) {
  text += fmt::format(
      "{}: {}\n",
      kind.kind == UnitKind::kFinding ? "Findings that are wrong" : "Pieces with something missed",
      rate_line(kind.all));
  if (kind.unclear > 0)
    text += fmt::format("  {} of these are unclear: counted as errors\n", kind.unclear);
  for (const Rate& rate : kind.by_format)
    text += fmt::format("  {}: {}\n", rate.name, rate_line(rate));
  for (const Rate& rate : kind.by_file) {
    if (rate.errors > 0) text += fmt::format("  in {}: {}\n", rate.name, rate_line(rate));
  }
  text += outlook(kind, sample, bound);
}

}  // namespace

Result<SampleReport> report(const Sample& sample, const Marks& marks, double bound) {
  Counter findings(sample, UnitKind::kFinding), windows(sample, UnitKind::kWindow);
  SampleReport result{.bound = bound};
  std::size_t used = 0;
  for (const SampleUnit& unit : sample.units) {
    Counter& counter = unit.kind == UnitKind::kFinding ? findings : windows;
    counter.drawn(unit);
    const auto at = marks.find(unit.id);
    if (at == marks.end()) {
      ++result.not_marked;
      continue;
    }
    if (!fits(at->second.mark, unit.kind))
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} (line {}): a {} cannot be marked {}", unit.id, at->second.line,
                              to_string(unit.kind), to_string(at->second.mark)));
    counter.marked(unit, at->second.mark);
    ++used;
  }
  if (used != marks.size())
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{} marks are of units that are not in this sample: is it the right one?",
                    marks.size() - used));
  result.findings = findings.finish(bound);
  result.windows = windows.finish(bound);
  return result;
}

std::string report_json(const SampleReport& report, const Sample& sample) {
  JsonWriter json;
  json.begin_object();
  json.member("version", 1);
  json.member("seed", sample.seed);
  json.member("confidence", 0.95);
  json.member("bound", report.bound);
  json.member("not_marked", report.not_marked);
  write_kind(json, "findings", report.findings);
  write_kind(json, "windows", report.windows);
  json.end_object();
  return std::move(json).take() + "\n";
}

std::string report_text(const SampleReport& report, const Sample& sample) {
  std::string text;
  add_kind(text, report.findings, sample, report.bound);
  add_kind(text, report.windows, sample, report.bound);
  if (report.not_marked > 0)
    text += fmt::format("{} units are not marked yet: the rates are of the others.\n",
                        report.not_marked);
  return text;
}

}  // namespace bulkhead::review
