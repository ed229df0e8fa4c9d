// clang-format off: tables, to be read as such.
// NACHA Operating Rules, appendix three: entry detail records by standard entry class (SEC).
#include "exposure/readers/nacha_table.h"

#include <string>

namespace bulkhead::exposure {
namespace {

using enum NachaReceiver;

constexpr NachaColumns kNone = {}, kName = {55, 76}, kNumber = {40, 54};

constexpr NachaClass kClasses[] = {
    // class, receiver, name, number, card
    {"PPD", kConsumer, kName, kNumber, kNone},        // prearranged payment or deposit: wages, benefits
    {"WEB", kConsumer, kName, kNumber, kNone},        // internet
    {"TEL", kConsumer, kName, kNumber, kNone},        // telephone
    {"RCK", kConsumer, kName, kNone, kNone},          // re-presented check: 40-54 is its serial number
    {"ARC", kEither, kName, kNone, kNone},          // accounts receivable: the same
    {"BOC", kEither, kName, kNone, kNone},          // back office: the same
    {"POP", kEither, kName, kNone, kNone},          // point of purchase: 40-48 serial, 49-54 place
    {"POS", kConsumer, kName, kNumber, kNone},        // point of sale
    {"SHR", kConsumer, kNone, kNone, {55, 76}},       // shared network: the card's number is where the name is elsewhere
    {"CIE", kConsumer, {40, 61}, {62, 76}, kNone},    // customer initiated: name and number change places
    {"MTE", kConsumer, {40, 61}, {62, 76}, kNone},    // machine transfer: the same (but see the reader)
    {"XCK", kConsumer, kNone, kNone, kNone},          // destroyed check: account only
    {"ENR", kInAddenda, kNone, kNone, kNone},         // enrolment for federal benefits
    {"DNE", kInAddenda, kNone, kNone, kNone},         // death notification
    {"IAT", kEither, kNone, kNone, kNone},            // international: see the addenda 710, 715, 716
    {"COR", kEither, kName, kNumber, kNone},          // notification of change
    {"CCD", kCompany, kNone, kNone, kNone}, {"CTX", kCompany, kNone, kNone, kNone}, {"ACK", kCompany, kNone, kNone, kNone},
    {"ATX", kCompany, kNone, kNone, kNone}, {"ADV", kCompany, kNone, kNone, kNone}, {"TRC", kCompany, kNone, kNone, kNone},
    {"TRX", kCompany, kNone, kNone, kNone},
};
constexpr NachaClass kUnknown = {"", kEither, kName, kNumber, kNone};

constexpr std::string_view kCompanyWords =
    " INC INCORPORATED LLC LLP LP LTD LIMITED CORP CORPORATION CO COMPANY COS ENTERPRISES ENTERPRISE SOLUTIONS SERVICES "
    "SERVICE GROUP BANK TRUST HOLDINGS PARTNERS ASSOCIATES FOUNDATION UNIVERSITY SCHOOL CHURCH HOSPITAL CLINIC STORE STORES "
    "STATE COUNTY CITY DEPARTMENT DEPT GMBH AG SA NV BV PLC INTL INTERNATIONAL SYSTEMS TECHNOLOGIES INDUSTRIES SUPPLY ";

}  // namespace

const NachaClass* nacha_class(std::string_view code) {
  for (const NachaClass& one : kClasses) {
    if (one.code == code) return &one;
  }
  return nullptr;
}
const NachaClass& nacha_unknown_class() { return kUnknown; }

bool is_company_name(std::string_view name) {
  std::string word = " ";
  for (std::size_t i = 0; i <= name.size(); ++i) {
    const char c = i < name.size() ? name[i] : ' ';
    if (c >= '0' && c <= '9') return true;  // nobody's name has digits
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (letter) {
      word += static_cast<char>(c & ~0x20);
    } else if (c == ' ' || c == ',' || c == '/') {
      word += ' ';
      if (word.size() > 2 && kCompanyWords.find(word) != std::string_view::npos) return true;
      word = " ";
    }
  }
  return false;
}

}  // namespace bulkhead::exposure
