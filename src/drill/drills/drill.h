// What a drill is: what somebody did in a real breach, as a script against a throw-away deployment.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drill/stage/stage.h"
#include "drill/stage/taken_edge.h"
#include "drill/wire/bytes.h"

namespace bulkhead::drill {

// The people of every drill and their files, and when the attack began.
struct Scene {
  Scene(const Installation& installation, const std::string& configuration)
      : stage(installation, configuration) {}

  // Starts the server with edges that are the attacker's, and has `amber` (of alder-clinic) store
  // so many files and `basil` (of birch-payroll) a few.
  void set_up(std::uint32_t files_of_amber = 3);
  // From here on what arrives at the attacker counts.
  void attack();
  // That many files of one of them more.
  void add_files(const Person& person, std::uint32_t count);

  Stage stage;
  Door door = Door::kSftp;  // by which the attacker comes in
  Person amber{.name = "amber", .organisation = "alder-clinic"};
  Person basil{.name = "basil", .organisation = "birch-payroll"};
  std::vector<std::string> files_of_amber;  // paths
  std::vector<std::string> files_of_basil;
  std::int64_t began_us = 0;
};

struct Report {
  std::string stopped_by;
  std::uint64_t files = 0;
  std::uint64_t plaintext_bytes = 0;
  std::uint64_t plaintext_bytes_beyond_grants = 0;
  std::uint64_t names = 0;
  std::string besides;  // what else the attacker achieved, in words; empty: nothing
  std::optional<double> seconds_to_breaker;
  // Of the user whose grants were used, where some were: what may leave in a day.
  std::optional<std::uint64_t> budget_bytes;
  std::optional<std::uint64_t> budget_files;
};

struct Drill {
  std::string_view name;
  std::string_view breach;    // what happened
  std::string_view attacker;  // what they have
  std::string_view defence;   // what is to stop them; its absence is what the twin tests
  void (*script)(Scene& scene, Report& report);  // nullptr: not built
  // Which defence tests switch off, to see that then something leaks; empty: there is none.
  std::string_view weakness;
  // What is got is not to be zero: the drill shows the remainder.
  bool shows_remainder = false;
  std::string_view not_built = "";  // why there is no script
};

std::span<const Drill> all_drills();
const Drill* find_drill(std::string_view name);

// Runs it. Throws Interrupted where it could not be carried out: nothing was shown then.
Report run_drill(const Drill& drill, const Installation& installation,
                 const std::string& configuration);

// Nothing, or why this outcome means that the defence did not hold.
std::optional<std::string> what_is_wrong(const Drill& drill, const Report& report);

// --- the scripts, a file each ---
void moveit_2023(Scene& scene, Report& report);
void moveit_2023_live(Scene& scene, Report& report);
void web_2023(Scene& scene, Report& report);
void web_2023_live(Scene& scene, Report& report);
void moveit_2024_sftp(Scene& scene, Report& report);
void accellion_2021(Scene& scene, Report& report);
void goanywhere_2023(Scene& scene, Report& report);
void goanywhere_2025(Scene& scene, Report& report);
void cleo_2024(Scene& scene, Report& report);
void crushftp_2024(Scene& scene, Report& report);
void crushftp_2025(Scene& scene, Report& report);
void serv_u_2021(Scene& scene, Report& report);
void wingftp_2025(Scene& scene, Report& report);
void insider_admin(Scene& scene, Report& report);
void stolen_disk(Scene& scene, Report& report);
void journal_rewrite(Scene& scene, Report& report);
void password_replay(Scene& scene, Report& report);
void supervisor(Scene& scene, Report& report);
void network_keys(Scene& scene, Report& report);
void network_names(Scene& scene, Report& report);
void network_name_alone(Scene& scene, Report& report);

// --- what several of them do ---

// Tries `attempt` in an edge of its own, and says whether that edge was killed for it. The
// sandbox's kills are compared with the supervisor's log at the end, see deaths().
class Attempts {
 public:
  explicit Attempts(Stage& stage) : stage_(stage), killed_before_(stage.killed_by_sandbox()) {}

  template <typename Attempt>
  void in_a_fresh_edge(Attempt attempt) {
    TakenEdge edge(stage_);
    ++made_;
    attempt(edge);
    died_ += edge.alive() ? 0 : 1;
  }
  std::uint64_t made() const { return made_; }
  // How many edges died, each of SIGSYS. Throws Interrupted where one died of something else: then
  // the script is wrong.
  std::uint64_t killed_by_sandbox() const;

 private:
  Stage& stage_;
  std::size_t killed_before_;
  std::uint64_t made_ = 0;
  std::uint64_t died_ = 0;
};

// Lists every folder and takes every file from here down.
void walk(TakenEdge& edge, const std::string& folder);

// A server of the attacker's own over a folder of the stage; makes itself an account there, gives
// it everything and takes that. Returns why the server did not start, or nothing.
std::string open_as_own(Scene& scene, const std::string& folder, const std::string& root_key);

}  // namespace bulkhead::drill
