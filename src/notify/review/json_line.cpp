#include "notify/review/json_line.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "base/lines.h"
#include "base/utf8.h"

namespace bulkhead::review {
namespace {

using simdjson::dom::element;

constexpr std::size_t kDepthMost = 16;

}  // namespace

bool is_text(std::string_view text, std::size_t bytes_most) {
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  return text.size() <= bytes_most && !control && is_utf8(text);
}

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
  if (!is_text(text)) return wrong(fmt::format("{}: has control characters", key));
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
    if (one.get(text) != simdjson::SUCCESS || !is_text(text))
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

Status give(const Line& line, const TakeLine& take, LinesRead& read) {
  if (line.too_long)
    return fail(ErrorCode::kLimitExceeded, fmt::format("line {} is too long", read.lines + 1));
  if (!line.ended) {
    read.unfinished = true;
    return {};
  }
  ++read.lines;
  read.whole_bytes += line.text.size() + 1;
  if (line.text.empty()) return {};
  return take(line.text, read.lines);
}

}  // namespace

Result<LinesRead> for_each_line(const std::string& path, const TakeLine& take,
                                std::size_t line_bytes_most) {
  BH_TRY(LineFile file, LineFile::open(path, line_bytes_most));
  LinesRead read;
  Line line;
  while (true) {
    BH_TRY(const bool there, file.next(line));
    if (!there) return read;
    BH_CHECK(give(line, take, read));
  }
}

Result<LinesRead> for_each_line_of(std::string_view text, const TakeLine& take) {
  LineCutter cutter(kLineBytesMost);
  cutter.put(text);
  LinesRead read;
  Line line;
  while (cutter.next(line) || cutter.last(line))
    BH_CHECK(give(line, take, read));
  return read;
}

}  // namespace bulkhead::review
