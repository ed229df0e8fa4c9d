#include "vault/identity/login_methods.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bulkhead::vault {
namespace {

constexpr std::array kMethods = {kPublicKeyMethod, kPasswordMethod, kKeyboardInteractiveMethod};
constexpr std::size_t kMaxSequences = 8;

std::vector<std::string_view> split(std::string_view sequence) {
  std::vector<std::string_view> methods;
  while (true) {
    const std::size_t comma = sequence.find(',');
    methods.push_back(sequence.substr(0, comma));
    if (comma == std::string_view::npos) return methods;
    sequence.remove_prefix(comma + 1);
  }
}

Status check_sequence(std::string_view sequence) {
  const auto methods = split(sequence);
  for (std::size_t i = 0; i < methods.size(); ++i) {
    if (std::ranges::find(kMethods, methods[i]) == kMethods.end()) {
      return fail(ErrorCode::kInvalidArgument,
                  "login methods are publickey, password and keyboard-interactive, with commas "
                  "between those that must follow each other");
    }
    if (std::find(methods.begin(), methods.begin() + static_cast<std::ptrdiff_t>(i), methods[i]) !=
        methods.begin() + static_cast<std::ptrdiff_t>(i)) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} stands twice in one sequence of login methods", methods[i]));
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> first_methods() {
  return {kMethods.begin(), kMethods.end()};
}

Status check_login_methods(const std::vector<std::string>& sequences) {
  if (sequences.size() > kMaxSequences) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("at most {} sequences of login methods", kMaxSequences));
  }
  for (const std::string& sequence : sequences)
    BH_CHECK(check_sequence(sequence));
  return {};
}

std::vector<std::string> sequences_of(const UserRow& user) {
  if (!user.login_methods.empty()) return user.login_methods;
  std::vector<std::string> any = first_methods();
  if (!user.totp_box.empty()) std::erase(any, kPasswordMethod);
  return any;
}

MethodStep step_of(const UserRow& user, std::string_view passed) {
  const auto sequences = sequences_of(user);
  if (std::ranges::find(sequences, passed) != sequences.end()) return MethodStep::kEnough;
  return methods_after(user, passed).empty() ? MethodStep::kRefused : MethodStep::kPartial;
}

std::vector<std::string> methods_after(const UserRow& user, std::string_view passed) {
  std::vector<std::string> next;
  const std::string start = std::string(passed) + ",";
  for (const std::string& sequence : sequences_of(user)) {
    if (!sequence.starts_with(start)) continue;
    std::string method = sequence.substr(start.size());
    method.resize(std::min(method.find(','), method.size()));
    if (std::ranges::find(next, method) == next.end()) next.push_back(std::move(method));
  }
  return next;
}

std::string with_method(std::string_view passed, std::string_view method) {
  return passed.empty() ? std::string(method) : fmt::format("{},{}", passed, method);
}

bool has_passed(std::string_view passed, std::string_view method) {
  const auto methods = split(passed);
  return std::ranges::find(methods, method) != methods.end();
}

}  // namespace bulkhead::vault
