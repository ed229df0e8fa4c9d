// MOVEit Transfer, May 2023 (CVE-2023-34362): code in the web tier walked all files of all
// organisations, decrypted them, made itself an administrator and a session, and removed its rows.
// Here: an edge before any log-in. It says everything that the interface has, walks, forges
// log-ins, and says what the interface has not. By either door: an edge of SFTP, or, as it was, of
// the web.
#include <fmt/format.h>

#include <functional>

#include "drill/drills/drill.h"
#include "drill/stage/files.h"
#include "drill/stage/login.h"
#include "drill/wire/bytes.h"
#include "proto/admin.pb.h"

namespace bulkhead::drill {
namespace {

using Fill = std::function<void(channel::Request&, const channel::Path&)>;

// Every message of the interface that is about files or analyses.
const std::vector<Fill>& every_message() {
  using R = channel::Request;
  using P = const channel::Path&;
  static const std::vector<Fill> list = {
      [](R& r, P path) { *r.mutable_stat()->mutable_path() = path; },
      [](R& r, P) { r.mutable_stat()->set_handle(1); },
      [](R& r, P path) { *r.mutable_set_attributes()->mutable_path() = path; },
      [](R& r, P path) {
        *r.mutable_open_file()->mutable_path() = path;
        r.mutable_open_file()->set_read(true);
      },
      [](R& r, P path) {
        *r.mutable_open_file()->mutable_path() = path;
        r.mutable_open_file()->set_write(true);
        r.mutable_open_file()->set_truncate(true);
      },
      [](R& r, P) {
        r.mutable_grant_extents()->set_handle(1);
        r.mutable_grant_extents()->set_count(16);
      },
      [](R& r, P) {
        r.mutable_grant_extents()->set_handle(1);
        r.mutable_grant_extents()->set_count(1);
        r.mutable_grant_extents()->set_for_writing(true);
      },
      [](R& r, P) { r.mutable_commit_upload()->set_handle(1); },
      [](R& r, P) { r.mutable_park_upload()->set_handle(1); },
      [](R& r, P) { r.mutable_close_handle()->set_handle(1); },
      [](R& r, P path) { *r.mutable_open_directory()->mutable_path() = path; },
      [](R& r, P) { r.mutable_read_directory()->set_handle(1); },
      [](R& r, P path) { *r.mutable_make_directory()->mutable_path() = path; },
      [](R& r, P path) { *r.mutable_remove_directory()->mutable_path() = path; },
      [](R& r, P path) { *r.mutable_remove_file()->mutable_path() = path; },
      [](R& r, P path) {
        *r.mutable_rename()->mutable_from() = path;
        *r.mutable_rename()->mutable_to() = path;
      },
      [](R& r, P) { r.mutable_capacity(); },
      [](R& r, P) { r.mutable_ssh_prove_host_keys()->add_host_key("key"); },
      [](R& r, P) { r.mutable_take_analysis(); },
      [](R& r, P) { r.mutable_take_compaction(); },
      [](R& r, P) { r.mutable_report_analysis()->set_handle(1); },
  };
  return list;
}

struct Tally {
  std::uint64_t ended = 0;     // channels that a request ended
  std::uint64_t answered = 0;  // requests that were answered with more than a refusal
};

void count(Tally& tally, const std::optional<TakenEdge::Reply>& reply) {
  if (!reply) ++tally.ended;
  if (reply && reply->message.code() == 0) ++tally.answered;
}

// What the server proves of itself to its client, played to the vault: only then there are log-ins.
bool pass_handshake(Scene& scene, TakenEdge& edge) {
  return scene.door == Door::kWeb ? sign(edge, certificate_verify())
                                  : exchange_keys(edge).has_value();
}

void say_everything(Scene& scene, bool after_exchange, Tally& tally) {
  const channel::Path path = path_of(scene.files_of_basil.front());
  for (const Fill& fill : every_message()) {
    TakenEdge edge(scene.stage, scene.door);
    if (after_exchange) pass_handshake(scene, edge);
    channel::Request request;
    fill(request, path);
    count(tally, edge.ask(request));
  }
}

// "Reuse an administrator, or create one": there is no message for it, so it says one of another
// interface; and one that no interface has; and brings a descriptor along.
void say_what_is_not_there(Scene& scene, Tally& tally) {
  admin::Request administrator;
  administrator.mutable_add_user()->set_name("health-check-service");
  administrator.mutable_add_user()->set_role("administrator");
  channel::Request greet;
  greet.set_id(1);
  greet.mutable_ssh_greet();
  const std::string unknown = {'\xfa', '\x7f', '\x00'};  // a field that nobody declared
  for (const std::string& datagram :
       {administrator.SerializeAsString(), unknown, std::string(200, '\xff')}) {
    TakenEdge edge(scene.stage, scene.door);
    count(tally, edge.send_raw(datagram));
  }
  TakenEdge edge(scene.stage, scene.door);
  count(tally, edge.send_raw(greet.SerializeAsString(), true));
}

// A session for somebody who is not there.
std::uint64_t forge_log_ins(Scene& scene) {
  std::uint64_t refused = 0;
  const PrivateKey own = PrivateKey::ed25519();
  for (const Person* victim : {&scene.amber, &scene.basil}) {
    TakenEdge edge(scene.stage);
    const auto exchanged = exchange_keys(edge);
    if (!exchanged) throw Interrupted("the vault does not exchange keys");
    const std::string request = signed_request(exchanged->session_id, victim->name, own.ssh_blob());
    for (const auto& answer :
         {offer_key(edge, victim->name, own.ssh_blob(), own.ssh_signature(request)),
          offer_key(edge, victim->name, victim->key.ssh_blob(), own.ssh_signature(request)),
          offer_password(edge, victim->name, "")}) {
      if (!succeeded(answer)) ++refused;
    }
    walk(edge, "");
  }
  return refused;
}

// The same through the web: without a password, with one that is not theirs, with a code alone, and
// in the words of the other door.
std::uint64_t forge_web_log_ins(Scene& scene) {
  std::uint64_t refused = 0;
  for (const Person* victim : {&scene.amber, &scene.basil}) {
    TakenEdge edge(scene.stage, Door::kWeb);
    if (!pass_handshake(scene, edge)) throw Interrupted("the vault signs no handshake");
    for (const auto& answer :
         {type_in(edge, victim->name, ""), type_in(edge, victim->name, "guess"),
          type_in(edge, victim->name, "", "000000"),
          offer_key(edge, victim->name, victim->key.ssh_blob(), "forged")}) {
      if (!succeeded(answer)) ++refused;
    }
    walk(edge, "");
  }
  return refused;
}

// To have more signed than the one handshake that the edge is there for, or something else.
std::string sign_more(Scene& scene) {
  TakenEdge twice(scene.stage, Door::kWeb);
  if (!sign(twice, certificate_verify())) throw Interrupted("the vault signs no handshake");
  if (sign(twice, certificate_verify()))
    return "the vault signed a second handshake on one channel";
  for (const std::string& content :
       {std::string("I, the server, say so"), std::string(32, 'h'), certificate_verify() + "more",
        " " + certificate_verify(), certificate_verify().substr(1)}) {
    TakenEdge edge(scene.stage, Door::kWeb);
    if (sign(edge, content)) return "the vault signed what is no server's CertificateVerify";
  }
  return "";
}

void before_any_log_in(Scene& scene, Report& report) {
  scene.set_up();
  for (const bool after_exchange : {false, true}) {
    TakenEdge edge(scene.stage, scene.door);
    if (after_exchange) pass_handshake(scene, edge);
    walk(edge, "");
    for (const std::string& path : scene.files_of_amber) {
      TakenEdge another(scene.stage, scene.door);
      if (after_exchange) pass_handshake(scene, another);
      take_file(another, path);
    }
  }
  Tally tally;
  say_everything(scene, false, tally);
  say_everything(scene, true, tally);
  say_what_is_not_there(scene, tally);
  const bool web = scene.door == Door::kWeb;
  const std::uint64_t forged = web ? forge_web_log_ins(scene) : forge_log_ins(scene);
  if (tally.answered != 0)
    report.besides =
        fmt::format("the vault did what {} requests before a log-in asked", tally.answered);
  if (const std::string more = web ? sign_more(scene) : ""; !more.empty()) report.besides = more;
  report.seconds_to_breaker = scene.stage.seconds_to_breaker(scene.began_us);
  report.stopped_by = fmt::format(
      "the vault: before a log-in it answers to nothing else ({} kinds of requests: {} channels "
      "ended, {} answered); {} forged log-ins failed{}",
      every_message().size() + 4, tally.ended, tally.answered, forged,
      web ? "; of TLS it signed one handshake a channel and nothing else" : "");
}

}  // namespace

void moveit_2023(Scene& scene, Report& report) {
  before_any_log_in(scene, report);
}

void web_2023(Scene& scene, Report& report) {
  scene.door = Door::kWeb;
  before_any_log_in(scene, report);
}

}  // namespace bulkhead::drill
