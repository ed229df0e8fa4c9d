// "scp -f": the client gets files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scp/pattern.h"
#include "scp/session.h"

namespace bulkhead::scp {

class Source final : public Session {
 public:
  Source(Command command, sftp::FileSystem& files, sftp::ReplySink& out);

  std::size_t on_data(ByteView bytes) override;
  void on_eof() override;
  void resume() override;
  bool busy() const override { return busy_; }
  std::optional<std::uint32_t> exit_status() const override { return exit_status_; }

 private:
  enum class State {
    // Something to send.
    kNext,
    kName,
    kData,
    // Something for the client to answer.
    kAwaitStart,
    kAwaitTimes,
    kAwaitName,
    kAwaitFolder,
    kAwaitFileEnd,
    kAwaitFolderEnd,
    kOver,
  };
  struct Offer {  // what is being sent
    sftp::Path path;
    sftp::Attributes attributes;
    std::unique_ptr<sftp::File> file;
    std::uint64_t size = 0;
    std::uint64_t sent = 0;
    Bytes first;  // read before the file was promised
  };
  struct Level {  // a folder that is being sent
    sftp::Path path;
    bool opened = false;
    std::unique_ptr<sftp::Directory> folder;  // none: it cannot be read, or no further
    std::vector<sftp::DirectoryEntry> entries;
    std::size_t next = 0;
  };

  bool has_something_to_send() const;
  void send();
  void next();
  void next_word();
  void next_entry(Level& level);
  Result<bool> next_match();
  void offer(const sftp::Path& path);
  Status prepare(Offer& offer);
  void send_times();
  void send_name();
  void send_data();
  void on_answer(bool yes);
  void read_answer(char byte);
  void error(std::string_view name, const Error& error);
  void over(std::uint32_t status);

  Command command_;
  sftp::FileSystem& files_;
  sftp::ReplySink& out_;
  sftp::Path home_;
  State state_ = State::kAwaitStart;
  std::size_t next_word_ = 0;
  std::string pattern_;  // of the word that glob_ follows, as it was written
  std::optional<Glob> glob_;
  bool glob_found_ = false;
  Offer offer_;
  std::vector<Level> levels_;
  std::optional<char> complaint_;  // the client is saying why not
  std::size_t complaint_bytes_ = 0;
  bool failed_ = false;
  bool busy_ = false;
  std::optional<std::uint32_t> exit_status_;
};

}  // namespace bulkhead::scp
