#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helpers.h"
#include "notify/letters/template.h"
#include "notify/rules/deadlines.h"

namespace bulkhead::notify {
namespace {

using testing::HasSubstr;

class RulesTest : public testing::Test {
 protected:
  void SetUp() override {
    auto rules = load_rules(BULKHEAD_NOTIFY_DATA);
    ASSERT_TRUE(rules) << rules.error().message;
    rules_ = std::move(*rules);
    facts_ = parse_facts(test::facts_text(), "facts.yaml").value();
  }

  // Everybody lives in Missouri.
  Totals totals(std::uint64_t persons, std::uint64_t without_address) const {
    Totals totals;
    totals.by_state["MO"] = persons;
    for (std::size_t i = 0; i < rules_.rules.size(); ++i)
      totals.by_rule.push_back({persons, without_address, {{"MO", persons}}});
    return totals;
  }

  const Due& due(const std::string& id, std::uint64_t persons, std::uint64_t without = 0) {
    list_ = due_list(facts_, rules_, totals(persons, without));
    for (const Due& one : list_) {
      if (one.obligation->id == id) return one;
    }
    ADD_FAILURE() << "no obligation " << id;
    return list_.front();
  }

  Rules rules_;
  Facts facts_;
  std::vector<Due> list_;
};

TEST_F(RulesTest, EveryRuleAndBureauSaysWhatItWasCheckedAgainst) {
  for (const Rule& rule : rules_.rules) {
    EXPECT_TRUE(rule.verified.on) << rule.id;
    EXPECT_FALSE(rule.content.empty()) << rule.id;
  }
  EXPECT_TRUE(rules_.bureaus_verified());
}

TEST_F(RulesTest, SixtyDaysAfterDiscovery) {
  EXPECT_EQ(iso(*due("hipaa-individuals", 1).by), "2023-08-12");
  EXPECT_FALSE(due("missouri-consumers", 1).by) << "the law names no day";
}

TEST_F(RulesTest, TheSecretaryAtFiveHundredAndElseAfterTheYear) {
  EXPECT_TRUE(due("hipaa-secretary", 500).applies);
  EXPECT_FALSE(due("hipaa-secretary-yearly", 500).applies);
  EXPECT_FALSE(due("hipaa-secretary", 499).applies);
  EXPECT_TRUE(due("hipaa-secretary-yearly", 499).applies);
  EXPECT_EQ(iso(*due("hipaa-secretary-yearly", 499).by), "2024-02-29");
}

TEST_F(RulesTest, MediaForMoreThanFiveHundredOfAState) {
  EXPECT_FALSE(due("hipaa-media", 500).applies);
  EXPECT_TRUE(due("hipaa-media", 501).applies);
  EXPECT_EQ(due("hipaa-media", 501).state, "MO");
}

TEST_F(RulesTest, SubstituteNoticeAtTen) {
  EXPECT_TRUE(due("hipaa-substitute-few", 100, 9).applies);
  EXPECT_FALSE(due("hipaa-substitute-many", 100, 9).applies);
  EXPECT_FALSE(due("hipaa-substitute-few", 100, 10).applies);
  EXPECT_TRUE(due("hipaa-substitute-many", 100, 10).applies);
  EXPECT_FALSE(due("hipaa-substitute-few", 100, 0).applies);
}

TEST_F(RulesTest, TheAttorneyGeneralForMoreThanAThousand) {
  EXPECT_FALSE(due("missouri-attorney-general", 1000).applies);
  EXPECT_TRUE(due("missouri-attorney-general", 1001).applies);
  EXPECT_TRUE(due("missouri-bureaus", 1001).applies);
}

TEST_F(RulesTest, LawEnforcementDelaysTheDayAndNeverBringsItForward) {
  facts_.incident.law_enforcement_delay = parse_day("2023-09-30");
  EXPECT_EQ(iso(*due("hipaa-individuals", 1).by), "2023-09-30");
  EXPECT_TRUE(due("hipaa-individuals", 1).delayed);
  facts_.incident.law_enforcement_delay = parse_day("2023-07-01");
  EXPECT_EQ(iso(*due("hipaa-individuals", 1).by), "2023-08-12");
}

TEST_F(RulesTest, EncryptionIsASafeHarbour) {
  facts_.incident.encrypted = true;
  EXPECT_FALSE(due("hipaa-individuals", 1).applies);
  EXPECT_THAT(due("hipaa-individuals", 1).why, HasSubstr("key was elsewhere"));
}

TEST_F(RulesTest, ABusinessAssociateTellsItsCustomer) {
  facts_.organisation.kind = OrganisationKind::kBusinessAssociate;
  EXPECT_TRUE(due("hipaa-covered-entity", 1).applies);
  EXPECT_FALSE(due("hipaa-individuals", 1).applies);
}

TEST_F(RulesTest, AnUnverifiedRuleSaysSoInTheDeadlines) {
  rules_.rules.front().verified.on.reset();
  const Totals numbers = totals(5, 0);
  const std::string json =
      deadlines_json(facts_, rules_, numbers, due_list(facts_, rules_, numbers));
  EXPECT_THAT(json, HasSubstr("\"verified_on\":null,\"warning\":\"unverified, ask counsel\""));
}

TEST_F(RulesTest, AStateWithoutRuleIsNamed) {
  Totals numbers = totals(5, 0);
  numbers.by_state["KS"] = 2;
  const std::string json =
      deadlines_json(facts_, rules_, numbers, due_list(facts_, rules_, numbers));
  EXPECT_THAT(json, HasSubstr(R"({"state":"KS","people":2,"warning":"unverified, ask counsel"})"));
}

TEST_F(RulesTest, EveryLanguageHasEveryRequiredItemForEverybody) {
  std::vector<const Rule*> all;
  for (const Rule& rule : rules_.rules)
    all.push_back(&rule);
  for (const char* language : {"en", "es", "fr"}) {
    const auto text = load_template(BULKHEAD_NOTIFY_DATA, language);
    ASSERT_TRUE(text) << text.error().message;
    const auto status = check_template(*text, all, facts_);
    EXPECT_TRUE(status) << status.error().message;
  }
}

// Each section that answers a required item is taken out in turn.
TEST_F(RulesTest, ATemplateThatLacksAnItemIsRefusedByName) {
  std::vector<const Rule*> all;
  for (const Rule& rule : rules_.rules)
    all.push_back(&rule);
  const Template whole = load_template(BULKHEAD_NOTIFY_DATA, "en").value();
  unsigned taken = 0;
  for (std::size_t i = 0; i < whole.sections.size(); ++i) {
    if (whole.sections[i].items.empty()) continue;
    Template text = whole;
    text.sections.erase(text.sections.begin() + static_cast<std::ptrdiff_t>(i));
    const auto status = check_template(text, all, facts_);
    ASSERT_FALSE(status) << whole.sections[i].heading;
    EXPECT_EQ(status.error().code, ErrorCode::kRefused);
    EXPECT_THAT(status.error().message, HasSubstr(whole.file));
    EXPECT_THAT(status.error().message, HasSubstr("lacks " + whole.sections[i].items.front()));
    ++taken;
  }
  EXPECT_EQ(taken, 6U);
}

TEST_F(RulesTest, ASectionThatDoesNotSayWhatTheRuleNeedsIsRefused) {
  std::vector<const Rule*> all;
  for (const Rule& rule : rules_.rules)
    all.push_back(&rule);
  Template text = load_template(BULKHEAD_NOTIFY_DATA, "en").value();
  for (TemplateSection& section : text.sections) {
    std::erase_if(section.blocks, [](const TemplateBlock& block) {
      return block.text.find("{discovered}") != std::string::npos;
    });
  }
  const auto status = check_template(text, all, facts_);
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("lacks {breach_dates} in what_happened"));
}

TEST_F(RulesTest, ARuleFileWithAMisspeltKeyIsRefused) {
  const test::Folder folder;
  std::filesystem::copy(BULKHEAD_NOTIFY_DATA, folder.path("data"),
                        std::filesystem::copy_options::recursive);
  std::string text = test::read_text(folder.path("data/rules/hipaa.yaml"));
  text.replace(text.find("days: 60"), 8, "dais: 60");
  folder.write("data/rules/hipaa.yaml", text);
  const auto rules = load_rules(folder.path("data"));
  ASSERT_FALSE(rules);
  EXPECT_THAT(rules.error().message, HasSubstr("obligations[1].dais"));
}

}  // namespace
}  // namespace bulkhead::notify
