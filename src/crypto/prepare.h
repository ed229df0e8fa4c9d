// What must happen before a process closes the file system to itself.
#pragma once

namespace bulkhead::crypto {

enum class Preparation {
  // Every algorithm is looked up and used once.
  kEverything,
  // For a process that is started for one client: what is used all the time is used once, the rest
  // only looked up or left to its first use, which needs nothing but memory and getrandom(2)
  // (tests/ssh/every_algorithm_test.cpp). A fifth of the time.
  kQuick,
};

// Initialises libcrypto and libsodium, looks up every algorithm that Bulkhead uses and uses each
// once, so that nothing of them is opened, loaded or looked up for the first time afterwards. After
// it, all of crypto works in a process that may not open a file: what is left are memory, locks and
// getrandom(2) (forks and new threads seed themselves anew).
//
// libcrypto's configuration file is never read: it could load code. Therefore call this before
// anything else calls libcrypto, at the start of main(). Costs a few milliseconds, the second time nothing.
// Not Argon2id (64 MiB; it opens nothing). Thread-safe. Ends the process where an algorithm is
// missing.
void prepare_for_sandbox(Preparation preparation = Preparation::kEverything);

}  // namespace bulkhead::crypto
