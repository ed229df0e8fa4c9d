#include "exposure/readers/delimited_columns.h"

#include <algorithm>

namespace bulkhead::exposure {
namespace {

bool is_name(FieldKind kind) {
  return kind == FieldKind::kLastName || kind == FieldKind::kFirstName ||
         kind == FieldKind::kFullName;
}

bool is_identity(FieldKind kind) {
  const FieldShape shape = info(kind).shape;
  return is_name(kind) || kind == FieldKind::kBirthDate || shape == FieldShape::kIdentifier;
}

// Only a person has one.
bool is_strong(const HeaderMeaning& column) {
  switch (column.kind) {
    case FieldKind::kLastName:
    case FieldKind::kFirstName:
    case FieldKind::kBirthDate:
    case FieldKind::kSsn:
    case FieldKind::kMedicareId:
    case FieldKind::kMemberId:
    case FieldKind::kMedicalRecordNumber:
    case FieldKind::kDriversLicense:
    case FieldKind::kPassport:
    case FieldKind::kDemographics:
      return true;
    case FieldKind::kFullName:
    case FieldKind::kPseudonym:
      return column.says_subject;
    default:
      return false;
  }
}

struct Summary {
  bool strong = false;       // the main subject is a person
  bool member_only = false;  // and no provider: a birth date, a member number…
  bool main_names = false;
  bool main_identity = false;
  bool provider_names = false;
  bool directory = false;  // speciality, taxonomy, or an NPI of the main subject
  bool routing = false;
};

Summary summarise(const std::vector<HeaderMeaning>& columns) {
  Summary found;
  for (const HeaderMeaning& column : columns) {
    const bool main = column.subject == HeaderSubject::kMain;
    found.directory = found.directory || column.speciality ||
                      (column.kind == FieldKind::kNpi && column.subject != HeaderSubject::kNobody);
    found.routing = found.routing || column.kind == FieldKind::kBankRouting;
    if (column.subject == HeaderSubject::kProvider && is_name(column.kind) && !column.generic)
      found.provider_names = true;
    if (!main) continue;
    found.strong = found.strong || is_strong(column);
    found.main_names = found.main_names || (is_name(column.kind) && !column.generic);
    found.main_identity = found.main_identity || (is_identity(column.kind) && !column.generic &&
                                                  column.kind != FieldKind::kNpi);
    switch (column.kind) {
      case FieldKind::kBirthDate:
      case FieldKind::kSsn:
      case FieldKind::kMedicareId:
      case FieldKind::kMemberId:
      case FieldKind::kMedicalRecordNumber:
        found.member_only = true;
        break;
      case FieldKind::kPseudonym:
        found.member_only = found.member_only || column.says_subject;
        break;
      default:
        break;
    }
  }
  return found;
}

// A generic column by its neighbours: NAME is a person's beside a birth date, CODE a diagnosis in
// conditions.csv.
FieldKind settle_generic(const HeaderMeaning& column, const Summary& table, FieldKind file_kind) {
  if (column.kind == FieldKind::kFullName)
    return table.strong && !table.main_names ? FieldKind::kFullName : FieldKind::kNone;
  const std::vector<std::string> words = header_words(column.header);
  if (words.size() == 1 && words[0] == "id")
    return table.main_names ? FieldKind::kPseudonym : FieldKind::kNone;
  return table.main_identity ? file_kind : FieldKind::kNone;
}

class Planner {
 public:
  Planner(const std::vector<HeaderMeaning>& columns, FieldKind file_kind, PersonTable& places)
      : columns_(columns), table_(summarise(columns)), file_kind_(file_kind), places_(places) {}

  ColumnPlan plan() {
    const bool provider_table = table_.directory && !table_.member_only;
    const bool only_providers =
        !table_.main_identity && table_.provider_names && !has(HeaderSubject::kSubscriber);
    if (provider_table || only_providers) plan_.main_role = Role::kProvider;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      place_column(i);
    finish();
    return std::move(plan_);
  }

 private:
  bool has(HeaderSubject subject) const {
    return std::any_of(columns_.begin(), columns_.end(), [&](const HeaderMeaning& c) {
      return c.subject == subject && is_identity(c.kind) && !c.generic;
    });
  }

