#include <gtest/gtest.h>

#include <set>

#include "exposure/readers/fhir_table.h"
#include "exposure/readers/resource_tree.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

const std::string kJane =
    R"({"resourceType":"Patient","id":"p1","identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"212-34-1234"},)"
    R"({"type":{"coding":[{"code":"MA"}]},"value":"12345678","assigner":{"display":"MO HealthNet"}}],)"
    R"("name":[{"use":"official","family":"DOE","given":["JANE","M"]}],"gender":"female","birthDate":"1974-03-09",)"
    R"("telecom":[{"system":"phone","value":"573-555-0123"}],"address":[{"line":["1 MAIN ST"],"city":"ROLLA","state":"MO","postalCode":"65401"}]})";
const std::string kCondition =
    R"({"resourceType":"Condition","subject":{"reference":"Patient/p1"},"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"F11.20"}]}})";

void expect_jane(const std::string& text, const char* variant) {
  const Exposure exposure = resolve_text(text);
  const Person jane = only_member(exposure);
  EXPECT_EQ(jane.names, (std::vector<PersonName>{{"JANE", "M", "DOE", ""}})) << variant;
  EXPECT_EQ(jane.dates_of_birth, std::vector<std::string>{"1974-03-09"}) << variant;
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kSsn, "212341234")) << variant;
  EXPECT_TRUE(has_identifier(jane, IdentifierType::kMemberId, "12345678")) << variant;
  EXPECT_EQ(words(jane.elements),
            words(elements({Element::kName, Element::kDateOfBirth, Element::kSsn,
                            Element::kMemberId, Element::kAddress, Element::kPhone,
                            Element::kDemographics, Element::kDiagnosis})))
      << variant;
  EXPECT_EQ(jane.sensitive, static_cast<SensitivitySet>(Sensitivity::kSubstanceUse)) << variant;
  EXPECT_TRUE(exposure.complete()) << variant;
  if (jane.exposures.empty()) return;
  for (const PersonEvidence& place : jane.exposures[0].evidence) {
    const std::string bytes = text.substr(place.offset, place.length);
    if (place.element == Element::kSsn) {
      EXPECT_EQ(bytes, "212-34-1234") << variant;
    }
    if (place.element == Element::kDateOfBirth) {
      EXPECT_EQ(bytes, "1974-03-09") << variant;
    }
    if (place.element == Element::kDiagnosis) {
      EXPECT_EQ(bytes, "F11.20") << variant;
    }
  }
}

std::string bundle(const std::string& entries) {
  return R"({"resourceType":"Bundle","type":"collection","entry":[)" + entries + "]}";
}
std::string entry(const std::string& resource) {
  return R"({"fullUrl":"http://example.org/Patient/p1","resource":)" + resource + "}";
}

std::set<std::string> places_of(const Exposure& exposure, Element element) {
  std::set<std::string> places;
  for (const Person& person : exposure.persons) {
    for (const FileExposure& in : person.exposures) {
      for (const PersonEvidence& place : in.evidence) {
        if (place.element == element) places.insert(place.where);
      }
    }
  }
  return places;
}

TEST(FhirJson, Variants) {
  expect_jane(kJane + "\n" + kCondition + "\n", "NDJSON");
  expect_jane(kCondition + "\r\n\r\n" + kJane, "the other way round, no last line end");
  expect_jane("\xEF\xBB\xBF" + kJane + "\n" + kCondition, "byte order mark");
  expect_jane(kJane + kCondition, "one behind the other");
  expect_jane("[" + kJane + ",\n" + kCondition + "]", "an array");
  expect_jane(bundle(entry(kJane) + "," + entry(kCondition)), "Bundle");
  expect_jane(bundle(entry(kJane)) + "\n" + bundle(entry(kCondition)), "a Bundle a line");
  expect_jane(replaced(replaced(bundle(entry(kJane) + "," + entry(kCondition)), ",", ",\n   "), "{",
                       "{\n  "),
              "indented");
  expect_jane(bundle(entry(replaced(kJane, "\"id\":\"p1\",", "")) + "," + entry(kCondition)),
              "known by fullUrl only");
  expect_jane(bundle(entry(kJane) + "," +
                     entry(replaced(kCondition, "Patient/p1",
                                    "http://example.org/fhir/Patient/p1/_history/3"))),
              "an absolute reference");
  expect_jane(kJane + "\n" +
                  replaced(replaced(kCondition, "\"resourceType\":\"Condition\",", ""), "}]}}",
                           "}]},\"resourceType\":\"Condition\"}"),
              "type last");
  expect_jane(replaced(kJane, R"("family":"DOE")", R"("family":["DOE"])") + "\n" +
                  replaced(kCondition, "subject", "patient"),
              "R2");
  expect_jane(replaced(kJane, "JANE", "J\\u0041NE") + kCondition, "escapes");
  expect_jane(R"({"patient":)" + kJane + R"(,"rows":[)" + kCondition + "]}",
              "somebody's own wrapping");
}

