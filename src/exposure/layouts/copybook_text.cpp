#include "exposure/layouts/copybook_text.h"

#include <algorithm>

#include "base/ascii.h"
#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kIndicatorColumn = 6;  // counted from 0
constexpr std::size_t kLastColumn = 72;

// What a line says, without the areas that are not program text.
std::string_view program_text(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
    line.remove_suffix(1);
  if (line.find('\t') == std::string_view::npos && line.size() > kIndicatorColumn) {
    const std::string_view sequence = line.substr(0, kIndicatorColumn);
    const bool blank = trimmed(sequence).empty();
    const bool numbered = std::all_of(sequence.begin(), sequence.end(), is_digit);
    const char indicator = line[kIndicatorColumn];
    if (blank || numbered) {
      if (indicator == '*' || indicator == '/' || indicator == 'D' || indicator == 'd') {
        // "D" is a debugging line only where a blank follows: free text may begin in this column.
        if (indicator == '*' || indicator == '/' || line.substr(7, 1) == " ") return {};
      }
      // Program identification behind column 72; a word that crosses it shows free text.
      const bool wide = line.size() > kLastColumn && (numbered || line.size() <= 80);
      if (wide && (line[kLastColumn - 1] == ' ' || line[kLastColumn] == ' ' || numbered))
        line = line.substr(0, kLastColumn);
      if (numbered || indicator == '-') line = line.substr(kIndicatorColumn);
      if (!line.empty() && line[0] == '-') line.remove_prefix(1);
    }
  }
  line = trimmed(line);
  if (line.starts_with("*")) return {};
  return line;
}

class Lexer {
 public:
  Lexer(std::vector<CobolWord>& words, std::size_t most) : words_(words), most_(most) {}

  void line(std::string_view text, std::uint32_t number) {
    number_ = number;
    while (!text.empty() && words_.size() < most_) {
      const char c = text[0];
      if (c == ' ' || c == '\t' || c == ',' || c == ';') {
        text.remove_prefix(1);
      } else if (text.starts_with("*>")) {
        return;
      } else if (c == '\'' || c == '"') {
        text.remove_prefix(literal(text, c));
      } else {
        text.remove_prefix(word(text));
      }
    }
  }

 private:
  std::size_t literal(std::string_view text, char quote) {
    const std::size_t end = std::min(text.find(quote, 1), text.size());
    words_.push_back(
        {"'" + std::string(text.substr(1, std::min<std::size_t>(end - 1, 80))), number_});
    std::size_t taken = std::min(end + 1, text.size());
    if (text.substr(taken).starts_with(".")) {
      words_.back().ends_statement = true;
      ++taken;
    }
    return taken;
  }

  std::size_t word(std::string_view text) {
    const std::size_t end = std::min(text.find_first_of(" \t;"), text.size());
    std::string value(text.substr(0, std::min<std::size_t>(end, 128)));
    while (value.ends_with(","))
      value.pop_back();
    const bool stop = value.ends_with(".");
    while (value.ends_with("."))
      value.pop_back();
    for (char& c : value)
      c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    if (value.empty()) {
      if (stop && !words_.empty()) words_.back().ends_statement = true;
      return std::max<std::size_t>(end, 1);
    }
    words_.push_back({std::move(value), number_, stop});
    return end;
  }

  std::vector<CobolWord>& words_;
  std::size_t most_;
  std::uint32_t number_ = 0;
};

}  // namespace

std::vector<CobolWord> cobol_words(std::string_view text, std::size_t most) {
  std::vector<CobolWord> words;
  Lexer lexer(words, most);
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    lexer.line(program_text(text.substr(0, end)), number);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return words;
}

}  // namespace bulkhead::exposure
