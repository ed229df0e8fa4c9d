#include "https/connection.h"

#include <fmt/format.h>

#include <algorithm>

#include "https/limits.h"
#include "https/routes.h"

namespace bulkhead::https {

Connection::Connection(Authority& authority, const Clock& clock, const ConnectionSettings& settings)
    : authority_(authority),
      clock_(clock),
      settings_(settings),
      started_ms_(clock.monotonic_ms()),
      moved_ms_(started_ms_) {}

Connection::~Connection() {
  drop_upload();
}

void Connection::moved() {
  moved_ms_ = clock_.monotonic_ms();
}

void Connection::put(std::string_view bytes) {
  if (output().empty()) {
    output_.clear();
    sent_ = 0;
  }
  output_.insert(output_.end(), bytes.begin(), bytes.end());
}

void Connection::output_sent(std::size_t bytes) {
  BH_ASSERT(bytes <= output_.size() - sent_);
  sent_ += bytes;
  moved();
}

void Connection::break_off() {
  broken_ = true;
  closing_ = true;
  output_.clear();
  sent_ = 0;
}

std::size_t Connection::consume(ByteView input) {
  std::size_t taken = 0;
  while (wants_input()) {
    const bool between = !reader_.within_request();
    const RequestReader::Step step = reader_.next(input.subspan(taken));
    if (between && reader_.within_request()) head_started_ms_ = clock_.monotonic_ms();
    taken += step.taken;
    if (step.taken > 0) moved();
    if (step.event == RequestReader::Event::kMore) break;
    handle(step);
  }
  return taken;
}

void Connection::handle(const RequestReader::Step& step) {
  switch (step.event) {
    case RequestReader::Event::kHead:
      on_head();
      break;
    case RequestReader::Event::kContent:
      on_content(step.content);
      break;
    case RequestReader::Event::kEnd:
      on_end();
      break;
    case RequestReader::Event::kRefused:
      answer_error(reader_.refusal().status, reader_.refusal().why);
      break;
    case RequestReader::Event::kMore:
      break;
  }
}

// What a browser says about who made it send a request. Connections are shared by all pages that
// speak to this server; of those only its own may.
bool Connection::refuse_foreign_origin() {
  const RequestHead& head = reader_.head();
  const std::string* origin = head.field("origin");
  const std::string* site = head.field("sec-fetch-site");
  if ((origin == nullptr || *origin == "https://" + head.host) &&
      (site == nullptr || *site == "same-origin" || *site == "none"))
    return false;
  answer_error(403, "the page that sent this is not of this server");
  return true;
}

void Connection::on_head() {
  answered_ = false;
  route_ = nullptr;
  const RequestHead& head = reader_.head();
  ++requests_;
  if (refuse_foreign_origin()) return;
  route_ = find_route(head.method, head.target);
  if (route_ == nullptr) {
    return allowed_methods(head.target).empty()
               ? answer_error(404, "there is nothing here: see /api/v1/openapi.json")
               : answer_error(405, "that method is not for this path");
  }
  if (route_->needs_login && !logged_in())
    return answer_error(401, "log in first, on this connection: POST /api/v1/session");
  if (route_->doing == Doing::kAnswer && head.has_content())
    return answer_error(413, "this request has no content");
  if (route_->doing != Doing::kAnswer) (this->*route_->handler)();
  if (head.expects_continue && head.has_content() && !answered_ && !closing_)
    put("HTTP/1.1 100 Continue\r\n\r\n");
}

// What comes behind an answer that was given early is not read: answer() said that the connection
// closes.
void Connection::on_content(ByteView content) {
  if (answered_ || route_ == nullptr) return;
  if (route_->doing == Doing::kForm) {
    if (content.size() > form_.size() - form_bytes_)
      return answer_error(413, "the form is too large");
    std::ranges::copy(content, form_.mutable_view().subspan(form_bytes_).begin());
    form_bytes_ += content.size();
  } else {
    upload_some(content);
  }
}

void Connection::on_end() {
  if (answered_ || route_ == nullptr) return;
  switch (route_->doing) {
    case Doing::kAnswer:
      return (this->*route_->handler)();
    case Doing::kForm:
      return finish_log_in();
    case Doing::kUpload:
      return finish_upload();
  }
}

// An answer before the request's end is the last one: what follows need not be what it seems.
void Connection::begin_answer(AnswerHead head) {
  const bool early = reader_.within_request() && reader_.head().has_content();
  head.close = head.close || early || reader_.head().close || requests_ >= settings_.most_requests;
  last_answer_ = head.close;
  put(head_text(head, clock_.now()));
  answered_ = true;
  drop_upload();
}

void Connection::answer_is_over() {
  if (last_answer_) closing_ = true;
}

void Connection::answer(AnswerHead head, std::string_view body) {
  const bool bodiless = head.status == 204 || head.status == 304;
  if (!bodiless) {
    if (!body.empty()) head.fields.emplace_back("Content-Type", "application/json");
    head.fields.emplace_back("Content-Length", std::to_string(body.size()));
  }
  begin_answer(std::move(head));
  if (!bodiless && reader_.head().method != "HEAD") put(body);
  answer_is_over();
}

void Connection::answer_error(int status, std::string_view why) {
  AnswerHead head{.status = status, .fields = {}, .close = false};
  if (status == 405) head.fields.emplace_back("Allow", allowed_methods(reader_.head().target));
  if (status == 401)
    head.fields.emplace_back("WWW-Authenticate", "Bulkhead realm=\"/api/v1/session\"");
  answer(std::move(head), error_body(why));
}

void Connection::answer_error(const Error& error) {
  if (error.code == ErrorCode::kDisconnected) return break_off();
  const int status = status_of(error.code);
  answer_error(status, status == 500 ? "something went wrong on the server" : error.message);
}

void Connection::take_turn() {
  if (!output().empty()) return;
  if (download_) {
    download_some();
  } else if (listing_) {
    list_some();
  }
}

std::int64_t Connection::next_time_ms() const {
  std::int64_t next = moved_ms_ + settings_.idle_timeout_ms;
  if (reader_.within_request() || busy() || !output().empty())
    next = std::min(next, moved_ms_ + kSilenceTimeoutMs);
  if (reader_.within_head()) next = std::min(next, head_started_ms_ + kHeadTimeoutMs);
  if (!logged_in() && settings_.login_grace_ms != 0)
    next = std::min(next, started_ms_ + settings_.login_grace_ms);
  return next;
}

// A client that is too slow in the middle of a request hears so; one that does not read, or says
// nothing at all, does not.
void Connection::on_time() {
  if (clock_.monotonic_ms() < next_time_ms()) return;
  if (busy() || !output().empty()) return break_off();
  if (reader_.within_request()) {
    begin_answer({.status = 408, .fields = {{"Content-Length", "0"}}, .close = true});
    return answer_is_over();
  }
  closing_ = true;
}

}  // namespace bulkhead::https
