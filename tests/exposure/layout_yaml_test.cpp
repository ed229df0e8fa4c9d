#include "exposure/layouts/layout_yaml.h"

#include <gtest/gtest.h>

#include "exposure/layouts/yaml_subset.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

TEST(Yaml, TheSubset) {
  const auto root = parse_yaml(
      "# comment\nname: plain text # comment\nquoted: \"a: b # c\\\"\"\nsingle: 'it''s'\nempty:\n"
      "flow: {a: 1, b: [x, \"y, z\"], c: {}}\nlist:\n- one\n- two: 2\n  three: 3\n-\n  four: 4\n"
      "deeper:\n  - [1, 2]\n");
  ASSERT_TRUE(root.has_value()) << root.error().message;
  EXPECT_EQ(root->find("name")->scalar, "plain text");
  EXPECT_EQ(root->find("quoted")->scalar, "a: b # c\"");
  EXPECT_EQ(root->find("single")->scalar, "it's");
  EXPECT_EQ(root->find("empty")->scalar, "");
  EXPECT_EQ(root->find("flow")->find("b")->items.at(1).scalar, "y, z");
  const YamlNode& list = *root->find("list");
  ASSERT_EQ(list.items.size(), 3U);
  EXPECT_EQ(list.items[0].scalar, "one");
  EXPECT_EQ(list.items[1].find("three")->scalar, "3");
  EXPECT_EQ(list.items[2].find("four")->scalar, "4");
  EXPECT_EQ(root->find("deeper")->items[0].items.size(), 2U);
}

TEST(Yaml, WhatItIsNotIsAnErrorWithItsLine) {
  const auto error = [](std::string_view text) {
    const auto root = parse_yaml(text);
    return root ? std::string("no error") : root.error().message;
  };
  EXPECT_EQ(error(""), "line 1: it is empty");
  EXPECT_EQ(error("a: 1\n\tb: 2\n"), "line 2: indent with blanks, not with tabs");
  EXPECT_EQ(error("a: 1\na: 2\n"), "line 2: a comes twice");
  EXPECT_EQ(error("a: &x 1\n"), "line 1: anchors, tags and block texts are not part of layouts");
  EXPECT_EQ(error("a: |\n  text\n"),
            "line 1: anchors, tags and block texts are not part of layouts");
  EXPECT_EQ(error("a: {b: 1\n"), "line 1: a list or mapping on one line must end on it");
  EXPECT_EQ(error("a: \"b\n"), "line 1: a quote that nothing closes");
  EXPECT_EQ(error("a: 1\n  b: 2\n"), "line 2: the indentation does not fit");
  EXPECT_NE(error(std::string(100, '[')), "no error");
}

TEST(Yaml, ScalarsReadBack) {
  for (const std::string text :
       {"plain", "with blank", "a: b", "#", "", "\"", "\\", "- x", "it's", "a\nb"}) {
    const auto root = parse_yaml("key: " + yaml_scalar(text) + "\n");
    ASSERT_TRUE(root.has_value()) << text;
    EXPECT_EQ(root->find("key")->scalar, text);
  }
}

const std::string kLayout = R"(version: 1
encoding: ascii
record_format: fixed
record_length: 60
header_records: 1
records:
  - name: client
    when: {at: 1, equals: C}
    fields:
      - {name: DCN, at: 2, length: 8, is: member_id, label: DCN}
      - {name: WHO, at: 10, length: 20, is: full_name}
      - {name: BORN, at: 30, length: 5, type: packed, digits: 8, is: date_of_birth}
      - {name: MUM, at: 40, length: 20, is: full_name, of: related}
  - name: total
    when: {at: 1, equals: [T, "Z"]}
)";

TEST(LayoutYaml, SaysWhatItSays) {
  const LayoutPtr layout = layout_from(kLayout);
  ASSERT_NE(layout, nullptr);
  EXPECT_EQ(layout->code_page, CodePage::kAscii);
  EXPECT_EQ(layout->framing, Framing::kFixed);
  EXPECT_EQ(layout->record_length, 60U);
  EXPECT_EQ(layout->header_records, 1U);
  ASSERT_EQ(layout->types.size(), 3U);
  EXPECT_EQ(layout->types[2].equals, "Z");
  EXPECT_EQ(layout->types[2].alternative, 1U);
  const auto born = std::find_if(layout->fields.begin(), layout->fields.end(),
                                 [](const LayoutField& f) { return f.name == "BORN"; });
  ASSERT_NE(born, layout->fields.end());
  EXPECT_EQ(born->at, 29U);
  EXPECT_EQ(born->usage, FieldUsage::kPacked);
  EXPECT_EQ(born->meaning.kind, FieldKind::kBirthDate);
  EXPECT_EQ(layout->fields.back().length, 0U);  // of the record that says nothing
}

TEST(LayoutYaml, ReadsBackWhatItWrites) {
  const LayoutPtr layout = layout_from(kLayout);
  ASSERT_NE(layout, nullptr);
  const std::string written = layout_yaml(*layout, {"a picture: {", "of it"});
  const LayoutPtr again = layout_from(written);
  ASSERT_NE(again, nullptr) << written;
  EXPECT_EQ(layout_yaml(*again, {"a picture: {", "of it"}), written);
  EXPECT_EQ(again->fields.size(), layout->fields.size());
}

TEST(LayoutYaml, MistakesAreNamed) {
  const auto error = [](std::string_view text) {
    const auto layout = parse_layout_yaml(text, "x", default_rules());
    return layout ? std::string("no error") : layout.error().message;
  };
  EXPECT_EQ(error("fields: []\n"), "line 1: version: 1 is missing");
  EXPECT_EQ(error("version: 2\nfields: []\n"), "line 1: this release reads version 1 of layouts");
  EXPECT_EQ(error("version: 1\n"), "line 1: either fields or records must be there");
  EXPECT_EQ(error("version: 1\ncolour: red\nfields: []\n"),
            "line 2: colour is no setting of a layout");
  EXPECT_EQ(
      error("version: 1\nfields:\n  - {name: A, length: 5}\n  - {name: B, at: 3, length: 5}\n"),
      "line 4: B begins inside the field before it");
  EXPECT_EQ(error("version: 1\nfields:\n  - {name: A, length: 0}\n"),
            "line 3: length must be a number from 1 to 1048576");
  EXPECT_NE(error("version: 1\nfields:\n  - {name: A, length: 5, is: wizard}\n")
                .find("is must be one of nothing, last_name"),
            std::string::npos);
  EXPECT_EQ(error("version: 1\nrecords:\n  - {name: a, fields: []}\n  - {name: b, fields: []}\n"),
            "line 3: when must say how this kind of record is told from the others");
}

}  // namespace
}  // namespace bulkhead::exposure::test
