// Accellion FTA, December 2020 (CVE-2021-27101 and others): the web tier's database credentials
// were enough to write what the server believed. Here: somebody with an account of their own and
// the catalogue's file gives that account everything, while the server runs and while it stands.
#include <fmt/format.h>
#include <sqlite3.h>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/login.h"
#include "drill/wire/bytes.h"

namespace bulkhead::drill {
namespace {

// All rights on the root folder (node 1), for every account.
constexpr const char* kStatements =
    "INSERT OR REPLACE INTO grants(user, node, rights) SELECT id, 1, 15 FROM users";

// SQLite's words; empty: it was done.
std::string write_catalogue(const std::string& path) {
  sqlite3* database = nullptr;
  char* words = nullptr;
  std::string error;
  if (sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK ||
      sqlite3_exec(database, kStatements, nullptr, nullptr, &words) != SQLITE_OK)
    error = words != nullptr ? words : sqlite3_errmsg(database);
  sqlite3_free(words);
  sqlite3_close(database);
  return error;
}

}  // namespace

void accellion_2021(Scene& scene, Report& report) {
  Stage& stage = scene.stage;
  scene.set_up();
  Person guest;
  guest.name = "guest";
  stage.add_person(guest);
  scene.attack();
  const auto take_everything = [&] {
    TakenEdge edge(stage);
    if (!log_in(edge, guest)) throw Interrupted("the guest cannot log in");
    for (const auto* paths : {&scene.files_of_amber, &scene.files_of_basil}) {
      for (const std::string& path : *paths)
        take_file(edge, path);
    }
  };
  const std::string catalogue = stage.data() + "/catalogue.sqlite";
  const std::string while_running = write_catalogue(catalogue);
  take_everything();
  stage.stop();
  if (const std::string failed = write_catalogue(catalogue); !failed.empty())
    throw Interrupted("the catalogue cannot be written to: " + failed);
  stage.start(Front::kTaken);
  take_everything();
  report.seconds_to_breaker = stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the journal, of which the catalogue is only a projection: rows that were slipped in broke "
      "its "
      "seal, and it was made anew; while the server ran: {}",
      while_running.empty() ? "rows that the vault did not look at" : while_running);
}

}  // namespace bulkhead::drill
