#include "notify/letters/letter_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "notify/letters/pdf_joiner.h"
#include "notify/letters/typesetter.h"

namespace bulkhead::notify {
namespace {

// Fixed, because the bytes of the PDF depend on where the parts begin.
constexpr std::size_t kLettersAPart = 500;

struct Work {
  std::vector<Letter> letters;
  std::vector<PrintedLetter> printed;
  std::optional<Result<PdfPart>> part;  // when it is done
};

}  // namespace

struct LetterWriter::State {
  State(const std::vector<LanguageTexts>& all, const Facts& stated, const Rules& ruled,
        LetterOutputs out)
      : languages(all),
        facts(stated),
        rules(ruled),
        outputs(std::move(out)),
        joiner(outputs.pdf, fmt::format("{}: letters", stated.incident.id),
               all.front().text.language) {}
  ~State() {
    {
      const std::lock_guard lock(mutex);
      ending = true;
    }
    changed.notify_all();
    for (std::thread& thread : threads)
      thread.join();
  }

  void work(Typesetter& typesetter);
  Status send();
  Status take_oldest();

  const std::vector<LanguageTexts>& languages;
  const Facts& facts;
  const Rules& rules;
  LetterOutputs outputs;
  PdfJoiner joiner;
  std::shared_ptr<Work> filling = std::make_shared<Work>();
  std::uint64_t pages = 0;

  std::mutex mutex;  // for the next four
  std::condition_variable changed;
  std::deque<std::shared_ptr<Work>> waiting;
  bool ending = false;
  std::deque<std::shared_ptr<Work>> under_way;  // in order; of the adding thread
  std::vector<std::unique_ptr<Typesetter>> typesetters;
  std::vector<std::thread> threads;
};

void LetterWriter::State::work(Typesetter& typesetter) {
  for (;;) {
    std::shared_ptr<Work> mine;
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [this] { return ending || !waiting.empty(); });
      if (waiting.empty()) return;
      mine = waiting.front();
      waiting.pop_front();
    }
    auto part = typesetter.print(mine->printed);
    {
      const std::lock_guard lock(mutex);
      mine->printed.clear();
      mine->part = std::move(part);
    }
    changed.notify_all();
  }
}

Status LetterWriter::State::send() {
  if (filling->letters.empty()) return {};
  while (under_way.size() >= 2 * threads.size())
    BH_CHECK(take_oldest());
  under_way.push_back(filling);
  {
    const std::lock_guard lock(mutex);
    waiting.push_back(filling);
  }
  changed.notify_all();
  filling = std::make_shared<Work>();
  return {};
}

Status LetterWriter::State::take_oldest() {
  const std::shared_ptr<Work> work = under_way.front();
  under_way.pop_front();
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return work->part.has_value(); });
  }
  BH_TRY(const PdfPart part, std::move(*work->part));
  std::uint64_t in_part = 0;
  for (std::size_t i = 0; i < work->letters.size(); ++i) {
    const std::uint64_t first = part.pages[i] == 0 ? 0 : pages + in_part + 1;
    BH_CHECK(outputs.set(work->letters[i], first, part.pages[i], part.refused[i]));
    in_part += part.pages[i];
  }
  if (in_part > 0) BH_CHECK(joiner.add(part.pdf));
  pages += in_part;
  return {};
}

LetterWriter::LetterWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
LetterWriter::~LetterWriter() = default;

Result<std::unique_ptr<LetterWriter>> LetterWriter::create(
    const std::vector<LanguageTexts>& languages, const Facts& facts, const Rules& rules,
    unsigned threads, LetterOutputs outputs) {
  auto state = std::make_unique<State>(languages, facts, rules, std::move(outputs));
  for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
    BH_TRY(std::unique_ptr<Typesetter> typesetter, Typesetter::create(facts.letter.large_print));
    state->typesetters.push_back(std::move(typesetter));
  }
  for (const auto& typesetter : state->typesetters)
    state->threads.emplace_back([&at = *state, &setter = *typesetter] { at.work(setter); });
  return std::unique_ptr<LetterWriter>(new LetterWriter(std::move(state)));
}

Status LetterWriter::add(Letter letter) {
  BH_TRY(PrintedLetter printed, compose(letter, state_->languages, state_->facts, state_->rules));
  state_->filling->printed.push_back(std::move(printed));
  state_->filling->letters.push_back(std::move(letter));
  return state_->filling->letters.size() < kLettersAPart ? Status() : state_->send();
}

Result<std::uint64_t> LetterWriter::finish() {
  BH_CHECK(state_->send());
  while (!state_->under_way.empty())
    BH_CHECK(state_->take_oldest());
  if (state_->pages > 0) BH_CHECK(state_->joiner.finish());
  return state_->pages;
}

}  // namespace bulkhead::notify
