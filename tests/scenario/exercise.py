"""A file exerciser over a mounted folder (sshfs): random operations, each checked against a file on the local disk.

    exercise.py FOLDER_OF_THE_BUILD_TREE [SECONDS [SEED]]

Like fsx, with several files, names and open descriptors. What POSIX programs do and this server promises is done: reads,
writes and truncations anywhere, appending, closing and opening again, renaming over what is there and over what is
open, removing what is open. A difference is reported with the operations before it and the seed.
"""
import collections
import hashlib
import os
import random
import subprocess
import sys
import time

from deployment import Deployment, Skip, check, eventually, need, run, step

SECONDS = 20
NAMES = [f"file-{number}" for number in range(5)] + ["dir/inner", "n\u00e4me with blank"]
MOST_BYTES = 400_000
MOST_AT_ONCE = 130_000


class Open:
    """One file, open there and here; there is one descriptor of a file at a time, as most programs have it."""

    def __init__(self, there, here, name, flags):
        self.name = name
        self.readable = flags & os.O_ACCMODE != os.O_WRONLY
        self.writable = flags & os.O_ACCMODE != os.O_RDONLY
        self.there = os.open(there, flags, 0o644)
        self.here = os.open(here, flags, 0o644)

    def close(self):
        os.close(self.there)
        os.close(self.here)


class Exerciser:
    def __init__(self, there, here, seed):
        self.roots = (there, here)
        self.random = random.Random(seed)
        self.open = {}  # by name
        self.orphans = []  # open, and replaced or removed
        self.log = collections.deque(maxlen=200)
        self.counts = collections.Counter()
        for root in self.roots:
            os.makedirs(os.path.join(root, "dir"), exist_ok=True)

    def paths(self, name):
        return [os.path.join(root, name) for root in self.roots]

    def both(self, what, operation):
        """The same on both sides; the same result, or the same error."""
        results = []
        for side in (0, 1):
            try:
                results.append(operation(side))
            except OSError as error:
                results.append(type(error).__name__)
        self.log.append(f"{what} -> {results[1] if not isinstance(results[1], bytes) else len(results[1])}")
        if results[0] != results[1]:
            shown = [f"{len(each)} bytes {hashlib.sha256(each).hexdigest()[:8]}" if isinstance(each, bytes) else each
                     for each in results]
            if all(isinstance(each, bytes) for each in results):
                first = next((i for i, (a, b) in enumerate(zip(*results)) if a != b), min(map(len, results)))
                shown.append(f"first difference at {first}")
            raise AssertionError(f"{what}: there {shown[0]}, here {shown[1:]}")
        return results[1]

    def one(self):
        operations = [self.open_one] * 2 + [self.write] * 8 + [self.read] * 8 + [self.truncate, self.append, self.size,
                      self.close, self.rename, self.remove, self.whole, self.sync, self.orphan, self.list]
        operation = self.random.choice(operations)
        self.counts[operation.__name__] += 1
        operation()

    def some_open(self, wanted=lambda _: True):
        candidates = [each for each in self.open.values() if wanted(each)]
        return self.random.choice(candidates) if candidates else None

    def open_one(self):
        name = self.random.choice(NAMES)
        if name in self.open:
            return self.close(name)
        flags = self.random.choice([os.O_RDONLY, os.O_RDWR, os.O_RDWR | os.O_CREAT, os.O_RDWR | os.O_CREAT,
                                    os.O_WRONLY | os.O_CREAT | os.O_TRUNC, os.O_RDWR | os.O_CREAT | os.O_EXCL])
        there, here = self.paths(name)
        opened = {}

        def do(side):
            opened[side] = os.open((there, here)[side], flags, 0o644)
            return "open"
        if self.both(f"open {name} {flags:o}", do) != "open":
            return
        file = Open.__new__(Open)
        file.name, file.there, file.here = name, opened[0], opened[1]
        file.readable, file.writable = flags & os.O_ACCMODE != os.O_WRONLY, flags & os.O_ACCMODE != os.O_RDONLY
        self.open[name] = file

    def fds(self, file):
        return (file.there, file.here)

    def write(self):
        file = self.some_open(lambda each: each.writable)
        if file is None:
            return self.open_one()
        offset = self.random.randrange(MOST_BYTES)
        data = self.random.randbytes(self.random.choice([1, 100, 4096, self.random.randrange(1, MOST_AT_ONCE)]))
        self.both(f"write {file.name} {offset}+{len(data)}", lambda side: os.pwrite(self.fds(file)[side], data, offset))

    def read(self):
        file = self.some_open(lambda each: each.readable)
        if file is None:
            return self.open_one()
        offset, size = self.random.randrange(MOST_BYTES), self.random.randrange(1, MOST_AT_ONCE)
        self.both(f"read {file.name} {offset}+{size}", lambda side: os.pread(self.fds(file)[side], size, offset))

    def truncate(self):
        size = self.random.choice([0, self.random.randrange(MOST_BYTES)])
        file = self.some_open(lambda each: each.writable)
        if file is not None:
            self.both(f"ftruncate {file.name} {size}", lambda side: os.ftruncate(self.fds(file)[side], size))
        elif (name := self.random.choice(NAMES)) not in self.open:
            self.both(f"truncate {name} {size}", lambda side: os.truncate(self.paths(name)[side], size))

    def append(self):
        name = self.random.choice(NAMES)
        if name in self.open:
            return
        if os.path.exists(self.paths(name)[1]) and os.path.getsize(self.paths(name)[1]) > MOST_BYTES:
            return
        data = self.random.randbytes(self.random.randrange(1, 20_000))

        def do(side):
            with open(self.paths(name)[side], "ab") as appended:
                return appended.write(data)
        self.both(f"append {name} {len(data)}", do)

    def size(self):
        file = self.some_open()
        if file is not None:
            self.both(f"fstat {file.name}", lambda side: os.fstat(self.fds(file)[side]).st_size)
        name = self.random.choice(NAMES)
        self.both(f"stat {name}", lambda side: os.stat(self.paths(name)[side]).st_size)

    def close(self, name=None):
        file = self.open.get(name) or self.some_open()
        if file is None:
            return
        del self.open[file.name]
        self.both(f"close {file.name}", lambda side: os.close(self.fds(file)[side]))

    def rename(self):
        """Also over what is open, and of what is open: descriptors go on where they were."""
        one, other = self.random.sample(NAMES, 2)
        if self.both(f"rename {one} {other}", lambda side: os.rename(self.paths(one)[side], self.paths(other)[side])):
            return  # an error, on both sides
        if other in self.open:
            self.orphans.append(self.open.pop(other))
        if one in self.open:
            file = self.open.pop(one)
            file.name = other
            self.open[other] = file

    def remove(self):
        name = self.random.choice(NAMES)
        self.both(f"unlink {name}", lambda side: os.unlink(self.paths(name)[side]))
        if name in self.open:
            self.orphans.append(self.open.pop(name))

    def orphan(self):
        """What was replaced or removed while it was open still is what it was for who has it open."""
        if not self.orphans:
            return
        file = self.random.choice(self.orphans)
        if file.readable:
            self.both(f"read orphan {file.name}", lambda side: os.pread(self.fds(file)[side], MOST_AT_ONCE, 0))
        if self.random.random() < 0.5:
            self.orphans.remove(file)
            self.both(f"close orphan {file.name}", lambda side: os.close(self.fds(file)[side]))

    def sync(self):
        file = self.some_open(lambda each: each.writable)
        if file is not None:
            self.both(f"fsync {file.name}", lambda side: os.fsync(self.fds(file)[side]))

    def whole(self, name=None):
        """Somebody else's open and read, from the beginning to the end."""
        name = name or self.random.choice(NAMES)
        if name in self.open and self.open[name].writable:
            return

        def do(side):
            with open(self.paths(name)[side], "rb") as file:
                return file.read()
        self.both(f"read all of {name}", do)

    def list(self):
        folder = self.random.choice(["", "dir"])
        self.both(f"list {folder}", lambda side: sorted(
            name for name in os.listdir(os.path.join(self.roots[side], folder)) if not name.startswith(".fuse_hidden")))

    def finish(self):
        for file in [*self.open.values(), *self.orphans]:
            self.both(f"close {file.name}", lambda side: os.close(self.fds(file)[side]))
        self.open, self.orphans = {}, []
        for name in NAMES:
            self.whole(name)
        self.list()


