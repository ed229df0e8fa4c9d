#include <filesystem>

#include "exposure/roster/roster.h"

namespace bulkhead::exposure {

Result<std::shared_ptr<const Roster>> load_roster(const std::string& path, const Rules& rules,
                                                  LayoutShelf& shelf,
                                                  const ResolveOptions& options) {
  BH_TRY(FileSource source, FileSource::open(path));
  const std::string name = std::filesystem::path(path).filename().string();
  BH_TRY(FileFindings findings, analyse(source, name, rules, shelf.for_file(path)));
  return Roster::create({name, std::move(findings)}, options);
}

}  // namespace bulkhead::exposure
