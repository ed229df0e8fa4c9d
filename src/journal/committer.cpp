#include "journal/committer.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>

namespace bulkhead::journal {
namespace {

// A commit whose entry is in the journal's pending batch, or in the one that is out.
struct Waiting {
  std::function<void(Status)> done;
};

struct SyncedCommit {
  Commit commit;
  Status synced;
};

}  // namespace

struct Committer::State {
  explicit State(Journal& its_journal) : journal(its_journal) {}

  Journal& journal;
  UniqueFd event;

  // The owner's thread.
  std::vector<Waiting> in_pending;  // appended, not in a batch yet
  std::vector<Waiting> in_batch;    // in the batch that is out
  bool batch_out = false;
  std::size_t under_way = 0;
  std::optional<Error> failed;

  // Both sides of each thread, under its mutex.
  std::mutex mutex;
  std::condition_variable work;
  std::condition_variable finished;
  bool stop = false;
  std::deque<Commit> to_sync;
  std::deque<SyncedCommit> synced;
  std::optional<Batch> to_write;
  std::optional<std::pair<Batch, Status>> written;

  std::thread syncer;
  std::thread writer;

  void run_syncer();
  void run_writer();
  void signal();
  void append(Commit commit);
  void finish_batch(Batch batch, const Status& status);
  void done(const std::function<void(Status)>& callback, Status status);
  bool something_ready();
};

void Committer::State::signal() {
  const std::uint64_t one = 1;
  static_cast<void>(!::write(
      event.get(), &one, sizeof one));  // cannot fail but when it is full, and then it is readable
  finished.notify_all();
}

void Committer::State::run_syncer() {
  while (true) {
    std::deque<Commit> round;
    {
      std::unique_lock lock(mutex);
      work.wait(lock, [&] { return stop || !to_sync.empty(); });
      if (stop) return;
      round.swap(to_sync);
    }
    // All are set going first, so that the device works on them together; a file that several wait
    // for is synced once.
    std::unordered_map<DiskFile*, Status> results;
    for (const Commit& commit : round) {
      for (const auto& blob : commit.blobs) {
        if (results.emplace(blob.get(), Status()).second) blob->start_writeback(0, 0);
      }
    }
    std::unordered_map<DiskFile*, bool> tried;
    for (Commit& commit : round) {
      Status status;
      for (const auto& blob : commit.blobs) {
        if (!std::exchange(tried[blob.get()], true)) results[blob.get()] = blob->sync_data();
        if (status && !results[blob.get()]) status = results[blob.get()];
      }
      // One at a time, so that a small file need not wait for the large one behind it.
      const std::lock_guard lock(mutex);
      synced.push_back({std::move(commit), std::move(status)});
      signal();
    }
  }
}

void Committer::State::run_writer() {
  while (true) {
    std::optional<Batch> batch;
    {
      std::unique_lock lock(mutex);
      work.wait(lock, [&] { return stop || to_write.has_value(); });
      if (!to_write) return;
      batch = std::exchange(to_write, std::nullopt);
    }
    Status status = journal.write_batch(*batch);
    const std::lock_guard lock(mutex);
    written.emplace(std::move(*batch), std::move(status));
    signal();
  }
}

void Committer::State::done(const std::function<void(Status)>& callback, Status status) {
  --under_way;
  if (callback) callback(std::move(status));
}

void Committer::State::append(Commit commit) {
  if (failed) return done(commit.done, fail(*failed));
  Status appended = commit.append ? commit.append() : Status();
  if (!appended) return done(commit.done, std::move(appended));
  in_pending.push_back({std::move(commit.done)});
}

void Committer::State::finish_batch(Batch batch, const Status& status) {
  batch_out = false;
  journal.batch_done(std::move(batch), status);
  std::vector<Waiting> finished_now = std::exchange(in_batch, {});
  if (!status) {
    failed = status.error();
    // What was appended meanwhile went with it: the journal takes nothing more until it is opened
    // again.
    std::ranges::move(in_pending, std::back_inserter(finished_now));
    in_pending.clear();
  }
  for (const Waiting& waiting : finished_now)
    done(waiting.done, status);
}

bool Committer::State::something_ready() {
  return written.has_value() || !synced.empty();
}

Committer::Committer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Committer>> Committer::start(Journal& journal) {
  auto state = std::make_unique<State>(journal);
  state->event.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state->event) return fail_errno("making an eventfd");
  State* raw = state.get();
  state->syncer = std::thread([raw] { raw->run_syncer(); });
  state->writer = std::thread([raw] { raw->run_writer(); });
  return std::unique_ptr<Committer>(new Committer(std::move(state)));
}

Committer::~Committer() {
  State& s = *state_;
  {
    const std::lock_guard lock(s.mutex);
    s.stop = true;
    s.work.notify_all();
  }
  s.syncer.join();
  s.writer.join();
  if (s.written) {
    auto [batch, status] = std::move(*s.written);
    s.finish_batch(std::move(batch), status);
  }
  const Status stopped = fail(ErrorCode::kDisconnected, "the server is stopping");
  for (const Waiting& waiting : std::exchange(s.in_pending, {}))
    s.done(waiting.done, stopped);
  for (const SyncedCommit& item : s.synced)
    s.done(item.commit.done, stopped);
  for (const Commit& commit : s.to_sync)
    s.done(commit.done, stopped);
}

int Committer::event_fd() const {
  return state_->event.get();
}
std::size_t Committer::under_way() const {
  return state_->under_way;
}

void Committer::submit(Commit commit) {
  State& s = *state_;
  ++s.under_way;
  if (commit.blobs.empty() || s.failed) return s.append(std::move(commit));
  const std::lock_guard lock(s.mutex);
  s.to_sync.push_back(std::move(commit));
  s.work.notify_all();
}

void Committer::kick() {
  State& s = *state_;
  std::optional<Batch> batch = s.journal.prepare_batch();
  if (!batch) {
    if (s.batch_out) return;
    // Commits that appended nothing: all that was appended before them is durable.
    for (const Waiting& waiting : std::exchange(s.in_pending, {}))
      s.done(waiting.done, {});
    return;
  }
  s.batch_out = true;
  s.in_batch = std::exchange(s.in_pending, {});
  const std::lock_guard lock(s.mutex);
  s.to_write = std::move(batch);
  s.work.notify_all();
}

void Committer::drain() {
  State& s = *state_;
  std::uint64_t count = 0;
  static_cast<void>(!::read(s.event.get(), &count, sizeof count));
  std::optional<std::pair<Batch, Status>> written;
  std::deque<SyncedCommit> synced;
  {
    const std::lock_guard lock(s.mutex);
    written = std::exchange(s.written, std::nullopt);
    synced.swap(s.synced);
  }
  if (written) s.finish_batch(std::move(written->first), written->second);
  for (SyncedCommit& item : synced) {
    if (item.synced) {
      s.append(std::move(item.commit));
    } else {
      s.done(item.commit.done, std::move(item.synced));
    }
  }
  kick();
}

Status Committer::flush() {
  State& s = *state_;
  drain();
  while (s.under_way > 0) {
    {
      std::unique_lock lock(s.mutex);
      s.finished.wait(lock, [&] { return s.something_ready(); });
    }
    drain();
  }
  if (s.failed) return fail(*s.failed);
  return {};
}

}  // namespace bulkhead::journal
