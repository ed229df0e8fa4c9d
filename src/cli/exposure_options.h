// What `bulkhead exposure` is asked: of a deployment, or of another product's logs and files.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "exposure/exposure.h"

namespace bulkhead::cli {

struct ExposureOptions {
  std::string data;
  std::string since, until;
  // What is empty chooses nothing.
  std::vector<std::string> sessions, users, addresses, listeners, paths, leaked;
  std::string explained;
  std::string incident_key_file;
  std::string as_of;
  std::string zone = "UTC";
  exposure::OutputPaths outputs;
  std::string corrections, roster, roster_out;

  // Of another product.
  std::vector<std::string> logs;
  std::string log_format = "auto", log_zone, files;
  std::string releases;  // where to write them
  std::string certainty = "possible";
};

// exposure --data: what a deployment released, and who was in it.
Outcome find_exposure_of_deployment(const ExposureOptions& options);

// exposure --log: which files left another product, and who was in them.
Outcome find_exposure_of_logs(const ExposureOptions& options);

}  // namespace bulkhead::cli
