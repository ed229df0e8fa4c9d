#include "exposure/infer/known_values.h"

#include <algorithm>
#include <set>

#include "exposure/detect/hash.h"
#include "exposure/detect/values.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kShortestValue = 5;  // shorter ones turn up everywhere
constexpr std::size_t kMostMeanings = 1'000;

std::uint64_t hash_of(std::string_view value) {
  const Compact compact(value);
  return hash_bytes(compact.view(), table_seed());
}

}  // namespace

void KnownValues::add(FieldKind kind, std::string_view name, std::string_view value) {
  if (kinds_.size() >= kMost || value.size() < kShortestValue || is_filler_number(value)) return;
  auto at = std::find_if(meanings_.begin(), meanings_.end(), [&](const Meaning& meaning) {
    return meaning.kind == kind && meaning.name == name;
  });
  if (at == meanings_.end()) {
    if (meanings_.size() >= kMostMeanings) return;
    meanings_.push_back({kind, std::string(name)});
    at = meanings_.end() - 1;
  }
  kinds_.emplace(hash_of(value), static_cast<std::uint16_t>(at - meanings_.begin()));
}

KnownValues::Match KnownValues::match(const Values& values) const {
  const Match more = more_ != nullptr ? more_->match(values) : Match();
  if (kinds_.empty()) return more;
  const std::set<std::string_view> distinct(values.begin(), values.end());
  std::vector<std::size_t> hits(meanings_.size());
  std::size_t tried = 0;
  for (const std::string_view value : distinct) {
    if (value.size() < kShortestValue || is_filler_number(value)) continue;
    ++tried;
    const auto known = kinds_.find(hash_of(value));
    if (known != kinds_.end()) ++hits[known->second];
  }
  const auto best = std::max_element(hits.begin(), hits.end());
  if (tried == 0 || *best <= more.hits) return more;
  const Meaning& meaning = meanings_[static_cast<std::size_t>(best - hits.begin())];
  return {meaning.kind, meaning.name, static_cast<double>(*best) / static_cast<double>(tried),
          *best};
}

}  // namespace bulkhead::exposure
