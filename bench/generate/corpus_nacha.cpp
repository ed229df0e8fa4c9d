// ACH files: a state's benefits, and a federal enrolment without line ends.
#include <fmt/format.h>

#include "generate/corpus.h"

namespace bulkhead::generate {
namespace {

constexpr std::string_view kBank = "081000210", kOther = "101000019";

std::string cut(std::string_view text, std::size_t width) {
  return fmt::format("{:<{}}", text.substr(0, width), width);
}

std::string entry(std::string_view bank, std::string_view account, std::string_view number,
                  std::string_view name, std::uint64_t trace) {
  return fmt::format("622{}{}{:010}{}{}  0{}{:07}", bank, cut(account, 17), 50'000 + trace % 90'000,
                     cut(number, 15), cut(name, 22), kBank.substr(0, 8), trace % 10'000'000);
}

std::string batch(std::string_view company, std::string_view code, std::string_view what) {
  return fmt::format("5220{}{}1446000987{}{}230526230526   1{}0000001", cut(company, 16),
                     cut("", 20), code, cut(what, 10), kBank.substr(0, 8));
}

std::string control() {
  return fmt::format("8220{:06}{:010}{:012}{:012}1446000987{}{}0000001", 1, 1, 0, 0, cut("", 25),
                     kBank.substr(0, 8));
}

std::string file_header() {
  return fmt::format("101 {}1446000987{}A094101{}{}{}", kBank, "2305260200", cut("RIVER BANK", 23),
                     cut("STATE OF MISSOURI", 23), cut("", 8));
}

std::string account_of(const Member& member) {
  // Families share an account.
  return fmt::format("{}", 400'000'000 + member.person.family * 17);
}

std::string name_of(const Member& member) {
  return fmt::format("{} {}", member.person.first, member.claim_last(0));
}

}  // namespace

// Two payments to each; the client number is the originator's number for them. Suppliers are paid
// in another batch, and are nobody.
void write_benefits_ach(const CorpusOptions& options, CorpusFile& file) {
  file.put(file_header() + "\n");
  for (unsigned month = 0; month < 2; ++month) {
    file.put(batch("MO HEALTHNET", "PPD", "BENEFITS") + "\n");
    for (std::uint64_t i = 0; i < options.people; ++i) {
      const Member member = member_at(i, options.seed);
      if (!member.person.in_834) continue;
      const std::uint64_t start = file.position();
      file.put(entry(member.person.index % 2 == 0 ? kBank : kOther, account_of(member),
                     member.numbers[0], name_of(member), i) +
               "\n");
      file.holds(member.key(), "member", start, {"name", "bank_account", "member_id"});
    }
    file.put(control() + "\n");
  }
  file.put(batch("MO HEALTHNET", "CCD", "SUPPLIERS") + "\n");
  for (unsigned i = 0; i < 50; ++i)
    file.put(
        entry(kOther, fmt::format("77{:06}", i), fmt::format("INV{}", i), "RIVER CLINIC INC", i) +
        "\n");
  file.put(control() + "\n");
  file.put(std::string(94, '9') + "\n");
}

// Enrolments for direct deposit: SSN, account and a name of seven letters, in the addenda.
void write_enrolment_ach(const CorpusOptions& options, CorpusFile& file) {
  file.put(file_header());
  file.put(batch("AUTOENROLL", "ENR", "ENROLL"));
  for (std::uint64_t i = 0; i < options.people; ++i) {
    const Member member = member_at(i, options.seed);
    const Person& person = member.person;
    // Whoever shares a number or has none cannot be told by it.
    if (!person.in_834 || member.quirk != Quirk::kNone || !person.suffix.empty() ||
        !person.former_last.empty())
      continue;
    file.put(fmt::format("623{}{}{:010}{}0001{}    1{}{:07}", kOther, cut("0", 17), 0,
                         cut(std::string(kOther) + "000001", 15), cut("AUTOENROLL", 16),
                         kBank.substr(0, 8), i % 10'000'000));
    const std::uint64_t start = file.position();
    const std::string text = fmt::format("22*{}*{}*{}*{}*{}*{}*0\\", kOther.substr(0, 8),
                                         kOther.substr(8), account_of(member), member.ssn,
                                         person.last.substr(0, 15), person.first.substr(0, 7));
    file.put(fmt::format("705{}{:04}{:07}", cut(text, 80), 1, i % 10'000'000));
    file.holds(member.key(), "member", start, {"name", "bank_account", "ssn"});
  }
  file.put(control());
  file.put(std::string(94, '9'));
}

}  // namespace bulkhead::generate
