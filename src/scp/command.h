// The command line with which an scp client starts its other half: "scp -t folder".
//
// There is no shell: clients write for one (RFC 4254 section 6.5 leaves the text to the system), so
// what a shell does with quotes, '~' and wildcards is done here, and everything that would make a
// shell run something, or look into its variables, is refused.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bulkhead::scp {

struct Word {
  std::string text;     // without its quotes
  std::string pattern;  // as pattern.h wants it: what was quoted is behind a backslash
  bool wild = false;    // an unquoted '*', '?' or '[' is in it
  bool tilde = false;   // begins with an unquoted '~'
};

enum class Role {
  kSink,    // -t: the client sends
  kSource,  // -f: the client gets
};

struct Command {
  Role role = Role::kSink;
  bool recursive = false;            // -r
  bool times = false;                // -p: times and modes
  bool target_is_directory = false;  // -d
  std::vector<Word> words;           // one for a sink, at least one for a source
};

// Whether somebody means scp at all: anything else is not for us, and is refused without a word.
bool is_scp(std::string_view command);

// `text` is hostile. kInvalidArgument and kLimitExceeded with a sentence for the client.
Result<Command> parse_command(std::string_view text);

}  // namespace bulkhead::scp
