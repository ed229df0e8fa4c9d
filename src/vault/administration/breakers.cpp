// Breakers as people see them, and the files whose reading trips one at once.
#include <fmt/format.h>

#include "proto/journal.pb.h"
#include "vault/administration/administration.h"

namespace bulkhead::vault {
namespace {

constexpr std::string_view kScopes[] = {"deployment", "user", "organisation", "listener"};
constexpr std::string_view kCauses[] = {
    "over budget again and again", "a canary file was asked for",
    "many more old files than ever before", "everything at once", "several accounts were stopped"};

std::string_view scope_word(const Principal& who) {
  return who.scope < std::size(kScopes) ? kScopes[who.scope] : "session";
}

}  // namespace

Result<std::string> Administration::name_of(const Principal& who) {
  switch (who.scope) {
    case journal::ONE_USER:
      return name_of(UserId{who.subject});
    case journal::ONE_ORGANISATION:
      return name_of(OrganisationId{who.subject});
    default:
      return who.listener;
  }
}

Result<std::vector<admin::Breaker>> Administration::breakers_not_closed() {
  auto& parts = vault_.parts();
  BH_TRY(const auto rows, parts.catalogue.breakers());
  std::vector<admin::Breaker> shown;
  for (const BreakerRow& row : rows) {
    const auto state = policy::state_of(row.breaker, parts.clock.now());
    if (state == policy::BreakerState::kClosed) continue;
    admin::Breaker& breaker = shown.emplace_back();
    breaker.set_scope(std::string(scope_word(row.who)));
    BH_TRY(*breaker.mutable_name(), name_of(row.who));
    breaker.set_state(state == policy::BreakerState::kOpen ? "open" : "half-open");
    breaker.set_cause(std::string(kCauses[static_cast<std::size_t>(row.breaker.cause)]));
    breaker.set_tripped_us(row.breaker.tripped_at);
  }
  return shown;
}

Status Administration::warn_of_breakers(admin::DeploymentStatus& status) {
  BH_TRY(const auto breakers, breakers_not_closed());
  for (const admin::Breaker& breaker : breakers) {
    const std::string who = fmt::format("{} {}", breaker.scope(), breaker.name());
    status.add_warning(
        breaker.state() == "open"
            ? fmt::format("nothing is released to {}: {}: bulkhead incident status", who,
                          breaker.cause())
            : fmt::format("{} was stopped ({}) and is watched for a day", who, breaker.cause()));
  }
  auto& parts = vault_.parts();
  BH_TRY(const auto refused,
         parts.catalogue.refused_since(policy::hour_of(parts.clock.now()) - policy::kHoursPerDay));
  for (const Catalogue::Refused& each : refused) {
    BH_TRY(const std::string name, name_of(each.who));
    status.add_warning(fmt::format(
        "the budget of {} {} refused {} request{} in 24 hours: bulkhead journal list says which",
        scope_word(each.who), name, each.times, each.times == 1 ? "" : "s"));
  }
  return {};
}

Status Administration::set_canary(const admin::Request& request, const Send& send) {
  const auto& wanted = request.set_canary();
  BH_TRY(const auto node, node_at(wanted.path()));
  if (!node || node->is_folder) {
    return fail(ErrorCode::kNotFound,
                "no such file: upload one that looks worth stealing, then name its path");
  }
  journal::Entry entry;
  entry.mutable_canary_set()->set_node(node->id.value);
  entry.mutable_canary_set()->set_set(wanted.set());
  vault_.record({}, std::move(entry));
  send_when_durable({}, send);
  return {};
}

Status Administration::list_canaries(const admin::Request&, const Send& send) {
  BH_TRY(const auto nodes, vault_.parts().catalogue.canaries());
  for (const NodeId node : nodes) {
    admin::Reply reply;
    reply.set_more(true);
    reply.mutable_canary()->set_path(vault_.path_of(node).value_or(""));
    send(std::move(reply), {});
  }
  send({}, {});
  return {};
}

}  // namespace bulkhead::vault
