#include "exposure/readers/fhir_json.h"

#include <rapidjson/reader.h>

#include <utility>
#include <vector>

#include "exposure/readers/block_window.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxDepth = 128;                  // FHIR's deepest examples have some 30
constexpr std::uint64_t kMaxString = 64 * 1024 * 1024;  // attachments are long
constexpr std::uint64_t kMaxNumber = 1024 * 1024;       // FHIR's decimals have 18 digits
constexpr std::size_t kMaxDocuments = 10'000;           // inside one resource

// What RapidJSON reads from: the file, a window at a time. Remembers where the string began that is
// being read, because a handler is told its contents only.
class FileStream {
 public:
  using Ch = char;
  explicit FileStream(ByteSource& source) : window_(source) { refill(); }

  char Peek() const { return at_ < end_ ? *at_ : '\0'; }
  char Take() {
    if (at_ == end_) return '\0';
    const char c = *at_++;
    if (c == '"' && !in_string_) {
      in_string_ = true;
      string_at_ = offset();
    }
    if (at_ == end_) {
      check_length();
      if (!too_long_) refill();  // else at the end, for the parser
    }
    return c;
  }
  std::size_t Tell() const { return offset(); }
  // Only for parsing in place.
  char* PutBegin() { return nullptr; }
  void Put(char) {}
  void Flush() {}
  std::size_t PutEnd(char*) { return 0; }

  std::uint64_t offset() const { return base_ + static_cast<std::uint64_t>(at_ - begin_); }
  bool at_end() const { return at_ == end_; }
  std::uint64_t string_at() const { return string_at_; }  // of its first byte
  void string_ends() { in_string_ = false; }
  const Status& status() const { return status_; }

  // To the next object that begins a line behind `from`.
  void skip_to_line(std::uint64_t from) {
    in_string_ = false;
    too_long_ = false;
    if (at_ == end_) refill();
    while (at_ < end_) {
      const char before = at_ > begin_ ? at_[-1] : before_window_;
      if (*at_ == '{' && before == '\n' && offset() > from) return;
      ++at_;
      if (at_ == end_) refill();
    }
  }

 private:
  void refill() {
    if (at_ > begin_) before_window_ = at_[-1];
    window_.skip(static_cast<std::size_t>(at_ - begin_));
    if (window_.rest().empty()) {
      const auto more = window_.more();
      if (!more) status_ = std::unexpected(more.error());
    }
    const std::string_view rest = status_ ? window_.rest() : std::string_view();
    base_ = window_.offset();
    begin_ = at_ = rest.data();
    end_ = begin_ + rest.size();
  }

  // RapidJSON keeps a string or a number whole: what the window ends with may be part of one.
  void check_length() {
    const std::string_view window(begin_, static_cast<std::size_t>(at_ - begin_));
    const std::size_t last_other = window.find_last_not_of("0123456789+-.eE");
    if (last_other != std::string_view::npos) number_bytes_ = 0;
    number_bytes_ += window.size() - (last_other + 1);  // npos + 1 is 0
    too_long_ = in_string_ ? offset() - string_at_ > kMaxString : number_bytes_ > kMaxNumber;
  }

  BlockWindow window_;
  const char* begin_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  char before_window_ = '\0';  // the byte before begin_
  std::uint64_t base_ = 0;
  std::uint64_t string_at_ = 0;
  std::uint64_t number_bytes_ = 0;  // what was taken ends with so many that a number may have
  bool in_string_ = false;
  bool too_long_ = false;
  Status status_;
};

// Takes the parser's events, keeps the tree and hands resources on.
class Handler {
 public:
  Handler(FileStream& stream, Collector& collector, const TakeResource& take)
      : stream_(stream), collector_(collector), take_(take) {}

