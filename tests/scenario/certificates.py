"""User certificates made by ssh-keygen, used by OpenSSH's sftp: trusted, limited, expired, revoked.

    certificates.py FOLDER_OF_THE_BUILD_TREE
"""
import os
import subprocess

from deployment import Deployment, check, eventually, need, run, step


def keygen(*arguments):
    subprocess.run(["ssh-keygen", "-q", *arguments], check=True, capture_output=True)


class Story:
    def __init__(self, deployment):
        self.d = deployment
        self.key = deployment.path("keys", "laptop")
        keygen("-t", "ed25519", "-N", "", "-C", "laptop", "-f", self.key)
        self.authority = deployment.path("authority")
        keygen("-t", "ecdsa", "-N", "", "-C", "authority", "-f", self.authority)

    def certify(self, *options, principals="petra", serial="1", key_id="laptop"):
        keygen("-s", self.authority, "-I", key_id, "-n", principals, "-z", serial, *options, self.key + ".pub")

    def log_in(self, user="petra"):
        arguments = [self.key if word == self.d.path("keys", user) else word for word in self.d.ssh_options(user)]
        done = subprocess.run(["sftp", "-b", "-", "-P", str(self.d.server.port), *arguments, f"{user}@127.0.0.1"],
                              input="pwd\n", capture_output=True, text=True, timeout=60, check=False)
        return done.returncode == 0 and f"/home/{user}" in done.stdout

    def reasons(self):
        return [detail["value"] for entry in self.d.read("journal", "list") if entry["event"] == "login_failed"
                for detail in entry["details"] if detail["key"] == "reason"]

    def refused(self, why, user="petra"):
        check(not self.log_in(user), f"logged in, although {why}")
        eventually(lambda: why in self.reasons(), f"the journal says that {why}")


KINDS = (("ed25519", "256"), ("ecdsa", "384"), ("rsa", "2048"))


def every_kind(deployment, s):
    """A key of each kind, certified by an authority of the next kind."""
    authority, key = s.authority, s.key
    for number, (kind, bits) in enumerate(KINDS):
        signing_kind, signing_bits = KINDS[(number + 1) % len(KINDS)]
        s.authority, s.key = deployment.path(f"authority-{signing_kind}"), deployment.path("keys", f"of-kind-{kind}")
        keygen("-t", signing_kind, "-b", signing_bits, "-N", "", "-f", s.authority)
        keygen("-t", kind, "-b", bits, "-N", "", "-f", s.key)
        deployment.run("ca", "add", "--key", s.authority + ".pub", "--user", "petra")
        s.certify()
        check(s.log_in(), f"a {kind} key that was certified by a {signing_kind} key was refused")
        deployment.run("ca", "remove", str(number + 2))
        s.refused("nobody trusts the certificate's authority about this account")
    s.authority, s.key = authority, key


def story(programs):
    for program in ("ssh-keygen", "sftp"):
        need(program)
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.add_user("petra")
        deployment.add_user("quentin")
        s = Story(deployment)
        deployment.start()
        step("an authority that nobody trusts, and then one that is trusted")
        s.certify()
        s.refused("nobody trusts the certificate's authority about this account")
        deployment.run("ca", "add", "--key", s.authority + ".pub", "--org", "main")
        check(s.log_in(), "a good certificate was refused")
        s.refused("the certificate does not name this user", user="quentin")
        step("options and validity")
        s.certify("-O", "source-address=127.0.0.0/8", "-O", "force-command=internal-sftp", "-V", "-1h:+1h")
        check(s.log_in(), "options that are met refuse")
        s.certify("-O", "source-address=192.0.2.0/24")
        s.refused("the certificate is not for the address that it was used from")
        s.certify("-O", "force-command=/bin/sh")
        s.refused("the certificate forces a command, and there is no shell")
        s.certify("-O", "critical:no-such-option@example.org=x")
        s.refused("the certificate has a critical option that is not known")
        s.certify("-V", "-2h:-1h")
        s.refused("the certificate has expired")
        s.certify("-V", "+1h:+2h")
        s.refused("the certificate is not valid yet")
        step("every kind of key, certified by every kind of authority")
        every_kind(deployment, s)
        step("revocation, over a restart")
        s.certify(serial="41")
        check(s.log_in(), "a good certificate was refused")
        deployment.run("ca", "revoke", "1", "--serial", "40-50", "--key-id", "lost")
        s.refused("the certificate was revoked")
        s.certify(serial="51", key_id="lost")
        check(not s.log_in(), "a revoked key id logged in")
        s.certify(serial="51")
        check(s.log_in(), "what was not revoked is refused")
        deployment.run("ca", "revoke", "--key", s.key + ".pub")
        check(not s.log_in(), "a revoked key logged in")
        deployment.stop()
        deployment.start()
        check(not s.log_in(), "a revoked key logged in after a restart")
        set_aside = [name for name in os.listdir(deployment.data) if "damaged" in name]
        check(not set_aside, f"the catalogue was set aside: {set_aside}")
        listed = deployment.read("ca", "list")
        check([row.get("authority") for row in listed][:1] == [1] and len(listed) == 4, f"listed: {listed}")
        serials = [detail["value"] for entry in deployment.read("journal", "list") if entry["event"] == "login_succeeded"
                   for detail in entry["details"] if detail["key"] == "certificate_serial"]
        check(serials == ["1", "1", "1", "1", "1", "41", "51"], f"serials of log-ins: {serials}")
        deployment.verify_journal()


run(story)
