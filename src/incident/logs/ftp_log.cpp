// FTP servers: xferlog (wu-ftpd's format, which ProFTPD and vsftpd write too) and vsftpd's own.
#include "base/ascii.h"
#include "incident/logs/formats.h"
#include "incident/logs/log_time.h"
#include "incident/logs/number.h"
#include "incident/logs/take_word.h"

namespace bulkhead::incident {
namespace {

constexpr std::size_t kTimeLength = 24;  // "Sun May 28 01:02:03 2023"

std::string_view take_last_word(std::string_view& text) {
  while (text.ends_with(" "))
    text.remove_suffix(1);
  const std::size_t space = text.rfind(' ');
  const std::string_view word = space == std::string_view::npos ? text : text.substr(space + 1);
  text.remove_suffix(word.size());
  return word;
}

// xferlog(5): time, seconds, host, bytes, name, type, action flag, direction, access mode, user,
// service, authentication, its user, completion. The name may hold spaces: it is what is left.
class XferLog final : public LogReader {
 public:
  explicit XferLog(LogSettings settings) : settings_(std::move(settings)) {}
  bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) override {
    if (line.empty()) return true;
    if (line.size() < kTimeLength + 20) return false;
    LogAccess access;
    access.at = ctime_time(line, settings_);
    std::string_view rest = line.substr(kTimeLength);
    const std::string_view seconds = take_word(rest);
    if (seconds.empty() || !is_digit(seconds.front())) return false;
    access.address = std::string(take_word(rest));
    access.bytes = number_of(take_word(rest));
    const std::string_view completion = take_last_word(rest);
    take_last_word(rest);
    take_last_word(rest);
    take_last_word(rest);
    access.user = std::string(take_last_word(rest));
    take_last_word(rest);
    const std::string_view direction = take_last_word(rest);
    take_last_word(rest);
    take_last_word(rest);
    if (!access.bytes || (completion != "c" && completion != "i") || direction.size() != 1)
      return false;
    if (direction != "o") return true;
    while (rest.starts_with(" "))
      rest.remove_prefix(1);
    while (rest.ends_with(" "))
      rest.remove_suffix(1);
    access.path = std::string(rest);
    access.complete = completion == "c";
    access.line = number;
    if (access.path.empty()) return false;
    take_access(std::move(access));
    return true;
  }

 private:
  LogSettings settings_;
};

// Sun May 28 01:02:03 2023 [pid 2] [alice] OK DOWNLOAD: Client "203.0.113.5", "/x/y", 123 bytes, …
class VsftpdLog final : public LogReader {
 public:
  explicit VsftpdLog(LogSettings settings) : settings_(std::move(settings)) {}
  bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) override {
    if (line.empty()) return true;
    if (line.find("[pid ") == std::string_view::npos) return false;
    constexpr std::string_view kWhole = "] OK DOWNLOAD: Client \"";
    constexpr std::string_view kCut = "] FAIL DOWNLOAD: Client \"";
    const bool whole = line.find(kWhole) != std::string_view::npos;
    const std::size_t what = line.find(whole ? kWhole : kCut);
    if (what == std::string_view::npos) return true;
    LogAccess access;
    access.complete = whole;
    access.at = ctime_time(line, settings_);
    const std::size_t user = line.rfind('[', what);
    if (user != std::string_view::npos)
      access.user = std::string(line.substr(user + 1, what - user - 1));
    std::string_view rest = line.substr(what + (whole ? kWhole : kCut).size());
    const std::size_t address_end = rest.find('"');
    const std::size_t name_begin = rest.find("\", \"");
    const std::size_t name_end = rest.rfind("\", ");
    if (address_end == std::string_view::npos || name_begin == std::string_view::npos ||
        name_end < name_begin + 4)
      return false;
    std::string_view address = rest.substr(0, address_end);
    if (address.starts_with("::ffff:")) address.remove_prefix(7);
    access.address = std::string(address);
    access.path = std::string(rest.substr(name_begin + 4, name_end - name_begin - 4));
    const std::string_view behind = rest.substr(name_end + 3);
    access.bytes = number_of(behind.substr(0, behind.find(" bytes")));
    if (!whole && access.bytes.value_or(0) == 0) return true;  // nothing was given
    access.line = number;
    take_access(std::move(access));
    return true;
  }

 private:
  LogSettings settings_;
};

}  // namespace

bool recognises_vsftpd(const std::vector<std::string_view>& lines) {
  return !lines.empty() && lines.front().size() > 30 &&
         lines.front().substr(kTimeLength).starts_with(" [pid ");
}
bool recognises_xferlog(const std::vector<std::string_view>& lines) {
  if (lines.empty()) return false;
  LogSettings any;
  any.local_time = [](const std::string&) { return std::optional<UnixMicros>(0); };
  XferLog reader(any);
  const bool sense = reader.take(lines.front(), 1, [](LogAccess) {});
  return sense && ctime_time(lines.front(), any).has_value();
}
std::unique_ptr<LogReader> open_vsftpd(const LogSettings& settings) {
  return std::make_unique<VsftpdLog>(settings);
}
std::unique_ptr<LogReader> open_xferlog(const LogSettings& settings) {
  return std::make_unique<XferLog>(settings);
}

}  // namespace bulkhead::incident
