// IIS: the W3C extended log file format. Times are UTC; the #Fields line says which columns there
// are, and may come again with others.
#include "incident/logs/formats.h"
#include "incident/logs/log_time.h"
#include "incident/logs/number.h"
#include "incident/logs/web_path.h"

namespace bulkhead::incident {
namespace {

enum Field { kDate, kTime, kMethod, kStem, kStatus, kBytes, kUser, kClient, kFields };
constexpr std::string_view kFieldNames[] = {"date",      "time",     "cs-method",   "cs-uri-stem",
                                            "sc-status", "sc-bytes", "cs-username", "c-ip"};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::size_t end = line.find(' ');
    if (end != 0) words.push_back(line.substr(0, end));
    if (end == std::string_view::npos) break;
    line.remove_prefix(end + 1);
  }
  return words;
}

class W3cLog final : public LogReader {
 public:
  bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) override {
    if (line.empty()) return true;
    if (line.starts_with("#")) return directive(line);
    const std::vector<std::string_view> words = words_of(line);
    if (words.size() != columns_ || columns_ == 0) return false;
    const auto value = [&](Field field) {
      const std::string_view word = at_[field] < words.size() ? words[at_[field]] : "-";
      return word == "-" ? std::string_view() : word;
    };
    const bool by_ftp =
        value(kMethod).ends_with("RETR");  // IIS' FTP server, "[12]RETR" in old ones
    const std::string_view status = value(kStatus);
    const bool given =
        by_ftp ? status == "226" || status == "426" : status == "200" || status == "206";
    if (!given || value(kMethod) == "HEAD") return true;
    LogAccess access;
    access.path = decoded_path(value(kStem));
    const bool unnamed = names_no_file(access.path);
    access.kind = unnamed ? LogAccess::Kind::kUnnamed : LogAccess::Kind::kDownload;
    if (!unnamed && !by_ftp && value(kMethod) != "GET") return true;
    access.complete = status != "426";  // RFC 959: connection closed, transfer aborted
    access.at = utc_time(std::string(value(kDate)) + " " + std::string(value(kTime)));
    access.bytes = number_of(value(kBytes));
    access.of_web_server = !by_ftp;
    access.user = std::string(value(kUser));
    access.address = std::string(value(kClient));
    access.line = number;
    take_access(std::move(access));
    return true;
  }

 private:
  bool directive(std::string_view line) {
    if (!line.starts_with("#Fields:")) return true;
    const std::vector<std::string_view> words = words_of(line.substr(8));
    columns_ = words.size();
    for (std::size_t field = 0; field < kFields; ++field) {
      at_[field] = std::string::npos;
      for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == kFieldNames[field]) at_[field] = i;
      }
    }
    return at_[kStem] != std::string::npos && at_[kStatus] != std::string::npos;
  }

  std::size_t at_[kFields] = {};
  std::size_t columns_ = 0;
};

}  // namespace

bool recognises_iis(const std::vector<std::string_view>& lines) {
  for (const std::string_view line : lines) {
    if (line.starts_with("#Fields:") && line.find("cs-uri-stem") != std::string_view::npos)
      return true;
  }
  return false;
}

std::unique_ptr<LogReader> open_iis(const LogSettings&) {
  return std::make_unique<W3cLog>();
}

}  // namespace bulkhead::incident
