// Samples: exact intervals, drawing, marks, and that the interval covers the truth as often as it
// says.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "helpers.h"
#include "notify/review/json_line.h"
#include "notify/review/sample/report.h"

namespace bulkhead::review {
namespace {

using exposure::Element;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// ---- intervals

TEST(Proportion, PublishedIntervals) {
  // R. G. Newcombe, Two-sided confidence intervals for the single proportion, Statistics in
  // Medicine 17 (1998), table I: method 5, Clopper-Pearson.
  const struct {
    std::uint64_t count, drawn;
    double lower, upper;
  } published[] = {{81, 263, 0.2527, 0.3676},
                   {15, 148, 0.0578, 0.1617},
                   {0, 20, 0.0000, 0.1684},
                   {1, 29, 0.0009, 0.1776}};
  for (const auto& row : published) {
    const Interval interval = clopper_pearson(row.count, row.drawn);
    EXPECT_NEAR(interval.lower, row.lower, 0.00005) << row.count;
    EXPECT_NEAR(interval.upper, row.upper, 0.00005) << row.count;
  }
}

// What the ends are by definition, from sums of binomial terms.
TEST(Proportion, EndsAreWhereTheTailsAreTwoAndAHalfPercent) {
  const auto at_most = [](std::uint64_t k, std::uint64_t n, double p) {
    double sum = 0;
    for (std::uint64_t i = 0; i <= k; ++i) {
      const auto x = static_cast<double>(i), all = static_cast<double>(n);
      sum += std::exp(std::lgamma(all + 1) - std::lgamma(x + 1) - std::lgamma(all - x + 1) +
                      x * std::log(p) + (all - x) * std::log1p(-p));
    }
    return sum;
  };
  for (const auto& [k, n] : {std::pair<std::uint64_t, std::uint64_t>{1, 10},
                             {3, 50},
                             {40, 400},
                             {399, 400},
                             {7, 3000},
                             {500, 1000}}) {
    const Interval interval = clopper_pearson(k, n);
    EXPECT_NEAR(at_most(k, n, interval.upper), 0.025, 1e-9) << k << " of " << n;
    EXPECT_NEAR(1 - at_most(k - 1, n, interval.lower), 0.025, 1e-9) << k << " of " << n;
  }
}

TEST(Proportion, BetaHasItsClosedForms) {
  EXPECT_NEAR(incomplete_beta(2, 3, 0.5), 11.0 / 16, 1e-14);
  EXPECT_NEAR(incomplete_beta(5, 1, 0.3), std::pow(0.3, 5), 1e-15);
  EXPECT_NEAR(beta_quantile(1, 7, 0.9), 1 - std::pow(0.1, 1.0 / 7), 1e-13);
  EXPECT_NEAR(beta_quantile(0.5, 0.5, 0.25), std::pow(std::sin(0.25 * M_PI / 2), 2), 1e-13);
  EXPECT_EQ(clopper_pearson(0, 0).upper, 1);
  EXPECT_EQ(clopper_pearson(9, 9).upper, 1);
}

TEST(Proportion, HowManyForABound) {
  const auto none = sample_for_bound(0, 100, 0.01);
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, 368U);  // the smallest n with 0.025^(1/n) >= 0.99
  EXPECT_LE(clopper_pearson(0, *none).upper, 0.01);
  EXPECT_GT(clopper_pearson(0, *none - 1).upper, 0.01);
  EXPECT_FALSE(sample_for_bound(5, 100, 0.05));
  EXPECT_EQ(sample_for_bound(0, 1000, 0.01), 1000U);
  const auto some = sample_for_bound(2, 200, 0.02);
  ASSERT_TRUE(some);
  EXPECT_LE(clopper_pearson((*some + 99) / 100, *some).upper, 0.02);
}

// 7.0 / 100 * 100 is a little more than 7: such a sample is not one error worse than it was.
TEST(Proportion, ASampleThatIsEnoughAlreadyIsTheAnswer) {
  for (std::uint64_t count = 0; count < 100; ++count) {
    const double upper = clopper_pearson(count, 100).upper;
    EXPECT_EQ(sample_for_bound(count, 100, upper), 100U) << count;
  }
}

// ---- drawing

// 21 files of very different sizes, some 20,000 findings; 500 of them are wrong, mostly in two
// files.
struct World {
  std::vector<ReviewedPerson> persons;
  std::vector<SampledFile> files;
  std::set<std::string> wrong;                          // "person|file|element"
  std::set<std::pair<std::string, std::uint64_t>> bad;  // windows in which something was missed
  std::uint64_t findings = 0;

