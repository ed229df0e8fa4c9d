// What an extortion site shows, or what was recovered: names one a line, or hashes as sha256sum,
// sha1sum and md5sum write them.
#include <algorithm>

#include "incident/logs/formats.h"
#include "incident/logs/number.h"

namespace bulkhead::incident {
namespace {

bool is_hash(std::string_view word) {
  const bool length = word.size() == 32 || word.size() == 40 || word.size() == 64;
  return length && std::all_of(word.begin(), word.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  while (text.starts_with(' '))
    text.remove_prefix(1);
  return text;
}

// A line of `ls -l`: mode, links, user, group, size, three words of a date, the name.
bool take_long_listing(std::string_view line, LogAccess& access) {
  constexpr std::string_view kKinds = "-dlbcps", kModes = "rwxsStT-";
  if (line.size() < 11 || kKinds.find(line.front()) == std::string_view::npos) return false;
  if (line.substr(1, 9).find_first_not_of(kModes) != std::string_view::npos) return false;
  if (line[10] != ' ' && line[10] != '.' && line[10] != '+') return false;
  std::string_view words[8];
  for (std::string_view& word : words) {
    line = trimmed(line);
    word = line.substr(0, line.find(' '));
    line.remove_prefix(word.size());
  }
  access.bytes = number_of(words[4]);
  access.path = std::string(trimmed(line));
  return access.bytes.has_value();
}

// Names, one a line, as they are; with a tab and the size before or behind; or as `ls -l` does.
class ListLog final : public LogReader {
 public:
  bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) override {
    line = trimmed(line);
    if (line.empty()) return true;
    LogAccess access;
    access.kind = LogAccess::Kind::kListed;
    access.line = number;
    if (take_long_listing(line, access)) {
      if (line.front() != '-') return true;  // a folder, a link
    } else {
      take_with_tab(line, access);
    }
    if (access.path.empty()) return false;
    take_access(std::move(access));
    return true;
  }

 private:
  static void take_with_tab(std::string_view line, LogAccess& access) {
    access.path = std::string(line);
    const std::size_t first = line.find('\t'), last = line.rfind('\t');
    if (first == std::string_view::npos) return;
    const auto before = number_of(line.substr(0, first)), behind = number_of(line.substr(last + 1));
    if (behind) {
      access.bytes = behind;
      access.path = std::string(trimmed(line.substr(0, last)));
    } else if (before) {
      access.bytes = before;
      access.path = std::string(trimmed(line.substr(first + 1)));
    }
  }
};

class HashLog final : public LogReader {
 public:
  bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) override {
    while (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.empty()) return true;
    const std::string_view word = line.substr(0, line.find(' '));
    if (!is_hash(word)) return false;
    LogAccess access;
    access.kind = LogAccess::Kind::kHash;
    for (const char c : word)
      access.hash += static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c);
    std::string_view name = line.substr(word.size());
    while (name.starts_with(" ") || name.starts_with("*"))
      name.remove_prefix(1);
    access.path = std::string(name);
    access.line = number;
    take_access(std::move(access));
    return true;
  }
};

}  // namespace

bool recognises_hashes(const std::vector<std::string_view>& lines) {
  return !lines.empty() && std::all_of(lines.begin(), lines.end(), [](std::string_view line) {
    return is_hash(line.substr(0, line.find_first_of(" \r")));
  });
}

std::unique_ptr<LogReader> open_hashes(const LogSettings&) {
  return std::make_unique<HashLog>();
}

std::unique_ptr<LogReader> open_list(const LogSettings&) {
  return std::make_unique<ListLog>();
}

}  // namespace bulkhead::incident
