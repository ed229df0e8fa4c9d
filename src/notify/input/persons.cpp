#include "notify/input/persons.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/utf8.h"

namespace bulkhead::notify {
namespace {

using simdjson::dom::element;

constexpr std::size_t kDepthMost = 16;
constexpr std::size_t kListMost = 1000;  // names, addresses, relations of one person
constexpr std::size_t kPartBytesMost = 400;
constexpr std::size_t kReadBytes = 1024 * 1024;

// Where in the file, for the error; and what was found there so far.
struct Line {
  std::string_view file;
  std::uint64_t number;
  std::unexpected<Error> wrong(std::string_view what) const {
    return fail(ErrorCode::kMalformed, fmt::format("{}:{}: {}", file, number, what));
  }
};

// Text that can be printed: no control characters, nothing that turns the writing direction.
bool printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) return false;
    if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0)
      return false;
    if (c != 0xE2 || i + 2 >= text.size()) continue;
    const auto second = static_cast<unsigned char>(text[i + 1]);
    const auto third = static_cast<unsigned char>(text[i + 2]);
    const bool turns = second == 0x80 && third >= 0xA8 && third <= 0xAE;     // U+2028 to U+202E
    const bool isolates = second == 0x81 && third >= 0xA6 && third <= 0xA9;  // U+2066 to U+2069
    if (turns || isolates) return false;
  }
  return true;
}

// What cannot be printed becomes a space; runs of spaces one.
std::string cleaned(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = std::max<std::size_t>(1, utf8_sequence_length(text.substr(i)));
    const std::string_view one = text.substr(i, length);
    const bool blank = one == " " || !printable(one);
    if (!blank) {
      result += one;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
    i += length;
  }
  while (!result.empty() && result.back() == ' ')
    result.pop_back();
  return result;
}

Result<std::string> text_of(element at, const Line& line, std::string_view key) {
  std::string_view text;
  if (at.get(text) != simdjson::SUCCESS)
    return line.wrong(fmt::format("{}: a text is expected", key));
  if (text.size() > kPartBytesMost) return line.wrong(fmt::format("{}: is too long", key));
  return cleaned(text);
}

Result<std::string> member_text(element object, const Line& line, std::string_view key) {
  element at;
  if (object[key].get(at) != simdjson::SUCCESS)
    return line.wrong(fmt::format("{} is missing", key));
  return text_of(at, line, key);
}

Result<bool> member_truth(element object, const Line& line, std::string_view key) {
  bool truth = false;
  if (object[key].get(truth) != simdjson::SUCCESS)
    return line.wrong(fmt::format("{}: true or false is expected", key));
  return truth;
}

template <typename Take>
Status each(element object, const Line& line, std::string_view key, const Take& take) {
  simdjson::dom::array list;
  if (object[key].get(list) != simdjson::SUCCESS)
    return line.wrong(fmt::format("{}: a list is expected", key));
  std::size_t count = 0;
  for (const element one : list) {
    if (++count > kListMost) return line.wrong(fmt::format("{}: has too many entries", key));
    BH_CHECK(take(one));
  }
  return {};
}

Status texts(element object, const Line& line, std::string_view key,
             std::vector<std::string>& into) {
  return each(object, line, key, [&](element one) -> Status {
    BH_TRY(std::string text, text_of(one, line, key));
    into.push_back(std::move(text));
    return {};
  });
}

Status take_names(element object, const Line& line, AffectedPerson& person) {
  return each(object, line, "names", [&](element one) -> Status {
    exposure::PersonName name;
    BH_TRY(name.first, member_text(one, line, "first"));
    BH_TRY(name.middle, member_text(one, line, "middle"));
    BH_TRY(name.last, member_text(one, line, "last"));
    BH_TRY(name.suffix, member_text(one, line, "suffix"));
    person.names.push_back(std::move(name));
    return {};
  });
}

Status take_addresses(element object, const Line& line, AffectedPerson& person) {
  return each(object, line, "addresses", [&](element one) -> Status {
    exposure::PersonAddress address;
    BH_CHECK(texts(one, line, "lines", address.lines));
    std::erase(address.lines, "");
    BH_TRY(address.city, member_text(one, line, "city"));
    BH_TRY(address.state, member_text(one, line, "state"));
    BH_TRY(address.postal_code, member_text(one, line, "postal_code"));
    person.addresses.push_back(std::move(address));
    return {};
  });
}

Status take_elements(element object, const Line& line, AffectedPerson& person) {
  return each(object, line, "elements", [&](element one) -> Status {
    std::string_view word;
    if (one.get(word) != simdjson::SUCCESS) return line.wrong("elements: a text is expected");
    const auto found = exposure::element_from(word);
    // An element without words would be missing from a letter that seems complete.
    if (!found) return line.wrong("elements: one that this release has no words for");
    person.elements.add(*found);
    return {};
  });
}

Status take_role(element object, const Line& line, AffectedPerson& person) {
  BH_TRY(const std::string role, member_text(object, line, "role"));
  for (const auto one : {exposure::Role::kMember, exposure::Role::kRelated,
                         exposure::Role::kProvider, exposure::Role::kOther}) {
    if (exposure::to_string(one) != role) continue;
    person.role = one;
    return {};
  }
  return line.wrong("role: one of member, related, provider, other is expected");
}

