// Archives in memory, by libarchive's writers: what the tests of containers read.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <locale.h>

#include <string>
#include <vector>

#include "helpers.h"

namespace bulkhead::exposure::test {

struct Packing {
  int (*format)(struct archive*) = archive_write_set_format_zip;
  int filter = ARCHIVE_FILTER_NONE;
  const char* options = nullptr;
  const char* password = nullptr;
};

inline std::string packed(const std::vector<NamedText>& files, const Packing& how = {}) {
  static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const locale_t before = ::uselocale(utf8);
  std::string memory(64 * 1024 * 1024, '\0');
  std::size_t used = 0;
  struct archive* out = archive_write_new();
  how.format(out);
  if (how.filter != ARCHIVE_FILTER_NONE) archive_write_add_filter(out, how.filter);
  archive_write_set_bytes_in_last_block(out, 1);
  if (how.password != nullptr) archive_write_set_passphrase(out, how.password);
  EXPECT_EQ(archive_write_set_options(out, how.options == nullptr ? "" : how.options), ARCHIVE_OK);
  EXPECT_EQ(archive_write_open_memory(out, memory.data(), memory.size(), &used), ARCHIVE_OK);
  for (const NamedText& file : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, file.name.c_str());
    const bool link = file.text.starts_with("->");
    archive_entry_set_filetype(entry, link ? AE_IFLNK : AE_IFREG);
    if (link) archive_entry_set_symlink(entry, file.text.c_str() + 2);
    archive_entry_set_perm(entry, 0600);
    archive_entry_set_mtime(entry, 1'700'000'000, 0);
    archive_entry_set_size(entry, link ? 0 : static_cast<la_int64_t>(file.text.size()));
    EXPECT_EQ(archive_write_header(out, entry), ARCHIVE_OK) << archive_error_string(out);
    if (!link) archive_write_data(out, file.text.data(), file.text.size());
    archive_entry_free(entry);
  }
  EXPECT_EQ(archive_write_close(out), ARCHIVE_OK) << archive_error_string(out);
  archive_write_free(out);
  ::uselocale(before);
  memory.resize(used);
  return memory;
}

// One text, compressed.
inline std::string compressed(const std::string& text, int filter) {
  return packed({{"data", text}}, {.format = archive_write_set_format_raw, .filter = filter});
}

inline FileFindings analyse_packed(const std::string& bytes, std::string_view name,
                                   const ContainerLimits& limits = {}) {
  MemorySource source(as_bytes(bytes));
  auto findings = analyse(source, name, default_rules(), {}, 1, limits);
  EXPECT_TRUE(findings.has_value());
  return findings ? std::move(*findings) : FileFindings{};
}

// "name: format" of each member, or why it was not read; a line each.
inline std::string told(const FileFindings& findings) {
  std::string text;
  for (const MemberFindings& member : findings.members) {
    const FileReport& report = member.findings.report;
    text += member.name + ": " + (report.read ? report.format : report.recognised_by) + "\n";
  }
  for (const NotUnderstood& part : findings.report.not_understood)
    text += "! " + part.reason + "\n";
  return text;
}

}  // namespace bulkhead::exposure::test
