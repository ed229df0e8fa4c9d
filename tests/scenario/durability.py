"""Folders with durability = crash: CLOSE waits for no disk, and kill -9 of the vault loses nothing that was acknowledged;
what is fetched still waits for the journal.

    durability.py FOLDER_OF_THE_BUILD_TREE [SEED]
"""
import os
import random
import signal
import subprocess
import time

from deployment import TIMEOUT_S, Deployment, check, eventually, make_file, need, run, sha256, step

ROUNDS = 6
SIZES = [0, 900, 40_000, 70_000, 900_000]
FILES = 60


class Syncs:
    """Counts what the vault syncs, seen from outside."""

    def __init__(self, deployment):
        self.path = deployment.path("strace")
        pid = deployment.server.family()["bulkhead-vault"][0]
        self.process = subprocess.Popen(["strace", "-f", "-q", "-e", "trace=fsync,fdatasync", "-o", self.path, "-p", str(pid)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        eventually(lambda: self.process.poll() is not None or self.attached(pid), "strace is attached")
        if self.process.poll() is not None:
            step(f"what is synced is not counted: {self.process.stderr.read().strip()}")

    @staticmethod
    def attached(pid):
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return "TracerPid:\t0\n" not in file.read()

    def works(self):
        return self.process.poll() is None

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(TIMEOUT_S)
        with open(self.path, encoding="ascii") as file:
            return sum("sync(" in line for line in file)


def counted(deployment, batch):
    """How often the vault synced during the batch, and how long that took; None where nobody may look."""
    syncs = Syncs(deployment)
    if not syncs.works():
        return None
    began = time.monotonic()
    deployment.sftp("anna", batch)
    took_s = time.monotonic() - began
    return syncs.stop(), took_s


def count_syncs(deployment):
    small = make_file(deployment.path("small"), 3000)
    for folder, one_each in (("/careful", True), ("/fast", False)):
        seen = counted(deployment, "".join(f"put {small} {folder}/s{i}\n" for i in range(FILES)))
        if seen is None:
            return
        syncs, took_s = seen
        step(f"{FILES} files into {folder}: {syncs} syncs in {took_s:.2f} s")
        if one_each:
            check(syncs >= FILES, "files were acknowledged before they were on disk")
        else:
            # In the background, and by the vault's own housekeeping: a few a second, none a file.
            check(syncs <= 6 * (took_s + 2), "CLOSE waits for the disk")
    os.mkdir(deployment.path("down"))
    syncs, _ = counted(deployment, f"get /fast/* {deployment.path('down')}/\n")
    step(f"{FILES} files fetched from /fast: {syncs} syncs")
    check(syncs >= FILES, "keys of stored contents left before the journal was on disk")


def kill_the_vault(deployment, source):
    """Uploads one after the other; the vault dies at some moment; what sftp went on from is there."""
    acknowledged = {}
    for number in range(ROUNDS):
        puts = [(f"k{source.randrange(8)}", make_file(deployment.path("here", f"{number}-{i}"), source.choice(SIZES),
                                                      seed=number * 100 + i)) for i in range(40)]
        client = subprocess.Popen(deployment.sftp_arguments("anna"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, text=True)
        client.stdin.write("".join(f"put {path} /fast/{name}\n" for name, path in puts))
        client.stdin.close()
        said = client.stdout.readline()
        time.sleep(source.uniform(0.0, 0.12))
        os.kill(deployment.server.family()["bulkhead-vault"][0], signal.SIGKILL)
        said += client.stdout.read()
        client.wait(TIMEOUT_S)
        client.stdout.close()
        deployment.server.wait()
        begun = said.count("sftp> put ")
        done = len(puts) if client.returncode == 0 else max(begun - 1, 0)
        for name, path in puts[:done]:
            acknowledged[name] = {sha256(path)}
        if done < begun:
            acknowledged.setdefault(puts[done][0], {None}).add(sha256(puts[done][1]))
        deployment.start()
        here = deployment.path("seen")
        os.makedirs(here, exist_ok=True)
        for name in os.listdir(here):
            os.unlink(os.path.join(here, name))
        deployment.sftp("viola", f"lcd {here}\n-get /fast/k*\n")
        for name, digests in acknowledged.items():
            path = os.path.join(here, name)
            check((sha256(path) if os.path.exists(path) else None) in digests,
                  f"{name} is not what was acknowledged before the vault was killed")
        deployment.verify_journal()
        step(f"round {number + 1}: the vault was killed after {done} of {len(puts)} files")


def story(programs, seed="1"):
    need("sftp")
    need("strace")
    with Deployment(programs) as deployment:
        deployment.init()
        os.mkdir(deployment.path("here"))
        for user in ("anna", "viola"):
            deployment.add_user(user)
        for folder in ("/fast", "/careful"):
            deployment.run("folder", "add", folder, "--member", "anna:read,write,list,delete", "--member", "viola:read,list")
        deployment.run("folder", "set", "/fast", "--durability", "crash")
        with open(os.path.join(deployment.data, "bulkhead.toml"), "a", encoding="ascii") as file:
            file.write("\n[budget.user.viola]\nbytes_per_day = 1000000000000\nfiles_per_day = 1000000\nnames_per_day = 10000000\n")
        deployment.set("analysis", "processes", 0)  # analysts get keys, and those wait for the disk
        deployment.start()
        listed = {row["path"]: row["durability"] for row in deployment.read("folder", "list")}
        check(listed["/fast"] == "crash" and listed["/careful"] == "inherited", f"listed are {listed}")
        deployment.run("folder", "set", "/fast", "--durability", "none", code=2)
        count_syncs(deployment)
        kill_the_vault(deployment, random.Random(int(seed)))
        deployment.stop()


run(story)
