#include "exposure/output/person_lines.h"

#include <algorithm>

#include "exposure/roster/roster.h"

namespace bulkhead::exposure {
namespace {

constexpr std::size_t kMaxSets = 4096;  // files that are made to show many are not helped by it

std::string json_text(std::string_view text) {
  JsonWriter json;
  json.value(text);
  return std::move(json).take();
}

// Printable ASCII without quotes and backslashes: what most values are.
bool is_plain(std::string_view text) {
  bool plain = true;
  for (const char c : text)
    plain &= c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
  return plain;
}

constexpr std::pair<Sensitivity, std::string_view> kSensitive[] = {
    {Sensitivity::kSubstanceUse, "\"substance_use\""},
    {Sensitivity::kMentalHealth, "\"mental_health\""},
    {Sensitivity::kHiv, "\"hiv\""},
    {Sensitivity::kReproductive, "\"reproductive\""}};

// Puts a comma before all but the first.
class List {
 public:
  explicit List(LineBuffer& out) : out_(out) { out_.put('['); }
  void next() {
    if (!first_) out_.put(',');
    first_ = false;
  }
  void end() { out_.put(']'); }

 private:
  LineBuffer& out_;
  bool first_ = true;
};

}  // namespace

std::vector<std::string_view> sorted_words(ElementSet set) {
  std::vector<std::string_view> list;
  for (std::size_t e = 0; e < kElementCount; ++e) {
    if (set.has(static_cast<Element>(e))) list.push_back(to_string(static_cast<Element>(e)));
  }
  std::sort(list.begin(), list.end());
  return list;
}

PersonLines::PersonLines(const std::vector<FileSummary>& files) {
  for (const FileSummary& file : files) {
    files_.push_back("{\"file\":" + json_text(file.file) +
                     ",\"format\":" + json_text(file.report.format) + ",\"elements\":");
  }
  for (std::size_t e = 0; e < kElementCount; ++e) {
    evidence_.push_back("{\"element\":" + json_text(to_string(static_cast<Element>(e))) +
                        ",\"offset\":");
  }
}

void PersonLines::put_text(std::string_view text, LineBuffer& out) {
  if (!is_plain(text)) {
    json_.clear();
    json_.value(text);
    return out.put(json_.text());
  }
  out.put('"');
  out.put(text);
  out.put('"');
}

void PersonLines::put_texts(const std::vector<std::string_view>& texts, LineBuffer& out) {
  List list(out);
  for (const std::string_view text : texts) {
    list.next();
    put_text(text, out);
  }
  list.end();
}

void PersonLines::put_elements(ElementSet set, LineBuffer& out) {
  if (set.empty()) return out.put("[]");
  if (const auto known = sets_.find(set.bits()); known != sets_.end())
    return out.put(known->second);
  std::string text = "[";
  for (const std::string_view word : sorted_words(set))
    text += (text.size() > 1 ? ",\"" : "\"") + std::string(word) + "\"";
  text += "]";
  out.put(text);
  if (sets_.size() < kMaxSets) sets_.emplace(set.bits(), std::move(text));
}

void PersonLines::put_identifier(const IdentifierView& identifier, LineBuffer& out) {
  out.put("{\"type\":\"");
  out.put(to_string(identifier.type));
  out.put("\",\"value\":");
  put_text(identifier.value, out);
  if (!identifier.label.empty()) {
    out.put(",\"label\":");
    put_text(identifier.label, out);
  }
  bool any = false;
  for (const FlagWord& flag : kFlagWords) {
    if ((identifier.flags & flag.flag) == 0) continue;
    out.put(any ? ",\"" : ",\"flags\":[\"");
    out.put(flag.word);
    out.put('"');
    any = true;
  }
  out.put(any ? "]}" : "}");
}

void PersonLines::put_address(const AddressView& address, LineBuffer& out) {
  out.put("{\"lines\":");
  List lines(out);
  for (const std::string_view line : address.lines) {
    if (line.empty()) continue;
    lines.next();
    put_text(line, out);
  }
  lines.end();
  out.put(",\"city\":");
  put_text(address.city, out);
  out.put(",\"state\":");
  put_text(address.state, out);
  out.put(",\"postal_code\":");
  put_text(address.postal_code, out);
  out.put('}');
}

void PersonLines::put_who(const PersonView& person, LineBuffer& out) {
  out.put(",\"names\":");
  List names(out);
  for (const NameView& name : person.names) {
    names.next();
    out.put("{\"first\":");
    put_text(name.first, out);
    out.put(",\"middle\":");
    put_text(name.middle, out);
    out.put(",\"last\":");
    put_text(name.last, out);
    out.put(",\"suffix\":");
    put_text(name.suffix, out);
    out.put('}');
  }
  names.end();
  out.put(",\"dates_of_birth\":");
  List dates(out);
  for (const DateView& date : person.dates_of_birth) {
    dates.next();
    put_text(date.text(), out);
  }
  dates.end();
  out.put(",\"identifiers\":");
  List identifiers(out);
  for (const IdentifierView& identifier : person.identifiers) {
    identifiers.next();
    put_identifier(identifier, out);
  }
  identifiers.end();
  out.put(",\"addresses\":");
  List addresses(out);
  for (const AddressView& address : person.addresses) {
    addresses.next();
    put_address(address, out);
  }
  addresses.end();
  out.put(",\"address_status\":");
  put_text(person.address_status, out);
  out.put(",\"phones\":");
  put_texts(person.phones, out);
  out.put(",\"emails\":");
  put_texts(person.emails, out);
}

void PersonLines::put_exposure(const PersonView& person, const ExposureView& exposure,
                               LineBuffer& out) {
  if (person.confidence != confidence_) {
    json_.clear();
    json_.value(person.confidence);
    confidence_ = person.confidence;
    confidence_text_ = json_.text();
  }
  out.put(files_[exposure.file]);
  put_elements(exposure.elements, out);
  out.put(",\"records\":");
  out.put_number(exposure.records);
  out.put(",\"first_offset\":");
  out.put_number(exposure.first_offset);
  out.put(",\"confidence\":");
  out.put(confidence_text_);
  out.put(",\"evidence\":");
  List places(out);
  for (std::size_t i = exposure.evidence_from; i < exposure.evidence_to; ++i) {
    const EvidenceView& evidence = person.evidence[i];
    places.next();
    out.put(evidence_[static_cast<std::size_t>(evidence.place.element)]);
    out.put_number(evidence.place.offset);
    out.put(",\"length\":");
    out.put_number(evidence.place.length);
    out.put(",\"where\":");
    put_text(evidence.where, out);
    out.put('}');
  }
  places.end();
  out.put('}');
}

void PersonLines::put(const PersonView& person, LineBuffer& out) {
  out.put("{\"person\":");
  put_text(person.id, out);
  out.put(",\"role\":\"");
  out.put(to_string(person.role));
  out.put("\",\"identifiable\":\"");
  out.put(to_string(person.identifiable));
  out.put('"');
  put_who(person, out);
  out.put(",\"minor_on\":");
  if (person.minor_on.empty())
    out.put("null");
  else
    put_text(person.minor_on, out);
  out.put(person.deceased ? ",\"deceased\":true" : ",\"deceased\":false");
  out.put(",\"related_to\":");
  put_texts(person.related_to, out);
  out.put(",\"sensitive\":");
  List sensitive(out);
  for (const auto& [flag, word] : kSensitive) {
    if ((person.sensitive & static_cast<SensitivitySet>(flag)) == 0) continue;
    sensitive.next();
    out.put(word);
  }
  sensitive.end();
  out.put(",\"elements\":");
  put_elements(person.elements, out);
  out.put(",\"possible\":");
  put_elements(person.possible, out);
  out.put(",\"masked\":");
  put_elements(person.masked, out);
  out.put(",\"exposures\":");
  List exposures(out);
  for (const ExposureView& exposure : person.exposures) {
    exposures.next();
    put_exposure(person, exposure, out);
  }
  exposures.end();
  if (person.from_roster != 0) {
    out.put(",\"from_roster\":");
    List gave(out);
    for (const RosterWord& word : kRosterWords) {
      if ((person.from_roster & word.flag) == 0) continue;
      gave.next();
      put_text(word.word, out);
    }
    gave.end();
  }
  if (person.enrolled_only) out.put(",\"enrolled_only\":true");
  if (!person.formerly.empty()) {
    out.put(",\"formerly\":");
    put_texts(person.formerly, out);
  }
  out.put("}\n");
}

}  // namespace bulkhead::exposure
