"""Host keys of every kind with stock clients: keyscan, each algorithm, learning new keys, certificates, SHA-1 for who must.

    host_keys.py FOLDER_OF_THE_BUILD_TREE
"""
import os
import subprocess

from deployment import TIMEOUT_S, Deployment, check, eventually, need, run, step

MODERN = ["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256"]
NOT_MODERN = ["ecdsa-sha2-nistp256", "ssh-rsa"]


class Story:
    def __init__(self, deployment):
        self.d = deployment
        self.known = deployment.path("known")

    def keyscan(self, *kinds):
        done = subprocess.run(["ssh-keyscan", "-p", str(self.d.server.port), "-t", ",".join(kinds), "127.0.0.1"],
                              capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        return {tuple(line.split()[1:]) for line in done.stdout.splitlines() if line and not line.startswith("#")}

    def public_keys(self):
        return [tuple(line.split()) for line in self.d.run("host-key", "list", "--public").stdout.splitlines()]

    def log_in(self, *options, user="petra", key=None):
        """With host keys checked strictly against self.known. What OpenSSH says, and whether it went well."""
        key = key or self.d.path("keys", user)
        done = subprocess.run(["sftp", "-b", "-", "-P", str(self.d.server.port), "-i", key, "-o", "IdentitiesOnly=yes",
                               "-o", f"UserKnownHostsFile={self.known}", "-o", "GlobalKnownHostsFile=/dev/null",
                               "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=DEBUG1", *options, f"{user}@127.0.0.1"],
                              input="pwd\n", capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        return done.returncode == 0 and "/home/" in done.stdout, done.stderr

    def know(self, *lines):
        with open(self.known, "w", encoding="ascii") as file:
            file.writelines(line + "\n" for line in lines)

    def know_keys(self, keys):
        self.know(*(f"[127.0.0.1]:{self.d.server.port} {kind} {blob}" for kind, blob in keys))

    def known_blobs(self):
        with open(self.known, encoding="ascii") as file:
            return {line.split()[2] for line in file if line.strip()}

    def learns(self, blobs, *options):
        """The client asks behind the log-in, and does not wait for the answer when the session is short: once more then."""
        for _ in range(10):
            good, said = self.log_in("-o", "UpdateHostKeys=yes", *options)
            check(good, f"the keys that are known are not enough:\n{said}")
            if self.known_blobs() == blobs:
                return
        check(False, f"the client knows {len(self.known_blobs())} keys instead of {len(blobs)}:\n{said}")

    def restart_with(self, profile):
        self.d.stop()
        self.d.set("listen", "sftp_profile", f'"{profile}"')
        self.d.start()


def each_algorithm(s):
    s.know_keys(s.public_keys())
    for name in MODERN:
        good, said = s.log_in("-o", f"HostKeyAlgorithms={name}")
        check(good and f"host key algorithm: {name}" in said, f"{name} is not there:\n{said}")
    for name in NOT_MODERN:
        good, said = s.log_in("-o", f"HostKeyAlgorithms={name}")
        check(not good and "no matching host key type" in said, f"{name} is there:\n{said}")


def replaced(s):
    """One known key leads to all others; a new one is learned, the old one goes."""
    first = s.public_keys()
    s.know_keys(first[:1])
    s.learns({blob for _, blob in first})
    s.d.run("host-key", "add", "ed25519")
    s.d.run("host-key", "add", "rsa")
    after = s.public_keys()
    check(len(after) == 5 and set(first) < set(after), f"after adding: {after}")
    check(s.keyscan("ed25519", "rsa") == {pair for pair in first if pair[0] != "ecdsa-sha2-nistp256"},
          "the younger keys sign already")
    s.learns({blob for _, blob in after})
    for key in s.d.read("host-key", "list"):
        if key["public_key"].split()[1] == first[0][1]:
            s.d.run("host-key", "remove", key["key"])
    s.learns({blob for _, blob in after[1:]})
    check(s.keyscan("ed25519") == {pair for pair in after[3:] if pair[0] == "ssh-ed25519"}, "the new key does not sign")


def certified(s):
    authority = s.d.path("authority")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", authority], check=True)
    with open(authority + ".pub", encoding="ascii") as file:
        s.know(f"@cert-authority [127.0.0.1]:{s.d.server.port} {file.read().strip()}")
    good, said = s.log_in()
    check(not good, f"logged in to a host that is not known:\n{said}")
    for number, (kind, blob) in enumerate(s.public_keys()):
        if number > 2 or kind == "ecdsa-sha2-nistp256":
            continue
        public = s.d.path(f"host-{kind}.pub")
        with open(public, "w", encoding="ascii") as file:
            file.write(f"{kind} {blob}\n")
        subprocess.run(["ssh-keygen", "-q", "-s", authority, "-h", "-I", f"host {kind}", "-n", "127.0.0.1", "-V", "-1h:+1h",
                        public], check=True)
        s.d.run("host-key", "certificate", public.replace(".pub", "-cert.pub"))
    for name in ("ssh-ed25519-cert-v01@openssh.com", "rsa-sha2-512-cert-v01@openssh.com"):
        good, said = s.log_in("-o", f"HostKeyAlgorithms={name}")
        check(good and f"host key algorithm: {name}" in said, f"{name} is not there:\n{said}")
    subprocess.run(["ssh-keygen", "-q", "-s", authority, "-I", "user", "-n", "x", public], check=True)
    said = s.d.run("host-key", "certificate", public.replace(".pub", "-cert.pub"), code=None).stderr
    check("user's certificate" in said, f"a user's certificate was taken: {said}")


def sha1(s):
    """A host key and a user's key with SHA-1: where both the listener and the user may, and in the journal."""
    old = s.d.path("keys", "old")
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", old], check=True)
    for user in ("petra", "appliance"):
        s.d.run("user", "key", "add", user, "--key", old + ".pub")
    with open(os.path.join(s.d.data, "bulkhead.toml"), "a", encoding="utf-8") as file:
        file.write('\n[ssh.user.appliance]\nprofile = "legacy"\n')
    s.restart_with("legacy")
    s.know_keys(s.public_keys())
    check(s.log_in("-o", "HostKeyAlgorithms=ecdsa-sha2-nistp256")[0], "the ECDSA key does not sign")
    weak = ["-o", "HostKeyAlgorithms=ssh-rsa", "-o", "PubkeyAcceptedAlgorithms=ssh-rsa"]
    good, said = s.log_in(*weak, user="appliance", key=old)
    check(good and "host key algorithm: ssh-rsa" in said, f"SHA-1 was refused:\n{said}")
    check(not s.log_in(*weak, key=old)[0], "petra was let in with a host key that signed with SHA-1")
    good, _ = s.log_in("-o", "PubkeyAcceptedAlgorithms=ssh-rsa", key=old)
    check(not good, "petra was let in with SHA-1")

    def journalled():
        return {detail["value"] for entry in s.d.read("journal", "list") if entry["event"] == "weak_algorithms_used"
                for detail in entry["details"] if detail["key"] == "algorithm"}
    eventually(lambda: {"ssh-rsa", "ssh-rsa of the user", "ecdsa-sha2-nistp256"} <= journalled(), "the journal has all of it")


def story(programs):
    for program in ("ssh-keygen", "ssh-keyscan", "sftp"):
        need(program)
    with Deployment(programs) as deployment:
        deployment.init()
        for user in ("petra", "appliance"):
            deployment.add_user(user)
        s = Story(deployment)
        deployment.start()
        step("three keys from the start; scanners find those of the profile")
        check(sorted(kind for kind, _ in s.public_keys()) == ["ecdsa-sha2-nistp256", "ssh-ed25519", "ssh-rsa"], "wrong kinds")
        check(s.keyscan("ed25519", "rsa", "ecdsa") == {pair for pair in s.public_keys() if pair[0] != "ecdsa-sha2-nistp256"},
              "ssh-keyscan finds something else")
        step("each algorithm")
        each_algorithm(s)
        step("OpenSSH learns of new keys, and forgets old ones")
        replaced(s)
        step("a certificate is enough to be known")
        certified(s)
        step("SHA-1, for who must")
        sha1(s)
        deployment.verify_journal()
        deployment.stop()


run(story)
