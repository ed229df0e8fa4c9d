// bulkhead-supervisor: what `bulkhead serve` runs as.
//
//     bulkhead-supervisor --data DIR [--sftp ADDR:PORT] [--pool N] [--log json|text]
//                         [--connections N] [--connections-per-address N]
//
// What is not said here is read from DIR/bulkhead.toml. One line goes to stdout when clients may
// connect, everything else to stderr. The programs that it starts lie beside it and have the names
// that are compiled in: there is no option for others.
#include "processes/supervisor/run.h"

int main(int argc, char** argv) {
  return bulkhead::processes::run_supervisor(argc, argv, {});
}
