#include "cli/person_differences.h"

#include <fmt/format.h>

#include <fstream>
#include <set>

#include "notify/review/json_line.h"

namespace bulkhead::cli {
namespace {

constexpr std::size_t kFirst = 20;

using review::JsonObject;

// What is told of one person.
struct Told {
  std::string id;
  std::set<std::string> elements, files;
  std::vector<std::string> formerly;
};

// One of the two, line by line.
class PersonsFile {
 public:
  explicit PersonsFile(std::string path) : path_(std::move(path)), file_(path_), parser_(path_) {}

  Status next() {
    told_ = {};
    at_end_ = !std::getline(file_, line_);
    ++number_;
    if (file_.bad()) return fail(ErrorCode::kIo, path_ + ": cannot be read");
    if (line_.size() > review::kLineBytesMost)
      return fail(ErrorCode::kLimitExceeded,
                  fmt::format("{}:{}: the line is too long", path_, number_));
    return {};
  }
  bool at_end() const { return at_end_; }
  const std::string& line() const { return line_; }
  Result<const Told*> told() {
    if (!told_.id.empty()) return &told_;
    BH_TRY(const JsonObject person, parser_.parse(line_, number_));
    BH_TRY(told_.id, person.text("person"));
    BH_TRY(const auto elements, person.texts("elements"));
    told_.elements = {elements.begin(), elements.end()};
    BH_TRY(told_.formerly, person.texts("formerly"));
    BH_CHECK(person.each("exposures", [&](const JsonObject& one) -> Status {
      BH_TRY(std::string file, one.text("file"));
      told_.files.insert(std::move(file));
      return {};
    }));
    return &told_;
  }

 private:
  std::string path_;
  std::ifstream file_;
  review::JsonLineParser parser_;
  std::string line_;
  std::uint64_t number_ = 0;
  bool at_end_ = false;
  Told told_;
};

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

std::string difference(std::string_view what, const std::set<std::string>& before,
                       const std::set<std::string>& now) {
  std::string text;
  for (const std::string& each : now) {
    if (!before.contains(each)) text += " +" + each;
  }
  for (const std::string& each : before) {
    if (!now.contains(each)) text += " -" + each;
  }
  return text.empty() ? text : fmt::format("; {}{}", what, text);
}

void add(PersonDifferences& found, std::string sentence) {
  if (found.first.size() < kFirst) found.first.push_back(std::move(sentence));
}

void change(const Told& before, const Told& now, PersonDifferences& found) {
  ++found.changed;
  const std::string what = difference("elements", before.elements, now.elements) +
                           difference("files", before.files, now.files);
  add(found, fmt::format("changed {}{}", now.id, what.empty() ? "; values or places" : what));
}

}  // namespace

Result<PersonDifferences> compare_persons(const std::string& before_path,
                                          const std::string& now_path) {
  PersonDifferences found;
  PersonsFile before(before_path), now(now_path);
  BH_CHECK(before.next());
  BH_CHECK(now.next());
  while (!before.at_end() || !now.at_end()) {
    if (!before.at_end() && !now.at_end() && before.line() == now.line()) {
      ++found.same;
      BH_CHECK(before.next());
      BH_CHECK(now.next());
      continue;
    }
    const Told* old_one = nullptr;
    const Told* new_one = nullptr;
    if (!before.at_end()) {
      BH_TRY(old_one, before.told());
    }
    if (!now.at_end()) {
      BH_TRY(new_one, now.told());
    }
    const bool only_old = new_one == nullptr || (old_one != nullptr && old_one->id < new_one->id);
    const bool only_new = old_one == nullptr || (new_one != nullptr && new_one->id < old_one->id);
    if (only_old) {
      ++found.lost;
      add(found, fmt::format("lost {} in {}", old_one->id, listed(old_one->files)));
      BH_CHECK(before.next());
    } else if (only_new) {
      ++found.gained;
      std::string sentence = fmt::format("gained {} in {}", new_one->id, listed(new_one->files));
      for (const std::string& id : new_one->formerly)
        sentence += "; formerly " + id;
      add(found, std::move(sentence));
      BH_CHECK(now.next());
    } else {
      change(*old_one, *new_one, found);
      BH_CHECK(before.next());
      BH_CHECK(now.next());
    }
  }
  return found;
}

}  // namespace bulkhead::cli
