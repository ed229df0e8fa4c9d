#include "base/log.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/json_writer.h"

namespace bulkhead {
namespace {

struct LogSettings {
  std::string process = "bulkhead";
  LogFormat format = LogFormat::kText;
  LogLevel least = LogLevel::kInfo;
};

LogSettings& settings() {
  static LogSettings instance;
  return instance;
}

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarning:
      return "warning";
    case LogLevel::kError:
      return "error";
  }
  return "error";
}

void write_value(JsonWriter& json, const LogField& field) {
  json.key(field.key);
  std::visit([&json](const auto& value) { json.value(value); }, field.value);
}

std::string as_json(LogLevel level, std::string_view message,
                    std::initializer_list<LogField> fields) {
  JsonWriter json;
  json.begin_object();
  json.member("at", to_rfc3339(system_clock().now()));
  json.member("level", level_name(level));
  json.member("process", settings().process);
  json.member("message", message);
  for (const LogField& field : fields)
    write_value(json, field);
  json.end_object();
  return std::move(json).take() + "\n";
}

std::string as_line(LogLevel level, std::string_view message,
                    std::initializer_list<LogField> fields) {
  std::string line = to_rfc3339(system_clock().now());
  line.append(" ")
      .append(settings().process)
      .append(" ")
      .append(level_name(level))
      .append(": ")
      .append(message);
  for (const LogField& field : fields) {
    JsonWriter json;  // quotes and escapes text, so that a line stays one line
    std::visit([&json](const auto& value) { json.value(value); }, field.value);
    line.append(" ").append(field.key).append("=").append(std::move(json).take());
  }
  return line + "\n";
}

}  // namespace

void configure_log(std::string_view process, LogFormat format, LogLevel least) {
  settings() = {std::string(process), format, least};
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level < settings().least) return;
  const std::string line = settings().format == LogFormat::kJson ? as_json(level, message, fields)
                                                                 : as_line(level, message, fields);
  // Nothing useful can be done when stderr is gone.
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace bulkhead