  void place_column(std::size_t i) {
    const HeaderMeaning& column = columns_[i];
    ColumnUse use{
        .index = i,
        .kind = column.kind,
        .detail = {.label = column.label, .issuer = column.issuer, .flags = column.flags}};
    if (!column.known) use.kind = FieldKind::kUnlabelledNumber;
    if (column.generic) use.kind = settle_generic(column, table_, file_kind_);
    if (use.kind == FieldKind::kAccountNumber && table_.routing) use.kind = FieldKind::kBankAccount;
    if (use.kind == FieldKind::kDiagnosis) use.detail.codes = CodeSystem::kAnyIcd;
    if (use.kind == FieldKind::kProcedure) use.detail.codes = CodeSystem::kProcedure;
    if (use.kind == FieldKind::kNone || use.kind == FieldKind::kBankRouting) return;
    const std::vector<std::string> words = header_words(column.header);
    use.national = std::find_if(words.begin(), words.end(), [](const std::string& w) {
                     return w.starts_with("national");
                   }) != words.end();
    use.place = places_.place(column.header);
    route(use, column);
  }

  void route(ColumnUse use, const HeaderMeaning& column) {
    const bool members = plan_.main_role == Role::kMember;
    switch (column.subject) {
      case HeaderSubject::kMain:
        if (use.kind == FieldKind::kNpi && members) use.kind = FieldKind::kTreatingProvider;
        plan_.main.push_back(use);
        break;
      case HeaderSubject::kSubscriber:
        plan_.subscriber.push_back(use);
        break;
      case HeaderSubject::kRelated:
        plan_.related.push_back(use);
        break;
      case HeaderSubject::kProvider:
        if (!members) {
          if (use.kind != FieldKind::kTreatingProvider) plan_.main.push_back(use);
          break;
        }
        use.treating = is_name(use.kind) || use.kind == FieldKind::kNpi ||
                       use.kind == FieldKind::kTreatingProvider;
        plan_.provider.push_back(use);
        break;
      case HeaderSubject::kContact:
        plan_.contact.push_back(use);
        break;
      case HeaderSubject::kNobody:
        break;
    }
  }

  void finish() {
    const auto identity = [](const std::vector<ColumnUse>& group) {
      return std::any_of(group.begin(), group.end(),
                         [](const ColumnUse& use) { return is_identity(use.kind); });
    };
    const auto names = [](const std::vector<ColumnUse>& group) {
      return std::any_of(group.begin(), group.end(),
                         [](const ColumnUse& use) { return is_name(use.kind); });
    };
    // Without a patient, the subscriber is whom the rows are about.
    const bool main_person =
        names(plan_.main) ||
        std::any_of(plan_.main.begin(), plan_.main.end(), [](const ColumnUse& use) {
          return use.kind == FieldKind::kBirthDate || use.kind == FieldKind::kSsn;
        });
    if (!main_person || !names(plan_.subscriber)) {
      plan_.main.insert(plan_.main.end(), plan_.subscriber.begin(), plan_.subscriber.end());
      plan_.subscriber.clear();
    }
    if (!names(plan_.related)) plan_.related.clear();
    if (!names(plan_.contact)) plan_.contact.clear();
    // A list of companies: phone and address are those under which the contact is found.
    if (!plan_.contact.empty() && !identity(plan_.main)) {
      plan_.main_role = Role::kOther;
      plan_.main.insert(plan_.main.end(), plan_.contact.begin(), plan_.contact.end());
      plan_.contact.clear();
    }
    // In a directory, a number without a person's name may as well be a clinic's.
    plan_.persons = plan_.main_role == Role::kProvider ? names(plan_.main) : identity(plan_.main);
    for (const auto* group :
         {&plan_.main, &plan_.subscriber, &plan_.related, &plan_.provider, &plan_.contact}) {
      for (const ColumnUse& use : *group)
        plan_.last_used = std::max(plan_.last_used, use.index);
    }
  }

  const std::vector<HeaderMeaning>& columns_;
  Summary table_;
  FieldKind file_kind_;
  PersonTable& places_;
  ColumnPlan plan_;
};

}  // namespace

ColumnPlan plan_columns(const std::vector<HeaderMeaning>& columns, FieldKind file_kind,
                        PersonTable& places) {
  return Planner(columns, file_kind, places).plan();
}

}  // namespace bulkhead::exposure
