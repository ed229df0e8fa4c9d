#include "exposure/containers/archive_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <cerrno>

namespace bulkhead::exposure {

// clang-format off: a table.
struct ArchiveFormat {
  std::string_view name;
  int (*enable)(struct archive*);
  int (*enable_too)(struct archive*);  // a second version of the same
  int filter;                          // that the whole file went through; 0: none
  bool any_order;                      // cannot be read from its front to its end
  bool solid;                          // members are compressed together
};

namespace {

constexpr ArchiveFormat kFormats[] = {
    {"zip",   archive_read_support_format_zip,  nullptr,                          0,                    false, false},
    {"7z",    archive_read_support_format_7zip, nullptr,                          0,                    true, true},
    {"rar",   archive_read_support_format_rar,  archive_read_support_format_rar5, 0,                    false, true},
    {"tar",   archive_read_support_format_tar,  archive_read_support_format_empty, 0,                  false, false},
    {"gzip",  archive_read_support_format_raw,  nullptr,                          ARCHIVE_FILTER_GZIP,  false, false},
    {"bzip2", archive_read_support_format_raw,  nullptr,                          ARCHIVE_FILTER_BZIP2, false, false},
    {"xz",    archive_read_support_format_raw,  nullptr,                          ARCHIVE_FILTER_XZ,    false, false},
    {"zstd",  archive_read_support_format_raw,  nullptr,                          ARCHIVE_FILTER_ZSTD,  false, false},
};
// clang-format on

constexpr std::size_t kBlockBytes = 256 * 1024;
constexpr std::size_t kMaxWhy = 120;

// Names are converted by the locale: without one of UTF-8, a name with an umlaut has no form at
// all. Of this thread, for as long as this lives.
class Utf8Names {
 public:
  Utf8Names() : before_(::uselocale(locale())) {}
  ~Utf8Names() { ::uselocale(before_); }
  Utf8Names(const Utf8Names&) = delete;

