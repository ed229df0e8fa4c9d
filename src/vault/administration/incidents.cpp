// The incident: contain, lift, and what was released.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/log.h"
#include "proto/journal.pb.h"
#include "vault/administration/administration.h"
#include "vault/files/blob_ids.h"

namespace bulkhead::vault {
namespace {

constexpr std::uint32_t kUploaded = 3;  // ReleaseRow::purpose
constexpr std::string_view kAnalyses[] = {"read_wholly", "read_partly", "not_read", "failed"};

std::string_view why(const ReleaseRow& row) {
  if (row.purpose == kUploaded) return "uploaded";
  if (row.bytes == 0 && row.extents == 0) return "shares a key with what was read";
  return row.purpose == journal::WRITING ? "rewritten in part" : "read";
}

}  // namespace

Status Administration::open_incident(const admin::Request& request, const Send& send) {
  const auto& wanted = request.open_incident();
  if (wanted.id().empty() || wanted.id().size() > 64) {
    return fail(ErrorCode::kInvalidArgument, "an incident needs a short name, as INC-2026-001");
  }
  journal::Entry entry;
  auto* opened = entry.mutable_incident_opened();
  opened->set_id(wanted.id());
  if (!wanted.note().empty())
    vault_.parts().names.seal(Field::kNote, wanted.note(), opened->mutable_note());
  for (const std::uint64_t channel : wanted.channel()) {
    BH_TRY(const auto session, vault_.parts().catalogue.session({channel}));
    if (!session)
      return fail(ErrorCode::kNotFound, fmt::format("there was no session s-{}", channel));
    opened->add_channel(channel);
  }
  vault_.record({}, std::move(entry));
  send_when_durable({}, send);
  return {};
}

Result<journal::Entry> Administration::containment_entry(const admin::Contain& wanted) {
  journal::Entry entry;
  auto* contained = entry.mutable_contained();
  if (!wanted.user().empty()) {
    BH_TRY(const UserRow user, user_named(wanted.user()));
    contained->set_scope(journal::ONE_USER);
    contained->set_user(user.id.value);
  } else if (!wanted.organisation().empty()) {
    BH_TRY(const OrganisationRow organisation, organisation_named(wanted.organisation()));
    contained->set_scope(journal::ONE_ORGANISATION);
    contained->set_organisation(organisation.id.value);
  } else if (!wanted.listener().empty()) {
    contained->set_scope(journal::ONE_LISTENER);
    contained->set_listener(wanted.listener());
  }
  if (wanted.keep_receiving() && contained->scope() != journal::DEPLOYMENT) {
    return fail(ErrorCode::kInvalidArgument,
                "only the whole deployment can be contained and keep receiving");
  }
  contained->set_keep_receiving(wanted.keep_receiving());
  return entry;
}

Status Administration::contain(const admin::Request& request, const Send& send) {
  BH_TRY(journal::Entry entry, containment_entry(request.contain()));
  const std::int64_t started_us = vault_.parts().clock.now();
  vault_.contain(std::move(entry), [this, send, started_us](Vault::KillFigures figures) {
    admin::Reply reply;
    auto* result = reply.mutable_contain_result();
    result->set_channels_ended(figures.channels_ended);
    result->set_took_us(static_cast<std::uint64_t>(vault_.parts().clock.now() - started_us));
    for (const std::string& credential : figures.credentials)
      result->add_credential(credential);
    for (const std::string& user : figures.passwords)
      result->add_password(user);
    send(std::move(reply), {});
  });
  return {};
}

Status Administration::incident_status(const admin::Request&, const Send& send) {
  const Catalogue::Containment& now = vault_.containment();
  admin::Reply reply;
  auto* state = reply.mutable_incident_state();
  state->set_contained(now.deployment);
  state->set_keep_receiving(now.keep_receiving);
  for (const UserId user : now.users) {
    BH_TRY(const std::string name, name_of(user));
    state->add_user(name);
  }
  for (const OrganisationId organisation : now.organisations) {
    BH_TRY(const std::string name, name_of(organisation));
    state->add_organisation(name);
  }
  for (const std::string& listener : now.listeners)
    state->add_listener(listener);
  BH_TRY(const auto breakers, breakers_not_closed());
  for (const admin::Breaker& breaker : breakers)
    *state->add_breaker() = breaker;
  BH_CHECK(vault_.parts().journal.for_each(0, [&](const journal::EntryView& view) -> Status {
    journal::Entry entry;
    if (!entry.ParseFromArray(view.entry.data(), static_cast<int>(view.entry.size()))) return {};
    if (entry.has_incident_opened()) state->add_incident(entry.incident_opened().id());
    if (entry.has_contained()) state->set_since_us(entry.at_us());
    return {};
  }));
  const bool any = state->contained() ||
                   state->user_size() + state->organisation_size() + state->listener_size() > 0;
  if (!any) state->clear_since_us();
  send(std::move(reply), {});
  return {};
}

Status Administration::lift(const admin::Request& request, const Send& send) {
  admin::Contain scope;
  scope.set_user(request.lift().user());
  scope.set_organisation(request.lift().organisation());
  scope.set_listener(request.lift().listener());
  BH_TRY(const journal::Entry contained, containment_entry(scope));
  journal::Entry entry;
  auto* lifted = entry.mutable_lifted();
  lifted->set_scope(contained.contained().scope());
  lifted->set_user(contained.contained().user());
  lifted->set_organisation(contained.contained().organisation());
  lifted->set_listener(contained.contained().listener());
  // Keys come back with a start only. A vault that serves nobody lifts for the next one.
  if (around_.serving && lifted->scope() == journal::DEPLOYMENT &&
      vault_.parts().keeper.is_sealed()) {
    return fail(ErrorCode::kRefused,
                "the keeper has forgotten its keys: stop the server, then lift; the next start "
                "loads them again");
  }
  BH_CHECK(vault_.lift(std::move(entry)));
  send_when_durable({}, send);
  return {};
}

// --- What was released
// -----------------------------------------------------------------------------------------------

Result<Catalogue::ReleaseQuery> Administration::query_of(const admin::FindReleases& wanted) {
  Catalogue::ReleaseQuery query;
  if (wanted.has_since_us()) query.since = wanted.since_us();
  if (wanted.has_until_us()) query.until = wanted.until_us();
  if (wanted.has_channel()) {
    query.channel = ChannelId{wanted.channel()};
    BH_TRY(const auto session, vault_.parts().catalogue.session(*query.channel));
    if (!session)
      return fail(ErrorCode::kNotFound, fmt::format("there was no session s-{}", wanted.channel()));
  }
  if (!wanted.user().empty()) {
    BH_TRY(const UserRow user, user_named(wanted.user()));
    query.user = user.id;
  }
  return query;
}

Status Administration::find_releases(const admin::Request& request, const Send& send) {
  const auto& wanted = request.find_releases();
  auto& parts = vault_.parts();
  BH_TRY(const Catalogue::ReleaseQuery query, query_of(wanted));
  BH_TRY(const auto rows, parts.catalogue.releases(query));
  std::set<VersionId> told;
  for (const ReleaseRow& row : rows) {
    BH_TRY(const auto version, parts.catalogue.version(row.version));
    if (!version) continue;
    // An officer of one organisation does not learn that another exists.
    BH_TRY(const auto organisation, parts.catalogue.organisation(version->organisation));
    const bool theirs =
        organisation &&
        std::ranges::any_of(organisation->incident_recipients, [&](const auto& each) {
          return std::ranges::find(wanted.recipient(), each) != wanted.recipient().end();
        });
    if (!theirs) continue;
    const std::string path = vault_.path_of(*version).value_or("");
    if (!wanted.path().empty() && path != wanted.path() && !path.starts_with(wanted.path() + "/"))
      continue;
    admin::Reply reply;
    reply.set_more(true);
    BH_TRY(*reply.mutable_release(), shown(row, *version));
    std::vector<UniqueFd> descriptors;
    BH_CHECK(add_findings(*version, wanted, *reply.mutable_release(), descriptors));
    reply.set_descriptors(static_cast<std::uint32_t>(descriptors.size()));
    told.insert(version->id);
    send(std::move(reply), std::move(descriptors));
  }
  journal::Entry entry;
  entry.mutable_exposure_asked()->set_versions(told.size());
  vault_.record({}, std::move(entry));
  send_when_durable({}, send);
  return {};
}

Result<admin::Release> Administration::shown(const ReleaseRow& row, const VersionRow& version) {
  auto& parts = vault_.parts();
  admin::Release release;
  release.set_channel(row.channel.value);
  BH_TRY(*release.mutable_user(), name_of(row.user));
  BH_TRY(const auto session, parts.catalogue.session(row.channel));
  if (session && !session->peer_box.empty()) {
    release.set_peer_address(
        parts.names.open_box(Field::kPeerAddress, session->peer_box).value_or(""));
  }
  release.set_path(vault_.path_of(version).value_or(""));
  release.set_version(version.id.value);
  release.set_bytes_released(row.bytes);
  release.set_size(version.size);
  release.set_first_us(row.first_at);
  release.set_last_us(row.last_at);
  release.set_why(std::string(why(row)));
  release.set_still_current(version.current);
  return release;
}

Status Administration::add_findings(const VersionRow& version, const admin::FindReleases& wanted,
                                    admin::Release& release, std::vector<UniqueFd>& descriptors) {
  BH_TRY(const auto analysis, vault_.parts().catalogue.analysis(version.id));
  release.set_analysis("not_analysed");
  if (!analysis) return {};
  release.set_analysis(std::string(
      analysis->outcome < std::size(kAnalyses) ? kAnalyses[analysis->outcome] : "failed"));
  release.set_format(analysis->format);
  release.set_bytes_not_understood(analysis->bytes_not_understood);
  if (analysis->findings_blob.empty()) return {};
  const bool opens = std::ranges::any_of(analysis->recipients, [&](const auto& each) {
    return std::ranges::find(wanted.recipient(), each) != wanted.recipient().end();
  });
  BH_TRY(const store::BlobId blob, blob_id(analysis->findings_blob));
  const auto file = vault_.parts().blobs.open_for_reading(blob);
  if (!opens || !file) {  // costs this file, not the answer
    release.set_analysis(opens ? "findings_missing" : "sealed_to_another_key");
    return {};
  }
  BH_TRY(descriptors.emplace_back(), duplicate(**file));
  return {};
}

}  // namespace bulkhead::vault
