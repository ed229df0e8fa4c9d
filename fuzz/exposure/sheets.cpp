// Any bytes as a worksheet's XML, of a workbook without strings and styles. They come out of a tar,
// which takes them as they are.
#include <algorithm>
#include <cstdio>
#include <string>

#include "exposure/containers/sheet_reader.h"
#include "harness.h"

namespace {

std::string tar_of(std::string_view contents) {
  std::string header(512, '\0');
  header.replace(0, 5, "sheet");
  std::snprintf(header.data() + 100, 8, "%07o", 0600U);
  std::snprintf(header.data() + 124, 12, "%011zo", contents.size());
  std::snprintf(header.data() + 136, 12, "%011o", 0U);
  header[156] = '0';
  header.replace(257, 8, std::string("ustar\00000", 8));
  std::fill_n(header.begin() + 148, 8, ' ');
  unsigned sum = 0;
  for (const char c : header)
    sum += static_cast<unsigned char>(c);
  std::snprintf(header.data() + 148, 8, "%06o", sum);
  std::string tar = header + std::string(contents);
  tar.resize((tar.size() + 511) / 512 * 512 + 1024);
  return tar;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace bulkhead;
  using namespace bulkhead::exposure;
  static const Rules rules = default_rules();
  static const Workbook book;
  static const ContainerLimits limits;
  const std::string tar = tar_of({reinterpret_cast<const char*>(data), size});
  MemorySource source(as_bytes(tar));
  ArchiveStream archive(source, *archive_format("tar"));
  ArchiveEntry entry;
  fuzz::check(archive.next(entry) == ArchiveStream::Outcome::kOk);
  ContainerRun run(rules, limits, tar.size(), {});
  const auto findings = read_sheet(archive, book, {.name = "conditions"}, run);
  fuzz::check(findings.has_value());
  fuzz::check(findings->report.bytes == std::max<std::size_t>(size, 1));
  fuzz::check_evidence(*findings);
  return 0;
}
