// Which methods an account must pass, and in which order (RFC 4252 section 5.1). A sequence is
// written as clients know the methods' names, "publickey,keyboard-interactive"; an account may have
// several, any one of which suffices.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "vault/catalogue/rows.h"

namespace bulkhead::vault {

constexpr std::string_view kPublicKeyMethod = "publickey";
constexpr std::string_view kPasswordMethod = "password";
constexpr std::string_view kKeyboardInteractiveMethod = "keyboard-interactive";

// What everybody is told who has not passed anything yet, so that it says nothing about the
// account.
std::vector<std::string> first_methods();

// kInvalidArgument with a sentence for the person who configures it.
Status check_login_methods(const std::vector<std::string>& sequences);

// The account's sequences; where none are configured, any single method, except that a password
// without the code does not suffice for who has a second factor.
std::vector<std::string> sequences_of(const UserRow& user);

enum class MethodStep { kRefused, kPartial, kEnough };
// What `passed` leads to: methods in order, as in a sequence, the one in question last.
MethodStep step_of(const UserRow& user, std::string_view passed);
// What may follow on what was passed.
std::vector<std::string> methods_after(const UserRow& user, std::string_view passed);

// "publickey" and "password": "publickey,password".
std::string with_method(std::string_view passed, std::string_view method);
bool has_passed(std::string_view passed, std::string_view method);

}  // namespace bulkhead::vault
