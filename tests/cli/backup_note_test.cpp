#include "cli/backup_note.h"

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

const BackupNote kNote{.made = "2026-11-25T04:00:00Z",
                       .blobs = 12,
                       .blob_bytes = 81920,
                       .verifier_key = "bulkhead/origin+0123abcd+key",
                       .checkpoint = "origin\n7\nroot\n\n— origin signature\n"};

TEST(BackupNote, ComesBackAsItWas) {
  const auto parsed = parse_backup_note(encode(kNote));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, kNote);
}

TEST(BackupNote, CutOffAnywhereBeforeTheCheckpointIsNone) {
  const std::string text = encode(kNote);
  const std::size_t checkpoint = text.find("\n\n") + 2;
  for (std::size_t length = 0; length <= checkpoint; ++length)
    EXPECT_FALSE(parse_backup_note(text.substr(0, length))) << length;
}

struct Case {
  const char* text;
  ErrorCode code;
};

TEST(BackupNote, WhatIsNoneSaysWhy) {
  const Case cases[] = {
      {"", ErrorCode::kNotFound},
      {"bulkhead deployment 1\n", ErrorCode::kNotFound},
      {"bulkhead backup 2\nanything\n", ErrorCode::kNewerFormat},
      {"bulkhead backup one\n", ErrorCode::kMalformed},
      {"bulkhead backup 1 \n", ErrorCode::kMalformed},
      {"bulkhead backup 1\nmade x\nblobs -1 2\nkey k\n\nc", ErrorCode::kMalformed},
      {"bulkhead backup 1\nmade x\nblobs 1 2 3\nkey k\n\nc", ErrorCode::kMalformed},
      {"bulkhead backup 1\nmade x\nblobs 1 99999999999999999999\nkey k\n\nc",
       ErrorCode::kMalformed},
      {"bulkhead backup 1\nmade x\nblobs 1 2\nkey \n\nc", ErrorCode::kMalformed},
      {"bulkhead backup 1\nmade x\nblobs 1 2\nkey k\nno empty line\nc", ErrorCode::kMalformed},
  };
  for (const Case& each : cases) {
    const auto parsed = parse_backup_note(each.text);
    ASSERT_FALSE(parsed) << each.text;
    EXPECT_EQ(parsed.error().code, each.code) << each.text;
  }
}

}  // namespace
}  // namespace bulkhead::cli