TEST(FhirJson, BlocksCutAnywhere) {
  std::string text;
  for (int i = 0; i < 3000; ++i)
    text += replaced(replaced(replaced(kJane, "212-34-1234", std::to_string(212'000'001 + i)),
                              "\"p1\"", "\"q" + std::to_string(i) + "\""),
                     "12345678", std::to_string(20'000'000 + i)) +
            "\n";
  const FileFindings findings = analyse_text(text);
  EXPECT_EQ(findings.persons.size(), 3000U);
  EXPECT_EQ(findings.report.bytes_not_understood, 0U);
  const FileFindings one =
      analyse_text(bundle(replaced(text.substr(0, text.size() - 1), "\n", ",\n")));
  EXPECT_EQ(one.persons.size(), 3000U);
}

TEST(FhirJson, JoinedAcrossFiles) {
  const auto count = [](const char* first, const char* second, const std::string& about) {
    return resolve_texts({{first, kJane}, {second, about}}).roles[0].count;
  };
  EXPECT_EQ(count("a/Patient.ndjson", "a/Condition.ndjson", kCondition), 1U);
  EXPECT_EQ(count("a/Patient.ndjson", "b/Condition.ndjson", kCondition),
            2U);  // p1 of somebody else
  const std::string uuid = "0a1b2c3d-0000-4000-8000-000000000001";
  EXPECT_EQ(resolve_texts({{"a/x", replaced(kJane, "\"p1\"", "\"" + uuid + "\"")},
                           {"b/y", replaced(kCondition, "Patient/p1", "urn:uuid:" + uuid)}})
                .roles[0]
                .count,
            1U);
}

TEST(FhirDamage, OnlyTheDamagedLineIsLost) {
  const std::string john = replaced(
      replaced(replaced(kJane, "JANE", "JOHN"), "212-34-1234", "212-34-1235"), "\"p1\"", "\"p2\"");
  const std::string mary = replaced(
      replaced(replaced(kJane, "JANE", "MARY"), "212-34-1234", "212-34-1236"), "\"p1\"", "\"p3\"");
  const std::string last = replaced(john, "12345678", "12345679");
  for (const std::string& bad :
       {mary.substr(0, 200), mary.substr(0, mary.size() - 1), replaced(mary, ":\"1974", ":1974"),
        std::string("{]"), std::string("null byte \0 here", 16), std::string(500, '{')}) {
    const Exposure exposure = resolve_text(kJane + "\n" + bad + "\n" + last + "\n");
    EXPECT_NE(find_named(exposure, "JANE", "DOE"), nullptr) << bad;
    EXPECT_NE(find_named(exposure, "JOHN", "DOE"), nullptr) << bad;
    EXPECT_EQ(find_named(exposure, "MARY", "DOE"), nullptr) << bad;
    EXPECT_GE(exposure.files[0].report.bytes_not_understood, bad.size() - 1);
    EXPECT_LE(exposure.files[0].report.bytes_not_understood, bad.size() + 2);
  }
}

TEST(FhirDamage, TruncatedBundleKeepsWhatWasWhole) {
  const std::string text = bundle(entry(kJane) + "," + entry(kCondition));
  const Exposure exposure = resolve_text(text.substr(0, text.size() - 40));
  EXPECT_EQ(exposure.roles[0].count, 1U);
  EXPECT_FALSE(exposure.complete());
  EXPECT_FALSE(only_member(exposure).elements.has(Element::kDiagnosis));
}

