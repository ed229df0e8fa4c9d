#include "notify/letters/compose.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulkhead::notify {
namespace {

std::string bureau_text(const Bureau& bureau) {
  std::string text = fmt::format("{}, {}\n{}, {}", bureau.name, fmt::join(bureau.address, ", "),
                                 bureau.phone, bureau.website);
  if (!bureau.verified.on) text += fmt::format(" ({})", kUnverified);
  return text;
}

bool names_one_letter(std::string_view text) {
  const std::vector<std::string> names = placeholders_of(text);
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name == "name" || name == "names" || name == "letter_number";
  });
}

class Composer {
 public:
  Composer(const LanguageTexts& language, const Rules& rules, Audience audience, bool enrolled_only,
           std::vector<Piece>& pieces)
      : language_(language),
        rules_(rules),
        audience_(audience),
        other_basis_(enrolled_only ? TemplateBlock::Basis::kFiles
                                   : TemplateBlock::Basis::kEnrolled),
        pieces_(pieces) {}

  void about(const std::vector<LetterPerson>& persons, const std::string& number) {
    persons_ = persons;
    std::vector<std::string> names;
    for (const LetterPerson& person : persons)
      names.push_back(person.name);
    own_["name"] = names.empty() ? "" : names.front();
    own_["names"] = fmt::format("{}", fmt::join(names, ", "));
    own_["letter_number"] = number;
  }

  Status salutation() { return paragraph(language_.text.salutation.at(audience_)); }

  Status sections() {
    for (const TemplateSection& section : language_.text.sections) {
      bool headed = section.heading.empty();
      for (const TemplateBlock& block : section.blocks) {
        if (!applies(block)) continue;
        if (!headed) pieces_.push_back({Piece::Kind::kHeading, section.heading, true});
        headed = true;
        BH_CHECK(put(block));
      }
    }
    return {};
  }

 private:
  bool applies(const TemplateBlock& block) const {
    return block.is_for(audience_) && block.basis != other_basis_ &&
           std::all_of(block.when.begin(), block.when.end(), [&](const std::string& name) {
             const auto at = language_.values.find(name);
             return at == language_.values.end() || !at->second.empty();
           });
  }

  Status put(const TemplateBlock& block) {
    switch (block.kind) {
      case TemplateBlock::Kind::kParagraph:
        return paragraph(block.text);
      case TemplateBlock::Kind::kBureaus:
        for (const Bureau& bureau : rules_.bureaus)
          pieces_.push_back({Piece::Kind::kAddress, bureau_text(bureau), true});
        return {};
      case TemplateBlock::Kind::kElements:
        for (const LetterPerson& person : persons_)
          elements_of(person);
        return {};
    }
    return {};
  }

  // Where a letter is about several children, each has their own list under their name.
  void elements_of(const LetterPerson& person) {
    if (persons_.size() > 1) pieces_.push_back({Piece::Kind::kParagraph, person.name + ":", false});
    for (const std::string& words : language_.text.words_of(person.elements, person.sensitive))
      pieces_.push_back({Piece::Kind::kItem, words, true});
  }

  Status paragraph(std::string_view text) {
    const bool fixed = !names_one_letter(text);
    Values values = language_.values;
    if (!fixed) values.insert(own_.begin(), own_.end());
    BH_TRY(std::string words, filled(text, values, language_.text.file));
    pieces_.push_back({Piece::Kind::kParagraph, std::move(words), fixed});
    return {};
  }

  const LanguageTexts& language_;
  const Rules& rules_;
  Audience audience_;
  TemplateBlock::Basis other_basis_;
  std::vector<Piece>& pieces_;
  std::vector<LetterPerson> persons_;
  Values own_;
};

}  // namespace

bool touched_by_unverified(std::uint32_t rules_of_letter, const Rules& rules) {
  for (std::size_t i = 0; i < rules.rules.size(); ++i) {
    if ((rules_of_letter >> i & 1U) != 0 && !rules.rules[i].verified.on) return true;
  }
  return !rules.bureaus_verified();
}

Result<PrintedLetter> compose(const Letter& letter, const std::vector<LanguageTexts>& languages,
                              const Facts& facts, const Rules& rules) {
  PrintedLetter printed;
  const Template& first = languages.front().text;
  printed.number = letter.number;
  printed.envelope.push_back(letter.addressee);
  printed.envelope.insert(printed.envelope.end(), letter.address.begin(), letter.address.end());
  printed.sender.push_back(facts.organisation.name);
  printed.sender.insert(printed.sender.end(), facts.organisation.return_address.begin(),
                        facts.organisation.return_address.end());
  printed.reference = first.reference;
  printed.page = first.page;
  if (touched_by_unverified(letter.rules, rules)) printed.notice = kUnverified;
  for (const LanguageTexts& language : languages) {
    if (facts.letter.date)
      printed.pieces.push_back(
          {Piece::Kind::kParagraph, language.text.written(*facts.letter.date), true});
    Composer composer(language, rules, letter.audience, letter.enrolled_only, printed.pieces);
    composer.about(letter.about, letter.number);
    BH_CHECK(composer.salutation());
    BH_CHECK(composer.sections());
  }
  return printed;
}

Result<std::vector<Piece>> compose_public(const LanguageTexts& language,
                                          exposure::ElementSet elements, bool sensitive,
                                          const Rules& rules) {
  std::vector<Piece> pieces;
  Composer composer(language, rules, Audience::kPublic, false, pieces);
  composer.about({{"", "", elements, sensitive}}, "");
  BH_CHECK(composer.sections());
  return pieces;
}

}  // namespace bulkhead::notify
