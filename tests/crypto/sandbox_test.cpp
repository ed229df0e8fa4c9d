// After prepare_for_sandbox() everything works in a process that is killed if it opens a file or a
// socket. The tests run in children, so that each starts with a libcrypto that nothing has used.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <seccomp.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <thread>

#include "age_testing.h"
#include "crypto/aead.h"
#include "crypto/age.h"
#include "crypto/password.h"
#include "crypto/prepare.h"
#include "crypto/signature.h"
#include "crypto/signing_key.h"

namespace bulkhead::crypto {
namespace {

// The status as waitpid() gives it.
int in_child(const std::function<bool()>& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body() ? 0 : 1);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

bool close_file_system() {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  if (filter == nullptr) return false;
  for (const int call :
       {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(creat), SCMP_SYS(socket),
        SCMP_SYS(access), SCMP_SYS(stat), SCMP_SYS(readlink), SCMP_SYS(execve)}) {
    if (seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, call, 0) != 0) return false;
  }
  const bool loaded = seccomp_load(filter) == 0;
  seccomp_release(filter);
  return loaded;
}

bool use_age() {
  SeededRandom random(1);
  const AgeIdentity identity = AgeIdentity::generate(system_random());
  const Bytes file = age_encrypt(as_bytes("contents"), {identity.recipient()}, random);
  const auto parsed = AgeIdentity::parse_file(identity.to_string());
  return parsed && as_text(age_open(file, *parsed).plaintext) == "contents";
}

bool use_signatures() {
  const auto signer = Ed25519KeyPair::generate(system_random());
  if (!verify_ed25519(signer.public_key, as_bytes("m"), signer.sign(as_bytes("m")))) return false;
  // RFC 6979 appendix A.2.5, SHA-256, "sample"
  const Bytes point =
      hex("0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9"
          "e95628bc64f2f1b20c2d7e9f517"
          "7a3c294d4462299");
  if (!verify_ecdsa(EcCurve::kP256, point, HashAlgorithm::kSha256, as_bytes("sample"),
                    hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"),
                    hex("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"))) {
    return false;
  }
  return !verify_rsa_pkcs1(Bytes(384, 0xff), Bytes{3}, HashAlgorithm::kSha512, as_bytes("m"),
                           Bytes(384, 1));
}

bool use_signing_keys() {
  for (const SigningKeyKind kind :
       {SigningKeyKind::kEd25519, SigningKeyKind::kEcdsaP256, SigningKeyKind::kRsa3072}) {
    const SigningKey made = SigningKey::generate(kind);
    const auto key = SigningKey::from_private(kind, made.private_bytes().view());
    if (!key || key->sign(HashAlgorithm::kSha256, as_bytes("m")).empty()) return false;
  }
  return true;
}

bool use_ciphers() {
  AeadKey key;
  system_random().fill(key.mutable_view());
  Aes256Gcm cipher(key);
  Bytes memory(65536, 1);
  AeadTag tag;
  cipher.seal({}, {}, memory, memory, tag);
  const Bytes box = seal_box(key, {}, as_bytes("field"), system_random());
  return cipher.open({}, {}, memory, tag, memory) && open_box(key, {}, box) &&
         !open_box(key, as_bytes("x"), box);
}

bool use_everything() {
  ByteArray<32> derived;
  hkdf_sha256(as_bytes("key"), {}, as_bytes("info"), derived);
  for (HashAlgorithm hash :
       {HashAlgorithm::kSha1, HashAlgorithm::kSha384, HashAlgorithm::kSha512}) {
    digest(hash, as_bytes("m"));
  }
  const auto password = hash_password("p");
  return hmac_sha256(as_bytes("k"), derived) != sha256(derived) && use_ciphers() &&
         use_signatures() && use_signing_keys() && use_age() && password &&
         verify_password(*password, "p");
}

bool prepared() {
  prepare_for_sandbox();
  prepare_for_sandbox();
  return close_file_system();
}

TEST(PrepareForSandbox, EverythingWorksAfterwards) {
  EXPECT_EQ(in_child([] { return prepared() && use_everything(); }), 0);
}

TEST(PrepareForSandbox, AlsoInAnotherThreadAndInAForkedProcess) {
  EXPECT_EQ(in_child([] {
              if (!prepared()) return false;
              bool in_thread = false;
              std::thread([&] { in_thread = use_everything(); }).join();
              return in_thread && in_child(use_everything) == 0;
            }),
            0);
}

TEST(PrepareForSandbox, TheTestNoticesAnOpenedFile) {
  const int status = in_child([] {
    if (!prepared()) return false;
    return open("/dev/null", O_RDONLY) >= 0;
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGSYS);
}

// A configuration that, if it were read, would leave no algorithm to be found.
TEST(PrepareForSandbox, DoesNotReadTheConfigurationOfLibcrypto) {
  char path[] = "/tmp/bulkhead-openssl-XXXXXX";
  const int fd = mkstemp(path);
  ASSERT_GE(fd, 0);
  constexpr std::string_view kConfiguration =
      "openssl_conf = everything\n[everything]\nalg_section = "
      "algorithms\n[algorithms]\ndefault_properties = none=yes\n";
  ASSERT_EQ(write(fd, kConfiguration.data(), kConfiguration.size()),
            static_cast<ssize_t>(kConfiguration.size()));
  close(fd);
  const auto finds_sha256 = [] {
    EVP_MD* found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    EVP_MD_free(found);
    return found != nullptr;
  };
  EXPECT_EQ(in_child([&] {
              setenv("OPENSSL_CONF", path, 1);
              prepare_for_sandbox();
              return finds_sha256() && use_everything();
            }),
            0);
  EXPECT_NE(in_child([&] {  // the configuration does what this test thinks
              setenv("OPENSSL_CONF", path, 1);
              return finds_sha256();
            }),
            0);
  unlink(path);
}

// Two processes forked from one draw different bytes.
TEST(SystemRandom, DiffersAfterAFork) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  system_random().array<16>();
  ByteArray<16> drawn[2];
  for (auto& mine : drawn) {
    EXPECT_EQ(in_child([&] {
                const auto bytes = system_random().array<16>();
                return write(ends[1], bytes.data(), bytes.size()) == 16;
              }),
              0);
    ASSERT_EQ(read(ends[0], mine.data(), mine.size()), 16);
  }
  EXPECT_NE(drawn[0], drawn[1]);
  EXPECT_NE(drawn[0], system_random().array<16>());
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace bulkhead::crypto
