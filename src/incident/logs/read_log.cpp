#include "incident/logs/read_log.h"

#include <fcntl.h>
#include <fmt/format.h>

#include "base/fd.h"
#include "base/lines.h"
#include "incident/logs/formats.h"

namespace bulkhead::incident {
namespace {

constexpr std::size_t kBlockBytes = 1024 * 1024;
constexpr std::size_t kFirstLines = 1000;  // of the first block

std::vector<std::string_view> first_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kFirstLines) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.push_back(line);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

Result<const LogFormat*> format_of(const std::string& name, std::string_view beginning) {
  if (name != "auto") {
    for (const LogFormat& format : log_formats()) {
      if (format.name == name) return &format;
    }
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("there is no log format {}: one of auto, {}", name, log_format_names()));
  }
  const std::vector<std::string_view> lines = first_lines(beginning);
  for (const LogFormat& format : log_formats()) {
    if (format.recognises != nullptr && format.recognises(lines)) return &format;
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("it is the log of no product that is known: say --log-format, one of {}",
                          log_format_names()));
}

std::string_view without_mark(std::string_view text) {
  return text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
}

// Gives the lines to a reader, and counts.
class Follower {
 public:
  Follower(LogReader& reader, LogReport& report, const TakeAccess& take_access)
      : reader_(reader), report_(report), take_access_([this, &take_access](LogAccess access) {
          if (access.path.empty() && access.hash.empty()) {
            names_nothing_ = true;
            return;
          }
          ++report_.accesses;
          take_access(std::move(access));
        }) {}
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  void add(std::string_view block) {
    cutter_.put(block);
    for (Line line; cutter_.next(line);)
      take(line);
  }
  void finish() {
    if (Line line; cutter_.last(line)) take(line);
    const LogReader::Unfinished lost = reader_.finish();
    not_understood(lost.lines, lost.first);
  }

 private:
  void take(const Line& line) {
    std::string_view text = line.text;
    ++report_.lines;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (report_.lines == 1) text = without_mark(text);
    names_nothing_ = false;
    const bool sense = !line.too_long && reader_.take(text, report_.lines, take_access_);
    if (!sense || names_nothing_) not_understood(1, report_.lines);
  }
  void not_understood(std::uint64_t lines, std::uint64_t first) {
    if (lines == 0) return;
    if (report_.not_understood == 0 || first < report_.first_not_understood)
      report_.first_not_understood = first;
    report_.not_understood += lines;
  }

  LogReader& reader_;
  LogReport& report_;
  TakeAccess take_access_;
  LineCutter cutter_{kLogLineBytesMost};
  bool names_nothing_ = false;  // the line gives out something without a name
};

template <typename Next>
Result<LogReport> follow(const std::string& path, const std::string& format_name,
                         const LogSettings& settings, const TakeAccess& take_access,
                         const Next& next) {
  LogReport report;
  report.path = path;
  BH_TRY(std::string_view block, next());
  if (block.starts_with("\xFF\xFE") || block.starts_with("\xFE\xFF"))
    return fail(ErrorCode::kUnsupported, "it is UTF-16: save it as UTF-8");
  if (block.starts_with("\x1F\x8B"))
    return fail(ErrorCode::kUnsupported, "it is compressed (gzip): unpack it first");
  BH_TRY(const LogFormat* format, format_of(format_name, without_mark(block)));
  report.format = std::string(format->name);
  const std::unique_ptr<LogReader> reader = format->open(settings);
  Follower follower(*reader, report, take_access);
  while (!block.empty()) {
    follower.add(block);
    BH_TRY(block, next());
  }
  follower.finish();
  return report;
}

}  // namespace

Result<LogReport> read_log_text(std::string_view text, const std::string& format,
                                const LogSettings& settings, const TakeAccess& take_access) {
  bool given = false;
  return follow("log", format, settings, take_access, [&]() -> Result<std::string_view> {
    if (given) return std::string_view();
    given = true;
    return text;
  });
}

Result<LogReport> read_log(const std::string& path, const std::string& format,
                           const LogSettings& settings, const TakeAccess& take_access) {
  BH_TRY(const UniqueFd fd, open_file(path, O_RDONLY));
  Bytes buffer(kBlockBytes);
  std::uint64_t offset = 0;
  auto report = follow(path, format, settings, take_access, [&]() -> Result<std::string_view> {
    BH_TRY(const std::size_t count, read_at(fd.get(), buffer, offset, path));
    offset += count;
    return as_text(ByteView(buffer).first(count));
  });
  if (!report) return std::unexpected(report.error().within(path));
  return report;
}

}  // namespace bulkhead::incident
