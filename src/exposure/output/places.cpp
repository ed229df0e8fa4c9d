#include "exposure/output/places.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulkhead::exposure {

std::vector<PlaceCount> states_by_count(const Circumstances& circumstances) {
  std::vector<PlaceCount> places;
  for (std::size_t place = 0; place < kStateCount; ++place) {
    if (circumstances.by_place[place] > 0)
      places.push_back({state_code(place), circumstances.by_place[place]});
  }
  std::ranges::stable_sort(places, std::greater<>(), &PlaceCount::persons);
  return places;
}

std::string places_text(const Circumstances& circumstances) {
  std::vector<PlaceCount> places = states_by_count(circumstances);
  if (circumstances.by_place[kAnotherPlace] > 0)
    places.push_back({"another place", circumstances.by_place[kAnotherPlace]});
  if (circumstances.by_place[kUnknownPlace] > 0)
    places.push_back({"no state known", circumstances.by_place[kUnknownPlace]});
  std::string text;
  for (const PlaceCount& each : places)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", each.place, each.persons);
  return text;
}

}  // namespace bulkhead::exposure
