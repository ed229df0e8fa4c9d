#include "cli/findings.h"

#include <fmt/format.h>
#include <sys/mman.h>

namespace bulkhead::cli {
namespace {

constexpr std::size_t kKeyFileLimitBytes = 64 * 1024;
constexpr std::uint64_t kFindingsLimitBytes = 8ULL << 30;  // about 25 million persons in one file

// A file in memory without a copy of it. Findings are never changed once the vault has recorded
// them.
class Mapping {
 public:
  static Result<Mapping> of(int fd, std::uint64_t size) {
    void* at = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (at == MAP_FAILED) return fail_errno("reading findings");
    return Mapping(at, size);
  }
  Mapping(Mapping&& other) noexcept : at_(std::exchange(other.at_, nullptr)), size_(other.size_) {}
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping() {
    if (at_ != nullptr) ::munmap(at_, size_);
  }
  ByteView bytes() const { return {static_cast<const Byte*>(at_), size_}; }

 private:
  Mapping(void* at, std::uint64_t size) : at_(at), size_(size) {}
  void* at_;
  std::uint64_t size_;
};

}  // namespace

Result<std::vector<crypto::AgeIdentity>> read_incident_key_file(const std::string& path) {
  BH_TRY(Bytes contents, read_file(path, kKeyFileLimitBytes));
  const std::string_view text = as_text(contents);
  auto identities = crypto::AgeIdentity::parse_file(text);
  const bool is_encrypted =
      text.starts_with("age-encryption.org/") || text.starts_with("-----BEGIN AGE ENCRYPTED");
  const bool is_public = text.find("AGE-SECRET-KEY-") == std::string_view::npos &&
                         text.find("age1") != std::string_view::npos;
  crypto::wipe(contents);
  if (identities && !identities->empty()) return std::move(*identities);
  if (is_encrypted) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} is itself encrypted: open it with `age -d` first", path));
  }
  if (is_public) {
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("{} holds only the public half: give the private one that was taken away",
                    path));
  }
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format(
          "{} is not an incident key: give the file that `bulkhead init` or age-keygen wrote",
          path));
}

Result<exposure::FileFindings> open_findings(const UniqueFd& sealed,
                                             const std::vector<crypto::AgeIdentity>& identities) {
  BH_TRY(const std::uint64_t size, file_size(sealed.get(), "findings"));
  if (size == 0) return fail(ErrorCode::kMalformed, "the findings are empty");
  if (size > kFindingsLimitBytes)
    return fail(ErrorCode::kLimitExceeded, "the findings are larger than 8 GiB");
  BH_TRY(const Mapping file, Mapping::of(sealed.get(), size));
  Bytes plaintext;
  plaintext.reserve(size);
  BH_CHECK(crypto::age_decrypt(file.bytes(), identities, [&](ByteView chunk) -> Status {
    plaintext.insert(plaintext.end(), chunk.begin(), chunk.end());
    return {};
  }));
  return exposure::decode(plaintext);
}

}  // namespace bulkhead::cli