def story(programs, seconds=SECONDS, seed=None):
    need("sshfs")
    need("fusermount")
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise Skip("/dev/fuse cannot be opened here")
    seed = int(seed) if seed is not None else int.from_bytes(os.urandom(4), "big")
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.add_user("nora")
        with open(os.path.join(deployment.data, "bulkhead.toml"), "a", encoding="ascii") as file:
            file.write("\n[budget.user.nora]\nbytes_per_day = 1000000000000\nfiles_per_day = 100000000\n"
                       "names_per_day = 100000000\n")
        deployment.start()
        there, here = deployment.path("mounted"), deployment.path("here")
        os.mkdir(there)
        os.mkdir(here)
        mount = subprocess.Popen(
            ["sshfs", "nora@127.0.0.1:", there, "-f", "-p", str(deployment.server.port),
             "-o", "ssh_command=" + " ".join(["ssh", *deployment.ssh_options("nora")])],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            eventually(lambda: os.path.ismount(there) or mount.poll() is not None, "it is mounted", 20)
            if mount.poll() is not None:
                raise Skip(f"nothing can be mounted here: {mount.stdout.read().strip()}")
            step(f"random operations for {seconds} s with seed {seed}")
            exerciser = Exerciser(there, here, seed)
            until = time.monotonic() + float(seconds)
            try:
                while time.monotonic() < until:
                    exerciser.one()
                exerciser.finish()
            except AssertionError:
                print("\n".join(["the last operations:", *exerciser.log]), flush=True)
                raise
            print("  ", ", ".join(f"{count} {name}" for name, count in exerciser.counts.most_common()))
        finally:
            subprocess.run(["fusermount", "-u", "-z", there], capture_output=True, check=False)
            try:
                mount.wait(20)
            except subprocess.TimeoutExpired:
                mount.kill()
                mount.wait()
        step("and another connection sees the same")
        for name in NAMES:
            local = os.path.join(here, name)
            done = deployment.sftp("nora", f'get "{name}" {deployment.path("back")}\n', code=None)
            check((done.returncode == 0) == os.path.exists(local), f"{name} is there on one side only")
            if done.returncode == 0:
                with open(local, "rb") as one, open(deployment.path("back"), "rb") as other:
                    check(one.read() == other.read(), f"{name} differs")
        deployment.verify_journal()
        deployment.stop()


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    run(story)
