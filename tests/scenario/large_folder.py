"""A folder with very many entries: its listing streams through session and vault in bounded memory, whole and once.

    large_folder.py FOLDER_OF_THE_BUILD_TREE [COUNT]     the figures are printed
"""
import os
import re
import struct
import subprocess
import time

from deployment import Deployment, Skip, check, eventually, paramiko_connection, run, step

COUNT = 20_000
MOST_GROWTH_KIB = {"bulkhead-vault": 16 * 1024, "bulkhead-sftp-session": 4 * 1024}
PIPELINED = 2000  # READDIRs that are asked for and not read


def memory_kib(pid, what):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(rf"^{what}:\s+(\d+) kB$", file.read(), re.MULTILINE).group(1))


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def names_in(reply):
    """SSH_FXP_NAME: name, long name and 32 bytes of attributes each."""
    (count,), at, names = struct.unpack_from(">I", reply), 4, []
    for _ in range(count):
        (size,) = struct.unpack_from(">I", reply, at)
        names.append(reply[at + 4:at + 4 + size])
        at += 4 + size
        (size,) = struct.unpack_from(">I", reply, at)
        at += 4 + size + 32
    check(at == len(reply), "a reply has another size than its entries")
    return names


class Watched:
    """The vault and the sessions (the one that serves a client and those that wait for one): what they take at the most."""

    def __init__(self, deployment):
        self.deployment = deployment
        self.started = time.monotonic()
        self.before = self.figures()

    def figures(self):
        """By program: memory in KiB at the most, and CPU time in s, of that process of it which has most."""
        found = {}
        for name in MOST_GROWTH_KIB:
            alive = []
            for pid in self.deployment.server.family().get(name, []):
                try:
                    alive.append((memory_kib(pid, "VmHWM"), cpu_s(pid)))
                except (FileNotFoundError, ProcessLookupError, AttributeError):
                    pass  # it has just ended
            check(alive, f"there is no {name}")
            found[name] = (max(memory for memory, _ in alive), max(cpu for _, cpu in alive))
        return found

    def report(self, what):
        print(f"   {what}: {time.monotonic() - self.started:.1f} s")
        for name, (now, cpu) in self.figures().items():
            was = self.before[name][0]
            print(f"   {name}: at most {now} KiB, before {was} KiB; {cpu:.2f} s of CPU time in all", flush=True)
            check(now - was <= MOST_GROWTH_KIB[name], f"{name} grew by {now - was} KiB")


def story(programs, count=COUNT):
    count = int(count)
    fill = os.path.join(programs, "bin", "test-fill-folder")
    if not os.path.exists(fill):
        raise Skip("test-fill-folder is not built")
    try:
        from paramiko.sftp import CMD_CLOSE, CMD_HANDLE, CMD_NAME, CMD_OPENDIR, CMD_READDIR
    except ImportError:
        raise Skip("python3-paramiko is not installed") from None
    with Deployment(programs) as deployment:
        deployment.init()
        deployment.add_user("nora")
        with open(os.path.join(deployment.data, "bulkhead.toml"), "a", encoding="ascii") as file:
            file.write(f"\n[budget.user.nora]\nnames_per_day = {count * 5}\n")
        step(f"a folder with {count} entries")
        started = time.monotonic()
        subprocess.run([fill, deployment.data, "/home/nora", str(count)], check=True)
        print(f"   made in {time.monotonic() - started:.1f} s")
        deployment.start()

        step("a client lists it: every name once")
        with paramiko_connection(deployment, "nora") as client:
            sftp = client.open_sftp()
            sftp.listdir("/home")
            watched = Watched(deployment)
            kind, reply = sftp._request(CMD_OPENDIR, "/home/nora")
            check(kind == CMD_HANDLE, "the folder does not open")
            handle, seen = reply.get_binary(), set()
            while True:
                try:
                    kind, reply = sftp._request(CMD_READDIR, handle)
                except EOFError:
                    break
                check(kind == CMD_NAME, "another reply than names")
                seen.update(names_in(reply.get_remainder()))
            sftp._request(CMD_CLOSE, handle)
            check(seen == {b"claims-of-march-%08d.d" % number for number in range(count)}, f"{len(seen)} names came")
            watched.report("listed")
            check(deployment.read("user", "show", "nora")["budget"]["names_spent"] >= count, "the names were not charged")

        step("a client asks and asks and reads nothing")
        with paramiko_connection(deployment, "nora") as client:
            sftp = client.open_sftp()
            watched = Watched(deployment)
            _, reply = sftp._request(CMD_OPENDIR, "/home/nora")
            handle = reply.get_binary()
            for _ in range(PIPELINED):
                sftp._async_request(type(None), CMD_READDIR, handle)
            spent = None

            def idle():
                nonlocal spent
                before, spent = spent, watched.figures()
                return before == spent
            eventually(idle, "the session waits for its client", every_s=0.5)
            watched.report("asked")
        deployment.verify_journal()
        deployment.stop()


run(story)
