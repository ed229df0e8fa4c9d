// A journal entry for people to read: the event's name and its fields, names opened.
#pragma once

#include "proto/admin.pb.h"
#include "proto/journal.pb.h"
#include "vault/names.h"

namespace bulkhead::vault {

// Fills event and details. What does not open is shown as "(unreadable)".
void describe(const journal::Entry& entry, const Names& names, admin::JournalEntry& shown);

}  // namespace bulkhead::vault
