#include "base/configuration.h"

#include <gtest/gtest.h>

namespace bulkhead {
namespace {

TEST(Configuration, WhatInitWritesReadsBackAsTheDefaults) {
  const auto read =
      parse_configuration(documented_configuration("/keys/a \"b\".key"), "bulkhead.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->keys.root_key_file, "/keys/a \"b\".key");
  EXPECT_EQ(read->limits.login_attempts, Configuration{}.limits.login_attempts);
  EXPECT_EQ(read->budget.bytes_per_day, BudgetSettings{}.bytes_per_day);
}

TEST(Configuration, BudgetOfOneUserStartsFromTheDefault) {
  const auto read = parse_configuration(
      "[budget]\nfiles_per_day = 7\n[budget.user.acme]\nbytes_per_day = 100\n", "bulkhead.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->budget_of("acme").bytes_per_day, 100u);
  EXPECT_EQ(read->budget_of("acme").files_per_day, 7u);
  EXPECT_EQ(read->budget_of("other").bytes_per_day, BudgetSettings{}.bytes_per_day);
}

TEST(Configuration, BudgetsOfOrganisationsListenersAndAll) {
  const auto read = parse_configuration(
      "[budget.organisations]\nfiles_per_day = 7\n[budget.organisation.acme]\nbytes_per_day = 100\n"
      "[budget.listener.sftp]\nnames_per_hour = 3\n[budget.deployment]\nfiles_per_hour = 5\n",
      "bulkhead.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->budget_of_organisation("acme").bytes_per_day, 100u);
  EXPECT_EQ(read->budget_of_organisation("acme").bytes_per_hour, 100u);
  EXPECT_TRUE(read->budget_of_organisation("acme").fixed_bytes);
  EXPECT_FALSE(read->budget_of_organisation("acme").fixed_files);
  EXPECT_EQ(read->budget_of_organisation("acme").files_per_day, 7u);
  EXPECT_EQ(read->budget_of_organisation("other").files_per_day, 7u);
  EXPECT_EQ(read->budget_of_listener("sftp").names_per_hour, 3u);
  EXPECT_EQ(read->deployment_budget.files_per_hour, 5u);
  EXPECT_EQ(read->budget.files_per_day, BudgetSettings{}.files_per_day);
  EXPECT_EQ(parse_configuration("[budget.deployment]\nfile_per_day = 1\n", "f").error().message,
            "f:2: budget.deployment.file_per_day is not a setting");
  EXPECT_EQ(parse_configuration("[budget.listener]\nsftp = 1\n", "f").error().message,
            "f:2: budget.listener.sftp must be a section");
}

TEST(Configuration, ProfilesOfListenerAndUsers) {
  EXPECT_EQ(parse_configuration("", "x")->listen.sftp_profile, SshProfile::kModern);
  const auto read = parse_configuration(
      "[listen]\nsftp_profile = \"legacy\"\n[ssh.user.acme]\nprofile = \"legacy\"\n"
      "[ssh.user.new]\nprofile = \"post-quantum\"\n",
      "bulkhead.toml");
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->listen.sftp_profile, SshProfile::kLegacy);
  EXPECT_EQ(read->ssh_profile_of("acme"), SshProfile::kLegacy);
  EXPECT_EQ(read->ssh_profile_of("new"), SshProfile::kPostQuantum);
  EXPECT_EQ(read->ssh_profile_of("other"), SshProfile::kCompatible) << "legacy is never implied";
}

TEST(Configuration, WhatIsNotASettingIsNamedWithItsLine) {
  const auto message = [](std::string_view text) {
    return parse_configuration(text, "bulkhead.toml").error().message;
  };
  EXPECT_EQ(message("[limits]\n\nconections = 3\n"),
            "bulkhead.toml:3: limits.conections is not a setting");
  EXPECT_EQ(message("[limits]\nconnections = \"3\"\n"),
            "bulkhead.toml:2: limits.connections must be a whole number, 0 or more");
  EXPECT_EQ(message("[limits]\nconnections = -1\n"),
            "bulkhead.toml:2: limits.connections must be a whole number, 0 or more");
  EXPECT_EQ(message("[limits]\nconnections = 4294967296\n"),
            "bulkhead.toml:2: limits.connections is too large");
  EXPECT_EQ(message("[listen]\nsftp_profile = \"weak\"\n"),
            "bulkhead.toml:2: listen.sftp_profile must be \"post-quantum\", \"modern\", "
            "\"compatible\" or \"legacy\"");
  EXPECT_EQ(message("[ssh.user.x]\nprofil = \"modern\"\n"),
            "bulkhead.toml:2: ssh.user.x.profil is not a setting");
  EXPECT_EQ(message("[ssh]\nuser = 1\n"),
            "bulkhead.toml:2: ssh.user must have a section for each name");
  EXPECT_EQ(message("[limit]\n"), "bulkhead.toml:1: limit is not a section");
  EXPECT_EQ(message("[budget.user.x]\nfile_per_day = 1\n"),
            "bulkhead.toml:2: budget.user.x.file_per_day is not a setting");
  EXPECT_NE(message("[limits\n").find("bulkhead.toml:1:"), std::string::npos);
}

// Every beginning of a file, and some that made the parser assert.
TEST(Configuration, WhatIsNotTomlIsAnErrorAndNeverTheEnd) {
  for (const char* text : {"[[[\n", "[!\n", "[[!]]\n", "[a.", "a = [", "a = {b", "\"", "'",
                           "a = 1979-", "\xff", "=", "a\n"}) {
    const auto read = parse_configuration(text, "bulkhead.toml");
    ASSERT_FALSE(read) << text;
    EXPECT_TRUE(read.error().message.starts_with("bulkhead.toml:1: ")) << read.error().message;
  }
  const std::string whole = documented_configuration("/root-key");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    for (const char* end : {"", "[", "]", "\"", "=", "."})
      (void)parse_configuration(whole.substr(0, size) + end, "bulkhead.toml");
  }
}

}  // namespace
}  // namespace bulkhead
