#include "generate/generate.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "base/fd.h"
#include "base/json_writer.h"
#include "generate/file_writer.h"

namespace bulkhead::generate {
namespace {

Status write_file(const Options& options, const std::string& name,
                  void (*write)(const Options&, const Writer&)) {
  const std::string path = options.folder + "/" + name;
  BH_TRY(UniqueFd fd, open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
  FileWriter file(std::move(fd));
  write(options, [&file](std::string_view text) { file.put(text); });
  return file.finish();
}

using Elements = std::vector<const char*>;

Elements elements_834(const Person& person) {
  Elements list = {"name",    "date_of_birth", "ssn",        "member_id",
                   "address", "demographics",  "eligibility"};
  if (!person.phone.empty()) list.push_back("phone");
  return list;
}

Elements elements_837(const Person& person, const Options& options) {
  Elements list = {"name", "date_of_birth", "address", "demographics"};
  if (!person.claims_under_parent) list.push_back("member_id");
  if (!person.in_837) return list;  // only their children's claims are in there
  if (options.claims_per_person > 0) {
    for (const char* element :
         {"claim", "account_number", "diagnosis", "procedure", "treating_provider"})
      list.push_back(element);
  }
  return list;
}

Elements elements_csv(const Person& person) {
  Elements list = {"name", "date_of_birth", "member_id", "address", "eligibility"};
  if (person.index % 3 != 0) list.push_back("ssn");
  if (!person.phone.empty()) list.push_back("phone");
  return list;
}

void write_line(const Person& person, const char* role,
                const std::vector<std::pair<const char*, Elements>>& files, const Writer& out) {
  JsonWriter json;
  json.begin_object();
  json.member("role", role);
  json.member("first", person.first);
  json.member("last", person.last);
  json.member("date_of_birth",
              std::string_view(role) == "member" ? person.birth("CCYYMMDD") : std::string());
  json.member("member_id", std::string_view(role) == "member" ? person.dcn : std::string());
  json.key("files");
  json.begin_object();
  for (const auto& [name, elements] : files) {
    json.key(name);
    json.begin_array();
    for (const char* element : elements)
      json.value(element);
    json.end_array();
  }
  json.end_object();
  json.end_object();
  out(std::string(json.text()) + "\n");
}

}  // namespace

void write_truth(const Options& options, const Writer& out) {
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Person person = person_at(i, options.seed);
    std::vector<std::pair<const char*, Elements>> files;
    if (person.in_834) files.emplace_back("enrollment.834", elements_834(person));
    if (person.in_837 || is_subscriber_of_claims(person, options)) {
      files.emplace_back("claims.837", elements_837(person, options));
    }
    if (person.in_csv) files.emplace_back("clients.csv", elements_csv(person));
    if (!files.empty()) write_line(person, "member", files, out);
    if (person.has_guardian) {
      write_line(guardian_of(person), "related", {{"enrollment.834", {"name", "address", "phone"}}},
                 out);
    }
  }
}

Status generate(const Options& asked) {
  Options options = asked;
  options.people = (options.people + kFamilySize - 1) / kFamilySize * kFamilySize;
  std::error_code error;
  std::filesystem::create_directories(options.folder, error);
  if (error)
    return fail(ErrorCode::kIo,
                fmt::format("creating the folder for the files: {}", error.message()));
  BH_CHECK(write_file(options, "enrollment.834", write_834));
  BH_CHECK(write_file(options, "claims.837", write_837));
  BH_CHECK(write_file(options, "clients.csv", write_csv));
  return write_file(options, "truth.ndjson", write_truth);
}

}  // namespace bulkhead::generate