TEST(FhirDamage, DeepAndLong) {
  const std::string deep = R"({"resourceType":"Basic","x":)" + std::string(100'000, '[') +
                           std::string(100'000, ']') + "}";
  EXPECT_EQ(resolve_text(kJane + "\n" + deep + "\n").roles[0].count, 1U);
  const std::string attachment = replaced(
      kCondition, "\"code\":{", "\"note\":\"" + std::string(3'000'000, 'x') + "\",\"code\":{");
  EXPECT_TRUE(resolve_text(kJane + "\n" + attachment).complete());
  std::string wide = R"({"resourceType":"Basic","x":[0)";
  for (int i = 0; i < 600'000; ++i)
    wide += ",1";
  const Exposure exposure = resolve_text(kJane + "\n" + wide + "]}\n" + kCondition);
  EXPECT_FALSE(exposure.complete());
  EXPECT_TRUE(only_member(exposure).elements.has(Element::kDiagnosis));
}

std::string numbers(int count) {
  std::string text = "[0";
  for (int i = 1; i < count; ++i)
    text += ",1";
  return text + "]";
}

// More values around the resources than are kept in memory at a time.
TEST(FhirJson, WrappersOfAnySize) {
  const std::string junk = numbers(1000);
  const auto row = [&](int i) {
    return R"({"x":)" + junk + R"(,"r":{"resourceType":"Patient","id":"q)" + std::to_string(i) +
           R"(","name":[{"family":"DOE"}]},"more":{"y":)" + junk + "}}";
  };
  std::string rows = row(0);
  for (int i = 1; i < 600; ++i)
    rows += "," + row(i);
  for (const std::string& text :
       {R"({"data":[)" + rows + "]}", "[" + rows + "]", R"({"a":{"b":[[)" + rows + "]]}}"}) {
    const FileFindings findings = analyse_text(text);
    EXPECT_EQ(findings.persons.size(), 600U) << text.substr(0, 12);
    EXPECT_EQ(findings.report.bytes_not_understood, 0U) << text.substr(0, 12);
  }
}

