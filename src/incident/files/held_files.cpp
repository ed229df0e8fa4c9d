#include "incident/files/held_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <thread>

#include "base/fd.h"
#include "base/folder_walk.h"
#include "crypto/digest.h"

namespace bulkhead::incident {
namespace {

constexpr std::size_t kBlockBytes = 1024 * 1024;
constexpr int kGzipWindow = 15 + 16;  // zlib.h: with gzip's header

// Lower case, forward slashes, without empty components.
std::vector<std::string> components(std::string_view path) {
  std::vector<std::string> parts;
  std::string part;
  for (const char c : path) {
    if (c == '/' || c == '\\') {
      if (!part.empty()) parts.push_back(std::move(part));
      part.clear();
    } else {
      part += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
  }
  if (!part.empty()) parts.push_back(std::move(part));
  return parts;
}

std::size_t shared_from_the_end(const std::vector<std::string>& a,
                                const std::vector<std::string>& b) {
  std::size_t count = 0;
  while (count < a.size() && count < b.size() && a[a.size() - 1 - count] == b[b.size() - 1 - count])
    ++count;
  return count;
}

Status for_each_block(const std::string& path, const std::function<void(ByteView)>& take) {
  BH_TRY(const UniqueFd fd, open_file(path, O_RDONLY | O_NOFOLLOW));
  Bytes block(kBlockBytes);
  for (std::uint64_t offset = 0;;) {
    BH_TRY(const std::size_t count, read_at(fd.get(), block, offset, path));
    if (count == 0) return {};
    take(ByteView(block).first(count));
    offset += count;
  }
}

// crypto knows no MD5, and need not: here it names contents, it proves nothing.
class Md5 {
 public:
  Md5() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_md5(), nullptr); }
  Md5(const Md5&) = delete;
  Md5& operator=(const Md5&) = delete;
  ~Md5() { EVP_MD_CTX_free(context_); }
  void update(ByteView bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  Bytes finish() {
    Bytes digest(16);
    EVP_DigestFinal_ex(context_, digest.data(), nullptr);
    return digest;
  }

 private:
  EVP_MD_CTX* context_;
};

Result<std::uint64_t> compressed_size(const std::string& path) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8,
                   Z_DEFAULT_STRATEGY) != Z_OK)
    return fail(ErrorCode::kInternal, "no memory to compress");
  Bytes out(kBlockBytes);
  std::uint64_t total = 0;
  const auto press = [&](ByteView block, int flush) {
    stream.next_in = const_cast<Byte*>(block.data());
    stream.avail_in = static_cast<unsigned>(block.size());
    do {
      stream.next_out = out.data();
      stream.avail_out = static_cast<unsigned>(out.size());
      deflate(&stream, flush);
      total += out.size() - stream.avail_out;
    } while (stream.avail_out == 0);
  };
  const auto status = for_each_block(path, [&](ByteView block) { press(block, Z_NO_FLUSH); });
  press({}, Z_FINISH);
  deflateEnd(&stream);
  if (!status) return std::unexpected(status.error());
  return total;
}

}  // namespace

Result<HeldFiles> HeldFiles::under(const std::string& folder) {
  HeldFiles held;
  held.folder_ = folder;
  Walked walked = walk_folder(folder);
  for (const NotWalked& other : walked.others) {
    if (!other.folder) continue;  // a link, a device: no file that was entrusted
    if (other.name.empty())
      return fail(ErrorCode::kNotFound, fmt::format("{}: is no folder that can be read", folder));
    held.problems_.push_back(fmt::format("{}/{}: {}", folder, other.name, other.reason));
  }
  for (WalkedFile& file : walked.files) {
    std::error_code error;
    const std::uint64_t bytes = std::filesystem::file_size(file.path, error);
    if (error)
      held.problems_.push_back(fmt::format("{}: {}", file.path, error.message()));
    else
      held.files_.push_back({std::move(file.name), bytes});
  }
  held.index();
  return held;
}

HeldFiles HeldFiles::of(std::vector<HeldFile> files) {
  HeldFiles held;
  held.files_ = std::move(files);
  held.index();
  return held;
}

void HeldFiles::index() {
  std::sort(files_.begin(), files_.end(),
            [](const HeldFile& a, const HeldFile& b) { return a.name < b.name; });
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const std::vector<std::string> parts = components(files_[i].name);
    if (!parts.empty()) by_last_.emplace(parts.back(), i);
  }
  gzip_.resize(files_.size());
  pressed_.resize(files_.size());
}

std::vector<NamedFile> HeldFiles::named(std::string_view path) const {
  std::vector<NamedFile> best;
  const std::vector<std::string> wanted = components(path);
  if (wanted.empty()) return best;
  std::size_t most = 1;
  const auto [first, last] = by_last_.equal_range(wanted.back());
  for (auto at = first; at != last; ++at) {
    const std::vector<std::string> has = components(files_[at->second].name);
    const std::size_t shared = shared_from_the_end(wanted, has);
    if (shared > most) best.clear();
    most = std::max(most, shared);
    if (shared == most) best.push_back({at->second, shared == std::min(wanted.size(), has.size())});
  }
  std::sort(best.begin(), best.end(),
            [](const NamedFile& a, const NamedFile& b) { return a.index < b.index; });
  return best;
}

std::vector<std::size_t> HeldFiles::with_hash(std::string_view hash) {
  for (std::size_t i = 0; !hashed_ && i < files_.size(); ++i) {
    crypto::Hasher sha256(crypto::HashAlgorithm::kSha256), sha1(crypto::HashAlgorithm::kSha1);
    Md5 md5;
    const Status read = for_each_block(folder_ + "/" + files_[i].name, [&](ByteView block) {
      sha256.update(block);
      sha1.update(block);
      md5.update(block);
    });
    if (!read) {
      problems_.push_back(read.error().message);
      continue;
    }
    for (const Bytes& digest : {sha256.finish(), sha1.finish(), md5.finish()})
      by_hash_[to_hex(digest)].push_back(i);
  }
  hashed_ = true;
  const auto at = by_hash_.find(hash);
  return at == by_hash_.end() ? std::vector<std::size_t>() : at->second;
}

std::string HeldFiles::sha256_of(std::size_t index) {
  crypto::Hasher sha256;
  const Status read = for_each_block(folder_ + "/" + files_[index].name,
                                     [&](ByteView block) { sha256.update(block); });
  if (read) return to_hex(sha256.finish());
  problems_.push_back(read.error().message);
  return "";
}

std::optional<std::uint64_t> HeldFiles::gzip_bytes(std::size_t index) {
  if (!pressed_[index]) {
    pressed_[index] = true;
    const auto size = compressed_size(folder_ + "/" + files_[index].name);
    if (size)
      gzip_[index] = *size;
    else
      problems_.push_back(size.error().message);
  }
  return gzip_[index];
}

std::vector<std::optional<std::uint64_t>> HeldFiles::gzip_all(unsigned threads) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::string> failed(files_.size());
  const auto work = [&] {
    for (std::size_t i = next++; i < files_.size(); i = next++) {
      if (pressed_[i]) continue;
      pressed_[i] = true;
      const auto size = compressed_size(folder_ + "/" + files_[i].name);
      if (size)
        gzip_[i] = *size;
      else
        failed[i] = size.error().message;
    }
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i)
    others.emplace_back(work);
  work();
  for (std::thread& other : others)
    other.join();
  std::copy_if(failed.begin(), failed.end(), std::back_inserter(problems_),
               [](const std::string& each) { return !each.empty(); });
  return gzip_;
}

}  // namespace bulkhead::incident
