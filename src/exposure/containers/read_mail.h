// Mail and mailboxes: each part that holds something is analysed as a file of its own, attached
// mails and archives too. Of the header only the sender is a person (role other).
#pragma once

#include "exposure/containers/container_run.h"
#include "exposure/readers/collector.h"

namespace bulkhead::exposure {

Status read_mail(ByteSource& source, const Place& place, const Layouts& layouts, ContainerRun& run,
                 Collector& collector);
Status read_mailbox(ByteSource& source, const Place& place, const Layouts& layouts,
                    ContainerRun& run, Collector& collector);

}  // namespace bulkhead::exposure
