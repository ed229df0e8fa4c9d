// The outputs piece by piece: they can be larger than memory.
#pragma once

#include <string>

#include "exposure/exposure.h"

namespace bulkhead::exposure {

Status write_persons(const Resolution& resolution, const ByteSink& sink);
// A row a person, for spreadsheets. The first name, birth date and address stand for all.
Status write_csv(const Resolution& resolution, const ByteSink& sink);
// One page that loads nothing. Without `values` no value of a person is in it, only masks.
Status write_html(const Resolution& resolution, bool values, const ByteSink& sink);

// A file that is put in place when it is whole (mode 0600).
Status write_output(const std::string& path, const std::function<Status(const ByteSink&)>& produce);

// All pieces in one text: for small outputs and tests.
template <typename Write>
std::string collected(const Write& write) {
  std::string text;
  const Status done = write([&text](ByteView piece) -> Status {
    text.append(as_text(piece));
    return {};
  });
  BH_ASSERT(done.has_value());  // memory takes everything
  return text;
}

}  // namespace bulkhead::exposure
