#include "exposure/readers/sniff.h"

#include <algorithm>
#include <array>

#include "exposure/containers/mime.h"
#include "exposure/readers/hl7_syntax.h"
#include "exposure/readers/nacha_reader.h"
#include "exposure/readers/ncpdp_syntax.h"
#include "exposure/readers/x12_syntax.h"

namespace bulkhead::exposure {
namespace {

using namespace std::literals;

struct Magic {
  std::size_t at;
  std::string_view bytes;
  std::string_view format;
};

// clang-format off: tables.
// Files with other files in them: names as in containers/archive_stream.cpp.
constexpr Magic kArchives[] = {
    {0, "PK\x03\x04"sv, "zip"}, {0, "PK\x05\x06"sv, "zip"}, {0, "PK\x30\x30PK\x03\x04"sv, "zip"},
    {0, "\x1F\x8B\x08"sv, "gzip"}, {4, "1AY&SY"sv, "bzip2"}, {0, "\xFD" "7zXZ\0"sv, "xz"},
    {0, "\x28\xB5\x2F\xFD"sv, "zstd"}, {0, "7z\xBC\xAF\x27\x1C"sv, "7z"}, {0, "Rar!\x1A\x07"sv, "rar"},
    {257, "ustar"sv, "tar"},
};

// Formats that are recognised. None of them is read yet.
constexpr Magic kMagics[] = {
    {0, "%PDF-"sv, "pdf"}, {0, "PAR1"sv, "parquet"},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "ole2"}, {0, "!BDN"sv, "pst"}, {0, "SQLite format 3\0"sv, "sqlite"},
    {0, "{\\rtf"sv, "rtf"}, {0, "\x89PNG\r\n"sv, "png"}, {0, "\xFF\xD8\xFF"sv, "jpeg"}, {0, "GIF8"sv, "gif"},
    {0, "II*\0"sv, "tiff"}, {0, "MM\0*"sv, "tiff"}, {0, "\x7F" "ELF"sv, "elf"},
    {0, "age-encryption.org/v1\n"sv, "age"}, {0, "-----BEGIN PGP"sv, "pgp"}, {0, "Obj\x01"sv, "avro"},
    {0, "ORC"sv, "orc"}, {128, "DICM"sv, "dicom"},
};

// Texts that say what they are at their start.
constexpr Magic kTextStarts[] = {
    {0, "UNA"sv, "edifact"}, {0, "UNB+"sv, "edifact"}, {0, "HDR_BENEDATASHR"sv, "cms-1800"},
    {0, "BEGIN:VCARD"sv, "vcard"}, {0, "@\n\x1E\rANSI "sv, "aamva"},
};
// clang-format on

bool is_at(const Magic& magic, std::string_view head) {
  return head.size() > magic.at && head.substr(magic.at).starts_with(magic.bytes);
}

std::string_view without_preamble(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t' || text[0] == '\r' || text[0] == '\n'))
    text.remove_prefix(1);
  return text;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

Sniffed other(std::string_view format, std::string_view by) {
  return {FormatClass::kOther, std::string(format), std::string(by)};
}

bool is_x12(std::string_view text) {
  if (delimiters_from_isa(text)) return true;
  const auto found = delimiters_without_isa(text);
  return found && contains(text.substr(0, 4096), std::string("ST") + found->element);
}

// At the start, in a network frame, or behind a first line that was damaged.
bool is_hl7(std::string_view text) {
  if (text.starts_with('\x0B')) text.remove_prefix(1);
  if (hl7_delimiters(text)) return true;
  const std::string_view head = text.substr(0, 4096);
  for (const std::string_view start : {"\rMSH", "\nMSH", "\x0BMSH"}) {
    const std::size_t at = head.find(start);
    if (at != std::string_view::npos && hl7_delimiters(text.substr(at + 1))) return true;
  }
  return false;
}

Sniffed sniff_markup(std::string_view text) {
  const std::string_view head = text.substr(0, 4096);
  if (contains(head, "ClinicalDocument")) return other("cda", "root element");
  if (contains(head, "hl7.org/fhir")) return other("fhir-xml", "namespace");
  if (contains(head, "NCPDP") || contains(head, "ncpdp")) return other("ncpdp-script", "namespace");
  if (contains(head, "<html") || contains(head, "<HTML") || contains(head, "<!DOCTYPE html"))
    return other("html", "element");
  return other("xml", "first character");
}

Sniffed sniff_json(std::string_view text) {
  if (contains(text.substr(0, 65536), "\"resourceType\""))
    return {FormatClass::kFhirJson, "fhir-json", "resourceType"};
  return other("json", "first character");
}

// Letters, digits and blanks of EBCDIC dominate.
bool looks_ebcdic(std::string_view text) {
  std::size_t ebcdic = 0;
  std::size_t ascii = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (byte >= 0xC1 && byte <= 0xE9) || (byte >= 0x81 && byte <= 0xA9);
    if (byte == 0x40 || byte >= 0xF0 || letter) ++ebcdic;
    if (byte >= 0x20 && byte < 0x7F && byte != 0x40) ++ascii;
  }
  return text.size() >= 32 && ebcdic * 10 > text.size() * 6 && ascii * 10 < text.size() * 4;
}

bool looks_binary(std::string_view text) {
  std::size_t control = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0) return true;
    if (byte < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f') ++control;
  }
  return control * 100 > text.size() * 2;
}

