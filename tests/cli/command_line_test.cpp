#include "cli/command_line.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/completion.h"

namespace bulkhead::cli {
namespace {

struct Ran {
  int code = -1;
  std::string out, err;
};

Ran run(const std::string& line) {
  std::istringstream words("bulkhead " + line);
  std::vector<std::string> arguments{std::istream_iterator<std::string>(words), {}};
  std::vector<const char*> argv;
  for (const std::string& argument : arguments)
    argv.push_back(argument.c_str());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Ran ran;
  ran.code = run_command_line(static_cast<int>(argv.size()), argv.data());
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

// What the contract of the command line names, whether this release has it or not.
const char* const kWorking[] = {"scan",
                                "verify-run",
                                "init",
                                "serve",
                                "completion",
                                "transfers",
                                "status",
                                "certificate",
                                "certificate show",
                                "certificate request",
                                "certificate set",
                                "certificate self-signed",
                                "exposure",
                                "org",
                                "org add",
                                "org list",
                                "org show",
                                "user",
                                "user add",
                                "user list",
                                "user show",
                                "user disable",
                                "user remove",
                                "user passwd",
                                "folder",
                                "folder add",
                                "folder list",
                                "folder grant",
                                "folder revoke",
                                "journal",
                                "journal list",
                                "journal verify",
                                "journal checkpoint",
                                "journal proof",
                                "journal key",
                                "journal cosign add",
                                "journal export",
                                "unseal",
                                "backup",
                                "restore",
                                "rekey",
                                "layout",
                                "drill",
                                "notify",
                                "notify draft",
                                "journal forward",
                                "incident",
                                "incident open",
                                "incident contain",
                                "incident status",
                                "incident lift"};
const char* const kLater[] = {"doctor"};
const char* const kLaterBelow[] = {"folder seal"};

TEST(CommandLine, EveryCommandOfTheContractAnswersHelp) {
  for (const auto& commands :
       {std::vector<const char*>(std::begin(kWorking), std::end(kWorking)),
        std::vector<const char*>(std::begin(kLater), std::end(kLater)),
        std::vector<const char*>(std::begin(kLaterBelow), std::end(kLaterBelow))}) {
    for (const std::string command : commands) {
      const Ran ran = run(command + " --help");
      EXPECT_EQ(ran.code, 0) << command;
      EXPECT_NE(ran.out.find("Usage: bulkhead " + command), std::string::npos) << command << "\n"
                                                                               << ran.out;
      EXPECT_EQ(ran.err, "") << command;
    }
  }
}

TEST(CommandLine, HelpListsWhatWorksAndNothingElse) {
  const std::string help = run("--help").out;
  for (const std::string command : kWorking) {
    if (command.find(' ') != std::string::npos) continue;
    EXPECT_NE(help.find("\n  " + command + " "), std::string::npos) << command;
  }
  for (const std::string command : kLater)
    EXPECT_EQ(help.find("\n  " + command + " "), std::string::npos) << command;
  EXPECT_EQ(run("--version").code, 0);
}

TEST(CommandLine, LaterCommandsSaySoWhateverFollows) {
  for (const std::string command : kLater) {
    const Ran ran = run(command + " something --with options");
    EXPECT_EQ(ran.code, 2) << command;
    EXPECT_EQ(ran.err, "bulkhead: " + command + " is not in this release\n");
  }
  for (const std::string command : kLaterBelow) {
    const Ran ran = run(command + " /folder --data /nonexistent");
    EXPECT_EQ(ran.code, 1) << command;
    EXPECT_EQ(ran.err, "bulkhead: " + command + " is not in this release\n");
  }
}

TEST(CommandLine, LaterOptionsAreRefusedNotIgnored) {
  for (const std::string line : {"scan . --memory 1G", "scan . --resume"}) {
    const Ran ran = run(line);
    EXPECT_EQ(ran.code, 2) << line;
    EXPECT_TRUE(ran.err.starts_with("bulkhead: ")) << ran.err;
  }
  EXPECT_NE(run("scan . --resume").err.find("--resume is not in this release"), std::string::npos);
}

TEST(CommandLine, WrongUsageIsOneLineAndExitTwo) {
  for (const std::string line : {"",
                                 "nonsense",
                                 "user",
                                 "user add",
                                 "user add alice",
                                 "user add --data /d",
                                 "folder grant / --data /d",
                                 "user add a --role king --data /d",
                                 "status --data /d extra",
                                 "scan",
                                 "init",
                                 "init d",
                                 "completion tcsh",
                                 "journal list --from x --data /d",
                                 "status --data",
                                 "scan . --jobs 0",
                                 "scan . --as-of yesterday",
                                 "incident contain --user a --org b --data /d",
                                 "transfers --since yesterday --data /d",
                                 "transfers --tz Mars --data /d",
                                 "folder grant /f --member alice --data /d",
                                 "folder revoke /f --member a:read --data /d",
                                 "incident open --session x --data /d",
                                 "user add a --data /d"}) {
    const Ran ran = run(line);
    EXPECT_EQ(ran.code, 2) << line << "\n" << ran.err;
    EXPECT_TRUE(ran.err.starts_with("bulkhead: ")) << line << "\n" << ran.err;
    EXPECT_NE(ran.err.find(": ", 10), std::string::npos) << line << "\n"
                                                         << ran.err;  // and what to do
    EXPECT_EQ(ran.out, "") << line;
  }
}

TEST(CommandLine, AMisspeltCommandIsNamed) {
  EXPECT_EQ(run("sttaus --json").err,
            "bulkhead: there is no command sttaus: see `bulkhead --help`\n");
  EXPECT_EQ(run("user ad x").err, "bulkhead: there is no command ad: see `bulkhead user --help`\n");
  EXPECT_EQ(run("user").err, "bulkhead: a subcommand is missing: see `bulkhead user --help`\n");
}

TEST(CommandLine, FailuresAreOneLineAndExitOne) {
  for (const std::string line :
       {"status --data /nonexistent/d", "serve /nonexistent/d", "user list --data /nonexistent/d",
        "user add a --key /nonexistent/key.pub --data /d"}) {
    const Ran ran = run(line);
    EXPECT_EQ(ran.code, 1) << line;
    EXPECT_TRUE(ran.err.starts_with("bulkhead: ")) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << ran.err;
  }
}

TEST(CommandLine, TheFolderMayComeFromTheEnvironment) {
  ::setenv("BULKHEAD_DATA", "/nonexistent/from-environment", 1);
  EXPECT_NE(run("status").err.find("/nonexistent/from-environment"), std::string::npos);
  // One command and several beside it that have the same option.
  for (const char* line :
       {"status", "journal verify", "incident contain", "user list", "org list", "folder list"}) {
    const Ran ran = run(std::string(line) + " --data /nonexistent/d");
    EXPECT_NE(ran.err.find("/nonexistent/d:"), std::string::npos) << line << ": " << ran.err;
  }
  ::unsetenv("BULKHEAD_DATA");
  EXPECT_EQ(run("status").code, 2);
}

class Init : public testing::Test {
 protected:
  Init() { folder_ = ::mkdtemp(pattern_.data()); }
  ~Init() override { std::filesystem::remove_all(folder_); }
  std::string refusal(const std::string& line, int code) {
    const Ran ran = run(line);
    EXPECT_EQ(ran.code, code) << line << "\n" << ran.err;
    return ran.err;
  }
  std::string pattern_ = "/tmp/bulkhead-init-XXXXXX";
  std::string folder_;
};

TEST_F(Init, RefusesWhatItWouldOverwriteAndMakesNothing) {
  std::ofstream(folder_ + "/key") << "precious";
  std::filesystem::create_directory(folder_ + "/full");
  std::ofstream(folder_ + "/full/file") << "x";
  EXPECT_NE(refusal("init " + folder_ + "/full --incident-key-out " + folder_ + "/k", 1)
                .find("is not empty"),
            std::string::npos);
  EXPECT_NE(refusal("init " + folder_ + "/key --incident-key-out " + folder_ + "/k", 1)
                .find("is not a folder"),
            std::string::npos);
  EXPECT_NE(refusal("init " + folder_ + "/d --incident-key-out " + folder_ + "/key", 1)
                .find("never overwritten"),
            std::string::npos);
  EXPECT_NE(refusal("init " + folder_ + "/d --incident-key-out " + folder_ + "/k --root-key-out " +
                        folder_ + "/key",
                    1)
                .find("never overwritten"),
            std::string::npos);
  EXPECT_NE(refusal("init " + folder_ + "/d/ --incident-key-out " + folder_ + "/d/k", 2)
                .find("must not lie in"),
            std::string::npos);
  EXPECT_NE(refusal("init " + folder_ + "/d --incident-key-out " + folder_ +
                        "/x/../k --root-key-out " + folder_ + "/k",
                    2)
                .find("different names"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/d"));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/k"));
}

TEST(Completion, KnowsTheWholeTree) {
  Choice choice;
  const auto root = command_tree(choice);
  std::size_t found = 0;
  for (const CompletionPlace& place : completion_places(*root)) {
    if (place.command == "bulkhead user add") {
      ++found;
      for (const char* word :
           {"--key", "--org", "--role", "--password-stdin", "--data", "--help"}) {
        EXPECT_NE(std::ranges::find(place.words, word), place.words.end()) << word;
      }
    }
    EXPECT_NE(place.command, "bulkhead folder seal");  // planned, and refused
  }
  EXPECT_EQ(found, 1U);
}

std::string completed(const std::string& line, std::size_t word) {
  const std::string script = "/tmp/bulkhead-completion-test." + std::to_string(::getpid());
  std::ofstream(script) << run("completion bash").out << "\nCOMP_WORDS=(" << line
                        << ")\nCOMP_CWORD=" << word << "\n_bulkhead\necho \"${COMPREPLY[*]}\"\n";
  FILE* shell = ::popen(("bash " + script).c_str(), "r");
  char buffer[4096] = {};
  const std::size_t size = std::fread(buffer, 1, sizeof buffer - 1, shell);
  EXPECT_EQ(::pclose(shell), 0);
  std::filesystem::remove(script);
  return std::string(buffer, size);
}

TEST(Completion, BashCompletesWithIt) {
  EXPECT_EQ(completed("bulkhead us", 1), "user\n");
  EXPECT_EQ(completed("bulkhead user pass", 2), "passwd\n");
  EXPECT_EQ(completed("bulkhead user add --pa", 3), "--password-stdin\n");
  EXPECT_EQ(completed("bulkhead journal ''", 2),
            "list verify checkpoint proof key cosign export forward --help\n");
}

}  // namespace
}  // namespace bulkhead::cli
