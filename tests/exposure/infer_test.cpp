// Layouts that nobody has: random ones, whose columns the generator knows and the inference does
// not.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "exposure/infer/infer_layout.h"
#include "exposure/infer/record_forms.h"
#include "exposure/infer/value_tests.h"
#include "generate/mainframe.h"
#include "generate/random_layout.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

using generate::ColumnOf;
using generate::Dice;
using generate::RandomLayout;

constexpr unsigned kRecords = 150;

struct Made {
  RandomLayout layout;
  std::string text;
  std::vector<generate::Member> members;
};

Made made(std::uint64_t seed, unsigned number, bool ebcdic = false, unsigned records = kRecords) {
  Made made{.layout = generate::random_layout(seed, number, ebcdic), .text = {}, .members = {}};
  made.layout.header = made.layout.trailer = false;
  for (unsigned i = 0; i < records; ++i) {
    generate::Member member = generate::member_at(i * 3 + number, seed);
    Dice dice(seed * 31 + i);
    member.person.birth_year = 1930 + static_cast<int>(dice.below(84));
    member.person.birth_month = 1 + static_cast<int>(dice.below(12));
    member.person.birth_day = 1 + static_cast<int>(dice.below(28));
    made.text += generate::record_of(made.layout, member) + made.layout.line_end;
    made.members.push_back(member);
  }
  return made;
}

std::optional<Inference> infer(std::string_view text, bool ebcdic = false) {
  static const Rules rules = default_rules();
  return infer_layout(text.substr(0, 64 * 1024), text.size(), ebcdic, rules);
}

const LayoutField* field_at(const RecordLayout& layout, std::uint32_t at) {
  for (const LayoutField& field : layout.fields) {
    if (field.at == at && field.name != "FILLER") return &field;
  }
  return nullptr;
}

const std::map<ColumnOf, FieldKind> kKinds = {
    {ColumnOf::kLast, FieldKind::kLastName},     {ColumnOf::kFirst, FieldKind::kFirstName},
    {ColumnOf::kFullName, FieldKind::kFullName}, {ColumnOf::kBirth, FieldKind::kBirthDate},
    {ColumnOf::kSsn, FieldKind::kSsn},           {ColumnOf::kDcn, FieldKind::kMemberId},
    {ColumnOf::kSex, FieldKind::kDemographics},  {ColumnOf::kState, FieldKind::kState},
    {ColumnOf::kZip, FieldKind::kPostalCode},    {ColumnOf::kPhone, FieldKind::kPhone},
    {ColumnOf::kCity, FieldKind::kCity},
};

// Of the columns with a meaning, those that were found where they are and as what they are.
struct Found {
  unsigned columns = 0, right = 0, files = 0, sure = 0;
};
Found found_columns(std::uint64_t first_seed, std::uint64_t seeds, bool ebcdic) {
  Found found;
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    for (unsigned number = 0; number < 6; ++number) {
      const Made file = made(seed, number, ebcdic);
      const auto inference = infer(file.text, ebcdic);
      ++found.files;
      if (!inference) continue;
      found.sure += inference->sure >= kSureEnough ? 1 : 0;
      std::uint32_t at = 0;
      for (const generate::RandomColumn& column : file.layout.columns) {
        const auto kind = kKinds.find(column.what);
        if (kind != kKinds.end()) {
          ++found.columns;
          const LayoutField* field = field_at(*inference->layout, at);
          found.right += field != nullptr && field->meaning.kind == kind->second ? 1 : 0;
        }
        at += column.width;
      }
    }
  }
  return found;
}

TEST(Infer, ColumnsOfRandomLayouts) {
  const Found found = found_columns(100, 10, false);
  EXPECT_GE(found.right, found.columns * 97 / 100) << found.right << " of " << found.columns;
  EXPECT_GE(found.sure, found.files * 97 / 100) << found.sure << " of " << found.files;
}

void expect_nobody(const std::string& text) {
  const Exposure exposure = resolve_text(text);
  EXPECT_TRUE(exposure.persons.empty()) << exposure.files[0].report.recognised_by;
  EXPECT_FALSE(exposure.complete());
}

