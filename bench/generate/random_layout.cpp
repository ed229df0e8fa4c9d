#include "generate/random_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "generate/mainframe.h"

namespace bulkhead::generate {
namespace {

using Group = std::vector<RandomColumn>;
using enum ColumnOf;

unsigned width_of_date(std::string_view form) {
  return form == "CCYYMMDD" || form == "MMDDCCYY" ? 8 : 10;
}

RandomColumn date_column(ColumnOf what, const std::string& form, bool ebcdic, Dice& dice) {
  if (ebcdic && form == "CCYYMMDD" && dice.chance(40)) return {what, 5, form, Storage::kPacked};
  return {what, width_of_date(form), form};
}

Group name_group(Dice& dice) {
  const unsigned last = 18 + static_cast<unsigned>(dice.below(18));
  const unsigned first = 13 + static_cast<unsigned>(dice.below(13));
  if (dice.chance(15)) return {{kFullName, 35 + static_cast<unsigned>(dice.below(16)), "", {}}};
  Group names = {{kLast, last, "", {}}, {kFirst, first, "", {}}};
  if (dice.chance(40)) std::swap(names[0], names[1]);
  if (dice.chance(60)) {
    const auto behind_first =
        std::find_if(names.begin(), names.end(), [](const auto& c) { return c.what == kFirst; }) +
        1;
    names.insert(behind_first, {kInitial, 1, "", {}});
  }
  return names;
}

Group address_group(Dice& dice) {
  Group address = {{kStreet, 26 + static_cast<unsigned>(dice.below(15)), "", {}}};
  if (dice.chance(30)) address.push_back({kUnit, 20, "", {}});
  address.push_back({kCity, 15 + static_cast<unsigned>(dice.below(12)), "", {}});
  address.push_back({kState, 2, "", {}});
  static constexpr std::pair<unsigned, const char*> kZips[] = {{5, "5"}, {9, "9"}, {10, "5-4"}};
  const auto& [width, form] = kZips[dice.below(3)];
  address.push_back({kZip, width, form, {}});
  return address;
}

std::vector<Group> groups_of(RandomLayout& layout, Dice& dice) {
  static const std::string kForms[] = {"CCYYMMDD", "CCYYMMDD", "MMDDCCYY", "MM/DD/CCYY",
                                       "CCYY-MM-DD"};
  const std::string form = kForms[dice.below(5)];
  std::vector<Group> groups = {name_group(dice)};
  const bool birth = dice.chance(88);
  const bool ssn = !birth || dice.chance(55);
  if (birth) groups.push_back({date_column(kBirth, form, layout.ebcdic, dice)});
  if (ssn) {
    RandomColumn column{kSsn, 9, "", {}};
    if (dice.chance(25)) column = {kSsn, 11, "-", {}};
    if (layout.ebcdic && column.width == 9 && dice.chance(40))
      column = dice.chance(50) ? RandomColumn{kSsn, 5, "", Storage::kPacked}
                               : RandomColumn{kSsn, 4, "", Storage::kBinary};
    groups.push_back({column});
  }
  if (dice.chance(75)) {
    RandomColumn column{kDcn, 8, "", {}};
    if (layout.ebcdic && dice.chance(35)) column = {kDcn, 5, "", Storage::kPacked};
    groups.push_back({column});
  }
  if (dice.chance(40))
    groups.push_back({{kCase, 9 + static_cast<unsigned>(dice.below(4)), "", {}}});
  if (dice.chance(75)) groups.push_back({{kSex, 1, "", {}}});
  if (dice.chance(75)) groups.push_back(address_group(dice));
  if (dice.chance(50)) groups.push_back({{kPhone, 10, "", {}}});
  if (dice.chance(60)) {
    Group span = {date_column(kBegin, form, layout.ebcdic, dice)};
    if (dice.chance(60)) span.push_back(date_column(kEnd, form, layout.ebcdic, dice));
    groups.push_back(span);
  }
  if (dice.chance(60))
    groups.push_back({{kCode, 2 + static_cast<unsigned>(dice.below(3)), "", {}}});
  if (dice.chance(30)) {
    RandomColumn column{kAmount, 9, "", {}};
    if (layout.ebcdic) column = {kAmount, 5, "", Storage::kPacked};
    groups.push_back({column});
  }
  return groups;
}

std::vector<std::string_view> elements_of(const RandomLayout& layout) {
  std::vector<std::string_view> elements = {"name"};
  static constexpr std::pair<ColumnOf, std::string_view> kElements[] = {{kBirth, "date_of_birth"},
                                                                        {kDcn, "member_id"},
                                                                        {kSex, "demographics"},
                                                                        {kStreet, "address"},
                                                                        {kBegin, "eligibility"}};
  for (const auto& [column, element] : kElements) {
    if (layout.has(column)) elements.push_back(element);
  }
  return elements;
}

std::string as_name(std::string_view name, bool mixed) {
  std::string text(name);
  for (std::size_t i = 1; mixed && i < text.size(); ++i) {
    const bool inside = text[i - 1] != ' ' && text[i - 1] != '-';
    if (inside && text[i] >= 'A' && text[i] <= 'Z') text[i] = static_cast<char>(text[i] + 32);
  }
  return text;
}

std::string in_form(const std::string& ccyymmdd, std::string_view form) {
  const std::string year = ccyymmdd.substr(0, 4), month = ccyymmdd.substr(4, 2),
                    day = ccyymmdd.substr(6, 2);
  if (form == "MMDDCCYY") return month + day + year;
  if (form == "MM/DD/CCYY") return month + "/" + day + "/" + year;
  if (form == "CCYY-MM-DD") return year + "-" + month + "-" + day;
  return ccyymmdd;
}

std::string full_name(const Member& member, bool mixed) {
  const Person& person = member.person;
  std::string text = member.claim_last(0) + ", " + person.first;
  if (!person.middle.empty()) text += " " + person.middle;
  return as_name(text, mixed);
}

std::string value_of(const RandomColumn& column, const Member& member, bool mixed) {
  const Person& person = member.person;
  const std::uint64_t i = person.index;
  switch (column.what) {
    case kRecordType:
      return column.form;
    case kDcn:
      return member.number(0);
    case kCase:
      return person.case_number;
    case kLast:
      return as_name(member.claim_last(0), mixed);
    case kFirst:
      return as_name(person.first, mixed);
    case kInitial:
      return person.middle;
    case kFullName:
      return full_name(member, mixed);
    case kBirth:
      return in_form(member.birth("CCYYMMDD"), column.form);
    case kSsn: {
      const std::string ssn = member.ssn_counts ? member.ssn : std::string("000000000");
      return column.form.empty() ? ssn
                                 : ssn.substr(0, 3) + "-" + ssn.substr(3, 2) + "-" + ssn.substr(5);
    }
    case kSex:
      return std::string(1, member.sex());
    case kStreet:
      return as_name(person.street, mixed);
    case kUnit:
      return i % 5 == 0 ? fmt::format("APT {}", 1 + i % 40) : std::string();
    case kCity:
      return as_name(person.city, mixed);
    case kState:
      return person.state;
    case kZip:
      return column.form == "5" ? person.zip
                                : person.zip + (column.form == "9" ? "" : "-") +
                                      fmt::format("{:04}", 1000 + i * 7 % 9000);
    case kPhone:
      return person.phone;
    case kBegin:
      return in_form(fmt::format("{}{:02}01", 2015 + i % 8, 1 + i % 12), column.form);
    case kEnd:
      return in_form(i % 3 == 0 ? fmt::format("2023{:02}28", 1 + i % 12) : "99991231", column.form);
    case kCode:
      return std::string("0512MESLMB")
          .substr(i % 2 * 2, std::min(column.width, 2U + static_cast<unsigned>(i % 2)));
    case kCounter:
      return fmt::format("{:0{}}", i + 1, column.width);
    case kAmount:
      return fmt::format("{:09}", i * 977 % 10'000'000);
    case kDiagnosis:
      return i % 2 == 0 ? "E119" : "J45909";
    case kBlank:
      return column.form;
  }
  return {};
}

}  // namespace

unsigned RandomLayout::length() const {
  unsigned length = 0;
  for (const RandomColumn& column : columns)
    length += column.width;
  return length;
}

bool RandomLayout::has(ColumnOf what) const {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const RandomColumn& column) { return column.what == what; });
}

