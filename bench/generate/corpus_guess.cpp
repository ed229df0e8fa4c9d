// Files without delimiters whose layout nobody has, and files like them in which nobody is.
#include <fmt/format.h>

#include <array>
#include <utility>

#include "generate/corpus.h"
#include "generate/mainframe.h"
#include "generate/random_layout.h"

namespace bulkhead::generate {
namespace {

constexpr unsigned kTexts = 20, kEbcdics = 16;
constexpr std::uint64_t kOthers = 1'000;  // other people than those of the other formats

// Births are spread over eighty years: people.h has few days where there are few people.
Member guessed_member(std::uint64_t i, std::uint64_t seed) {
  Member member = member_at(i, seed + kOthers);
  Dice dice(seed * 1'000'003 + i);
  member.person.birth_year = 1930 + static_cast<int>(dice.below(84));
  member.person.birth_month = 1 + static_cast<int>(dice.below(12));
  member.person.birth_day = 1 + static_cast<int>(dice.below(28));
  return member;
}

// Puts records one after the other, as a layout's file has them.
class GuessFile {
 public:
  GuessFile(const RandomLayout& layout, CorpusFile& file) : layout_(layout), file_(file) {}
  // Returns where the record's bytes begin.
  std::uint64_t put(const std::string& record) {
    if (layout_.with_lengths) {
      const std::size_t length = record.size() + 4;
      file_.put(std::string{static_cast<char>(length >> 8), static_cast<char>(length & 0xFF), '\0',
                            '\0'});
    }
    const std::uint64_t start = file_.position();
    file_.put(record + layout_.line_end);
    return start;
  }
  void put_line(std::string text) {
    text.resize(layout_.length(), ' ');
    put(layout_.ebcdic ? ebcdic(text) : text);
  }

 private:
  const RandomLayout& layout_;
  CorpusFile& file_;
};

// Everybody is in one of the files only: what is not found in it is not found at all.
void write_guess(const CorpusOptions& options, CorpusFile& file, unsigned number, bool ebcdic) {
  const RandomLayout layout = random_layout(options.seed, number, ebcdic);
  const std::uint64_t seed = options.seed + (ebcdic ? kOthers : 0);
  GuessFile out(layout, file);
  if (layout.header) out.put_line("HDR EXTRACT 20230526");
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < options.people; ++i) {
    if (Dice(seed * 7 + i).below(ebcdic ? kEbcdics : kTexts) != number) continue;
    const Member member = guessed_member(i, seed);
    const std::uint64_t start = out.put(record_of(layout, member));
    ++count;
    std::vector<std::string_view> elements = layout.elements;
    if (layout.has(ColumnOf::kSsn) && member.ssn_counts) elements.push_back("ssn");
    if (layout.has(ColumnOf::kPhone) && !member.person.phone.empty()) elements.push_back("phone");
    file.holds((ebcdic ? "records-" : "guess-") + member.key(), "member", start, elements);
  }
  if (layout.trailer) out.put_line(fmt::format("TRL {:09}", count));
}

template <unsigned kNumber, bool kEbcdic>
void write_guess(const CorpusOptions& options, CorpusFile& file) {
  write_guess(options, file, kNumber, kEbcdic);
}

template <bool kEbcdic, unsigned... kNumbers>
void add_guesses(std::vector<CorpusEntry>& entries, std::integer_sequence<unsigned, kNumbers...>) {
  static const std::array<std::string, sizeof...(kNumbers)> names = {
      fmt::format("{}/{:02}.dat", kEbcdic ? "guess-ebcdic" : "guess", kNumbers)...};
  (entries.push_back({names[kNumbers].c_str(), write_guess<kNumbers, kEbcdic>}), ...);
}

void write_directory_fixed(const CorpusOptions& options, CorpusFile& file) {
  for (std::uint64_t i = 0; i < 300; ++i) {
    const Doctor doctor = doctor_at(i);
    const Person person = person_at(i * 5, options.seed);
    file.put(fmt::format("{}{:<25}{:<15}{:<12}{:<30}{:<20}{:<2}{:<5}{:<10}{:4}{:02}{:02}  \n",
                         doctor.npi, doctor.last, doctor.first,
                         i % 3 == 0 ? "CARDIOLOGY" : "FAMILY MED", person.street, person.city,
                         person.state, person.zip, "5735550100", 1985 + i % 30, 1 + i % 12,
                         1 + i % 28));
  }
}

void write_codes_fixed(const CorpusOptions&, CorpusFile& file) {
  static constexpr std::array<std::string_view, 6> kTexts6 = {
      "TYPE 2 DIABETES MELLITUS WITHOUT COMPLICATIONS",
      "ESSENTIAL (PRIMARY) HYPERTENSION",
      "UNSPECIFIED ASTHMA",
      "LOW BACK PAIN",
      "ACUTE PHARYNGITIS, UNSPECIFIED",
      "ENCOUNTER FOR IMMUNIZATION"};
  for (unsigned i = 0; i < 400; ++i)
    file.put(fmt::format("{}{:02}{:<4}{:<60}{:8}\n", static_cast<char>('A' + i % 26), i % 100,
                         i % 10, kTexts6[i % 6], 20'150'000 + (1 + i % 12) * 100 + 1));
}

void write_random_bytes(const CorpusOptions& options, CorpusFile& file) {
  Dice dice(options.seed + 77);
  std::string bytes;
  for (unsigned i = 0; i < 60'000; ++i)
    bytes.push_back(static_cast<char>(dice.below(256)));
  file.put(bytes);
}

// Readings of instruments: numbers in columns, and a name in each line that is a place's.
void write_readings(const CorpusOptions& options, CorpusFile& file) {
  static constexpr std::array<std::string_view, 5> kPlaces = {"WASHINGTON", "JACKSON", "MADISON",
                                                              "LINCOLN", "ST LOUIS"};
  Dice dice(options.seed + 78);
  for (unsigned i = 0; i < 500; ++i)
    file.put(fmt::format("{:<12}MO{:09}{:8}{:06}{:<10}\r\n", kPlaces[i % 5],
                         dice.below(1'000'000'000), 20'230'101 + i % 28, dice.below(1'000'000),
                         "OK"));
}

}  // namespace

std::vector<CorpusEntry> with_guesses(std::vector<CorpusEntry> entries) {
  add_guesses<false>(entries, std::make_integer_sequence<unsigned, kTexts>());
  add_guesses<true>(entries, std::make_integer_sequence<unsigned, kEbcdics>());
  entries.push_back({"none/directory.txt", write_directory_fixed});
  entries.push_back({"none/codes.txt", write_codes_fixed});
  entries.push_back({"none/random.bin", write_random_bytes});
  entries.push_back({"none/readings.txt", write_readings});
  return entries;
}

}  // namespace bulkhead::generate
