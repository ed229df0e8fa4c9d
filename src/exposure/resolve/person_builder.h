// Puts the rows of one cluster together into a Person.
#pragma once

#include <vector>

#include "exposure/resolve/clusters.h"

namespace bulkhead::exposure {

struct RowRef {
  std::uint32_t file = 0;
  std::uint32_t row = 0;
  auto operator<=>(const RowRef&) const = default;
};

// `rows` in ascending order, each once. The id is settled by `anchor_of` and the caller.
Person build_person(const std::vector<NamedFindings>& files, const std::vector<RowRef>& rows,
                    const ResolveOptions& options);

// What the person's id is derived from: the surest evidence, so that it stays when more files are
// added.
std::string anchor_of(const Person& person, const std::string& file);
std::string person_id(const std::string& anchor);

}  // namespace bulkhead::exposure
