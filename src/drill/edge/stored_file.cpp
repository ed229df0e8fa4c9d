#include "drill/edge/stored_file.h"

#include "drill/edge/vault_client.h"
#include "drill/wire/bytes.h"
#include "drill/wire/secrets.h"

namespace bulkhead::drill {
namespace {
constexpr std::size_t kNonceBytes = 12;
}  // namespace

channel::Path path_to(std::string_view text) {
  channel::Path message;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('/'), text.size());
    if (end > 0 && text.substr(0, end) != ".")
      message.add_component(std::string(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return message;
}

std::optional<std::string> fetch_small_file(std::string_view path) {
  channel::Request request;
  *request.mutable_open_file()->mutable_path() = path_to(path);
  request.mutable_open_file()->set_read(true);
  const auto opened = ask_vault(request);
  if (!opened || opened->code() != 0) return std::nullopt;
  channel::Request grant;
  grant.mutable_grant_extents()->set_handle(opened->opened_file().handle());
  grant.mutable_grant_extents()->set_count(1);
  const auto granted = ask_vault(grant);
  const channel::Content& content = opened->opened_file().base();
  if (!granted || granted->code() != 0 || content.inline_box().size() < kNonceBytes)
    return std::nullopt;
  std::string associated = "bulkhead inline v1" + content.lineage();
  put_le(associated, content.size(), 4);
  return gcm_open(granted->granted_extents().key(0), content.inline_box().substr(0, kNonceBytes),
                  associated, std::string_view(content.inline_box()).substr(kNonceBytes));
}

}  // namespace bulkhead::drill
