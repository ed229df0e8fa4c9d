#include <fmt/format.h>

#include "generate/generate.h"

namespace bulkhead::generate {

void write_csv(const Options& options, const Writer& out) {
  out("DCN,Last Name,First Name,MI,Suffix,Date of Birth,SSN,Street Address,City,State,Zip,Home "
      "Phone,Program,"
      "Eligibility Start Date\n");
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Person person = person_at(i, options.seed);
    if (!person.in_csv) continue;
    const bool ssn = i % 3 != 0;
    out(fmt::format("{},{},{},{},{},{},{},\"{}, {}\",{},{},{},{},MC,01/01/2023\n", person.dcn,
                    person.last, person.first, person.middle, person.suffix,
                    person.birth("MM/DD/CCYY"),
                    ssn ? fmt::format("{}-{}-{}", person.ssn.substr(0, 3), person.ssn.substr(3, 2),
                                      person.ssn.substr(5))
                        : std::string(),
                    person.street, "APT 1", person.city, person.state, person.zip, person.phone));
  }
}

}  // namespace bulkhead::generate
