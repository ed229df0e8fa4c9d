// What a hostile process can put into one datagram: decoded, validated, and checked against what
// validation promises to the vault's handlers.
#include <string>

#include "channel/codec.h"
#include "channel/limits.h"

namespace {

using namespace bulkhead::channel;

void require_clean(const Path& path) {
  BH_ASSERT(static_cast<std::size_t>(path.component_size()) <= kMaxPathComponents);
  for (const std::string& component : path.component()) {
    BH_ASSERT(!component.empty() && component.size() <= kMaxComponentBytes);
    BH_ASSERT(component != "." && component != "..");
    BH_ASSERT(component.find('/') == std::string::npos &&
              component.find('\0') == std::string::npos);
  }
}

void require_what_handlers_rely_on(const Request& request) {
  BH_ASSERT(request.body_case() != Request::BODY_NOT_SET);
  require_clean(request.stat().path());
  require_clean(request.set_attributes().path());
  require_clean(request.open_file().path());
  require_clean(request.open_directory().path());
  require_clean(request.make_directory().path());
  require_clean(request.remove_directory().path());
  require_clean(request.remove_file().path());
  require_clean(request.rename().from());
  require_clean(request.rename().to());
  BH_ASSERT(request.ssh_exchange().client_kexinit().size() <= kMaxKexinitBytes);
  BH_ASSERT(request.ssh_exchange().shared_secret().size() <= kMaxExchangeValueBytes);
  BH_ASSERT(request.ssh_authenticate().password().size() <= kMaxPasswordBytes);
  const GrantExtents& grant = request.grant_extents();
  BH_ASSERT(grant.count() <= kMaxExtentsPerGrant && grant.first() + grant.count() <= kMaxExtents);
  BH_ASSERT(request.commit_upload().inline_box().size() <= kMaxInlineBoxBytes);
  BH_ASSERT(request.commit_upload().size() <= kMaxFileBytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = decode_request({data, size});
  if (!request) return 0;
  const auto again = encode(*request);
  BH_ASSERT(again && bulkhead::equal(*again, {data, size}));
  if (validate(*request)) require_what_handlers_rely_on(*request);
  return 0;
}
