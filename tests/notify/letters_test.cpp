#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "helpers.h"
#include "notify/letters/barcode.h"
#include "notify/letters/compose.h"
#include "notify/letters/letter_number.h"

namespace bulkhead::notify {
namespace {

using exposure::Element;
using exposure::ElementSet;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;

ElementSet set_of(std::initializer_list<Element> elements) {
  ElementSet set;
  for (const Element element : elements)
    set.add(element);
  return set;
}

TEST(LetterNumber, IsReadBackHoweverItIsSpoken) {
  const std::string number = letter_number(as_bytes("key"), "INC-1", "p-1");
  EXPECT_EQ(number.size(), 14U);
  EXPECT_EQ(read_letter_number(number), number);
  std::string spoken;
  for (const char c : number) {
    if (c != '-') spoken += static_cast<char>(std::tolower(c)), spoken += ' ';
  }
  EXPECT_EQ(read_letter_number(spoken), number);
  EXPECT_NE(letter_number(as_bytes("other"), "INC-1", "p-1"), number);
  EXPECT_NE(letter_number(as_bytes("key"), "INC-2", "p-1"), number);
  EXPECT_NE(letter_number(as_bytes("key"), "INC-1", "p-2"), number);
}

// Every single wrong character, and every two neighbours that changed places.
TEST(LetterNumber, MistakesDoNotPass) {
  const std::string number = letter_number(as_bytes("key"), "INC-1", "p-1");
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (number[i] == '-') continue;
    for (const char other : std::string("0123456789ABCDEFGHJKMNPQRSTVWXY")) {
      std::string wrong = number;
      if (other == wrong[i]) continue;
      wrong[i] = other;
      EXPECT_EQ(read_letter_number(wrong), "") << wrong;
    }
    if (i + 1 == number.size() || number[i + 1] == '-' || number[i] == number[i + 1]) continue;
    std::string wrong = number;
    std::swap(wrong[i], wrong[i + 1]);
    EXPECT_EQ(read_letter_number(wrong), "") << wrong;
  }
  EXPECT_EQ(read_letter_number(""), "");
  EXPECT_EQ(read_letter_number(number + "0"), "");
}

// ISO/IEC 15417: every character has eleven modules, the stop thirteen.
TEST(Barcode, HasTheWidthsOfTheStandard) {
  const auto widths = code_128("BWKY895GGPC5");
  EXPECT_EQ(std::accumulate(widths.begin(), widths.end(), 0), (1 + 12 + 1) * 11 + 13);
  EXPECT_THAT((std::vector<int>{widths.begin(), widths.begin() + 6}),
              ElementsAre(2, 1, 1, 2, 1, 4));
}

class WordsTest : public testing::Test {
 protected:
  Template text_ = load_template(BULKHEAD_NOTIFY_DATA, "en").value();
};

TEST_F(WordsTest, EachElementHasWordsOfItsOwn) {
  for (const char* language : {"en", "es", "fr"}) {
    const Template text = load_template(BULKHEAD_NOTIFY_DATA, language).value();
    std::set<std::string> words(text.elements.begin(), text.elements.end());
    EXPECT_EQ(words.size(), exposure::kElementCount) << language;
    EXPECT_FALSE(words.contains(text.neutral_words)) << language;
  }
}

TEST_F(WordsTest, SensitiveOnesAreNamedNeutrallyAndOnce) {
  const ElementSet set =
      set_of({Element::kName, Element::kDiagnosis, Element::kProcedure, Element::kPrescription});
  EXPECT_THAT(text_.words_of(set, true), ElementsAre("Name", "Information about health services"));
  EXPECT_THAT(text_.words_of(set, false), ElementsAre("Name", "Diagnosis or reason for care",
                                                      "Treatment or procedures", "Prescriptions"));
}

// For many random sets: the list of a letter is exactly its person's.
TEST_F(WordsTest, TheListOfALetterIsItsPersons) {
  const Facts facts = parse_facts(test::facts_text(), "f").value();
  const Rules rules = load_rules(BULKHEAD_NOTIFY_DATA).value();
  const std::vector<LanguageTexts> languages{{text_, common_values(text_, facts)}};
  std::uint32_t state = 12345;
  for (int round = 0; round < 200; ++round) {
    state = state * 1664525U + 1013904223U;
    const ElementSet set((state >> 3) | 1U);
    Letter letter;
    letter.about.push_back({"p", "MARY JONES", set, false});
    letter.addressee = "MARY JONES";
    letter.address = {"100 MAIN ST", "ROLLA, MO 65401"};
    const auto printed = compose(letter, languages, facts, rules);
    ASSERT_TRUE(printed) << printed.error().message;
    std::vector<std::string> items, expected;
    for (const Piece& piece : printed->pieces) {
      if (piece.kind == Piece::Kind::kItem) items.push_back(piece.text);
    }
    for (std::size_t i = 0; i < exposure::kElementCount; ++i) {
      if (set.has(static_cast<Element>(i))) expected.push_back(text_.elements[i]);
    }
    EXPECT_EQ(items, expected);
  }
}

TEST_F(WordsTest, ALetterOutOfCautionIsNotOneAboutAFinding) {
  const Facts facts = parse_facts(test::facts_text(), "f").value();
  const Rules rules = load_rules(BULKHEAD_NOTIFY_DATA).value();
  for (const char* language : {"en", "es", "fr"}) {
    const Template words = load_template(BULKHEAD_NOTIFY_DATA, language).value();
    const std::vector<LanguageTexts> languages{{words, common_values(words, facts)}};
    for (const Audience audience :
         {Audience::kAdult, Audience::kGuardian, Audience::kRepresentative, Audience::kCustody}) {
      std::vector<std::string> texts[2];
      for (const bool enrolled_only : {false, true}) {
        Letter letter{.audience = audience, .enrolled_only = enrolled_only};
        letter.about.push_back({"p", "MARY JONES", set_of({Element::kName})});
        letter.address = {"100 MAIN ST", "ROLLA, MO 65401"};
        const auto printed = compose(letter, languages, facts, rules);
        ASSERT_TRUE(printed) << printed.error().message;
        std::size_t items = 0;
        for (const Piece& piece : printed->pieces) {
          items += piece.kind == Piece::Kind::kItem ? 1 : 0;
          texts[enrolled_only ? 1 : 0].push_back(piece.text);
        }
        EXPECT_EQ(items, enrolled_only ? 0U : 1U);
      }
      // Two paragraphs of each are its own.
      for (int one = 0; one < 2; ++one) {
        const auto& other = texts[1 - one];
        EXPECT_GE(std::count_if(texts[one].begin(), texts[one].end(),
                                [&](const std::string& text) {
                                  return std::find(other.begin(), other.end(), text) == other.end();
                                }),
                  2)
            << language << " " << to_string(audience);
      }
    }
  }
}

TEST_F(WordsTest, AnUnverifiedBureauMarksTheLetter) {
  const Facts facts = parse_facts(test::facts_text(), "f").value();
  Rules rules = load_rules(BULKHEAD_NOTIFY_DATA).value();
  const std::vector<LanguageTexts> languages{{text_, common_values(text_, facts)}};
  Letter letter;
  letter.about.push_back({"p", "MARY JONES", set_of({Element::kName}), false});
  letter.address = {"100 MAIN ST", "ROLLA, MO 65401"};
  EXPECT_EQ(compose(letter, languages, facts, rules)->notice, "");
  rules.bureaus.front().verified.on.reset();
  EXPECT_EQ(compose(letter, languages, facts, rules)->notice, "unverified, ask counsel");
}

}  // namespace
}  // namespace bulkhead::notify
