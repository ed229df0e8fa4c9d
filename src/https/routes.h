// Inside https only: what is answered, and the table of it.
#pragma once

#include <string_view>

#include "https/connection.h"

namespace bulkhead::https {

struct Connection::Route {
  std::string_view method;
  std::string_view path;  // with `below`, whatever follows it is part of the request
  bool below;
  bool needs_login;
  Doing doing;
  // kAnswer: at the request's end. Otherwise at its head; then its content goes where `doing` says.
  void (Connection::*handler)();
};

}  // namespace bulkhead::https
