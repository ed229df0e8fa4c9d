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
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/secret.h"
#include "https/answer.h"
#include "https/authority.h"
#include "https/limits.h"
#include "https/percent.h"
#include "https/request_reader.h"

namespace bulkhead::https {

struct ConnectionSettings {
  std::int64_t login_grace_ms = 60'000;  // 0: none
  std::int64_t idle_timeout_ms = 900'000;
  std::uint32_t most_requests = kMaxRequests;  // the answer to the last of them says that it is
};

class Connection {
 public:
  Connection(Authority& authority, const Clock& clock, const ConnectionSettings& settings);
  ~Connection();

  // Takes what it can; nothing while an answer waits to be sent or goes on. Called without input as
  // well, before more is waited for: that a request ended may be all that is left of it.
  std::size_t consume(ByteView input);
  bool wants_input() const { return !closing_ && !busy() && output().empty(); }

  ByteView output() const { return ByteView(output_).subspan(sent_); }
  void output_sent(std::size_t bytes);
  // An answer goes on: take_turn() makes the next piece of it, once the output was sent.
  bool busy() const { return !closing_ && (download_ != nullptr || listing_ != nullptr); }
  void take_turn();

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
  // routes.cpp
  static std::span<const Route> routes();
  static const Route* find_route(std::string_view method, std::string_view target);
  // Of all that is at this path, "GET, HEAD, PUT"; empty: there is nothing.
  static std::string allowed_methods(std::string_view target);

  // connection.cpp
  void handle(const RequestReader::Step& step);
  void on_head();
  bool refuse_foreign_origin();
  void on_content(ByteView content);
  void on_end();
  void moved();  // something came or went
  // What every answer begins and ends with, whatever lies between.
  void begin_answer(AnswerHead head);
  void answer_is_over();
  void answer(AnswerHead head, std::string_view body);
  void answer_error(int status, std::string_view why);
  void answer_error(const Error& error);
  void break_off();
  void put(std::string_view bytes);

  // session_routes.cpp
  void begin_log_in();
  void finish_log_in();
  void show_session();
  void end_session();
  void show_health();
  void show_api();
  void show_start();

  // file_routes.cpp
  std::optional<FilesTarget> files_target();
  void get_files();
  void get_file(std::unique_ptr<sftp::File> file);
  void begin_download(AnswerHead head, std::unique_ptr<sftp::File> file, std::uint64_t first,
                      std::uint64_t bytes);
  void download_some();
  void get_folder(const sftp::Path& path);
  void list_some();
  void begin_upload();
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
  bool answered_ = false;
  bool last_answer_ = false;  // closes the connection when it is over
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
