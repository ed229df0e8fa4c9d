// Logging in, and what can be asked by everybody.
#include <algorithm>

#include "base/json_writer.h"
#include "https/api_description.h"
#include "https/connection.h"
#include "https/limits.h"

namespace bulkhead::https {
namespace {

bool is_form(const RequestHead& head) {
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  const std::string* type = head.field("content-type");
  if (type == nullptr) return false;
  const std::string_view name = std::string_view(*type).substr(0, type->find(';'));
  return std::ranges::equal(name, kForm, [](char a, char b) { return a == b || (a | 0x20) == b; });
}

}  // namespace

void Connection::begin_log_in() {
  if (!is_form(reader_.head()))
    return answer_error(415, "a log-in is a form: application/x-www-form-urlencoded");
  if (reader_.head().content_length.value_or(0) > kMaxFormBytes)
    return answer_error(413, "the form is too large");
  form_ = crypto::SecretBytes(kMaxFormBytes);
  form_bytes_ = 0;
}

void Connection::finish_log_in() {
  const auto secrets = parse_log_in_form(form_.view().first(form_bytes_));
  form_ = crypto::SecretBytes();
  if (logged_in())
    return answer_error(409, "this connection is somebody's already: log in on another one");
  if (!secrets) return answer_error(secrets.error());
  const auto outcome = authority_.log_in(*secrets);
  if (!outcome) {
    if (outcome.error().code != ErrorCode::kDisconnected) {
      answer_error(outcome.error());
      closing_ = true;
      return;
    }
    return break_off();
  }
  if (*outcome == Authority::Outcome::kSuccess) {
    files_ = &authority_.files();
    user_ = secrets->user;
    return show_session();
  }
  // What is wrong is not said: an account that does not exist looks the same.
  answer_error(401, *outcome == Authority::Outcome::kPartial
                        ? "that was right, and this account wants more: send user and code"
                        : "not accepted; an account with a second factor wants user, password and "
                          "code together");
}

void Connection::show_session() {
  JsonWriter json;
  json.begin_object();
  json.member("user", user_);
  json.member("home", "/api/v1/files" + encoded_path(files_->home()) + "/");
  json.end_object();
  answer({}, std::move(json).take() + "\n");
}

void Connection::end_session() {
  answer({.status = 204, .fields = {}, .close = true}, {});
}

void Connection::show_health() {
  answer({}, "{\"status\":\"ok\"}\n");
}

void Connection::show_api() {
  answer({}, kApiDescription);
}

void Connection::show_start() {
  answer({}, "{\"api\":\"/api/v1\",\"description\":\"/api/v1/openapi.json\"}\n");
}

}  // namespace bulkhead::https
