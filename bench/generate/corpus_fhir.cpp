// FHIR: a bulk export of three files that are joined by reference, and a Bundle as older systems
// write it.
#include <fmt/format.h>

#include <set>

#include "generate/corpus.h"

namespace bulkhead::generate {
namespace {

std::string resource_id(const Member& member) {
  return fmt::format("{}", 7'000'000 + member.person.index);
}

std::string uuid_of(std::uint64_t number) {
  return fmt::format("00000000-0000-4000-8000-{:012}", number);
}

std::string client_number(const Member& member) {
  return fmt::format(
      R"({{"type":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MA"}}]}},)"
      R"("value":"{}","assigner":{{"display":"MO HealthNet"}}}})",
      member.numbers[0]);
}

template <typename Write>
void each(const CorpusOptions& options, Write&& write) {
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Member member = member_at(i, options.seed);
    if (member.person.in_837) write(member);
  }
}

}  // namespace

void write_fhir_patients(const CorpusOptions& options, CorpusFile& file) {
  each(options, [&](const Member& member) {
    const Person& person = member.person;
    const bool ssn = person.index % 3 == 0;
    const std::uint64_t start = file.position();
    std::string line = fmt::format(R"({{"resourceType":"Patient","id":"{}","identifier":[{})",
                                   resource_id(member), client_number(member));
    if (ssn)
      line +=
          fmt::format(R"(,{{"system":"http://hl7.org/fhir/sid/us-ssn","value":"{}"}})", member.ssn);
    line += fmt::format(
        R"(],"active":true,"name":[{{"use":"official","family":"{}","given":["{}"{}]{}}}],"gender":"{}","birthDate":"{}",)",
        member.claim_last(0), member.claim_first(),
        person.middle.empty() ? "" : ",\"" + person.middle + "\"",
        person.suffix.empty() || member.quirk == Quirk::kSuffixInName
            ? ""
            : ",\"suffix\":[\"" + person.suffix + "\"]",
        person.female ? "female" : "male", member.claim_birth("CCYY-MM-DD"));
    line += fmt::format(
        R"("telecom":[{{"system":"phone","value":"{}"}},{{"system":"email","value":"{}"}}],"address":[{{"line":["{}","Apt\u0020 1"],)"
        R"("city":"{}","state":"{}","postalCode":"{}"}}]}})",
        person.phone, member.email, person.street, person.city, person.state, person.zip);
    file.put(line + "\n");
    std::vector<std::string_view> elements = {"name", "date_of_birth", "member_id", "address",
                                              "demographics"};
    if (ssn && member.ssn_counts) elements.push_back("ssn");
    if (!person.phone.empty()) elements.push_back("phone");
    if (!member.email.empty()) elements.push_back("email");
    file.holds(member.key(), "member", start, elements);
  });
}

void write_fhir_coverages(const CorpusOptions& options, CorpusFile& file) {
  each(options, [&](const Member& member) {
    const std::uint64_t start = file.position();
    file.put(fmt::format(
        R"({{"resourceType":"Coverage","id":"c{0}","status":"active","beneficiary":{{"reference":"Patient/{0}"}},)"
        R"("subscriberId":"{1}","payor":[{{"display":"MO HealthNet"}}],"period":{{"start":"2023-01-01"}}}})"
        "\n",
        resource_id(member), member.numbers[0]));
    file.holds(member.key(), "member", start, {"member_id", "eligibility"});
  });
}

// Nobody's name is in here; the type comes last, as it may.
void write_fhir_claims(const CorpusOptions& options, CorpusFile& file) {
  each(options, [&](const Member& member) {
    if (options.claims_per_person == 0) return;
    const std::uint64_t start = file.position();
    for (unsigned n = 0; n < options.claims_per_person; ++n) {
      const std::uint64_t which = member.person.index * 7 + n;
      file.put(fmt::format(
          R"({{"id":"e{0}","identifier":[{{"value":"F{0}"}}],"patient":{{"reference":"{2}Patient/{1}"}},)"
          R"("billablePeriod":{{"start":"2023-01-{3:02}"}},"careTeam":[{{"provider":{{"identifier":{{"value":"{4}"}}}}}}],)"
          R"("diagnosis":[{{"diagnosisCodeableConcept":{{"coding":[{{"system":"http://hl7.org/fhir/sid/icd-10-cm","code":"E11.9"}}]}}}}],)"
          R"("item":[{{"productOrService":{{"coding":[{{"system":"http://www.ama-assn.org/go/cpt","code":"99213"}}]}}}}],)"
          R"("resourceType":"ExplanationOfBenefit"}})"
          "\n",
          which, resource_id(member), n % 2 == 0 ? "" : "https://fhir.example.org/r4/",
          1 + which % 28, doctor_at(which).npi));
    }
    file.holds(member.key(), "member", start,
               {"claim", "diagnosis", "procedure", "treating_provider"});
  });
}

// A Bundle of R2, indented, with references by fullUrl.
void write_fhir_bundle(const CorpusOptions& options, CorpusFile& file) {
  std::set<std::string> doctors;
  file.put("{\n  \"resourceType\": \"Bundle\",\n  \"type\": \"collection\",\n  \"entry\": [");
  bool first = true;
  const auto entry = [&](std::uint64_t id, const std::string& resource) {
    file.put(fmt::format(
        "{}\n    {{\n      \"fullUrl\": \"urn:uuid:{}\",\n      \"resource\": {}\n    }}",
        first ? "" : ",", uuid_of(id), resource));
    first = false;
  };
  each(options, [&](const Member& member) {
    const Person& person = member.person;
    if (person.index % 2 == 0) return;
    const std::uint64_t start = file.position();
    const std::uint64_t id = person.index * 10;
    std::string contact;
    if (person.has_guardian) {
      const Doctor name = doctor_at(person.index * 13 + 5);
      contact = fmt::format(
          R"(,"contact":[{{"name":{{"family":["{}Z"],"given":["{}"]}},"telecom":[{{"system":"phone","value":"573-555-{:04}"}}]}}])",
          name.last, name.first, person.index % 10'000);
    }
    const std::string patient = fmt::format(
        R"({{"resourceType":"Patient","identifier":[{}],"name":[{{"family":["{}"],"given":["{}"]}}],"birthDate":"{}","gender":"{}")",
        client_number(member),
        member.claim_last(1) + (person.suffix.empty() || member.quirk == Quirk::kSuffixInName
                                    ? ""
                                    : " " + person.suffix),
        member.claim_first(), member.claim_birth("CCYY-MM-DD"), person.female ? "female" : "male");
    entry(id, patient + contact + "}");
    // The contact stands at the resource's end.
    const std::uint64_t contact_end = file.position() - std::string_view("\n    }").size();
    if (person.has_guardian)
      file.holds(fmt::format("c{}", person.index), "related",
                 {contact_end - contact.size(), contact_end}, {"name", "phone"});
    entry(
        id + 1,
        fmt::format(
            R"({{"resourceType":"Condition","patient":{{"reference":"urn:uuid:{}"}},"code":{{"coding":[{{"system":"http://snomed.info/sct","code":"44054006"}}]}}}})",
            uuid_of(id)));
    entry(
        id + 2,
        fmt::format(
            R"({{"resourceType":"Observation","subject":{{"reference":"urn:uuid:{}"}},"code":{{"text":"Glucose"}},"valueQuantity":{{"value":92.5}}}})",
            uuid_of(id)));
    file.holds(member.key(), "member", start,
               {"name", "date_of_birth", "member_id", "demographics", "diagnosis", "clinical"});
  });
  file.put("\n  ]\n}\n");
}

}  // namespace bulkhead::generate
