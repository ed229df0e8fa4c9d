// "scp -t": the client sends files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scp/pattern.h"
#include "scp/session.h"

namespace bulkhead::scp {

class Sink final : public Session {
 public:
  Sink(Command command, sftp::FileSystem& files, sftp::ReplySink& out);

  std::size_t on_data(ByteView bytes) override;
  void on_eof() override;
  void resume() override;
  bool busy() const override { return busy_; }
  std::optional<std::uint32_t> exit_status() const override { return exit_status_; }

 private:
  enum class State {
    kTarget,  // find out what the command names
    kLine,    // a line of the client's
    kData,
    kDataEnd,  // the one byte, or the message, behind the data
    kOver,
  };
  struct Times {
    std::int64_t modified_s = 0;
    std::int64_t accessed_s = 0;
  };
  struct Entry {  // "C0644 12 name"
    std::uint32_t permissions = 0;
    std::uint64_t size = 0;
    std::string name;
  };
  struct Upload {
    std::string name;
    std::unique_ptr<sftp::File> file;
    std::uint64_t offset = 0;
    std::uint64_t left = 0;
    std::uint32_t permissions = 0;
    std::optional<Times> times;
    Status outcome;  // the first error; the rest of the data is read over
  };
  struct Level {  // a folder that the client is in
    sftp::Path path;
    std::uint32_t permissions = 0;
    std::optional<Times> times;
    bool made = false;
  };

  void find_target();
  void begin(const Result<sftp::Path>& target);
  void take_data(ByteView piece);
  void on_line(std::string_view line);
  void on_message(std::string_view line);
  void on_file(std::string_view fields);
  void on_folder(std::string_view fields);
  void on_folder_end();
  void on_data_end(std::string_view line);
  static Result<Times> parse_times(std::string_view fields);
  static Result<Entry> parse_entry(std::string_view fields);
  Result<sftp::Path> place(const Entry& entry, bool folder);
  Status make_folder(Level& level);
  Status finish_upload();
  void give_up_upload();
  void refuse(std::string_view name, const Error& error);
  void protocol_error(std::string_view why);
  void over(std::uint32_t status);

  Command command_;
  sftp::FileSystem& files_;
  sftp::ReplySink& out_;
  sftp::Path home_;
  State state_ = State::kTarget;
  std::optional<Glob> glob_;
  std::optional<sftp::Path> target_;  // where it is no folder, it is named for what comes
  bool target_is_folder_ = false;
  std::string line_;
  std::optional<Times> times_;  // for what comes next
  Upload upload_;
  std::vector<Level> levels_;
  bool failed_ = false;
  bool busy_ = true;  // it speaks first
  std::optional<std::uint32_t> exit_status_;
};

}  // namespace bulkhead::scp
