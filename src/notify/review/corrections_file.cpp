#include "notify/review/corrections_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"
#include "notify/review/chained_file.h"
#include "notify/review/correction_entry.h"

namespace bulkhead::review {
namespace {

using exposure::Correction;
using exposure::CorrectionKind;

constexpr std::size_t kEntriesMost = 1'000'000;

bool same_person(std::string_view a, std::string_view b) {
  const auto plain = [](std::string_view name) {
    std::string text;
    for (const char c : name) {
      if (c != ' ') text += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    return text;
  };
  return plain(a) == plain(b);
}

// Puts the entries of a file together to what is in force.
class Ledger {
 public:
  Status take(const JsonObject& line, std::uint64_t number) {
    if (number > kEntriesMost) return line.wrong("there are too many corrections");
    BH_TRY(const CorrectionEntry entry, read_entry(line, number));
    if (entry.what == CorrectionEntry::What::kCorrection) {
      at_.push_back(file_.records.size());
      file_.records.push_back(
          {.correction = entry.correction, .by = entry.by, .why = entry.why, .at = entry.at});
      CorrectionRecord& record = file_.records.back();
      if (has_high_stakes(record.correction.kind)) record.state = CorrectionState::kWaiting;
      return {};
    }
    at_.push_back(kNone);
    const auto done = entry.what == CorrectionEntry::What::kConfirmation
                          ? confirm(entry.of, entry.by)
                          : withdraw(entry.of, entry.by);
    return done ? Status() : line.wrong(done.error().message);
  }

  // Also of a withdrawal that waits.
  Status confirm(std::uint64_t of, const std::string& by) {
    BH_TRY(CorrectionRecord* const record, find(of));
    if (record->state == CorrectionState::kInForce && !record->withdrawn_by.empty()) {
      if (same_person(by, record->withdrawn_by)) return same();
      record->state = CorrectionState::kWithdrawn;
      return {};
    }
    if (record->state != CorrectionState::kWaiting)
      return fail(ErrorCode::kPermissionDenied,
                  fmt::format("correction {} does not wait for a second person", of));
    if (same_person(by, record->by)) return same();
    record->confirmed_by = by;
    record->state = CorrectionState::kInForce;
    return {};
  }

  Status withdraw(std::uint64_t of, const std::string& by) {
    BH_TRY(CorrectionRecord* const record, find(of));
    if (record->state == CorrectionState::kWithdrawn || !record->withdrawn_by.empty())
      return fail(ErrorCode::kPermissionDenied,
                  fmt::format("correction {} was withdrawn already", of));
    record->withdrawn_by = by;
    // What two had to agree on only takes somebody from the list, or tells them less: to undo it is
    // the careful side. Anything else is the other way round, and waits for the second person.
    const bool careful = has_high_stakes(record->correction.kind);
    if (careful) record->state = CorrectionState::kWithdrawn;
    return {};
  }

  Result<CorrectionRecord*> find(std::uint64_t of) {
    if (of == 0 || of > at_.size() || at_[of - 1] == kNone)
      return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no correction", of));
    return &file_.records[at_[of - 1]];
  }

  CorrectionsFile take_file() { return std::move(file_); }

 private:
  static constexpr std::size_t kNone = ~std::size_t{0};
  static Status same() {
    return fail(ErrorCode::kPermissionDenied,
                "the second person has to be another one than the first");
  }

  CorrectionsFile file_;
  std::vector<std::size_t> at_;  // by entry: which record
};

TakeEntry into(Ledger& ledger) {
  return
      [&ledger](const JsonObject& line, std::uint64_t number) { return ledger.take(line, number); };
}

Status append_word(const std::string& path, std::uint64_t of, std::string_view what,
                   const NewEntry& entry, const std::function<Status(Ledger&)>& allowed) {
  BH_CHECK(check_who_and_why(entry.by, entry.why));
  Ledger ledger;
  BH_TRY(ChainedFile file, ChainedFile::open(path, into(ledger)));
  BH_CHECK(allowed(ledger));
  file.add([&](JsonWriter& json) {
    json.member("at", to_rfc3339(entry.at));
    json.member("by", entry.by);
    json.member("why", entry.why);
    json.member("do", what);
    json.member("of", of);
  });
  return file.commit();
}

}  // namespace

bool has_high_stakes(CorrectionKind kind) {
  switch (kind) {
    case CorrectionKind::kMerge:
    case CorrectionKind::kExclude:
    case CorrectionKind::kRemoveElement:
    case CorrectionKind::kGuardian:
    case CorrectionKind::kDeceased:
      return true;
    case CorrectionKind::kSplit:
    case CorrectionKind::kAddElement:
    case CorrectionKind::kAddress:
    case CorrectionKind::kProtectedAddress:
      return false;
  }
  return true;
}

std::string_view to_string(CorrectionState state) {
  switch (state) {
    case CorrectionState::kInForce:
      return "in force";
    case CorrectionState::kWaiting:
      return "waits for a second person";
    case CorrectionState::kWithdrawn:
      return "withdrawn";
  }
  return "withdrawn";
}

Result<CorrectionsFile> parse_corrections(std::string_view text, const std::string& name) {
  Ledger ledger;
  BH_TRY(const ChainEnd end, read_chain(text, name, into(ledger)));
  CorrectionsFile file = ledger.take_file();
  file.entries = end.entries;
  file.unfinished = end.unfinished;
  return file;
}

Result<CorrectionsFile> read_corrections(const std::string& path) {
  BH_TRY(const Bytes bytes, read_file(path, ChainedFile::kBytesMost));
  return parse_corrections(as_text(bytes), path);
}

Result<exposure::Corrections> load_corrections(const std::string& path) {
  BH_TRY(const Bytes bytes, read_file(path, ChainedFile::kBytesMost));
  BH_TRY(CorrectionsFile file, parse_corrections(as_text(bytes), path));
  // Somebody may have meant something by it: no letter goes out as if they had not.
  if (file.unfinished)
    return fail(ErrorCode::kCorrupt,
                fmt::format("{}:{}: the last line has no end and is not in force: put a newline "
                            "behind it if it is whole, or remove it and decide again",
                            path, file.entries + 1));
  exposure::Corrections corrections;
  corrections.path = path;
  const crypto::Sha256 digest = crypto::sha256(bytes);
  corrections.sha256.assign(digest.begin(), digest.end());
  for (CorrectionRecord& record : file.records) {
    switch (record.state) {
      case CorrectionState::kInForce:
        corrections.in_force.push_back(std::move(record.correction));
        break;
      case CorrectionState::kWaiting:
        ++corrections.waiting;
        break;
      case CorrectionState::kWithdrawn:
        ++corrections.withdrawn;
        break;
    }
  }
  return corrections;
}

Result<std::uint64_t> append_correction(const std::string& path, Correction correction,
                                        const NewEntry& entry) {
  BH_CHECK(check_who_and_why(entry.by, entry.why));
  BH_CHECK(check_correction(correction));
  Ledger ledger;
  BH_TRY(ChainedFile file, ChainedFile::open(path, into(ledger)));
  file.add([&](JsonWriter& json) {
    json.member("at", to_rfc3339(entry.at));
    json.member("by", entry.by);
    json.member("why", entry.why);
    write_correction(json, correction);
  });
  BH_CHECK(file.commit());
  return file.end().entries;
}

Status confirm_correction(const std::string& path, std::uint64_t number, const NewEntry& entry) {
  return append_word(path, number, "confirm", entry,
                     [&](Ledger& ledger) { return ledger.confirm(number, entry.by); });
}

Status withdraw_correction(const std::string& path, std::uint64_t number, const NewEntry& entry) {
  return append_word(path, number, "withdraw", entry,
                     [&](Ledger& ledger) { return ledger.withdraw(number, entry.by); });
}

}  // namespace bulkhead::review
