#include "scp/source.h"

#include <fmt/format.h>

#include <algorithm>

#include "scp/limits.h"
#include "scp/output.h"
#include "scp/word_path.h"

namespace bulkhead::scp {

Source::Source(Command command, sftp::FileSystem& files, sftp::ReplySink& out)
    : command_(std::move(command)), files_(files), out_(out), home_(files.home()) {}

// Answers: a 0 is a yes; a 1 or 2, a line and its end a no, after which a 2 ends everything.
std::size_t Source::on_data(ByteView bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !exit_status_ && !has_something_to_send()) {
    read_answer(static_cast<char>(bytes[taken++]));
    resume();
  }
  return exit_status_ ? bytes.size() : taken;
}

bool Source::has_something_to_send() const {
  return state_ == State::kNext || state_ == State::kName || state_ == State::kData;
}

void Source::on_eof() {
  over(1);  // whoever gets everything waits for our end
}

void Source::read_answer(char byte) {
  if (!complaint_) {
    if (byte == 0) return on_answer(true);
    if (byte != 1 && byte != 2) return over(1);  // nothing that the protocol has
    complaint_ = byte;
    complaint_bytes_ = 0;
  } else if (byte == '\n') {
    const bool fatal = *complaint_ == 2;
    complaint_.reset();
    failed_ = true;
    fatal ? over(1) : on_answer(false);
  } else if (++complaint_bytes_ > kMaxLineBytes) {
    over(1);
  }
}

void Source::on_answer(bool yes) {
  switch (state_) {
    case State::kAwaitTimes:
      if (!yes) break;
      state_ = State::kName;
      return;
    case State::kAwaitName:
      if (!yes) break;
      state_ = State::kData;
      return;
    case State::kAwaitFolder:
      if (yes) levels_.push_back({.path = offer_.path, .folder = nullptr, .entries = {}});
      break;
    case State::kAwaitStart:
      if (!yes) return over(1);
      break;
    default:
      break;
  }
  offer_ = {};
  state_ = State::kNext;
}

void Source::resume() {
  busy_ = false;
  for (int steps = 0; has_something_to_send(); ++steps) {
    if (!out_.may_continue()) return;
    if (steps == kStepsPerTurn) {
      busy_ = true;
      return;
    }
    send();
  }
}

void Source::send() {
  switch (state_) {
    case State::kName:
      return send_name();
    case State::kData:
      return send_data();
    default:
      return next();
  }
}

void Source::next() {
  if (!levels_.empty()) return next_entry(levels_.back());
  if (!glob_) return next_word();
  const auto found = next_match();
  if (!found) {
    error(pattern_, found.error());
    glob_.reset();
  } else if (*found) {
    offer(glob_->found());
  }
}

// The next of the files that the command names.
void Source::next_word() {
  if (next_word_ == command_.words.size()) return over(failed_ ? 1 : 0);
  const Word& word = command_.words[next_word_++];
  if (word.wild) {
    pattern_ = word.text;
    glob_found_ = false;
    auto glob = glob_of(word, files_, home_);
    if (!glob) return error(word.text, glob.error());
    glob_ = std::move(*glob);
    return;
  }
  const auto path = path_of(word, files_, home_);
  path ? offer(*path) : error(word.text, path.error());
}

Result<bool> Source::next_match() {
  BH_TRY(const Glob::Step step, glob_->step());
  glob_found_ |= step == Glob::Step::kFound;
  if (step != Glob::Step::kEnd) return step == Glob::Step::kFound;
  glob_.reset();
  if (!glob_found_) error(pattern_, Error(ErrorCode::kNotFound, "No such file or folder."));
  return false;
}

