// Makes things durable without blocking the owner's event loop: one thread syncs blobs, one writes
// the journal.
//
// A commit goes: its blobs are synced (each file once, however many commits wait for it) → `append`
// runs in the owner's thread and appends to the journal → the next batch takes everything that was
// appended meanwhile, with one sync → `done(ok)` runs in the owner's thread. The two threads are
// apart so that a grant's entry does not wait behind the sync of somebody's ten gigabytes.
//
// An error anywhere goes to `done` of the commits that it hit, and never to success: a blob that
// could not be synced is never named by an entry (`append` does not run), a batch that could not be
// written fails all commits in it and all later ones.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/disk.h"
#include "journal/journal.h"

namespace bulkhead::journal {

struct Commit {
  std::vector<std::shared_ptr<DiskFile>> blobs;  // to be synced first; may be empty
  std::function<Status()>
      append;  // owner's thread; appends to the journal; an error goes to `done`
  std::function<void(Status)> done;  // owner's thread, once
};

// All methods belong to the owner's thread (the one that owns the journal).
class Committer {
 public:
  // The journal must outlive this. Nobody else may use prepare_batch()/commit() on it meanwhile.
  static Result<std::unique_ptr<Committer>> start(Journal& journal);
  ~Committer();  // finishes what the threads are at; commits that are not done get
                 // done(kDisconnected)

  int event_fd() const;  // readable when drain() has something to do
  // Without blobs, `append` runs at once, in this call. Batches start from drain() and kick().
  void submit(Commit commit);
  // Call at the end of a round of the event loop: hands what is pending to the writer if it is
  // idle.
  void kick();
  void drain();    // runs what is ready, then kicks
  Status flush();  // blocks until nothing is under way; the first error of the journal, if any
  std::size_t under_way() const;

 private:
  struct State;
  explicit Committer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::journal
