#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "exposure/exposure.h"

namespace bulkhead::exposure::test {

constexpr const char* kToday = "2026-11-24";

inline FileFindings analyse_text(std::string_view text, std::string_view name = "",
                                 const Rules& rules = default_rules(),
                                 const Layouts& layouts = {}) {
  MemorySource source(as_bytes(text));
  auto findings = analyse(source, name, rules, layouts);
  EXPECT_TRUE(findings.has_value());
  return findings ? std::move(*findings) : FileFindings{};
}

struct NamedText {
  std::string name, text;
};

inline Exposure resolve_texts(const std::vector<NamedText>& texts) {
  std::vector<NamedFindings> files;
  for (const NamedText& file : texts)
    files.push_back({file.name, analyse_text(file.text, file.name)});
  return resolve(std::move(files), {}, {.as_of = kToday});
}

inline Exposure resolve_text(std::string_view text, std::string_view name = "file") {
  return resolve_texts({{std::string(name), std::string(text)}});
}

// One file that is read by one of these layouts.
inline Exposure resolve_laid_out(std::string_view text, const std::vector<LayoutPtr>& layouts,
                                 std::string_view name = "file") {
  std::vector<NamedFindings> files;
  files.push_back(
      {std::string(name), analyse_text(text, name, default_rules(), {.given = layouts})});
  return resolve(std::move(files), {}, {.as_of = kToday});
}

inline LayoutPtr layout_from(std::string_view text, std::string_view name = "layout") {
  auto layout = parse_layout(text, name, default_rules());
  EXPECT_TRUE(layout.has_value()) << (layout ? "" : layout.error().message);
  return layout ? *layout : nullptr;
}

inline std::vector<const Person*> persons_of(const Exposure& exposure, Role role) {
  std::vector<const Person*> list;
  for (const Person& person : exposure.persons) {
    if (person.role == role) list.push_back(&person);
  }
  return list;
}

// The person one of whose names is so; null where there is none.
inline const Person* find_named(const Exposure& exposure, std::string_view first,
                                std::string_view last) {
  for (const Person& person : exposure.persons) {
    for (const PersonName& name : person.names) {
      if (name.first == first && name.last == last) return &person;
    }
  }
  return nullptr;
}

inline bool holds_named(const Resolution& resolution, std::string_view first,
                        std::string_view last) {
  for (std::size_t i = 0; i < resolution.size(); ++i) {
    for (const PersonName& name : resolution.person(i).names) {
      if (name.first == first && name.last == last) return true;
    }
  }
  return false;
}

inline bool has_identifier(const Person& person, IdentifierType type, std::string_view value) {
  return std::any_of(
      person.identifiers.begin(), person.identifiers.end(),
      [&](const PersonIdentifier& id) { return id.type == type && id.value == value; });
}

inline std::vector<std::string> flags_of(const Person& person, std::string_view value) {
  for (const PersonIdentifier& id : person.identifiers) {
    if (id.value == value) return id.flags;
  }
  return {"no such identifier"};
}

inline ElementSet elements(std::initializer_list<Element> list) {
  ElementSet set;
  for (const Element element : list)
    set.add(element);
  return set;
}

inline std::string words(ElementSet set) {
  std::string text;
  for (std::size_t e = 0; e < kElementCount; ++e) {
    if (set.has(static_cast<Element>(e)))
      text += std::string(to_string(static_cast<Element>(e))) + " ";
  }
  return text;
}

// An interchange around segments that are separated by '~'.
inline std::string interchange(std::string_view set, std::string_view guide,
                               std::string_view body) {
  const std::string group = set == "834" ? "BE" : "HC";
  return "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       "
         "*230526*0200*^*00501*000000001*0*T*:~GS*" +
         group + "*S*R*20230526*0200*1*X*" + std::string(guide) + "~ST*" + std::string(set) +
         "*0001*" + std::string(guide) + "~" + std::string(body) +
         "SE*9*0001~GE*1*1~IEA*1*000000001~";
}
inline std::string x834(std::string_view body) {
  return interchange("834", "005010X220A1", body);
}
inline std::string x837(std::string_view body) {
  return interchange("837", "005010X222A1", body);
}

inline std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

inline const Person& only_member(const Exposure& exposure) {
  static const Person kNobody;
  const auto members = persons_of(exposure, Role::kMember);
  EXPECT_EQ(members.size(), 1U);
  return members.empty() ? kNobody : *members[0];
}

}  // namespace bulkhead::exposure::test
