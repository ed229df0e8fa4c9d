// The files that the operator has: what a log's lines are compared with.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace bulkhead::incident {

struct HeldFile {
  std::string name;  // relative, with '/'
  std::uint64_t bytes = 0;
};

// A file at hand that a path may mean.
struct NamedFile {
  std::size_t index = 0;
  // The components before the last one are the same, as far as both paths have any.
  bool folders_agree = true;
};

class HeldFiles {
 public:
  // Every regular file below the folder, by name.
  static Result<HeldFiles> under(const std::string& folder);
  // Names and sizes of files whose contents are elsewhere.
  static HeldFiles of(std::vector<HeldFile> files);

  const std::vector<HeldFile>& all() const { return files_; }
  const HeldFile& at(std::size_t index) const { return files_[index]; }

  // Those whose last component is that of `path` (either kind of slash, any case), reduced to the
  // ones that share most components with it.
  std::vector<NamedFile> named(std::string_view path) const;

  // Contents are read when first asked for. `hash`: MD5, SHA-1 or SHA-256 by its length, lower
  // case.
  std::vector<std::size_t> with_hash(std::string_view hash);
  std::string sha256_of(std::size_t index);  // hexadecimal; "" where it cannot be read
  // How large it is compressed as web servers and web shells do (gzip); nothing where it cannot be
  // read.
  std::optional<std::uint64_t> gzip_bytes(std::size_t index);
  std::vector<std::optional<std::uint64_t>> gzip_all(unsigned threads);

  // Files and folders that could not be read, each a sentence: nothing can be said about them.
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void index();

  std::string folder_;
  std::vector<HeldFile> files_;
  std::multimap<std::string, std::size_t, std::less<>> by_last_;  // lower case
  std::map<std::string, std::vector<std::size_t>, std::less<>> by_hash_;
  bool hashed_ = false;
  std::vector<std::optional<std::uint64_t>> gzip_;
  std::vector<char> pressed_;  // whether gzip_ was tried
  std::vector<std::string> problems_;
};

}  // namespace bulkhead::incident
