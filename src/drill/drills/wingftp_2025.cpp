// Wing FTP Server, July 2025 (CVE-2025-47812): a check saw a user's name up to its NUL, what was
// written into the session saw all of it. Here: somebody with an account of their own logs in with
// a name that holds another one behind a NUL or a control character; and names files so.
#include <fmt/format.h>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/login.h"

namespace bulkhead::drill {
namespace {

constexpr std::string_view kSeparators[] = {
    std::string_view("\0", 1), "\n", "\r\n", "\x1b[2J", "%00", "\x7f", "/", ";"};

// Names of files that end early, or lead elsewhere, for whoever reads them as text.
std::uint64_t name_files(Scene& scene, const Person& guest) {
  std::uint64_t refused = 0;
  for (const std::string_view separator : kSeparators) {
    TakenEdge edge(scene.stage);
    if (!log_in(edge, guest)) throw Interrupted("the guest cannot log in");
    channel::Request request;
    channel::Path& path = *request.mutable_open_file()->mutable_path();
    path.add_component("home");
    path.add_component(scene.basil.name + std::string(separator) + guest.name);
    request.mutable_open_file()->set_read(true);
    const auto reply = edge.ask(request);
    if (!reply || reply->message.code() != 0) ++refused;
  }
  return refused;
}

}  // namespace

void wingftp_2025(Scene& scene, Report& report) {
  scene.set_up();
  const Person guest{.name = "guest",
                     .organisation = scene.basil.organisation,
                     .role = "user",
                     .password = "",
                     .totp_secret = "",
                     .login_methods = {}};
  scene.stage.add_person(guest);
  scene.attack();
  std::uint64_t refused = 0;
  for (const std::string_view separator : kSeparators) {
    Person disguised = guest;
    for (const std::string& name : {guest.name + std::string(separator) + scene.basil.name,
                                    scene.basil.name + std::string(separator) + guest.name}) {
      disguised.name = name;
      TakenEdge edge(scene.stage);
      if (!log_in(edge, disguised)) ++refused;
      walk(edge, "/home/" + scene.basil.name);
    }
  }
  const std::uint64_t names = name_files(scene, guest);
  report.seconds_to_breaker = scene.stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the vault: names have a length and are compared whole ({} of {} disguised log-ins and {} of "
      "{} "
      "names of files refused)",
      refused, 2 * std::size(kSeparators), names, std::size(kSeparators));
}

}  // namespace bulkhead::drill
