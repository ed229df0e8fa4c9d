// The layouts that a run may use: those that somebody named, and those that lie beside the data.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "exposure/layouts/record_layout.h"

namespace bulkhead::exposure {

struct Layouts {
  std::vector<LayoutPtr> given;
  // Asked only for a file that needs one; may be empty.
  std::function<std::vector<LayoutPtr>()> beside;

  std::vector<LayoutPtr> all_beside() const { return beside ? beside() : std::vector<LayoutPtr>(); }
};

// Says what it is by what is in it, never by its name.
bool looks_like_layout(std::string_view text);
Result<LayoutPtr> parse_layout(std::string_view text, std::string_view name, const Rules& rules);

// Any thread. `rules` must outlive it.
class LayoutShelf {
 public:
  explicit LayoutShelf(const Rules& rules) : rules_(rules) {}

  struct Read {
    std::string path;
    Bytes sha256;
  };

  // Errors name the file: it cannot be read, it is no layout.
  Status give(const std::string& path);
  // For a file of that path: copybooks and layouts in the same folder are looked at once.
  Layouts for_file(const std::string& path);
  const std::vector<Read>& given() const { return read_; }

 private:
  std::vector<LayoutPtr> in_folder(const std::string& folder);

  const Rules& rules_;
  std::vector<LayoutPtr> given_;
  std::vector<Read> read_;
  std::mutex mutex_;
  std::map<std::string, std::vector<LayoutPtr>> folders_;
};

}  // namespace bulkhead::exposure
