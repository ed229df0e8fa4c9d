#include "exposure/infer/record_forms.h"

#include <algorithm>
#include <array>
#include <map>

#include "exposure/infer/grid.h"
#include "exposure/layouts/record_stream.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMostRecords = 400;
constexpr std::uint32_t kShortest = 12, kLongest = 8'192;
constexpr std::uint64_t kFewest = 4;  // records that show a length
constexpr double kClearly = 0.25;     // of what differs by chance must be alike
constexpr double kAsGood = 0.06;      // a multiple of the length repeats nearly as well

// Each byte as what it is: letters are alike, digits are alike.
std::string classes_of(std::string_view bytes, CodePage page) {
  const auto& table = to_latin1(page);
  std::array<char, 256> classes{};
  for (std::size_t i = 0; i < 256; ++i)
    classes[i] = class_of_character(static_cast<char>(table[i]));
  std::string text(bytes);
  for (char& c : text)
    c = classes[static_cast<unsigned char>(c)];
  return text;
}

// Share of places that have the class of the place `distance` behind them.
double alike(std::string_view classes, std::size_t distance) {
  const std::size_t count = classes.size() - distance;
  std::size_t same = 0;
  for (std::size_t i = 0; i < count; ++i)
    same += classes[i] == classes[i + distance] ? 1 : 0;
  return static_cast<double>(same) / static_cast<double>(count);
}

// What two places have in common by chance.
double alike_by_chance(std::string_view classes) {
  std::array<std::size_t, 256> counts{};
  for (const char c : classes)
    ++counts[static_cast<unsigned char>(c)];
  double chance = 0;
  for (const std::size_t count : counts) {
    const double share = static_cast<double>(count) / static_cast<double>(classes.size());
    chance += share * share;
  }
  return chance;
}

RecordForm sampled(std::string_view head, std::uint64_t file_size, CodePage page, Framing framing,
                   std::uint32_t length) {
  RecordForm form{.page = page, .framing = framing, .record_length = length};
  bool broken = false;
  const bool whole = head.size() >= file_size;
  form.records =
      sample_records(head, whole, RecordCutter(framing, length), kMostRecords + 1, broken);
  form.whole_file = whole && form.records.size() <= kMostRecords;
  if (form.records.size() > kMostRecords) form.records.pop_back();
  return form;
}

// Lines of one length, or of several where blanks at their ends were cut off: then the longest
// ones are not much longer than many others.
bool are_columns(RecordForm& form) {
  std::map<std::size_t, std::size_t> lengths;
  for (const std::string_view line : form.records)
    ++lengths[line.size()];
  if (form.records.size() < kFewest || lengths.empty()) return false;
  const auto common =
      std::max_element(lengths.begin(), lengths.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  const bool equal = common->second * 10 >= form.records.size() * 9;
  if (equal) form.record_length = static_cast<std::uint32_t>(common->first);
  const std::size_t longest = lengths.rbegin()->first;
  return longest >= kShortest && longest <= kLongest;
}

void add_lines(std::string_view head, std::uint64_t file_size, bool ebcdic,
               std::vector<RecordForm>& forms) {
  const CodePage page = ebcdic ? CodePage::kEbcdic037 : CodePage::kAscii;
  RecordForm form =
      sampled(head, file_size, page, ebcdic ? Framing::kEbcdicLines : Framing::kLines, 0);
  if (are_columns(form)) forms.push_back(std::move(form));
}

}  // namespace

std::optional<std::uint32_t> repeating_length(std::string_view head, std::uint64_t file_size,
                                              CodePage page) {
  const std::string classes = classes_of(head, page);
  const double chance = classes.empty() ? 1 : alike_by_chance(classes);
  std::vector<std::pair<std::uint32_t, double>> lengths;
  double best = 0;
  for (std::uint32_t length = kShortest; length <= kLongest; ++length) {
    if (file_size % length != 0 || file_size / length < kFewest) continue;
    if (classes.size() < std::size_t{2} * length) break;
    lengths.emplace_back(length, alike(classes, length));
    best = std::max(best, lengths.back().second);
  }
  if (best < chance + kClearly * (1 - chance)) return std::nullopt;
  for (const auto& [length, share] : lengths) {
    if (share >= best - kAsGood * (1 - chance)) return length;
  }
  return std::nullopt;
}

std::vector<RecordForm> possible_forms(std::string_view head, std::uint64_t file_size,
                                       bool ebcdic) {
  std::vector<RecordForm> forms;
  const CodePage page = ebcdic ? CodePage::kEbcdic037 : CodePage::kAscii;
  const std::vector<Framing> told = possible_framings(head, head.size() >= file_size);
  for (const Framing framing : told) {
    if (framing >= Framing::kVariable) {
      RecordForm form = sampled(head, file_size, page, framing, 0);
      if (form.records.size() >= kFewest) forms.push_back(std::move(form));
    }
  }
  const auto has = [&](Framing framing) {
    return std::find(told.begin(), told.end(), framing) != told.end();
  };
  if (has(ebcdic ? Framing::kEbcdicLines : Framing::kLines))
    add_lines(head, file_size, ebcdic, forms);
  if (const auto length = repeating_length(head, file_size, page)) {
    RecordForm form = sampled(head, file_size, page, Framing::kFixed, *length);
    if (form.records.size() >= kFewest) forms.push_back(std::move(form));
  }
  return forms;
}

}  // namespace bulkhead::exposure
