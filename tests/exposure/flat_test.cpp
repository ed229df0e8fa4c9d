// The flat arrays of resolving and the writer of lines, against the plain way of doing the same.
#include <gtest/gtest.h>

#include <random>

#include "base/json_writer.h"
#include "exposure/output/line_buffer.h"
#include "exposure/resolve/name_match.h"
#include "exposure/resolve/name_table.h"
#include "exposure/resolve/radix_sort.h"
#include "helpers.h"

namespace bulkhead::exposure::test {
namespace {

struct Entry {
  std::uint64_t hash = 0;
  std::uint32_t number = 0;
  auto operator<=>(const Entry&) const = default;
};

// Hashes of `bits` random bits at the top: few of them, and many entries are equal in the first
// passes.
std::vector<Entry> random_entries(std::size_t count, unsigned bits, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<Entry> entries(count);
  for (std::uint32_t i = 0; i < count; ++i)
    entries[i] = {random() << (64 - bits), static_cast<std::uint32_t>(random() % 7)};
  return entries;
}

TEST(RadixSort, SortsLikeComparing) {
  std::vector<Entry> spare;
  for (const std::size_t count : {0U, 1U, 2U, 5000U, 20'000U, 200'000U}) {
    for (const unsigned bits : {1U, 8U, 34U, 64U}) {
      std::vector<Entry> entries = random_entries(count, bits, bits + 7);
      std::vector<Entry> wanted = entries;
      std::sort(wanted.begin(), wanted.end());
      radix_sort(entries, spare, [](const Entry& e) { return e.hash; }, std::less<Entry>());
      EXPECT_EQ(entries, wanted) << count << " entries, " << bits << " bits";
    }
  }
}

TEST(NameTable, SaysWhatNormalisingSays) {
  NameTable names;
  const std::vector<std::string> written = {"Smith",    "SMITH",      "O'Brien",    "OBRIEN",
                                            "Smith Jr", "SMITH, III", "de la Cruz", "\xC3\x89mile",
                                            "",         "-",          "SMITH-JONES"};
  for (int round = 0; round < 2; ++round) {  // the second time from the table
    for (const std::string& name : written) {
      EXPECT_EQ(names.text(names.given_name(name)), normal_name(name));
      std::string_view last = name, suffix;
      const bool suffixed = take_suffix(last, suffix);
      const NameTable::LastName found = names.last_name(name);
      EXPECT_EQ(names.text(found.last), normal_name(last));
      EXPECT_EQ(names.text(found.suffix), suffixed ? normal_suffix(suffix) : "");
    }
  }
  EXPECT_EQ(names.given_name("Smith"), names.last_name("SMITH JR").last);
  EXPECT_EQ(names.given_name("'"), 0U);
  EXPECT_EQ(names.suffix("Junior"), names.suffix("JR"));
}

TEST(NameTable, HoldsMany) {
  NameTable names;
  std::vector<std::uint32_t> numbers;
  for (int i = 0; i < 20'000; ++i)
    numbers.push_back(names.given_name("N" + std::to_string(i)));
  for (int i = 0; i < 20'000; ++i) {
    EXPECT_EQ(names.given_name("n" + std::to_string(i)), numbers[static_cast<std::size_t>(i)]);
  }
}

TEST(LineBuffer, GrowsAndKeepsWhatItHolds) {
  LineBuffer buffer(1);
  std::string wanted;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    buffer.put_number(i * 0x123456789ULL);
    buffer.put(',');
    buffer.put("text");
    wanted += std::to_string(i * 0x123456789ULL) + ",text";
  }
  EXPECT_EQ(as_text(buffer.bytes()), wanted);
}

// What people write must come out as JSON says, whatever is in it.
TEST(PersonLines, EscapesLikeTheJsonWriter) {
  const std::string last = "D\\O\"E\x01\xC3\x89\xFF";
  const Exposure exposure =
      resolve_text("Member ID,Last Name,First Name,City\nM1," + last + ",JA\x7FNE,RO\tLLA\n");
  ASSERT_EQ(exposure.persons.size(), 1U);
  const std::string line = persons_ndjson(exposure);
  for (const std::string_view text :
       {std::string_view(last), std::string_view("JA\x7FNE"), std::string_view("RO\tLLA")}) {
    JsonWriter json;
    json.value(text);
    EXPECT_NE(line.find(json.text()), std::string::npos) << line;
  }
}

// The persons that are put together when asked for are those that stand in memory.
TEST(Resolution, SaysTheSameAsAllInMemory) {
  const std::string text = x834(
      "INS*Y*18*021~REF*0F*M1~NM1*IL*1*DOE*JANE****34*212341234~DMG*D8*19740309*F~"
      "INS*N*19*021~REF*0F*M1~NM1*IL*1*DOE*JIM~DMG*D8*20100101*M~"
      "NM1*S3*1*ROE*ANN~N3*1 MAIN ST~");
  std::vector<NamedFindings> files;
  files.push_back({"a.834", analyse_text(text)});
  const Resolution resolution(std::move(files), {}, {.as_of = kToday});
  const Exposure exposure = resolve_text(text, "a.834");
  ASSERT_EQ(resolution.size(), exposure.persons.size());
  Exposure copy = resolution.totals();
  for (std::size_t i = 0; i < resolution.size(); ++i)
    copy.persons.push_back(resolution.person(i));
  EXPECT_EQ(persons_ndjson(copy), persons_ndjson(exposure));
  EXPECT_EQ(summary_json(copy), summary_json(exposure));
}

}  // namespace
}  // namespace bulkhead::exposure::test
