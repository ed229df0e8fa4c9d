// clang-format off: tables, to be read as such.
// NACHA Operating Rules, appendix three: entry detail records by standard entry class (SEC).
#include "exposure/readers/nacha_table.h"

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

// Envelope, amounts, dates, and TRN: the number of a health plan's remittance advice.
constexpr std::string_view kPaymentSegments = "ISA GS ST BPR TRN CUR DTM SE GE IEA";

}  // namespace

const NachaClass* nacha_class(std::string_view code) {
  for (const NachaClass& one : kClasses) {
    if (one.code == code) return &one;
  }
  return nullptr;
}
const NachaClass& nacha_unknown_class() { return kUnknown; }
std::string_view nacha_payment_segments() { return kPaymentSegments; }

}  // namespace bulkhead::exposure
