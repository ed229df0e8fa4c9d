#include "exposure/readers/x12_reader.h"

#include <fmt/format.h>

#include <array>
#include <memory>

#include "exposure/readers/x12_set_reader.h"
#include "exposure/readers/x12_syntax.h"

namespace bulkhead::exposure {
namespace {

constexpr std::uint32_t kIsa = segment_id("ISA"), kIea = segment_id("IEA"), kGs = segment_id("GS"),
                        kGe = segment_id("GE"), kSt = segment_id("ST"), kSe = segment_id("SE"),
                        kTa1 = segment_id("TA1");

struct ReadableSet {
  std::string_view set;         // ST01
  std::string_view functional;  // GS01
  const X12SetTable& (*table)();
};
constexpr ReadableSet kReadable[] = {
    {"270", "HS", x12_270_table}, {"271", "HB", x12_271_table}, {"276", "HR", x12_276_table},
    {"277", "HN", x12_277_table}, {"278", "HI", x12_278_table}, {"820", "RA", x12_820_table},
    {"834", "BE", x12_834_table}, {"835", "HP", x12_835_table}, {"837", "HC", x12_837_table},
    {"997", "FA", x12_997_table}, {"999", "FA", x12_999_table},
};

// What the implementation guide in GS08 or ST03 says more exactly.
constexpr std::pair<std::string_view, std::string_view> kGuides[] = {
    {"X222", "837p"}, {"X098", "837p"}, {"X223", "837i"},
    {"X096", "837i"}, {"X224", "837d"}, {"X097", "837d"},
};

bool is_set_number(std::string_view text) {
  return text.size() == 3 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

const ReadableSet* readable_set(std::string_view set) {
  for (const ReadableSet& readable : kReadable) {
    if (readable.set == set) return &readable;
  }
  return nullptr;
}

class X12FileReader {
 public:
  X12FileReader(ByteSource& source, Collector& collector)
      : scanner_(source, collector), collector_(collector) {}
  X12FileReader(std::string_view part, std::uint64_t offset, const X12State& state,
                Collector& collector)
      : scanner_(part, offset, state.delimiters, collector),
        collector_(collector),
        functional_(state.functional),
        guide_(state.guide),
        end_(offset) {
    if (state.set.empty()) return;
    inside_ = truncated_is_news_ = true;
    reader_ = &reader_of(static_cast<std::size_t>(readable_set(state.set) - kReadable));
    reader_->resume_set(state.header);
  }

  Status read() {
    BH_CHECK(read_segments());
    end_set(end_);
    if (inside_ && truncated_is_news_)
      collector_.warn(end_, "the last transaction set does not end");
    return {};
  }

  // A part that others follow. Nothing where it depends on them, or they on more than a state says.
  std::optional<X12State> read_part() {
    const Status read = read_segments();
    BH_ASSERT(read.has_value());  // it lies in memory
    X12State state{.delimiters = scanner_.delimiters(),
                   .functional = functional_,
                   .guide = guide_,
                   .set = {},
                   .header = {}};
    if (inside_) {
      if (reader_ == nullptr || !truncated_is_news_) return std::nullopt;
      state.set = kReadable[reading_].set;
      state.header = reader_->header();
      reader_->end_set();
    }
    if (!scanner_.regular()) return std::nullopt;
    return state;
  }

 private:
  Status read_segments() {
    X12Segment segment;
    while (true) {
      BH_TRY(const bool any, scanner_.next(segment));
      if (!any) return {};
      take(segment);
    }
  }

  X12SetReader& reader_of(std::size_t index) {
    if (!readers_[index])
      readers_[index] = std::make_unique<X12SetReader>(kReadable[index].table(), collector_);
    reading_ = index;
    return *readers_[index];
  }

  void take(const X12Segment& segment) {
    const std::uint64_t start = segment.offset;
    switch (segment.id) {
      case kIsa:
      case kIea:
      case kGe:
        leave(start);
        break;
      case kGs:
        leave(start);
        begin_group(segment);
        break;
      case kSt:
        begin_set(segment);
        break;
      case kSe:
        end_ = start + segment.text.size() + 1;
        if (!inside_) collector_.warn(start, "SE without ST");
        end_set(end_);
        inside_ = false;
        break;
      case kTa1:
        break;
      default:
        body(segment);
    }
    end_ = start + segment.text.size() + 1;
  }

  // An envelope segment: a set that is still open was cut off.
  void leave(std::uint64_t at) {
    if (inside_) collector_.warn(at, "a transaction set ends without SE");
    end_set(at);
    inside_ = false;
  }

  void begin_group(const X12Segment& segment) {
    const X12Elements elements(segment, scanner_.delimiters().element);
    functional_.assign(elements[1]);
    guide_.assign(elements[8]);
  }

  void begin_set(const X12Segment& segment) {
    if (inside_) collector_.warn(segment.offset, "a transaction set ends without SE");
    end_set(segment.offset);
    const X12Elements elements(segment, scanner_.delimiters().element);
    const std::string_view set = elements[1];
    const std::string_view guide = elements[3].empty() ? std::string_view(guide_) : elements[3];
    inside_ = true;
    truncated_is_news_ = true;
    choose(is_set_number(set) ? set : std::string_view("???"), {}, guide, segment.offset);
  }

  // A segment that belongs to a set. Without any ST, the group says which.
  void body(const X12Segment& segment) {
    if (!inside_) {
      collector_.warn(segment.offset, "a segment outside of a transaction set");
      inside_ = true;
      truncated_is_news_ = false;
      choose({}, functional_, guide_, segment.offset);
    }
    if (reader_ != nullptr) reader_->segment(segment, scanner_.delimiters());
  }

  void choose(std::string_view set, std::string_view functional, std::string_view guide,
              std::uint64_t offset) {
    reader_ = nullptr;
    for (std::size_t i = 0; i < std::size(kReadable); ++i) {
      if (set.empty() ? kReadable[i].functional != functional : kReadable[i].set != set) continue;
      reader_ = &reader_of(i);
      reader_->begin_set();
      set = kReadable[i].set;
      collector_.report().read = true;
    }
    if (reader_ == nullptr) {
      unread_from_ = offset;
      unread_reason_ = set.empty() ? std::string("segments outside of a transaction set")
                                   : fmt::format("transaction set {}: recognised, not read", set);
    }
    name_format(set, guide);
  }

  void name_format(std::string_view set, std::string_view guide) {
    if (set.empty()) return;
    std::string format = fmt::format("x12-{}", set);
    for (const auto& [part, name] : kGuides) {
      if (set == "837" && guide.find(part) != std::string_view::npos)
        format = fmt::format("x12-{}", name);
    }
    FileReport& report = collector_.report();
    if (report.format.empty()) {
      report.recognised_by =
          is_plain(guide) ? fmt::format("guide {}", guide) : fmt::format("ST01 {}", set);
    }
    add_format(format, report.format);
  }

  static bool is_plain(std::string_view guide) {
    return !guide.empty() && guide.size() <= 16 &&
           guide.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
               std::string_view::npos;
  }

  void end_set(std::uint64_t at) {
    if (reader_ != nullptr)
      reader_->end_set();
    else if (!unread_reason_.empty())
      collector_.not_understood(unread_from_, at - unread_from_, unread_reason_);
    reader_ = nullptr;
    unread_reason_.clear();
  }

  X12Scanner scanner_;
  Collector& collector_;
  std::array<std::unique_ptr<X12SetReader>, std::size(kReadable)> readers_;
  X12SetReader* reader_ = nullptr;  // of the open set; none: it is not read
  std::size_t reading_ = 0;         // which of kReadable that is
  bool inside_ = false;             // between ST and SE
  bool truncated_is_news_ = false;
  std::string functional_, guide_;  // of the group
  std::uint64_t unread_from_ = 0;
  std::string unread_reason_;
  std::uint64_t end_ = 0;  // of what was taken so far
};

}  // namespace

Status read_x12(ByteSource& source, Collector& collector) {
  return X12FileReader(source, collector).read();
}

Status read_last_x12_part(std::string_view part, std::uint64_t offset, const X12State& state,
                          Collector& collector) {
  return X12FileReader(part, offset, state, collector).read();
}

std::optional<X12State> read_x12_part(std::string_view part, std::uint64_t offset,
                                      const X12State& state, Collector& collector) {
  return X12FileReader(part, offset, state, collector).read_part();
}

std::string_view x12_set_splits_at(std::string_view set) {
  const ReadableSet* readable = readable_set(set);
  return readable == nullptr ? std::string_view() : readable->table().splits_at;
}

}  // namespace bulkhead::exposure