TEST(FhirDamage, WhatIsAroundResourcesAndTooLargeIsReported) {
  const std::string junk = numbers(600'000);
  for (const std::string& text :
       {R"({"x":)" + junk + R"(,"rows":[)" + kJane + "]}",
        R"({"rows":[)" + kJane + R"(],"x":)" + junk + "}", "[" + kJane + "," + junk + "]",
        R"({"resourceType":"Bundle","x":)" + junk + R"(,"entry":[)" + entry(kJane) + "]}"}) {
    const Exposure exposure = resolve_text(kCondition + text);  // says first what it is
    EXPECT_EQ(only_member(exposure).names.size(), 1U) << text.substr(0, 12);
    const FileReport& report = exposure.files[0].report;
    EXPECT_GE(report.bytes_not_understood, 900'000U) << text.substr(0, 12);
    EXPECT_LE(report.bytes_not_understood, text.size() - kJane.size()) << text.substr(0, 12);
  }
  // The type comes last: what came before it is gone, and the rest is there.
  const Exposure late =
      resolve_text(kJane + R"({"x":)" + junk +
                   R"(,"subject":{"reference":"Patient/p1"},"code":{"text":"F11"},)" +
                   R"("resourceType":"Condition"})");
  EXPECT_TRUE(only_member(late).elements.has(Element::kDiagnosis));
  EXPECT_FALSE(late.complete());
  // Cut off inside.
  const Exposure cut =
      resolve_text(kJane + R"({"resourceType":"Basic","x":)" + junk.substr(0, junk.size() - 1));
  EXPECT_EQ(cut.files[0].report.not_understood.size(), 1U);
  EXPECT_GE(cut.files[0].report.bytes_not_understood, junk.size());
}

// No number is kept in memory that is longer than any that has a meaning.
TEST(FhirDamage, LongNumbers) {
  const std::string digits(3'000'000, '1');
  for (const std::string& number : {digits, "-0." + digits, "1e+" + digits}) {
    const Exposure exposure = resolve_text(kJane + "\n" + R"({"resourceType":"Basic","x":)" +
                                           number + "}\n" + kCondition);
    EXPECT_TRUE(only_member(exposure).elements.has(Element::kDiagnosis)) << number.substr(0, 3);
    EXPECT_FALSE(exposure.complete()) << number.substr(0, 3);
    EXPECT_GE(exposure.files[0].report.bytes_not_understood, number.size()) << number.substr(0, 3);
  }
  EXPECT_TRUE(
      resolve_text(kJane + R"({"resourceType":"Basic","x":)" + numbers(200'000) + "}").complete());
}

TEST(FhirMutation, ChangesAreSeen) {
  const std::string good = kJane + "\n" + kCondition + "\n";
  const std::string before = persons_ndjson(resolve_text(good));
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {"\"family\":\"DOE\",\"given\":[\"JANE\",\"M\"]",
            "\"family\":\"JANE\",\"given\":[\"DOE\",\"M\"]"},
           {kCondition, ""},
           {"Patient/p1", "Patient/p"},
           {"\"birthDate\"", "\"birthdate\""},
           {"sid/us-ssn", "sid/us-xxx"},
           {"{\"resourceType\":\"Patient\"", "\"resourceType\":\"Patient\""}}) {
    const Exposure exposure = resolve_text(replaced(good, what, with));
    EXPECT_TRUE(persons_ndjson(exposure) != before || !exposure.complete()) << what;
  }
}

TEST(FhirIdentifiers, SystemsBeforeTypes) {
  const auto jane = [](const std::string& identifier) {
    return only_member(resolve_text(
        R"({"resourceType":"Patient","id":"1","name":[{"family":"DOE"}],"identifier":[)" +
        identifier + "]}"));
  };
  EXPECT_TRUE(has_identifier(
      jane(
          R"({"type":{"coding":[{"code":"SB"}]},"system":"http://hl7.org/fhir/sid/us-ssn","value":"999221962"})"),
      IdentifierType::kSsn, "999221962"));
  EXPECT_TRUE(
      has_identifier(jane(R"({"system":"urn:oid:2.16.840.1.113883.4.1","value":"212341234"})"),
                     IdentifierType::kSsn, "212341234"));
  EXPECT_FALSE(jane(R"({"system":"urn:oid:2.16.840.1.113883.4.10","value":"212341234"})")
                   .elements.has(Element::kSsn));
  EXPECT_TRUE(
      has_identifier(jane(R"({"system":"urn:oid:2.16.840.1.113883.4.3.25","value":"S99942380"})"),
                     IdentifierType::kDriversLicense, "S99942380"));
  EXPECT_TRUE(
      has_identifier(jane(R"({"system":"http://hl7.org/fhir/sid/us-mbi","value":"1S00E00AA01"})"),
                     IdentifierType::kMedicareId, "1S00E00AA01"));
  EXPECT_TRUE(has_identifier(jane(R"({"type":{"coding":[{"code":"MR"}]},"value":"77"})"),
                             IdentifierType::kMedicalRecordNumber, "77"));
}

TEST(FhirPersons, ContainedPatient) {
  const std::string text = R"({"resourceType":"Claim","contained":[)" + kJane +
                           R"(],"patient":{"reference":"#p1"},"identifier":[{"value":"C1"}]})";
  const Person jane = only_member(resolve_text(text));
  EXPECT_TRUE(jane.elements.has(Element::kClaim));
  EXPECT_TRUE(jane.elements.has(Element::kSsn));
}

TEST(FhirPersons, PlacesArePathsFromTheResource) {
  const std::string text = R"({"resourceType":"Claim","contained":[)" + kJane +
                           R"(],"patient":{"reference":"#p1"},"identifier":[{"value":"C1"}]})";
  const Exposure exposure = resolve_text(bundle(entry(text) + "," + entry(kCondition)));
  EXPECT_EQ(places_of(exposure, Element::kName),
            (std::set<std::string>{"Claim.contained.name.family", "Claim.contained.name.given"}));
  EXPECT_EQ(places_of(exposure, Element::kDiagnosis),
            std::set<std::string>{"Condition.code.coding.code"});
}

// A name beside a reference may be in any order: it is the same patient.
TEST(FhirPersons, DisplayNamesDoNotSplit) {
  const std::string shown =
      replaced(kCondition, "\"Patient/p1\"", "\"Patient/p1\",\"display\":\"DOE JANE\"");
  EXPECT_EQ(only_member(resolve_text(shown + kJane)).names.size(), 1U);
  const Person alone = only_member(resolve_text(replaced(shown, "DOE JANE", "Mrs. Jane Doe")));
  EXPECT_EQ(alone.names, (std::vector<PersonName>{{"Jane", "", "Doe", ""}}));
  EXPECT_TRUE(alone.elements.has(Element::kDiagnosis));
}

std::vector<NamedText> export_of(const std::string& patients, const std::string& conditions) {
  return {{"a/Patient.ndjson", patients}, {"a/Condition.ndjson", conditions}};
}

// One type a file, as bulk exports come: the Patient's own name is in another file.
TEST(FhirPersons, ShownNamesContradictNobody) {
  for (const std::string shown : {"DOE JANE", "Doe, Liza", "Mrs. Mary Jane Doe-Roe"}) {
    const std::string about =
        replaced(kCondition, "\"Patient/p1\"", R"("Patient/p1","display":")" + shown + "\"");
    std::vector<NamedText> files = export_of(kJane, about);
    for (int order = 0; order < 2; ++order) {
      const Exposure exposure = resolve_texts(files);
      const Person jane = only_member(exposure);
      EXPECT_EQ(jane.names, (std::vector<PersonName>{{"JANE", "M", "DOE", ""}})) << shown;
      EXPECT_TRUE(jane.elements.has(Element::kDiagnosis)) << shown;
      EXPECT_EQ(exposure.roles[0].lower, 1U) << shown;
      std::swap(files[0], files[1]);
    }
    const std::string by_number = replaced(
        kCondition, R"("reference":"Patient/p1")",
        R"("identifier":{"system":"http://hl7.org/fhir/sid/us-ssn","value":"212-34-1234"},)"
        R"("display":")" +
            shown + "\"");
    EXPECT_EQ(only_member(resolve_texts(export_of(kJane, by_number))).names.size(), 1U) << shown;
  }
}

TEST(FhirPersons, ShownNamesNameWhoHasNoOther) {
  const std::string shown =
      replaced(kCondition, "\"Patient/p1\"", R"("Patient/p1","display":"Mrs. Jane Doe")");
  const std::string nameless = R"({"resourceType":"Patient","id":"p1","birthDate":"1974-03-09"})";
  const Person jane = only_member(resolve_texts(export_of(nameless, shown)));
  EXPECT_EQ(jane.names, (std::vector<PersonName>{{"Jane", "", "Doe", ""}}));
  EXPECT_EQ(jane.dates_of_birth, std::vector<std::string>{"1974-03-09"});
}

TEST(FhirPersons, ShownNamesBehindVeryManyPatients) {
  constexpr int kPatients = 100'200;
  std::string text;
  for (int i = 0; i < kPatients; ++i)
    text += R"({"resourceType":"Patient","id":")" + std::to_string(i) +
            R"(","name":[{"family":"DOE)" + std::to_string(i) + R"(","given":["JANE"]}]})" + "\n";
  for (int i = kPatients - 200; i < kPatients; ++i) {
    const std::string number = std::to_string(i);
    text += R"({"resourceType":"Condition","subject":{"reference":"Patient/)" + number +
            R"(","display":"DOE)" + number + R"( JANE"}})" + "\n";
  }
  EXPECT_EQ(resolve_text(text).roles[0].count, static_cast<std::uint64_t>(kPatients));
}

