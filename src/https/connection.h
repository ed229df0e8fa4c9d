// One client's connection behind its TLS, without I/O: bytes of requests in, bytes of answers out
// (RFC 9112). The API (docs/api.md) over the seams of https/authority.h and sftp/file_system.h.
//
// There is no session but the connection: no cookie, no token. Before a log-in nothing but that is
// answered; afterwards the connection is that user's to its end. Requests that a page of another
// origin made a browser send are refused, so that nobody's page can speak on a user's connection.
//
// Hostile input. One thread; calls into the seams block.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/secret.h"
#include "https/answer.h"
#include "https/authority.h"
#include "https/percent.h"
#include "https/request_reader.h"

namespace bulkhead::https {

struct ConnectionSettings {
  std::int64_t login_grace_ms = 60'000;  // 0: none
  std::int64_t idle_timeout_ms = 900'000;
};

class Connection {
 public:
  Connection(Authority& authority, const Clock& clock, const ConnectionSettings& settings);
  ~Connection();

  // Takes what it can; 0 while an answer waits to be sent or goes on.
  std::size_t consume(ByteView input);
  bool wants_input() const { return !closing_ && !busy() && output().empty(); }

  ByteView output() const { return ByteView(output_).subspan(sent_); }
  void output_sent(std::size_t bytes);
  // An answer goes on: take_turn() makes the next piece of it, once the output was sent.
  bool busy() const { return !closing_ && (download_ != nullptr || listing_ != nullptr); }
  void take_turn();

  void network_ended();  // nothing more comes, or goes
  // Nothing more will be said but what output() still has.
  bool ended() const { return closing_; }
  // The last answer is incomplete: the connection must not end as if it were not.
  bool broken() const { return broken_; }
  bool logged_in() const { return files_ != nullptr; }

  // When on_time() wants to be called, of the clock's monotonic_ms().
  std::int64_t next_time_ms() const;
  void on_time();

 private:
  enum class Doing { kAnswer, kForm, kUpload };
  struct Route;
  static const Route* find_route(std::string_view method, std::string_view target,
                                 bool* path_known);

  // connection.cpp
  void handle(const RequestReader::Step& step);
  void on_head();
  bool refuse_foreign_origin();
  void on_content(ByteView content);
  void on_end();
  void moved();  // something came or went
  void answer(AnswerHead head, std::string_view body, std::string_view type = "application/json");
  void answer_error(int status, std::string_view why);
  void answer_error(const Error& error);
  void break_off();
  void put(std::string_view bytes);

  // session_routes.cpp
  void begin_log_in(std::string_view rest);
  void finish_log_in();
  void show_session(std::string_view rest);
  void end_session(std::string_view rest);
  void show_health(std::string_view rest);
  void show_api(std::string_view rest);
  void show_start(std::string_view rest);

  // file_routes.cpp
  std::optional<FilesTarget> files_target(std::string_view rest);
  void get_files(std::string_view rest);
  void get_file(const sftp::Path& path, const sftp::Attributes& attributes);
  void begin_download(AnswerHead head, std::unique_ptr<sftp::File> file, std::uint64_t first,
                      std::uint64_t bytes);
  void download_some();
  void get_folder(const sftp::Path& path);
  void list_some();
  void begin_upload(std::string_view rest);
  void upload_some(ByteView content);
  void finish_upload();
  void drop_upload();

  Authority& authority_;
  const Clock& clock_;
  ConnectionSettings settings_;
  RequestReader reader_;
  Bytes output_;
  std::size_t sent_ = 0;
  bool closing_ = false;
  bool broken_ = false;
  std::uint32_t requests_ = 0;
  std::int64_t started_ms_;
  std::int64_t head_started_ms_ = 0;
  std::int64_t moved_ms_;

  sftp::FileSystem* files_ = nullptr;  // of who logged in
  std::string user_;

  // The request that is being read.
  const Route* route_ = nullptr;
  std::string_view rest_;  // of its target, behind the route's path; in the reader's head
  bool answered_ = false;
  crypto::SecretBytes form_;
  std::size_t form_bytes_ = 0;
  std::unique_ptr<sftp::File> upload_;
  std::uint64_t upload_at_ = 0;
  bool upload_is_new_ = false;

  // The answer that goes on.
  std::unique_ptr<sftp::File> download_;
  std::uint64_t download_at_ = 0;
  std::uint64_t download_left_ = 0;
  std::unique_ptr<sftp::Directory> listing_;
  sftp::Path listed_;
};

}  // namespace bulkhead::https
