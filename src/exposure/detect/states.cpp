#include "exposure/detect/states.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace bulkhead::exposure {
namespace {

struct State {
  std::string_view code, name;
};
constexpr State kStates[] = {
    {"AA", "ARMED FORCES AMERICAS"},
    {"AE", "ARMED FORCES EUROPE"},
    {"AK", "ALASKA"},
    {"AL", "ALABAMA"},
    {"AP", "ARMED FORCES PACIFIC"},
    {"AR", "ARKANSAS"},
    {"AS", "AMERICAN SAMOA"},
    {"AZ", "ARIZONA"},
    {"CA", "CALIFORNIA"},
    {"CO", "COLORADO"},
    {"CT", "CONNECTICUT"},
    {"DC", "DISTRICT OF COLUMBIA"},
    {"DE", "DELAWARE"},
    {"FL", "FLORIDA"},
    {"FM", "FEDERATED STATES OF MICRONESIA"},
    {"GA", "GEORGIA"},
    {"GU", "GUAM"},
    {"HI", "HAWAII"},
    {"IA", "IOWA"},
    {"ID", "IDAHO"},
    {"IL", "ILLINOIS"},
    {"IN", "INDIANA"},
    {"KS", "KANSAS"},
    {"KY", "KENTUCKY"},
    {"LA", "LOUISIANA"},
    {"MA", "MASSACHUSETTS"},
    {"MD", "MARYLAND"},
    {"ME", "MAINE"},
    {"MH", "MARSHALL ISLANDS"},
    {"MI", "MICHIGAN"},
    {"MN", "MINNESOTA"},
    {"MO", "MISSOURI"},
    {"MP", "NORTHERN MARIANA ISLANDS"},
    {"MS", "MISSISSIPPI"},
    {"MT", "MONTANA"},
    {"NC", "NORTH CAROLINA"},
    {"ND", "NORTH DAKOTA"},
    {"NE", "NEBRASKA"},
    {"NH", "NEW HAMPSHIRE"},
    {"NJ", "NEW JERSEY"},
    {"NM", "NEW MEXICO"},
    {"NV", "NEVADA"},
    {"NY", "NEW YORK"},
    {"OH", "OHIO"},
    {"OK", "OKLAHOMA"},
    {"OR", "OREGON"},
    {"PA", "PENNSYLVANIA"},
    {"PR", "PUERTO RICO"},
    {"PW", "PALAU"},
    {"RI", "RHODE ISLAND"},
    {"SC", "SOUTH CAROLINA"},
    {"SD", "SOUTH DAKOTA"},
    {"TN", "TENNESSEE"},
    {"TX", "TEXAS"},
    {"UT", "UTAH"},
    {"VA", "VIRGINIA"},
    {"VI", "VIRGIN ISLANDS"},
    {"VT", "VERMONT"},
    {"WA", "WASHINGTON"},
    {"WI", "WISCONSIN"},
    {"WV", "WEST VIRGINIA"},
    {"WY", "WYOMING"},
};
static_assert(std::size(kStates) == kStateCount);
static_assert(std::ranges::is_sorted(kStates, {}, &State::code));

constexpr std::size_t kNameMost = 31;  // "FEDERATED STATES OF MICRONESIA" has 30

}  // namespace

std::size_t place_of_state(std::string_view text) {
  while (!text.empty() && text.front() == ' ')
    text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ')
    text.remove_suffix(1);
  if (text.empty()) return kUnknownPlace;
  if (text.size() > kNameMost) return kAnotherPlace;
  std::array<char, kNameMost> upper;
  std::transform(text.begin(), text.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  const std::string_view wanted(upper.data(), text.size());
  if (wanted.size() == 2) {
    const State* at = std::ranges::lower_bound(kStates, wanted, {}, &State::code);
    return at != std::end(kStates) && at->code == wanted
               ? static_cast<std::size_t>(at - std::begin(kStates))
               : kAnotherPlace;
  }
  const State* at = std::ranges::find(kStates, wanted, &State::name);
  return at != std::end(kStates) ? static_cast<std::size_t>(at - std::begin(kStates))
                                 : kAnotherPlace;
}

std::string_view state_code(std::size_t place) {
  return kStates[place].code;
}

}  // namespace bulkhead::exposure
