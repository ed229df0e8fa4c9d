// Made-up people and facts for the tests of notify.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace bulkhead::notify::test {

inline std::string person_id(unsigned number) {
  return fmt::format("p-{:032x}", number);
}

// A line of persons.ndjson; change a field to get another person.
struct PersonLine {
  unsigned number = 1;
  std::string role = "member", identifiable = "named";
  std::string first = "MARY", last = "JONES", born = "1974-03-09";
  std::string street = "100 MAIN ST", city = "ROLLA", state = "MO", code = "65401";
  bool minor = false, deceased = false, sensitive = false;
  std::vector<unsigned> related_to, formerly;
  bool enrolled_only = false;
  std::string elements = R"("name","date_of_birth","member_id")";

  std::string text() const {
    std::string related;
    for (const unsigned other : related_to)
      related += fmt::format("{}\"{}\"", related.empty() ? "" : ",", person_id(other));
    std::string former;
    for (const unsigned other : formerly)
      former += fmt::format("{}\"{}\"", former.empty() ? ",\"formerly\":[" : ",", person_id(other));
    if (!former.empty()) former += "]";
    if (enrolled_only) former += ",\"enrolled_only\":true";
    const std::string names =
        fmt::format(R"([{{"first":"{}","middle":"","last":"{}","suffix":""}}])", first, last);
    const std::string addresses =
        street.empty() && city.empty()
            ? "[]"
            : fmt::format(R"([{{"lines":[{}],"city":"{}","state":"{}","postal_code":"{}"}}])",
                          street.empty() ? "" : "\"" + street + "\"", city, state, code);
    return fmt::format(
        R"({{"person":"{}","role":"{}","identifiable":"{}","names":{},"dates_of_birth":["{}"],)"
        R"("identifiers":[{{"type":"member_id","value":"55512345"}}],"addresses":{},)"
        R"("address_status":"good","phones":[],"emails":[],"minor_on":{},"deceased":{},)"
        R"("related_to":[{}],"sensitive":[{}],"elements":[{}],"possible":["ssn"],"masked":[],)"
        R"("exposures":[]{}}})",
        person_id(number), role, identifiable, identifiable == "named" ? names : "[]", born,
        addresses, minor ? "\"2023-06-13\"" : "null", deceased ? "true" : "false", related,
        sensitive ? "\"hiv\"" : "", elements, former);
  }
};

inline std::string facts_text(const std::string& more = "", const std::string& letter = "",
                              const std::string& incident = "") {
  return "incident:\n  id: INC-2023-001\n  title: File transfer incident\n"
         "  what_happened: Somebody exploited a flaw in file transfer software and copied files.\n"
         "  breach_from: 2023-05-28\n  breach_until: 2023-06-02\n  discovered: 2023-06-13\n"
         "  time_zone: America/Chicago\n  vendor: Example Consulting\n"
         "  doing: The server was cut off and the files are being read.\n" +
         incident +
         "organisation:\n  name: Example Department\n  kind: covered_entity\n  state: MO\n"
         "  return_address: [PO Box 1, Jefferson City, MO 65101]\n  toll_free: 1-800-555-0100\n"
         "  email: privacy@example.gov\n  website: https://example.gov/incident\n"
         "  custody_agency_address: [Children's Division, PO Box 88, Jefferson City, MO 65103]\n" +
         more + "letter:\n  languages: [en]\n  signatory: {name: Privacy Office}\n" + letter;
}

// A folder that goes away.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "bulkhead-notify.XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path(const std::string& name) const { return path_ + "/" + name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string write(const std::string& name, const std::vector<PersonLine>& people) const {
    std::string text;
    for (const PersonLine& person : people)
      text += person.text() + "\n";
    return write(name, text);
  }

 private:
  std::string path_;
};

inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace bulkhead::notify::test
