// bulkhead-sftp-session: one client's SSH connection, from a fresh process to its end. Sandboxed;
// holds no key of ours, knows no user, names no file on disk.
#include <ctime>

#include "base/clock.h"
#include "base/log.h"
#include "processes/common/confined.h"
#include "processes/sftp_session/sftp_channel.h"
#include "ssh/serve.h"

namespace bulkhead::processes {
namespace {

Status serve_sftp(UniqueFd client, channel::Client& vault) {
  ChannelAuthority authority(vault);
  Clock& clock = system_clock();
  SftpServices services(vault, authority, clock);
  ssh::Ending ending{};
  {
    ssh::Connection connection(authority, services, {}, clock);
    ending = ssh::serve(client.get(), connection, clock);
  }
  log_debug("connection ended", {{"how", ending.message}});
  return {};
}

}  // namespace
}  // namespace bulkhead::processes

// The time zone is read now: listings show local dates, and later no file can be opened.
int main(int argc, char** argv) {
  return bulkhead::processes::run_edge(
      argc, argv,
      {.name = "sftp-session", .prepare = ::tzset, .serve = bulkhead::processes::serve_sftp});
}