TEST(Infer, ColumnsOfRandomLayoutsInEbcdic) {
  const Found found = found_columns(200, 8, true);
  EXPECT_GE(found.right, found.columns * 97 / 100) << found.right << " of " << found.columns;
  EXPECT_GE(found.sure, found.files * 97 / 100) << found.sure << " of " << found.files;
}

TEST(Infer, PackedAndBinaryNumbers) {
  std::string text;
  for (unsigned i = 0; i < 80; ++i) {
    const generate::Member member = generate::member_at(Dice(i).below(40'000), 8);
    const std::string birth =
        fmt::format("{:04}{:02}{:02}", 1930 + i * 7 % 80, 1 + i % 12, 1 + i % 28);
    text += generate::ebcdic(fmt::format("{:<18}{:<12}", member.person.last, member.person.first)) +
            generate::packed(birth, 8) + generate::binary(std::stoull(member.person.ssn), 4) +
            generate::packed(member.person.dcn, 8) +
            generate::packed(fmt::format("{:07}", i * 977), 7) + generate::ebcdic("  ");
  }
  const auto inference = infer(text, true);
  ASSERT_TRUE(inference);
  EXPECT_GE(inference->sure, kSureEnough);
  const RecordLayout& layout = *inference->layout;
  EXPECT_EQ(layout.record_length, 50U);
  struct Expected {
    std::uint32_t at, length;
    FieldUsage usage;
    FieldKind kind;
  };
  for (const Expected& expected : {Expected{30, 5, FieldUsage::kPacked, FieldKind::kBirthDate},
                                   Expected{35, 4, FieldUsage::kBinary, FieldKind::kSsn},
                                   Expected{39, 5, FieldUsage::kPacked, FieldKind::kMemberId}}) {
    const LayoutField* field = field_at(layout, expected.at);
    ASSERT_NE(field, nullptr) << expected.at;
    EXPECT_EQ(field->length, expected.length);
    EXPECT_EQ(field->usage, expected.usage);
    EXPECT_EQ(field->meaning.kind, expected.kind);
  }
  const Exposure exposure = resolve_text(text);
  EXPECT_EQ(exposure.files[0].report.format, "ebcdic");
  EXPECT_EQ(exposure.roles[0].count, 80U);
  // One byte less, and every record behind it is another one.
  expect_nobody(text.substr(1));
}

TEST(Infer, AScanSaysThatItWasInferredAndHowSure) {
  const Made file = made(7, 1);
  const Exposure exposure = resolve_text(file.text);
  EXPECT_EQ(exposure.roles[0].count, kRecords);
  EXPECT_TRUE(exposure.complete());
  const FileReport& report = exposure.files[0].report;
  EXPECT_EQ(report.format, "fixed-width");
  EXPECT_TRUE(report.recognised_by.starts_with("layout inferred from the data, 9"))
      << report.recognised_by;
  EXPECT_NE(report.recognised_by.find("% sure, "), std::string::npos);
}

TEST(Infer, WhatIsShownReadsBackTheSame) {
  for (unsigned number = 0; number < 12; ++number) {
    const Made file = made(11, number, number >= 8);
    MemorySource source(as_bytes(file.text));
    const auto shown = describe_layout(source, default_rules());
    ASSERT_TRUE(shown.has_value());
    ASSERT_TRUE(shown->sure) << shown->yaml;
    const LayoutPtr layout = layout_from(shown->yaml, "shown");
    ASSERT_NE(layout, nullptr) << shown->yaml;
    const Exposure inferred = resolve_text(file.text);
    const Exposure given = resolve_laid_out(file.text, {layout});
    EXPECT_EQ(given.files[0].report.recognised_by.substr(0, 12), "layout shown");
    ASSERT_EQ(given.persons.size(), inferred.persons.size());
    EXPECT_EQ(persons_ndjson(given), persons_ndjson(inferred));
  }
}

TEST(Infer, ThePictureIsACommentWhateverTheBytes) {
  std::string text;
  for (unsigned i = 0; i < 40; ++i)
    text += fmt::format("A\x01\x02: \"#{:04}- [x]\t{:<20}{:08}\n", i, "- name: x", 19'300'101 + i);
  MemorySource source(as_bytes(text));
  const auto shown = describe_layout(source, default_rules());
  ASSERT_TRUE(shown.has_value()) << shown.error().message;
  EXPECT_FALSE(shown->sure);
  EXPECT_FALSE(shown->doubt.empty());
  EXPECT_NE(layout_from(shown->yaml), nullptr) << shown->yaml;
}

TEST(Infer, AFileThatSaysItselfWhatItIsNeedsNoLayout) {
  const std::string text = "MSH|^~\\&|A|B|C|D|20230101||ADT^A01|1|P|2.3\r";
  MemorySource source(as_bytes(text));
  const auto shown = describe_layout(source, default_rules());
  ASSERT_FALSE(shown.has_value());
  EXPECT_NE(shown.error().message.find("hl7v2"), std::string::npos);
}

TEST(Infer, TablesThatTellOfNobodyAreLeftAlone) {
  Dice dice(5);
  std::string directory, codes, readings, random, prose;
  for (unsigned i = 0; i < 200; ++i) {
    const generate::Doctor doctor = generate::doctor_at(i);
    const generate::Person home = generate::person_at(i, 3);
    directory += fmt::format("{}{:<20}{:<15}{:<10}{:<30}{:<20}{:<2}{:<5}{:04}{:02}01\n", doctor.npi,
                             doctor.last, doctor.first, "CARDIOLOGY", home.street, home.city,
                             home.state, home.zip, 1985 + i % 30, 1 + i % 12);
    codes += fmt::format("{}{:02}{:<4}{:<40}20150101\r\n", static_cast<char>('A' + i % 26), i % 100,
                         i % 7, i % 2 == 0 ? "LOW BACK PAIN" : "ESSENTIAL HYPERTENSION");
    readings +=
        fmt::format("{:<12}{:09}{:06}2023{:02}{:02}\n", i % 2 == 0 ? "JACKSON" : "MADISON",
                    dice.below(1'000'000'000), dice.below(1'000'000), 1 + i % 12, 1 + i % 28);
    prose +=
        fmt::format("2023-05-{:02} 10:00:{:02} INFO user JAMES SMITH logged in from 10.0.0.{}\n",
                    1 + i % 28, i % 60, i);
  }
  for (unsigned i = 0; i < 20'000; ++i)
    random.push_back(static_cast<char>(dice.below(256)));
  for (const std::string& text : {directory, codes, readings, random, prose})
    expect_nobody(text);
}

TEST(Infer, AFewRecordsProveNothing) {
  const Made file = made(7, 1, false, 3);
  expect_nobody(file.text);
}

// ---- what was changed changes the answer, or is refused; nobody is made up

TEST(Infer, RecordsThatLostAByteAreNotRead) {
  // With line ends the next record is whole again.
  Made file = made(7, 1);
  for (unsigned number = 0; file.layout.line_end.empty(); ++number)
    file = made(8, number);
  const std::size_t length = file.layout.length() + file.layout.line_end.size();
  std::string text = file.text;
  text.erase(60 * length, 1);
  const Exposure exposure = resolve_text(text);
  EXPECT_FALSE(exposure.complete());
  EXPECT_EQ(exposure.roles[0].count, kRecords - 1);
}

TEST(Infer, WithoutLineEndsALostByteIsRefused) {
  Made file = made(9, 0);
  for (unsigned number = 1; !file.layout.line_end.empty(); ++number)
    file = made(9, number);
  EXPECT_EQ(resolve_text(file.text).roles[0].count, kRecords);
  expect_nobody(file.text.substr(1));
}

TEST(Infer, ColumnsThatWereSwappedAreFoundWhereTheyAre) {
  std::string text, swapped;
  for (unsigned i = 0; i < 100; ++i) {
    const generate::Member member = generate::member_at(i, 4);
    const std::string birth =
        fmt::format("{:04}{:02}{:02}", 1930 + i * 7 % 80, 1 + i % 12, 1 + i % 28);
    const std::string begin = fmt::format("2023{:02}01", 1 + i % 12);
    const std::string last = fmt::format("{:<20}", member.person.last);
    const std::string first = fmt::format("{:<15}", member.person.first);
    text += last + first + birth + begin + "\n";
    swapped += first + last + begin + birth + "\n";
  }
  const auto as_it_was = infer(text), as_it_is = infer(swapped);
  ASSERT_TRUE(as_it_was && as_it_is);
  EXPECT_EQ(field_at(*as_it_was->layout, 35)->meaning.kind, FieldKind::kBirthDate);
  EXPECT_EQ(field_at(*as_it_is->layout, 43)->meaning.kind, FieldKind::kBirthDate);
  EXPECT_EQ(field_at(*as_it_was->layout, 0)->meaning.kind, FieldKind::kLastName);
  EXPECT_EQ(field_at(*as_it_is->layout, 0)->meaning.kind, FieldKind::kFirstName);
}

TEST(Infer, HeadersAndTrailersAreNoPersons) {
  const Made file = made(12, 2);
  std::string header = "HDR EXTRACT 20230526", trailer = "TRL 000000150";
  header.resize(file.layout.length(), ' ');
  trailer.resize(file.layout.length(), ' ');
  const Exposure exposure =
      resolve_text(header + file.layout.line_end + file.text + trailer + file.layout.line_end);
  EXPECT_EQ(exposure.roles[0].count, kRecords);
  EXPECT_TRUE(exposure.complete());
}

TEST(Infer, SeveralKindsOfRecords) {
  std::string text;
  for (unsigned i = 0; i < 120; ++i) {
    const generate::Member member = generate::member_at(i, 6);
    const generate::Person& person = member.person;
    text += fmt::format("M{}{:<20}{:<15}{:04}{:02}{:02}{:<30}\n", person.dcn, person.last,
                        person.first, 1930 + i * 7 % 80, 1 + i % 12, 1 + i % 28, "");
    for (unsigned n = 0; n < i % 3; ++n)
      text += fmt::format("C{}{:08}{:<7}{:09}{:<41}\n", person.dcn, 20'230'101 + i % 28,
                          n == 0 ? "E119" : "J45909", 125 * i, "");
  }
  const Exposure exposure = resolve_text(text);
  EXPECT_EQ(exposure.roles[0].count, 120U);
  EXPECT_TRUE(exposure.complete());
  const auto ill =
      std::count_if(exposure.persons.begin(), exposure.persons.end(),
                    [](const Person& p) { return p.elements.has(Element::kDiagnosis); });
  EXPECT_EQ(ill, 80) << "claims belong to the persons whose number they carry";
}

TEST(Infer, TheLengthOfRecordsWithoutEnds) {
  for (const unsigned length : {40U, 97U, 180U, 333U}) {
    std::string text;
    for (unsigned i = 0; i < 60; ++i) {
      std::string record = fmt::format("{:06}{:<{}}{:08}", i * 17, "NAME" + std::string(i % 9, 'X'),
                                       20, 19'300'101 + i);
      record.resize(length, ' ');
      text += record;
    }
    EXPECT_EQ(repeating_length(text, text.size(), CodePage::kAscii), length);
    EXPECT_EQ(repeating_length(text.substr(1), text.size() - 1, CodePage::kAscii), std::nullopt);
  }
}

TEST(Infer, SsnsAreToldFromOtherNumbersOfNineDigits) {
  Dice dice(3);
  std::vector<std::string> ssns, anything, counter;
  for (unsigned i = 0; i < 100; ++i) {
    ssns.push_back(fmt::format("{:03}{:02}{:04}", 1 + dice.below(665), 1 + dice.below(99),
                               1 + dice.below(9999)));
    anything.push_back(fmt::format("{:09}", dice.below(1'000'000'000)));
    counter.push_back(fmt::format("{:09}", 100'230'000 + i));
  }
  const auto sure = [](const std::vector<std::string>& texts) {
    return test_ssns(Values(texts.begin(), texts.end())).sure;
  };
  EXPECT_GT(sure(ssns), 0.99);
  EXPECT_LT(sure(anything), 0.5);
  EXPECT_LT(sure(counter), 0.5);
}

}  // namespace
}  // namespace bulkhead::exposure::test