TEST(FhirPersons, LogicalReferences) {
  const std::string claim =
      R"({"resourceType":"Claim","patient":{"identifier":{"system":"http://hl7.org/fhir/sid/us-mbi","value":"1EG4TE5MK73"}},"identifier":[{"value":"C1"}]})";
  EXPECT_TRUE(
      has_identifier(only_member(resolve_text(claim)), IdentifierType::kMedicareId, "1EG4TE5MK73"));
}

TEST(FhirPersons, WhatIsNotAboutAPerson) {
  for (const char* subject : {"Group/1", "Device/1", "Location/1", "Organization/2"}) {
    EXPECT_TRUE(resolve_text(replaced(kCondition, "Patient/p1", subject)).persons.empty())
        << subject;
  }
  EXPECT_TRUE(resolve_text(replaced(kJane, "\"gender\"",
                                    "\"animal\":{\"species\":{\"text\":\"dog\"}},\"gender\""))
                  .persons.empty());
  for (const char* type :
       {"Questionnaire", "ValueSet", "Organization", "Medication", "StructureDefinition"}) {
    const Exposure exposure = resolve_text(std::string(R"({"resourceType":")") + type +
                                           R"(","id":"1","name":"JANE DOE"})");
    EXPECT_TRUE(exposure.persons.empty()) << type;
    EXPECT_TRUE(exposure.complete()) << type;
  }
}