  bool Null() { return plain({}, 0); }
  bool Bool(bool value) {
    const std::string_view text = value ? "true" : "false";
    return plain(text, text.size());
  }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return plain({text, size}, size);
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    const std::uint64_t end = stream_.offset() - 1;  // the closing quote
    stream_.string_ends();
    return value({text, size}, stream_.string_at(), end - stream_.string_at());
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    stream_.string_ends();
    frames_.back().key.assign(text, std::min<std::size_t>(size, 256));
    return true;
  }
  bool StartObject() { return begin(false); }
  bool StartArray() { return begin(true); }
  bool EndObject(rapidjson::SizeType) {
    const Frame frame = frames_.back();
    frames_.pop_back();
    if (frame.node != ResourceTree::kNone) end_object(frame);
    return true;
  }
  bool EndArray(rapidjson::SizeType) {
    const bool resources = frames_.back().holds_resources;
    frames_.pop_back();
    if (frames_.empty())
      end_root();
    else if (resources)
      frames_.back().holds_resources = true;
    return true;
  }
  // RapidJSON asks for all of them; numbers come as they are written.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  void start() {
    tree_.clear();
    frames_.clear();
    documents_.clear();
    overflow_ = found_ = false;
    settled_until_ = stream_.offset();
  }
  bool found() const { return found_; }  // a resource, in this document
  // Until here all of the document is taken or reported.
  std::uint64_t settled_until() const { return settled_until_; }

 private:
  struct Frame {
    ResourceTree::Node node = ResourceTree::kNone;  // of an array: the object around it
    std::uint64_t offset = 0;                       // of its brace
    bool array = false;
    bool contained = false;
    bool in_resource = false;      // it, or something around it, has said that it is one
    bool wrapper = false;          // surely part of no resource that says something itself
    bool holds_resources = false;  // that were taken
    std::string key;               // of what comes next
  };

  bool plain(std::string_view text, std::size_t size) {
    return value(text, stream_.offset() - size, size);
  }

  bool value(std::string_view text, std::uint64_t offset, std::uint64_t length) {
    if (frames_.empty()) return true;
    if (frames_.back().key == "resourceType" && !text.empty()) note_type(text);
    if (length > 0 && is_document()) note_document(offset, length);
    const ResourceTree::Node node = add_here();
    if (node != ResourceTree::kNone) tree_.set_value(node, text, offset, length);
    return true;
  }

  void note_type(std::string_view type) {
    Frame& frame = frames_.back();
    if (frame.array || frame.in_resource) return;
    const bool of_resources = type == "Bundle" || type == "Parameters";
    (of_resources ? frame.wrapper : frame.in_resource) = true;
  }

  // Attachment.data, Binary.data, in R2 Binary.content: another file inside this one, in base64.
  // (SampledData.data is not: it is numbers as text.)
  bool is_document() const {
    const std::string_view key = frames_.back().key;
    if (key == "content")
      return frames_.size() == 1 || frames_[frames_.size() - 2].key == "resource";
    return key == "data" &&
           (frames_.size() < 2 || frames_[frames_.size() - 2].key != "valueSampledData");
  }

  void note_document(std::uint64_t offset, std::uint64_t length) {
    if (documents_.size() < kMaxDocuments)
      documents_.push_back({offset, length});
    else
      documents_.back().length = offset + length - documents_.back().offset;
  }

  void report_documents() {
    for (const Extent& document : documents_)
      collector_.not_understood(document.offset, document.length, "document in base64: not read");
    documents_.clear();
  }

  // A node for what begins here. Elements of an array have its name.
  ResourceTree::Node add_here() {
    const Frame& frame = frames_.back();
    if (frame.node == ResourceTree::kNone || overflow_) return ResourceTree::kNone;
    const ResourceTree::Node node = tree_.add(frame.node, frame.key);
    if (node != ResourceTree::kNone) return node;
    if (!frame.in_resource) {
      make_room();
      return tree_.add(frame.node, frame.key);
    }
    overflow_ = true;
    overflow_at_ = stream_.offset();
    return node;
  }

  // What fills the tree is around resources, or in one that is too large and has not said yet what
  // it is: all of it goes, but the way to here.
  void make_room() {
    collector_.not_understood(settled_until_, stream_.offset() - settled_until_,
                              "too much around resources, or before their type");
    settled_until_ = stream_.offset();
    documents_.clear();
    tree_.clear();
    ResourceTree::Node node = tree_.add(ResourceTree::kNone, "");
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      if (i > 0 && !frames_[i].array) node = tree_.add(node, frames_[i - 1].key);
      frames_[i].node = node;
    }
  }

  bool begin(bool array) {
    if (frames_.size() >= kMaxDepth) return false;
    Frame frame{.offset = stream_.offset() - 1, .array = array, .key = {}};
    if (frames_.empty()) {
      frame.node = tree_.add(ResourceTree::kNone, "");
      frame.wrapper = array;
    } else {
      const ResourceTree::Node node = array ? ResourceTree::kNone : add_here();
      const Frame& around = frames_.back();
      frame.node = array ? around.node : node;
      if (array) frame.key = around.key;
      frame.contained = around.contained || (!array && around.key == "contained");
      frame.in_resource = around.in_resource;
      frame.wrapper = array && around.wrapper;
    }
    frames_.push_back(std::move(frame));
    return true;
  }

  void end_overflow() {
    if (!std::exchange(overflow_, false)) return;
    collector_.not_understood(overflow_at_, stream_.offset() - overflow_at_,
                              "rest of a resource that is too large");
  }

  // A document without a resource is reported as a whole.
  void end_root() {
    if (found_) end_overflow();
  }

  void end_object(const Frame& frame) {
    const bool resource = !tree_.child_value(frame.node, "resourceType").empty();
    if (resource && !frame.contained) {
      found_ = true;
      report_documents();
      take_(tree_, frame.node, frame.offset, stream_.offset() - frame.offset);
      end_overflow();
      settled_until_ = stream_.offset() + 1;  // behind the brace
    }
    if (frames_.empty()) return end_root();
    // What was taken is not needed any more; nor is what was around it.
    Frame& around = frames_.back();
    const bool taken = resource && !frame.contained;
    if (taken || frame.holds_resources) around.holds_resources = true;
    const bool outside = !around.in_resource && (around.wrapper || frame.holds_resources);
    if (taken || outside) tree_.forget(frame.node);
  }

  FileStream& stream_;
  Collector& collector_;
  const TakeResource& take_;
  ResourceTree tree_;
  std::vector<Frame> frames_;
  struct Extent {
    std::uint64_t offset = 0, length = 0;
  };
  std::vector<Extent> documents_;  // since the last resource that was taken
  bool overflow_ = false;
  bool found_ = false;
  std::uint64_t overflow_at_ = 0, settled_until_ = 0;
};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

