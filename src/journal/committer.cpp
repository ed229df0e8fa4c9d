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

// A commit whose entry is in the journal's pending batch, in the one that is out, or written and
// not synced.
struct Waiting {
  std::function<void(Status)> done;
  Urgency urgency = Urgency::kDurable;
};

struct SyncedCommit {
  Commit commit;
  Status synced;
};

}  // namespace

struct Committer::State {
  State(Journal& its_journal, Clock& its_clock) : journal(its_journal), clock(its_clock) {}

  Journal& journal;
  Clock& clock;
  UniqueFd event;

  // The owner's thread.
  std::vector<Waiting> in_pending;  // appended, not in a batch yet
  std::vector<Waiting> in_batch;    // in the batch that is out, or made durable by it
  std::vector<Waiting> unsynced;    // written
  Urgency wanted = Urgency::kSoon;  // of what is pending, and of what is not synced
  std::optional<std::int64_t> pending_since_ms;
  std::optional<std::int64_t> unsynced_since_ms;
  std::vector<std::shared_ptr<DiskFile>> later;  // to be synced in the background
  std::optional<std::int64_t> later_since_ms;
  bool batch_out = false;
  std::size_t under_way = 0;
  std::optional<Error> failed;

  // Both sides of each thread, under its mutex.
  std::mutex mutex;
  std::condition_variable blob_work;     // of the syncer
  std::condition_variable journal_work;  // of the writer
  std::condition_variable finished;
  bool stop = false;
  std::deque<Commit> to_sync;
  std::deque<SyncedCommit> synced;
  std::vector<std::shared_ptr<DiskFile>> to_sync_later;
  std::size_t syncing_later = 0;  // handed over and not done
  std::optional<Error> failed_later;
  std::optional<Batch> to_write;
  std::optional<std::pair<Batch, Status>> written;

  std::thread syncer;
  std::thread writer;

  void run_syncer();
  void sync_commits(std::deque<Commit> round);
  void sync_in_background(const std::vector<std::shared_ptr<DiskFile>>& blobs);
  void run_writer();
  void signal();
  void append(Commit commit);
  void hand_over_later();
  std::optional<Batch> next_batch();  // what is due, if the writer is idle
  void hand_over(Batch batch);
  bool is_due(const std::optional<std::int64_t>& since_ms, std::int64_t within_ms) const;
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
    std::vector<std::shared_ptr<DiskFile>> background;
    {
      std::unique_lock lock(mutex);
      blob_work.wait(lock, [&] { return stop || !to_sync.empty() || !to_sync_later.empty(); });
      background.swap(to_sync_later);
      if (stop && background.empty()) return;
      round.swap(to_sync);
    }
    sync_commits(std::move(round));
    sync_in_background(background);
  }
}

void Committer::State::sync_commits(std::deque<Commit> round) {
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
    {
      const std::lock_guard lock(mutex);
      synced.push_back({std::move(commit), std::move(status)});
    }
    signal();
  }
}

void Committer::State::sync_in_background(const std::vector<std::shared_ptr<DiskFile>>& blobs) {
  for (const auto& blob : blobs) {
    const Status status = blob->sync_data();
    const std::lock_guard lock(mutex);
    --syncing_later;
    if (!status) failed_later = status.error();
    finished.notify_all();
  }
}

