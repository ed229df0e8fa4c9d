#include "scp/sink.h"

#include <algorithm>
#include <charconv>

#include "scp/limits.h"
#include "scp/output.h"
#include "scp/word_path.h"

namespace bulkhead::scp {
namespace {

std::unexpected<Error> malformed(std::string_view why) {
  return fail(ErrorCode::kMalformed, std::string(why));
}

// Digits of that base up to `end`, which goes too; nothing else, no sign, no blanks.
template <typename T>
bool take_number(std::string_view& text, int base, char end, T most, T& number) {
  const std::size_t size = text.find(end);
  if (size == std::string_view::npos || size == 0 || text.front() == '-') return false;
  const auto [at, error] = std::from_chars(text.data(), text.data() + size, number, base);
  if (error != std::errc() || at != text.data() + size || number > most) return false;
  text.remove_prefix(size + 1);
  return true;
}

}  // namespace

Sink::Sink(Command command, sftp::FileSystem& files, sftp::ReplySink& out)
    : command_(std::move(command)), files_(files), out_(out), home_(files.home()) {}

std::size_t Sink::on_data(ByteView bytes) {
  ByteView rest = bytes;
  if (state_ == State::kTarget) resume();
  // Asked before each line and each piece: each adds at most one answer.
  while (!rest.empty() && !exit_status_ && state_ != State::kTarget && out_.may_continue()) {
    if (state_ == State::kData) {
      const ByteView piece = rest.first(std::min<std::uint64_t>(rest.size(), upload_.left));
      rest = rest.subspan(piece.size());
      take_data(piece);
      continue;
    }
    const char byte = static_cast<char>(rest.front());
    rest = rest.subspan(1);
    if (state_ == State::kDataEnd && line_.empty() && byte == 0) {
      on_data_end({});
    } else if (state_ == State::kDataEnd && line_.empty() && byte != 1 && byte != 2) {
      protocol_error("no end behind the data");
    } else if (byte == '\n') {
      const std::string line = std::move(line_);
      line_.clear();
      state_ == State::kDataEnd ? on_data_end(line) : on_line(line);
    } else if (line_.size() == kMaxLineBytes) {
      protocol_error("a line is too long");
    } else {
      line_.push_back(byte);
    }
  }
  return exit_status_ ? bytes.size() : bytes.size() - rest.size();
}

void Sink::on_eof() {
  // libssh2 (curl) sends nothing behind the data but the channel's end. What was announced is
  // there.
  if (state_ == State::kDataEnd && line_.empty() && out_.may_continue()) on_data_end({});
  const bool between = state_ == State::kLine && line_.empty() && levels_.empty();
  over(between && !failed_ ? 0 : 1);
}

void Sink::resume() {
  busy_ = false;
  for (int steps = 0; state_ == State::kTarget && out_.may_continue(); ++steps) {
    if (steps == kStepsPerTurn) {
      busy_ = true;
      return;
    }
    find_target();
  }
}

// A wildcard in the target is for a shell to replace, by the one thing that it fits; one that fits
// nothing stands for itself.
void Sink::find_target() {
  const Word& word = command_.words.front();
  if (!word.wild) return begin(path_of(word, files_, home_));
  if (!glob_) {
    auto glob = glob_of(word, files_, home_);
    if (!glob) return begin(fail(std::move(glob).error()));
    glob_ = std::move(*glob);
  }
  const auto step = glob_->step();
  if (!step) return begin(fail(step.error()));
  if (*step == Glob::Step::kFound) {
    if (target_) return begin(fail(ErrorCode::kInvalidArgument, "More than one target fits."));
    target_ = glob_->found();
  } else if (*step == Glob::Step::kEnd) {
    const std::optional<sftp::Path> found = std::move(target_);
    found ? begin(*found) : begin(path_of(word, files_, home_));
  }
}

void Sink::begin(const Result<sftp::Path>& target) {
  const std::string& name = command_.words.front().text;
  glob_.reset();
  const auto stop = [&](const Error& error) {
    send_message(out_, Severity::kFatal, name, error);
    over(1);
  };
  if (!target) return stop(target.error());
  target_ = *target;
  const auto there = files_.stat(*target_);
  target_is_folder_ = there && there->kind == sftp::Kind::kDirectory;
  if (command_.target_is_directory && !target_is_folder_) {
    return stop(there ? Error(ErrorCode::kNotDirectory, "It is not a folder.") : there.error());
  }
  state_ = State::kLine;
  send_ok(out_);
}

void Sink::on_line(std::string_view line) {
  if (line.empty()) return protocol_error("an empty line");
  const std::string_view fields = line.substr(1);
  switch (line.front()) {
    case 'T': {
      const auto times = parse_times(fields);
      if (!times) return protocol_error(times.error().message);
      times_ = *times;
      return send_ok(out_);
    }
    case 'C':
      return on_file(fields);
    case 'D':
      return on_folder(fields);
    case 'E':
      if (!fields.empty() || levels_.empty()) return protocol_error("the end of no folder");
      return on_folder_end();
    case 1:
    case 2:
      return on_message(line);
    default:
      return protocol_error("a line of no known kind");
  }
}

// The client could not read something. It says so to its user, and we have nobody to tell.
void Sink::on_message(std::string_view line) {
  failed_ = true;
  if (line.front() == 2) over(1);
}

// "T1700000000 0 1700000001 0": seconds and microseconds.
Result<Sink::Times> Sink::parse_times(std::string_view fields) {
  constexpr std::int64_t kLatest_s = 0xffffffff;  // as SFTP version 3 carries them
  constexpr std::uint32_t kMostMicros = 999'999;
  Times times;
  std::uint32_t micros = 0;
  const std::string text = std::string(fields) + " ";
  std::string_view rest = text;
  if (!take_number(rest, 10, ' ', kLatest_s, times.modified_s) ||
      !take_number(rest, 10, ' ', kMostMicros, micros) ||
      !take_number(rest, 10, ' ', kLatest_s, times.accessed_s) ||
      !take_number(rest, 10, ' ', kMostMicros, micros) || !rest.empty()) {
    return malformed("times that are none");
  }
  return times;
}

// A name is one name: it decides where the file goes, and a client could be as hostile as a server.
Result<Sink::Entry> Sink::parse_entry(std::string_view fields) {
  constexpr std::uint64_t kLargest = (1ULL << 63) - 1;
  constexpr std::uint32_t kMostPermissions = 07777;
  Entry entry;
  if (!take_number(fields, 8, ' ', kMostPermissions, entry.permissions))
    return malformed("permissions that are none");
  if (!take_number(fields, 10, ' ', kLargest, entry.size)) return malformed("a size that is none");
  if (fields.empty() || fields == "." || fields == ".." || fields.contains('/') ||
      fields.contains('\0')) {
    return malformed("a name that is none");
  }
  entry.name = fields;
  return entry;
}

Result<sftp::Path> Sink::place(const Entry& entry, bool folder) {
  if (!levels_.empty()) return levels_.back().path.below(entry.name);
  if (target_is_folder_) return target_->below(entry.name);
  if (folder && command_.words.front().text.empty())
    return fail(ErrorCode::kInvalidArgument, "The command names no target.");
  return *target_;
}

void Sink::on_file(std::string_view fields) {
  const std::optional<Times> times = std::exchange(times_, std::nullopt);
  auto entry = parse_entry(fields);
  if (!entry) return protocol_error(entry.error().message);
  const auto path = place(*entry, false);
  if (!path) return refuse(entry->name, path.error());
  auto file =
      files_.open(*path, {.write = true, .create = true, .truncate = true}, entry->permissions);
  if (!file) return refuse(entry->name, file.error());
  upload_ = {.name = std::move(entry->name),
             .file = std::move(*file),
             .offset = 0,
             .left = entry->size,
             .permissions = entry->permissions,
             .times = times,
             .outcome = {}};
  state_ = upload_.left > 0 ? State::kData : State::kDataEnd;
  send_ok(out_);
}

void Sink::take_data(ByteView piece) {
  if (upload_.outcome) upload_.outcome = upload_.file->write(upload_.offset, piece);
  upload_.offset += piece.size();
  upload_.left -= piece.size();
  if (upload_.left == 0) state_ = State::kDataEnd;
}

// Behind the data a 0: all of it was right; or a message: the client could not read it, and sent
// something in its place. Only what is right is committed.
void Sink::on_data_end(std::string_view line) {
  state_ = State::kLine;
  if (!line.empty()) {
    give_up_upload();
    on_message(line);
    if (!exit_status_) send_ok(out_);
    return;
  }
  const Status finished = finish_upload();
  finished ? send_ok(out_) : refuse(upload_.name, finished.error());
  upload_ = {};
}

Status Sink::finish_upload() {
  if (!upload_.outcome) {
    give_up_upload();
    return upload_.outcome;
  }
  sftp::AttributeChanges changes;
  if (command_.times) changes.permissions = upload_.permissions;
  if (upload_.times)
    changes.times = {.accessed_s = upload_.times->accessed_s,
                     .modified_s = upload_.times->modified_s};
  Status set;
  if (!changes.empty()) set = upload_.file->set_attributes(changes);
  BH_CHECK(upload_.file->close());
  return set;
}

// What is left of it is the uploader's to resume: nothing in it can be relied on.
void Sink::give_up_upload() {
  (void)upload_.file->set_attributes({.size = 0});
  upload_.file.reset();
}

void Sink::on_folder(std::string_view fields) {
  Level level{.path = {}, .permissions = 0, .times = std::exchange(times_, std::nullopt)};
  const auto entry = parse_entry(fields);
  if (!entry) return protocol_error(entry.error().message);
  if (!command_.recursive) return protocol_error("a folder without -r");
  auto path = place(*entry, true);
  if (!path) return refuse(entry->name, path.error());
  level.path = std::move(*path);
  level.permissions = entry->permissions;
  if (const Status made = make_folder(level); !made) return refuse(entry->name, made.error());
  levels_.push_back(std::move(level));
  send_ok(out_);
}

Status Sink::make_folder(Level& level) {
  const auto there = files_.stat(level.path);
  if (there) {
    if (there->kind == sftp::Kind::kDirectory) return {};
    return fail(ErrorCode::kNotDirectory, "There is a file of that name.");
  }
  if (there.error().code != ErrorCode::kNotFound) return fail(there.error());
  level.made = true;
  return files_.make_directory(level.path, level.permissions);
}

void Sink::on_folder_end() {
  const Level level = std::move(levels_.back());
  levels_.pop_back();
  sftp::AttributeChanges changes;
  if (command_.times) changes.permissions = level.permissions;
  if (level.times)
    changes.times = {.accessed_s = level.times->accessed_s, .modified_s = level.times->modified_s};
  // Not of a folder that was there, where it is not this user's to change.
  const Status set = changes.empty() ? Status() : files_.set_attributes(level.path, changes);
  set || !level.made ? send_ok(out_) : refuse(level.path.name(), set.error());
}

void Sink::refuse(std::string_view name, const Error& error) {
  failed_ = true;
  send_message(out_, Severity::kError, name, error);
}

void Sink::protocol_error(std::string_view why) {
  send_message(out_, Severity::kFatal, "protocol error",
               Error(ErrorCode::kMalformed, std::string(why)));
  over(1);
}

void Sink::over(std::uint32_t status) {
  if (exit_status_) return;
  busy_ = false;
  state_ = State::kOver;
  exit_status_ = status;
  upload_ = {};
  glob_.reset();
}

}  // namespace bulkhead::scp
