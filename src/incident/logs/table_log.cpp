#include "incident/logs/table_log.h"

#include <algorithm>

#include "incident/logs/log_time.h"
#include "incident/logs/number.h"

namespace bulkhead::incident {
namespace {

bool starts_without_case(std::string_view text, std::string_view beginning) {
  return plain_name(text).starts_with(plain_name(beginning));
}

bool tells_error(const TableLog& table, std::string_view value) {
  const std::string plain = plain_name(value);
  return !plain.empty() &&
         std::none_of(table.no_error.begin(), table.no_error.end(),
                      [&](std::string_view word) { return plain_name(word) == plain; });
}

}  // namespace

// The audit log as MOVEit Transfer's help describes its columns, and the names of the `log` table
// in its database.
const TableLog kMoveItTable = {
    .product = "moveit",
    .where = "MOVEit Transfer's administrator help, \"Database Partial Schema\" and \"Logs\"",
    .names = {{"LogTime", "Date and Time", "Date/Time", "Time Stamp", "Date"},
              {"Action"},
              {"FileName", "File Name", "File", "Name"},
              {"FolderPath", "Folder Path", "Folder Name", "Folder"},
              {"XferSize", "Xfer Size", "Transfer Size", "File Size", "Size", "Bytes"},
              {"Username", "User Name", "User", "Login Name"},
              {"IPAddress", "IP Address", "IP", "Client IP"},
              {"Error", "Error Code", "ErrorCode", "Success"}},
    .downloads = {"file_download", "download", "file_view", "viewed file", "msg_file_download",
                  "attachment_download"},
    .no_error = {"0", "none", "null", "\\N", "n/a", "true", "yes", "success"},
    .needed = {Column::kTime, Column::kAction, Column::kFile, Column::kBytes}};

// Exports of its file audit logs differ by protocol and release; these are the headings.
const TableLog kGoAnywhereTable = {
    .product = "goanywhere",
    .where = "headings of GoAnywhere's audit logs of files",
    .names = {{"Timestamp", "Date", "Start Time", "Event Time", "Time", "Date and Time"},
              {"Event Type", "Event", "Command", "Action", "Activity"},
              {"File Path", "File", "File Name", "Path", "Remote File"},
              {"Folder", "Directory"},
              {"Bytes", "File Size", "Bytes Transferred", "Size", "Data Transferred"},
              {"User Name", "Username", "User", "Web User", "User ID"},
              {"Remote IP", "IP Address", "Remote Address", "Client IP", "Remote Host"},
              {"Status", "Result", "Error"}},
    .downloads = {"download", "get", "retr", "file download", "read"},
    .no_error = {"successful", "success", "ok", "completed", "complete", "0"},
    .needed = {Column::kTime, Column::kAction, Column::kFile}};

// docs/logs.md of SFTPGo: "transfer logs", one JSON object a line.
const TableLog kSftpGoTable = {.product = "sftpgo",
                               .where = "SFTPGo's documentation, \"Logs\"",
                               .names = {{"time"},
                                         {"sender"},
                                         {"file_path"},
                                         {},
                                         {"size_bytes"},
                                         {"username"},
                                         {"remote_addr"},
                                         {"error"}},
                               .downloads = {"Download"},
                               .no_error = {},
                               .needed = {Column::kTime, Column::kAction}};

std::string plain_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (c == ' ' || c == '_' || c == '-' || c == '"') continue;
    result += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  }
  return result;
}

std::size_t column_at(const TableLog& table, Column column,
                      const std::vector<std::string>& header) {
  for (const std::string_view name : table.names[static_cast<std::size_t>(column)]) {
    for (std::size_t i = 0; i < header.size(); ++i) {
      if (plain_name(header[i]) == plain_name(name)) return i;
    }
  }
  return std::string::npos;
}

bool fits(const TableLog& table, const std::vector<std::string>& header) {
  return std::all_of(table.needed.begin(), table.needed.end(), [&](Column column) {
    return column_at(table, column, header) != std::string::npos;
  });
}

bool take_row(const TableLog& table, const TableRow& row, std::uint64_t line,
              const LogSettings& settings, const TakeAccess& take_access) {
  const std::string& action = row[Column::kAction];
  if (action.empty()) return false;
  const bool given = std::any_of(
      table.downloads.begin(), table.downloads.end(),
      [&](std::string_view beginning) { return starts_without_case(action, beginning); });
  if (!given) return true;
  if (row[Column::kFile].empty()) return false;
  LogAccess access;
  access.complete = !tells_error(table, row[Column::kError]);
  access.path = row[Column::kFile];
  if (!row[Column::kFolder].empty()) access.path = row[Column::kFolder] + "/" + access.path;
  access.at = log_time(row[Column::kTime], settings);
  access.bytes = number_of(row[Column::kBytes]);
  const bool nothing = access.bytes == 0U || row[Column::kBytes].empty();
  if (!access.complete && nothing) return true;  // refused: nothing was given
  access.user = row[Column::kUser];
  access.address = row[Column::kAddress];
  access.line = line;
  take_access(std::move(access));
  return true;
}

}  // namespace bulkhead::incident
