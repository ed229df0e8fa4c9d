#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/administration_client.h"
#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/member.h"
#include "cli/on_chosen.h"
#include "cli/terminal.h"
#include "proto/admin.pb.h"

namespace bulkhead::cli {
namespace {

struct FolderOptions {
  std::string data;
  std::string path;
  std::string organisation;
  std::vector<std::string> members;
  std::string durability;
  bool json = false;
};

void write_folder(JsonWriter& json, const admin::Folder& folder) {
  json.begin_object();
  json.member("path", folder.path());
  json.member("organisation", folder.organisation());
  json.key("members");
  json.begin_array();
  for (const admin::Member& member : folder.member()) {
    json.begin_object();
    json.member("user", member.user());
    json.member("rights", member.rights());
    json.end_object();
  }
  json.end_array();
  json.member("durability", folder.durability());
  json.end_object();
}

template <typename Message>
Status put_members(const FolderOptions& options, Message& message) {
  for (const std::string& text : options.members) {
    BH_TRY(const FolderMember member, read_member(text));
    message.add_member()->set_user(member.user);
    message.mutable_member(message.member_size() - 1)->set_rights(member.rights);
  }
  return {};
}

Outcome add(const FolderOptions& options) {
  admin::Request request;
  admin::AddFolder& folder = *request.mutable_add_folder();
  folder.set_path(options.path);
  folder.set_organisation(options.organisation);
  BH_CHECK(put_members(options, folder));
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask(request));
  fmt::print("added folder {} with {}\n", printable(options.path),
             counted(options.members.size(), "member", "members"));
  return ExitCode::kDone;
}

Outcome list(const FolderOptions& options) {
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  admin::Request request;
  request.mutable_list_folders()->set_path(options.path);
  JsonLines lines;
  Table table({"FOLDER", "ORGANISATION", "DURABILITY", "MEMBER", "RIGHTS"});
  BH_CHECK(client.ask(request, [&](const admin::Reply& reply, std::vector<UniqueFd>) -> Status {
    const admin::Folder& folder = reply.folder();
    if (options.json) {
      lines.add([&](JsonWriter& json) { write_folder(json, folder); });
      return {};
    }
    if (folder.member_size() == 0)
      table.add({folder.path(), folder.organisation(), folder.durability(), "", ""});
    for (const admin::Member& member : folder.member()) {
      table.add({folder.path(), folder.organisation(), folder.durability(), member.user(),
                 member.rights()});
    }
    return {};
  }));
  options.json ? lines.finish() : table.print();
  return ExitCode::kDone;
}

Outcome grant(const FolderOptions& options) {
  admin::Request request;
  request.mutable_set_rights()->set_path(options.path);
  BH_CHECK(put_members(options, *request.mutable_set_rights()));
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask(request));
  for (const admin::Member& member : request.set_rights().member()) {
    fmt::print("{} has {} in {}\n", printable(member.user()), member.rights(),
               printable(options.path));
  }
  return ExitCode::kDone;
}

Outcome revoke(const FolderOptions& options) {
  admin::Request request;
  request.mutable_set_rights()->set_path(options.path);
  for (const std::string& name : options.members) {
    if (name.find(':') != std::string::npos) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("revoke takes every right of a member: give --member {} alone, or "
                              "use grant to set fewer",
                              name.substr(0, name.find(':'))));
    }
    request.mutable_set_rights()->add_member()->set_user(name);
  }
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask(request));
  for (const std::string& name : options.members) {
    fmt::print("{} has no rights of their own in {} any more\n", printable(name),
               printable(options.path));
  }
  return ExitCode::kDone;
}

Outcome set_durability(const FolderOptions& options) {
  admin::Request request;
  request.mutable_set_durability()->set_path(options.path);
  request.mutable_set_durability()->set_durability(options.durability);
  BH_TRY(auto client, AdministrationClient::connect(options.data));
  BH_CHECK(client.ask(request));
  fmt::print("{} has durability {} for uploads from now on\n", printable(options.path),
             options.durability);
  return ExitCode::kDone;
}

using Options = std::shared_ptr<FolderOptions>;

CLI::App* add_for_path(CLI::App& parent, const char* name, const char* help, const Options& options,
                       Choice& choice, Outcome (*run)(const FolderOptions&)) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->add_option("PATH", options->path, "From the root, as in /extracts/daily")
      ->required()
      ->type_name("");
  add_data_option(*command, options->data);
  on_chosen(*command, options, choice, run);
  return command;
}

CLI::Option* add_members(CLI::App& command, const Options& options, const char* help,
                         const char* type) {
  return command.add_option("--member", options->members, help)
      ->type_name(type)
      ->allow_extra_args(false);
}

}  // namespace

void add_folder(CLI::App& root, Choice& choice) {
  auto options = std::make_shared<FolderOptions>();
  CLI::App* command = root.add_subcommand("folder", "Shared folders, and who may do what in them");
  command->require_subcommand(1);
  constexpr const char* kMember = "NAME:read,write,list,delete";

  CLI::App* adding = add_for_path(*command, "add", "Add a folder", options, choice, add);
  add_members(*adding, options, "A user and their rights; repeat for more", kMember);
  adding
      ->add_option("--org", options->organisation,
                   "Whose folder it is; if not given, of the folder above, the members, or the "
                   "first organisation")
      ->type_name("ORG");

  CLI::App* listing = command->add_subcommand("list", "List folders with their members");
  listing->add_option("PATH", options->path, "Only this folder")->type_name("");
  add_data_option(*listing, options->data);
  add_json_flag(*listing, options->json);
  on_chosen(*listing, options, choice, list);

  CLI::App* granting =
      add_for_path(*command, "grant", "Set members' rights in a folder", options, choice, grant);
  add_members(*granting, options, "A user and all the rights they shall have; repeat for more",
              kMember)
      ->required();
  CLI::App* revoking = add_for_path(*command, "revoke", "Take members' rights in a folder away",
                                    options, choice, revoke);
  add_members(*revoking, options, "A user; repeat for more", "NAME")->required();
  CLI::App* setting = add_for_path(*command, "set", "Change what a folder promises", options,
                                   choice, set_durability);
  setting
      ->add_option(
          "--durability", options->durability,
          "What an upload survives once it is acknowledged, here and in the folders below: "
          "power-loss (and the server's death), crash (the server's death only), or "
          "inherited (as the folder above)")
      ->type_name("power-loss|crash|inherited")
      ->check(CLI::IsMember({"power-loss", "crash", "inherited"}))
      ->required();
  add_later_command(*command, "seal", "folder seal", ExitCode::kFailed, choice);
}

}  // namespace bulkhead::cli
