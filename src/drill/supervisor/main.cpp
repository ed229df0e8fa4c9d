// drill-supervisor: the supervisor, built with three options that the shipped one does not have, so
// that a drill can have it start an edge that was taken over, and tests stand-ins.
//
//     drill-supervisor … [--libexec DIR] [--edge PROGRAM] [--web-edge PROGRAM]
//
// The edges are looked for in the folder of --libexec.
#include "processes/supervisor/run.h"

int main(int argc, char** argv) {
  using bulkhead::supervisor::Settings;
  return bulkhead::processes::run_supervisor(argc, argv,
                                             {{"--libexec", &Settings::libexec_folder},
                                              {"--edge", &Settings::edge_program},
                                              {"--web-edge", &Settings::web_edge_program}});
}