void Committer::State::run_writer() {
  while (true) {
    std::optional<Batch> batch;
    {
      std::unique_lock lock(mutex);
      journal_work.wait(lock, [&] { return stop || to_write.has_value(); });
      if (!to_write) return;
      batch = std::exchange(to_write, std::nullopt);
    }
    Status status = journal.write_batch(*batch);
    {
      const std::lock_guard lock(mutex);
      written.emplace(std::move(*batch), std::move(status));
    }
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
  in_pending.push_back({std::move(commit.done), commit.urgency});
  wanted = std::max(wanted, commit.urgency);
}

void Committer::State::finish_batch(Batch batch, const Status& status) {
  batch_out = false;
  const bool batch_synced = batch.is_synced();
  journal.batch_done(std::move(batch), status);
  std::vector<Waiting> finished_now = std::exchange(in_batch, {});
  if (!status) {
    failed = status.error();
    // What was appended meanwhile went with it: the journal takes nothing more until it is opened
    // again.
    for (auto* also : {&unsynced, &in_pending}) {
      std::ranges::move(*also, std::back_inserter(finished_now));
      also->clear();
    }
  } else if (!batch_synced) {
    if (!unsynced_since_ms) unsynced_since_ms = clock.monotonic_ms();
    const auto still = std::ranges::partition(
        finished_now, [](const Waiting& each) { return each.urgency == Urgency::kWritten; });
    std::ranges::move(still, std::back_inserter(unsynced));
    finished_now.erase(still.begin(), still.end());
  }
  for (const Waiting& waiting : finished_now)
    done(waiting.done, status);
}

bool Committer::State::something_ready() {
  return written.has_value() || !synced.empty();
}

Committer::Committer(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Committer>> Committer::start(Journal& journal, Clock& clock) {
  auto state = std::make_unique<State>(journal, clock);
  state->event.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!state->event) return fail_errno("making an eventfd");
  State* raw = state.get();
  state->syncer = std::thread([raw] { raw->run_syncer(); });
  state->writer = std::thread([raw] { raw->run_writer(); });
  return std::unique_ptr<Committer>(new Committer(std::move(state)));
}

Committer::~Committer() {
  State& s = *state_;
  s.hand_over_later();
  {
    const std::lock_guard lock(s.mutex);
    s.stop = true;
  }
  s.blob_work.notify_one();
  s.journal_work.notify_one();
  s.syncer.join();
  s.writer.join();
  if (s.written) {
    auto [batch, status] = std::move(*s.written);
    s.finish_batch(std::move(batch), status);
  }
  const Status stopped = fail(ErrorCode::kDisconnected, "the server is stopping");
  for (auto* waits : {&s.unsynced, &s.in_pending}) {
    for (const Waiting& waiting : std::exchange(*waits, {}))
      s.done(waiting.done, stopped);
  }
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
  {
    const std::lock_guard lock(s.mutex);
    s.to_sync.push_back(std::move(commit));
  }
  s.blob_work.notify_one();
}

void Committer::urge(Urgency urgency) {
  state_->wanted = std::max(state_->wanted, urgency);
}

bool Committer::sync_later(std::shared_ptr<DiskFile> blob) {
  State& s = *state_;
  {
    const std::lock_guard lock(s.mutex);
    if (s.later.size() + s.syncing_later >= kMostSyncedLater) return false;
  }
  blob->start_writeback(0, 0);
  s.later.push_back(std::move(blob));
  if (!s.later_since_ms) s.later_since_ms = s.clock.monotonic_ms();
  return true;
}

void Committer::State::hand_over_later() {
  if (later.empty()) return;
  {
    const std::lock_guard lock(mutex);
    syncing_later += later.size();
    std::ranges::move(later, std::back_inserter(to_sync_later));
  }
  later.clear();
  later_since_ms.reset();
  blob_work.notify_one();
}

std::optional<Error> Committer::failed_later() {
  const std::lock_guard lock(state_->mutex);
  return std::exchange(state_->failed_later, std::nullopt);
}

bool Committer::State::is_due(const std::optional<std::int64_t>& since_ms,
                              std::int64_t within_ms) const {
  return since_ms && clock.monotonic_ms() - *since_ms >= within_ms;
}

int Committer::due_in_ms() const {
  const State& s = *state_;
  std::int64_t due = -1;
  const auto consider = [&](const std::optional<std::int64_t>& since_ms, std::int64_t within_ms) {
    if (!since_ms) return;
    const std::int64_t left =
        std::max<std::int64_t>(*since_ms + within_ms - s.clock.monotonic_ms(), 0);
    due = due < 0 ? left : std::min(due, left);
  };
  consider(s.later_since_ms, kSyncedWithinMs / 2);
  if (s.batch_out || s.failed) return static_cast<int>(due);
  consider(s.pending_since_ms, kWrittenWithinMs);
  consider(s.unsynced_since_ms, kSyncedWithinMs);
  return static_cast<int>(due);
}

bool Committer::kick() {
  State& s = *state_;
  if (s.is_due(s.later_since_ms, kSyncedWithinMs / 2)) s.hand_over_later();
  bool written = false;
  while (std::optional<Batch> batch = s.next_batch()) {
    if (!batch->is_only_copied()) {
      s.hand_over(std::move(*batch));
      break;
    }
    // A thread that is woken for this costs more than the copy. Who is told now may append more.
    const Status status = s.journal.write_batch(*batch);
    s.finish_batch(std::move(*batch), status);
    written = true;
  }
  return written;
}

std::optional<Batch> Committer::State::next_batch() {
  if (batch_out) return std::nullopt;
  if (!pending_since_ms && (journal.has_pending() || !in_pending.empty()))
    pending_since_ms = clock.monotonic_ms();
  const bool sync = wanted == Urgency::kDurable || is_due(unsynced_since_ms, kSyncedWithinMs);
  if (!sync && wanted != Urgency::kWritten && !is_due(pending_since_ms, kWrittenWithinMs))
    return std::nullopt;
  wanted = Urgency::kSoon;
  pending_since_ms.reset();
  std::optional<Batch> batch = journal.prepare_batch(sync ? Sync::kNow : Sync::kLater);
  in_batch = std::exchange(in_pending, {});
  if (batch ? batch->is_synced() : sync) {
    std::ranges::move(std::exchange(unsynced, {}), std::back_inserter(in_batch));
    unsynced_since_ms.reset();
  }
  batch_out = batch.has_value();
  // Commits that appended nothing: all that was appended before them is as they want it.
  if (!batch) {
    for (const Waiting& waiting : std::exchange(in_batch, {}))
      done(waiting.done, {});
  }
  return batch;
}

void Committer::State::hand_over(Batch batch) {
  {
    const std::lock_guard lock(mutex);
    to_write = std::move(batch);
  }
  journal_work.notify_one();
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
  urge(Urgency::kDurable);
  s.hand_over_later();
  drain();
  while (s.under_way > 0 || s.batch_out) {
    {
      std::unique_lock lock(s.mutex);
      s.finished.wait(lock, [&] { return s.something_ready(); });
    }
    urge(Urgency::kDurable);
    s.hand_over_later();
    drain();
  }
  {
    std::unique_lock lock(s.mutex);
    s.finished.wait(lock, [&] { return s.syncing_later == 0; });
  }
  if (s.failed) return fail(*s.failed);
  return {};
}

}  // namespace bulkhead::journal