bool is_person_id(std::string_view id) {
  return id.size() == 34 && id.starts_with("p-") &&
         std::all_of(id.begin() + 2, id.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

Status take_state(element object, const Line& line, AffectedPerson& person) {
  BH_TRY(const std::string identifiable, member_text(object, line, "identifiable"));
  person.named = identifiable == "named";
  BH_TRY(person.deceased, member_truth(object, line, "deceased"));
  element minor_on;
  if (object["minor_on"].get(minor_on) != simdjson::SUCCESS)
    return line.wrong("minor_on is missing");
  person.minor = !minor_on.is_null();
  std::vector<std::string> sensitive;
  BH_CHECK(texts(object, line, "sensitive", sensitive));
  person.sensitive = !sensitive.empty();
  return {};
}

}  // namespace

struct PersonLineParser::State {
  simdjson::dom::parser parser{kPersonLineBytesMost};
  std::string padded;
  // The depth that persons.ndjson has is four; what is deeper is refused before it costs anything.
  bool ready = parser.allocate(64 * 1024, kDepthMost) == simdjson::SUCCESS;
};

PersonLineParser::PersonLineParser() : state_(std::make_unique<State>()) {}
PersonLineParser::~PersonLineParser() = default;

Result<AffectedPerson> PersonLineParser::parse(std::string_view text, std::string_view file,
                                               std::uint64_t number) {
  const Line line{file, number};
  if (!state_->ready) return fail(ErrorCode::kInternal, "no memory to read JSON");
  state_->padded.assign(text);
  state_->padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  element object;
  const auto error = state_->parser.parse(state_->padded.data(), text.size(), false).get(object);
  if (error != simdjson::SUCCESS)
    return line.wrong(fmt::format("is no JSON object: {}", simdjson::error_message(error)));
  if (!object.is_object()) return line.wrong("is no JSON object");
  AffectedPerson person;
  BH_TRY(person.id, member_text(object, line, "person"));
  if (!is_person_id(person.id)) return line.wrong("person: an id such as p-7c31… is expected");
  BH_CHECK(take_role(object, line, person));
  BH_CHECK(take_state(object, line, person));
  BH_CHECK(take_names(object, line, person));
  BH_CHECK(texts(object, line, "dates_of_birth", person.dates_of_birth));
  BH_CHECK(take_addresses(object, line, person));
  BH_CHECK(texts(object, line, "related_to", person.related_to));
  BH_CHECK(take_elements(object, line, person));
  element enrolled;
  if (object["enrolled_only"].get(enrolled) == simdjson::SUCCESS) {
    BH_TRY(person.enrolled_only, member_truth(object, line, "enrolled_only"));
  }
  element formerly;
  if (object["formerly"].get(formerly) == simdjson::SUCCESS)
    BH_CHECK(texts(object, line, "formerly", person.formerly));
  return person;
}

namespace {

std::string whole_name(const exposure::PersonName& name) {
  std::string result;
  for (const std::string* part : {&name.first, &name.middle, &name.last, &name.suffix}) {
    if (part->empty()) continue;
    if (!result.empty()) result += ' ';
    result += *part;
  }
  return result;
}

}  // namespace

std::string AffectedPerson::display_name() const {
  const exposure::PersonName* best = nullptr;
  for (const exposure::PersonName& name : names) {
    const bool whole = !name.first.empty() && !name.last.empty();
    if (best == nullptr || (whole && (best->first.empty() || best->last.empty()))) best = &name;
  }
  return best == nullptr ? "" : whole_name(*best);
}

std::vector<std::string> AffectedPerson::spoken_names() const {
  std::vector<std::string> spoken;
  for (const exposure::PersonName& name : names) {
    for (std::string each : {whole_name(name), whole_name({name.first, "", name.last, ""})}) {
      const bool known = std::find(spoken.begin(), spoken.end(), each) != spoken.end();
      if (!each.empty() && !known) spoken.push_back(std::move(each));
    }
  }
  return spoken;
}

const exposure::PersonAddress* AffectedPerson::mail_address() const {
  for (const exposure::PersonAddress& address : addresses) {
    if (!address.lines.empty() && !address.city.empty() &&
        (!address.state.empty() || !address.postal_code.empty()))
      return &address;
  }
  return nullptr;
}

std::string AffectedPerson::state() const {
  for (const exposure::PersonAddress& address : addresses) {
    const std::size_t place = exposure::place_of_state(address.state);
    if (place < exposure::kStateCount) return std::string(exposure::state_code(place));
    if (place == exposure::kUnknownPlace) continue;
    std::string written = address.state;
    std::transform(written.begin(), written.end(), written.begin(), [](unsigned char c) {
      return static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
    });
    return written;
  }
  return "";
}

Status for_each_person(const std::string& path,
                       const std::function<Status(const AffectedPerson&)>& take) {
  BH_TRY(const UniqueFd fd, open_file(path, O_RDONLY));
  PersonLineParser parser;
  std::string buffer;
  std::uint64_t number = 0;
  const auto take_line = [&](std::string_view line) -> Status {
    ++number;
    if (line.empty()) return {};
    BH_TRY(const AffectedPerson person, parser.parse(line, path, number));
    return take(person);
  };
  for (bool ended = false; !ended;) {
    const std::size_t kept = buffer.size();
    if (kept > kPersonLineBytesMost)
      return fail(ErrorCode::kLimitExceeded,
                  fmt::format("{}:{}: the line is too long", path, number + 1));
    buffer.resize(kept + kReadBytes);
    ssize_t count = 0;
    do {
      count = ::read(fd.get(), buffer.data() + kept, kReadBytes);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return fail_errno("reading " + path);
    ended = count == 0;
    buffer.resize(kept + static_cast<std::size_t>(count));
    std::size_t begin = 0;
    for (std::size_t end = buffer.find('\n', kept); end != std::string::npos;
         end = buffer.find('\n', begin)) {
      BH_CHECK(take_line(std::string_view(buffer).substr(begin, end - begin)));
      begin = end + 1;
    }
    buffer.erase(0, begin);
  }
  return buffer.empty() ? Status() : take_line(buffer);
}

}  // namespace bulkhead::notify
