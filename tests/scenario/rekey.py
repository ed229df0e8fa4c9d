"""Other keys under a server that works: the root key and organisations' keys while a client transfers, interrupted changes,
under a passphrase; and an organisation whose keys are destroyed.

    rekey.py FOLDER_OF_THE_BUILD_TREE
"""
import os
import shutil
import signal
import subprocess
import threading

from deployment import Deployment, check, eventually, make_file, need, run, sha256, step

PASSPHRASE = "four words that nobody guesses"


def contents(path):
    with open(path, "rb") as file:
        return file.read()


def back_and_forth(deployment, name, stop, done):
    """Uploads and fetches until told to stop; each must work."""
    number = 0
    while not stop.is_set():
        number += 1
        back = deployment.path(f"back-{name}")
        deployment.sftp(name, f'put "{deployment.path("big")}" file-{number % 5}\nget file-{number % 5} "{back}"\n'
                              f'get kept "{back}-kept"\n')
        check(sha256(back) == sha256(deployment.path("big")) and sha256(back + "-kept") == sha256(deployment.path("big")),
              "a file came back changed")
        done.append(number)


def rotates_under_a_client(deployment):
    step("root key and organisations' keys change while a client transfers")
    make_file(deployment.path("big"), 3_000_000)
    deployment.add_user("ada")
    deployment.sftp("ada", f'put "{deployment.path("big")}" kept\n')
    blobs = {name for folder in os.walk(os.path.join(deployment.data, "blobs")) for name in folder[2]}
    stop, done = threading.Event(), []
    client = threading.Thread(target=back_and_forth, args=(deployment, "ada", stop, done))
    client.start()
    before = contents(deployment.path("root-key"))
    pid = deployment.server.pid
    for _ in range(3):
        deployment.run("rekey", "--root")
        deployment.run("rekey", "--all-orgs")
    now = len(done)
    eventually(lambda: len(done) > now + 1 or not client.is_alive(), "the client goes on")
    stop.set()
    client.join()
    check(len(done) > now + 1, "a transfer failed")
    check(deployment.server.pid == pid, "the server was restarted")
    check(contents(deployment.path("root-key")) != before, "the root key is the same")
    check(not os.path.exists(deployment.path("root-key.next")), "the next root key was left")
    check(blobs <= {name for folder in os.walk(os.path.join(deployment.data, "blobs")) for name in folder[2]},
          "contents were written anew")
    eventually(lambda: deployment.read("org", "show", "main")["file_keys_to_rewrap"] == 0, "file keys are wrapped anew")
    check(deployment.read("org", "show", "main")["key_epoch"] == 4, "not three new keys")
    deployment.verify_journal()


def opens_after_restarts(deployment):
    step("a restart opens it with the new root key, not with an older one; kill -9 around the change loses nothing")
    deployment.stop()
    shutil.copy(deployment.path("root-key"), deployment.path("older"))
    deployment.run("rekey", "--root")  # no server
    shutil.copy(deployment.path("root-key"), deployment.path("newer"))
    shutil.copy(deployment.path("older"), deployment.path("root-key"))
    check("root key" in deployment.run("user", "list", code=1).stderr, "an older root key was taken")
    shutil.copy(deployment.path("newer"), deployment.path("root-key"))
    deployment.start()
    for delay_s in (0.0, 0.01, 0.02, 0.04, 0.08, 0.16):
        child = subprocess.Popen([deployment.bulkhead, "rekey", "--root", "--data", deployment.data],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            child.wait(delay_s)
        except subprocess.TimeoutExpired:
            pass
        child.kill()
        child.wait()
        for process in [pid for pids in deployment.server.family().values() for pid in pids]:
            os.kill(process, signal.SIGKILL)
        deployment.server.wait()
        deployment.start()
        deployment.sftp("ada", f'get kept "{deployment.path("again")}"\n')
        check(sha256(deployment.path("again")) == sha256(deployment.path("big")), f"lost after {delay_s} s")
    deployment.run("rekey", "--root")
    check(not os.path.exists(deployment.path("root-key.next")), "an interrupted change was not ended")
    deployment.verify_journal()


def shreds(deployment):
    step("an organisation's keys are destroyed: its files open for nobody, others go on; a copied key and journal do not help")
    deployment.run("org", "add", "gone")
    deployment.add_user("berta", organisation="gone")
    deployment.sftp("berta", f'put "{deployment.path("big")}" secret\n')
    deployment.run("folder", "grant", "/home/berta", "--member", "ada:read,list")
    deployment.sftp("ada", f'get /home/berta/secret "{deployment.path("seen")}"\n')
    check("--confirm" in deployment.run("org", "shred", "gone", "--confirm", "gon", code=2).stderr, "no confirmation asked")
    said = deployment.run("org", "shred", "gone", "--confirm", "gone").stdout
    check("1 files open no more" in said and "Backups" in said, said)
    deployment.sftp("ada", f'get /home/berta/secret "{deployment.path("seen2")}"\n', code=1)
    deployment.sftp("berta", "ls\n", code=255)
    deployment.sftp("ada", f'get kept "{deployment.path("again")}"\n')
    check(deployment.read("org", "show", "gone")["keys_destroyed"], "not said")
    deployment.stop()
    deployment.start()
    deployment.sftp("ada", f'get /home/berta/secret "{deployment.path("seen2")}"\n', code=1)
    deployment.sftp("ada", f'get kept "{deployment.path("again")}"\n')
    kinds = {entry["event"] for entry in deployment.read("journal", "list")}
    check({"root_key_rotated", "organisation_keys_rewrapped", "organisation_key_rotated", "file_keys_rewrapped"} <= kinds,
          f"{kinds}")


def changes_under_a_passphrase(deployment):
    step("the same under a passphrase")
    deployment.run("rekey", "--seal", "passphrase", "--passphrase-stdin", stdin=PASSPHRASE + "\n")
    check("does not open" in deployment.run("rekey", "--root", "--passphrase-stdin", stdin="a guess\n", code=1).stderr, "")
    check(not os.path.exists(deployment.path("root-key.next")), "a next root key without the passphrase")
    deployment.run("rekey", "--root", "--passphrase-stdin", stdin=PASSPHRASE + "\n")
    check(b"seal passphrase" in contents(deployment.path("root-key")), "the new root key is not sealed")
    deployment.sftp("ada", f'get kept "{deployment.path("again")}"\n')


def story(programs):
    need("sftp")
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.start()
        for part in (rotates_under_a_client, opens_after_restarts, shreds, changes_under_a_passphrase):
            part(deployment)
        deployment.stop()


run(story)
