// bulkhead-analyst: reads one uploaded file and seals what it finds. Sandboxed, no network at all.
#include "exposure/exposure.h"
#include "processes/analyst/analysis.h"
#include "processes/common/confined.h"

int main(int argc, char** argv) {
  return bulkhead::processes::run_analyst(argc, argv,
                                          {.name = "analyst",
                                           .prepare = bulkhead::exposure::prepare_for_sandbox,
                                           .largest_file_bytes = 0,
                                           .work = bulkhead::processes::analyse_one});
}
