#include "exposure/layouts/layout_yaml.h"

#include <fmt/format.h>

#include <algorithm>

#include "exposure/layouts/layout_words.h"
#include "exposure/layouts/yaml_subset.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint32_t kMaxRecord = 1024 * 1024;

std::unexpected<Error> broken(const YamlNode& node, std::string_view what) {
  return fail(ErrorCode::kMalformed, fmt::format("line {}: {}", node.line, what));
}

Result<std::uint32_t> number_of(const YamlNode& node, std::string_view key, std::uint32_t least) {
  std::uint64_t value = 0;
  const bool digits = node.kind == YamlNode::kScalar && !node.scalar.empty() &&
                      node.scalar.size() <= 9 &&
                      std::all_of(node.scalar.begin(), node.scalar.end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  for (const char c : digits ? node.scalar : std::string())
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  if (!digits || value < least || value > kMaxRecord)
    return broken(node, fmt::format("{} must be a number from {} to {}", key, least, kMaxRecord));
  return static_cast<std::uint32_t>(value);
}

Result<std::string> text_of(const YamlNode& node, std::string_view key) {
  if (node.kind != YamlNode::kScalar || node.scalar.size() > 256)
    return broken(node, fmt::format("{} must be a text of at most 256 characters", key));
  return node.scalar;
}

class LayoutReader {
 public:
  explicit LayoutReader(RecordLayout& layout) : layout_(layout) {}

  Status read(const YamlNode& root) {
    if (root.kind != YamlNode::kMapping) return broken(root, "a layout is a mapping");
    layout_.nodes.push_back({});
    const YamlNode* fields = nullptr;
    const YamlNode* records = nullptr;
    bool version = false;
    for (std::size_t i = 0; i < root.keys.size(); ++i) {
      const std::string& key = root.keys[i];
      const YamlNode& value = root.items[i];
      if (key == "version") {
        BH_TRY(const std::uint32_t number, number_of(value, key, 0));
        if (number != 1) return broken(value, "this release reads version 1 of layouts");
        version = true;
      } else if (key == "fields") {
        fields = &value;
      } else if (key == "records") {
        records = &value;
      } else {
        BH_CHECK(setting(key, value));
      }
    }
    if (!version) return broken(root, "version: 1 is missing");
    if ((fields == nullptr) == (records == nullptr))
      return broken(root, "either fields or records must be there");
    if (fields != nullptr) return record(layout_.name, *fields);
    return all_records(*records);
  }

 private:
  Status setting(const std::string& key, const YamlNode& value) {
    if (key == "name") {
      BH_TRY(layout_.name, text_of(value, key));
    } else if (key == "encoding") {
      layout_.code_page = code_page_from(value.scalar);
      if (!layout_.code_page)
        return broken(value,
                      "encoding must be ascii, utf-8, latin-1, ebcdic-037, ebcdic-500, "
                      "ebcdic-1047 or ebcdic-1140");
    } else if (key == "record_format") {
      layout_.framing = framing_from(value.scalar);
      if (!layout_.framing)
        return broken(value,
                      "record_format must be lines, ebcdic-lines, fixed, v, vb, "
                      "v-without-itself or v-little-endian");
    } else if (key == "record_length") {
      BH_TRY(layout_.record_length, number_of(value, key, 1));
    } else if (key == "header_records") {
      BH_TRY(layout_.header_records, number_of(value, key, 0));
    } else if (key == "trailer_records") {
      BH_TRY(layout_.trailer_records, number_of(value, key, 0));
    } else {
      return broken(value, fmt::format("{} is no setting of a layout", key));
    }
    return {};
  }

  Status all_records(const YamlNode& records) {
    if (records.kind != YamlNode::kSequence || records.items.empty())
      return broken(records, "records must be a list");
    if (records.items.size() > 1000) return broken(records, "more than 1000 kinds of records");
    for (std::size_t i = 0; i < records.items.size(); ++i) {
      const YamlNode& one = records.items[i];
      const YamlNode* when = one.find("when");
      const YamlNode* fields = one.find("fields");
      const YamlNode* name = one.find("name");
      if (one.kind != YamlNode::kMapping || name == nullptr)
        return broken(one, "a kind of record needs a name");
      if (one.keys.size() != 1U + (when != nullptr) + (fields != nullptr))
        return broken(one, "a kind of record has a name, when and fields");
      if (records.items.size() > 1 && when == nullptr)
        return broken(one, "when must say how this kind of record is told from the others");
      if (when != nullptr) {
        BH_CHECK(rule(*when, static_cast<std::uint16_t>(i)));
      }
      static const YamlNode kNothing{.kind = YamlNode::kSequence};
      BH_CHECK(record(name->scalar, fields != nullptr ? *fields : kNothing));
    }
    return {};
  }

  Status rule(const YamlNode& when, std::uint16_t alternative) {
    const YamlNode* at = when.find("at");
    const YamlNode* equals = when.find("equals");
    if (at == nullptr || equals == nullptr || when.keys.size() != 2)
      return broken(when, "when is {at: COLUMN, equals: TEXT} or {at: COLUMN, equals: [TEXT, …]}");
    BH_TRY(const std::uint32_t column, number_of(*at, "at", 1));
    std::vector<YamlNode> values = equals->items;
    if (equals->kind == YamlNode::kScalar) values.push_back(*equals);
    for (const YamlNode& value : values) {
      BH_TRY(const std::string text, text_of(value, "equals"));
      if (text.empty()) return broken(value, "equals must not be empty");
      layout_.types.push_back({column - 1, text, alternative});
    }
    return {};
  }

  Status record(const std::string& name, const YamlNode& fields) {
    if (fields.kind != YamlNode::kSequence) return broken(fields, "fields must be a list");
    const std::size_t group = push(0, {.name = name});
    std::uint32_t end = 0;
    for (const YamlNode& one : fields.items) {
      LayoutNode node;
      std::uint32_t at = end;
      BH_CHECK(field(one, node, at));
      if (at < end)
        return broken(one, fmt::format("{} begins inside the field before it", node.name));
      if (at > end) push(group, {.name = "FILLER", .length = at - end});
      end = at + node.length;
      if (end > kMaxRecord) return broken(one, "a record is 1 MiB long at most");
      push(group, std::move(node));
    }
    return {};
  }

  Status field(const YamlNode& one, LayoutNode& node, std::uint32_t& at) {
    if (one.kind != YamlNode::kMapping)
      return broken(one, "a field is written {name: NAME, at: COLUMN, length: BYTES}");
    std::uint32_t digits = 0;
    for (std::size_t i = 0; i < one.keys.size(); ++i) {
      const std::string& key = one.keys[i];
      const YamlNode& value = one.items[i];
      if (key == "name") {
        BH_TRY(node.name, text_of(value, key));
      } else if (key == "at") {
        BH_TRY(const std::uint32_t column, number_of(value, key, 1));
        at = column - 1;
      } else if (key == "length") {
        BH_TRY(node.length, number_of(value, key, 1));
      } else if (key == "digits") {
        BH_TRY(digits, number_of(value, key, 1));
      } else if (key == "label") {
        BH_TRY(node.label, text_of(value, key));
      } else if (key == "type") {
        const FieldType* type = field_type_from(value.scalar);
        if (type == nullptr) return broken(value, "type must be one of " + known_words("types"));
        node.usage = type->usage;
        node.is_signed = type->is_signed;
      } else if (key == "is") {
        node.kind = kind_from(value.scalar);
        if (!node.kind) return broken(value, "is must be one of " + known_words("kinds"));
      } else if (key == "of") {
        node.subject = subject_from(value.scalar);
        if (!node.subject) return broken(value, "of must be one of " + known_words("subjects"));
      } else {
        return broken(value, fmt::format("{} is nothing that a field has", key));
      }
    }
    if (node.length == 0) return broken(one, "a field needs a length");
    settle_digits(node, digits);
    return {};
  }

  static void settle_digits(LayoutNode& node, std::uint32_t digits) {
    if (digits == 0 && node.usage == FieldUsage::kPacked) digits = node.length * 2 - 1;
    if (digits == 0 && node.usage == FieldUsage::kPackedNoSign) digits = node.length * 2;
    if (digits == 0 && node.usage == FieldUsage::kZoned) digits = node.length;
    node.digits = static_cast<std::uint16_t>(std::min<std::uint32_t>(digits, 60'000));
  }

  std::size_t push(std::size_t parent, LayoutNode node) {
    layout_.nodes[parent].children.push_back(static_cast<std::uint32_t>(layout_.nodes.size()));
    layout_.nodes.push_back(std::move(node));
    return layout_.nodes.size() - 1;
  }

  RecordLayout& layout_;
};

std::string field_line(const RecordLayout& layout, const LayoutField& field) {
  const LayoutNode& node = layout.nodes[field.node];
  std::string line = fmt::format("{{name: {}, at: {}, length: {}", yaml_scalar(field.name),
                                 field.at + 1, field.length);
  const FieldType& type = field_type_of(field.usage, node.is_signed);
  if (type.usage != FieldUsage::kText) line += fmt::format(", type: {}", type.word);
  if (type.usage != FieldUsage::kText && node.digits > 0)
    line += fmt::format(", digits: {}", node.digits);
  if (field.meaning.known) {
    line += fmt::format(", is: {}", word_of(field.meaning.kind));
    if (field.meaning.subject != HeaderSubject::kMain)
      line += fmt::format(", of: {}", word_of(field.meaning.subject));
  }
  if (!node.label.empty()) line += fmt::format(", label: {}", yaml_scalar(node.label));
  return line + "}";
}

}  // namespace

Result<RecordLayout> parse_layout_yaml(std::string_view text, std::string_view name,
                                       const Rules& rules) {
  BH_TRY(const YamlNode root, parse_yaml(text));
  RecordLayout layout;
  layout.name = std::string(name);
  layout.origin = "layout";
  BH_CHECK(LayoutReader(layout).read(root));
  layout.name = std::string(name);
  BH_CHECK(finish_layout(layout, rules));
  return layout;
}

std::string layout_yaml(const RecordLayout& layout, const std::vector<std::string>& picture,
                        const std::vector<std::string>& remarks) {
  std::string text = "version: 1\n";
  if (layout.code_page) text += fmt::format("encoding: {}\n", to_string(*layout.code_page));
  if (layout.framing) text += fmt::format("record_format: {}\n", to_string(*layout.framing));
  if (layout.record_length > 0) text += fmt::format("record_length: {}\n", layout.record_length);
  if (layout.header_records > 0) text += fmt::format("header_records: {}\n", layout.header_records);
  if (layout.trailer_records > 0)
    text += fmt::format("trailer_records: {}\n", layout.trailer_records);
  for (const std::string& line : picture)
    text += line.empty() ? "#\n" : "# " + line + "\n";
  text += "records:\n";
  const std::vector<std::uint32_t>& types = layout.nodes[0].children;
  for (std::size_t i = 0; i < types.size(); ++i) {
    text += fmt::format("  - name: {}\n", yaml_scalar(layout.nodes[types[i]].name));
    std::string values;
    std::uint32_t at = 0;
    for (const TypeRule& rule : layout.types) {
      if (rule.alternative != i) continue;
      values += (values.empty() ? "" : ", ") + yaml_scalar(rule.equals);
      at = rule.at + 1;
    }
    if (!values.empty()) text += fmt::format("    when: {{at: {}, equals: [{}]}}\n", at, values);
    std::string fields;
    for (std::size_t f = 0; f < layout.fields.size(); ++f) {
      const LayoutField& field = layout.fields[f];
      const bool mine =
          types.size() == 1 || (!field.needs.empty() && field.needs[0].alternative == i);
      if (!mine || field.length == 0 || field.name == "FILLER") continue;
      const bool remark = f < remarks.size() && !remarks[f].empty();
      fields += "      - " + field_line(layout, field) + (remark ? "  # " + remarks[f] : "") + "\n";
    }
    text += fields.empty() ? "    fields: []\n" : "    fields:\n" + fields;
  }
  return text;
}

}  // namespace bulkhead::exposure
