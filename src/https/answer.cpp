#include "https/answer.h"

#include <fmt/format.h>

#include <array>
#include <ctime>

#include "base/json_writer.h"

namespace bulkhead::https {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};
constexpr Reason kReasons[] = {{200, "OK"},
                               {201, "Created"},
                               {204, "No Content"},
                               {206, "Partial Content"},
                               {304, "Not Modified"},
                               {400, "Bad Request"},
                               {401, "Unauthorized"},
                               {403, "Forbidden"},
                               {404, "Not Found"},
                               {405, "Method Not Allowed"},
                               {408, "Request Timeout"},
                               {409, "Conflict"},
                               {411, "Length Required"},
                               {412, "Precondition Failed"},
                               {413, "Content Too Large"},
                               {414, "URI Too Long"},
                               {415, "Unsupported Media Type"},
                               {416, "Range Not Satisfiable"},
                               {417, "Expectation Failed"},
                               {429, "Too Many Requests"},
                               {431, "Request Header Fields Too Large"},
                               {500, "Internal Server Error"},
                               {501, "Not Implemented"},
                               {505, "HTTP Version Not Supported"},
                               {507, "Insufficient Storage"}};

struct StatusRow {
  ErrorCode code;
  int status;
};
constexpr StatusRow kStatuses[] = {
    {ErrorCode::kInvalidArgument, 400},  {ErrorCode::kMalformed, 400},
    {ErrorCode::kNotFound, 404},         {ErrorCode::kAlreadyExists, 412},
    {ErrorCode::kPermissionDenied, 403}, {ErrorCode::kNotAuthenticated, 401},
    {ErrorCode::kRefused, 403},          {ErrorCode::kUnsupported, 501},
    {ErrorCode::kLimitExceeded, 429},    {ErrorCode::kConflict, 409},
    {ErrorCode::kNotEmpty, 409},         {ErrorCode::kIsDirectory, 409},
    {ErrorCode::kNotDirectory, 409},     {ErrorCode::kNoSpace, 507}};

constexpr std::string_view kAlways =
    "Cache-Control: no-store\r\n"
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Strict-Transport-Security: max-age=31536000\r\n"
    "X-Content-Type-Options: nosniff\r\n";

std::string_view phrase_of(int status) {
  for (const Reason& reason : kReasons) {
    if (reason.status == status) return reason.phrase;
  }
  BH_ASSERT(false);
}

}  // namespace

std::string http_date(std::int64_t unix_s) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t time = unix_s;
  std::tm parts{};
  if (::gmtime_r(&time, &parts) == nullptr) return http_date(0);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                     kMonths[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string head_text(const AnswerHead& head, UnixMicros now) {
  std::string text =
      fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n{}", head.status, phrase_of(head.status),
                  http_date(now / kMicrosPerSecond), kAlways);
  for (const auto& [name, value] : head.fields)
    text += fmt::format("{}: {}\r\n", name, value);
  if (head.close) text += "Connection: close\r\n";
  return text += "\r\n";
}

std::string error_body(std::string_view why) {
  JsonWriter json;
  json.begin_object();
  json.member("error", why);
  json.end_object();
  return std::move(json).take() + "\n";
}

int status_of(ErrorCode code) {
  for (const StatusRow& row : kStatuses) {
    if (row.code == code) return row.status;
  }
  return 500;
}

}  // namespace bulkhead::https
