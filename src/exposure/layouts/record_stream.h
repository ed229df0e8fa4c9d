// The records of a file, one after the other, by how they are framed.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "exposure/layouts/record_layout.h"
#include "exposure/readers/block_window.h"

namespace bulkhead::exposure {

struct Cut {
  enum Found : std::uint8_t { kRecord, kMore, kBroken };
  Found found = kMore;
  std::size_t skip = 0;    // before the record: its length, a block's length
  std::size_t length = 0;  // of the record
  std::size_t taken = 0;   // with everything around it
  std::size_t block = 0;   // a block of so many bytes begins here
};

// Cuts bytes into records.
class RecordCutter {
 public:
  // `with_prefix`: records in variable framings start with their length.
  RecordCutter(Framing framing, std::uint32_t length, bool with_prefix = false)
      : framing_(framing), length_(length), with_prefix_(with_prefix) {}
  // The next record at the start of `rest`; `at_end`: nothing follows it in the file.
  Cut cut(std::string_view rest, bool at_end);
  // After a record of cut() was taken.
  void took(const Cut& cut);
  // After damage: the next record begins anew.
  void reset() { block_left_ = 0; }
  // Where records begin again behind damage; nothing where they do not within `rest`.
  std::optional<std::size_t> resync(std::string_view rest) const;

 private:
  Cut cut_line(std::string_view rest, bool at_end) const;
  Cut cut_fixed(std::string_view rest, bool at_end) const;
  Cut cut_variable(std::string_view rest, bool at_end) const;

  Framing framing_;
  std::uint32_t length_;
  bool with_prefix_;
  std::size_t block_left_ = 0;
};

// So many records in a row show how a file is framed, whatever damage comes behind them.
constexpr std::size_t kBelievable = 10;

// Up to `most` records from the start of a file. `broken` becomes true where they end in damage.
std::vector<std::string_view> sample_records(std::string_view head, bool whole_file,
                                             RecordCutter cutter, std::size_t most, bool& broken);

// Framings that tell by themselves that they may be one: lines, record lengths that chain.
std::vector<Framing> possible_framings(std::string_view head, bool whole_file);

class RecordStream {
 public:
  RecordStream(ByteSource& source, const RecordCutter& cutter, std::uint32_t longest);

  // The next record; kEnd behind the last one, kDamage where bytes between records were skipped.
  enum class Next : std::uint8_t { kRecord, kDamage, kEnd };
  Result<Next> next();

  std::string_view record() const { return record_; }      // kRecord: without its frame
  std::uint64_t offset() const { return record_offset_; }  // of record(), or of the damage
  std::size_t size() const { return size_; }               // kDamage: how many bytes
  bool is_last() const { return window_.at_end() && window_.rest().size() <= pending_; }
  // Records that follow in the window, as far as it reaches.
  std::vector<std::string_view> ahead(std::size_t most) const;

 private:
  Result<Next> damage(std::size_t bytes);

  BlockWindow window_;
  RecordCutter cutter_;
  std::size_t pending_ = 0;  // of the window: the record that was given out
  std::string_view record_;
  std::uint64_t record_offset_ = 0;
  std::size_t size_ = 0;
};

}  // namespace bulkhead::exposure
