// The "combined" and "common" log formats of nginx and Apache.
#include "incident/logs/formats.h"
#include "incident/logs/log_time.h"
#include "incident/logs/number.h"
#include "incident/logs/take_word.h"
#include "incident/logs/web_path.h"

namespace bulkhead::incident {
namespace {

// human2.aspx and the other names under which it was seen, anywhere on the site.
constexpr std::string_view kShells[] = {"human2.aspx", "_human2.aspx", "human2.aspx.lnk"};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// What is between the first `open` and the next `close`, which are taken off too. False: not there.
bool between(std::string_view& text, char open, char close, std::string_view& inside) {
  const std::size_t begin = text.find(open);
  if (begin == std::string_view::npos) return false;
  const std::size_t end = text.find(close, begin + 1);
  if (end == std::string_view::npos) return false;
  inside = text.substr(begin + 1, end - begin - 1);
  text.remove_prefix(end + 1);
  return true;
}

class WebLog final : public LogReader {
 public:
  bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) override {
    if (line.empty()) return true;
    LogAccess access;
    access.address = std::string(take_word(line));
    take_word(line);
    const std::string_view user = take_word(line);
    if (user != "-") access.user = std::string(user);
    std::string_view time, request;
    if (!between(line, '[', ']', time) || !between(line, '"', '"', request)) return false;
    const std::string_view status = take_word(line), bytes = take_word(line);
    if (status.size() != 3) return false;
    const std::string_view method = take_word(request);
    if (method != "GET" && method != "POST") return true;
    if (status != "200" && status != "206") return true;
    access.path = decoded_path(take_word(request));
    const bool unnamed = names_no_file(access.path);
    access.kind = unnamed ? LogAccess::Kind::kUnnamed : LogAccess::Kind::kDownload;
    if (method == "POST" && !unnamed) return true;
    access.of_web_server = true;
    access.at = web_time(time);
    access.bytes = number_of(bytes);
    access.line = number;
    take_access(std::move(access));
    return true;
  }
};

}  // namespace

std::string decoded_path(std::string_view path) {
  path = path.substr(0, path.find('?'));
  std::string result;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const int high = i + 2 < path.size() ? hex_digit(path[i + 1]) : -1;
    const int low = i + 2 < path.size() ? hex_digit(path[i + 2]) : -1;
    if (path[i] == '%' && high >= 0 && low >= 0) {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += path[i];
    }
  }
  return result;
}

bool names_no_file(std::string_view path) {
  std::string lower;
  for (const char c : path)
    lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  const std::string_view last = std::string_view(lower).substr(lower.rfind('/') + 1);
  for (const std::string_view shell : kShells) {
    if (last == shell) return true;
  }
  // The REST interface of MOVEit Transfer: files by number.
  return lower.starts_with("/api/v1/") && lower.find("/files/") != std::string::npos &&
         last == "download";
}

bool recognises_web(const std::vector<std::string_view>& lines) {
  if (lines.empty()) return false;
  std::string_view line = lines.front();
  std::string_view time, request;
  return between(line, '[', ']', time) && between(line, '"', '"', request) &&
         web_time(time).has_value() && request.find(" HTTP/") != std::string_view::npos;
}

std::unique_ptr<LogReader> open_web(const LogSettings&) {
  return std::make_unique<WebLog>();
}

}  // namespace bulkhead::incident