RandomLayout random_layout(std::uint64_t seed, unsigned number, bool ebcdic) {
  Dice dice(seed * 1'000 + number * 2 + (ebcdic ? 1 : 0));
  RandomLayout layout{.ebcdic = ebcdic};
  static constexpr const char* kEnds[] = {"\n", "\r\n", ""};
  layout.line_end = ebcdic ? "" : kEnds[dice.below(3)];
  layout.with_lengths = ebcdic && dice.chance(25);
  layout.header = dice.chance(40);
  layout.trailer = layout.header && dice.chance(70);
  layout.mixed_case = dice.chance(25);
  std::vector<Group> groups = groups_of(layout, dice);
  for (std::size_t i = groups.size(); i > 1; --i)
    std::swap(groups[i - 1], groups[dice.below(i)]);
  if (dice.chance(35)) layout.columns.push_back({kRecordType, 1, "D", {}});
  if (dice.chance(20)) layout.columns.push_back({kCounter, 7, "", {}});
  const bool gaps = dice.chance(40);
  for (const Group& group : groups) {
    layout.columns.insert(layout.columns.end(), group.begin(), group.end());
    if (gaps) layout.columns.push_back({kBlank, 1 + static_cast<unsigned>(dice.below(2)), "", {}});
  }
  layout.columns.push_back({kBlank, 2 + static_cast<unsigned>(dice.below(40)), "", {}});
  layout.elements = elements_of(layout);
  return layout;
}

std::string record_of(const RandomLayout& layout, const Member& member) {
  std::string record;
  for (const RandomColumn& column : layout.columns) {
    std::string value = value_of(column, member, layout.mixed_case);
    if (column.storage == Storage::kPacked) {
      record += packed(value, column.width * 2 - 1);
    } else if (column.storage == Storage::kBinary) {
      record += binary(value.empty() ? 0 : std::stoull(value), column.width);
    } else {
      value.resize(column.width, ' ');
      record += layout.ebcdic ? ebcdic(value) : value;
    }
  }
  return record;
}

}  // namespace bulkhead::generate
