#include "notify/review/json_line.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "base/fd.h"
#include "base/utf8.h"

namespace bulkhead::review {
namespace {

using simdjson::dom::element;

constexpr std::size_t kDepthMost = 16;
constexpr std::size_t kReadBytes = 1024 * 1024;

bool is_plain_text(std::string_view text) {
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  return !control && is_utf8(text);
}

}  // namespace

struct JsonObject::At {
  element object;
  std::string_view file;
  std::uint64_t number = 0;
  std::size_t list_most = kListMost;
};

std::unexpected<Error> JsonObject::wrong(std::string_view what) const {
  return fail(ErrorCode::kMalformed, fmt::format("{}:{}: {}", at_->file, at_->number, what));
}

bool JsonObject::has(std::string_view key) const {
  element at;
  return at_->object[key].get(at) == simdjson::SUCCESS && !at.is_null();
}

Result<std::string> JsonObject::text(std::string_view key) const {
  std::string_view text;
  if (at_->object[key].get(text) != simdjson::SUCCESS)
    return wrong(fmt::format("{}: a text is expected", key));
  if (text.size() > kTextBytesMost) return wrong(fmt::format("{}: is too long", key));
  if (!is_plain_text(text)) return wrong(fmt::format("{}: has control characters", key));
  return std::string(text);
}

Result<std::string> JsonObject::text_or(std::string_view key, std::string otherwise) const {
  if (!has(key)) return otherwise;
  return text(key);
}

Result<std::uint64_t> JsonObject::number(std::string_view key) const {
  std::uint64_t number = 0;
  if (at_->object[key].get(number) != simdjson::SUCCESS)
    return wrong(fmt::format("{}: a whole number is expected", key));
  return number;
}

Result<bool> JsonObject::truth(std::string_view key) const {
  bool truth = false;
  if (at_->object[key].get(truth) != simdjson::SUCCESS)
    return wrong(fmt::format("{}: true or false is expected", key));
  return truth;
}

Result<std::vector<std::string>> JsonObject::texts(std::string_view key) const {
  std::vector<std::string> list;
  if (!has(key)) return list;
  simdjson::dom::array items;
  if (at_->object[key].get(items) != simdjson::SUCCESS)
    return wrong(fmt::format("{}: a list is expected", key));
  for (const element one : items) {
    std::string_view text;
    if (list.size() == at_->list_most) return wrong(fmt::format("{}: has too many entries", key));
    if (one.get(text) != simdjson::SUCCESS || text.size() > kTextBytesMost || !is_plain_text(text))
      return wrong(fmt::format("{}: a list of texts is expected", key));
    list.emplace_back(text);
  }
  return list;
}

Status JsonObject::each(std::string_view key,
                        const std::function<Status(const JsonObject&)>& take) const {
  if (!has(key)) return {};
  simdjson::dom::array items;
  if (at_->object[key].get(items) != simdjson::SUCCESS)
    return wrong(fmt::format("{}: a list is expected", key));
  std::size_t count = 0;
  for (const element one : items) {
    if (++count > at_->list_most) return wrong(fmt::format("{}: has too many entries", key));
    if (!one.is_object()) return wrong(fmt::format("{}: a list of objects is expected", key));
    BH_CHECK(take(
        JsonObject(std::make_shared<const At>(At{one, at_->file, at_->number, at_->list_most}))));
  }
  return {};
}

Result<std::optional<JsonObject>> JsonObject::object(std::string_view key) const {
  if (!has(key)) return std::optional<JsonObject>();
  element one;
  if (at_->object[key].get(one) != simdjson::SUCCESS || !one.is_object())
    return wrong(fmt::format("{}: an object is expected", key));
  return std::optional(
      JsonObject(std::make_shared<const At>(At{one, at_->file, at_->number, at_->list_most})));
}

struct JsonLineParser::State {
  State(std::string name, JsonLimits most)
      : file(std::move(name)), limits(most), parser(most.line_bytes) {}
  std::string file;
  JsonLimits limits;
  simdjson::dom::parser parser;
  std::string padded;
  bool ready = parser.allocate(64 * 1024, kDepthMost) == simdjson::SUCCESS;
};

JsonLineParser::JsonLineParser(std::string file, JsonLimits limits)
    : state_(std::make_unique<State>(std::move(file), limits)) {}
JsonLineParser::~JsonLineParser() = default;

Result<JsonObject> JsonLineParser::parse(std::string_view line, std::uint64_t number) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::kMalformed, fmt::format("{}:{}: {}", state_->file, number, what));
  };
  if (!state_->ready) return fail(ErrorCode::kInternal, "no memory to read JSON");
  if (line.size() > state_->limits.line_bytes) return wrong("the line is too long");
  state_->padded.assign(line);
  state_->padded.reserve(line.size() + simdjson::SIMDJSON_PADDING);
  element object;
  const auto error = state_->parser.parse(state_->padded.data(), line.size(), false).get(object);
  if (error != simdjson::SUCCESS || !object.is_object()) return wrong("is no JSON object");
  return JsonObject(std::make_shared<const JsonObject::At>(
      JsonObject::At{object, state_->file, number, state_->limits.list}));
}

namespace {

// Cuts lines out of pieces.
class LineCutter {
 public:
  LineCutter(const TakeLine& take, std::size_t line_bytes_most)
      : take_(take), line_bytes_most_(line_bytes_most) {}

  Status put(std::string_view piece) {
    const std::size_t kept = buffer_.size();
    buffer_ += piece;
    std::size_t begin = 0;
    for (std::size_t end = buffer_.find('\n', kept); end != std::string::npos;
         end = buffer_.find('\n', begin)) {
      const std::string_view line = std::string_view(buffer_).substr(begin, end - begin);
      ++read_.lines;
      read_.whole_bytes += line.size() + 1;
      if (!line.empty()) BH_CHECK(take_(line, read_.lines));
      begin = end + 1;
    }
    buffer_.erase(0, begin);
    if (buffer_.size() > line_bytes_most_)
      return fail(ErrorCode::kLimitExceeded, fmt::format("line {} is too long", read_.lines + 1));
    return {};
  }
  LinesRead finish() {
    read_.unfinished = !buffer_.empty();
    return read_;
  }

 private:
  const TakeLine& take_;
  std::size_t line_bytes_most_;
  std::string buffer_;
  LinesRead read_;
};

}  // namespace

Result<LinesRead> for_each_line(const std::string& path, const TakeLine& take,
                                std::size_t line_bytes_most) {
  BH_TRY(const UniqueFd fd, open_file(path, O_RDONLY));
  LineCutter cutter(take, line_bytes_most);
  Bytes block(kReadBytes);
  for (std::uint64_t offset = 0;;) {
    BH_TRY(const std::size_t count, read_at(fd.get(), block, offset, path));
    if (count == 0) return cutter.finish();
    BH_CHECK(cutter.put(as_text(ByteView(block).first(count))));
    offset += count;
  }
}

Result<LinesRead> for_each_line_of(std::string_view text, const TakeLine& take) {
  LineCutter cutter(take, kLineBytesMost);
  BH_CHECK(cutter.put(text));
  return cutter.finish();
}

}  // namespace bulkhead::review
