"""A file that is changed in place 200 times, by SFTP and through sshfs, while somebody reads it and while vault and
compactor are killed: every change is taken, every reader sees one of the versions, and its parts are joined.

    rewrite.py FOLDER_OF_THE_BUILD_TREE [SEED]
"""
import hashlib
import os
import random
import shutil
import signal
import subprocess
import threading
import time

from deployment import MIB, TIMEOUT_S, Deployment, Skip, check, make_file, paramiko_connection, run, step

CHANGES = 200
SIZE = 3 * MIB


class Truth:
    """What the file is, and every version that it ever was."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = bytearray(file.read())
        self.versions = {self.digest()}

    def digest(self):
        return hashlib.sha256(self.bytes).hexdigest()

    def change(self, source):
        at = source.randrange(SIZE - 5000)
        data = source.randbytes(source.randrange(1, 5000))
        self.bytes[at : at + len(data)] = data
        self.versions.add(self.digest())
        return at, data


class Reader(threading.Thread):
    """Fetches the file again and again over a connection of its own."""

    def __init__(self, deployment, truth):
        super().__init__(daemon=True)
        self.deployment, self.truth = deployment, truth
        self.over = threading.Event()
        self.reads, self.wrong = 0, None

    def run(self):
        with paramiko_connection(self.deployment, "viola") as connection:
            sftp = connection.open_sftp()
            while not self.over.is_set():
                try:
                    with sftp.open("/shared/file", "rb") as file:
                        file.prefetch()
                        digest = hashlib.sha256(file.read()).hexdigest()
                except Exception as error:  # told at the end, where it is looked at
                    self.wrong = f"a read failed: {error}"
                    return
                self.reads += 1
                if digest not in self.truth.versions:
                    self.wrong = f"read {self.reads} is none of the versions"
                    return

    def finish(self):
        self.over.set()
        self.join(TIMEOUT_S)
        check(self.wrong is None, self.wrong)
        check(self.reads > 0, "nobody read anything")


def rewrite_over_sftp(deployment, truth, source):
    reader = Reader(deployment, truth)
    reader.start()
    killed = 0
    with paramiko_connection(deployment, "anna") as connection:
        sftp = connection.open_sftp()
        for _ in range(CHANGES):
            at, data = truth.change(source)
            with sftp.open("/shared/file", "r+b") as file:
                file.seek(at)
                file.write(data)
            # A compactor that dies costs nothing but time.
            for pid in deployment.server.family().get("bulkhead-compac", [])[:1]:
                if killed < 1:
                    os.kill(pid, signal.SIGKILL)
                    killed += 1
    reader.finish()
    step(f"{CHANGES} changes over SFTP, {reader.reads} reads meanwhile, {killed} compactors killed")


def rewrite_over_sshfs(deployment, truth, source):
    if shutil.which("sshfs") is None or not os.path.exists("/dev/fuse"):
        step("no sshfs here")
        return
    mounted = deployment.path("mounted")
    os.mkdir(mounted)
    command = " ".join(["ssh", *deployment.ssh_options("anna")])
    subprocess.run(["sshfs", "anna@127.0.0.1:/shared", mounted, "-p", str(deployment.server.port),
                    "-o", f"ssh_command={command}"], check=True, timeout=TIMEOUT_S)
    try:
        for _ in range(CHANGES):
            at, data = truth.change(source)
            with open(os.path.join(mounted, "file"), "r+b") as file:
                file.seek(at)
                file.write(data)
        # The kernel closes a file behind the program's back, and forgets to when it is unmounted.
        until = time.monotonic() + TIMEOUT_S
        while not is_fetched(deployment, truth) and time.monotonic() < until:
            time.sleep(0.2)
    finally:
        subprocess.run(["fusermount3" if shutil.which("fusermount3") else "fusermount", "-u", mounted], check=True)
    step(f"{CHANGES} changes through sshfs")


def kill_the_vault(deployment, truth, source):
    """At a moment when it has a file to compact."""
    with paramiko_connection(deployment, "anna") as connection:
        sftp = connection.open_sftp()
        for _ in range(20):
            at, data = truth.change(source)
            with sftp.open("/shared/file", "r+b") as file:
                file.seek(at)
                file.write(data)
        os.kill(deployment.server.family()["bulkhead-vault"][0], signal.SIGKILL)
    deployment.server.wait()
    deployment.start()
    fetched_is(deployment, truth)


def is_fetched(deployment, truth):
    path = deployment.path("fetched")
    deployment.sftp("viola", f"get /shared/file {path}\n")
    with open(path, "rb") as file:
        return file.read() == truth.bytes


def fetched_is(deployment, truth):
    check(is_fetched(deployment, truth), "the file is not what was written")


def story(programs, seed="1"):
    try:
        import paramiko  # noqa: F401
    except ImportError:
        raise Skip("python3-paramiko is not installed") from None
    source = random.Random(int(seed))
    with Deployment(programs) as deployment:
        deployment.init()
        for user in ("anna", "viola"):
            deployment.add_user(user)
        deployment.run("folder", "add", "/shared", "--member", "anna:read,write,list,delete", "--member", "viola:read,list")
        with open(os.path.join(deployment.data, "bulkhead.toml"), "a", encoding="ascii") as file:
            for user in ("anna", "viola"):
                file.write(f"\n[budget.user.{user}]\nbytes_per_day = 1000000000000\nfiles_per_day = 1000000\n"
                           "bytes_per_hour = 1000000000000\nfiles_per_hour = 1000000\n")
        deployment.start()
        path = make_file(deployment.path("original"), SIZE, seed=int(seed))
        deployment.sftp("anna", f"put {path} /shared/file\n")
        truth = Truth(path)
        rewrite_over_sftp(deployment, truth, source)
        fetched_is(deployment, truth)
        rewrite_over_sshfs(deployment, truth, source)
        fetched_is(deployment, truth)
        kill_the_vault(deployment, truth, source)
        compacted = sum(row["event"] == "version_compacted" for row in deployment.read("journal", "list"))
        check(compacted > 0, "nothing was ever compacted")
        deployment.verify_journal()
        step(f"{compacted} times its parts were joined")
        deployment.stop()


run(story)