  static std::string key(const std::string& person, const std::string& file, Element element) {
    return person + "|" + file + "|" + std::string(exposure::to_string(element));
  }
  PersonSource source() const {
    return [this](const std::function<Status(const ReviewedPerson&)>& take) -> Status {
      for (const ReviewedPerson& person : persons)
        BH_CHECK(take(person));
      return {};
    };
  }
};

World make_world() {
  World world;
  unsigned number = 0;
  for (unsigned f = 0; f < 21; ++f) {
    const std::string file = fmt::format("file-{:02}", f);
    const std::string format = f % 3 == 0 ? "x12-834" : f % 3 == 1 ? "x12-837p" : "delimited";
    const unsigned people = 5 + f * f * 5;
    for (unsigned i = 0; i < people; ++i) {
      ReviewedPerson person{.id = fmt::format("p-{:032x}", ++number), .name = "JANE DOE"};
      ReviewedExposure exposure{.file = file, .format = format, .first_offset = i * 700};
      for (const Element element : {Element::kName, Element::kDateOfBirth}) {
        exposure.elements.add(element);
        exposure.places.push_back({element, i * 700ULL, 4, "NM103"});
        ++world.findings;
      }
      person.exposures.push_back(exposure);
      world.persons.push_back(person);
    }
    world.files.push_back({file, format, people * 700ULL + 100});
  }
  // 400 in the two largest files, every seventh and every eleventh; 100 anywhere.
  std::size_t planted = 0;
  for (std::size_t i = 0; planted < 500; i = (i + 7) % world.persons.size()) {
    const ReviewedPerson& person = world.persons[world.persons.size() - 1 - i];
    planted +=
        world.wrong
                .insert(World::key(person.id, person.exposures[0].file,
                                   planted % 5 == 0 ? Element::kName : Element::kDateOfBirth))
                .second
            ? 1
            : 0;
    if (planted == 400) i = world.persons.size() / 2;
  }
  for (const SampledFile& file : world.files) {
    for (std::uint64_t window = 0; window * kWindowBytes < file.bytes; window += 13)
      world.bad.emplace(file.file, window * kWindowBytes);
  }
  return world;
}

// Looks at every unit and knows the truth; writes it down as a person would.
std::string scripted_reviewer(const World& world, const Sample& sample) {
  std::string csv = "unit,mark,by\r\n";
  for (const SampleUnit& unit : sample.units) {
    std::string_view mark;
    if (unit.kind == UnitKind::kFinding)
      mark = world.wrong.contains(World::key(unit.person, unit.file, unit.element)) ? "wrong"
                                                                                    : "right";
    else
      mark = world.bad.contains({unit.file, unit.offset}) ? "missed" : "nothing";
    csv += fmt::format("{},{},script\r\n", unit.id, mark);
  }
  return csv;
}

SampleReport reviewed(const World& world, const Sample& sample, double bound = 0.05) {
  Marks marks;
  const Status read = read_marks(scripted_reviewer(world, sample), "marks.csv", marks);
  EXPECT_TRUE(read) << read.error().message;
  auto result = report(sample, marks, bound);
  EXPECT_TRUE(result) << result.error().message;
  return *result;
}

bool covers(const Interval& interval, double truth) {
  return interval.lower <= truth && truth <= interval.upper;
}

TEST(Sample, TheIntervalCoversTheTruthInAtLeast93Of100Seeds) {
  const World world = make_world();
  ASSERT_EQ(world.wrong.size(), 500U);
  int covered = 0, missed_covered = 0;
  double sum = 0;
  std::uint64_t windows = 0, bad = 0;
  for (int seed = 0; seed < 100; ++seed) {
    const auto sample = draw(world.source(), world.files,
                             {.seed = std::to_string(seed), .findings = 400, .windows = 300});
    ASSERT_TRUE(sample) << sample.error().message;
    ASSERT_EQ(sample->findings(), world.findings);
    if (seed == 0) {  // the truth about windows: bad ones in which no finding begins
      windows = sample->windows();
      std::set<std::pair<std::string, std::uint64_t>> begun;
      for (const ReviewedPerson& person : world.persons) {
        const ReviewedExposure& at = person.exposures[0];
        begun.emplace(at.file, at.first_offset / kWindowBytes * kWindowBytes);
      }
      for (const auto& window : world.bad)
        bad += begun.contains(window) ? 0 : 1;
    }
    const SampleReport result = reviewed(world, *sample);
    EXPECT_TRUE(result.complete());
    covered += covers(result.findings.all.interval, 500.0 / static_cast<double>(world.findings));
    missed_covered += covers(result.windows.all.interval,
                             static_cast<double>(bad) / static_cast<double>(windows));
    sum += static_cast<double>(result.findings.all.errors) /
           static_cast<double>(result.findings.all.marked);
  }
  EXPECT_GE(covered, 93);
  EXPECT_GE(missed_covered, 93);
  // Not by being so wide that it covers anything, nor by leaning to a side.
  EXPECT_NEAR(sum / 100, 500.0 / static_cast<double>(world.findings), 0.004);
  RecordProperty("covered", covered);
}

TEST(Sample, EveryFileGetsItsShareAndALargerSampleContainsTheSmaller) {
  const World world = make_world();
  const auto small =
      draw(world.source(), world.files, {.seed = "a", .findings = 200, .windows = 50});
  const auto large =
      draw(world.source(), world.files, {.seed = "a", .findings = 2000, .windows = 500});
  const auto other =
      draw(world.source(), world.files, {.seed = "b", .findings = 200, .windows = 50});
  ASSERT_TRUE(small && large && other);
  for (const Stratum& stratum : large->strata) {
    const double share =
        2000.0 * static_cast<double>(stratum.findings) / static_cast<double>(large->findings());
    EXPECT_NEAR(static_cast<double>(stratum.findings_drawn), share, 1.0) << stratum.file;
  }
  std::set<std::string> ids;
  for (const SampleUnit& unit : large->units)
    EXPECT_TRUE(ids.insert(unit.id).second) << "twice";
  for (const SampleUnit& unit : small->units)
    EXPECT_TRUE(ids.contains(unit.id));
  EXPECT_NE(sample_text(*small), sample_text(*other));
  EXPECT_EQ(sample_text(*small), sample_text(*draw(world.source(), world.files,
                                                   {.seed = "a", .findings = 200, .windows = 50})));
}

TEST(Sample, IsReadAsItWasWrittenAndHasNoWindowWithAFinding) {
  const World world = make_world();
  const auto sample = draw(world.source(), world.files, {.seed = "a", .findings = 99999999});
  ASSERT_TRUE(sample);
  std::uint64_t findings = 0;
  for (const SampleUnit& unit : sample->units) {
    findings += unit.kind == UnitKind::kFinding ? 1 : 0;
    if (unit.kind != UnitKind::kWindow) continue;
    EXPECT_TRUE(unit.offset % 700 > 0 && unit.offset % 700 + unit.length <= 700 + 511);
  }
  EXPECT_EQ(findings, world.findings) << "all of them where more is asked for";
  const std::string text = sample_text(*sample);
  const auto again = parse_sample(text, "sample.ndjson");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(sample_text(*again), text);
}

TEST(Sample, FilesThatDoNotBelongTogetherAreRefused) {
  World world = make_world();
  world.files.pop_back();
  EXPECT_EQ(draw(world.source(), world.files, {.seed = "a"}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST(Sample, SizesThatCannotBeAreRefusedAndNotAllocated) {
  const World world;
  const std::uint64_t huge = ~std::uint64_t{0};
  for (const auto& sizes : {std::vector<std::uint64_t>{huge},
                            {1ULL << 60},
                            std::vector<std::uint64_t>(9, 1ULL << 40)}) {
    std::vector<SampledFile> files;
    for (const std::uint64_t bytes : sizes)
      files.push_back({fmt::format("f-{}", files.size()), "delimited", bytes});
    const auto sample = draw(world.source(), files, {.seed = "a"});
    ASSERT_FALSE(sample);
    EXPECT_EQ(sample.error().code, ErrorCode::kLimitExceeded);
  }
}

// A line of more files, and longer, than one of any other file may be.
TEST(Sample, ASummaryMayListMoreFilesThanAnyPersonHasPlaces) {
  const notify::test::Folder folder;
  std::string text = "{\"files\":[";
  for (unsigned f = 0; f < 110'000; ++f)
    text += fmt::format(R"({}{{"file":"{:0150}","format":"delimited","bytes":1}})",
                        f > 0 ? "," : "", f);
  ASSERT_GT(text.size(), kLineBytesMost);
  const auto files = read_summary_files(folder.write("summary.json", text + "]}\n"));
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_EQ(files->size(), 110'000U);
}

// ---- marks and report

Sample two_units() {
  Sample sample{.seed = "s"};
  sample.strata = {{.file = "a.csv", .format = "delimited", .findings = 50, .windows = 9}};
  sample.units = {
      {.id = "f-1", .file = "a.csv", .format = "delimited", .person = "p", .name = "=X"},
      {.id = "w-1", .kind = UnitKind::kWindow, .file = "a.csv", .format = "delimited"}};
  return sample;
}

TEST(Marks, TableOfASpreadsheet) {
  Marks marks;
  ASSERT_TRUE(
      read_marks("\xEF\xBB\xBFMark , Unit,note\r\nRIGHT,f-1,\"a \"\"b\"\",\r\nc\"\r\n,f-2,\r\n"
                 "missed,w-1",
                 "m.csv", marks));
  ASSERT_EQ(marks.size(), 2U);
  EXPECT_EQ(marks.at("f-1").note, "a \"b\",\r\nc");
  EXPECT_EQ(marks.at("w-1").mark, Mark::kMissed);
  EXPECT_EQ(marks.at("w-1").line, 5U);
  EXPECT_TRUE(read_marks("unit,mark\nf-1,right\n", "n.csv", marks));
  const Status other = read_marks("unit,mark\nf-1,wrong\n", "n.csv", marks);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kConflict);
  EXPECT_THAT(other.error().message, HasSubstr("n.csv:2: f-1"));
}

TEST(Marks, ErrorsSayWhere) {
  for (const auto& [csv, says] : std::vector<std::pair<std::string, std::string>>{
           {"", ":1: the first line"},
           {"a,b\n", ":1: the first line"},
           {"unit,mark\nf-1,sure\n", ":2: mark: right"},
           {"unit,mark\n\"f-1,right\n", ":2: a quoted cell"},
           {"unit,mark\n\"f-1\"x,right\n", ":2: something stands"},
           {"unit,mark\n\xFF,right\n", "is no UTF-8"}}) {
    Marks marks;
    const Status read = read_marks(csv, "m.csv", marks);
    ASSERT_FALSE(read) << csv;
    EXPECT_THAT(read.error().message, HasSubstr(says));
  }
}

TEST(Marks, TemplateIsReadBackAndNoFormula) {
  const std::string csv = marks_template(two_units());
  EXPECT_THAT(csv, HasSubstr(",'=X,"));
  Marks marks;
  ASSERT_TRUE(read_marks(csv, "m.csv", marks));
  EXPECT_TRUE(marks.empty());
}

TEST(Report, NotMarkedUnclearAndWrongKinds) {
  const Sample sample = two_units();
  Marks marks;
  marks["f-1"].mark = Mark::kUnclear;
  const auto half = report(sample, marks, 0.01);
  ASSERT_TRUE(half);
  EXPECT_FALSE(half->complete());
  EXPECT_EQ(half->findings.all.errors, 1U);
  EXPECT_EQ(half->findings.unclear, 1U);
  EXPECT_THAT(report_text(*half, sample), HasSubstr("1 units are not marked yet"));
  EXPECT_THAT(report_text(*half, sample), HasSubstr("No sample brings"));
  marks["w-1"].mark = Mark::kRight;
  EXPECT_FALSE(report(sample, marks, 0.01));
  marks["w-1"].mark = Mark::kNothing;
  const auto whole = report(sample, marks, 0.5);
  ASSERT_TRUE(whole);
  EXPECT_TRUE(whole->complete());
  EXPECT_THAT(report_json(*whole, sample), HasSubstr("\"not_marked\":0"));
  marks["f-9"].mark = Mark::kRight;
  EXPECT_FALSE(report(sample, marks, 0.01));
}

TEST(Report, WhatCannotBeReachedIsNotPromised) {
  Sample sample{.seed = "s"};
  sample.strata = {{.file = "a.csv", .format = "delimited", .findings = 60}};
  Marks marks;
  const auto look_at = [&](unsigned number) {
    sample.units.push_back(
        {.id = fmt::format("f-{}", number), .file = "a.csv", .format = "delimited"});
    marks[sample.units.back().id].mark = Mark::kRight;
  };
  for (unsigned i = 0; i < 40; ++i)
    look_at(i);
  // 368 without an error would be enough for 1%; there are 60.
  const auto some = report(sample, marks, 0.01);
  ASSERT_TRUE(some);
  EXPECT_THAT(report_text(*some, sample),
              AllOf(HasSubstr("there are only 60"), HasSubstr("--findings 60"),
                    Not(HasSubstr("if they come out alike"))));
  EXPECT_THAT(report_json(*some, sample), HasSubstr("\"enough_for_bound\":null"));
  const auto reachable = report(sample, marks, 0.08);
  ASSERT_TRUE(reachable);
  EXPECT_THAT(report_text(*reachable, sample), HasSubstr("if they come out alike"));
  for (unsigned i = 40; i < 60; ++i)
    look_at(i);
  marks["f-7"].mark = Mark::kWrong;
  const auto all = report(sample, marks, 0.01);
  ASSERT_TRUE(all);
  EXPECT_THAT(report_text(*all, sample),
              AllOf(HasSubstr("All 60 were looked at"), HasSubstr("1.67%"), Not(HasSubstr("more")),
                    Not(HasSubstr("No sample"))));
}

}  // namespace
}  // namespace bulkhead::review
