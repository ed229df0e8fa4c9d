// One worksheet of a workbook as a table: rows of cells, the header that names the columns, persons
// by what the columns are used for (readers/table_rows.h).
#pragma once

#include "exposure/containers/archive_stream.h"
#include "exposure/containers/container_run.h"
#include "exposure/containers/workbook.h"

namespace bulkhead::exposure {

// Reads the present member of `archive` to its end. Evidence is where a cell's value stands in the
// sheet's XML; of a shared string its number stands there. Errors are the source's.
Result<FileFindings> read_sheet(ArchiveStream& archive, const Workbook& book,
                                const Workbook::Sheet& sheet, ContainerRun& run);

// The day of a serial number, "CCYY-MM-DD"; "" where it is none. Exposed for tests.
std::string day_of_serial(double serial, bool since_1904);

}  // namespace bulkhead::exposure