TEST(FhirPersons, TypesThatNobodyKnowsAreReported) {
  EXPECT_FALSE(resolve_text(R"({"resourceType":"Nonsense","id":"1"})").complete());
  EXPECT_FALSE(resolve_text(kJane + "\n{\"name\":\"JANE\"}\n").complete());
}

TEST(FhirPersons, AllOfAnUnknownResourceIsNotUnderstood) {
  const std::string nonsense = R"({"resourceType":"Nonsense","name":[{"family":"DOE"}]})";
  const auto missed = [](const std::string& text) {
    return resolve_text(text).files[0].report.bytes_not_understood;
  };
  EXPECT_EQ(missed(kJane + "\n" + nonsense + "\n"), nonsense.size());
  EXPECT_EQ(missed(R"({"resourceType":"Bundle","entry":[{"resource":)" + nonsense + "}]}"),
            nonsense.size());
}

TEST(FhirPersons, DocumentsInsideAreNotUnderstood) {
  const auto missed = [](const std::string& text) {
    return resolve_text(text).files[0].report.bytes_not_understood;
  };
  const std::string data(3000, 'Q');
  EXPECT_EQ(
      missed(R"({"contentType":"text/plain","data":")" + data + R"(","resourceType":"Binary"})"),
      data.size());
  EXPECT_EQ(missed(R"({"resourceType":"Binary","contentType":"text/plain","content":"QUFB"})"), 4U);
  EXPECT_EQ(
      missed(replaced(kJane, "\"gender\"", R"("photo":[{"data":")" + data + R"("}],"gender")")),
      data.size());
  EXPECT_EQ(
      missed(
          R"({"resourceType":"Bundle","entry":[{"resource":{"resourceType":"DocumentReference",)"
          R"("subject":{"reference":"Patient/1"},"content":[{"attachment":{"data":"QUFB"}}]}}]})"),
      4U);
  EXPECT_EQ(missed(R"({"resourceType":"Observation","subject":{"reference":"Patient/1"},)"
                   R"("valueSampledData":{"data":"1 2 3"}})"),
            0U);
}

TEST(FhirPersons, ReferencesSayWhatTheyMean) {
  const auto members = [](const std::string& reference, const std::string& around) {
    return resolve_text(replaced(around, "REFERENCE", reference)).roles[0].count;
  };
  const std::string condition =
      R"({"resourceType":"Condition","subject":{REFERENCE},"code":{"text":"x"}})";
  const std::string group = R"({"resourceType":"Group","member":[{"entity":{REFERENCE}}]})";
  const std::string appointment =
      R"({"resourceType":"Appointment","participant":[{"actor":{REFERENCE}}],"start":"2023-05-01"})";
  const std::string uuid = R"("reference":"urn:uuid:0b3c5a7e-3c5b-4d57-a8e8-9f5d3b8a2c11")";
  EXPECT_EQ(members(uuid, condition), 1U);
  EXPECT_EQ(members(uuid + R"(,"type":"Group")", condition), 0U);
  EXPECT_EQ(members(uuid, group), 0U);
  EXPECT_EQ(members(uuid + R"(,"type":"Patient")", group), 1U);
  EXPECT_EQ(members(R"("display":"Room 4")", appointment), 0U);
  EXPECT_EQ(members(R"("reference":"Patient/1")", appointment), 1U);
}

TEST(FhirPersons, ConditionalReferences) {
  const auto about = [](const std::string& reference) {
    return resolve_text(R"({"resourceType":"Condition","subject":{"reference":")" + reference +
                        R"("},"code":{"text":"x"}})");
  };
  EXPECT_TRUE(has_identifier(
      only_member(about("Patient?identifier=http://hl7.org/fhir/sid/us-mbi|1EG4TE5MK73")),
      IdentifierType::kMedicareId, "1EG4TE5MK73"));
  EXPECT_TRUE(about("Group?identifier=http://a|1").persons.empty());
}

TEST(FhirPersons, LinkedPatientsAreOne) {
  const std::string other = replaced(
      replaced(replaced(replaced(kJane, "\"p1\"", "\"p2\""), "212-34-1234", ""), "12345678", ""),
      "1974-03-09", "");
  EXPECT_EQ(resolve_text(kJane + other).roles[0].count, 2U);
  const std::string linked =
      replaced(other, "\"gender\"",
               R"("link":[{"other":{"reference":"Patient/p1"},"type":"replaces"}],"gender")");
  EXPECT_EQ(resolve_text(kJane + linked).roles[0].count, 1U);
}

