"""Backup while clients upload, rewrite and remove; restoring; what a restored deployment does; damaged backups.

    backup.py FOLDER_OF_THE_BUILD_TREE
"""
import os
import shutil
import threading

import deployment as shared
from deployment import Deployment, check, eventually, run, step

FILES = 12
SIZE = 300_000  # more than what lies in the journal


def upload(d, user, names, size, seed):
    batch = []
    for number, name in enumerate(names):
        path = shared.make_file(d.path(name), size, seed=seed + number)
        batch.append(f'put "{path}" {name}')
    d.sftp(user, "\n".join(batch) + "\n")
    return {name: shared.sha256(d.path(name)) for name in names}


class Traffic:
    """Somebody who uploads, replaces and removes until told to stop."""

    def __init__(self, d):
        self.d, self.stop, self.rounds, self.error = d, threading.Event(), 0, None
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        path = shared.make_file(self.d.path("busy"), SIZE, seed=99)
        try:
            while not self.stop.is_set():
                self.d.sftp("bob", f'put "{path}" one\nput "{path}" two\nrename one three\nrm two\nrm three\n')
                self.rounds += 1
        except AssertionError as error:
            self.error = error

    def __enter__(self):
        self.thread.start()
        eventually(lambda: self.rounds > 0 or self.error, "the traffic flows")
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join(shared.TIMEOUT_S)
        if self.error:
            raise self.error


def restored(d, backup, name, *options, code=0):
    folder = d.path(name)
    done = d.run("restore", backup, "--data", folder, *options, code=code)
    return folder, done


def backs_up_while_it_runs(d):
    step("a backup while files come and go")
    small = upload(d, "ada", [f"small-{n}" for n in range(FILES)], 2000, 1)
    large = upload(d, "ada", [f"large-{n}" for n in range(FILES)], SIZE, 100)
    d.run("journal", "key", "--out", d.path("vkey"))
    d.run("journal", "checkpoint", "--out", d.path("kept-before"))
    check(d.read("status", code=3)["last_backup"] is None, "there is a backup already")
    with Traffic(d):
        for number in range(3):
            done = d.run("backup", d.path(f"backup-{number}"))
    check("root key is not in it" in done.stdout, done.stdout)
    check(d.read("status", code=3)["last_backup"] is not None, "status does not know of the backup")
    return small | large


def holds_no_secret(d):
    step("the root key, the catalogue and names are not in it; no server starts on it")
    with open(d.path("root-key"), "rb") as file:
        key = file.read().strip().splitlines()[-1]
    for folder, _, names in os.walk(d.path("backup-2")):
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                held = file.read()
            check(key not in held and b"large-3" not in held, f"{name} holds what it must not")
    check(not os.path.exists(d.path("backup-2", "catalogue.sqlite")), "the catalogue is in it")
    check("is a backup" in d.run("serve", d.path("backup-2"), "--sftp", "127.0.0.1:0", code=1).stderr, "it serves a backup")
    check("not an empty folder" in d.run("backup", d.path("backup-2"), code=1).stderr, "it writes over a backup")


def starts_contained(d, hashes):
    step("restored: contained, also after a restart; lifted: every acknowledged file is there")
    d.run("user", "disable", "bob")  # after the backup: the restored deployment does not know
    d.stop()
    d.data, done = restored(d, d.path("backup-2"), "second", "--checkpoint", d.path("kept-before"),
                            "--vkey", open(d.path("vkey"), encoding="ascii").read().strip())
    check(d.path("root-key") in done.stdout and "contained" in done.stdout, done.stdout)
    for _ in range(2):
        d.start()
        status = d.read("status", code=3)
        check(status["contained"] and not status["keep_receiving"], f"not contained: {status}")
        d.sftp("ada", "ls\n", code=255)
        d.stop()
    check(not os.path.exists(os.path.join(d.data, "restored")), "the mark is still there")
    entries = d.run("journal", "list", "--data", d.data).stdout
    check("deployment_restored" in entries, "the journal does not say that it was restored")
    d.run("incident", "lift")
    d.start()
    for name, digest in hashes.items():
        d.sftp("ada", f'get {name} "{d.path("back")}"\n')
        check(shared.sha256(d.path("back")) == digest, f"{name} is not what was uploaded")
        os.remove(d.path("back"))
    d.run("journal", "verify", "--checkpoint", d.path("kept-before"))
    upload(d, "ada", ["later"], SIZE, 7)
    d.stop()


def a_fork_is_seen(d):
    step("what the original journalled after the backup does not fit the restored one")
    d.data = d.path("deployment")
    d.start()
    upload(d, "ada", ["only-here"], 100, 5)
    d.run("journal", "checkpoint", "--out", d.path("kept-after"))
    d.stop()
    said = d.run("journal", "verify", "--data", d.path("second"), "--checkpoint", d.path("kept-after"), code=1).stderr
    check("does not verify" in said, said)
    said = d.run("restore", d.path("backup-2"), "--data", d.path("third"), "--checkpoint", d.path("kept-after"), code=1).stderr
    check("does not verify" in said and not os.path.exists(d.path("third")), said)


def damage(d, name, change):
    folder = d.path(name)
    shutil.copytree(d.path("backup-2"), folder)
    change(folder)
    target, done = restored(d, folder, name + "-restored", code=1)
    check(not os.path.exists(target), f"{name} left something behind")
    return done.stderr


def flip(folder, part):
    names = sorted(n for n in os.listdir(os.path.join(folder, part)) if part != "journal" or n.startswith("entries-"))
    path = os.path.join(folder, part, names[0])
    os.chmod(path, 0o600)
    with open(path, "r+b") as file:
        file.seek(os.path.getsize(path) // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 1]))


def damaged_ones_are_refused(d):
    step("damaged backups are refused with a sentence, and leave nothing behind")
    def one_less(folder):
        os.remove(os.path.join(folder, "blobs", sorted(os.listdir(os.path.join(folder, "blobs")))[0]))
    check("not whole" in damage(d, "one-less", one_less), "a missing blob was not missed")
    check("does not verify" in damage(d, "flipped", lambda f: flip(f, "journal")), "a flipped bit was not seen")
    check("is no backup" in damage(d, "unfinished", lambda f: os.remove(os.path.join(f, "format"))), "unfinished")
    def newer(folder):
        path = os.path.join(folder, "format")
        os.chmod(path, 0o600)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace("bulkhead backup 1", "bulkhead backup 2", 1))
    check("newer release" in damage(d, "newer", newer), "a newer format was taken")


def story(programs):
    with Deployment(programs) as d:
        d.init()
        d.add_user("ada")
        d.add_user("bob")
        d.start()
        hashes = backs_up_while_it_runs(d)
        holds_no_secret(d)
        starts_contained(d, hashes)
        a_fork_is_seen(d)
        damaged_ones_are_refused(d)


run(story)
