// Which logs are read, and how one is recognised.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "incident/logs/access.h"

namespace bulkhead::incident {

struct LogFormat {
  std::string_view name;  // of --log-format
  // Whether the first lines look like it; null: only where it is asked for by name.
  bool (*recognises)(const std::vector<std::string_view>& first_lines);
  std::unique_ptr<LogReader> (*open)(const LogSettings& settings);
};

// In the order in which they are tried.
const std::vector<LogFormat>& log_formats();
std::string log_format_names();  // "moveit, iis, …"

// Each in its own file.
bool recognises_moveit(const std::vector<std::string_view>& lines);
bool recognises_goanywhere(const std::vector<std::string_view>& lines);
std::unique_ptr<LogReader> open_moveit(const LogSettings& settings);
std::unique_ptr<LogReader> open_goanywhere(const LogSettings& settings);
bool recognises_sftpgo(const std::vector<std::string_view>& lines);
std::unique_ptr<LogReader> open_sftpgo(const LogSettings& settings);
bool recognises_iis(const std::vector<std::string_view>& lines);
std::unique_ptr<LogReader> open_iis(const LogSettings& settings);
bool recognises_web(const std::vector<std::string_view>& lines);
std::unique_ptr<LogReader> open_web(const LogSettings& settings);
bool recognises_xferlog(const std::vector<std::string_view>& lines);
std::unique_ptr<LogReader> open_xferlog(const LogSettings& settings);
bool recognises_vsftpd(const std::vector<std::string_view>& lines);
std::unique_ptr<LogReader> open_vsftpd(const LogSettings& settings);
bool recognises_sftp(const std::vector<std::string_view>& lines);
std::unique_ptr<LogReader> open_sftp(const LogSettings& settings);
bool recognises_hashes(const std::vector<std::string_view>& lines);
std::unique_ptr<LogReader> open_hashes(const LogSettings& settings);
std::unique_ptr<LogReader> open_list(const LogSettings& settings);

}  // namespace bulkhead::incident
