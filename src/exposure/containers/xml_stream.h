// XML as a stream of events, by expat: hostile input. Entities and document types are refused, tags
// are bounded in size and depth, nothing is kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace bulkhead::exposure {

// The attributes of one element, by their names without prefixes.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}
  // "" where there is none.
  std::string_view get(std::string_view name) const;

 private:
  const char** pairs_;
};

// Names come without their prefixes.
class XmlEvents {
 public:
  virtual ~XmlEvents() = default;
  // `offset`: of the event's first byte in the document.
  virtual void start(std::string_view name, const XmlAttributes& attributes,
                     std::uint64_t offset) = 0;
  virtual void end(std::string_view name, std::uint64_t offset, std::uint64_t behind) = 0;
  // Parts of a text may come one by one.
  virtual void text(std::string_view text, std::uint64_t offset) = 0;
};

class XmlStream {
 public:
  explicit XmlStream(XmlEvents& events);
  XmlStream(const XmlStream&) = delete;
  ~XmlStream();

  // False where the document cannot be read on: why() says so. `last`: nothing follows.
  bool feed(ByteView bytes, bool last);
  const std::string& why() const { return why_; }  // a clause

 private:
  struct Handlers;

  XmlEvents& events_;
  struct Parser;
  std::unique_ptr<Parser> parser_;
  std::uint64_t fed_ = 0;
  unsigned depth_ = 0;
  std::string why_;
};

}  // namespace bulkhead::exposure
