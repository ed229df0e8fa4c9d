// Each drill has a twin: the same script against programs that have one defence less. A twin that
// gets nothing fails, because then the drill proves nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/configuration.h"
#include "drill/drills/drill.h"

namespace bulkhead::drill {
namespace {

namespace fs = std::filesystem;

// Little may be read in a day, so that a budget is met soon.
std::string configuration() {
  std::string text = documented_configuration("nowhere");
  const std::string often = "files_per_day = 200";
  text.replace(text.rfind(often), often.size(), "files_per_day = 20");
  return text;
}

// The installed programs, but for the twins.
class TwinPrograms {
 public:
  explicit TwinPrograms(const Drill& drill) {
    std::string pattern = testing::TempDir() + "bulkhead-twins-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    link("bulkhead-keeper", LIBEXEC "/bulkhead-keeper");
    link("bulkhead-analyst", LIBEXEC "/bulkhead-analyst");
    link("bulkhead-sftp-session", LIBEXEC "/bulkhead-sftp-session");
    link("bulkhead-vault", VAULT_TWIN);
    link("drill-edge", drill.weakness == "sandbox" ? EDGE_TWIN : LIBEXEC "/drill/drill-edge");
  }
  ~TwinPrograms() { fs::remove_all(folder_); }

  Installation installation(std::string_view weakness) const {
    return {.command = COMMAND,
            .programs = folder_,
            .supervisor = LIBEXEC "/drill/drill-supervisor",
            .edge = "drill-edge",
            .folder = folder_,
            .weakness = std::string(weakness)};
  }

 private:
  void link(const std::string& name, const std::string& program) {
    fs::create_symlink(program, folder_ + "/" + name);
  }

  std::string folder_;
};

class Twins : public testing::TestWithParam<const Drill*> {};

TEST_P(Twins, LeakWithoutTheirDefence) {
  const Drill& drill = *GetParam();
  const TwinPrograms programs(drill);
  const Report report = run_drill(drill, programs.installation(drill.weakness), configuration());
  const auto wrong = what_is_wrong(drill, report);
  EXPECT_TRUE(wrong) << "without its defence the drill gets nothing, so it proves nothing: "
                     << report.stopped_by;
  if (wrong) fmt::print("{} without '{}': {}\n", drill.name, drill.weakness, *wrong);
}

// The twins' own programs with nothing switched off: what leaks above leaks for one reason.
TEST(TwinVault, HoldsWithEveryDefence) {
  const Drill& drill = *find_drill("moveit-2023");
  const TwinPrograms programs(drill);
  EXPECT_EQ(what_is_wrong(drill, run_drill(drill, programs.installation("none"), configuration())),
            std::nullopt);
}

std::vector<const Drill*> drills_with_a_twin() {
  std::vector<const Drill*> found;
  for (const Drill& drill : all_drills()) {
    if (!drill.weakness.empty()) found.push_back(&drill);
  }
  return found;
}

std::string name_of(const testing::TestParamInfo<const Drill*>& drill) {
  std::string name(drill.param->name);
  std::erase(name, '-');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Drills, Twins, testing::ValuesIn(drills_with_a_twin()), name_of);

TEST(DrillTable, EveryDrillHasATwinOrSaysWhyNot) {
  for (const Drill& drill : all_drills()) {
    const bool has_none = drill.script == nullptr || drill.shows_remainder;
    EXPECT_EQ(drill.weakness.empty(), has_none) << drill.name;
    EXPECT_EQ(drill.script == nullptr, !drill.not_built.empty()) << drill.name;
  }
}

}  // namespace
}  // namespace bulkhead::drill
