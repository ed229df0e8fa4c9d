// Makes things durable without making the owner's event loop wait for the disk: one thread syncs
// blobs, one writes the journal. What need not be synced is written by the owner itself, in kick()
// and drain(): that is a copy into the page cache, and waking a thread for it costs more.
//
// A commit goes: its blobs are synced (each file once, however many commits wait for it) → `append`
// runs in the owner's thread and appends to the journal → the next batch takes everything that was
// appended meanwhile, with one sync → `done(ok)` runs in the owner's thread. The two threads are
// apart so that a grant's entry does not wait behind the sync of somebody's ten gigabytes.
//
// Not everything is waited for, and not everybody wants to wait for the disk (Urgency). What nobody
// waits for is written with what comes next, or a moment later; what was written without a sync is
// synced within a second (kSyncedWithinMs), and so are the blobs of sync_later().
//
// An error anywhere goes to `done` of the commits that it hit, and never to success: a blob that
// could not be synced is never named by an entry (`append` does not run), a batch that could not be
// written fails all commits in it and all later ones.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/disk.h"
#include "journal/journal.h"

namespace bulkhead::journal {

enum class Urgency {
  kSoon,     // nobody waits; done when durable
  kWritten,  // done when written: the death of any process loses nothing of it, a power cut may
  kDurable,  // done when durable, and at once
};

constexpr std::int64_t kWrittenWithinMs = 50;
constexpr std::int64_t kSyncedWithinMs = 1000;
constexpr std::size_t kMostSyncedLater = 256;  // blobs

struct Commit {
  std::vector<std::shared_ptr<DiskFile>> blobs;  // to be synced first; may be empty
  std::function<Status()>
      append;  // owner's thread; appends to the journal; an error goes to `done`
  std::function<void(Status)> done;  // owner's thread, once
  Urgency urgency = Urgency::kDurable;
};

// All methods belong to the owner's thread (the one that owns the journal).
class Committer {
 public:
  // The journal must outlive this. Nobody else may use prepare_batch()/commit() on it meanwhile.
  static Result<std::unique_ptr<Committer>> start(Journal& journal, Clock& clock = system_clock());
  ~Committer();  // finishes what the threads are at; commits that are not done get
                 // done(kDisconnected)

  int event_fd() const;  // readable when drain() has something to do
  // Without blobs, `append` runs at once, in this call. Batches start from drain() and kick().
  void submit(Commit commit);
  // Somebody waits for everything that was appended so far.
  void urge(Urgency urgency);
  // In the background. False: too much waits already, have it synced before its entry instead. What
  // goes wrong comes out of failed_later().
  bool sync_later(std::shared_ptr<DiskFile> blob);
  std::optional<Error> failed_later();
  // Call at the end of a round of the event loop: hands what is due to the writer if it is idle, or
  // writes it and runs its `done`.
  // True: it wrote something itself, without the writer and the event that tells of its end; the
  // journal's sizes are others than before.
  bool kick();
  // When to call kick() again if nothing happens before; -1: no need to.
  int due_in_ms() const;
  void drain();    // runs what is ready, then kicks
  Status flush();  // blocks until nothing is under way; the first error of the journal, if any
  std::size_t under_way() const;

 private:
  struct State;
  explicit Committer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::journal
