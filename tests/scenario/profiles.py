"""Which algorithms are offered by default and with each profile: what ssh-audit says, who is let in, what the journal has.

    profiles.py FOLDER_OF_THE_BUILD_TREE
"""
import os
import re
import shutil
import subprocess

from deployment import TIMEOUT_S, Deployment, check, need, run, step

WEAK = ["-o", "Ciphers=aes128-cbc", "-o", "MACs=hmac-sha1"]
# ssh-audit before 3.0 does not know what is newer than itself; from 3.4 on it wants every exchange to be post-quantum.
UNKNOWN = "unknown algorithm"
NOT_POST_QUANTUM = "does not provide protection against post-quantum attacks"


def audit(deployment, allowed):
    """Fails for every [fail], and for every [warn] that is not one of those."""
    if shutil.which("ssh-audit") is None:
        print("   ssh-audit is not installed")
        return
    done = subprocess.run(["ssh-audit", "-n", "-p", str(deployment.server.port), "127.0.0.1"], capture_output=True,
                          text=True, timeout=TIMEOUT_S, check=False)
    check("(kex) mlkem768x25519-sha256" in done.stdout, f"ssh-audit did not get there:\n{done.stdout}{done.stderr}")
    for line in done.stdout.splitlines():
        check("[fail]" not in line, f"ssh-audit: {line}")
        warning = re.search(r"\[warn\] (.*)", line)
        check(warning is None or warning.group(1).strip() in allowed, f"ssh-audit: {line}")


def connects(deployment, user, *options):
    arguments = [argument.replace("LogLevel=ERROR", "LogLevel=INFO")  # says why there is no algorithm
                 for argument in deployment.sftp_arguments(user, *options)]
    done = subprocess.run(arguments, input="pwd\n", capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    return done.returncode == 0, done.stderr


def weak_sessions(deployment):
    """[(profile, [algorithm, …]), …]"""
    found = []
    for entry in deployment.read("journal", "list"):
        if entry["event"] != "weak_algorithms_used":
            continue
        details = entry["details"]
        found.append(([detail["value"] for detail in details if detail["key"] == "profile"][0],
                      sorted(detail["value"] for detail in details if detail["key"] == "algorithm")))
    return found


def refusals(deployment):
    return [detail["value"] for entry in deployment.read("journal", "list") if entry["event"] == "login_failed"
            for detail in entry["details"] if detail["key"] == "reason"]


def restarted_with(deployment, profile):
    deployment.stop()
    deployment.set("listen", "sftp_profile", f'"{profile}"')
    deployment.start()


def story(programs):
    need("sftp")
    with Deployment(programs) as deployment:
        deployment.init()
        for user in ("appliance", "office"):
            deployment.add_user(user)
        with open(os.path.join(deployment.data, "bulkhead.toml"), "a", encoding="utf-8") as file:
            file.write('\n[ssh.user.appliance]\nprofile = "legacy"\n')
        deployment.start()

        step("by default nothing weak is offered, not even to who may use it")
        audit(deployment, [UNKNOWN, NOT_POST_QUANTUM])
        connected, said = connects(deployment, "appliance", *WEAK)
        check(not connected and "no matching cipher found" in said, f"a weak cipher was there: {said}")
        check(connects(deployment, "office")[0], "the default does not connect")
        check(weak_sessions(deployment) == [], "the journal calls the default weak")

        step("post-quantum leaves out what ssh-audit warns about")
        restarted_with(deployment, "post-quantum")
        audit(deployment, [UNKNOWN])
        connected, said = connects(deployment, "office", "-o", "KexAlgorithms=curve25519-sha256")
        check(not connected and "no matching key exchange method found" in said, f"curve25519 was there: {said}")

        step("compatible: the older order of MACs, and it is in the journal")
        restarted_with(deployment, "compatible")
        check(connects(deployment, "office", "-o", "Ciphers=aes256-ctr", "-o", "MACs=hmac-sha2-256")[0],
              "hmac-sha2-256 was refused")
        check(weak_sessions(deployment) == [("compatible", ["hmac-sha2-256"])], f"it is {weak_sessions(deployment)}")

        step("legacy: for the user who may, for nobody else")
        restarted_with(deployment, "legacy")
        connected, said = connects(deployment, "office", *WEAK)
        check(not connected and "Permission denied" in said, f"office was let in with CBC: {said}")
        check("the connection's algorithms are too weak for this account" in refusals(deployment),
              f"the journal does not say why: {refusals(deployment)}")
        check(connects(deployment, "office")[0], "office cannot come with better")
        check(connects(deployment, "appliance", *WEAK)[0], "the appliance was refused")
        check(weak_sessions(deployment)[-1] == ("legacy", ["aes128-cbc", "hmac-sha1"]),
              f"the journal has {weak_sessions(deployment)}")
        deployment.verify_journal()
        deployment.stop()


run(story)
