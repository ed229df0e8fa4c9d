"""A root key in a TPM: starts that need nobody, a machine that changed, PINs, and the passphrase beside it that opens all the same.

    tpm.py FOLDER_OF_THE_BUILD_TREE
"""
import os
import subprocess

from deployment import Deployment, check, eventually, need, run, step
from sealed_server import SealedServer
from software_tpm import SoftwareTpm

PASSPHRASE = "four words that nobody guesses"
PIN = "0815-4711"


def start_sealed(deployment, why):
    """A start that waits for a person, and says why in status and log."""
    deployment.server = SealedServer(deployment)
    eventually(lambda: os.path.exists(os.path.join(deployment.data, "admin.sock")), "the vault listens")
    status = deployment.read("status", code=1)
    check(status["sealed"] and status["seal"] == "passphrase, tpm", f"not sealed: {status}")
    check(any(why in warning for warning in status["warnings"]), f"not said in status: {status['warnings']}")
    eventually(lambda: why in "".join(deployment.server.log), "it is in the log")
    return deployment.server


def unseal(deployment, words, *more, code=0):
    return deployment.run("unseal", "--passphrase-stdin", *more, stdin=words + "\n", code=code)


def works(deployment):
    deployment.sftp("ada", f'get hello "{deployment.path("back")}"\n')


def starts_alone(deployment, tpm):
    step("made with a TPM's seal: it starts with nobody there, again and again")
    said = deployment.run("init", deployment.data, "--incident-key-out", deployment.path("incident-key"), "--root-key-out",
                          deployment.path("root-key"), "--seal", "tpm", "--tpm-device", tpm.path, "--tpm-pcrs", "7,16").stdout
    check("--add-seal passphrase" in said, f"no word of what a broken chip costs: {said}")
    deployment.start()
    deployment.add_user("ada")
    with open(deployment.path("hello"), "w", encoding="ascii") as file:
        file.write("hello")
    deployment.sftp("ada", f'put "{deployment.path("hello")}" hello\n')
    check(deployment.read("status", code=3)["seal"] == "tpm", "status does not say the seal")
    deployment.run("rekey", "--add-seal", "passphrase", "--passphrase-stdin", stdin=PASSPHRASE + "\n")
    deployment.stop()
    tpm.stop()
    tpm.start()  # the machine was restarted, in the same state
    deployment.start()
    works(deployment)
    status = deployment.read("status", code=3)
    check(status["seal"] == "passphrase, tpm" and not any("seal" in warning for warning in status["warnings"]), f"{status}")
    deployment.stop()
    deployment.run("user", "list")  # a command's own vault


def refuses_another_state(deployment, tpm):
    step("another PCR: the chip refuses, which is said, and the passphrase opens")
    tpm.extend(16)
    server = start_sealed(deployment, "PCR 16 is another now")
    check("does not open" in unseal(deployment, "a guess", code=1).stderr, "a wrong passphrase was taken")
    unseal(deployment, PASSPHRASE)
    server.wait_until_ready()
    works(deployment)
    step("sealed anew to the state that it is in, it starts alone again")
    deployment.run("rekey", "--add-seal", "tpm", "--tpm-device", tpm.path, "--tpm-pcrs", "7,16", "--passphrase-stdin",
                   stdin=PASSPHRASE + "\n")
    deployment.stop()
    deployment.start()
    works(deployment)
    deployment.stop()


def gets_another_root_key(deployment, tpm):
    step("another root key under the same seals, interrupted ones too")
    with open(deployment.path("root-key"), "rb") as file:
        before = file.read()
    deployment.start()
    check("does not open" in deployment.run("rekey", "--root", "--passphrase-stdin", stdin="a guess\n", code=1).stderr, "")
    deployment.run("rekey", "--root", "--passphrase-stdin", stdin=PASSPHRASE + "\n")
    works(deployment)
    deployment.stop()
    deployment.start()
    works(deployment)
    deployment.stop()
    keeper = os.path.join(os.path.dirname(os.path.dirname(deployment.bulkhead)), "libexec", "bulkhead-keeper")
    secret = os.memfd_create("secret")
    os.write(secret, PASSPHRASE.encode() + b"\n")
    subprocess.run([keeper, "--begin-change", "--root-key-file", deployment.path("root-key"), "--box-key", "11" * 32,
                    "--passphrase-fd", str(secret)], check=True, pass_fds=[secret], stdout=subprocess.DEVNULL)
    os.close(secret)
    check(os.path.exists(deployment.path("root-key.next")), "no next root key")
    deployment.start()  # opens both, and keeps the one that the journal names
    works(deployment)
    refused = deployment.run("rekey", "--remove-seal", "tpm", code=1).stderr
    check("rekey --root ends it" in refused, f"the seals of one of two were changed: {refused}")
    deployment.run("rekey", "--root", "--passphrase-stdin", stdin=PASSPHRASE + "\n")
    deployment.stop()
    with open(deployment.path("root-key"), "rb") as file:
        check(file.read().count(b"\nseal ") == before.count(b"\nseal ") == 2, "a seal was lost")
    deployment.run("user", "list")


