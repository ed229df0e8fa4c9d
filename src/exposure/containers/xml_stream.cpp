#include "exposure/containers/xml_stream.h"

#include <expat.h>

#include <algorithm>

#include "base/error.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kStep = 64 * 1024;  // fed at a time, so that bounds are seen in time
constexpr std::uint64_t kMaxToken = 4 * 1024 * 1024;  // a tag, a comment: expat keeps it whole
constexpr unsigned kMaxDepth = 256;

std::string_view local_name(const char* name) {
  const std::string_view whole(name);
  const std::size_t colon = whole.rfind(':');
  return colon == std::string_view::npos ? whole : whole.substr(colon + 1);
}

}  // namespace

std::string_view XmlAttributes::get(std::string_view name) const {
  for (const char** at = pairs_; *at != nullptr; at += 2) {
    if (local_name(at[0]) == name) return at[1];
  }
  return {};
}

struct XmlStream::Parser {
  XML_Parser expat = XML_ParserCreate(nullptr);
};

struct XmlStream::Handlers {
  static std::uint64_t here(const XmlStream& stream) {
    return static_cast<std::uint64_t>(
        std::max<XML_Index>(0, XML_GetCurrentByteIndex(stream.parser_->expat)));
  }
  static void refuse(XmlStream& stream, const char* why) {
    stream.why_ = why;
    XML_StopParser(stream.parser_->expat, XML_FALSE);
  }
  static void start(void* data, const XML_Char* name, const XML_Char** attributes) {
    auto& stream = *static_cast<XmlStream*>(data);
    if (++stream.depth_ > kMaxDepth) return refuse(stream, "its elements are nested too deep");
    stream.events_.start(local_name(name), XmlAttributes(attributes), here(stream));
  }
  static void end(void* data, const XML_Char* name) {
    auto& stream = *static_cast<XmlStream*>(data);
    --stream.depth_;
    const int length = XML_GetCurrentByteCount(stream.parser_->expat);
    const std::uint64_t at = here(stream);
    stream.events_.end(local_name(name), at, at + static_cast<std::uint64_t>(std::max(0, length)));
  }
  static void text(void* data, const XML_Char* text, int length) {
    auto& stream = *static_cast<XmlStream*>(data);
    stream.events_.text({text, static_cast<std::size_t>(length)}, here(stream));
  }
  static void doctype(void* data, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    refuse(*static_cast<XmlStream*>(data), "it declares a document type, which may hold entities");
  }
};

XmlStream::XmlStream(XmlEvents& events) : events_(events), parser_(std::make_unique<Parser>()) {
  BH_ASSERT(parser_->expat != nullptr);
  XML_SetUserData(parser_->expat, this);
  XML_SetElementHandler(parser_->expat, Handlers::start, Handlers::end);
  XML_SetCharacterDataHandler(parser_->expat, Handlers::text);
  XML_SetStartDoctypeDeclHandler(parser_->expat, Handlers::doctype);
}

XmlStream::~XmlStream() {
  XML_ParserFree(parser_->expat);
}

bool XmlStream::feed(ByteView bytes, bool last) {
  while (why_.empty() && (!bytes.empty() || last)) {
    const ByteView part = bytes.first(std::min(kStep, bytes.size()));
    bytes = bytes.subspan(part.size());
    fed_ += part.size();
    const bool at_end = last && bytes.empty();
    const XML_Status status = XML_Parse(parser_->expat, as_text(part).data(),
                                        static_cast<int>(part.size()), at_end ? 1 : 0);
    if (status != XML_STATUS_OK && why_.empty())
      why_ = XML_ErrorString(XML_GetErrorCode(parser_->expat));
    const std::uint64_t at = Handlers::here(*this);
    if (why_.empty() && fed_ > at && fed_ - at > kMaxToken) why_ = "one of its tags has no end";
    if (at_end) break;
  }
  return why_.empty();
}

}  // namespace bulkhead::exposure