Status read_json_resources(ByteSource& source, Collector& collector, const TakeResource& take) {
  using namespace rapidjson;
  constexpr unsigned kFlags =
      kParseStopWhenDoneFlag | kParseIterativeFlag | kParseNumbersAsStringsFlag;
  FileStream stream(source);
  Handler handler(stream, collector, take);
  Reader reader;
  while (true) {
    while (!stream.at_end() &&
           (is_space(stream.Peek()) ||
            (stream.offset() < 3 && static_cast<unsigned char>(stream.Peek()) >= 0x80)))
      stream.Take();
    if (stream.at_end()) break;
    const std::uint64_t begin = stream.offset();
    handler.start();
    stream.string_ends();
    const ParseResult result = reader.Parse<kFlags>(stream, handler);
    if (!stream.status()) break;
    if (result.IsError()) {
      // What was complete before it counts.
      const std::uint64_t damage = handler.settled_until();
      stream.skip_to_line(begin);
      collector.not_understood(damage, stream.offset() - damage, "damaged JSON");
    } else if (!handler.found()) {
      const std::uint64_t rest = handler.settled_until();
      collector.not_understood(rest, stream.offset() - rest, "JSON that is no FHIR resource");
    }
    if (!stream.status()) break;
  }
  return stream.status();
}

}  // namespace bulkhead::exposure