void Source::next_entry(Level& level) {
  if (!level.opened) {
    level.opened = true;
    auto folder = files_.open_directory(level.path);
    // One that cannot be read is an empty one: the client has entered it.
    if (!folder) return error(level.path.name(), folder.error());
    level.folder = std::move(*folder);
    return;
  }
  if (level.next == level.entries.size() && level.folder) {
    level.entries.clear();
    level.next = 0;
    const Status read = level.folder->next(level.entries, kDirectoryBatchEntries);
    if (!read) {
      error(level.path.name(), read.error());
      level.entries.clear();
    }
    if (level.entries.empty()) level.folder.reset();
    return;
  }
  if (level.next == level.entries.size()) {
    levels_.pop_back();
    send_bytes(out_, "E\n");
    state_ = State::kAwaitFolderEnd;
    return;
  }
  const sftp::DirectoryEntry entry = std::move(level.entries[level.next++]);
  const auto path = level.path.below(entry.name);
  path ? offer(*path) : error(entry.name, path.error());
}

void Source::offer(const sftp::Path& path) {
  offer_ = {.path = path};
  if (const Status ready = prepare(offer_); !ready) {
    const std::string name(path.name());
    offer_ = {};
    return error(name, ready.error());
  }
  command_.times ? send_times() : send_name();
}

// Whatever can be known to go wrong is found before the client is promised anything.
Status Source::prepare(Offer& offer) {
  if (offer.path.is_root()) {
    return fail(ErrorCode::kUnsupported, "The uppermost folder has no name: name what is in it.");
  }
  if (offer.path.name().find('\n') != std::string_view::npos) {
    return fail(ErrorCode::kUnsupported,
                "scp cannot transfer a name with a line end in it: use sftp.");
  }
  BH_TRY(offer.attributes, files_.stat(offer.path));
  if (offer.attributes.kind == sftp::Kind::kDirectory) {
    if (command_.recursive) return {};
    return fail(ErrorCode::kIsDirectory, "It is a folder: scp -r transfers folders.");
  }
  BH_TRY(offer.file, files_.open(offer.path, {.read = true}, std::nullopt));
  BH_TRY(offer.size, offer.file->size());
  offer.first.resize(std::min<std::uint64_t>(offer.size, kFirstBytes));
  if (offer.first.empty()) return {};
  BH_TRY(const std::size_t got, offer.file->read(0, offer.first));
  if (got != offer.first.size())
    return fail(ErrorCode::kConflict, "The file became shorter while it was read.");
  return {};
}

void Source::send_times() {
  const auto seconds = [](std::int64_t time) { return std::max<std::int64_t>(time, 0); };
  send_bytes(out_, fmt::format("T{} 0 {} 0\n", seconds(offer_.attributes.modified_s),
                               seconds(offer_.attributes.accessed_s)));
  state_ = State::kAwaitTimes;
}

void Source::send_name() {
  const bool folder = offer_.attributes.kind == sftp::Kind::kDirectory;
  send_bytes(out_,
             fmt::format("{}{:04o} {} {}\n", folder ? 'D' : 'C',
                         offer_.attributes.permissions & 07777, offer_.size, offer_.path.name()));
  state_ = folder ? State::kAwaitFolder : State::kAwaitName;
}

void Source::send_data() {
  if (offer_.sent < offer_.first.size()) {
    send_bytes(out_, as_text(offer_.first));
    offer_.sent = offer_.first.size();
    return;
  }
  if (offer_.sent == offer_.size) {
    const Status closed = offer_.file->close();
    offer_.file.reset();
    if (closed) {
      send_ok(out_);
    } else {
      error(offer_.path.name(), closed.error());
    }
    state_ = State::kAwaitFileEnd;
    return;
  }
  const std::size_t wanted = std::min<std::uint64_t>(offer_.size - offer_.sent, kMaxDataBytes);
  const auto got = offer_.file->read(offer_.sent, out_.reserve(wanted).first(wanted));
  // The client waits for as many bytes as it was promised. Better it sees the connection end than
  // something else in their place.
  if (!got || *got == 0) return over(1);
  out_.commit(*got);
  offer_.sent += *got;
}

void Source::error(std::string_view name, const Error& error) {
  failed_ = true;
  send_message(out_, Severity::kError, name, error);
}

void Source::over(std::uint32_t status) {
  if (exit_status_) return;
  busy_ = false;
  state_ = State::kOver;
  exit_status_ = status;
  offer_ = {};
  levels_.clear();
  glob_.reset();
}

}  // namespace bulkhead::scp