def a_chip_alone(deployment, tpm):
    step("with the chip alone a changed machine does not start, and says so")
    deployment.run("rekey", "--remove-seal", "passphrase")
    check("only seal" in deployment.run("rekey", "--remove-seal", "tpm", code=1).stderr, "the last seal was removed")
    deployment.run("user", "list")
    with open(deployment.path("root-key"), "rb") as file:
        kept = file.read()
    tpm.extend(7)
    server = SealedServer(deployment)
    check(server.wait() == 1 and "PCR 7 is another now" in "".join(server.log), f"{server.log}")
    check("PCR 7" in deployment.run("user", "list", code=1).stderr, "a command did not say it")
    check("PCR 7" in deployment.run("rekey", "--seal", "passphrase", "--passphrase-stdin", stdin="x\n", code=1).stderr, "not said")
    with open(deployment.path("root-key"), "rb") as file:
        check(file.read() == kept, "a failed change touched the root key")
    tpm.stop()
    tpm.start()  # PCRs begin anew; 7 was as it is now when it was sealed, 16 was not
    server = SealedServer(deployment)
    check(server.wait() == 1 and "PCR 16 is another now" in "".join(server.log), f"{server.log}")
    tpm.extend(16)
    deployment.run("rekey", "--add-seal", "passphrase", "--passphrase-stdin", stdin=PASSPHRASE + "\n")
    deployment.run("user", "list")


def wants_a_pin(deployment, tpm):
    step("a PIN besides: given by a person, or by systemd")
    deployment.run("rekey", "--seal", "tpm,passphrase", "--tpm-device", tpm.path, "--tpm-pcrs", "none", "--tpm-pin",
                   "--passphrase-stdin", stdin=f"{PASSPHRASE}\n{PIN}\n{PASSPHRASE}\n")
    deployment.server = SealedServer(deployment)
    server = deployment.server
    eventually(lambda: os.path.exists(os.path.join(deployment.data, "admin.sock")), "the vault listens")
    check("refuses the PIN" in unseal(deployment, "0000", "--seal", "tpm", code=1).stderr, "a wrong PIN was taken")
    unseal(deployment, PIN, "--seal", "tpm")
    server.wait_until_ready()
    works(deployment)
    check(len(server.family()["bulkhead-keeper"]) == 1, "the chip's process is still there")
    deployment.stop()
    credentials = deployment.path("credentials")
    os.mkdir(credentials, 0o700)
    with open(os.path.join(credentials, "bulkhead-tpm-pin"), "w", encoding="ascii") as file:
        file.write(PIN + "\n")
    deployment.server = SealedServer(deployment, environment=os.environ | {"CREDENTIALS_DIRECTORY": credentials})
    deployment.server.wait_until_ready()
    works(deployment)
    deployment.stop()


def locks_itself(deployment, tpm):
    step("many wrong PINs lock the chip, not the passphrase")
    deployment.server = SealedServer(deployment)
    server = deployment.server
    eventually(lambda: os.path.exists(os.path.join(deployment.data, "admin.sock")), "the vault listens")
    eventually(lambda: "locked itself" in unseal(deployment, "0000", "--seal", "tpm", code=1).stderr, "it locks itself")
    check("locked itself" in unseal(deployment, PIN, "--seal", "tpm", code=1).stderr, "the right PIN opens a locked chip")
    tpm.end_lockout()
    unseal(deployment, PIN, "--seal", "tpm")
    server.wait_until_ready()
    deployment.stop()


def is_cleared_or_gone(deployment, tpm):
    step("a chip that was cleared, and none at all: the passphrase opens")
    deployment.run("rekey", "--add-seal", "tpm", "--tpm-device", tpm.path, "--passphrase-stdin", stdin=PASSPHRASE + "\n")
    tpm.clear()
    server = start_sealed(deployment, "was cleared since")
    unseal(deployment, PASSPHRASE)
    server.wait_until_ready()
    deployment.stop()
    tpm.stop()
    server = start_sealed(deployment, "there is no TPM at")
    unseal(deployment, PASSPHRASE)
    server.wait_until_ready()
    works(deployment)
    deployment.verify_journal()
    deployment.stop()
    deployment.run("rekey", "--remove-seal", "tpm")


def story(programs):
    need("sftp")
    with Deployment(programs) as deployment:
        os.mkdir(deployment.path("tpm"))
        tpm = SoftwareTpm(deployment.path("tpm"))
        try:
            for part in (starts_alone, refuses_another_state, gets_another_root_key, a_chip_alone, wants_a_pin, locks_itself, is_cleared_or_gone):
                part(deployment, tpm)
        finally:
            tpm.stop()


run(story)
