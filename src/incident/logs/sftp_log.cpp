// OpenSSH's internal-sftp and sftp-server in syslog: "close "/x" bytes read 12 written 0". Who and
// from where stands in the line that opened the session, of the same process.
#include <map>

#include "incident/logs/formats.h"
#include "incident/logs/log_time.h"
#include "incident/logs/number.h"
#include "incident/logs/take_word.h"

namespace bulkhead::incident {
namespace {

constexpr std::string_view kPrograms[] = {"internal-sftp[", "sftp-server["};
constexpr std::size_t kSessionsMost = 100'000;

struct SyslogLine {
  std::string_view time, process, message;
};

std::optional<SyslogLine> split(std::string_view line) {
  for (const std::string_view program : kPrograms) {
    const std::size_t at = line.find(program);
    if (at == std::string_view::npos) continue;
    const std::size_t end = line.find("]: ", at);
    if (end == std::string_view::npos) return std::nullopt;
    return SyslogLine{line.substr(0, at),
                      line.substr(at + program.size(), end - at - program.size()),
                      line.substr(end + 3)};
  }
  return std::nullopt;
}

// A name in quotes with backslashes before quotes and backslashes; `text` goes on behind it.
std::optional<std::string> take_quoted(std::string_view& text) {
  const std::size_t begin = text.find('"');
  if (begin == std::string_view::npos) return std::nullopt;
  std::string name;
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return name;
    }
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    name += text[i];
  }
  return std::nullopt;
}

class SftpLog final : public LogReader {
 public:
  explicit SftpLog(LogSettings settings) : settings_(std::move(settings)) {}

  bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) override {
    const auto parts = split(line);
    if (!parts) return true;  // syslog has much else in it
    std::string_view message = parts->message;
    if (message.starts_with("session opened for local user ")) return session(*parts);
    if (message.starts_with("session closed for local user ")) {
      sessions_.erase(std::string(parts->process));  // its number will be another's
      return true;
    }
    const bool forced = message.starts_with("forced close ");
    if (!forced && !message.starts_with("close ")) return true;
    const auto name = take_quoted(message);
    constexpr std::string_view kRead = " bytes read ";
    if (!name) return false;
    if (!message.starts_with(kRead)) return true;  // a folder
    message.remove_prefix(kRead.size());
    const auto count = number_of(take_word(message));
    if (!count) return false;
    if (*count == 0) return true;
    LogAccess access;
    access.path = *name;
    access.bytes = count;
    access.complete = !forced;
    // With a year where rsyslog writes RFC 3339.
    access.at = log_time(parts->time, settings_);
    if (!access.at) access.at = syslog_time(parts->time, settings_);
    if (const auto at = sessions_.find(parts->process); at != sessions_.end()) {
      access.user = at->second.first;
      access.address = at->second.second;
    }
    access.line = number;
    take_access(std::move(access));
    return true;
  }

 private:
  bool session(const SyslogLine& parts) {
    std::string_view rest = parts.message.substr(30);
    const std::size_t from = rest.find(" from [");
    if (from == std::string_view::npos) return false;
    const std::string_view address = rest.substr(from + 7, rest.find(']', from) - from - 7);
    if (sessions_.size() >= kSessionsMost) sessions_.clear();
    sessions_[std::string(parts.process)] = {std::string(rest.substr(0, from)),
                                             std::string(address)};
    return true;
  }

  LogSettings settings_;
  std::map<std::string, std::pair<std::string, std::string>, std::less<>> sessions_;
};

}  // namespace

bool recognises_sftp(const std::vector<std::string_view>& lines) {
  for (const std::string_view line : lines) {
    if (split(line)) return true;
  }
  return false;
}

std::unique_ptr<LogReader> open_sftp(const LogSettings& settings) {
  return std::make_unique<SftpLog>(settings);
}

}  // namespace bulkhead::incident