 private:
  static locale_t locale() {
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    return utf8 != nullptr ? utf8 : LC_GLOBAL_LOCALE;
  }
  locale_t before_;
};

// A library's text may hold what stands in the file.
std::string clause(const char* text) {
  std::string clean(text == nullptr ? "" : text);
  std::replace_if(clean.begin(), clean.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  if (clean.size() > kMaxWhy) clean.resize(kMaxWhy);
  return clean.empty() ? "damaged" : clean;
}

ArchiveEntry::What what_of(archive_entry* entry) {
  if (archive_entry_hardlink_utf8(entry) != nullptr || archive_entry_hardlink(entry) != nullptr)
    return ArchiveEntry::What::kLink;
  switch (archive_entry_filetype(entry)) {
    case AE_IFREG:
    case 0:  // compressed data without a header
      return ArchiveEntry::What::kFile;
    case AE_IFDIR:
      return ArchiveEntry::What::kFolder;
    case AE_IFLNK:
      return ArchiveEntry::What::kLink;
    default:
      return ArchiveEntry::What::kOther;
  }
}

}  // namespace

const ArchiveFormat* archive_format(std::string_view name) {
  const auto* const at =
      std::find_if(std::begin(kFormats), std::end(kFormats),
                   [name](const ArchiveFormat& format) { return format.name == name; });
  return at == std::end(kFormats) ? nullptr : at;
}

struct ArchiveStream::Callbacks {
  static la_ssize_t read(struct archive* archive, void* data, const void** buffer) {
    auto& stream = *static_cast<ArchiveStream*>(data);
    const auto count = stream.source_.read_at(stream.position_, stream.block_);
    if (!count) {
      stream.source_error_ = count.error();
      archive_set_error(archive, EIO, "the source failed");
      return ARCHIVE_FATAL;
    }
    stream.position_ += *count;
    *buffer = stream.block_.data();
    return static_cast<la_ssize_t>(*count);
  }
  static la_int64_t skip(struct archive*, void* data, la_int64_t bytes) {
    auto& stream = *static_cast<ArchiveStream*>(data);
    const std::uint64_t size = stream.source_.size();
    const std::uint64_t left = size > stream.position_ ? size - stream.position_ : 0;
    const auto skipped = std::min(left, static_cast<std::uint64_t>(std::max<la_int64_t>(bytes, 0)));
    stream.position_ += skipped;
    return static_cast<la_int64_t>(skipped);
  }
  static la_int64_t seek(struct archive*, void* data, la_int64_t offset, int whence) {
    auto& stream = *static_cast<ArchiveStream*>(data);
    const auto size = static_cast<la_int64_t>(stream.source_.size());
    const la_int64_t from = whence == SEEK_END   ? size
                            : whence == SEEK_CUR ? static_cast<la_int64_t>(stream.position_)
                                                 : 0;
    la_int64_t to = 0;
    if (__builtin_add_overflow(from, offset, &to) || to < 0 || to > size) return ARCHIVE_FATAL;
    stream.position_ = static_cast<std::uint64_t>(to);
    return to;
  }
};

ArchiveStream::ArchiveStream(ByteSource& source, const ArchiveFormat& format)
    : source_(source),
      format_(format),
      archive_(archive_read_new()),
      block_(source.any_order() ? std::clamp<std::uint64_t>(source.size(), 1, kBlockBytes)
                                : kBlockBytes) {
  BH_ASSERT(archive_ != nullptr);
  const Utf8Names names;
  format.enable(archive_);
  if (format.enable_too != nullptr) format.enable_too(archive_);
  // Exactly this one: found by itself, it would unpack what was compressed twice as one.
  if (format.filter != 0) archive_read_append_filter(archive_, format.filter);
  archive_read_set_read_callback(archive_, Callbacks::read);
  archive_read_set_callback_data(archive_, this);
  if (source.any_order()) {
    archive_read_set_skip_callback(archive_, Callbacks::skip);
    archive_read_set_seek_callback(archive_, Callbacks::seek);
  }
  opened_ = format.any_order && !source.any_order() ? ARCHIVE_FAILED : archive_read_open1(archive_);
}

ArchiveStream::~ArchiveStream() {
  archive_read_free(archive_);
}

bool format_is_single(const ArchiveFormat& format) {
  return format.filter != 0;
}

bool ArchiveStream::solid() const {
  return format_.solid;
}

ArchiveStream::Outcome ArchiveStream::outcome_of(int code) {
  if (code == ARCHIVE_OK || code == ARCHIVE_WARN) return Outcome::kOk;
  if (code == ARCHIVE_EOF) return Outcome::kEnd;
  why_ = clause(archive_error_string(archive_));
  return code == ARCHIVE_FATAL ? Outcome::kArchive : Outcome::kMember;
}

Result<ArchiveStream::Outcome> ArchiveStream::checked(Outcome outcome) {
  if (source_error_) return std::unexpected(*source_error_);
  return outcome;
}

// libarchive does not tell it from one that is cut off. At the end of each stands what it unpacks
// to: checksum and length, both zero (RFC 1952, 2.3.1).
Result<bool> ArchiveStream::is_gzip_of_nothing() {
  constexpr std::size_t kTrailer = 8;
  const bool may_be =
      format_.filter == ARCHIVE_FILTER_GZIP && source_.any_order() && source_.size() > kTrailer;
  if (!may_be) return false;
  Bytes trailer(kTrailer);
  BH_TRY(const std::size_t count, source_.read_at(source_.size() - kTrailer, trailer));
  return count == kTrailer &&
         std::all_of(trailer.begin(), trailer.end(), [](Byte byte) { return byte == 0; });
}

Result<ArchiveStream::Outcome> ArchiveStream::next(ArchiveEntry& entry) {
  if (opened_ == ARCHIVE_FAILED) {
    why_ = "inside of another container it can be read only up to a smaller size: unpack it";
    return Outcome::kArchive;
  }
  const Utf8Names names;
  archive_entry* header = nullptr;
  const int code = opened_ == ARCHIVE_OK ? archive_read_next_header(archive_, &header) : opened_;
  const Outcome outcome = outcome_of(code);
  // Asked about what it did not recognise, libarchive 3.6 calls a function that is none.
  const bool known = ::archive_format(archive_) != 0;
  if (outcome == Outcome::kArchive && known && archive_read_has_encrypted_entries(archive_) > 0)
    why_ = "encrypted, its list of members too";
  if (outcome == Outcome::kArchive && !known && single()) {
    why_ = "nothing comes out of it: it is cut off, or no such file";
    BH_TRY(const bool empty, is_gzip_of_nothing());
    if (empty) return Outcome::kEnd;
  }
  if (outcome != Outcome::kOk) return checked(outcome);
  const char* name = archive_entry_pathname_utf8(header);
  if (name == nullptr) name = archive_entry_pathname(header);
  entry = {.name = single() || name == nullptr ? "" : name,
           .what = what_of(header),
           .encrypted = archive_entry_is_encrypted(header) != 0};
  if (archive_entry_size_is_set(header) != 0)
    entry.bytes = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(header), 0));
  return checked(outcome);
}

Result<ArchiveStream::Outcome> ArchiveStream::read(MutableByteView into, std::size_t& count) {
  const Utf8Names names;
  count = 0;
  while (count < into.size()) {
    const la_ssize_t got = archive_read_data(archive_, into.data() + count, into.size() - count);
    // A checksum that does not fit is a warning to libarchive.
    if (got < 0)
      return checked(outcome_of(got == ARCHIVE_WARN ? ARCHIVE_FAILED : static_cast<int>(got)));
    if (got == 0) return checked(Outcome::kEnd);
    count += static_cast<std::size_t>(got);
  }
  return checked(Outcome::kOk);
}

void prepare_archives() {
  // An empty tar asks for the locale and for what a name's conversion needs.
  const Bytes nothing(1024);
  MemorySource source(nothing);
  ArchiveEntry entry;
  for (const ArchiveFormat& format : kFormats)
    (void)ArchiveStream(source, format).next(entry);
}

}  // namespace bulkhead::exposure
