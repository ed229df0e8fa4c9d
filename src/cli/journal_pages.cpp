#include "cli/journal_pages.h"

namespace bulkhead::cli {

Status read_journal(AdministrationClient& client, const JournalRange& range,
                    const std::function<Status(const admin::JournalEntry&)>& each) {
  admin::Request request;
  auto& wanted = *request.mutable_list_journal();
  wanted.set_from(range.from);
  if (range.since_us) wanted.set_since_us(*range.since_us);
  if (range.until_us) wanted.set_until_us(*range.until_us);
  std::optional<std::uint64_t> end;  // as it was at first: our own reading may add to it
  std::uint64_t seen = 0;
  while (range.most == 0 || seen < range.most) {
    wanted.set_most(range.most == 0 ? 0 : range.most - seen);
    BH_TRY(const admin::Reply reply, client.ask_for_one(request));
    const admin::JournalPage& page = reply.journal_page();
    if (!end) end = page.end();
    for (const admin::JournalEntry& entry : page.entry()) {
      if (entry.index() >= *end) return {};
      BH_CHECK(each(entry));
      ++seen;
    }
    if (page.next() >= *end || page.next() <= wanted.from()) return {};
    wanted.set_from(page.next());
  }
  return {};
}

Result<std::uint64_t> journal_size(AdministrationClient& client) {
  admin::Request request;
  request.mutable_list_journal()->set_most(1);
  BH_TRY(const admin::Reply reply, client.ask_for_one(request));
  return reply.journal_page().end();
}

siem::ShownEntry shown_entry(const admin::JournalEntry& entry) {
  siem::ShownEntry shown{entry.index(), entry.at_us(), entry.channel(), entry.event(), {}, {}};
  for (const admin::Detail& detail : entry.detail())
    shown.details.emplace_back(detail.key(), detail.value());
  shown.leaf_hash = to_bytes(as_bytes(entry.leaf_hash()));
  return shown;
}

}  // namespace bulkhead::cli
