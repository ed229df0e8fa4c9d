#include "exposure/detect/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "base/ascii.h"
#include "base/bytes.h"
#include "crypto/digest.h"
#include "exposure/detect/hash.h"
#include "exposure/detect/tables_version.h"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

namespace bulkhead::exposure {
namespace {

std::unexpected<Error> misfit(std::string_view path, const toml::node& node,
                              std::string_view what) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}:{}: {}", path, node.source().begin.line, what));
}

Result<std::string> text_of(const toml::node& node, std::string_view path, std::string_view key) {
  const auto value = node.value_exact<std::string>();
  if (!value || value->empty())
    return misfit(path, node, fmt::format("{} must be a text in quotes", key));
  return *value;
}

Result<std::vector<std::string>> texts_of(const toml::node& node, std::string_view path,
                                          std::string_view key) {
  const toml::array* array = node.as_array();
  if (array == nullptr) return misfit(path, node, fmt::format("{} must be a list of texts", key));
  std::vector<std::string> texts;
  for (const toml::node& item : *array) {
    BH_TRY(std::string text, text_of(item, path, key));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<ProgrammeIdentifier> identifier_of(const toml::table& table, std::string_view path) {
  ProgrammeIdentifier identifier;
  for (const auto& [key, node] : table) {
    const std::string_view name = key.str();
    if (name == "name") {
      BH_TRY(identifier.name, text_of(node, path, name));
    } else if (name == "pattern") {
      BH_TRY(identifier.pattern, text_of(node, path, name));
    } else if (name == "headers") {
      BH_TRY(identifier.headers, texts_of(node, path, name));
    } else if (name == "issuers") {
      BH_TRY(identifier.issuers, texts_of(node, path, name));
    } else if (name == "element") {
      BH_TRY(const std::string word, text_of(node, path, name));
      const auto element = element_from(word);
      if (element != Element::kMemberId && element != Element::kStateId &&
          element != Element::kMedicalRecordNumber) {
        return misfit(path, node, "element must be member_id, state_id or medical_record_number");
      }
      identifier.element = *element;
    } else {
      return misfit(path, node,
                    fmt::format("{} is no setting of an identifier: use name, pattern, headers, "
                                "issuers, element",
                                name));
    }
  }
  if (identifier.name.empty()) return misfit(path, table, "an identifier needs a name");
  return identifier;
}

}  // namespace

std::uint64_t table_seed() {
  static const std::uint64_t seed = [] {
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32) | device();
  }();
  return seed;
}

std::string Rules::version() const {
  // Length-prefixed, so that two different lists never read the same.
  std::string text(kTablesVersion);
  const auto put = [&](std::string_view part) { text += fmt::format("{}:{}", part.size(), part); };
  for (const ProgrammeIdentifier& programme : programmes) {
    put(programme.name);
    put(programme.pattern);
    put(to_string(programme.element));
    text += fmt::format("h{}", programme.headers.size());
    for (const std::string& header : programme.headers)
      put(header);
    text += fmt::format("i{}", programme.issuers.size());
    for (const std::string& issuer : programme.issuers)
      put(issuer);
  }
  const crypto::Sha256 digest = crypto::sha256(as_bytes(text));
  return to_hex(ByteView(digest).first(8));
}

// Missouri: the Departmental Client Number is the participant's number in MO HealthNet and FAMIS
// files. Its exact form is not published; eight digits is what such files show.
Rules default_rules() {
  Rules rules;
  rules.programmes.push_back({
      .name = "DCN",
      .pattern = "99999999",
      .headers = {"dcn", "departmental client number", "department client number", "client dcn",
                  "participant dcn", "mo healthnet id", "mohealthnet number", "mo healthnet number",
                  "participant id", "participant number", "client number", "client no"},
      .issuers = {"MO HEALTHNET", "MOHEALTHNET", "MISSOURI MEDICAID", "MO MEDICAID",
                  "MISSOURI DEPARTMENT OF SOCIAL", "MO DEPT OF SOCIAL", "MISSOURI DSS"},
      .element = Element::kMemberId,
  });
  return rules;
}

bool fits_pattern(std::string_view pattern, std::string_view value) {
  if (pattern.empty()) return true;
  const auto fits = [](char form, char c) {
    switch (form) {
      case '9':
        return is_digit(c);
      case 'A':
        return is_letter(c);
      case 'X':
        return is_alnum(c);
      default:
        return c == form;
    }
  };
  return std::equal(pattern.begin(), pattern.end(), value.begin(), value.end(), fits);
}

Result<Rules> parse_rules(std::string_view text, std::string_view path) {
  toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{}:{}: {}", path, parsed.error().source().begin.line,
                            parsed.error().description()));
  }
  Rules rules = default_rules();
  for (const auto& [key, node] : parsed.table()) {
    if (key.str() != "identifier" || !node.is_array_of_tables()) {
      return misfit(path, node,
                    fmt::format("{}: only [[identifier]] tables are known here", key.str()));
    }
    for (const toml::node& entry : *node.as_array()) {
      BH_TRY(ProgrammeIdentifier identifier, identifier_of(*entry.as_table(), path));
      rules.programmes.push_back(std::move(identifier));
    }
  }
  return rules;
}

}  // namespace bulkhead::exposure
