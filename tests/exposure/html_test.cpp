// The report page: what is in it, and what must not be.
#include <gtest/gtest.h>

#include "exposure/output/html_text.h"
#include "exposure/output/writers.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

constexpr std::string_view kRow =
    "Member ID,Last Name,First Name,DOB,SSN,Street Address,City,State,Zip\n"
    "77123456,Quillfeather,Zebulon,1974-03-09,212-34-9876,100 Hidden Lane,ROLLA,MO,65401\n";

std::string page_of(std::string_view text, std::string_view name, bool values) {
  std::vector<NamedFindings> files;
  files.push_back({std::string(name), analyse_text(text, name)});
  const Resolution resolution(std::move(files), {{"gone.bin", 12, "it <could> not be opened"}},
                              {.as_of = kToday});
  return collected([&](const ByteSink& sink) { return write_html(resolution, values, sink); });
}

bool holds(const std::string& page, std::string_view text) {
  return page.find(text) != std::string::npos;
}

TEST(HtmlReport, SaysWhoAndWhatWasNotRead) {
  const std::string page = page_of(kRow, "people.csv", false);
  EXPECT_TRUE(holds(page, "<strong>1 person</strong>"));
  EXPECT_TRUE(holds(page, "people.csv"));
  EXPECT_TRUE(holds(page, "<strong>12 bytes ("));
  EXPECT_TRUE(holds(page, "it &lt;could&gt; not be opened"));
  EXPECT_TRUE(holds(page, "<td>ssn</td><td class=\"n\">1</td>"));
  EXPECT_TRUE(holds(page, "None found, with 1 file read wholly, 0 partly and 1 not at all"));
}

TEST(HtmlReport, ValuesAreMaskedUnlessAskedFor) {
  const std::string masked = page_of(kRow, "people.csv", false);
  const std::string open = page_of(kRow, "people.csv", true);
  for (const std::string_view value :
       {"Quillfeather", "Zebulon", "1974-03-09", "212349876", "77123456", "Hidden", "65401"}) {
    EXPECT_FALSE(holds(masked, value)) << value;
    EXPECT_TRUE(holds(open, value)) << value;
  }
  EXPECT_TRUE(holds(masked, "Z… Q…"));
  EXPECT_TRUE(holds(masked, "1974…"));
  EXPECT_TRUE(holds(masked, "ssn: …76"));
}

TEST(HtmlReport, WhatAFileSaysStaysText) {
  const std::string page = page_of(
      "Member ID,Last Name,First Name,DOB\n"
      "77123456,<script>alert(1)</script>,\"&amp; \"\"x\"\" 'y'\",1974-03-09\n",
      "a\"><img src=x onerror=alert(1)>.csv", true);
  EXPECT_FALSE(holds(page, "<script>alert"));
  EXPECT_FALSE(holds(page, "<img"));
  EXPECT_TRUE(holds(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
}

TEST(HtmlReport, LoadsNothing) {
  const std::string page = page_of(kRow, "people.csv", true);
  for (const std::string_view word : {"http:", "https:", "src=", "url(", "@import", "<link"})
    EXPECT_FALSE(holds(page, word)) << word;
  EXPECT_TRUE(holds(page, "default-src 'none'"));
}

TEST(HtmlText, IsWellFormedWhateverComes) {
  EXPECT_EQ(html_text("a<b>&\"'"), "a&lt;b&gt;&amp;&quot;&#39;");
  EXPECT_EQ(html_text("José Łuk 李"), "José Łuk 李");
  const std::string_view mark = "\xEF\xBF\xBD";
  for (const std::string_view bad :
       {"\x01", "\x7f", "\xC2\x85", "\xC0", "\xFF", "\xE2\x80\xAE", "\xE2\x81\xA6"})
    EXPECT_EQ(html_text(bad), mark) << testing::PrintToString(bad);
  EXPECT_EQ(html_text("\xED\xA0\x80"), std::string(mark) + std::string(mark) + std::string(mark));
  EXPECT_EQ(html_text("\xE6\x9D"), std::string(mark) + std::string(mark));  // cut off
}

TEST(HtmlText, MasksKeepNothingThatCanBeUsed) {
  EXPECT_EQ(masked_name("Ártúr"), "Á…");
  EXPECT_EQ(masked_number("1234567"), "…");  // two of so few would be much
  EXPECT_EQ(masked_number("212349876"), "…76");
  EXPECT_EQ(masked_date("1974-03-09"), "1974…");
  EXPECT_EQ(masked_date("19740309X"), "…");
  EXPECT_EQ(masked_name("") + masked_number("") + masked_date(""), "");
}

}  // namespace
}  // namespace bulkhead::exposure::test
