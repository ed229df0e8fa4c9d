#include "notify/input/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <memory>
#include <optional>

namespace bulkhead::notify {
namespace {

class EventReader {
 public:
  EventReader(std::string_view text, std::string_view name) : name_(name) {
    ready_ = yaml_parser_initialize(&parser_) != 0;
    if (ready_)
      yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                   text.size());
  }
  EventReader(const EventReader&) = delete;
  EventReader& operator=(const EventReader&) = delete;
  ~EventReader() {
    if (have_) yaml_event_delete(&event_);
    if (ready_) yaml_parser_delete(&parser_);
  }

  Status next() {
    if (have_) yaml_event_delete(&event_);
    have_ = false;
    if (!ready_) return fail(ErrorCode::kInternal, "no memory to read YAML");
    if (yaml_parser_parse(&parser_, &event_) == 0) {
      const char* problem = parser_.problem == nullptr ? "is no YAML" : parser_.problem;
      return fail(ErrorCode::kMalformed,
                  fmt::format("{}:{}: {}", name_, parser_.problem_mark.line + 1, problem));
    }
    have_ = true;
    return {};
  }
  const yaml_event_t& event() const { return event_; }
  std::size_t line() const { return event_.start_mark.line + 1; }
  std::unexpected<Error> malformed(std::string_view what) const {
    return fail(ErrorCode::kMalformed, fmt::format("{}:{}: {}", name_, line(), what));
  }
  std::string_view name() const { return name_; }

 private:
  std::string_view name_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
  bool ready_ = false;
  bool have_ = false;
};

std::string_view scalar_text(const yaml_event_t& event) {
  return {reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length};
}

// Follows the events without recursion: a stack of the nodes that are open.
class TreeBuilder {
 public:
  explicit TreeBuilder(EventReader& reader) : reader_(reader) {}

  Result<YamlNode> build() {
    for (;;) {
      BH_CHECK(reader_.next());
      switch (reader_.event().type) {
        case YAML_STREAM_END_EVENT:
          if (!root_)
            return fail(ErrorCode::kMalformed, fmt::format("{}: is empty", reader_.name()));
          return std::move(*root_);
        case YAML_DOCUMENT_START_EVENT:
          if (++documents_ > 1)
            return reader_.malformed("a second document begins: put all into one");
          break;
        case YAML_ALIAS_EVENT:
          return reader_.malformed("an alias (*): write the value out");
        case YAML_SCALAR_EVENT:
          BH_CHECK(scalar());
          break;
        case YAML_SEQUENCE_START_EVENT:
          BH_CHECK(open(YamlNode::Kind::kList, reader_.event().data.sequence_start.anchor,
                        reader_.event().data.sequence_start.tag));
          break;
        case YAML_MAPPING_START_EVENT:
          BH_CHECK(open(YamlNode::Kind::kMap, reader_.event().data.mapping_start.anchor,
                        reader_.event().data.mapping_start.tag));
          break;
        case YAML_SEQUENCE_END_EVENT:
        case YAML_MAPPING_END_EVENT:
          BH_CHECK(close());
          break;
        default:
          break;
      }
    }
  }

 private:
  struct Open {
    YamlNode node;
    std::optional<std::string> key;
  };

  Status check(const yaml_char_t* anchor, const yaml_char_t* tag) {
    if (anchor != nullptr) return reader_.malformed("an anchor (&): write the value out");
    if (tag != nullptr) return reader_.malformed("a tag (!): leave it out");
    if (++nodes_ > kYamlNodesMost)
      return fail(ErrorCode::kLimitExceeded,
                  fmt::format("{}:{}: more than {} values", reader_.name(), reader_.line(),
                              kYamlNodesMost));
    return {};
  }

  Status scalar() {
    const auto& event = reader_.event();
    BH_CHECK(check(event.data.scalar.anchor, event.data.scalar.tag));
    YamlNode node;
    node.text = std::string(scalar_text(event));
    node.quoted = event.data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                  event.data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    node.line = reader_.line();
    if (node.text.find('\0') != std::string::npos) return reader_.malformed("a NUL character");
    return put(std::move(node));
  }

  Status open(YamlNode::Kind kind, const yaml_char_t* anchor, const yaml_char_t* tag) {
    BH_CHECK(check(anchor, tag));
    if (open_.size() >= kYamlDepthMost) return reader_.malformed("nested too deeply");
    if (!open_.empty() && open_.back().node.kind == YamlNode::Kind::kMap && !open_.back().key)
      return reader_.malformed("a key must be a word");
    YamlNode node;
    node.kind = kind;
    node.line = reader_.line();
    open_.push_back({std::move(node), std::nullopt});
    return {};
  }

  Status close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    return put(std::move(node));
  }

  Status put(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return {};
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::kList) {
      parent.node.items.push_back(std::move(node));
      return {};
    }
    if (parent.key) {
      parent.node.members.push_back({std::move(*parent.key), std::move(node)});
      parent.key.reset();
      return {};
    }
    // Maps are short (kMembersMost), so that looking for the key again costs little.
    if (parent.node.members.size() >= kMembersMost) return reader_.malformed("too many keys");
    if (parent.node.find(node.text) != nullptr)
      return reader_.malformed("a key for the second time");
    parent.key = std::move(node.text);
    return {};
  }

  static constexpr std::size_t kMembersMost = 256;
  EventReader& reader_;
  std::vector<Open> open_;
  std::optional<YamlNode> root_;
  std::size_t nodes_ = 0;
  std::size_t documents_ = 0;
};

}  // namespace

bool YamlNode::is_null() const {
  return kind == Kind::kScalar && !quoted &&
         (text.empty() || text == "null" || text == "~" || text == "Null" || text == "NULL");
}

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const auto& [name, node] : members) {
    if (name == key) return &node;
  }
  return nullptr;
}

Result<YamlNode> parse_yaml(std::string_view text, std::string_view name) {
  if (text.size() > kYamlBytesMost)
    return fail(ErrorCode::kLimitExceeded,
                fmt::format("{}: has more than {} bytes", name, kYamlBytesMost));
  EventReader reader(text, name);
  return TreeBuilder(reader).build();
}

}  // namespace bulkhead::notify
