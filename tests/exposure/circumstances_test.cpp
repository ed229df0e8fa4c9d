// Where those live who are to be told, and who of them needs another way than a letter of their
// own.
#include <gmock/gmock.h>

#include <sstream>

#include "exposure/output/places.h"
#include "exposure/output/writers.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

using testing::HasSubstr;

TEST(States, CodesAndNamesAsAddressesWriteThem) {
  const auto code = [](std::string_view text) { return state_code(place_of_state(text)); };
  EXPECT_EQ(code("MO"), "MO");
  EXPECT_EQ(code(" mo "), "MO");
  EXPECT_EQ(code("Missouri"), "MO");
  EXPECT_EQ(code("NORTH DAKOTA"), "ND");
  EXPECT_EQ(code("AP"), "AP");
  EXPECT_EQ(code("wy"), "WY");
  for (const std::string_view text : {"ON", "Ontario", "M", "MOO", "00", "\xC3\xA9"})
    EXPECT_EQ(place_of_state(text), kAnotherPlace) << text;
  EXPECT_EQ(place_of_state(std::string(10'000, 'M')), kAnotherPlace);
  EXPECT_EQ(place_of_state(""), kUnknownPlace);
  EXPECT_EQ(place_of_state("  "), kUnknownPlace);
}

// On kToday, 2026-11-24: Ann turns 18 the day after, Bob that very day.
constexpr const char* kPeople =
    "Member ID,Last Name,First Name,DOB,Street Address,City,State,Zip,Date of Death\n"
    "M1000001,ADAMS,ANN,2008-11-25,1 OAK ST,ROLLA,MO,65401,\n"
    "M1000002,BAKER,BOB,2008-11-24,2 OAK ST,ROLLA,Missouri,65401,\n"
    "M1000003,CLARK,CAL,1970-01-02,3 OAK ST,OLATHE,KS,66061,2023-02-03\n"
    "M1000004,DAVIS,DEE,1900-01-01,4 OAK ST,TORONTO,ON,,\n"
    "M1000005,EVANS,EVE,1980-05-06,,,,,\n"
    "M1000006,,,,,,,,\n";

TEST(Circumstances, OfMembersWithTheDayOnWhichAgeIsCounted) {
  const Exposure exposure = resolve_text(kPeople, "people.csv");
  ASSERT_EQ(exposure.roles[0].count, 6U);
  const Circumstances& members = exposure.circumstances[0];
  EXPECT_EQ(exposure.as_of, kToday);
  EXPECT_EQ(members.minors, 1U) << "Ann";
  EXPECT_EQ(members.age_unknown, 2U) << "Dee's is a placeholder, number 6 has none";
  EXPECT_EQ(members.deceased, 1U);
  EXPECT_EQ(members.without_address, 1U) << "Eve; number 6 has no name to write to";
  EXPECT_EQ(places_text(members), "MO 2, KS 1, another place 1, no state known 2");
}

TEST(Circumstances, ProvidersApartAndInNoCountOfMembers) {
  const Exposure exposure = resolve_text(
      x837("HL*1**20*1~NM1*85*1*WELBY*MARCUS****XX*1234567893~N3*9 CLINIC RD~N4*WICHITA*KS*67201~"
           "HL*2*1*22*0~SBR*P*18*******MC~NM1*IL*1*DOE*JANE****MI*12345678~N3*1 ELM ST~"
           "N4*ROLLA*MO*65401~DMG*D8*19740309*F~CLM*C1*50***11:B:1*Y*A*Y*Y~HI*ABK:E119~"),
      "claims.837");
  EXPECT_EQ(places_text(exposure.circumstances[static_cast<std::size_t>(Role::kMember)]), "MO 1");
  EXPECT_EQ(places_text(exposure.circumstances[static_cast<std::size_t>(Role::kProvider)]), "KS 1");
  const auto name = static_cast<std::size_t>(Element::kName);
  EXPECT_EQ(exposure.found_persons[name], 2U);
  EXPECT_EQ(exposure.found_by_role[static_cast<std::size_t>(Role::kMember)][name], 1U);
  EXPECT_EQ(exposure.found_by_role[static_cast<std::size_t>(Role::kProvider)][name], 1U);
}

TEST(Circumstances, AreInEveryOutput) {
  std::vector<NamedFindings> files;
  files.push_back({"people.csv", analyse_text(kPeople, "people.csv")});
  const Resolution resolution(std::move(files), {}, {.as_of = kToday});
  std::ostringstream table;
  print_table(resolution.totals(), table);
  EXPECT_THAT(table.str(),
              HasSubstr("live in            MO 2, KS 1, another place 1, no state known 2"));
  EXPECT_THAT(table.str(), HasSubstr("1 under 18 on 2026-11-24; the age of 2 is not known"));
  EXPECT_THAT(table.str(), HasSubstr("without an address 1 who"));
  const std::string json = summary_json(resolution.totals());
  EXPECT_THAT(
      json,
      HasSubstr(R"("as_of":"2026-11-24","circumstances":{"member":{"by_state":{"MO":2,"KS":1},)"
                R"("another_place":1,"state_unknown":2,"minors":1,"age_unknown":2,)"
                R"("deceased":1,"without_address":1})"));
  const std::string page =
      collected([&](const ByteSink& sink) { return write_html(resolution, false, sink); });
  EXPECT_THAT(page, HasSubstr("<td>MO 2, KS 1, another place 1, no state known 2</td>"));
  EXPECT_THAT(page, HasSubstr("1 under 18 on 2026-11-24"));
}

TEST(Circumstances, DoNotHangOnThreads) {
  std::string text = "Member ID,Last Name,First Name,DOB,Street Address,City,State,Zip\n";
  for (int i = 0; i < 40'000; ++i)
    text += "M" + std::to_string(1'000'000 + i) + ",L" + std::to_string(i) + ",F,19" +
            std::to_string(50 + i % 50) + "-03-09,1 OAK ST,ROLLA," + (i % 3 == 0 ? "MO" : "IL") +
            ",65401\n";
  const auto places = [&](unsigned jobs) {
    std::vector<NamedFindings> files;
    files.push_back({"a.csv", analyse_text(text, "a.csv")});
    const Resolution resolution(std::move(files), {}, {.as_of = kToday, .jobs = jobs});
    return places_text(resolution.totals().circumstances[0]);
  };
  EXPECT_EQ(places(1), "IL 26666, MO 13334");
  EXPECT_EQ(places(3), places(1));
}

}  // namespace
}  // namespace bulkhead::exposure::test
