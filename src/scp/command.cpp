#include "scp/command.h"

#include <fmt/format.h>

#include "scp/limits.h"

namespace bulkhead::scp {
namespace {

constexpr std::string_view kProgram = "scp";
constexpr std::string_view kBlanks = " \t";
// What means something to a shell that is not done here. Unquoted only, but for what also means
// something within double quotes.
constexpr std::string_view kShellOnly = "|&;<>()$`\n\r";
constexpr std::string_view kShellOnlyInDoubleQuotes = "$`";
constexpr std::string_view kWild = "*?[";
constexpr std::string_view kEscapedInPatterns = "*?[]\\";

std::unexpected<Error> refuse(std::string_view why) {
  return fail(ErrorCode::kInvalidArgument, std::string(why));
}

// Cuts the command into words (the token recognition of POSIX's shell, XCU 2.2 and 2.3, as far as
// file names need it).
class WordReader {
 public:
  explicit WordReader(std::string_view text) : rest_(text) {}

  // False at the end.
  Result<bool> next(Word& word) {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
    if (rest_.empty()) return false;
    if (rest_.front() == '#') return refuse("The command has a comment.");
    word = {.tilde = rest_.front() == '~'};
    while (!rest_.empty() && kBlanks.find(rest_.front()) == std::string_view::npos) {
      const char c = take();
      if (c == '\'') {
        BH_CHECK(single_quoted(word));
      } else if (c == '"') {
        BH_CHECK(double_quoted(word));
      } else if (c == '\\') {
        if (rest_.empty() || rest_.front() == '\n')
          return refuse("The command ends in a backslash.");
        add_quoted(word, take());
      } else if (kShellOnly.find(c) != std::string_view::npos || c == '\0') {
        return refuse("There is no shell here: put quotes around names with special characters.");
      } else {
        word.wild |= kWild.find(c) != std::string_view::npos;
        word.text.push_back(c);
        word.pattern.push_back(c);
      }
    }
    return true;
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  static void add_quoted(Word& word, char c) {
    if (kEscapedInPatterns.find(c) != std::string_view::npos) word.pattern.push_back('\\');
    word.text.push_back(c);
    word.pattern.push_back(c);
  }
  Status single_quoted(Word& word) {
    for (;;) {
      if (rest_.empty()) return refuse("The command ends within quotes.");
      const char c = take();
      if (c == '\'') return {};
      add_quoted(word, c);
    }
  }
  Status double_quoted(Word& word) {
    for (;;) {
      if (rest_.empty()) return refuse("The command ends within quotes.");
      char c = take();
      if (c == '"') return {};
      if (kShellOnlyInDoubleQuotes.find(c) != std::string_view::npos) {
        return refuse("There is no shell here: '$' and '`' mean nothing within double quotes.");
      }
      // A backslash quotes what means something here, and is itself otherwise.
      constexpr std::string_view kEscapable = "$`\"\\";
      if (c == '\\' && !rest_.empty() && kEscapable.find(rest_.front()) != std::string_view::npos)
        c = take();
      add_quoted(word, c);
    }
  }

  std::string_view rest_;
};

struct Options {
  bool sink = false;
  bool source = false;
};

Status read_options(std::string_view letters, Command& command, Options& options) {
  for (const char letter : letters) {
    switch (letter) {
      case 't':
        options.sink = true;
        break;
      case 'f':
        options.source = true;
        break;
      case 'r':
        command.recursive = true;
        break;
      case 'p':
        command.times = true;
        break;
      case 'd':
        command.target_is_directory = true;
        break;
      case 'v':  // talks more on the other side
        break;
      default:
        return refuse("The command has an option that this server's scp does not have.");
    }
  }
  return {};
}

}  // namespace

bool is_scp(std::string_view command) {
  command.remove_prefix(std::min(command.find_first_not_of(kBlanks), command.size()));
  return command.starts_with(kProgram) &&
         (command.size() == kProgram.size() ||
          kBlanks.find(command[kProgram.size()]) != std::string_view::npos);
}

Result<Command> parse_command(std::string_view text) {
  if (text.size() > kMaxCommandBytes) {
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("The command is longer than {} bytes.", kMaxCommandBytes));
  }
  WordReader reader(text);
  Word word;
  BH_TRY(bool more, reader.next(word));
  if (!more || word.text != kProgram) return refuse("The command is not scp.");
  Command command;
  Options options;
  bool options_over = false;
  for (;;) {
    BH_TRY(more, reader.next(word));
    if (!more) break;
    if (!options_over && word.text == "--") {
      options_over = true;
    } else if (!options_over && word.text.size() > 1 && word.text.front() == '-') {
      BH_CHECK(read_options(std::string_view(word.text).substr(1), command, options));
    } else {
      options_over = true;
      if (command.words.size() == kMaxWords)
        return fail(ErrorCode::kLimitExceeded,
                    fmt::format("The command names more than {} files.", kMaxWords));
      command.words.push_back(std::move(word));
    }
  }
  if (options.sink == options.source) return refuse("scp is started with either -t or -f here.");
  command.role = options.sink ? Role::kSink : Role::kSource;
  if (command.words.empty()) return refuse("The command names no file.");
  if (options.sink && command.words.size() != 1)
    return refuse("The command names more than one target.");
  return command;
}

}  // namespace bulkhead::scp
