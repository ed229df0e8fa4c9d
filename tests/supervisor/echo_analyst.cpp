// An analyst that takes one job and ends.
#include "processes/common/confined.h"

int main(int argc, char** argv) {
  return bulkhead::processes::run_analyst(
      argc, argv,
      {.name = "echo-analyst",
       .prepare = {},
       .work = [](bulkhead::channel::Client& vault) -> bulkhead::Status {
         bulkhead::channel::Request request;
         request.mutable_take_analysis();
         BH_CHECK(vault.call(request));
         return {};
       }});
}