TEST(FhirPersons, ContactsAndRelatives) {
  const std::string child = replaced(
      kJane, "\"gender\"",
      R"("contact":[{"name":{"family":"DOE","given":["JOHN"]},"telecom":[{"value":"573-555-0199"}]}],"gender")");
  const Exposure exposure = resolve_text(
      child + "\n" + child +
      R"({"resourceType":"RelatedPerson","id":"r1","patient":{"reference":"Patient/p1"},"name":[{"family":"ROE","given":["ANN"]}]})");
  EXPECT_EQ(exposure.roles[1].count, 2U);
  EXPECT_FALSE(only_member(exposure).phones.empty());
  EXPECT_EQ(only_member(exposure).phones.size(), 1U);
}

TEST(FhirPersons, ProvidersAreProviders) {
  const Exposure exposure = resolve_text(
      R"({"resourceType":"Practitioner","id":"d1","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}],"name":[{"family":"CURE","given":["ANN"]}]})");
  EXPECT_EQ(exposure.roles[0].count, 0U);
  EXPECT_TRUE(has_identifier(*persons_of(exposure, Role::kProvider)[0], IdentifierType::kNpi,
                             "1234567893"));
}

TEST(FhirPersons, CoverageOfAFamily) {
  const auto coverage = [](const char* patient, const char* relation) {
    return std::string(R"({"resourceType":"Coverage","beneficiary":{"reference":"Patient/)") +
           patient +
           R"("},"subscriberId":"W123456789","payor":[{"display":"AETNA"}],"relationship":{"coding":[{"code":")" +
           relation + R"("}]},"status":"active"})";
  };
  const Exposure exposure =
      resolve_text(coverage("1", "self") + coverage("2", "child") + coverage("3", "child"));
  EXPECT_EQ(exposure.roles[0].count, 3U);
  EXPECT_EQ(exposure.found_persons[static_cast<std::size_t>(Element::kEligibility)], 3U);
}

TEST(FhirPersons, GroupsNameEachMember) {
  const Exposure exposure = resolve_text(
      R"({"resourceType":"Group","member":[{"entity":{"reference":"Patient/1"}},{"entity":{"reference":"Patient/2"}},{"entity":{"reference":"Device/1"}}]})");
  EXPECT_EQ(exposure.roles[0].count, 2U);
}

TEST(FhirPersons, DrugsAndProcedures) {
  const std::string claim =
      R"({"resourceType":"ExplanationOfBenefit","patient":{"reference":"Patient/1"},"item":[{"productOrService":{"coding":[{"system":"http://hl7.org/fhir/sid/ndc","code":"00093505601"}]}}]})";
  EXPECT_TRUE(only_member(resolve_text(claim)).elements.has(Element::kPrescription));
  EXPECT_FALSE(only_member(resolve_text(claim)).elements.has(Element::kProcedure));
}

TEST(FhirTable, EveryRuleNamesAKnownType) {
  for (const FhirFieldRule& rule : fhir_field_rules()) {
    std::string_view types = rule.types;
    while (!types.empty()) {
      const std::size_t end = types.find(' ');
      const FhirResourceRule* known = fhir_resource_rule(types.substr(0, end));
      ASSERT_NE(known, nullptr) << types.substr(0, end);
      EXPECT_NE(known->subject, FhirSubject::kNobody) << types.substr(0, end);
      types.remove_prefix(end == std::string_view::npos ? types.size() : end + 1);
    }
  }
}

TEST(ResourceTree, ForgetsTheLastChild) {
  ResourceTree tree;
  const auto root = tree.add(ResourceTree::kNone, "");
  const auto first = tree.add(root, "a");
  tree.set_value(first, "1", 10, 1);
  const auto second = tree.add(root, "b");
  tree.add(second, "c");
  tree.forget(second);
  EXPECT_EQ(tree.child(root, "b"), ResourceTree::kNone);
  const auto third = tree.add(root, "d");
  EXPECT_EQ(third, second);
  EXPECT_EQ(tree.next(first), third);
  EXPECT_EQ(tree.child_value(root, "a"), "1");
}

}  // namespace
}  // namespace bulkhead::exposure::test
