// Parts of a test behind a session's sandbox.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <functional>

#include "crypto/prepare.h"
#include "sandbox/sandbox.h"

namespace bulkhead::test {

// In a child, for there is no way back out of the sandbox. `prepare` runs before
// the door closes. The status as waitpid() gives it.
inline int in_sandbox(
    const std::function<void()>& body, const std::function<void()>& prepare = [] {}) {
  const pid_t child = ::fork();
  if (child == 0) {
    crypto::prepare_for_sandbox(crypto::Preparation::kQuick);
    prepare();
    sandbox::Policy policy = sandbox::sftp_session_policy(0);
    policy.keep = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    if (!sandbox::enter(policy)) ::_exit(3);
    body();
    std::fflush(stdout);
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

}  // namespace bulkhead::test
