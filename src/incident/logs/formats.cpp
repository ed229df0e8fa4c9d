#include "incident/logs/formats.h"

#include "incident/incident.h"

namespace bulkhead::incident {

const std::vector<LogFormat>& log_formats() {
  static const std::vector<LogFormat> formats = {
      {"iis", recognises_iis, open_iis},
      {"sftpgo", recognises_sftpgo, open_sftpgo},
      {"openssh-sftp", recognises_sftp, open_sftp},
      {"vsftpd", recognises_vsftpd, open_vsftpd},
      {"xferlog", recognises_xferlog, open_xferlog},
      {"web", recognises_web, open_web},
      {"moveit", recognises_moveit, open_moveit},
      {"goanywhere", recognises_goanywhere, open_goanywhere},
      {"hashes", recognises_hashes, open_hashes},
      {"list", nullptr, open_list},
  };
  return formats;
}

std::string log_format_names() {
  std::string names;
  for (const LogFormat& format : log_formats()) {
    if (!names.empty()) names += ", ";
    names += format.name;
  }
  return names;
}

std::vector<std::string> log_format_choices() {
  std::vector<std::string> names = {"auto"};
  for (const LogFormat& format : log_formats())
    names.emplace_back(format.name);
  return names;
}

}  // namespace bulkhead::incident
