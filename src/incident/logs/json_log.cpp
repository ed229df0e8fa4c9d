// SFTPGo: one JSON object a line.
#include <simdjson.h>

#include "incident/logs/formats.h"
#include "incident/logs/table_log.h"

namespace bulkhead::incident {
namespace {

constexpr std::size_t kDepthMost = 16;

std::string text_of(simdjson::dom::element object, std::string_view key) {
  simdjson::dom::element at;
  if (object[key].get(at) != simdjson::SUCCESS) return "";
  if (std::string_view text; at.get(text) == simdjson::SUCCESS) return std::string(text);
  if (std::int64_t number = 0; at.get(number) == simdjson::SUCCESS) return std::to_string(number);
  return "";
}

class JsonLog final : public LogReader {
 public:
  explicit JsonLog(LogSettings settings)
      : settings_(std::move(settings)),
        ready_(parser_.allocate(kLogLineBytesMost, kDepthMost) == simdjson::SUCCESS) {}

  bool take(std::string_view line, std::uint64_t number, const TakeAccess& take_access) override {
    if (line.empty()) return true;
    padded_.assign(line);
    padded_.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    simdjson::dom::element object;
    if (!ready_ ||
        parser_.parse(padded_.data(), line.size(), false).get(object) != simdjson::SUCCESS ||
        !object.is_object())
      return false;
    TableRow row;
    for (std::size_t i = 0; i < kColumns; ++i) {
      for (const std::string_view name : kSftpGoTable.names[i]) {
        if (row.value[i].empty()) row.value[i] = text_of(object, name);
      }
    }
    std::string& address = row.value[static_cast<std::size_t>(Column::kAddress)];
    if (const std::size_t port = address.rfind(':');
        port != std::string::npos && address.find(':') == port)
      address.erase(port);
    return take_row(kSftpGoTable, row, number, settings_, take_access);
  }

 private:
  LogSettings settings_;
  simdjson::dom::parser parser_;
  std::string padded_;
  bool ready_;
};

}  // namespace

bool recognises_sftpgo(const std::vector<std::string_view>& lines) {
  return !lines.empty() && lines.front().starts_with("{") &&
         lines.front().find("\"sender\":") != std::string_view::npos;
}

std::unique_ptr<LogReader> open_sftpgo(const LogSettings& settings) {
  return std::make_unique<JsonLog>(settings);
}

}  // namespace bulkhead::incident
