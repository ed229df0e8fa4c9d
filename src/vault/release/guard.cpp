#include "vault/release/guard.h"

#include <fmt/format.h>

#include <algorithm>

namespace bulkhead::vault {
namespace {

using policy::BreakerState;

constexpr std::size_t kMaxLedgers = 10'000;  // then they are made anew
constexpr UnixMicros kDay = 24LL * 3600 * kMicrosPerSecond;
constexpr UnixMicros kAddressIsNew = 7 * kDay;

// Whatever is spent beyond the asker's own account is nobody else's business.
Error suspended(bool own) {
  return {ErrorCode::kRefused,
          own ? "this account is stopped because of what was read with it: ask the administrator"
              : "nothing can be read at the moment: ask the administrator"};
}

Error spent(bool own, const policy::Finding& finding) {
  if (!own)
    return {ErrorCode::kRefused, "nothing more can be read at the moment: ask the administrator"};
  return {ErrorCode::kRefused,
          fmt::format("this account's budget of {} for {} is spent: ask the administrator",
                      policy::name_of(finding.measure),
                      finding.hours == 1 ? "an hour" : fmt::format("{} hours", finding.hours))};
}

journal::TripCause cause_of(const policy::Finding& finding) {
  if (!finding.tripwire) return journal::OVER_BUDGET;
  return finding.measure == policy::Measure::kOldFiles ? journal::OLD_FILES : journal::EVERYTHING;
}

}  // namespace

std::vector<ReleaseGuard::Level> ReleaseGuard::levels_of(const Asker& asker) const {
  return {
      {{journal::ONE_USER, asker.user.value, ""},
       policy::Width::kUser,
       configuration_.budget_of(asker.user_name)},
      {{journal::ONE_LISTENER, 0, asker.listener},
       policy::Width::kListener,
       configuration_.budget_of_listener(asker.listener)},
      {{journal::ONE_ORGANISATION, asker.organisation.value, ""},
       policy::Width::kOrganisation,
       configuration_.budget_of_organisation(asker.organisation_name)},
      {{journal::DEPLOYMENT, 0, ""}, policy::Width::kDeployment, configuration_.deployment_budget},
  };
}

Result<const policy::Ledger*> ReleaseGuard::ledger_of(const Level& level) {
  const std::int64_t hour = policy::hour_of(clock_.now());
  const auto found = ledgers_.find(level.who);
  if (found != ledgers_.end() && found->second.hour() == hour) return &found->second;
  if (ledgers_.size() >= kMaxLedgers) ledgers_.clear();
  BH_TRY(const auto traffic,
         catalogue_.traffic_since(level.who, hour - policy::kHistoryDays * policy::kHoursPerDay));
  const auto made = ledgers_.insert_or_assign(
      level.who,
      policy::Ledger(
          traffic, hour,
          {.width = level.width, .budget = level.budget, .configuration = &configuration_}));
  return &made.first->second;
}

Result<policy::Circumstances> ReleaseGuard::circumstances_of(const Asker& asker) {
  BH_TRY(const UnixMicros since, catalogue_.network_known_since(asker.user, asker.channel));
  return policy::Circumstances{.new_address = since != 0 && clock_.now() - since < kAddressIsNew};
}

Status ReleaseGuard::read_breakers() {
  if (!breakers_) {
    BH_TRY(breakers_, catalogue_.breakers());
  }
  return {};
}

void ReleaseGuard::breakers_changed() {
  breakers_.reset();
  ledgers_.clear();
}

Result<BreakerState> ReleaseGuard::state_of(const Principal& who) {
  BH_CHECK(read_breakers());
  const auto found = std::ranges::find(*breakers_, who, &BreakerRow::who);
  return found == breakers_->end() ? BreakerState::kClosed
                                   : policy::state_of(found->breaker, clock_.now());
}

Result<BudgetSettings> ReleaseGuard::limits_of(UserId user, const std::string& user_name) {
  BH_TRY(const policy::Ledger* ledger, ledger_of({{journal::ONE_USER, user.value, ""},
                                                  policy::Width::kUser,
                                                  configuration_.budget_of(user_name)}));
  return ledger->limits({});
}

Result<std::optional<policy::Finding>> ReleaseGuard::find(const Level& level, const Asker& asker,
                                                          const Wanted& wanted,
                                                          policy::FileAge age) {
  BH_TRY(const policy::Ledger* ledger, ledger_of(level));
  BH_TRY(const auto now, catalogue_.traffic_in(level.who, ledger->hour()));
  policy::Circumstances circumstances;
  if (level.width == policy::Width::kUser) {
    BH_TRY(circumstances, circumstances_of(asker));
  }
  std::uint64_t new_names = 0;
  if (wanted.names != 0 && level.width == policy::Width::kUser) {
    BH_TRY(const bool listed, catalogue_.has_listed(asker.user, wanted.node));
    new_names = listed ? 0 : wanted.names;
  }
  const auto found = ledger->judge(now,
                                   {.bytes = wanted.bytes,
                                    .files = wanted.files,
                                    .names = wanted.names,
                                    .new_names = new_names,
                                    .age = age},
                                   circumstances);
  if (found || wanted.files == 0 || !ledger->much_more_than_usual(now)) return found;
  BH_TRY(const std::uint64_t readable, catalogue_.readable_files(asker.user));
  return ledger->judge_everything(now, readable);
}

Result<std::optional<ReleaseGuard::Refusal>> ReleaseGuard::judge(const Asker& asker,
                                                                 const Wanted& wanted) {
  if (const auto session = sessions_.find(asker.channel);
      session != sessions_.end() && session->second.stopped)
    return Refusal{.entries = {}, .error = suspended(true)};
  const std::vector<Level> levels = levels_of(asker);
  for (const Level& level : levels) {
    BH_TRY(const BreakerState state, state_of(level.who));
    if (state == BreakerState::kOpen)
      return Refusal{.entries = {}, .error = suspended(level.width == policy::Width::kUser)};
  }
  if (wanted.bytes + wanted.files != 0) {
    BH_TRY(const bool canary, catalogue_.is_canary(wanted.node));
    if (canary) {
      Refusal refusal{.entries = {}, .error = suspended(true)};
      BH_CHECK(trip(refusal, levels.front().who, asker, journal::CANARY));
      refusal.entries.front().mutable_breaker_tripped()->set_node(wanted.node.value);
      return refusal;
    }
  }
  policy::FileAge age = policy::FileAge::kFresh;
  if (wanted.files != 0) {
    BH_TRY(age, catalogue_.age_when_read(asker.user, wanted.version, clock_.now()));
  }
  for (const Level& level : levels) {
    BH_TRY(const auto finding, find(level, asker, wanted, age));
    if (!finding) continue;
    BH_TRY(Refusal refusal, refuse(level, asker, *finding));
    auto* refused = refusal.entries.front().mutable_release_refused();
    refused->set_wanted(wanted.bytes + wanted.names);
    return refusal;
  }
  return std::nullopt;
}

// The entry about the budget comes first, those about breakers after it.
Result<ReleaseGuard::Refusal> ReleaseGuard::refuse(const Level& level, const Asker& asker,
                                                   const policy::Finding& finding) {
  const bool own = level.width == policy::Width::kUser;
  Refusal refusal{.entries = {}, .error = spent(own, finding)};
  auto* refused = refusal.entries.emplace_back().mutable_release_refused();
  refused->set_user(asker.user.value);
  refused->set_organisation(asker.organisation.value);
  refused->set_listener(asker.listener);
  refused->set_scope(static_cast<journal::Scope>(level.who.scope));
  refused->set_measure(static_cast<std::uint32_t>(finding.measure));
  refused->set_hours(finding.hours);
  refused->set_limit(finding.limit);

  BH_TRY(const policy::Ledger* ledger, ledger_of(level));
  BH_TRY(const auto now, catalogue_.traffic_in(level.who, ledger->hour()));
  BH_TRY(const BreakerState state, state_of(level.who));
  const std::uint64_t times = ledger->refused(now) + 1;
  const std::uint64_t most =
      own ? configuration_.breaker.refusals_of_user : configuration_.breaker.refusals_of_others;
  if (finding.tripwire || state == BreakerState::kHalfOpen || times >= most) {
    BH_CHECK(trip(refusal, level.who, asker, cause_of(finding)));
    refusal.error = suspended(own);
    return refusal;
  }
  SessionRefusals& session = sessions_[asker.channel];
  if (own && ++session.count >= configuration_.breaker.refusals_of_session) {
    session.stopped = true;
    BH_CHECK(trip(refusal, {journal::ONE_SESSION, 0, ""}, asker, journal::OVER_BUDGET));
  }
  return refusal;
}

Status ReleaseGuard::trip(Refusal& refusal, const Principal& who, const Asker& asker,
                          journal::TripCause cause) {
  auto* tripped = refusal.entries.emplace_back().mutable_breaker_tripped();
  tripped->set_scope(static_cast<journal::Scope>(who.scope));
  tripped->set_user(asker.user.value);
  tripped->set_organisation(asker.organisation.value);
  tripped->set_listener(asker.listener);
  tripped->set_cause(cause);
  return who.scope == journal::ONE_USER ? trip_wider(refusal, asker) : Status();
}

// One more account was stopped: was it one too many of its organisation, listener or deployment?
Status ReleaseGuard::trip_wider(Refusal& refusal, const Asker& asker) {
  BH_CHECK(read_breakers());
  const UnixMicros now = clock_.now();
  const auto stopped = [&](auto belongs) {
    return 1 + std::ranges::count_if(*breakers_, [&](const BreakerRow& row) {
             return row.who.scope == journal::ONE_USER && row.who.subject != asker.user.value &&
                    row.breaker.tripped_at > now - kDay && row.breaker.lifted_at == 0 &&
                    belongs(row);
           });
  };
  const auto of_organisation =
      stopped([&](const BreakerRow& row) { return row.organisation == asker.organisation; });
  const auto of_listener =
      stopped([&](const BreakerRow& row) { return row.through == asker.listener; });
  const auto of_all = stopped([](const BreakerRow&) { return true; });
  const auto& most = configuration_.breaker;
  const auto when = [&](auto count, std::uint32_t limit, const Principal& who) -> Status {
    if (count < limit) return {};
    BH_TRY(const BreakerState state, state_of(who));
    return state == BreakerState::kOpen ? Status()
                                        : trip(refusal, who, asker, journal::MANY_ACCOUNTS);
  };
  BH_CHECK(when(of_organisation, most.users_of_organisation,
                {journal::ONE_ORGANISATION, asker.organisation.value, ""}));
  BH_CHECK(when(of_listener, most.users_of_listener, {journal::ONE_LISTENER, 0, asker.listener}));
  return when(of_all, most.users_of_deployment, {journal::DEPLOYMENT, 0, ""});
}

}  // namespace bulkhead::vault
