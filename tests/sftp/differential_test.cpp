// The same random requests to our server over memory and to OpenSSH's sftp-server over a folder:
// the same answers.
//
// Where the two differ on purpose is written down in equivalent(): nothing else is forgiven.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "child_process.h"
#include "connection.h"

namespace bulkhead::sftp::test {
namespace {

using enum PacketType;

struct Handles {
  std::string ours, theirs;
  std::uint32_t pflags = 0;
};

class Differential {
 public:
  Differential(ChildProcess& theirs, std::string folder, unsigned seed)
      : theirs_(theirs), folder_(std::move(folder)), random_(seed), renames_(seed % 2 == 0) {
    ours_.init();
    EXPECT_TRUE(theirs_.send(init_packet()));
    EXPECT_EQ(theirs_.receive()->type, kVersion);
  }

  void run(int requests) {
    for (int i = 0; i < requests && !testing::Test::HasFatalFailure(); ++i)
      one_request();
    while (!files_.empty())
      close_one();
    compare_folder(".");
    // The seeds must lead somewhere, or agreeing is no achievement.
    for (const PacketType type : {kHandle, kData, kAttrs, kStatus})
      EXPECT_GT(replies_[type], requests / 100);
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
  std::string name() {
    static const char* const kNames[] = {"a", "b", "c", "d"};
    std::string path = kNames[below(4)];
    for (std::uint32_t depth = below(3); depth > 0; --depth)
      path = path + "/" + kNames[below(4)];
    // The spellings only where copy-data does not compare them.
    if (renames_ && below(8) == 0) path = "./" + path;
    if (renames_ && below(8) == 0) path.insert(path.find_last_of('/') + 1, "/./");
    if (path.front() == '/') path.insert(0, ".");
    return path;
  }
  std::string data(std::uint32_t most) {
    std::string bytes(below(most), '\0');
    for (char& byte : bytes)
      byte = static_cast<char>(random_());
    return bytes;
  }
  Request attributes(Request request) {
    switch (below(3)) {
      case 0:
        return request.u32(kAttrSize).u64(below(5000));
      case 1:
        return request.u32(kAttrPermissions).u32(0700 | below(0100));
      default:
        return request.u32(0);
    }
  }

  struct Answers {
    Reply ours, theirs;
  };
  // The request with our handles and with theirs. Fails the test where the answers are not
  // equivalent.
  Answers ask(const Request& ours, const Request& theirs, const char* what) {
    Answers answers{ours_.ask(ours), {}};
    EXPECT_TRUE(theirs_.send(theirs.packet()));
    auto reply = theirs_.receive();
    if (!reply) {
      ADD_FAILURE() << what << ": " << reply.error().message;
      return answers;
    }
    answers.theirs = std::move(*reply);
    ++replies_[answers.theirs.type];
    EXPECT_TRUE(equivalent(answers))
        << what << ": ours type " << static_cast<int>(answers.ours.type) << " status "
        << static_cast<int>(answers.ours.status()) << " '" << answers.ours.status_text()
        << "', theirs type " << static_cast<int>(answers.theirs.type) << " status "
        << static_cast<int>(answers.theirs.status());
    return answers;
  }
  Answers ask(const Request& request, const char* what) { return ask(request, request, what); }

  static bool equivalent(const Answers& a) {
    const StatusCode ours = a.ours.status(), theirs = a.theirs.status();
    // Theirs opens folders like files, for reading nothing.
    if (a.theirs.type == kHandle && a.ours.status_text() == "That is a folder.") return true;
    if (a.ours.type != a.theirs.type) return false;
    if (ours == theirs) return a.ours.type != kData || a.ours.body == a.theirs.body;
    // READ, WRITE or truncation through a handle that is not for it: theirs says EBADF or EINVAL in
    // SFTP's codes.
    if (ours == StatusCode::kPermissionDenied &&
        a.ours.status_text().starts_with("The file was not opened for")) {
      return theirs == StatusCode::kNoSuchFile || theirs == StatusCode::kBadMessage;
    }
    // copy-data of more than there is: theirs says so only when a whole buffer is missing.
    return ours == StatusCode::kEof &&
           a.ours.status_text() == "The file ended before all was copied." &&
           theirs == StatusCode::kOk;
  }

  void one_request() {
    switch (below(18)) {
      case 0:
      case 1:
      case 2:
        return open_one();
      case 15:
        return compare_paths();
      case 16:
        return compare_extensions();
      case 3:
        return files_.empty() ? open_one() : close_one();
      case 4:
      case 5:
        return with_file([&](const std::string& h,
                             const auto& r) { return r(kWrite).text(h).u64(offset_).text(data_); },
                         "WRITE");
      case 6:
      case 7:
        return with_file([&](const std::string& h,
                             const auto& r) { return r(kRead).text(h).u64(offset_).u32(size_); },
                         "READ");
      case 8:
        return with_file([&](const std::string& h, const auto& r) { return r(kFstat).text(h); },
                         "FSTAT");
      case 9:
        return change_attributes();
      case 10:
        ask(Request(kMkdir, id_++).text(name()).u32(kAttrPermissions).u32(0700 | below(0100)),
            "MKDIR");
        return;
      case 11:
        ask(Request(below(2) == 0 ? kRemove : kRmdir, id_++).text(name()), "REMOVE or RMDIR");
        return;
      case 12:
        compare_folder(name());
        return;
      case 13:
        compare_stat(name());
        return;
      case 14:
        return renames_ ? rename() : copy();
      default:
        return set_times();
    }
  }

  // What they answer lies below their folder, and is wanted only where all but the last name is
  // there.
  void compare_paths() {
    const std::string path = name();
    const bool expand = below(2) == 0;
    const std::uint32_t id = id_++;
    const Request request = expand
                                ? Request(kExtended, id).text("expand-path@openssh.com").text(path)
                                : Request(kRealpath, id).text(path);
    const Reply ours = ours_.ask(request);
    ASSERT_EQ(ours.type, kName);
    ASSERT_TRUE(theirs_.send(request.packet()));
    const auto theirs = theirs_.receive();
    ASSERT_TRUE(theirs);
    if (theirs->type != kName) return;
    EXPECT_EQ(theirs->text_at(4), folder_ + (ours.text_at(4) == "/" ? "" : ours.text_at(4)));
  }
  void compare_extensions() {
    const std::uint32_t id = id_++;
    switch (below(4)) {
      case 0:
        ask(attributes(Request(kExtended, id).text("lsetstat@openssh.com").text(existing())),
            "lsetstat");
        return;
      case 1: {
        const Answers a =
            ask(Request(kExtended, id).text("statvfs@openssh.com").text(name()), "statvfs");
        if (a.ours.type != kExtendedReply) return;
        ASSERT_EQ(a.ours.body.size(), a.theirs.body.size());
        EXPECT_EQ(a.ours.u64_at(80), a.theirs.u64_at(80));  // the longest name
        return;
      }
      case 2: {
        const Answers a = ask(Request(kExtended, id).text("limits@openssh.com"), "limits");
        ASSERT_EQ(a.ours.body.size(), a.theirs.body.size());
        for (const std::size_t at : {0, 8, 16})  // theirs opens as many files as it may
          EXPECT_EQ(a.ours.u64_at(at), a.theirs.u64_at(at));
        return;
      }
      default: {
        const std::string nobody("\x7f\xff\xff\x01\x7f\xff\xff\x02", 8);
        const Answers a = ask(
            Request(kExtended, id).text("users-groups-by-id@openssh.com").text(nobody).text(nobody),
            "users-groups-by-id");
        EXPECT_EQ(a.ours.body, a.theirs.body);
        return;
      }
    }
  }

  void open_one() {
    if (files_.size() >= 20) return close_one();
    const std::uint32_t pflags = below(3) == 0 ? below(64) : kOpenRead | kOpenWrite | kOpenCreate;
    Request request = Request(kOpen, id_++).text(name()).u32(pflags);
    below(2) == 0 ? request.u32(0) : request.u32(kAttrPermissions).u32(0600 | below(0200));
    const Answers a = ask(request, "OPEN");
    if (a.theirs.type != kHandle) return;
    if (a.ours.type == kHandle) {
      files_.push_back({a.ours.string(), a.theirs.string(), pflags});
    } else {  // a folder
      ASSERT_TRUE(theirs_.send(Request(kClose, 1).text(a.theirs.string()).packet()));
      ASSERT_TRUE(theirs_.receive());
    }
  }
  void close_one() {
    const std::size_t which = below(static_cast<std::uint32_t>(files_.size()));
    const Handles handles = files_[which];
    files_.erase(files_.begin() + static_cast<std::ptrdiff_t>(which));
    const std::uint32_t id = id_++;
    ask(Request(kClose, id).text(handles.ours), Request(kClose, id).text(handles.theirs), "CLOSE");
  }
  template <typename Make>
  void with_file(Make make, const char* what) {
    if (files_.empty()) return open_one();
    const Handles& handles = files_[below(static_cast<std::uint32_t>(files_.size()))];
    offset_ = below(3000);
    size_ = 1 + below(3000);
    data_ = "x" + data(2000);
    const std::uint32_t id = id_++;
    const auto request = [&](PacketType type) { return Request(type, id); };
    const Answers a = ask(make(handles.ours, request), make(handles.theirs, request), what);
    if (a.ours.type == kAttrs) compare_attributes(a.ours, a.theirs, 0, 0);
  }
  void change_attributes() {
    if (below(2) == 0) {
      ask(attributes(Request(kSetstat, id_++).text(existing())), "SETSTAT");
      return;
    }
    if (files_.empty()) return;
    const Handles& handles = files_[below(static_cast<std::uint32_t>(files_.size()))];
    const Request blank = attributes(Request(kFsetstat, id_++));  // everything but the handle
    const Bytes packet = blank.packet();
    const std::string_view rest = as_text(ByteView(packet).subspan(9));
    const auto request = [&](const std::string& h) {
      return Request(kFsetstat, 5).text(h).raw(rest);
    };
    ask(request(handles.ours), request(handles.theirs), "FSETSTAT");
  }
  // A SETSTAT that says nothing succeeds at OpenSSH's server also where nothing is: so only of what
  // is there.
  std::string existing() {
    for (int i = 0; i < 10; ++i) {
      std::string candidate = name();
      if (ours_.file_system.exists(candidate)) return candidate;
    }
    return ".";
  }
  void rename() {
    const std::string from = name(), to = name();
    if (below(2) == 0) {
      ask(Request(kRename, id_++).text(from).text(to), "RENAME");
    } else {
      ask(Request(kExtended, id_++).text("posix-rename@openssh.com").text(from).text(to),
          "posix-rename");
    }
  }
  void copy() {
    if (files_.empty()) return;
    const Handles& from = files_[below(static_cast<std::uint32_t>(files_.size()))];
    const Handles& to = files_[below(static_cast<std::uint32_t>(files_.size()))];
    if ((from.pflags & kOpenRead) == 0 || (to.pflags & kOpenWrite) == 0) return;
    const std::uint32_t id = id_++, at = below(500), size = below(1000), to_at = below(500);
    const auto request = [&](const std::string& a, const std::string& b) {
      return Request(kExtended, id).text("copy-data").text(a).u64(at).u64(size).text(b).u64(to_at);
    };
    ask(request(from.ours, to.ours), request(from.theirs, to.theirs), "copy-data");
  }
  void set_times() {
    const std::string path = name();
    const std::uint32_t accessed = below(1u << 30), modified = below(1u << 30);
    const Answers a =
        ask(Request(kSetstat, id_++).text(path).u32(kAttrAcModTime).u32(accessed).u32(modified),
            "SETSTAT");
    if (a.ours.status() != StatusCode::kOk) return;
    const Answers stats = ask(Request(kStat, id_++).text(path), "STAT");
    for (const Reply* reply : {&stats.ours, &stats.theirs}) {
      EXPECT_EQ(reply->u32_at(24), accessed);
      EXPECT_EQ(reply->u32_at(28), modified);
    }
  }
  void compare_stat(const std::string& path) {
    const Answers a = ask(Request(below(2) == 0 ? kStat : kLstat, id_++).text(path), "STAT");
    if (a.ours.type == kAttrs && a.theirs.type == kAttrs)
      compare_attributes(a.ours, a.theirs, 0, 0);
  }
  // Size (of files), type and permissions; owners are made up in memory, times move on, folders
  // have no size there.
  static void compare_attributes(const Reply& ours, const Reply& theirs, std::size_t ours_at,
                                 std::size_t theirs_at) {
    ASSERT_EQ(ours.u32_at(ours_at), theirs.u32_at(theirs_at));
    EXPECT_EQ(ours.u32_at(ours_at + 20), theirs.u32_at(theirs_at + 20));
    if ((ours.u32_at(ours_at + 20) & kModeDirectory) == 0) {
      EXPECT_EQ(ours.u64_at(ours_at + 4), theirs.u64_at(theirs_at + 4));
    }
  }

  // name -> type, permissions, size of a file, first word of the long name.
  using Listing = std::map<std::string, std::string>;
  static void add_entries(const Reply& reply, Listing& listing) {
    std::size_t at = 4;
    for (std::uint32_t i = 0; i < reply.u32_at(0); ++i) {
      const std::string entry = reply.text_at(at);
      at += 4 + entry.size();
      const std::string line = reply.text_at(at);
      at += 4 + line.size();
      EXPECT_TRUE(line.ends_with(entry)) << line;
      const std::uint32_t mode = reply.u32_at(at + 20);
      const std::uint64_t size = (mode & kModeDirectory) == 0 ? reply.u64_at(at + 4) : 0;
      if (entry != "." && entry != "..") {
        listing[entry] =
            line.substr(0, 10) + " " + std::to_string(mode) + " " + std::to_string(size);
      }
      at += 32;
    }
  }
  void compare_folder(const std::string& path) {
    const Answers a = ask(Request(kOpendir, id_++).text(path), "OPENDIR");
    if (a.ours.type != kHandle || a.theirs.type != kHandle) return;
    Listing ours, theirs;
    for (;;) {
      const Reply reply = ours_.ask(Request(kReaddir, 1).text(a.ours.string()));
      if (reply.type != kName) break;
      add_entries(reply, ours);
    }
    for (;;) {
      ASSERT_TRUE(theirs_.send(Request(kReaddir, 1).text(a.theirs.string()).packet()));
      const auto reply = theirs_.receive();
      ASSERT_TRUE(reply);
      if (reply->type != kName) break;
      add_entries(*reply, theirs);
    }
    EXPECT_EQ(ours, theirs);
    ask(Request(kClose, 2).text(a.ours.string()), Request(kClose, 2).text(a.theirs.string()),
        "CLOSE");
  }

  Connection ours_;
  ChildProcess& theirs_;
  std::string folder_;  // theirs, as they call it
  std::mt19937 random_;
  bool renames_;  // otherwise copy-data, which tells files apart by different means in the two
  std::uint32_t id_ = 1;
  std::vector<Handles> files_;
  std::map<PacketType, int> replies_;
  std::uint64_t offset_ = 0;
  std::uint32_t size_ = 0;
  std::string data_;
};

TEST(SftpDifferential, AnswersAsOpenSshDoes) {
  const std::string program =
      first_existing({"/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server",
                      "/usr/lib/ssh/sftp-server"});
  if (program.empty())
    GTEST_SKIP() << "OpenSSH's sftp-server is not installed (package openssh-sftp-server)";
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const std::string folder =
        testing::TempDir() + "bulkhead-differential-" + std::to_string(::getpid());
    ASSERT_TRUE(std::filesystem::create_directory(folder));
    auto theirs = ChildProcess::start({program, "-u", "022", "-d", folder});
    ASSERT_TRUE(theirs) << theirs.error().message;
    Differential(*theirs, std::filesystem::canonical(folder), seed).run(1500);
    std::filesystem::remove_all(folder);
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace bulkhead::sftp::test