// All lines (but the last) of one length, at least two of them.
std::size_t line_length(std::string_view text) {
  std::size_t length = 0;
  std::size_t lines = 0;
  while (true) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    if (lines++ == 0)
      length = end;
    else if (end != length)
      return 0;
    text.remove_prefix(end + 1);
  }
  return lines >= 2 ? length : 0;
}

}  // namespace

Sniffed sniff(std::string_view head) {
  if (head.empty()) return {FormatClass::kEmpty, "empty", "size"};
  for (const Magic& magic : kArchives) {
    if (is_at(magic, head))
      return {FormatClass::kArchive, std::string(magic.format), "magic number"};
  }
  for (const Magic& magic : kMagics) {
    if (is_at(magic, head)) return other(magic.format, "magic number");
  }
  if (head.starts_with("\xFF\xFE") || head.starts_with("\xFE\xFF"))
    return other("utf-16-text", "byte order mark");
  const std::string_view text = without_preamble(head);
  if (is_x12(text)) return {FormatClass::kX12, "x12", "ISA, GS or ST segment"};
  if (is_hl7(text)) return {FormatClass::kHl7, "hl7v2", "message header"};
  if (mailbox_line(text) != std::string_view::npos)
    return {FormatClass::kMail, "mbox", "line of a mailbox"};
  if (looks_like_mail(text)) return {FormatClass::kMail, "email", "header fields"};
  for (const Magic& start : kTextStarts) {
    if (text.starts_with(start.bytes)) return other(start.format, "first bytes");
  }
  if (looks_like_nacha(text)) return {FormatClass::kNacha, "nacha", "94-byte records"};
  if (looks_like_ncpdp(text)) return {FormatClass::kNcpdp, "ncpdp-telecom", "transmission header"};
  if (text.starts_with("<")) return sniff_markup(text);
  if (text.starts_with("{") || text.starts_with("[")) return sniff_json(text);
  if (looks_ebcdic(head.substr(0, 4096)))
    return {FormatClass::kRecords, "ebcdic", "character frequencies"};
  if (looks_binary(head.substr(0, 4096)))
    return {FormatClass::kRecords, "unknown-binary", "control characters"};
  std::size_t length = line_length(head);
  if (length > 0 && head[length - 1] == '\r') --length;
  return {FormatClass::kMaybeDelimited, length > 20 ? "fixed-width-text" : "text",
          "no structure that is known"};
}

}  // namespace bulkhead::exposure
